//! The input functions of network addresses (network.c, inet_net_pton.c, mac.c, mac8.c).

use super::Input;
use super::number::INVALID;
use crate::diagnostic::SqlState;

/// `network_in`
pub(super) fn address(text: &str, network: bool) -> Input {
    let found = match (text.contains(':'), network) {
        (true, _) => version_6(text),
        (false, true) => network_4(text),
        (false, false) => host_4(text),
    };
    match found {
        Some((bytes, bits)) if !network || no_bits_behind(&bytes, bits) => Ok(()),
        _ => INVALID,
    }
}

/// `addressOK`
fn no_bits_behind(bytes: &[u8], bits: usize) -> bool {
    bytes.iter().enumerate().all(|(index, byte)| {
        let kept = bits.saturating_sub(index * 8).min(8);
        kept == 8 || byte << kept == 0
    })
}

/// A number of at most three digits that may begin with zeros.
fn number(text: &str, maximum: usize) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let significant = text.trim_start_matches('0');
    if !digits || significant.len() > 3 {
        return None;
    }
    let value = significant.parse().unwrap_or(0);
    (value <= maximum).then_some(value)
}

fn octets(text: &str) -> Option<Vec<u8>> {
    let octets: Vec<u8> = text.split('.').map(|octet| u8::try_from(number(octet, 255)?).ok()).collect::<Option<_>>()?;
    (octets.len() <= 4).then_some(octets)
}

/// `inet_net_pton_ipv4`
fn host_4(text: &str) -> Option<(Vec<u8>, usize)> {
    let (host, bits) = match text.split_once('/') {
        Some((host, bits)) => (host, Some(number(bits, 32)?)),
        None => (text, None),
    };
    // A point may stand at the end of the octets.
    let mut octets = octets(host.strip_suffix('.').unwrap_or(host))?;
    let bits = match bits {
        Some(bits) => bits,
        None if octets.len() == 4 => 32,
        None => return None,
    };
    if bits / 8 > octets.len() {
        return None;
    }
    octets.resize(4, 0);
    Some((octets, bits))
}

/// `inet_cidr_pton_ipv4`
fn network_4(text: &str) -> Option<(Vec<u8>, usize)> {
    let (host, bits) = match text.split_once('/') {
        Some((host, bits)) => (host, Some(number(bits, 32)?)),
        None => (text, None),
    };
    let mut octets = match host.strip_prefix("0x").or_else(|| host.strip_prefix("0X")) {
        Some(digits) if digits.starts_with(|digit: char| digit.is_ascii_hexdigit()) => hexadecimal(digits)?,
        _ => octets(host)?,
    };
    let bits = match (bits, octets.first()) {
        (_, None) => return None,
        (Some(bits), _) => bits,
        (None, Some(first)) => {
            let class = match first {
                240.. => 32,
                224.. => 8,
                192.. => 24,
                128.. => 16,
                _ => 8,
            };
            let bits = class.max(octets.len() * 8);
            if bits == 8 && *first == 224 { 4 } else { bits }
        }
    };
    octets.resize(4, 0);
    Some((octets, bits))
}

fn hexadecimal(digits: &str) -> Option<Vec<u8>> {
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) || digits.len() > 8 {
        return None;
    }
    let padded = if digits.len().is_multiple_of(2) { digits.to_owned() } else { format!("{digits}0") };
    (0..padded.len() / 2).map(|index| u8::from_str_radix(&padded[index * 2..index * 2 + 2], 16).ok()).collect()
}

/// `getbits`: a number up to 128 without zeros before it.
fn width(text: &str) -> Option<usize> {
    let plain = text == "0" || !text.starts_with('0');
    number(text, 128).filter(|_| plain)
}

/// `getv4`: up to four numbers without zeros before them; each may be left out, the last only before a width.
fn octets_in_version_6(text: &str, has_width: bool) -> Option<[u8; 4]> {
    let octets: Vec<&str> = text.split('.').collect();
    if octets.len() > 4 || !has_width && text.ends_with('.') {
        return None;
    }
    let mut found = [0; 4];
    for (octet, found) in octets.iter().zip(&mut found) {
        *found = match *octet {
            "" | "0" => 0,
            octet if octet.starts_with('0') => return None,
            octet => u8::try_from(number(octet, 255)?).ok()?,
        };
    }
    Some(found)
}

/// `inet_cidr_pton_ipv6`
fn version_6(text: &str) -> Option<(Vec<u8>, usize)> {
    let (host, mut bits) = match text.split_once('/') {
        Some((host, bits)) => (host, Some(width(bits)?)),
        None => (text, None),
    };
    let mut bytes: Vec<u8> = Vec::new();
    let mut gap = None;
    let mut rest = host;
    if let Some(after) = rest.strip_prefix(':') {
        // The first of two colons; the second is met below.
        rest = after.starts_with(':').then_some(after)?;
    }
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(':') {
            if gap.is_some() {
                return None;
            }
            gap = Some(bytes.len());
            rest = after;
            continue;
        }
        let end = rest.find(':').unwrap_or(rest.len());
        let group = &rest[..end];
        if group.contains('.') && end == rest.len() {
            bytes.extend(octets_in_version_6(group, bits.is_some())?);
            rest = "";
        } else {
            if !(1..=4).contains(&group.len()) || !group.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            bytes.extend(u16::from_str_radix(group, 16).ok()?.to_be_bytes());
            rest = &rest[end..];
            if let Some(after) = rest.strip_prefix(':') {
                rest = if after.is_empty() && bits.is_none() { return None } else { after };
            }
        }
    }
    if let Some(gap) = gap {
        if bytes.len() >= 16 {
            return None;
        }
        let tail = bytes.split_off(gap);
        bytes.resize(16 - tail.len(), 0);
        bytes.extend(tail);
    }
    (bytes.len() == 16).then(|| (bytes, *bits.get_or_insert(128)))
}

