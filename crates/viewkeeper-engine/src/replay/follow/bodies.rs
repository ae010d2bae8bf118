//! Triggers and rules follow a rename: PostgreSQL keeps their conditions, columns and actions parsed, and a text that says the
//! old name could not make them again. A text that would not mean the same stays as it was written.

use std::collections::BTreeSet;

use super::Followed;
use super::place::ENDS;
use crate::analysis::Dependency;
use crate::catalog::{AttachedKind, Oid, PartSource, ServerVersion};
use crate::name::quote_ident;
use crate::parser::{self, NodeEnum};
use crate::replay::session::Session;
use crate::replay::walk::{Place, PlaceKind, places};
use crate::source::{Edit, Span, edited};

/// A trigger or rule that may say a name, and what its text uses.
pub(super) struct Body {
    owner: Oid,
    kind: AttachedKind,
    name: String,
    meant: BTreeSet<Dependency>,
}

/// Which names in a text are taken for the one that is changed.
#[derive(Clone, Copy)]
enum Attempt {
    /// Columns of `OLD` and `NEW`, and all other names.
    Rows,
    /// Columns of that name, of whatever relation, and names of relations before columns.
    All,
}

impl Session<'_> {
    /// The triggers and rules that may say a name.
    pub(super) fn bodies_that_say(&mut self, name: &str) -> Vec<Body> {
        let small = name.to_lowercase();
        let doubled = small.replace('"', "\"\"");
        let mut found = Vec::new();
        for (owner, rows) in &self.catalog.attached {
            for row in rows.iter().filter(|row| matches!(row.kind, AttachedKind::Trigger | AttachedKind::Rule)) {
                let Some(source) = &row.source else { continue };
                let text = source.text.to_lowercase();
                if text.contains(&small) || text.contains(&doubled) {
                    found.push((*owner, row.kind, row.name.clone(), source.clone()));
                }
            }
        }
        let body = |(owner, kind, name, source): (Oid, AttachedKind, String, PartSource)| {
            let meant = self.meant_by(owner, &source)?;
            Some(Body { owner, kind, name, meant })
        };
        found.into_iter().filter_map(body).collect()
    }

    /// Writes the new name into a trigger or rule, where it then means what it meant.
    pub(super) fn follow_in_body(
        &mut self,
        what: &Followed,
        before: &(String, String),
        after: &(String, String),
        body: &Body,
    ) {
        let rows = self.catalog.attached.get(&body.owner).into_iter().flatten();
        let mut rows = rows.filter(|row| row.kind == body.kind && row.name == body.name);
        let Some(mut row) = rows.next().map(|row| (**row).clone()) else { return };
        let Some(source) = row.source.clone() else { return };
        if self.meant_by(body.owner, &source).as_ref() == Some(&body.meant) {
            return;
        }
        let renamed = Renamed { what, before, after, owner: body.owner, version: self.catalog.version };
        for attempt in [Attempt::Rows, Attempt::All] {
            let Some(text) = renamed.write(&source.text, attempt) else { continue };
            let followed = PartSource { text, ..source.clone() };
            if self.meant_by(body.owner, &followed).as_ref() != Some(&body.meant) {
                continue;
            }
            let written = renamed.write(&row.canonical, attempt);
            let node = written.as_deref().and_then(parser::statement_in);
            if let Some(canonical) = node.and_then(|node| parser::canonical(&node).ok()) {
                (row.canonical, row.source) = (canonical, Some(followed));
                self.attach(body.owner, row);
            }
            return;
        }
    }

    /// What the text of a trigger or rule uses.
    fn meant_by(&mut self, owner: Oid, source: &PartSource) -> Option<BTreeSet<Dependency>> {
        let node = parser::written_statement(&source.text, self.catalog.version)?;
        self.with_search_path(source.search_path.clone(), |session| match &node {
            NodeEnum::CreateTrigStmt(statement) => session.trigger_dependencies(owner, statement).ok(),
            NodeEnum::RuleStmt(statement) => session.rule_dependencies(owner, statement).ok(),
            _ => None,
        })
    }
}

