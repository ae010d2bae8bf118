//! How a connection is described: URL, `key=value`, service file, environment, put together as libpq does. Pure text in,
//! settings out; what is read from files and the environment is handed in.

use std::collections::BTreeMap;

use crate::error::{Error, Kind};

/// libpq's keywords with their values.
pub(crate) type Settings = BTreeMap<String, String>;

/// libpq's environment variables with the keywords that they are the defaults of (`PQconninfoOptions`).
pub(crate) const VARIABLES: &[(&str, &str)] = &[
    ("PGHOST", "host"),
    ("PGHOSTADDR", "hostaddr"),
    ("PGPORT", "port"),
    ("PGDATABASE", "dbname"),
    ("PGUSER", "user"),
    ("PGPASSWORD", "password"),
    ("PGPASSFILE", "passfile"),
    ("PGSERVICE", "service"),
    ("PGSERVICEFILE", "servicefile"),
    ("PGOPTIONS", "options"),
    ("PGAPPNAME", "application_name"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLKEY", "sslkey"),
    ("PGSSLNEGOTIATION", "sslnegotiation"),
    ("PGCHANNELBINDING", "channel_binding"),
    ("PGTARGETSESSIONATTRS", "target_session_attrs"),
    ("PGLOADBALANCEHOSTS", "load_balance_hosts"),
];

/// Read here, and not by the driver.
const OURS: &[&str] = &[
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "passfile",
    "service",
    "servicefile",
    "target_session_attrs",
    "load_balance_hosts",
];

/// Known to libpq, and without meaning for this driver.
const IGNORED: &[&str] = &[
    "client_encoding",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "gsslib",
    "krbsrvname",
    "sslcompression",
    "sslsni",
];

/// Reads a URL or a `key=value` text.
pub(crate) fn parse(text: &str) -> Result<Settings, Error> {
    let text = text.trim();
    match text.strip_prefix("postgresql://").or_else(|| text.strip_prefix("postgres://")) {
        Some(rest) => parse_url(rest),
        None if text.contains("://") => Err(wrong("its scheme is not `postgresql`")),
        None => parse_pairs(text),
    }
}

/// The text is never repeated in a message: it may hold the password.
fn wrong(why: &str) -> Error {
    Error::new(Kind::Connection, format!("the connection text cannot be understood: {why}")).help(
        "write a URL, `postgresql://user@host:5432/database`, or `host=… dbname=…`; special characters in a URL's parts \
         are written as `%` and two hexadecimal digits",
    )
}

/// Everything after the scheme: `user:password@host:port,host:port/database?key=value&…`.
fn parse_url(rest: &str) -> Result<Settings, Error> {
    let mut settings = Settings::new();
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = address.split_once('/').unwrap_or((address, ""));
    let (user, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = user.split_once(':').map_or((user, None), |(user, password)| (user, Some(password)));
    let mut insert = |key: &str, value: &str| -> Result<(), Error> {
        if !value.is_empty() {
            settings.insert(key.to_owned(), percent_decode(value)?);
        }
        Ok(())
    };
    insert("user", user)?;
    insert("password", password.unwrap_or_default())?;
    insert("dbname", database)?;
    let (mut names, mut ports) = (Vec::new(), Vec::new());
    for host in hosts.split(',').filter(|_| !hosts.is_empty()) {
        let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((name, after)) => (name, after.strip_prefix(':').unwrap_or_default()),
            None => host.split_once(':').unwrap_or((host, "")),
        };
        names.push(name);
        ports.push(port);
    }
    insert("host", &names.join(","))?;
    if ports.iter().any(|port| !port.is_empty()) {
        insert(
            "port",
            &ports.iter().map(|port| if port.is_empty() { "5432" } else { port }).collect::<Vec<_>>().join(","),
        )?;
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').ok_or_else(|| wrong("a parameter after `?` has no `=`"))?;
        match (percent_decode(key)?.as_str(), value) {
            ("ssl", "true") => insert("sslmode", "require")?,
            (key, value) => insert(key, value)?,
        }
    }
    Ok(settings)
}

fn percent_decode(text: &str) -> Result<String, Error> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next(), rest.next()].map(|digit| digit.and_then(|digit| char::from(digit).to_digit(16)));
        let [Some(high), Some(low)] = digits else {
            return Err(wrong("a `%` is not followed by two hexadecimal digits"));
        };
        bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
    }
    String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8"))
}

