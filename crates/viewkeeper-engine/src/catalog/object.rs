//! What names an object across states (numbers do not), what made it, and what hangs on it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::name::QualifiedName;
use crate::source::{SourceFile, Span};

/// Names an object the same way in every state. Order: by kind, then by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum ObjectId {
    Schema(String),
    Extension(String),
    Type(QualifiedName),
    Sequence(QualifiedName),
    Table(QualifiedName),
    /// A routine with the types of its inputs, as `format_type` prints them.
    Routine(QualifiedName, Vec<String>),
    View(QualifiedName),
    MaterializedView(QualifiedName),
    /// An index with the relation it is on.
    Index(QualifiedName, QualifiedName),
    /// A column of a relation.
    Column(QualifiedName, String),
    /// A constraint of a relation.
    Constraint(QualifiedName, String),
    /// A trigger of a relation.
    Trigger(QualifiedName, String),
    /// A collation.
    Collation(QualifiedName),
}

/// The statement that made an object, as it stands now (`CREATE OR REPLACE` moves it).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The statement in it.
    pub span: Span,
    /// What kind of file it is.
    pub origin: Origin,
}

/// Who wrote a statement. Only objects of generated migrations and of definitions are kept by viewkeeper; what
/// hand-written migrations made stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A migration that a person wrote.
    HandWritten,
    /// A migration whose first line says that viewkeeper wrote it.
    Generated,
    /// A definition file.
    Definition,
}

impl Provenance {
    /// The statement as its author wrote it, without the semicolon.
    pub fn text(&self) -> &str {
        &self.file.text[self.span.start..self.span.end]
    }
}

/// The text of a routine of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutineSource {
    /// What made it.
    pub provenance: Provenance,
    /// The body of an SQL-language routine, when it is one.
    pub sql_body: Option<String>,
    /// `SET search_path` on the routine.
    pub search_path: Option<Vec<String>>,
}

/// Whom a privilege is given to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Grantee {
    Public,
    Role(String),
}

/// One privilege on an object or on one of its columns.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Privilege {
    /// To whom.
    pub grantee: Grantee,
    /// `SELECT`, `INSERT`, …, upper case; `ALL` is spelled out.
    pub privilege: String,
    /// For a privilege on one column.
    pub column: Option<String>,
}

/// Comments, privileges and owners of the objects of a state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attachments {
    /// `COMMENT ON`: columns under [`ObjectId::Column`].
    pub comments: BTreeMap<ObjectId, String>,
    /// `GRANT`, beyond what the owner has by default; the value is "with grant option".
    pub privileges: BTreeMap<ObjectId, BTreeMap<Privilege, bool>>,
    /// Privileges taken away that an object has by default (the owner's, `PUBLIC`'s).
    pub revoked: BTreeMap<ObjectId, BTreeSet<Privilege>>,
    /// `ALTER … OWNER TO`.
    pub owners: BTreeMap<ObjectId, String>,
    /// The part of `privileges` that hand-written migrations gave: definitions need not repeat it.
    pub given_by_hand: BTreeMap<ObjectId, BTreeMap<Privilege, bool>>,
}
