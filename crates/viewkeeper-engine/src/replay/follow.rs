//! What follows a rename: the texts of views, policies, triggers and rules. PostgreSQL keeps what a view uses by number and prints the new name; here
//! the text is kept, so the name is changed where it stands, as far as the text then means the same. A text that would not
//! stays as it was written: the next comparison with its definition finds it.

mod bodies;
mod parts;
mod place;
mod policies;
mod same;
mod values;

use std::sync::Arc;

use place::{Text, text_of};
use same::same;

use super::address::Address;
use super::declare::analyse_again;
use super::session::{Outcome, Session};
use super::walk::{Place, PlaceKind};
use crate::catalog::{Oid, Relation, View};
use crate::name::{quote_ident, quote_literal};
use crate::parser;
use crate::source::{Edit, Span, edited};
use crate::stars;

/// What gets another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Followed {
    Schema(Oid),
    Relation(Oid),
    Column(Oid, i16),
    Type(Oid),
    Routine(Oid),
    /// A value of an enum: the old and the new one.
    Value(Oid, String, String),
}

impl Session<'_> {
    /// Renames something, and lets the texts that say its name follow.
    pub(super) fn followed(&mut self, what: Option<&Followed>, rename: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        let Some(what) = what else { return rename(self) };
        let before = self.name_of(what);
        let texts = before.as_ref().map_or_else(Vec::new, |(_, name)| self.texts(what, name));
        let clauses = before.as_ref().map_or_else(Vec::new, |(_, name)| self.policy_clauses(name));
        let parts = self.parts_that_say(what);
        let said = before.as_ref().filter(|_| !matches!(what, Followed::Value(..)));
        let bodies = said.map_or_else(Vec::new, |(_, name)| self.bodies_that_say(name));
        rename(self)?;
        let (Some(before), Some(after)) = (before, self.name_of(what)) else { return Ok(()) };
        match what {
            Followed::Column(table, _) => {
                self.follow_in_indexes(*table, &before.1, &after.1);
                self.follow_in_statistics(*table, &before.1, &after.1);
                self.follow_in_checks(*table, &before.1, &after.1);
            }
            Followed::Routine(function) => {
                self.follow_in_triggers(*function, &before, &after);
                self.follow_in_expressions(what, &before, &after);
            }
            Followed::Type(_) => self.follow_in_expressions(what, &before, &after),
            Followed::Value(..) => self.let_parts_say(parts),
            _ => {}
        }
        for clause in &clauses {
            self.follow_in_policy(what, &before, &after, clause);
        }
        for body in &bodies {
            self.follow_in_body(what, &before, &after, body);
        }
        for text in texts {
            let edits = self.attempts(what, &before, &after, &text);
            let view = edits.into_iter().find_map(|edits| self.rewritten(what, &text, edits));
            if let Some(view) = view {
                self.catalog.update_relation(text.oid, |row| row.view = Some(view));
            }
        }
        Ok(())
    }

    /// The schema and the name that something has now.
    fn name_of(&self, what: &Followed) -> Option<(String, String)> {
        let catalog = &self.catalog;
        let (schema, name) = match what {
            Followed::Schema(oid) => (Oid::INVALID, catalog.schema_name(*oid)?.to_owned()),
            Followed::Relation(oid) => catalog.relation(*oid).map(|row| (row.schema, row.name.clone()))?,
            Followed::Column(oid, number) => {
                let row = catalog.relation(*oid)?;
                (row.schema, row.attribute(*number)?.name.clone())
            }
            Followed::Type(oid) => catalog.type_(*oid).map(|row| (row.schema, row.name.clone()))?,
            Followed::Routine(oid) => catalog.routine(*oid).map(|row| (row.schema, row.name.clone()))?,
            Followed::Value(oid, old, new) => {
                let row = catalog.types.get(oid)?;
                let name = if row.labels.contains(old) { old } else { new };
                (row.schema, name.clone())
            }
        };
        Some((catalog.schema_name(schema).unwrap_or_default().to_owned(), name))
    }

    /// The texts that may say a name.
    fn texts(&self, what: &Followed, name: &str) -> Vec<Text> {
        let small = name.to_lowercase();
        // As it stands in quotes.
        let doubled = [small.replace('"', "\"\""), small.replace('\'', "''")];
        let own = |row: &Relation| matches!(what, Followed::Column(oid, _) if *oid == row.oid);
        let rows = self.catalog.relations.values().filter(|row| {
            let text = row.view.as_ref().filter(|view| view.tree.is_some()).map(|view| view.query_text.to_lowercase());
            // A `*` says the names of columns too, and an entry without a name is called what it is.
            text.is_some_and(|text| {
                text.contains(&small)
                    || doubled.iter().any(|name| text.contains(name))
                    || text.contains('*')
                    || own(row)
            })
        });
        rows.filter_map(|row| text_of(&self.catalog, row)).collect()
    }

    /// Ways to write the new name, the best first.
    fn attempts(
        &self,
        what: &Followed,
        before: &(String, String),
        after: &(String, String),
        text: &Text,
    ) -> Vec<Vec<Edit>> {
        let is_unqualified = |parts: &[String]| parts.len() == 1;
        let (old, new) = (&before.1, quote_ident(&after.1).into_owned());
        let qualified = format!("{}.{new}", quote_ident(&after.0));
        // Without a schema the new name has to be found where the old one was.
        let is_visible = before.0 == after.0;
        let named = |place: &Place, parts: &[String]| match parts {
            [name] => name == old && place.start < text.text.len(),
            [schema, name] => schema == &before.0 && name == old,
            _ => false,
        };
        let replaced = |place: &Place, parts: usize| -> Option<Edit> {
            let span = text.name_at(place.start, parts)?;
            let bare = parts == 1 && is_visible;
            Some((span, if bare { new.clone() } else { qualified.clone() }))
        };
        match what {
            Followed::Schema(_) => {
                let begins = |place: &&Place| {
                    let long = match place.kind {
                        PlaceKind::Relation | PlaceKind::Function | PlaceKind::Type => place.parts.len() == 2,
                        PlaceKind::Column => place.parts.len() > 1,
                        _ => false,
                    };
                    long && place.parts.first() == Some(old)
                };
                let edit = |place: &Place| Some((text.name_at(place.start, 1)?, new.clone()));
                vec![text.places.iter().filter(begins).filter_map(edit).collect()]
            }
            Followed::Relation(oid) => {
                let stands = text.relation_places(*oid);
                let relations: Vec<&Place> = text
                    .places
                    .iter()
                    .filter(|place| place.kind == PlaceKind::Relation && stands.contains(&place.start))
                    .collect();
                let types =
                    text.places.iter().filter(|place| place.kind == PlaceKind::Type && named(place, &place.parts));
                let names: Vec<Edit> = relations
                    .iter()
                    .filter_map(|place| replaced(place, place.parts.len()))
                    .chain(types.filter_map(|place| replaced(place, place.parts.len())))
                    .collect();
                if relations.iter().all(|place| place.named) || before.1 == after.1 && is_visible {
                    return vec![names];
                }
                // `old.column`, `old.*`, `schema.old.column`.
                let (mut qualifiers, mut precise): (Vec<Edit>, Vec<Edit>) = (Vec::new(), Vec::new());
                let meant = text.columns_of(*oid);
                let mut wholes: Vec<Edit> = Vec::new();
                for place in text.places.iter().filter(|place| place.kind == PlaceKind::Column) {
                    let dotted = |parts: usize| text.is_dotted_after(place.start, parts);
                    match place.parts.as_slice() {
                        [schema, name, ..] if schema == &before.0 && name == old && dotted(2) => {
                            qualifiers.extend(text.name_at(place.start, 2).map(|span| (span, qualified.clone())));
                        }
                        [name, ..] if name == old && dotted(1) => {
                            let edit = text.name_at(place.start, 1).map(|span| (span, new.clone()));
                            if meant.contains(&place.start) || place.parts.len() == 1 {
                                precise.extend(edit.clone());
                            }
                            qualifiers.extend(edit);
                        }
                        [name] if name == old => {
                            wholes.extend(text.name_at(place.start, 1).map(|span| (span, new.clone())));
                        }
                        _ => {}
                    }
                }
                let with_alias = relations.iter().filter_map(|place| {
                    let (span, name) = replaced(place, place.parts.len())?;
                    let alias = if place.named { String::new() } else { format!(" AS {}", quote_ident(old)) };
                    Some((span, name + &alias))
                });
                let with_alias = with_alias.collect();
                let precise = [names.clone(), precise].concat();
                let every = [names.clone(), qualifiers].concat();
                let whole = [every.clone(), wholes].concat();
                vec![precise, every, whole, with_alias]
            }
            Followed::Column(oid, number) if *oid == text.oid => text.own_column(*number, old, &new),
            Followed::Column(oid, number) => {
                let stands = text.column_places(*oid, *number);
                let columns = text.places.iter().filter(|place| {
                    place.kind == PlaceKind::Column && place.parts.last() == Some(old) && stands.contains(&place.start)
                });
                let mut edits: Vec<Edit> = Vec::new();
                for place in columns {
                    let parts = place.parts.len();
                    let (Some(whole), Some(before)) =
                        (text.name_at(place.start, parts), text.name_at(place.start, parts.saturating_sub(1)))
                    else {
                        continue;
                    };
                    let Some(last) = text.tokens.iter().find(|span| span.end == whole.end) else { continue };
                    debug_assert!(before.end <= last.end);
                    // An entry without a name keeps the one that it had.
                    let target =
                        |other: &&Place| other.kind == PlaceKind::Target && other.start == place.start && !other.named;
                    let is_whole = text.ends_entry(whole.end);
                    let unnamed = is_whole && text.places.iter().any(|other| target(&other));
                    let alias = if unnamed { format!(" AS {}", quote_ident(old)) } else { String::new() };
                    edits.push((*last, format!("{new}{alias}")));
                }
                let plain: Vec<Edit> = edits.clone();
                vec![Vec::new(), plain, text.with_old_columns(&self.catalog, *oid, *number, old)]
            }
            Followed::Type(_) => {
                let types =
                    text.places.iter().filter(|place| place.kind == PlaceKind::Type && named(place, &place.parts));
                vec![types.filter_map(|place| replaced(place, place.parts.len())).collect()]
            }
            Followed::Routine(oid) => {
                let stands = text.call_places(*oid);
                let calls = text.places.iter().filter(|place| {
                    place.kind == PlaceKind::Function
                        && named(place, &place.parts)
                        && (stands.contains(&place.start) || !is_unqualified(&place.parts))
                });
                let all =
                    text.places.iter().filter(|place| place.kind == PlaceKind::Function && named(place, &place.parts));
                let entry = |place: &Place| {
                    let unnamed =
                        |other: &&Place| other.kind == PlaceKind::Target && other.start == place.start && !other.named;
                    text.places.iter().any(|other| unnamed(&other))
                };
                let edit = |place: &Place| replaced(place, place.parts.len());
                // An entry without a name is called after its function.
                let named_after = |place: &Place| {
                    let end = text.end_of_entry(place.start).filter(|_| entry(place))?;
                    Some((Span::at(end), format!(" AS {}", quote_ident(old))))
                };
                let precise: Vec<Edit> = calls.clone().filter_map(edit).chain(calls.filter_map(named_after)).collect();
                let every: Vec<Edit> = all.clone().filter_map(edit).chain(all.filter_map(named_after)).collect();
                vec![precise, every]
            }
            Followed::Value(type_, old, new) => {
                let stands = text.constant_places(*type_, old);
                let literals = text.places.iter().filter(|place| {
                    place.kind == PlaceKind::Literal
                        && place.parts.first() == Some(old)
                        && stands.contains(&place.start)
                });
                let edit = |place: &Place| Some((text.name_at(place.start, 1)?, quote_literal(new).trim().to_owned()));
                vec![literals.filter_map(edit).collect()]
            }
        }
    }

    /// The view with its text changed, where it means what it meant, and gives the columns that the view has.
    fn rewritten(&self, what: &Followed, text: &Text, edits: Vec<Edit>) -> Option<View> {
        let written = edited(&text.text, edits)?;
        let row = self.catalog.relation(text.oid)?;
        let names: Vec<&String> = row.live_columns().map(|(_, column)| &column.name).collect();
        let mut aliases = text.aliases.clone();
        for (alias, name) in aliases.iter_mut().zip(&names) {
            alias.clone_from(name);
        }
        let mut candidate = row.clone();
        let view = candidate.view.as_mut()?;
        (view.query_text, view.column_aliases, view.stars) = (written.as_str().into(), aliases, Vec::new());
        let (analysis, tree) = analyse_again(&self.catalog, &candidate).ok()?;
        if !analysis.columns.iter().map(|column| &column.name).eq(names) || !same(what, &text.tree, &tree) {
            return None;
        }
        let node = parser::written_statement(&written, self.catalog.version)?;
        let mut view = candidate.view?;
        view.canonical_query = parser::canonical(&node).ok()?.into();
        let found = stars::of_text(&self.catalog, &written, &view.column_aliases, &view.search_path);
        view.stars = found.unwrap_or_default();
        view.followed |= written != text.text;
        (view.analysis, view.tree) = (Arc::new(analysis), Some(Arc::new(tree)));
        Some(view)
    }

    /// What a statement renames, as far as texts say its name.
    pub(super) fn followed_by(&self, address: Option<Address>) -> Option<Followed> {
        Some(match address? {
            Address::Schema(oid) => Followed::Schema(oid),
            Address::Relation(oid) => Followed::Relation(oid),
            Address::Column(oid, number) => Followed::Column(oid, number),
            Address::Type(oid) => Followed::Type(oid),
            Address::Routine(oid) => Followed::Routine(oid),
            _ => return None,
        })
    }
}
