//! What a step risks, each with a word and a sentence. Which steps risk what is said where the steps are made.

use std::fmt;

use crate::name::QualifiedName;

/// One thing that a step risks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hazard {
    /// Which kind.
    pub kind: HazardKind,
    /// What exactly: one sentence, lower case, without a full stop.
    pub sentence: String,
    /// The relation whose rows it is about, until the sentence says what they are called.
    pub relation: Option<QualifiedName>,
}

impl Hazard {
    /// A hazard from its parts.
    pub fn new(kind: HazardKind, sentence: impl Into<String>) -> Self {
        Self { kind, sentence: sentence.into(), relation: None }
    }

    /// A hazard for who reads rows of a relation.
    pub fn of(relation: &QualifiedName, kind: HazardKind, sentence: impl Into<String>) -> Self {
        Self { relation: Some(relation.clone()), ..Self::new(kind, sentence) }
    }
}

impl fmt::Display for Hazard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.word(), self.sentence)
    }
}

/// Kinds of hazards, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HazardKind {
    /// Data is gone and no rollback brings it back.
    LosesData,
    /// Code that reads a relation as it was fails, or decodes other values.
    BreaksCode,
    /// Somebody may see rows that were kept from them.
    WidensAccess,
    /// Readers and writers wait.
    ExclusiveLock,
    /// Stored rows are written anew.
    RebuildsData,
    /// A failure in the middle leaves a part done.
    NotTransactional,
}

impl HazardKind {
    /// Every kind, worst first.
    pub const ALL: [Self; 6] = [
        Self::LosesData,
        Self::BreaksCode,
        Self::WidensAccess,
        Self::ExclusiveLock,
        Self::RebuildsData,
        Self::NotTransactional,
    ];

    /// The word for it in files, messages and flags.
    pub fn word(self) -> &'static str {
        match self {
            Self::LosesData => "loses-data",
            Self::BreaksCode => "breaks-code",
            Self::WidensAccess => "widens-access",
            Self::ExclusiveLock => "exclusive-lock",
            Self::RebuildsData => "rebuilds-data",
            Self::NotTransactional => "not-transactional",
        }
    }

    /// The kind with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}