/// `macaddr_in`: six bytes in one of the forms that its calls of `sscanf` read.
pub(super) fn mac(text: &str) -> Input {
    const FORMS: [(&[usize], &str); 7] = [
        (&[0, 0, 0, 0, 0, 0], ":::::"),
        (&[0, 0, 0, 0, 0, 0], "-----"),
        (&[2, 2, 2, 2, 2, 2], "  :  "),
        (&[2, 2, 2, 2, 2, 2], "  -  "),
        (&[2, 2, 2, 2, 2, 2], " . . "),
        (&[2, 2, 2, 2, 2, 2], " - - "),
        (&[2, 2, 2, 2, 2, 2], "     "),
    ];
    let mut outcome = INVALID;
    for (widths, marks) in FORMS {
        if let Some(fits) = scan(text, widths, marks) {
            outcome = if fits { Ok(()) } else { Err(SqlState::OUT_OF_RANGE) };
            break;
        }
    }
    outcome
}

/// `sscanf` with `%x` of these widths (0: any), each followed by its mark; whether all are bytes.
fn scan(text: &str, widths: &[usize], marks: &str) -> Option<bool> {
    let space = [' ', '\t', '\n', '\r', '\x0b', '\x0c'];
    let mut rest = text;
    let mut fits = true;
    let mut marks = marks.chars();
    for width in widths {
        rest = rest.trim_start_matches(space);
        let limit = if *width == 0 { usize::MAX } else { *width };
        let sign = usize::from(rest.starts_with(['+', '-']) && limit > 1);
        let body = &rest[sign..];
        let prefix = if body.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("0x")) && limit - sign >= 2 {
            2
        } else {
            0
        };
        let digits = body[prefix..].bytes().take(limit - sign - prefix).take_while(u8::is_ascii_hexdigit).count();
        if digits == 0 && prefix == 0 {
            return None;
        }
        let value = u64::from_str_radix(&body[prefix..prefix + digits], 16);
        // More digits than an integer holds are taken modulo its size.
        fits &= digits == 0 || digits > 8 || sign > 0 || value.is_ok_and(|value| value <= 255);
        rest = &body[prefix + digits..];
        if let Some(mark) = marks.next().filter(|mark| *mark != ' ') {
            rest = rest.strip_prefix(mark)?;
        }
    }
    rest.trim_start_matches(space).is_empty().then_some(fits)
}

/// `macaddr8_in`: six or eight pairs of digits, with one kind of mark between them.
pub(super) fn mac8(text: &str) -> Input {
    let is_space = |byte: u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    let bytes = text.as_bytes();
    let at_or_end = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let mut at = bytes.iter().take_while(|byte| is_space(**byte)).count();
    let (mut count, mut mark) = (0, None);
    while at_or_end(at) != 0 && at_or_end(at + 1) != 0 {
        count += 1;
        if count > 8 || !(bytes[at].is_ascii_hexdigit() && bytes[at + 1].is_ascii_hexdigit()) {
            return INVALID;
        }
        at += 2;
        let next = at_or_end(at);
        if matches!(next, b':' | b'-' | b'.') {
            if *mark.get_or_insert(next) != next {
                return INVALID;
            }
            at += 1;
        }
        if (count == 6 || count == 8) && is_space(at_or_end(at)) {
            while is_space(at_or_end(at)) {
                at += 1;
            }
            if at < bytes.len() {
                return INVALID;
            }
        }
    }
    // A single character left over is not looked at up to 15.
    if count == 6 || count == 8 { Ok(()) } else { INVALID }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in
            ["127.0.0.1", "10/8", "1.2.3.4/24", "::1", "::ffff:1.2.3.4/128", "fe80::1/64", "::", "1:2:3:4:5:6:7:8"]
        {
            assert_eq!(address(good, false), Ok(()), "{good}");
        }
        for bad in
            ["", "1.2.3", "1.2.3.256", "1.2.3.4/33", "1.2.3.4.5", "::1::", ":1", "12345::", "::1/129", "x", "1:2"]
        {
            assert_eq!(address(bad, false), INVALID, "{bad}");
        }
        for good in ["10", "10.0.0.0/8", "0x0a", "::/0", "192.168.1"] {
            assert_eq!(address(good, true), Ok(()), "{good}");
        }
        for bad in ["10.1.2.3/8", "fe80::1/64", "1.2.3.4/24"] {
            assert_eq!(address(bad, true), INVALID, "{bad}");
        }
    }

    #[test]
    fn hardware_addresses() {
        for good in ["08:00:2b:01:02:03", "8-0-2b-1-2-3", "08002b:010203", "0800.2b01.0203", "08002b010203 "] {
            assert_eq!(mac(good), Ok(()), "{good}");
        }
        for bad in ["08002b0102", "not", "08:00:2b:01:02", "08:00:2b-01:02:03", "08002b01:0203 x"] {
            assert_eq!(mac(bad), INVALID, "{bad}");
        }
        assert_eq!(mac("100:0:0:0:0:0"), Err(SqlState::OUT_OF_RANGE));
        for good in ["08:00:2b:01:02:03", "08002b:0102030405", " 08002b0102030405 "] {
            assert_eq!(mac8(good), Ok(()), "{good}");
        }
        for bad in ["08:00-2b:01:02:03", "08:00:2b:01:02:03:04", "08002b0102030405 6", "zz"] {
            assert_eq!(mac8(bad), INVALID, "{bad}");
        }
    }
}
