//! The objects of one state, however it was obtained: replayed from migrations, declared in definitions, or read from
//! a server. Plain data in the shape of PostgreSQL's own catalogs, and look-ups in it; what DDL does to it is said in
//! `replay`, what queries mean in `analyse`.

mod attached;
mod attachments;
mod canonical_queries;
mod change;
mod default_privileges;
mod describe;
mod index;
mod inherited;
mod installed;
mod lookup;
mod meaning;
mod names;
mod object;
mod object_id;
pub mod oids;
mod partitioning;
mod relation;
mod routine;
mod row_shapes;
mod sequence;
pub mod system;
mod types;
mod uncommitted;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use attached::*;
pub use attachments::*;
pub use default_privileges::*;
pub use describe::describe;
pub use inherited::*;
pub use installed::*;
pub use lookup::*;
pub(crate) use meaning::{Moment, words};
pub use object::*;
pub use object_id::*;
pub use partitioning::*;
pub use relation::*;
pub use routine::*;
pub use sequence::*;
pub use types::*;
pub use uncommitted::*;

/// The number of a catalog row. Numbers below [`FIRST_USER_OID`] are PostgreSQL's own rows of the target version;
/// numbers from 10000 on differ between builds of the server and never leave the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Oid(pub u32);

/// Where the objects of a [`Catalog`] begin (`FirstNormalObjectId` in transam.h).
pub const FIRST_USER_OID: u32 = 16384;

impl Oid {
    /// "None", as PostgreSQL writes it.
    pub const INVALID: Self = Self(0);

    /// Whether it names a row.
    pub fn is_valid(self) -> bool {
        self != Self::INVALID
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A major version of the server that the project targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum ServerVersion {
    V14,
    V15,
    V16,
    V17,
    V18,
}

impl ServerVersion {
    /// Every supported version, oldest first.
    pub const ALL: [Self; 5] = [Self::V14, Self::V15, Self::V16, Self::V17, Self::V18];

    /// The one whose grammar the parser has.
    pub const LATEST: Self = Self::V18;

    /// From the major's number.
    pub fn from_major(major: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.major() == major)
    }

    /// The major's number.
    pub fn major(self) -> u32 {
        match self {
            Self::V14 => 14,
            Self::V15 => 15,
            Self::V16 => 16,
            Self::V17 => 17,
            Self::V18 => 18,
        }
    }
}

/// A schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// What made it; `None` where it came with the database or an extension.
    pub provenance: Option<Provenance>,
}

