//! When names last came to mean something else, kept by the methods of `change.rs`: what was found out about a text before
//! still holds while none of its names changed since. Over-cautious: a name counts wherever it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::{Catalog, Collation, Column, Oid, Operator, Relation, Routine, Schema, Subscripting, Type, TypeKind, View};
use crate::name::truncate_identifier;

/// A point in the making of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub(crate) struct Moment(u32);

/// When names last came to mean something else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Meanings {
    now: Moment,
    /// By name, in lower case.
    names: BTreeMap<String, Moment>,
    /// What needs no name to be meant: operators, casts, the types of columns.
    everything: Moment,
    /// The last of the moments when a relation changed whose rows are the type of something, once it was asked for.
    #[serde(skip)]
    rows_changed: OnceLock<Moment>,
    /// When each view was made of its text.
    made: BTreeMap<Oid, Moment>,
}

/// What a change of a row changes the meaning of.
pub(super) enum Reach {
    Nothing,
    Name,
    Everything,
}

/// Rows that queries mean by name.
pub(super) trait Meaning {
    /// How far it reaches that the row is new.
    fn appears(&self) -> Reach {
        Reach::Name
    }
    fn disappears(&self) -> Reach {
        Reach::Name
    }
    /// The two are of one number.
    fn changes(&self, from: &Self) -> Reach;
}

impl Meaning for Relation {
    fn changes(&self, from: &Self) -> Reach {
        if self.means_the_same(from) { Reach::Nothing } else { Reach::Name }
    }
}

impl Meaning for Routine {
    fn changes(&self, from: &Self) -> Reach {
        if self.means_the_same(from) { Reach::Nothing } else { Reach::Everything }
    }
}

impl Meaning for Type {
    /// A range is found by what it ranges over.
    fn appears(&self) -> Reach {
        if self.range.is_some() { Reach::Everything } else { Reach::Name }
    }

    fn disappears(&self) -> Reach {
        if self.comes_with_relation() { Reach::Name } else { Reach::Everything }
    }

    fn changes(&self, from: &Self) -> Reach {
        match (self.means_the_same(from), self.comes_with_relation()) {
            (true, _) => Reach::Nothing,
            (false, true) => Reach::Name,
            (false, false) => Reach::Everything,
        }
    }
}

macro_rules! means_everything {
    ($row:ident) => {
        impl Meaning for $row {
            fn appears(&self) -> Reach {
                Reach::Everything
            }

            fn disappears(&self) -> Reach {
                Reach::Everything
            }

            fn changes(&self, from: &Self) -> Reach {
                if self == from { Reach::Nothing } else { Reach::Everything }
            }
        }
    };
}

means_everything!(Operator);
means_everything!(Collation);

impl Meaning for Schema {
    fn changes(&self, from: &Self) -> Reach {
        if self.name == from.name { Reach::Nothing } else { Reach::Name }
    }
}

impl Relation {
    /// Whether a query that reads it is analysed as one that reads the other.
    pub(crate) fn means_the_same(&self, other: &Self) -> bool {
        let columns = |row: &Self| -> Vec<_> {
            let of =
                |column: &Column| (column.name.clone(), column.type_, column.typmod, column.collation, column.dropped);
            row.columns.iter().map(of).collect()
        };
        (self.oid, self.schema, &self.name, self.kind, self.persistence, self.row_type)
            == (other.oid, other.schema, &other.name, other.kind, other.persistence, other.row_type)
            && self.parents == other.parents
            && self.constraints == other.constraints
            && (self.columns == other.columns || columns(self) == columns(other))
    }
}

impl Routine {
    /// Whether a call of it is analysed as one of the other. What its body says is not looked at.
    pub(crate) fn means_the_same(&self, other: &Self) -> bool {
        let signature = |row: &Self| Self { source: None, ..row.clone() };
        self == other || signature(self) == signature(other)
    }
}

impl Type {
    /// Whether a value of it is analysed as one of the other.
    pub(crate) fn means_the_same(&self, other: &Self) -> bool {
        let meaning = |row: &Self| Self { source: None, ..row.clone() };
        self == other || meaning(self) == meaning(other)
    }

    /// The row type of a table or view, and types of arrays: they follow what they are made of.
    fn comes_with_relation(&self) -> bool {
        self.kind == TypeKind::Composite && self.source.is_none()
            || self.element.is_valid() && self.subscripting == Subscripting::Array
    }
}

impl Meanings {
    pub(super) fn change(&mut self, name: &str, reach: &Reach) {
        match reach {
            Reach::Nothing => return,
            Reach::Name => {
                self.now.0 += 1;
                self.names.insert(name.to_ascii_lowercase(), self.now);
            }
            Reach::Everything => {
                self.now.0 += 1;
                self.everything = self.now;
            }
        }
        self.rows_changed.take();
    }
}

