//! What a view is said to be, by the engine and by a server, in words that can be compared.

use std::collections::{BTreeMap, BTreeSet};

use postgres::{Client, Row};
use viewkeeper_engine::analysis::Dependency;
use viewkeeper_engine::catalog::{AttachedKind, Catalog, FIRST_USER_OID, Member, Oid, Relation, RoutineKind};
use viewkeeper_engine::name::quote_ident;
use viewkeeper_engine::resolve::Resolver;
use viewkeeper_engine::tree::RowColumn;

/// What a view is said to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// `name type typmod collation`, in order.
    pub(crate) columns: Vec<String>,
    /// What `pg_depend` records of the user's own objects.
    pub(crate) dependencies: BTreeSet<String>,
}

impl Answer {
    /// What differs, a line for each; none when nothing does.
    pub(crate) fn difference(&self, server: &Self) -> Vec<String> {
        let mut lines = Vec::new();
        for at in 0..self.columns.len().max(server.columns.len()) {
            let (engine, server) = (self.columns.get(at), server.columns.get(at));
            if engine != server {
                let text = |column: Option<&String>| column.cloned().unwrap_or_else(|| "no column".to_owned());
                lines.push(format!("column {}: server `{}`, engine `{}`", at + 1, text(server), text(engine)));
            }
        }
        let only = |these: &BTreeSet<String>, those: &BTreeSet<String>| -> Vec<String> {
            these.difference(those).cloned().collect()
        };
        let (missing, extra) =
            (only(&server.dependencies, &self.dependencies), only(&self.dependencies, &server.dependencies));
        lines.extend(missing.into_iter().map(|name| format!("dependency on {name}: only the server")));
        lines.extend(extra.into_iter().map(|name| format!("dependency on {name}: only the engine")));
        lines
    }
}

const COLUMNS: &str = "
SELECT n.nspname || '.' || c.relname, a.attname::text, format_type(a.atttypid, a.atttypmod), a.atttypmod,
       coalesce(cn.nspname || '.' || co.collname, '-')
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_collation co ON co.oid = a.attcollation
LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
WHERE c.relkind IN ('v', 'm') AND (c.oid >= 16384) = $1
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
ORDER BY c.oid, a.attnum";

/// An object that something depends on, in words.
const REFERENCED: &str = "
    regexp_replace(CASE d.refclassid
        WHEN 'pg_class'::regclass THEN
            (SELECT rn.nspname || '.' || r.relname || coalesce('.' || a.attname, '')
             FROM pg_class r JOIN pg_namespace rn ON rn.oid = r.relnamespace
             LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = d.refobjsubid AND d.refobjsubid <> 0
             WHERE r.oid = d.refobjid)
        WHEN 'pg_proc'::regclass THEN
            (SELECT 'function ' || pn.nspname || '.' || p.proname || '('
                || coalesce((SELECT string_agg(an.nspname || '.' || a.typname, ', ' ORDER BY o)
                             FROM unnest(p.proargtypes) WITH ORDINALITY u(t, o)
                             JOIN pg_type a ON a.oid = t JOIN pg_namespace an ON an.oid = a.typnamespace), '') || ')'
             FROM pg_proc p JOIN pg_namespace pn ON pn.oid = p.pronamespace WHERE p.oid = d.refobjid)
        WHEN 'pg_type'::regclass THEN
            (SELECT 'type ' || tn.nspname || '.' || t.typname
             FROM pg_type t JOIN pg_namespace tn ON tn.oid = t.typnamespace WHERE t.oid = d.refobjid)
        WHEN 'pg_collation'::regclass THEN
            (SELECT 'collation ' || cn.nspname || '.' || c.collname
             FROM pg_collation c JOIN pg_namespace cn ON cn.oid = c.collnamespace WHERE c.oid = d.refobjid)
        WHEN 'pg_constraint'::regclass THEN
            (SELECT 'constraint ' || conname FROM pg_constraint WHERE oid = d.refobjid)
        WHEN 'pg_operator'::regclass THEN
            (SELECT 'operator ' || opn.nspname || '.' || o.oprname
             FROM pg_operator o JOIN pg_namespace opn ON opn.oid = o.oprnamespace WHERE o.oid = d.refobjid)
    END, 'pg_temp_\\d+\\.', 'pg_temp.')";

