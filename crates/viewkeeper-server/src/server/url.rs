//! Connection URLs of servers behind a socket.

use std::fmt::Write;
use std::path::Path;

/// The URL of a database behind the socket in a directory. The role and the port are stated so that no environment
/// variable changes them.
pub fn database_url(socket: &Path, database: &str) -> String {
    let directory = escape(&socket.to_string_lossy(), b"-._~/");
    format!("postgresql:///{}?host={directory}&port=5432&user=postgres", escape(database, b"-._~"))
}

/// Percent-encodes all but letters, digits and what is named.
fn escape(text: &str, plain: &[u8]) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_driver_reads_the_url_back() {
        let url = database_url(Path::new("/a b/ü?&"), "my/db%");
        let config: postgres::Config = url.parse().unwrap();
        assert_eq!(config.get_hosts(), [postgres::config::Host::Unix("/a b/ü?&".into())]);
        assert_eq!(config.get_dbname(), Some("my/db%"));
        assert_eq!(config.get_user(), Some("postgres"));
        assert_eq!(config.get_ports(), [5432]);
    }
}