impl Catalog {
    /// Notes that a view was just made of its text.
    pub(crate) fn made_of_text(&mut self, view: Oid) {
        let meanings = Arc::make_mut(&mut self.meanings);
        meanings.made.insert(view, meanings.now);
    }

    /// Forgets which views were made of their text: a definition then analyses its query whatever was known before, for
    /// proof that it comes to the same.
    pub fn forget_what_was_analysed(&mut self) {
        Arc::make_mut(&mut self.meanings).made.clear();
    }

    /// When a view was made of its text.
    pub(crate) fn was_made_of_text(&self, view: Oid) -> Option<Moment> {
        self.meanings.made.get(&view).copied()
    }

    /// When a name, in lower case, last came to mean something else.
    pub(crate) fn meaning_changed(&self, word: &str) -> Moment {
        self.meanings.names.get(word).copied().unwrap_or_default()
    }

    /// When what needs no name last came to mean something else: the columns of a relation too, where its rows are the type
    /// of columns, parameters or results.
    pub(crate) fn everything_changed(&self) -> Moment {
        let of_rows =
            || self.relations_used_as_types().map(|row| self.meaning_changed(&row.name.to_ascii_lowercase())).max();
        let rows_changed = self.meanings.rows_changed.get_or_init(|| of_rows().unwrap_or_default());
        self.meanings.everything.max(*rows_changed)
    }

    /// Whether a view of this state was made of its text, and nothing in it came to mean something else since.
    pub(crate) fn still_means_its_text(&self, relation: &Relation, view: &View) -> bool {
        let is_own = self.relation(relation.oid).is_some_and(|own| std::ptr::eq(own, relation));
        let Some(made) = self.was_made_of_text(relation.oid).filter(|_| is_own && !view.followed) else { return false };
        self.everything_changed() <= made
            && words(&view.query_text).is_some_and(|words| words.iter().all(|word| self.meaning_changed(word) <= made))
    }

    /// Relations whose rows, or arrays of them, are the type of columns, parameters or results.
    pub(crate) fn relations_used_as_types(&self) -> impl Iterator<Item = &Relation> {
        let mut used: BTreeSet<Oid> = self
            .relations
            .values()
            .flat_map(|row| row.columns.iter().map(|column| column.type_))
            .chain(self.routines.values().flat_map(|row| {
                row.inputs.iter().copied().chain(row.parameters.iter().map(|one| one.type_)).chain([row.result])
            }))
            .collect();
        // Arrays, domains and ranges are used with what they are made of.
        let mut known = 0;
        while known < used.len() {
            known = used.len();
            for row in
                self.types.values().filter(|row| row.element.is_valid() || row.base.is_valid() || row.range.is_some())
            {
                if used.contains(&row.oid) {
                    used.extend([row.element, row.base].into_iter().chain(row.range.map(|range| range.subtype)));
                }
            }
        }
        self.relations.values().map(AsRef::as_ref).filter(move |row| used.contains(&row.row_type))
    }
}

/// The words of a text that may be names, in lower case: those of strings and comments too. `None` where names may stand in
/// it in another form.
pub(crate) fn words(text: &str) -> Option<Vec<String>> {
    let lower = text.to_ascii_lowercase();
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii();
    let mut words = Vec::new();
    for word in lower.split(|c| !part(c)).filter(|word| !word.is_empty()) {
        // The values of `regclass` and its kin are names, and may be put together.
        if word.starts_with("reg") {
            return None;
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            // Older scanners read `1union` as two words.
            let letters = word.char_indices().filter(|(_, c)| !c.is_ascii_digit());
            words.extend(letters.map(|(at, _)| truncate_identifier(&word[at..]).to_owned()));
        } else {
            words.push(truncate_identifier(word).to_owned());
        }
    }
    // Names with signs that are written otherwise than they are.
    if lower.contains("u&") || lower.contains("\"\"") {
        return None;
    }
    if lower.contains('"') {
        words.extend(lower.split('"').map(|part| truncate_identifier(part).to_owned()));
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn names_are_among_the_words_however_they_are_written() {
        let found = |text: &str| words(text).unwrap_or_default();
        assert!(found("SELECT Users.ID FROM a.Users").contains(&"users".to_owned()));
        assert!(found("SELECT * FROM \"My Table\"").contains(&"my table".to_owned()));
        assert!(found("SELECT 'a' /* b */").contains(&"b".to_owned()));
        assert!(found(&format!("SELECT * FROM {}", "x".repeat(70))).contains(&"x".repeat(63)));
        assert_eq!(words("SELECT * FROM U&\"\\0061\""), None);
        assert_eq!(words("SELECT * FROM \"say \"\"hi\"\"\""), None);
        assert_eq!(words("SELECT 'users'::regclass"), None);
        assert!(found("SELECT 1union SELECT 2").contains(&"union".to_owned()));
    }
}
