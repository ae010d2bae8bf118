//! Queries over a small fixed catalog: the output columns of each, or its error. What is marked as verified was seen on
//! servers 14 to 18.

use super::{Made, ViewQuery, analyse_query};
use crate::catalog::*;
use crate::parser::{NodeEnum, on_deep_stack, parse};
use crate::resolve::Resolver;
use crate::source::SourceFile;

const NUMERIC_6_2: i32 = ((6 << 16) | 2) + 4;
const VARCHAR_10: i32 = 14;

/// `t(id int primary key, n62 numeric(6,2), v10 varchar(10), txt text, tc text COLLATE "C", nm name, arr numeric(6,2)[],
/// j jsonb, d date, ts timestamptz, s int2, b boolean)` and `u(id int8 primary key, t_id int4, v10 varchar(12), note text)`.
fn catalog(version: ServerVersion) -> Catalog {
    let mut catalog = Catalog::new(version);
    let default = oids::DEFAULT_COLLATION;
    let none = Oid::INVALID;
    table(
        &mut catalog,
        "t",
        &[
            ("id", oids::INT4, -1, none),
            ("n62", oids::NUMERIC, NUMERIC_6_2, none),
            ("v10", oids::VARCHAR, VARCHAR_10, default),
            ("txt", oids::TEXT, -1, default),
            ("tc", oids::TEXT, -1, oids::C_COLLATION),
            ("nm", oids::NAME, -1, oids::C_COLLATION),
            ("arr", oids::NUMERIC_ARRAY, NUMERIC_6_2, none),
            ("j", oids::JSONB, -1, none),
            ("d", oids::DATE, -1, none),
            ("ts", oids::TIMESTAMPTZ, -1, none),
            ("s", oids::INT2, -1, none),
            ("b", oids::BOOL, -1, none),
        ],
    );
    table(
        &mut catalog,
        "u",
        &[
            ("id", oids::INT8, -1, none),
            ("t_id", oids::INT4, -1, none),
            ("v10", oids::VARCHAR, VARCHAR_10 + 2, default),
            ("note", oids::TEXT, -1, default),
        ],
    );
    catalog
}

fn table(catalog: &mut Catalog, name: &str, columns: &[(&str, Oid, i32, Oid)]) {
    let (relation, row, key) = (catalog.allocate(), catalog.allocate(), catalog.allocate());
    catalog.insert_type(Type {
        oid: row,
        schema: oids::PUBLIC,
        name: name.to_owned(),
        kind: TypeKind::Composite,
        length: -1,
        category: b'C',
        preferred: false,
        defined: true,
        relation,
        element: Oid::INVALID,
        array: Oid::INVALID,
        subscripting: Subscripting::None,
        input: Oid::INVALID,
        typmod_input: Oid::INVALID,
        not_null: false,
        base: Oid::INVALID,
        base_typmod: -1,
        dimensions: 0,
        collation: Oid::INVALID,
        labels: Vec::new(),
        range: None,
        source: None,
    });
    let columns = columns
        .iter()
        .map(|(name, type_, typmod, collation)| Column {
            name: (*name).to_owned(),
            type_: *type_,
            typmod: *typmod,
            collation: *collation,
            dimensions: 0,
            not_null: NotNull::No,
            dropped: false,
            has_default: false,
            source: ColumnSource::Plain,
            is_local: true,
        })
        .collect();
    catalog.insert_relation(Relation {
        oid: relation,
        schema: oids::PUBLIC,
        name: name.to_owned(),
        kind: RelationKind::Table,
        persistence: Persistence::Permanent,
        row_type: row,
        columns,
        constraints: vec![Constraint {
            oid: key,
            name: format!("{name}_pkey"),
            kind: ConstraintKind::PrimaryKey,
            columns: vec![1],
            deferrable: false,
            validated: true,
            references: Oid::INVALID,
            no_inherit: false,
            referenced: Vec::new(),
            excludes_null: Vec::new(),
            written: None,
            is_local: true,
        }],
        indexes: Vec::new(),
        parents: Vec::new(),
        is_partition: false,
        options: Vec::new(),
        view: None,
        provenance: None,
    });
}

/// "name type collation" of each output column, or the code and message with the place that the caret marks.
fn analysed(version: ServerVersion, sql: &str) -> String {
    let file = SourceFile::new("view.sql", sql);
    let catalog = catalog(version);
    let path = ["public".to_owned()];
    on_deep_stack(|| {
        let analysed = parse(&file, version).and_then(|statements| {
            let NodeEnum::SelectStmt(query) = &statements[0].node else { panic!("not a SELECT") };
            let view = ViewQuery {
                file: &file,
                query,
                column_aliases: &[],
                search_path: &path,
                relation: "public.v",
                made: Made::View,
            };
            analyse_query(&catalog, &view)
        });
        match analysed {
            Ok(analysed) => {
                let resolver = Resolver::new(&catalog, &path);
                let columns = analysed.columns.iter().map(|column| {
                    let own = catalog.type_collation(column.type_);
                    let collation = match catalog.collation(column.collation) {
                        Some(collation) if column.collation != own => format!(" {}", collation.name),
                        _ => String::new(),
                    };
                    format!("{} {}{collation}", column.name, resolver.format_type(column.type_, column.typmod))
                });
                columns.collect::<Vec<_>>().join(", ")
            }
            Err(error) => {
                let (_, span) = error.place.clone().unwrap();
                let help = error.help.map_or_else(String::new, |help| format!("; {help}"));
                let code = error.sqlstate.map_or("", |code| code.0);
                format!("{code} {} at `{}`{help}", error.message, &sql[span.start..span.end])
            }
        }
    })
}

