//! Under which account a private server runs: PostgreSQL refuses to run as root, so root lends it another one.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::Error;

/// An account of the system that a server may run under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// The account for servers that this process starts; `None` for its own.
pub(crate) fn for_servers() -> Result<Option<Account>, Error> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = ["postgres", "nobody"].iter().find_map(|name| find(&accounts, name));
    match found {
        Some(account) => Ok(Some(account)),
        None => Err(Error::new("PostgreSQL refuses to run as root, and there is no other account to run it under")
            .help("run this as another user, or add one: `useradd --system postgres`")),
    }
}

/// A line of /etc/passwd.
fn find(accounts: &str, name: &str) -> Option<Account> {
    accounts.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let (found, uid, gid) = (fields.first()?, fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?);
        (*found == name && uid != 0).then(|| Account { name: name.to_owned(), uid, gid })
    })
}

/// A command that will run under the account.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>, account: Option<&Account>) -> Command {
    let mut command = Command::new(program);
    if let Some(account) = account {
        command.uid(account.uid).gid(account.gid);
    }
    // The caller's directory may be closed to the account; initdb and the server ask for theirs.
    command.current_dir("/").stdin(Stdio::null());
    // A server must not depend on what the shell that first started it had set.
    for variable in ["PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGOPTIONS", "PGTZ", "PGDATESTYLE"] {
        command.env_remove(variable);
    }
    command
}

/// Whether the account can work in a directory: asked of the system, since modes, mounts and access lists decide it
/// together.
pub(crate) fn can_write(account: Option<&Account>, directory: &Path) -> bool {
    test(account, "-w", directory) && test(account, "-x", directory)
}

/// Whether the account can run a program.
pub(crate) fn can_run(account: Option<&Account>, program: &Path) -> bool {
    test(account, "-x", program)
}

fn test(account: Option<&Account>, what: &str, path: &Path) -> bool {
    let status = command("test", account).arg(what).arg(path).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_found_by_name() {
        let accounts = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n";
        let nobody = find(accounts, "nobody").unwrap();
        assert_eq!((nobody.uid, nobody.gid), (65534, 65533));
        assert_eq!(find(accounts, "root"), None);
        assert_eq!(find(accounts, "postgres"), None);
    }
}