/// What the rule of a view depends on, and what its columns do; without what cannot go away, and without indexes
/// (of constants of type regclass), dictionaries and the like, which the engine does not keep.
const DEPENDENCIES: &str = "
SELECT n.nspname || '.' || v.relname, {referenced}, v.oid
FROM (SELECT r.ev_class AS view, d.* FROM pg_depend d
      JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND r.rulename = '_RETURN'
      UNION ALL
      SELECT d.objid, d.* FROM pg_depend d
      WHERE d.classid = 'pg_class'::regclass AND d.refclassid <> 'pg_namespace'::regclass) d
JOIN pg_class v ON v.oid = d.view AND v.relkind IN ('v', 'm') AND v.oid >= 16384
JOIN pg_namespace n ON n.oid = v.relnamespace
WHERE d.deptype = 'n' AND d.refobjid >= 16384
  AND NOT (d.refclassid = 'pg_class'::regclass
           AND EXISTS (SELECT FROM pg_class i WHERE i.oid = d.refobjid AND i.relkind IN ('i', 'I')))
  AND d.refclassid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_collation'::regclass,
                       'pg_constraint'::regclass, 'pg_operator'::regclass)
  AND ($1::oid[] IS NULL OR v.oid = ANY ($1))
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = v.oid AND e.deptype = 'e')
  AND NOT (d.refclassid = 'pg_class'::regclass AND d.refobjid = v.oid)";

/// Rules, and routines but for aggregates and those that come with a range type.
const PARTS: &str = "
SELECT 'rule ' || r.rulename || ' on ' || n.nspname || '.' || c.relname, 'pg_rewrite'::regclass::oid, r.oid, r.ev_class
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND r.oid >= 16384
UNION ALL
SELECT 'routine ' || n.nspname || '.' || p.proname || '(' || coalesce(
           (SELECT string_agg(tn.nspname || '.' || t.typname, ', ' ORDER BY o)
            FROM unnest(p.proargtypes) WITH ORDINALITY u(t, o)
            JOIN pg_type t ON t.oid = u.t JOIN pg_namespace tn ON tn.oid = t.typnamespace), '') || ')',
       'pg_proc'::regclass, p.oid, 0
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind <> 'a' AND p.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype IN ('e', 'i'))";

/// What they depend on; of a rule without the relation that it is about, with which it goes.
const DEPENDENCIES_OF_PARTS: &str = "
SELECT p.name, {referenced}
FROM ({parts}) p (name, class, oid, of)
JOIN pg_depend d ON d.classid = p.class AND d.objid = p.oid
WHERE d.deptype = 'n' AND d.refobjid >= 16384
  AND NOT (d.refclassid = 'pg_class'::regclass
           AND EXISTS (SELECT FROM pg_class i WHERE i.oid = d.refobjid AND i.relkind IN ('i', 'I')))
  AND d.refclassid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_collation'::regclass,
                       'pg_constraint'::regclass, 'pg_operator'::regclass)
  AND NOT (d.refclassid = 'pg_class'::regclass AND d.refobjid = p.of AND d.refobjsubid = 0)";

/// What the server says that its rules and routines depend on.
pub(crate) fn parts_of_server(
    client: &mut impl postgres::GenericClient,
) -> Result<BTreeMap<String, Answer>, postgres::Error> {
    let mut answers: BTreeMap<String, Answer> = BTreeMap::new();
    for row in client.query(PARTS, &[])? {
        answers.entry(row.get(0)).or_default();
    }
    let dependencies = DEPENDENCIES_OF_PARTS.replace("{referenced}", REFERENCED).replace("{parts}", PARTS);
    for row in client.query(&dependencies, &[])? {
        answers.entry(row.get(0)).or_default().dependencies.insert(row.get(1));
    }
    Ok(answers)
}

