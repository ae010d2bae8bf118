//! Tells the engine what it is made of, by which it knows whether a state that it left in a file is still its own. Beside
//! that it depends on `viewkeeper-libclang`, which says why, and gives build scripts the features that Cargo.toml lists.

use std::fs;
use std::hash::Hasher;
use std::hash::{DefaultHasher, Hash};
use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    let mut hasher = DefaultHasher::new();
    for path in ["build.rs", "Cargo.toml", "src", "catalog"] {
        println!("cargo::rerun-if-changed={path}");
        hash(Path::new(path), &mut hasher)?;
    }
    println!("cargo::rustc-env=VIEWKEEPER_ENGINE={:016x}", hasher.finish());
    Ok(())
}

/// A file, or all files of a folder in the order of their names.
fn hash(path: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    if path.is_dir() {
        let entries: io::Result<Vec<_>> = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect();
        let mut entries = entries?;
        entries.sort();
        return entries.iter().try_for_each(|path| hash(path, hasher));
    }
    path.hash(hasher);
    fs::read(path)?.hash(hasher);
    Ok(())
}
