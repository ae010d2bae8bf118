//! Several hosts in one description: each by itself with its own port and password, and which of them is wanted.

use std::hash::{BuildHasher, RandomState};

use postgres::{Client, SimpleQueryMessage};

use super::read_password;
use super::settings::Settings;
use crate::error::{Error, Kind};

/// libpq's `target_session_attrs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
}

impl Wanted {
    /// What is looked for, one after the other.
    pub(super) fn passes(text: Option<&str>) -> Result<&'static [Self], Error> {
        Ok(match text.unwrap_or("any") {
            "any" => &[Self::Any],
            "read-write" => &[Self::ReadWrite],
            "read-only" => &[Self::ReadOnly],
            "primary" => &[Self::Primary],
            "standby" => &[Self::Standby],
            "prefer-standby" => &[Self::Standby, Self::Any],
            other => {
                return Err(Error::new(
                    Kind::Connection,
                    format!("`{other}` is not a value of `target_session_attrs`"),
                )
                .help("one of `any`, `read-write`, `read-only`, `primary`, `standby`, `prefer-standby`"));
            }
        })
    }

    /// An error where the server is not what is wanted.
    pub(super) fn check(self, client: &mut Client, server: &str) -> Result<(), Error> {
        if self == Self::Any {
            return Ok(());
        }
        let asked = "SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only')";
        let messages =
            client.simple_query(asked).map_err(|cause| Error::database("asking the server what it is", cause))?;
        let found = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some((row.get(0)? == "t", row.get(1)? == "on")),
            _ => None,
        });
        let (standby, read_only) = found.unwrap_or_default();
        let (fits, is) = match self {
            Self::Any => (true, ""),
            Self::ReadWrite => (!read_only, "read-only"),
            Self::ReadOnly => (read_only, "not read-only"),
            Self::Primary => (!standby, "a standby"),
            Self::Standby => (standby, "not a standby"),
        };
        if fits {
            return Ok(());
        }
        Err(Error::new(Kind::Connection, format!("the server at {server} is {is}"))
            .note("`target_session_attrs` asks for another one"))
    }
}

/// The settings of each host, with the passfile's password for it.
pub(super) fn each(settings: &Settings) -> Result<Vec<Settings>, Error> {
    let list = |key: &str| -> Vec<&str> { settings.get(key).map_or(Vec::new(), |text| text.split(',').collect()) };
    let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"));
    let count = hosts.len().max(addresses.len());
    let fits = |list: &[&str]| list.len() <= 1 || list.len() == count;
    if !(hosts.is_empty() || addresses.is_empty() || hosts.len() == addresses.len()) || !fits(&ports) {
        return Err(Error::new(Kind::Connection, "hosts, addresses and ports are not equally many")
            .help("give one port for all hosts, or one for each"));
    }
    let mut each: Vec<Settings> = (0..count)
        .map(|index| {
            let mut one = settings.clone();
            for (key, list) in [("host", &hosts), ("hostaddr", &addresses), ("port", &ports)] {
                match list.get(index).or(list.first().filter(|_| key == "port")) {
                    Some(value) if !value.is_empty() => one.insert(key.to_owned(), (*value).to_owned()),
                    _ => one.remove(key),
                };
            }
            if !one.contains_key("password")
                && let Some(password) = read_password(&one)
            {
                one.insert("password".to_owned(), password);
            }
            one
        })
        .collect();
    if settings.get("load_balance_hosts").is_some_and(|how| how == "random") {
        // Each state is keyed by chance.
        each.sort_by_cached_key(|_| RandomState::new().hash_one(0));
    }
    Ok(each)
}

/// One error for all hosts.
pub(super) fn failed(mut failures: Vec<Error>) -> Error {
    if failures.len() == 1
        && let Some(only) = failures.pop()
    {
        return only;
    }
    let mut error =
        Error::new(Kind::Connection, format!("none of {} attempts to connect came through", failures.len()));
    for failure in &failures {
        error = error.note(failure.message());
    }
    match failures.pop() {
        Some(last) => error.source(last),
        None => error,
    }
}
