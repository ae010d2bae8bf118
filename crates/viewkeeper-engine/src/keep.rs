//! What hangs on a relation that is dropped and created again, kept and restored in plain SQL (rule 6 of the design):
//! owner, privileges, comments, defaults, triggers, rules, and a materialized view's indexes, statistics and storage,
//! also where no migration gave them. The blocks know only names; what there is to keep, the database says itself.
//!
//! The database describes what hangs on the relations as facts, each with the statement that makes it (`facts.sql`).
//! Routines and types have facts of their own, and so have triggers, rules, policies, statistics and event triggers that are made anew
//! while what they are on stays; the two blocks are the same.
//!
//! `keep` stores them in a setting that ends with the transaction, since a temporary table needs a privilege;
//! `restore` asks for the facts again and executes the statements of those that are missing.

use crate::catalog::{NameKey, ObjectId};
use crate::name::{QualifiedName, quote_literal};
use crate::object::{Statement, relation_name};

const FACTS: &str = include_str!("keep/facts.sql");
const SUCCESSOR_FACTS: &str = include_str!("keep/successor_facts.sql");
const PRIVILEGE_FACTS: &str = include_str!("keep/privilege_facts.sql");
const ROUTINE_FACTS: &str = include_str!("keep/routine_facts.sql");
const TYPE_FACTS: &str = include_str!("keep/type_facts.sql");
const PART_FACTS: &str = include_str!("keep/part_facts.sql");
const KEEP: &str = include_str!("keep/keep.sql");
const RESTORE: &str = include_str!("keep/restore.sql");
const REMEMBER: &str = include_str!("keep/remember.sql");
const VIEW_OPTIONS: &str = include_str!("keep/view_options.sql");
const TRIGGER_STATES: &str = include_str!("keep/trigger_states.sql");
const SET_AGAIN: &str = include_str!("keep/set_again.sql");
const REMEMBER_INDEXES: &str = include_str!("keep/remember_indexes.sql");
const SET_ON_INDEXES: &str = include_str!("keep/set_on_indexes.sql");
const REMEMBER_CONSTRAINTS: &str = include_str!("keep/remember_constraints.sql");
const SAY_OF_CONSTRAINTS: &str = include_str!("keep/say_of_constraints.sql");
const REMEMBER_TABLE_CONSTRAINTS: &str = include_str!("keep/remember_table_constraints.sql");
const SAY_OF_TABLE_CONSTRAINTS: &str = include_str!("keep/say_of_table_constraints.sql");

/// What a block keeps and restores: each kind of things has facts of its own.
struct Things {
    word: &'static str,
    /// What the first line of a block says of them.
    made: &'static str,
    facts: &'static str,
    /// The setting that holds what is kept.
    kept: &'static str,
    /// The setting that holds the facts' query.
    stored_facts: &'static str,
}

/// How the first line of a block says that what it keeps goes to a relation of another kind.
pub(crate) const MADE_AS_ANOTHER_KIND: &str = "created as another kind";

impl Things {
    const fn made_anew(
        word: &'static str,
        facts: &'static str,
        (kept, stored_facts): (&'static str, &'static str),
    ) -> Self {
        Self { word, made: "created anew", facts, kept, stored_facts }
    }
}

const RELATIONS: Things = Things::made_anew("relations", FACTS, ("kept", "facts"));
const SUCCESSORS: Things = Things {
    made: MADE_AS_ANOTHER_KIND,
    ..Things::made_anew("relations", SUCCESSOR_FACTS, ("kept_for_successors", "facts_of_successors"))
};
const ROUTINES: Things = Things::made_anew("routines", ROUTINE_FACTS, ("kept_routines", "facts_of_routines"));
const TYPES: Things = Things::made_anew("types", TYPE_FACTS, ("kept_types", "facts_of_types"));
const PARTS: Things = Things::made_anew("objects", PART_FACTS, ("kept_parts", "facts_of_parts"));
/// They are made after all else, and get back what hung on them then.
const EVENT_TRIGGERS: Things =
    Things::made_anew("event_triggers", PART_FACTS, ("kept_event_triggers", "facts_of_event_triggers"));

/// The SQL to put directly before the drops, after every statement that takes away what shall not come back (a privilege,
/// a comment, an option of a view, an index, the data of a materialized view that becomes unpopulated).
///
/// Relations that do not exist are passed over: a migration may be replayed on an empty database.
pub fn keep(relations: &[QualifiedName]) -> String {
    block(KEEP, &RELATIONS, &relations.iter().map(ToString::to_string).collect::<Vec<_>>())
}

/// The SQL to put after everything is created again (also indexes, triggers and rules) and has its final name, and before
/// the grants: privileges that were neither kept nor granted after this block are default privileges, and are revoked.
///
/// The relations are those of [`keep`], in dependency order.
pub fn restore(relations: &[QualifiedName]) -> String {
    block(RESTORE, &RELATIONS, &relations.iter().map(ToString::to_string).collect::<Vec<_>>())
}

