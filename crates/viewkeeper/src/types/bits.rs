//! `bit` and `varbit`.

use std::fmt;

use bytes::BufMut;

use super::cursor::wire;

/// A string of bits: `bit(n)` or `varbit`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct BitString {
    length: usize,
    bytes: Vec<u8>,
}

impl BitString {
    /// The number of bits.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Each bit, from the left.
    pub fn iter(&self) -> impl Iterator<Item = bool> {
        (0..self.length).map(|place| self.bytes.get(place / 8).is_some_and(|byte| byte & (0x80 >> (place % 8)) != 0))
    }
}

impl FromIterator<bool> for BitString {
    fn from_iter<I: IntoIterator<Item = bool>>(bits: I) -> Self {
        let mut string = Self::default();
        for bit in bits {
            if string.length % 8 == 0 {
                string.bytes.push(0);
            }
            if let (true, Some(last)) = (bit, string.bytes.last_mut()) {
                *last |= 0x80 >> (string.length % 8);
            }
            string.length += 1;
        }
        string
    }
}

wire!(
    BitString,
    BIT | VARBIT,
    |cursor| {
        let length = cursor.count()?;
        Self { length, bytes: cursor.take(length.div_ceil(8))?.to_vec() }
    },
    |value, out| {
        out.put_i32(i32::try_from(value.length)?);
        out.extend_from_slice(&value.bytes);
    }
);

impl fmt::Display for BitString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.iter().map(|bit| if bit { '1' } else { '0' }).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_counted_from_the_left() {
        let bits: BitString = [true, false, false, false, false, false, false, false, true].into_iter().collect();
        assert_eq!(bits.to_string(), "100000001");
        assert_eq!((bits.len(), bits.bytes.as_slice()), (9, &[0x80, 0x80][..]));
    }
}