/// The objects of one state. `system` holds PostgreSQL's own rows, the maps hold everything else, by number.
///
/// Rows are behind [`Arc`] so that a copy of the whole (a savepoint, the state at a view's creation) is cheap. Rows are
/// added, changed and removed only by the methods of `change.rs` (`insert_…`, `update_…`, `remove_…`, `rename_…`), which
/// keep the index of them; they are found by those of `lookup.rs`, which see PostgreSQL's own rows too.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Catalog {
    /// The server version that this state is for.
    pub version: ServerVersion,
    /// Schemas beside `pg_catalog` and `information_schema`; a new catalog has `public`.
    pub schemas: BTreeMap<Oid, Arc<Schema>>,
    /// Tables, views, materialized views, sequences, composite types.
    pub relations: BTreeMap<Oid, Arc<Relation>>,
    /// Types, arrays and row types included.
    pub types: BTreeMap<Oid, Arc<Type>>,
    /// Functions, procedures, aggregates, window functions.
    pub routines: BTreeMap<Oid, Arc<Routine>>,
    /// Operators.
    pub operators: BTreeMap<Oid, Arc<Operator>>,
    /// Casts, by source and target type.
    pub casts: BTreeMap<(Oid, Oid), Arc<Cast>>,
    /// Collations.
    pub collations: BTreeMap<Oid, Arc<Collation>>,
    /// Installed extensions, by name.
    pub extensions: BTreeMap<String, Arc<InstalledExtension>>,
    /// Operator classes and the like of extensions.
    pub extension_rows: Arc<ExtensionRows>,
    /// Whatever hangs on objects without being one: comments, privileges, owners.
    pub attachments: Attachments,
    /// The same as hand-written migrations alone say it: what definitions say of an object that they do not declare comes
    /// on top, and goes without a trace.
    pub said_by_hand: Arc<Attachments>,
    /// Expressions, triggers, rules and policies, by the relation or domain that they belong to.
    pub attached: BTreeMap<Oid, Vec<Arc<Attached>>>,
    /// What generated columns are computed by, as a query of their table alone, by table and column.
    pub generations: BTreeMap<(Oid, i16), Arc<crate::tree::Query>>,
    /// The column that a sequence belongs to (`OWNED BY`, `serial`, identity).
    pub sequence_owners: BTreeMap<Oid, (Oid, i16)>,
    /// What sequences count.
    pub sequences: BTreeMap<Oid, Sequence>,
    /// The composite type of a typed table (`CREATE TABLE … OF`).
    pub typed_tables: BTreeMap<Oid, Oid>,
    /// The keys of partitioned tables.
    pub partition_keys: BTreeMap<Oid, PartitionKey>,
    /// `FOR VALUES …` or `DEFAULT` of a partition (`relpartbound`), as it was written.
    pub partition_bounds: BTreeMap<Oid, String>,
    /// What that says, where the key of the table is known.
    pub partition_values: BTreeMap<Oid, PartitionBound>,
    /// Row security, by the table; where it is off there is none.
    pub row_security: BTreeMap<Oid, RowSecurity>,
    /// Extended statistics.
    pub statistics: BTreeMap<Oid, Arc<ExtendedStatistics>>,
    /// Event triggers, by name.
    pub event_triggers: BTreeMap<String, Arc<EventTrigger>>,
    /// `ALTER DEFAULT PRIVILEGES`.
    pub default_privileges: AllDefaultPrivileges,
    /// The same as hand-written migrations alone say it.
    pub default_privileges_by_hand: AllDefaultPrivileges,
    /// What the settings say of nulls.
    pub declared_nullability: Arc<crate::nullability::DeclaredNullability>,
    /// Statements whose effect the replay could not know.
    pub unmodelled: Vec<Unmodelled>,
    /// What the commit of the transaction at hand ends.
    pub uncommitted: Uncommitted,
    /// What has another name than in the state before: told by definitions, or done by the last generated migration.
    pub renames: Vec<crate::rename::Rename>,
    /// The next free number.
    pub next_oid: u32,
    /// Numbers by name and by parent, of the rows in the maps above.
    index: Arc<index::Index>,
    /// When names last came to mean something else.
    meanings: Arc<meaning::Meanings>,
    /// The columns that queries see of relations.
    #[serde(skip)]
    row_shapes: Arc<row_shapes::RowShapes>,
    /// The canonical texts of queries.
    #[serde(skip)]
    canonical_queries: Arc<canonical_queries::CanonicalQueries>,
}

impl Catalog {
    /// An empty database of a version: PostgreSQL's own rows and the schema `public`.
    pub fn new(version: ServerVersion) -> Self {
        let mut catalog = Self {
            version,
            schemas: BTreeMap::new(),
            relations: BTreeMap::new(),
            types: BTreeMap::new(),
            routines: BTreeMap::new(),
            operators: BTreeMap::new(),
            casts: BTreeMap::new(),
            collations: BTreeMap::new(),
            extensions: BTreeMap::new(),
            extension_rows: Arc::default(),
            attachments: Attachments::default(),
            said_by_hand: Arc::default(),
            attached: BTreeMap::new(),
            generations: BTreeMap::new(),
            sequence_owners: BTreeMap::new(),
            sequences: BTreeMap::new(),
            typed_tables: BTreeMap::new(),
            partition_keys: BTreeMap::new(),
            partition_bounds: BTreeMap::new(),
            partition_values: BTreeMap::new(),
            row_security: BTreeMap::new(),
            statistics: BTreeMap::new(),
            event_triggers: BTreeMap::new(),
            default_privileges: BTreeMap::new(),
            default_privileges_by_hand: BTreeMap::new(),
            declared_nullability: Arc::default(),
            unmodelled: Vec::new(),
            uncommitted: Uncommitted { first: FIRST_USER_OID, ..Uncommitted::default() },
            renames: Vec::new(),
            next_oid: FIRST_USER_OID,
            index: Arc::default(),
            meanings: Arc::default(),
            row_shapes: Arc::default(),
            canonical_queries: Arc::default(),
        };
        catalog.insert_schema(Schema { oid: oids::PUBLIC, name: "public".to_owned(), provenance: None });
        catalog
    }

    /// A number that no row has.
    pub fn allocate(&mut self) -> Oid {
        let oid = Oid(self.next_oid);
        self.next_oid += 1;
        oid
    }
}