/// [`keep`] for objects of all kinds, and for views and materialized views that become the other kind: one text for each
/// sort of things.
pub fn keep_objects(objects: &[ObjectId], successors: &[ObjectId]) -> Vec<String> {
    blocks(KEEP, objects, successors)
}

/// [`restore`] for the objects of [`keep_objects`].
pub fn restore_objects(objects: &[ObjectId], successors: &[ObjectId]) -> Vec<String> {
    blocks(RESTORE, objects, successors)
}

/// The SQL to put before views and triggers are replaced, after every statement that takes away what shall not come back:
/// `CREATE OR REPLACE VIEW` forgets the options that it does not name (`DefineVirtualRelation` in view.c), and
/// `CREATE OR REPLACE TRIGGER` enables (`CreateTriggerFiringOn` in trigger.c). Nothing where nothing is replaced.
pub fn remember(replaced: &[ObjectId]) -> String {
    set(REMEMBER, replaced)
}

/// The SQL to put after the last one is replaced.
pub fn set_again(replaced: &[ObjectId]) -> String {
    set(SET_AGAIN, replaced)
}

/// The SQL to put before indexes are dropped and made anew while their relation stays, after every statement that takes away
/// what shall not come back. Nothing where none is.
pub fn remember_indexes(remade: &[ObjectId]) -> String {
    of_indexes(REMEMBER_INDEXES, remade)
}

/// The SQL to put after the last one is made.
pub fn set_on_indexes(remade: &[ObjectId]) -> String {
    of_indexes(SET_ON_INDEXES, remade)
}

/// The statements to put before constraints of a domain are dropped and made anew under the same names, and after it.
pub(crate) fn said_of_constraints(domain: &QualifiedName, constraints: &[&str]) -> [String; 2] {
    let names = list(&constraints.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let literal = quote_literal(&domain.to_string()).trim_start().to_owned();
    let tag = free_tag(&format!("{names}{literal}"));
    [REMEMBER_CONSTRAINTS, SAY_OF_CONSTRAINTS].map(|template| {
        let filled = fill(template, |placeholder| match placeholder {
            "domain" => &literal,
            "names" => &names,
            _ => &tag,
        });
        filled.trim_end().to_owned()
    })
}

/// The statements to put before constraints and indexes of tables are dropped and made anew under the same names, and after
/// it; none where there are none.
pub(crate) fn said_of_table_parts(constraints: &[(QualifiedName, &str)], indexes: &[ObjectId]) -> [Vec<Statement>; 2] {
    let statement = |text: String| {
        let text = text.trim_end();
        (!text.is_empty()).then(|| Statement::new(text.strip_suffix(';').unwrap_or(text)))
    };
    let pairs = constraints.iter().map(|(table, name)| {
        let [table, name] =
            [table.to_string(), (*name).to_owned()].map(|name| quote_literal(&name).trim_start().to_owned());
        format!("({table}, {name})")
    });
    let pairs = pairs.collect::<Vec<_>>().join(", ");
    let tag = free_tag(&pairs);
    let of_constraints = |template: &str| match constraints {
        [] => String::new(),
        _ => fill(template, |placeholder| if placeholder == "names" { &pairs } else { &tag }),
    };
    let remember = [of_constraints(REMEMBER_TABLE_CONSTRAINTS), remember_indexes(indexes)];
    let say = [of_constraints(SAY_OF_TABLE_CONSTRAINTS), set_on_indexes(indexes)];
    [remember, say].map(|texts| texts.into_iter().filter_map(statement).collect())
}

fn of_indexes(template: &str, remade: &[ObjectId]) -> String {
    if remade.is_empty() {
        return String::new();
    }
    let names = list(&remade.iter().map(ObjectId::sql_name).collect::<Vec<_>>());
    let tag = free_tag(&names);
    fill(template, |placeholder| if placeholder == "names" { &names } else { &tag })
}

fn set(template: &str, replaced: &[ObjectId]) -> String {
    if replaced.is_empty() {
        return String::new();
    }
    let views: Vec<String> = replaced.iter().filter_map(relation_name).map(ToString::to_string).collect();
    let triggers: Vec<String> = replaced.iter().filter(|id| id.part_of().is_some()).map(ObjectId::sql).collect();
    let facts: Vec<String> = [(VIEW_OPTIONS, views), (TRIGGER_STATES, triggers)]
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(facts, names)| {
            let names = list(&names);
            fill(facts, |_| &names).trim_end().to_owned()
        })
        .collect();
    let facts = facts.join("\n    UNION ALL\n");
    let tag = free_tag(&facts);
    fill(template, |placeholder| if placeholder == "facts" { &facts } else { &tag })
}

/// `'public.a', 'public.b'`
fn list(names: &[String]) -> String {
    names.iter().map(|name| quote_literal(name).trim_start().to_owned()).collect::<Vec<_>>().join(", ")
}

