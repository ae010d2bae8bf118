//! What made an object, and what a privilege is.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::analysis::Dependency;
use crate::source::{SourceFile, Span};

/// The statement that made an object, as it stands now (`CREATE OR REPLACE` moves it).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The file.
    #[serde(with = "crate::state_file::shared")]
    pub file: Arc<SourceFile>,
    /// The statement in it.
    pub span: Span,
    /// What kind of file it is.
    pub origin: Origin,
}

/// Who wrote a statement. Only objects of generated migrations and of definitions are kept by viewkeeper; what
/// hand-written migrations made stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutineSource {
    /// What made it.
    pub provenance: Provenance,
    /// The statement that made it, in canonical form: options in one order, the name left out.
    pub canonical: String,
    /// Later `ALTER FUNCTION … <this>`, in canonical form.
    pub altered: Vec<String>,
    /// The search path at its creation.
    pub creation_path: Vec<String>,
    /// The body of an SQL-language routine, when it is one.
    pub sql_body: Option<String>,
    /// `SET search_path` on the routine.
    pub search_path: Option<Vec<String>>,
    /// Whether it runs with the rights of its owner.
    pub security_definer: bool,
    /// What it uses: in default values, in a body that PostgreSQL keeps parsed, in an aggregate.
    pub dependencies: BTreeSet<Dependency>,
    /// What PostgreSQL looks at when the routine is made, and forgets: the names in a body that it keeps as a string.
    pub needed_at_creation: BTreeSet<Dependency>,
}

/// Whom a privilege is given to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Grantee {
    Public,
    Role(String),
}

/// One privilege on an object or on one of its columns.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Privilege {
    /// To whom.
    pub grantee: Grantee,
    /// `SELECT`, `INSERT`, …, upper case; `ALL` is spelled out.
    pub privilege: String,
    /// For a privilege on one column.
    pub column: Option<String>,
}

impl Privilege {
    /// Whether this one on the whole is also the other one on a column.
    pub fn covers(&self, other: &Self) -> bool {
        self.column.is_none()
            && other.column.is_some()
            && other.grantee == self.grantee
            && other.privilege == self.privilege
    }
}
