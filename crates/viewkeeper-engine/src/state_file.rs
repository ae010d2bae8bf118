//! The migrated state as bytes, from one build to the next: a build replays only the migrations that came since. What is in
//! a state is `catalog`'s, where the bytes lie the build script's.

use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, ServerVersion};
use crate::config::Settings;
use crate::diagnostic::Diagnostics;
use crate::migration::MigrationFile;
use crate::nullability::DeclaredNullability;
use crate::replay::{self, State};
use crate::source::SourceFile;

/// What made the bytes: only the very same engine reads them again. `build.rs` makes it of everything in this crate.
const ENGINE: &str = concat!(env!("CARGO_PKG_VERSION"), " ", env!("VIEWKEEPER_ENGINE"));

/// What a state was made of. It is compared as it is, not by a hash.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Origins {
    server_version: ServerVersion,
    search_path: Vec<String>,
    extensions: Vec<(String, Origin)>,
    nullability: DeclaredNullability,
    migrations: Vec<Origin>,
}

/// A file.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Origin(#[serde(with = "shared")] Arc<SourceFile>);

impl Origins {
    fn new(migrations: &[MigrationFile], settings: &Settings) -> Self {
        let of = |(name, file): (&String, &Arc<SourceFile>)| (name.clone(), Origin(Arc::clone(file)));
        Self {
            server_version: settings.server_version,
            search_path: settings.search_path.clone(),
            extensions: settings.extensions.iter().map(of).collect(),
            nullability: DeclaredNullability::clone(&settings.nullability),
            migrations: migrations.iter().map(|file| Origin(Arc::clone(&file.source))).collect(),
        }
    }

    /// How many of the migrations it is the state after; `None` where it is another project's, or was made otherwise.
    fn lead_to(&self, migrations: &[MigrationFile], settings: &Settings) -> Option<usize> {
        let done = self.migrations.len();
        (*self == Self::new(migrations.get(..done)?, settings)).then_some(done)
    }
}

/// What migrations lead to, from the bytes that an earlier run left, and the bytes for the next run where they should be others.
/// A state with errors in it is not left.
pub(crate) fn migrated(left: &[u8], migrations: &[MigrationFile], settings: &Settings) -> (State, Option<Vec<u8>>) {
    let nothing = || (State { catalog: Catalog::new(settings.server_version), diagnostics: Diagnostics::default() }, 0);
    let (mut state, done) = read(left, migrations, settings).unwrap_or_else(nothing);
    let mut to_leave = None;
    if let Some(later @ [_, ..]) = migrations.get(done..) {
        let later = replay::advance(state.catalog, later, settings);
        state.catalog = later.catalog;
        state.diagnostics.extend(later.diagnostics);
        to_leave = if state.diagnostics.has_errors() { None } else { write(&state, migrations, settings) };
    }
    replay::conclude(&mut state.catalog);
    (state, to_leave)
}

/// The bytes of what migrations lead to, before it is concluded. `None` where it cannot be written.
fn write(state: &State, migrations: &[MigrationFile], settings: &Settings) -> Option<Vec<u8>> {
    let content = (Origins::new(migrations, settings), &state.catalog, &state.diagnostics);
    let content = shared::writing(|| postcard::to_allocvec(&content)).ok()?;
    let mut bytes = ENGINE.as_bytes().to_vec();
    bytes.extend(checksum(&content).to_le_bytes());
    bytes.extend(content);
    Some(bytes)
}

/// The state in such bytes, and how many of the migrations it is the state after. `None` where they are of another engine, of
/// other migrations or settings, or damaged.
fn read(bytes: &[u8], migrations: &[MigrationFile], settings: &Settings) -> Option<(State, usize)> {
    let (sum, content) = bytes.strip_prefix(ENGINE.as_bytes())?.split_first_chunk()?;
    if checksum(content).to_le_bytes() != *sum {
        return None;
    }
    shared::reading(|| {
        let (origins, content): (Origins, _) = postcard::take_from_bytes(content).ok()?;
        let done = origins.lead_to(migrations, settings)?;
        let (catalog, diagnostics): (Catalog, Diagnostics) = postcard::from_bytes(content).ok()?;
        catalog.know_its_queries();
        Some((State { catalog, diagnostics }, done))
    })
}

