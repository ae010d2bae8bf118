//! Where the values of columns come from, one kind of query at a time, over a few tables. What a query depends on is held
//! against pg_depend on servers (`tests/it/analysis.rs`, `tests/it/corpora.rs`).

use std::fmt::Write as _;

use super::BaseColumns;
use crate::analysis::ColumnRef;
use crate::catalog::Catalog;
use crate::config::Settings;
use crate::describe::readers_of;
use crate::diagnostic::Style;
use crate::migration::{MigrationFile, MigrationId};
use crate::name::QualifiedName;
use crate::parser::on_deep_stack;
use crate::replay;
use crate::source::SourceFile;

const SCHEMA: &str = "
create table users (id bigint primary key, name text not null, born date, boss bigint);
create table posts (id bigint primary key, user_id bigint, title text, score int, tags text[]);
create type pair as (one int, two text);
create function shout(words text) returns text language sql as $$ select upper(words) $$;
create function pairs(n int) returns setof pair language sql as $$ select n, 'x' $$;
create function titles_of(who bigint) returns table (title text, score int) language sql
    as $$ select title, score from posts where user_id = who $$;
create function words(post posts) returns int language sql as $$ select length(post.title) $$;
create view authors as select id, upper(name) as name from users where born is not null;
";

/// Of each output column of each query: what it is copied from, what it is computed from, and what shapes it.
fn lineage(queries: &[&str]) -> String {
    let views: String =
        (1..).zip(queries).map(|(number, query)| format!("create view v{number} as {query};\n")).collect();
    let file = SourceFile::new("V1__all.sql", format!("{SCHEMA}{views}"));
    let file = MigrationFile { id: MigrationId::new(1, "all"), source: file };
    let state = on_deep_stack(|| replay::migrated(&[file], &Settings::default()));
    assert_eq!(state.diagnostics.render(Style::Plain), "");
    let catalog = &state.catalog;
    let base = BaseColumns::new(catalog);
    let mut told = String::new();
    for (number, query) in (1..).zip(queries) {
        writeln!(told, "{query}").unwrap();
        let name = format!("v{number}");
        let view = catalog.relations.values().find(|relation| relation.name == name).unwrap();
        for column in &view.view.as_ref().unwrap().analysis.columns {
            let lineage = base.of(&column.lineage);
            let mut parts = Vec::new();
            for (word, columns) in
                [("copies", &lineage.copied), ("computed from", &lineage.computed), ("shaped by", &lineage.shaped)]
            {
                if !columns.is_empty() {
                    let names: Vec<String> = columns.iter().map(|column| named(catalog, *column)).collect();
                    parts.push(format!("{word} {}", names.join(", ")));
                }
            }
            let parts = if parts.is_empty() { "of nothing".to_owned() } else { parts.join("; ") };
            writeln!(told, "    {}: {parts}", column.name).unwrap();
        }
    }
    told
}

fn named(catalog: &Catalog, (relation, number): ColumnRef) -> String {
    let row = catalog.relation(relation).unwrap();
    match row.attribute(number) {
        Some(column) => format!("{}.{}", row.name, column.name),
        // The row as a whole.
        None => format!("{}.*", row.name),
    }
}

#[test]
fn joins() {
    insta::assert_snapshot!(lineage(&[
        "select u.id, p.title from users u join posts p on p.user_id = u.id",
        "select u.name, p.title from users u left join posts p on p.user_id = u.id where p.score > 1",
        "select id, name, title from users full join posts using (id)",
        "select * from users natural join (select id, score from posts) p",
        "select u.name, l.title from users u cross join lateral (select title from posts where user_id = u.id limit 1) l",
        "select u.name, b.name as boss from users u left join users b on b.id = u.boss order by u.born",
        "select a.name, p.title from authors a, posts p where p.user_id = a.id",
        "select j.name from (users u join posts p on p.user_id = u.id) as j (a, name)",
    ]));
}

#[test]
fn aggregates_and_windows() {
    insta::assert_snapshot!(lineage(&[
        "select user_id, count(*) as n, sum(score) as total from posts group by user_id having max(id) > 1",
        "select string_agg(title, ',' order by score) filter (where id > 1) as titles from posts",
        "select lower(title) as word, count(distinct user_id) as n from posts group by 1",
        "select user_id, score, grouping(score) as g from posts group by rollup (user_id, score)",
        "select percentile_cont(0.5) within group (order by score) as middle from posts",
        "select title, rank() over (partition by user_id order by score) as place from posts",
        "select id, lag(title, 1, 'none') over w as before, sum(score) over w as so_far from posts window w as (order by id)",
        "select distinct on (user_id) user_id, title from posts order by user_id, score desc",
        "select distinct title from posts",
    ]));
}