/// A rename, for the texts of what belongs to a relation.
struct Renamed<'r> {
    what: &'r Followed,
    before: &'r (String, String),
    after: &'r (String, String),
    owner: Oid,
    version: ServerVersion,
}

impl Renamed<'_> {
    /// A text with the new name; `None` where nothing of it is taken for the old one.
    fn write(&self, text: &str, attempt: Attempt) -> Option<String> {
        let node = parser::written_statement(text, self.version)?;
        let tokens = parser::token_spans(text);
        let said = Said { text, tokens, places: places(&node) };
        let edits = match self.what {
            Followed::Column(relation, _) => self.columns(&said, &node, *relation == self.owner, attempt)?,
            Followed::Schema(_) => self.schemas(&said),
            Followed::Relation(_) => self.names(&said, &node, PlaceKind::Relation, attempt)?,
            Followed::Type(_) => self.names(&said, &node, PlaceKind::Type, attempt)?,
            Followed::Routine(_) => self.names(&said, &node, PlaceKind::Function, attempt)?,
            Followed::Value(..) => Vec::new(),
        };
        if edits.is_empty() { None } else { edited(text, edits) }
    }

    fn columns(&self, said: &Said<'_>, node: &NodeEnum, own: bool, attempt: Attempt) -> Option<Vec<Edit>> {
        let (old, new) = (&self.before.1, quote_ident(&self.after.1).into_owned());
        let mut edits: Vec<Edit> = Vec::new();
        for place in &said.places {
            let part = match (place.kind, place.parts.as_slice(), attempt) {
                (PlaceKind::Column, [row, name, ..], _) if matches!(&**row, "old" | "new") => {
                    if !own || name != old {
                        continue;
                    }
                    1
                }
                (PlaceKind::Column, [.., name], Attempt::All) if name == old => place.parts.len() - 1,
                // `INSERT INTO t (name)`, `UPDATE t SET name = …`
                (PlaceKind::Target, _, Attempt::All) if said.is_name(place.start, old) => 0,
                _ => continue,
            };
            let Some(span) = said.part_of(place, part) else { continue };
            let alias = match said.entry(place, span) {
                Entry::Named => String::new(),
                // It keeps the name that it had.
                Entry::Whole => format!(" AS {}", quote_ident(old)),
                Entry::Cast => return None,
            };
            edits.push((span, format!("{new}{alias}")));
        }
        if let (NodeEnum::CreateTrigStmt(_), true) = (node, own) {
            let columns = said.columns_of_update().into_iter().filter(|span| said.is_name(span.start, old));
            edits.extend(columns.map(|span| (span, new.clone())));
        }
        Some(edits)
    }

    fn names(&self, said: &Said<'_>, node: &NodeEnum, kind: PlaceKind, attempt: Attempt) -> Option<Vec<Edit>> {
        // What it belongs to is written with the name that it has.
        let own = match node {
            NodeEnum::RuleStmt(rule) => rule.relation.as_ref().map(|relation| relation.location),
            _ => None,
        };
        let is_own = |place: &Place| own.is_some_and(|location| location == place.start as i32);
        let (old, new) = (&self.before.1, quote_ident(&self.after.1).into_owned());
        let qualified = format!("{}.{new}", quote_ident(&self.after.0));
        let mut edits = Vec::new();
        for place in said.places.iter().filter(|place| !is_own(place)) {
            let qualifies = kind == PlaceKind::Relation && matches!(attempt, Attempt::All);
            // An entry of a list without a name is called after its function.
            if kind == PlaceKind::Function
                && place.kind == kind
                && place.parts.last() == Some(old)
                && said.is_unnamed(place)
            {
                return None;
            }
            match place.parts.as_slice() {
                [name] if place.kind == kind && name == old => {
                    let name = if self.before.0 == self.after.0 { &new } else { &qualified };
                    edits.extend(said.part_of(place, 0).map(|span| (span, name.clone())));
                }
                [schema, name] if place.kind == kind && name == old && *schema == self.before.0 => {
                    let span = said.part_of(place, 0).zip(said.part_of(place, 1));
                    edits.extend(span.map(|(first, last)| (Span::new(first.start, last.end), qualified.clone())));
                }
                [name, _, ..] if place.kind == PlaceKind::Column && qualifies && name == old => {
                    edits.extend(said.part_of(place, 0).map(|span| (span, new.clone())));
                }
                _ => {}
            }
        }
        Some(edits)
    }

    fn schemas(&self, said: &Said<'_>) -> Vec<Edit> {
        let (old, new) = (&self.before.1, quote_ident(&self.after.1).into_owned());
        let least = |place: &Place| if place.kind == PlaceKind::Column { 3 } else { 2 };
        let named =
            said.places.iter().filter(|place| place.parts.len() >= least(place) && place.parts.first() == Some(old));
        named.filter_map(|place| Some((said.part_of(place, 0)?, new.clone()))).collect()
    }
}