/// What the server says that the body of a routine without parameters depends on.
pub(crate) fn of_servers_routine(
    client: &mut impl postgres::GenericClient,
    name: &str,
) -> Result<Answer, postgres::Error> {
    let part =
        format!("SELECT ''::text, 'pg_proc'::regclass::oid, p.oid, 0::oid FROM pg_proc p WHERE p.proname = '{name}'");
    let dependencies = DEPENDENCIES_OF_PARTS.replace("{referenced}", REFERENCED).replace("{parts}", &part);
    let rows = client.query(&dependencies, &[])?;
    Ok(Answer { columns: Vec::new(), dependencies: rows.iter().map(|row| row.get(1)).collect() })
}

/// What the engine says that the body of the routine of a name depends on.
pub(crate) fn of_engines_routine(catalog: &Catalog, name: &str) -> Answer {
    let words = Words { catalog, resolver: Resolver::new(catalog, &[]) };
    let source = catalog.routines.values().rfind(|routine| routine.name == name).and_then(|row| row.source.as_ref());
    let dependencies = source.iter().flat_map(|source| &source.dependencies);
    Answer { columns: Vec::new(), dependencies: dependencies.map(|dependency| words.dependency(*dependency)).collect() }
}

/// What the engine says that the rules and routines of a state depend on.
pub(crate) fn parts_of_engine(catalog: &Catalog) -> BTreeMap<String, Answer> {
    let words = Words { catalog, resolver: Resolver::new(catalog, &[]) };
    let answer = |used: &BTreeSet<Dependency>| Answer {
        columns: Vec::new(),
        dependencies: used.iter().map(|dependency| words.dependency(*dependency)).collect(),
    };
    let mut answers = BTreeMap::new();
    for (owner, rows) in &catalog.attached {
        for row in rows.iter().filter(|row| row.kind == AttachedKind::Rule) {
            let name = format!("rule {} on {}", row.name, words.relation_numbered(*owner));
            answers.insert(name, answer(&row.dependencies));
        }
    }
    for routine in catalog.routines.values() {
        let Some(source) = routine.source.as_ref().filter(|_| routine.kind != RoutineKind::Aggregate) else { continue };
        if catalog.extension_of(Member::Routine(routine.oid)).is_some() {
            continue;
        }
        let mut used = source.dependencies.clone();
        let parameters = routine.parameters.iter().map(|parameter| parameter.type_);
        let types = routine.inputs.iter().copied().chain(parameters).chain([routine.result]);
        used.extend(types.filter(|oid| oid.0 >= FIRST_USER_OID).map(Dependency::Type));
        let name = words.dependency(Dependency::Routine(routine.oid)).replacen("function", "routine", 1);
        answers.insert(name, answer(&used));
    }
    answers
}

/// Whose views; those of extensions are nobody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    User,
    System,
}

/// What the server says of its views, by `schema.name`.
pub(crate) fn of_server(
    client: &mut impl postgres::GenericClient,
    whose: Whose,
) -> Result<BTreeMap<String, Answer>, postgres::Error> {
    let mut answers: BTreeMap<String, Answer> = BTreeMap::new();
    for row in client.query(COLUMNS, &[&(whose == Whose::User)])? {
        let (view, text) = column_of_row(&row);
        answers.entry(view).or_default().columns.push(text);
    }
    if whose == Whose::User {
        for row in client.query(&DEPENDENCIES.replace("{referenced}", REFERENCED), &[&None::<Vec<u32>>])? {
            let (view, name): (String, String) = (row.get(0), row.get(1));
            answers.entry(view).or_default().dependencies.insert(name);
        }
    }
    Ok(answers)
}

const COLUMNS_OF: &str = "
SELECT c.oid, a.attname::text, regexp_replace(tn.nspname, '^pg_temp_\\d+$', 'pg_temp') || '.' || t.typname, a.atttypmod,
       coalesce(cn.nspname || '.' || co.collname, '-')
FROM pg_class c
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_namespace tn ON tn.oid = t.typnamespace
LEFT JOIN pg_collation co ON co.oid = a.attcollation
LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
WHERE c.oid = ANY ($1)
ORDER BY c.oid, a.attnum";