fn checksum(content: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(content);
    hasher.finish()
}

/// Values that many others hold: each is written once, and read as one, whether or not they shared it.
pub(crate) mod shared {
    use std::any::{Any, TypeId};
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use serde::de::{Deserialize, Deserializer, Error as _};
    use serde::ser::{Error as _, Serialize, Serializer};

    /// The numbers of values that were written: by where they lie, and by what they are.
    #[derive(Default)]
    struct Numbers {
        places: BTreeMap<usize, usize>,
        values: BTreeMap<(TypeId, Vec<u8>), usize>,
    }

    thread_local! {
        static WRITTEN: RefCell<Numbers> = RefCell::default();
        /// The values that were read, by number.
        static READ: RefCell<Vec<Box<dyn Any>>> = RefCell::default();
    }

    pub(super) fn writing<T>(write: impl FnOnce() -> T) -> T {
        WRITTEN.take();
        let written = write();
        WRITTEN.take();
        written
    }

    pub(super) fn reading<T>(read: impl FnOnce() -> T) -> T {
        READ.take();
        let found = read();
        READ.take();
        found
    }

    /// A value, or the number of one that was written before.
    #[derive(serde::Serialize, serde::Deserialize)]
    enum Written {
        First(Vec<u8>),
        Before(usize),
    }

    pub(crate) fn serialize<T, S>(value: &Arc<T>, serializer: S) -> Result<S::Ok, S::Error>
    where
        T: Serialize + ?Sized + 'static,
        S: Serializer,
    {
        let place = Arc::as_ptr(value).cast::<()>().addr();
        if let Some(number) = WRITTEN.with_borrow(|written| written.places.get(&place).copied()) {
            return Written::Before(number).serialize(serializer);
        }
        let bytes = postcard::to_allocvec(&**value).map_err(S::Error::custom)?;
        let written = WRITTEN.with_borrow_mut(|written| {
            let next = written.values.len();
            let number = *written.values.entry((TypeId::of::<T>(), bytes.clone())).or_insert(next);
            written.places.insert(place, number);
            if number == next { Written::First(bytes) } else { Written::Before(number) }
        });
        written.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<Arc<T>, D::Error>
    where
        T: ?Sized + 'static,
        for<'bytes> Arc<T>: Deserialize<'bytes>,
        D: Deserializer<'de>,
    {
        match Written::deserialize(deserializer)? {
            Written::First(bytes) => {
                let value: Arc<T> = postcard::from_bytes(&bytes).map_err(D::Error::custom)?;
                READ.with_borrow_mut(|read| read.push(Box::new(Arc::clone(&value))));
                Ok(value)
            }
            Written::Before(number) => READ
                .with_borrow(|read| read.get(number)?.downcast_ref::<Arc<T>>().cloned())
                .ok_or_else(|| D::Error::custom("a number of no value")),
        }
    }
}

/// Where a problem is.
pub(crate) mod place {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::shared;
    use crate::source::{SourceFile, Span};