/// What has no meaning of its own in a URL stays as it is.
pub(crate) fn percent_encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'~' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// `key = value` pairs, values in single quotes where they hold spaces, `\` before a quote or a backslash.
fn parse_pairs(text: &str) -> Result<Settings, Error> {
    let mut settings = Settings::new();
    let mut rest = text.chars().peekable();
    loop {
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        if rest.peek().is_none() {
            return Ok(settings);
        }
        let mut key = String::new();
        while let Some(c) = rest.next_if(|c| *c != '=' && !c.is_whitespace()) {
            key.push(c);
        }
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        if rest.next() != Some('=') {
            return Err(wrong("a keyword has no `=`"));
        }
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        let quoted = rest.next_if_eq(&'\'').is_some();
        let mut value = String::new();
        loop {
            match rest.next() {
                Some('\\') => value.extend(rest.next()),
                Some('\'') if quoted => break,
                Some(c) if !quoted && c.is_whitespace() => break,
                Some(c) => value.push(c),
                None if quoted => return Err(wrong("a quote is not closed")),
                None => break,
            }
        }
        if !value.is_empty() {
            settings.insert(key, value);
        }
    }
}

/// The section of a service file, without comments.
pub(crate) fn parse_service(file: &str, service: &str) -> Option<Settings> {
    let mut lines = file.lines().map(str::trim).skip_while(|line| *line != format!("[{service}]"));
    lines.next()?;
    let section = lines.take_while(|line| !line.starts_with('['));
    let pairs = section.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    Some(pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect())
}

/// The password for a connection out of a passfile: the first line whose fields fit. A socket is `localhost` there.
pub(crate) fn find_password(file: &str, host: &str, port: &str, database: &str, user: &str) -> Option<String> {
    let host = if host.is_empty() || host.starts_with(['/', '@']) { "localhost" } else { host };
    file.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = passfile_fields(line);
        let [a, b, c, d, password] = fields.as_slice() else { return None };
        let fits = [(a, host), (b, port), (c, database), (d, user)]
            .into_iter()
            .all(|(field, value)| field == "*" || field == value);
        (fits && !password.is_empty()).then(|| password.clone())
    })
}

/// Five fields between colons; `\` before a colon or a backslash that belongs to a field.
fn passfile_fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        let last = fields.len() == 5;
        match (c, fields.last_mut()) {
            (':', _) if !last => fields.push(String::new()),
            ('\\', Some(field)) => field.extend(rest.next()),
            (c, Some(field)) => field.push(c),
            (_, None) => {}
        }
    }
    fields
}

/// What the driver is to read, as a `key='value'` text.
pub(crate) fn driver_text(settings: &Settings) -> String {
    settings
        .iter()
        .filter(|(key, _)| !OURS.contains(&key.as_str()) && !IGNORED.contains(&key.as_str()))
        .map(|(key, value)| format!("{key}='{}' ", value.replace('\\', "\\\\").replace('\'', "\\'")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_parse(text: &str, expected: &str) {
        let found = match parse(text) {
            Ok(settings) => settings.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string().lines().next().unwrap_or_default().to_owned(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn urls_and_pairs_are_read_as_libpq_does() {
        check_parse("postgres://", "");
        check_parse(
            "postgresql://me:s%40cret@db.example:5433/shop?sslmode=verify-full&application_name=a%20b",
            "application_name=a b dbname=shop host=db.example password=s@cret port=5433 sslmode=verify-full user=me",
        );
        check_parse("postgres://%2Fvar%2Frun/x", "dbname=x host=/var/run");
        check_parse("postgres:///x?host=/var/run&port=1", "dbname=x host=/var/run port=1");
        check_parse("postgres://[::1]:7,b/x", "dbname=x host=::1,b port=7,5432");
        check_parse(
            r"host = /tmp dbname='a b' password='it\'s' user=me\\you",
            r"dbname=a b host=/tmp password=it's user=me\you",
        );
    }

    #[test]
    fn a_wrong_text_is_told_without_repeating_it() {
        check_parse(
            "mysql://me:secret@a/b",
            "the connection text cannot be understood: its scheme is not `postgresql`",
        );
        check_parse("secret", "the connection text cannot be understood: a keyword has no `=`");
        check_parse(
            "postgres://me:secret%zz@a",
            "the connection text cannot be understood: a `%` is not followed by two hexadecimal digits",
        );
    }

    #[test]
    fn passwords_are_found_by_line() {
        let file = "# comment\nother:*:*:*:no\nlocalhost:5432:*:me:a\\:b\\\\c\n*:*:*:*:last:with:colons\n";
        assert_eq!(find_password(file, "/tmp", "5432", "x", "me").as_deref(), Some("a:b\\c"));
        assert_eq!(find_password(file, "h", "5432", "x", "me").as_deref(), Some("last:with:colons"));
    }

    #[test]
    fn services_are_sections() {
        let file = "[a]\nhost=x\n# no\n[b]\nhost = y\ndbname=z\n";
        let expected = [("dbname", "z"), ("host", "y")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(parse_service(file, "b"), Some(expected.into()));
        assert_eq!(parse_service(file, "c"), None);
    }
}
