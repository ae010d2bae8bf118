//! The engine's only door to the file system: reads a database folder, writes what was made. No decisions here.

use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

/// A file that was read, or why it could not be.
#[derive(Debug)]
pub struct ReadFile {
    /// Its path below the folder that was read, with `/` between the parts.
    pub path: Utf8PathBuf,
    /// Its bytes.
    pub bytes: io::Result<Vec<u8>>,
}

/// Every file with an ending (`sql`) below `folder`, in order of the path. A folder that is not there has no files.
///
/// # Errors
/// When a folder cannot be listed, or a name is not UTF-8.
pub fn read_files(folder: &Utf8Path, ending: &str) -> io::Result<Vec<ReadFile>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).follow_links(true) {
        let entry = entry?;
        let path = Utf8Path::from_path(entry.path())
            .ok_or_else(|| io::Error::other(format!("the file name {} is not UTF-8", entry.path().display())))?;
        if entry.file_type().is_file() && path.extension() == Some(ending) {
            let below = path.strip_prefix(folder).unwrap_or(path);
            files.push(ReadFile { path: below.as_str().replace('\\', "/").into(), bytes: fs::read(path) });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The text of a file, or `None` where there is none.
///
/// # Errors
/// When it is there and cannot be read as UTF-8.
pub fn read_optional(path: &Utf8Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What an earlier run left in a file for later ones, which can do without: nothing where it cannot be read.
pub fn read_left(path: &Utf8Path) -> Vec<u8> {
    fs::read(path).unwrap_or_default()
}

/// Whether a file or folder is there.
pub fn exists(path: &Utf8Path) -> bool {
    path.exists()
}

/// How the path of a crate's folder is shown: from the root of its workspace, which holds `Cargo.lock`; by its own name
/// where there is none. So it is the same on every machine, and can be clicked where cargo was started.
pub fn shown_path(folder: &Utf8Path) -> Utf8PathBuf {
    let root = folder.ancestors().find(|ancestor| ancestor.join("Cargo.lock").exists());
    match root.and_then(|root| folder.strip_prefix(root).ok()) {
        Some(below) => below.as_str().replace('\\', "/").into(),
        None => folder.file_name().unwrap_or_default().into(),
    }
}

/// Whether a folder is there.
pub fn is_folder(path: &Utf8Path) -> bool {
    path.is_dir()
}

/// Every folder at and below `folder`, in order, for a build script that watches for new files.
///
/// # Errors
/// When a folder cannot be listed.
pub fn folders(folder: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
    let mut found = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        if entry.file_type().is_dir()
            && let Some(path) = Utf8Path::from_path(entry.path())
        {
            found.push(path.to_owned());
        }
    }
    Ok(found)
}

/// Whether [`write_if_changed`] wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The file holds the new text now.
    New,
    /// It held the same text already and was not touched.
    Unchanged,
}

/// Writes `contents` unless the file holds them already, so that nothing is rebuilt without need. They appear whole or
/// not at all: they are written beside and renamed.
///
/// # Errors
/// When the file or its folder cannot be written.
pub fn write_if_changed(path: &Utf8Path, contents: impl AsRef<[u8]>) -> io::Result<Written> {
    let contents = contents.as_ref();
    if fs::read(path).is_ok_and(|held| held == contents) {
        return Ok(Written::Unchanged);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension("viewkeeper-new");
    fs::write(&beside, contents)?;
    fs::rename(&beside, path)?;
    Ok(Written::New)
}

/// Writes a file that must not be there yet.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] when it is there.
pub fn write_new(path: &Utf8Path, text: &str) -> io::Result<()> {
    if path.exists() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{path} exists already")));
    }
    write_if_changed(path, text).map(|_| ())
}

/// Removes a file that viewkeeper wrote: in this run, where what belongs to it could not be written, or in an earlier one.
///
/// # Errors
/// When it cannot be removed.
pub fn remove(path: &Utf8Path) -> io::Result<()> {
    fs::remove_file(path)
}