    #[derive(Serialize, Deserialize)]
    struct Place(#[serde(with = "shared")] Arc<SourceFile>, Span);

    pub(crate) fn serialize<S: Serializer>(
        place: &Option<(Arc<SourceFile>, Span)>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        place.as_ref().map(|(file, span)| Place(Arc::clone(file), *span)).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<(Arc<SourceFile>, Span)>, D::Error> {
        Ok(Option::<Place>::deserialize(deserializer)?.map(|Place(file, span)| (file, span)))
    }
}

/// Words of the program's own text.
pub(crate) mod keyword {
    use std::collections::BTreeSet;
    use std::sync::{Mutex, PoisonError};

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::source::Keyword;

    /// Those that were read from bytes. They are few, and each is kept once.
    static READ: Mutex<BTreeSet<Keyword>> = Mutex::new(BTreeSet::new());

    pub(crate) fn serialize<S: Serializer>(word: &str, serializer: S) -> Result<S::Ok, S::Error> {
        word.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Keyword, D::Error> {
        let word = String::deserialize(deserializer)?;
        let mut known = READ.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(word) = known.get(word.as_str()) {
            return Ok(word);
        }
        let word: Keyword = String::leak(word);
        known.insert(word);
        Ok(word)
    }
}

/// Trees of the parser, in its own form.
pub(crate) mod message {
    use std::sync::Arc;

    use prost::Message;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<M: Message, S: Serializer>(tree: &Arc<M>, serializer: S) -> Result<S::Ok, S::Error> {
        tree.encode_to_vec().serialize(serializer)
    }

    pub(crate) fn deserialize<'de, M: Message + Default, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<M>, D::Error> {
        let bytes = Vec::<u8>::deserialize(deserializer)?;
        M::decode(bytes.as_slice()).map(Arc::new).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::MigrationId;
    use crate::parser::on_deep_stack;

    const TABLE: &str = "CREATE TABLE t (a int CHECK (a > 1), b numeric(8,2) NOT NULL)";
    const VIEW: &str = "CREATE VIEW v AS SELECT current_date, xmlroot(xml '<a/>', version '1'), a FROM t";

    fn files(texts: &[&str]) -> Vec<MigrationFile> {
        let file = |(text, version): (&&str, i64)| {
            let id = MigrationId::new(version, "step");
            let source = SourceFile::new(format!("db/migrations/{id}.sql"), *text);
            MigrationFile { id, source }
        };
        texts.iter().zip(1..).map(file).collect()
    }

    fn done(bytes: &[u8], files: &[MigrationFile], settings: &Settings) -> Option<usize> {
        on_deep_stack(|| read(bytes, files, settings).map(|(_, done)| done))
    }

    #[test]
    fn a_state_is_read_only_where_it_is_sure_to_be_the_same() {
        let (made, settings) = (files(&[TABLE, VIEW]), Settings::default());
        let (state, left) = on_deep_stack(|| migrated(&[], &made, &settings));
        let left = left.unwrap_or_else(|| panic!("{:?}", state.diagnostics));
        let (again, unchanged) = on_deep_stack(|| migrated(&left, &made, &settings));
        assert_eq!((again.catalog.relations, unchanged), (state.catalog.relations, None));

        assert_eq!(done(&left, &made, &settings), Some(2));
        assert_eq!(done(&left, &files(&[TABLE, VIEW, "SELECT 1"]), &settings), Some(2));
        assert_eq!(done(&left, &made[..1], &settings), None);
        assert_eq!(done(&left, &files(&[TABLE, "CREATE VIEW v AS SELECT a FROM t"]), &settings), None);
        let other_path = Settings { search_path: vec!["app".to_owned()], ..Settings::default() };
        assert_eq!(done(&left, &made, &other_path), None);
        let other_version = Settings { server_version: ServerVersion::V14, ..Settings::default() };
        assert_eq!(done(&left, &made, &other_version), None);
    }

    #[test]
    fn damaged_bytes_are_not_read() {
        let (made, settings) = (files(&[TABLE, VIEW]), Settings::default());
        let left = on_deep_stack(|| migrated(&[], &made, &settings)).1.unwrap_or_default();
        for at in 0..left.len() {
            let mut damaged = left.clone();
            damaged[at] ^= 1;
            assert_eq!(done(&damaged, &made, &settings), None, "byte {at}");
            assert_eq!(done(&left[..at], &made, &settings), None, "the first {at} bytes");
        }
    }

    #[test]
    fn a_state_with_errors_is_not_left() {
        let (state, left) = on_deep_stack(|| migrated(&[], &files(&[VIEW]), &Settings::default()));
        assert!(state.diagnostics.has_errors());
        assert_eq!(left, None);
    }
}