/// What the server says of some of its relations, by number. Types stand under their names in pg_type, whatever the
/// search path shows.
pub(crate) fn of_relations(client: &mut Client, oids: &[u32]) -> Result<BTreeMap<u32, Answer>, postgres::Error> {
    let mut answers: BTreeMap<u32, Answer> = BTreeMap::new();
    for row in client.query(COLUMNS_OF, &[&oids])? {
        let answer = answers.entry(row.get(0)).or_default();
        if let (Some(name), Some(type_), collation) = (row.get::<_, Option<&str>>(1), row.get(2), row.get(4)) {
            answer.columns.push(column(name, type_, row.get(3), collation));
        }
    }
    for row in client.query(&DEPENDENCIES.replace("{referenced}", REFERENCED), &[&Some(oids)])? {
        answers.entry(row.get(2)).or_default().dependencies.insert(row.get(1));
    }
    Ok(answers)
}

/// What the engine says of a relation, in the same words as [`of_relations`].
pub(crate) fn of_relation(catalog: &Catalog, relation: &Relation) -> Answer {
    let words = Words { catalog, resolver: Resolver::new(catalog, &[]) };
    let columns = relation
        .live_columns()
        .map(|(_, one)| column(&one.name, &words.type_name(one.type_), one.typmod, &words.collation(one.collation)));
    let dependencies = relation.view.iter().flat_map(|view| &view.analysis.dependencies);
    let dependencies = dependencies.map(|dependency| words.dependency(*dependency)).collect();
    Answer { columns: columns.collect(), dependencies }
}

fn column_of_row(row: &Row) -> (String, String) {
    let (name, type_, collation): (&str, &str, &str) = (row.get(1), row.get(2), row.get(4));
    (row.get(0), column(name, type_, row.get(3), collation))
}

fn column(name: &str, type_: &str, typmod: i32, collation: &str) -> String {
    format!("{name} {type_} {typmod} {collation}")
}

/// What the engine says of the views of a state.
pub(crate) fn of_engine(catalog: &Catalog, search_path: &[String]) -> BTreeMap<String, Answer> {
    let words = Words { catalog, resolver: Resolver::new(catalog, search_path) };
    let views = catalog.relations.values().filter_map(|relation| {
        let analysis = &relation.view.as_ref()?.analysis;
        let columns = relation.live_columns().map(|(_, one)| {
            column(
                &one.name,
                &words.resolver.format_type(one.type_, one.typmod),
                one.typmod,
                &words.collation(one.collation),
            )
        });
        let columns = columns.collect();
        let dependencies = analysis.dependencies.iter().map(|dependency| words.dependency(*dependency)).collect();
        Some((words.relation(relation), Answer { columns, dependencies }))
    });
    views.collect()
}

/// What the engine says of the columns of a query.
pub(crate) fn of_columns(catalog: &Catalog, search_path: &[String], columns: &[RowColumn]) -> Answer {
    let words = Words { catalog, resolver: Resolver::new(catalog, search_path) };
    let columns = columns.iter().map(|one| {
        column(
            &one.name,
            &words.resolver.format_type(one.type_, one.typmod),
            one.typmod,
            &words.collation(one.collation),
        )
    });
    Answer { columns: columns.collect(), dependencies: BTreeSet::new() }
}

/// The columns that every table has (pg_attribute's rows of it with negative numbers).
const SYSTEM_COLUMNS: [(i16, &str); 6] =
    [(-1, "ctid"), (-2, "xmin"), (-3, "cmin"), (-4, "xmax"), (-5, "cmax"), (-6, "tableoid")];

struct Words<'a> {
    catalog: &'a Catalog,
    resolver: Resolver<'a>,
}

