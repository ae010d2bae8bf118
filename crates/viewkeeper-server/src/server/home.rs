//! The directory of one private server: where it is when the server's account cannot work in the wanted place, what
//! lies in it, and its lock. No process is started here.

use std::fs::File;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::account::{self, Account};
use crate::error::Error;

/// A socket's whole path must fit into `sockaddr_un.sun_path`: 108 bytes on Linux, 104 on macOS, a NUL included.
const LONGEST_SOCKET_PATH: usize = 103;
/// The name that PostgreSQL gives to its socket, whose number is that of the port that it does not open.
const SOCKET_NAME: &str = ".s.PGSQL.5432";

/// The directory of one server. Layout: `data/`, `socket/`, `log`, `users/` and the pipe `users.pipe`.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    pub(crate) directory: PathBuf,
    /// The directory of the socket; it alone is where the path would be too long.
    pub(crate) socket: PathBuf,
}

impl Home {
    pub(crate) fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.directory.join("log")
    }

    pub(crate) fn users(&self) -> PathBuf {
        self.directory.join("users")
    }

    pub(crate) fn pipe(&self) -> PathBuf {
        self.directory.join("users.pipe")
    }

    /// The home of a server that was started before, if it is still there.
    pub(crate) fn existing(wanted: &Path) -> Option<Self> {
        let directory = recorded(&wanted.join("place")).unwrap_or_else(|| wanted.join("server"));
        let socket = recorded(&wanted.join("socket-place")).unwrap_or_else(|| directory.join("socket"));
        (directory.join("data").exists() && socket.exists()).then_some(Self { directory, socket })
    }

    /// The home of a server, made if need be. The caller holds the lock.
    pub(crate) fn prepare(wanted: &Path, account: Option<&Account>) -> Result<Self, Error> {
        let directory = Self::working_directory(wanted, account)?;
        let near = directory.join("socket");
        let socket = if near.join(SOCKET_NAME).as_os_str().len() <= LONGEST_SOCKET_PATH {
            private_directory(&near, account)?;
            near
        } else {
            remembered_directory(&wanted.join("socket-place"), account)?
        };
        let home = Self { directory, socket };
        private_directory(&home.users(), account)?;
        Ok(home)
    }

    fn working_directory(wanted: &Path, account: Option<&Account>) -> Result<PathBuf, Error> {
        let place = wanted.join("place");
        if recorded(&place).is_none() {
            let own = wanted.join("server");
            private_directory(&own, account)?;
            if account::can_write(account, &own) {
                return Ok(own);
            }
            let _was_empty = std::fs::remove_dir(&own);
        }
        // Something further up, such as a home directory, is closed to the account.
        remembered_directory(&place, account)
    }
}

/// Locks out every other process that starts or stops this server, until the file is closed.
pub(crate) fn lock(wanted: &Path) -> Result<File, Error> {
    let open = || -> io::Result<File> {
        std::fs::create_dir_all(wanted)?;
        let file = File::options().create(true).truncate(false).write(true).open(wanted.join("lock"))?;
        file.lock()?;
        Ok(file)
    };
    open().map_err(|error| {
        Error::new(format!("the private server's directory `{}` cannot be used", wanted.display()))
            .because(error)
            .help("make it writable, or remove it if another user made it")
    })
}

/// The directory that a file names, if it is still there.
fn recorded(record: &Path) -> Option<PathBuf> {
    let directory = PathBuf::from(std::fs::read_to_string(record).ok()?.trim_end_matches('\n'));
    directory.is_dir().then_some(directory)
}

/// A short directory under the system's temporary one, made once and then found through `record`.
fn remembered_directory(record: &Path, account: Option<&Account>) -> Result<PathBuf, Error> {
    if let Some(directory) = recorded(record)
        && owner_is_right(&directory, account)
        && account::can_write(account, &directory)
    {
        return Ok(directory);
    }
    let mut last = None;
    for base in [std::env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")] {
        let too_long = base.join("viewkeeper-0000000000").join(SOCKET_NAME).as_os_str().len() > LONGEST_SOCKET_PATH;
        if too_long {
            continue;
        }
        match new_temporary_directory(&base, account) {
            Ok(directory) if account::can_write(account, &directory) => {
                std::fs::write(record, format!("{}\n", directory.display()))
                    .map_err(|error| Error::new(format!("`{}` cannot be written", record.display())).because(error))?;
                return Ok(directory);
            }
            Ok(directory) => last = std::fs::remove_dir(directory).err(),
            Err(error) => last = Some(error),
        }
    }
    let error = Error::new("no temporary directory can be used by the account that the private server runs under")
        .help("set `TMPDIR` to a directory that every account can enter");
    Err(match last {
        Some(cause) => error.because(cause),
        None => error,
    })
}

/// A directory that nobody had before: an existing one might belong to somebody else.
fn new_temporary_directory(base: &Path, account: Option<&Account>) -> io::Result<PathBuf> {
    for attempt in 0..1000 {
        let directory = base.join(format!("viewkeeper-{}-{attempt}", std::process::id()));
        match std::fs::DirBuilder::new().mode(0o700).create(&directory) {
            Ok(()) => {
                give(&directory, account)?;
                return Ok(directory);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "every name that was tried is taken"))
}

/// A directory of mode 0700 that the account owns.
fn private_directory(directory: &Path, account: Option<&Account>) -> Result<(), Error> {
    let make = || -> io::Result<()> {
        match std::fs::DirBuilder::new().mode(0o700).create(directory) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => other?,
        }
        if !owner_is_right(directory, account) {
            give(directory, account)?;
        }
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700))
    };
    make().map_err(|error| {
        Error::new(format!("the directory `{}` cannot be prepared for a private server", directory.display()))
            .because(error)
            .help("remove it if another user made it")
    })
}

fn give(directory: &Path, account: Option<&Account>) -> io::Result<()> {
    match account {
        Some(account) => std::os::unix::fs::chown(directory, Some(account.uid), Some(account.gid)),
        None => Ok(()),
    }
}

fn owner_is_right(directory: &Path, account: Option<&Account>) -> bool {
    let wanted = account.map_or_else(|| rustix::process::geteuid().as_raw(), |account| account.uid);
    std::fs::symlink_metadata(directory).is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_moves_only_the_socket() {
        let root = tempfile::tempdir().unwrap();
        std::fs::set_permissions(root.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let wanted = root.path().join("x".repeat(100));
        let account = account::for_servers().unwrap();
        let _lock = lock(&wanted).unwrap();
        let home = Home::prepare(&wanted, account.as_ref()).unwrap();
        assert!(home.directory.starts_with(root.path()));
        assert!(home.socket.join(SOCKET_NAME).as_os_str().len() <= LONGEST_SOCKET_PATH);
        let again = Home::prepare(&wanted, account.as_ref()).unwrap();
        assert_eq!(home.socket, again.socket);
        std::fs::remove_dir(&home.socket).unwrap();
    }

    #[test]
    fn a_closed_directory_is_avoided() {
        let account = account::for_servers().unwrap();
        if account.is_none() {
            return;
        }
        // Closed to others, as home directories are.
        let root = tempfile::tempdir().unwrap();
        std::fs::set_permissions(root.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let wanted = root.path().join("server");
        let _lock = lock(&wanted).unwrap();
        let home = Home::prepare(&wanted, account.as_ref()).unwrap();
        assert!(!home.directory.starts_with(root.path()));
        let again = Home::prepare(&wanted, account.as_ref()).unwrap();
        assert_eq!(home.directory, again.directory);
        std::fs::remove_dir_all(&home.directory).unwrap();
    }
}