fn check(version: ServerVersion, queries: &[&str]) -> String {
    queries.iter().map(|sql| format!("{sql}\n    {}\n", analysed(version, sql))).collect()
}

#[test]
fn names_and_modifiers() {
    insta::assert_snapshot!(check(
        ServerVersion::V18,
        &[
            "select '5'::int8, cast(id+1 as numeric(5,1)), char(2) 'ab', trim(txt), extract(year from d) from t",
            "select arr[1], arr[1:2], (select 1)::int8, case when b then 1 else id end, interval '1 day' from t",
            "select nullif(n62, 1), coalesce(n62, 0), n62::numeric, array(select n62 from t) as a from t",
            "select nullif(v10, 'x'), coalesce(v10, 'x') as c, v10 || '' as o, case when b then n62 end as k from t",
            "select coalesce(v10, txt) as a, coalesce(nm, txt) as b, coalesce(1, 2::float4) as c from t",
            "select array_agg(n62) as a, max(n62) as m from t",
            "select current_date, current_user, localtimestamp(3), date_trunc('day', d) as dt, round(1) as r from t",
            "select j['a'], j -> 'a' as g, j ->> 'a' as x from t",
        ],
    ));
}

#[test]
fn from_items_and_joins() {
    insta::assert_snapshot!(check(
        ServerVersion::V18,
        &[
            "select * from u join (select id, v10 from t) x using (id)",
            "select * from u full join (select id, v10 from t) x using (id, v10)",
            "select jj.id from t join u using (id) as jj",
            "select g, e.value, o.ordinality from generate_series(1,2) g, jsonb_array_elements('[]') e, unnest(array[1]) with ordinality o",
            "select * from unnest(array[1], array['x']) as a(x, y)",
            "select * from json_to_record('{}') as r(a int, b numeric(4,1), c text collate \"C\")",
            "select x from (values (1, null), (2.5, 'x')) v(x, y)",
            "select l.id from t, lateral (select t.id from u where u.t_id = t.id) l",
            "with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) select * from r",
            "select (t).n62, t.ctid from t",
        ],
    ));
}

#[test]
fn grouping_windows_and_set_operations() {
    insta::assert_snapshot!(check(
        ServerVersion::V18,
        &[
            "select id, txt, count(*) from t group by id",
            "select txt, d, grouping(txt, d), count(*) filter (where b) from t group by cube (txt, d)",
            "select row_number() over w as rn, lag(n62) over w as l, sum(id) over (w rows 1 preceding) as s from t window w as (partition by b order by id)",
            "select percentile_cont(0.5) within group (order by id) as p, string_agg(tc, ',' order by id) as s from t",
            "select v10 from t union select note from u",
            "select txt from t union all select tc from t",
            "select null as x union select 1",
            "select n62 from t union all select n62 from t",
            "select distinct on (b) b, id from t order by b, id desc limit 1",
        ],
    ));
}

#[test]
fn sql_json() {
    let queries = [
        "select json_object('a': id), json_array(j), json_arrayagg(id) from t",
        "select json_query(j, '$.a'), json_value(j, '$.a' returning numeric(6,2)), json_exists(j, '$.a') from t",
        "select x.* from t, json_table(t.j, '$[*]' columns (n for ordinality, a int path '$.a', nested path '$.b[*]' columns (c text))) x",
        "select j is json as i, json_serialize(j) from t",
    ];
    insta::assert_snapshot!("sql_json_18", check(ServerVersion::V18, &queries));
    insta::assert_snapshot!("sql_json_15", check(ServerVersion::V15, &queries));
}

#[test]
fn errors_name_the_place_and_what_is_near() {
    insta::assert_snapshot!(check(
        ServerVersion::V15,
        &[
            "select nmae from (select 1 as name) x",
            "select t.txtt from t",
            "select id from t, u",
            "select x.id from t",
            "select * from tt",
            "select txt, count(*) from t group by b",
            "select (select txt) from t group by b",
            "select sum(count(*)) from t",
            "select id from t where count(*) > 1",
            "select id, id from t",
            "select row(1, 2) from t",
            "select tc || nm::text collate \"POSIX\" || tc collate \"C\" as x from t",
            "select case when b then tc else txt collate \"POSIX\" end as x from t",
            "select tc from t union all select nm::text collate \"POSIX\" from t",
            "select null union all select null union all select 1.5",
            "select 1 from t order by 2",
            "select id from t union select id from u order by id + 1",
            "with recursive r as (select 1::numeric(6,2) as n union all select n + 1 from r) select * from r",
            "with a as (select * from b), b as (select 1) select * from a",
            "select * from (select 1)",
            "select $1",
            "select generate_series(1, case when b then unnest(array[1]) else 2 end) from t",
        ],
    ));
}

#[test]
fn large_queries_do_not_overflow() {
    let operators = format!("select 1{} as x", " + 1".repeat(500));
    assert_eq!(analysed(ServerVersion::V18, &operators), "x integer");
    let arms = vec!["select 1 as x"; 1000].join(" union all ");
    assert_eq!(analysed(ServerVersion::V18, &arms), "x integer");
    let joins: String = (0..200).map(|number| format!(" join u u{number} on u{number}.t_id = t.id")).collect();
    assert_eq!(analysed(ServerVersion::V18, &format!("select t.id from t{joins}")), "id integer");
}