#[test]
fn with_queries_and_set_operations() {
    insta::assert_snapshot!(lineage(&[
        "with recent as (select id, title from posts where score > 1) select title from recent",
        "with recursive up as (select id, boss from users union all select u.id, u.boss from users u join up on up.boss = u.id) select id from up",
        "with recursive up as (select id, boss, 1 as depth from users union all select u.id, u.boss, depth + 1 from users u join up on up.boss = u.id) select depth from up",
        "select id, name from users union all select user_id, title from posts",
        "select name from users union select title from posts order by name",
        "select name from users intersect select title from posts",
        "select name from users except select title from posts where score = 1",
        "select id from users union all (select id from posts limit 1)",
        "select x from (values (1, 'a'), (2, 'b')) v(x, y) where y = 'a'",
    ]));
}

#[test]
fn sub_queries() {
    insta::assert_snapshot!(lineage(&[
        "select name, (select count(*) from posts p where p.user_id = u.id) as n from users u",
        "select name, (select max(title) from posts) as best from users",
        "select name from users u where exists (select from posts p where p.user_id = u.id)",
        "select name from users where id in (select user_id from posts where score > 1)",
        "select id in (select user_id from posts) as writes from users",
        "select array(select title from posts p where p.user_id = u.id order by score) as titles from users u",
        "select s.n + 1 as m from (select length(name) as n, born from users) s where s.born is not null",
        "select case when born is null then 'none' else name end as c, coalesce(name, 'none') as d from users",
    ]));
}

#[test]
fn functions_rows_and_arrays() {
    insta::assert_snapshot!(lineage(&[
        "select shout(name) as loud from users",
        "select t.title, t.score from users u, titles_of(u.id) t",
        "select p.one, p.two from posts, pairs(score) p",
        "select (pairs(score)).two from posts",
        "select tag from posts, unnest(tags) as tag",
        "select tags[1] as first, tags[score] as one, tags[1:2] as some from posts",
        "select name::varchar(10) as short, id::text as written, name collate \"C\" as sorted from users",
        "select to_jsonb(u) as whole, u.name as copied from users u",
        "select row(id, name) = row(1, 'a') as same from users",
        "select 1 as one, current_date as today, count(*) as n from users",
        "select g, o from generate_series(1, 3) with ordinality as s(g, o)",
        "select name from users tablesample system (10) repeatable (1)",
        "select jsonb_build_object('a', title) ->> 'a' as a from posts",
        "select x.a from posts, json_table(to_jsonb(title), '$' columns (a text path '$')) x",
    ]));
}

#[test]
fn whole_rows() {
    insta::assert_snapshot!(lineage(&[
        "select p as whole, row_to_json(p) as json, to_jsonb(p.*) as jsonb from posts p",
        "select words(p) as called, p.words as as_a_column from posts p",
        "select a as whole from authors a where a is not null",
        "select row_to_json(j) as joined from (users u join posts p on p.user_id = u.id) as j",
        "select row_to_json(s) as of_a_query from (select id, title from posts) s",
    ]));
}

#[test]
fn readers_of_a_column_read_it_in_a_row_too() {
    let file = |queries: &[&str]| {
        let views: String = (1..).zip(queries).map(|(n, query)| format!("create view v{n} as {query};\n")).collect();
        SourceFile::new("V1__all.sql", format!("{SCHEMA}{views}"))
    };
    let source = file(&[
        "select row_to_json(p) as json from posts p",
        "select 1 as one from posts p where p is not null",
        "select row_to_json(j) as joined from (users u join posts p on p.user_id = u.id) as j (a, b)",
        "select (select array_agg(p) is null) as x from posts p",
        "select count(*) from posts",
        "select id from posts p",
        "select json from v1",
        "select row_to_json(s) as of_a_query from (select id from posts) s",
    ]);
    let file = MigrationFile { id: MigrationId::new(1, "all"), source };
    let state = on_deep_stack(|| replay::migrated(&[file], &Settings::default()));
    assert_eq!(state.diagnostics.render(Style::Plain), "");
    let posts = QualifiedName::new("public", "posts");
    let readers = readers_of(&state.catalog, &posts, Some("tags"));
    let readers: Vec<&str> = readers.iter().map(|reader| reader.name.as_str()).collect();
    assert_eq!(readers, ["v1", "v2", "v3", "v4", "v7"]);
}