impl Words<'_> {
    fn schema(&self, oid: Oid) -> &str {
        self.catalog.schema_name(oid).unwrap_or("?")
    }

    fn relation(&self, relation: &Relation) -> String {
        format!("{}.{}", self.schema(relation.schema), relation.name)
    }

    fn relation_numbered(&self, oid: Oid) -> String {
        self.catalog.relation(oid).map_or_else(|| format!("relation {oid}"), |relation| self.relation(relation))
    }

    fn collation(&self, oid: Oid) -> String {
        let row = self.catalog.collation(oid);
        row.map_or_else(|| "-".to_owned(), |row| format!("{}.{}", self.schema(row.schema), row.name))
    }

    /// Under its name in pg_type, whatever the search path shows.
    fn type_name(&self, oid: Oid) -> String {
        let row = self.catalog.type_(oid);
        row.map_or_else(|| oid.to_string(), |row| format!("{}.{}", self.schema(row.schema), row.name))
    }

    fn dependency(&self, dependency: Dependency) -> String {
        match dependency {
            Dependency::Relation(oid) => self.relation_numbered(oid),
            Dependency::Column(oid, number) => {
                let own = self.catalog.relation(oid).and_then(|relation| relation.attribute(number));
                let system = SYSTEM_COLUMNS.iter().find(|(system, _)| *system == number).map(|(_, name)| *name);
                let column = own.map(|column| column.name.as_str()).or(system).unwrap_or("?");
                format!("{}.{column}", self.relation_numbered(oid))
            }
            Dependency::Routine(oid) => self.catalog.routine(oid).map_or_else(
                || format!("function {oid}"),
                |row| {
                    let inputs: Vec<String> = row.inputs.iter().map(|type_| self.type_name(*type_)).collect();
                    format!("function {}.{}({})", self.schema(row.schema), row.name, inputs.join(", "))
                },
            ),
            Dependency::Operator(oid) => self.catalog.operator(oid).map_or_else(
                || format!("operator {oid}"),
                |row| format!("operator {}.{}", self.schema(row.schema), row.name),
            ),
            Dependency::Type(oid) => format!("type {}", self.type_name(oid)),
            Dependency::Collation(oid) => format!("collation {}", self.collation(oid)),
            Dependency::Constraint(relation, oid) => {
                let relation = self.catalog.relation(relation);
                let found = relation.and_then(|row| row.constraints.iter().find(|constraint| constraint.oid == oid));
                format!("constraint {}", found.map_or_else(|| oid.to_string(), |constraint| constraint.name.clone()))
            }
        }
    }
}

/// What came of looking for nulls in the columns called not null.
#[derive(Debug, Default)]
pub(crate) struct NullSearch {
    /// Columns looked at.
    pub(crate) columns: usize,
    /// `schema.view.column`, where one came out.
    pub(crate) found: Vec<String>,
    /// Views that could not be read: the error.
    pub(crate) unread: Vec<String>,
}

/// Looks for nulls in the columns that the engine calls not null, of the views that the server has.
pub(crate) fn search_nulls(client: &mut Client, catalog: &Catalog, server: &BTreeMap<String, Answer>) -> NullSearch {
    let mut search = NullSearch::default();
    for relation in catalog.relations.values().filter(|relation| relation.oid.0 >= FIRST_USER_OID) {
        let Some(view) = &relation.view else { continue };
        let schema = catalog.schema_name(relation.schema).unwrap_or_default();
        if !server.contains_key(&format!("{schema}.{}", relation.name)) {
            continue;
        }
        let claimed: Vec<&str> = view
            .analysis
            .columns
            .iter()
            .filter(|column| column.nullability.not_null)
            .map(|column| column.name.as_str())
            .collect();
        let Some(name) = catalog.relation_name(relation.oid).filter(|_| !claimed.is_empty()) else { continue };
        // `IS NULL` would also hold for a row of nulls.
        let tests: Vec<String> = claimed
            .iter()
            .map(|column| format!("coalesce(bool_or({} IS NOT DISTINCT FROM NULL), false)", quote_ident(column)))
            .collect();
        match client.query_one(&format!("SELECT {} FROM {name}", tests.join(", ")), &[]) {
            Ok(row) => {
                search.columns += claimed.len();
                let nulls = claimed.iter().enumerate().filter(|(at, _)| row.get::<_, bool>(*at));
                search.found.extend(nulls.map(|(_, column)| format!("{name}.{column}")));
            }
            Err(error) => {
                let message = error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
                search.unread.push(format!("{name}: {message}"));
            }
        }
    }
    search
}