/// How an entry of a list begins that says a column.
enum Entry {
    /// It has a name that does not come from the column.
    Named,
    /// It is the column.
    Whole,
    /// It is the column with a cast, and called after it.
    Cast,
}

/// A text with its names.
struct Said<'t> {
    text: &'t str,
    tokens: Vec<Span>,
    places: Vec<Place>,
}

impl Said<'_> {
    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).and_then(|span| self.text.get(span.start..span.end)).unwrap_or("")
    }

    /// A part of a dotted name.
    fn part_of(&self, place: &Place, part: usize) -> Option<Span> {
        let first = self.tokens.iter().position(|span| span.start == place.start)?;
        let dots = (0..part).all(|part| self.word(first + 2 * part + 1) == ".");
        self.tokens.get(first + 2 * part).copied().filter(|_| dots)
    }

    /// Whether an entry of a list begins at a place that is called after what it is.
    fn is_unnamed(&self, place: &Place) -> bool {
        let begins = |other: &&Place| other.kind == PlaceKind::Target && other.start == place.start && !other.named;
        place.kind != PlaceKind::Target && self.places.iter().any(|other| begins(&other))
    }

    /// What the name of an entry has to do with the column that it begins with (`FigureColname` in parse_target.c).
    fn entry(&self, place: &Place, column: Span) -> Entry {
        if !self.is_unnamed(place) {
            return Entry::Named;
        }
        let next = self.tokens.iter().position(|span| span.start >= column.end);
        let word = next.map_or("", |at| self.word(at));
        match word {
            "" | "," | ")" | ";" => Entry::Whole,
            "::" => Entry::Cast,
            word if ENDS.iter().any(|end| word.eq_ignore_ascii_case(end)) => Entry::Whole,
            _ => Entry::Named,
        }
    }

    /// Whether the word that begins at a place is a name.
    fn is_name(&self, start: usize, name: &str) -> bool {
        let Some(at) = self.tokens.iter().position(|span| span.start == start) else { return false };
        match self.word(at).strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
            Some(quoted) => quoted.replace("\"\"", "\"") == name,
            None => self.word(at).to_lowercase() == name,
        }
    }

    /// The columns behind `UPDATE OF`.
    fn columns_of_update(&self) -> Vec<Span> {
        let is = |at: usize, word: &str| self.word(at).eq_ignore_ascii_case(word);
        let Some(of) = (1..self.tokens.len()).find(|at| is(*at, "OF") && is(at - 1, "UPDATE")) else {
            return Vec::new();
        };
        let mut columns = Vec::new();
        let mut at = of + 1;
        while let Some(span) = self.tokens.get(at) {
            columns.push(*span);
            if self.word(at + 1) != "," {
                break;
            }
            at += 2;
        }
        columns
    }
}