fn blocks(template: &str, objects: &[ObjectId], successors: &[ObjectId]) -> Vec<String> {
    let routine = |id: &ObjectId| match id.name_key() {
        NameKey::Routine(name, inputs) => Some(format!("{name}({})", inputs.join(", "))),
        _ => None,
    };
    let relation = |id: &ObjectId| relation_name(id).map(ToString::to_string);
    let part = |id: &ObjectId| {
        let apart = matches!(id, ObjectId::Statistics(_));
        (apart || id.part_of().is_some()).then(|| id.sql())
    };
    let event_trigger = |id: &ObjectId| matches!(id, ObjectId::EventTrigger(_)).then(|| id.sql());
    let type_ = |id: &ObjectId| matches!(id, ObjectId::Type(_)).then(|| id.sql_name());
    let texts = [
        block(template, &TYPES, &objects.iter().filter_map(type_).collect::<Vec<_>>()),
        block(template, &PARTS, &objects.iter().filter_map(part).collect::<Vec<_>>()),
        block(template, &ROUTINES, &objects.iter().filter_map(routine).collect::<Vec<_>>()),
        block(template, &RELATIONS, &objects.iter().filter_map(relation).collect::<Vec<_>>()),
        block(template, &SUCCESSORS, &successors.iter().filter_map(relation).collect::<Vec<_>>()),
        block(template, &EVENT_TRIGGERS, &objects.iter().filter_map(event_trigger).collect::<Vec<_>>()),
    ];
    texts.into_iter().filter(|text| !text.is_empty()).collect()
}

fn block(template: &str, things: &Things, names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let names = list(names);
    let tag = free_tag(&names);
    let facts = fill(things.facts, |_| PRIVILEGE_FACTS);
    fill(template, |placeholder| match placeholder {
        "things" => things.word,
        "made" => things.made,
        "names" => &names,
        "facts" => &facts,
        "kept" => things.kept,
        "stored_facts" => things.stored_facts,
        _ => &tag,
    })
}

/// A template with its placeholders filled, in one pass, so that a name that looks like a placeholder stays a name.
fn fill<'t>(template: &str, value: impl Fn(&str) -> &'t str) -> String {
    let mut sql = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (placeholder, after) = after.split_once('}').unwrap_or((after, ""));
        sql.push_str(before);
        sql.push_str(value(placeholder));
        rest = after;
    }
    sql.push_str(rest);
    sql
}

/// A dollar quote that does not occur in the text.
fn free_tag(text: &str) -> String {
    let mut tag = String::from("$viewkeeper$");
    let mut number = 1;
    while text.contains(&tag) {
        number += 1;
        tag = format!("$viewkeeper{number}$");
    }
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_begin_with_what_they_are_for() {
        let relations =
            [QualifiedName::new("public", "active_users"), QualifiedName::new("a$viewkeeper$", "It's \\{facts}")];
        let keep = keep(&relations);
        let lines: Vec<&str> = keep.lines().take(5).collect();
        assert_eq!(
            lines,
            [
                "-- viewkeeper: keep what hangs on the relations that are created anew below, also what no migration has given them",
                "LOCK TABLE pg_catalog.pg_rewrite IN ACCESS SHARE MODE; -- refused outside of a transaction, where nothing would be kept",
                "DO $viewkeeper2$",
                "DECLARE",
                "  relations CONSTANT text[] := ARRAY['public.active_users', E'\"a$viewkeeper$\".\"It''s \\\\{facts}\"'];",
            ]
        );
        let restore = restore(&relations);
        assert_eq!(
            restore.lines().next(),
            Some("-- viewkeeper: restore what hung on these relations and is missing now")
        );
        assert_eq!(restore.lines().last(), Some("$viewkeeper2$;"));
    }

    #[test]
    fn nothing_is_kept_of_nothing() {
        assert_eq!(keep(&[]), "");
        assert_eq!(restore(&[]), "");
    }

    #[test]
    fn templates_hold_only_known_placeholders() {
        let templates =
            [KEEP, RESTORE, REMEMBER, SET_AGAIN, REMEMBER_INDEXES, SET_ON_INDEXES, VIEW_OPTIONS, TRIGGER_STATES];
        for template in templates {
            let rest = ["{things}", "{made}", "{names}", "{facts}", "{kept}", "{stored_facts}", "{tag}"]
                .iter()
                .fold(template.to_owned(), |text, known| text.replace(known, ""));
            assert!(!rest.contains(['{', '}']));
        }
    }

    #[test]
    fn nothing_is_dropped_with_what_depends_on_it() {
        let all = [
            FACTS,
            SUCCESSOR_FACTS,
            PRIVILEGE_FACTS,
            ROUTINE_FACTS,
            TYPE_FACTS,
            PART_FACTS,
            KEEP,
            RESTORE,
            REMEMBER,
            SET_AGAIN,
            REMEMBER_INDEXES,
            SET_ON_INDEXES,
            VIEW_OPTIONS,
            TRIGGER_STATES,
        ];
        for sql in all {
            assert!(!sql.to_uppercase().contains("CASCADE"));
        }
    }
}
