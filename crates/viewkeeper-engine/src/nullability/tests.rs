//! The rules of nullability, one query and its expected judgement at a time, over a few hand-made tables.

mod constants;

use super::*;
use crate::analyse::{AnalysedQuery, Made, ViewQuery, analyse_query};
use crate::catalog::{
    Column, ColumnSource, Constraint, ConstraintKind, NotNull, Persistence, Relation, ServerVersion, Subscripting,
    Type, TypeKind, oids,
};
use crate::parser::{NodeEnum, on_deep_stack, parse};
use crate::source::SourceFile;

fn table(catalog: &mut Catalog, name: &str, kind: RelationKind, columns: &[(&str, Oid, NotNull)]) -> Oid {
    let (oid, row_type) = (catalog.allocate(), catalog.allocate());
    catalog.insert_type(Type {
        oid: row_type,
        schema: oids::PUBLIC,
        name: name.to_owned(),
        kind: TypeKind::Composite,
        length: -1,
        category: b'C',
        preferred: false,
        defined: true,
        relation: oid,
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
    let column = |&(name, type_, not_null): &(&str, Oid, NotNull)| Column {
        name: name.to_owned(),
        type_,
        typmod: -1,
        collation: catalog.type_collation(type_),
        dimensions: 0,
        not_null,
        dropped: false,
        has_default: false,
        source: ColumnSource::Plain,
        is_local: true,
    };
    let columns = columns.iter().map(column).collect();
    let key = Constraint {
        oid: catalog.allocate(),
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
    };
    catalog.insert_relation(Relation {
        oid,
        schema: oids::PUBLIC,
        name: name.to_owned(),
        kind,
        persistence: Persistence::Permanent,
        row_type,
        columns,
        constraints: if kind == RelationKind::Table { vec![key] } else { Vec::new() },
        indexes: Vec::new(),
        parents: Vec::new(),
        is_partition: false,
        options: Vec::new(),
        view: None,
        provenance: None,
    });
    oid
}

/// users(id key, name, bio?, team?), posts(id key, author, title, body?), ancient(id not validated), child of users.
fn catalog() -> Catalog {
    use NotNull::{No, NoInherit, NotValidated, Yes};
    let mut catalog = Catalog::new(ServerVersion::V18);
    let table_kind = RelationKind::Table;
    table(
        &mut catalog,
        "users",
        table_kind,
        &[("id", oids::INT4, Yes), ("name", oids::TEXT, Yes), ("bio", oids::TEXT, No), ("team", oids::INT4, No)],
    );
    table(
        &mut catalog,
        "posts",
        table_kind,
        &[("id", oids::INT4, Yes), ("author", oids::INT4, Yes), ("title", oids::TEXT, Yes), ("body", oids::TEXT, No)],
    );
    table(&mut catalog, "ancient", table_kind, &[("id", oids::INT4, NotValidated)]);
    table(&mut catalog, "remote", RelationKind::ForeignTable, &[("id", oids::INT4, Yes)]);
    let parent = table(&mut catalog, "parent", table_kind, &[("a", oids::INT4, Yes), ("b", oids::INT4, NoInherit)]);
    let child = table(&mut catalog, "child", table_kind, &[("a", oids::INT4, Yes), ("b", oids::INT4, No)]);
    catalog.update_relation(child, |child| child.parents.push(parent));
    catalog
}

fn judge(catalog: &Catalog, sql: &str, aliases: &[String]) -> Vec<(String, Nullability)> {
    on_deep_stack(|| {
        let file = SourceFile::new("test.sql", sql);
        let statements = parse(&file, ServerVersion::LATEST).unwrap_or_else(|error| panic!("{sql}: {}", error.message));
        let Some(NodeEnum::SelectStmt(query)) = statements.first().map(|statement| &statement.node) else {
            panic!("{sql}: not a query")
        };
        let path = ["public".to_owned()];
        let view = ViewQuery {
            file: &file,
            query,
            column_aliases: aliases,
            search_path: &path,
            relation: "public.v",
            made: Made::View,
        };
        let AnalysedQuery { tree, columns, .. } =
            analyse_query(catalog, &view).unwrap_or_else(|error| panic!("{sql}: {}", error.message));
        let facts = BaseFacts::new(catalog, ViewColumns::AsRecorded);
        columns.into_iter().map(|column| column.name).zip(of_query(&facts, &tree)).collect()
    })
}

/// `!` for never null, `?` for nullable, one for each column.
#[track_caller]
fn check(sql: &str, expected: &str) {
    let aliases: Vec<String> = (1..=expected.len()).map(|number| format!("c{number}")).collect();
    let columns = judge(&catalog(), sql, &aliases);
    let found: String = columns.iter().map(|(_, column)| if column.not_null { '!' } else { '?' }).collect();
    assert_eq!(found, expected, "{sql}\n{columns:#?}");
}

#[test]
fn stored_columns() {
    check("select id, name, bio from users", "!!?");
    check("select id from ancient", "?");
    check("select id from remote", "?");
    check("select a, b from parent", "!?");
    check("select a, b from only parent", "!!");
    check("select tableoid, ctid from users", "!!");
}

#[test]
fn outer_joins() {
    check("select u.id, p.id from users u left join posts p on p.author = u.id", "!?");
    check("select u.id, p.id from users u right join posts p on p.author = u.id", "?!");
    check("select u.id, p.id from users u full join posts p on p.author = u.id", "??");
    check("select u.id, p.id, p.body from users u left join posts p on p.author = u.id where p.title <> ''", "!!?");
    check("select p.body from users u left join posts p on p.author = u.id where p.body like 'a%'", "!");
    check("select p.id from users u left join posts p on p.author = u.id where p.body is null", "?");
    check("select p.id from users u left join posts p on p.author = u.id where coalesce(p.id, 1) = 1", "?");
    check("select p.id from users u left join posts p on p.author = u.id where p.id = any (array[1,2])", "!");
    check("select p.id from users u left join posts p on p.author = u.id where not (p.id = any ('{}'))", "?");
    check("select p.id from users u left join posts p on p.author = u.id where p.id <> all ('{}'::int[])", "?");
    check("select p.id from users u left join posts p on true where p.id = 1 or p.title = 'x'", "!");
    check("select p.id from users u left join posts p on true where p.id = 1 or u.id = 1", "?");
    check("select p.id from users u left join posts p on true where not (p.id is null)", "!");
    check("select p.id from users u left join posts p on true where not (p.id is null and u.bio is null)", "?");
    check("select p.id from users u left join posts p on true where not (p.id is null or u.bio is null)", "!");
    check("select p.id from users u left join posts p on true where (p.id > 1) is true", "!");
    check("select p.id from users u left join posts p on true where (p.id > 1) is not false", "?");
    // The inner condition of an outer join says nothing of its result.
    check("select u.bio, p.body from users u left join posts p on p.body = u.bio", "??");
    check("select u.bio, p.body from users u join posts p on p.body = u.bio", "!!");
    check(
        "select a.id, b.id, c.id from users a left join (posts b left join users c on c.id = b.author) on c.bio = a.bio",
        "!??",
    );
    check("select c.id from users a join (posts b left join users c on c.id = b.author) on c.bio = a.bio", "!");
    check("select s.one from users u left join (select 1 as one) s on u.id = 3", "?");
    check("select s.one from users u left join lateral (select u.id as one) s on u.id = 3", "?");
    check("select s.one from users u cross join lateral (select u.id as one) s", "!");
}

#[test]
fn merged_columns() {
    check("select id from users join posts using (id)", "!");
    check("select id from users left join posts using (id)", "!");
    check("select id from users full join posts using (id)", "!");
    check("select users.id, posts.id from users full join posts using (id)", "??");
    check("select team from users join (select author as team from posts) p using (team)", "!");
    check("select team from users full join (select author as team from posts) p using (team)", "?");
    check("select j.id from parent left join (users full join posts using (id)) j on j.id = a", "?");
}

#[test]
fn expressions() {
    check("select id + 1, name || 'x', name || bio, lower(name), length(bio) from users", "!!?!?");
    check("select coalesce(bio, name), coalesce(bio, null), nullif(id, 1), greatest(bio, name) from users", "!??!");
    check("select case when bio > '' then id end, case when bio > '' then id else 0 end from users", "?!");
    check("select case when true then id end, case when not (true and false) then id end from users", "!!");
    check("select case when false then bio else name end, case when true then bio else name end from users", "!?");
    check("select case when not false then 1 end from users group by rollup ((not false))", "?");
    check("select bio > '' or true, bio > '' and false, not (bio > '' or true), bio > '' or false from users", "!!!?");
    check("select id = any ('{1,2}'::int[]), id = any ('{1,2}'), team = any ('{1,2}') from users", "!!?");
    check(
        "select case when bio is not null then bio else '' end, case when bio is null then '' else bio end from users",
        "!!",
    );
    check("select case bio when 'a' then bio else 'b' end, case when bio = 'x' then 1 else team end from users", "!?");
    check("select bio is null, bio is distinct from 'x', exists (select), count(*) over () from users", "!!!!");
    check("select id = any (array[1, 2]), id = any ('{1,null}'::int[]), id in (1, team) from users", "!??");
    check("select array[bio], row(bio) is null, array(select 1), concat(bio), concat_ws(bio, 'x') from users", "!!!!?");
    check("select name::varchar, bio::varchar, id::text, 'a'::name from users", "!?!!");
    check("select extract(month from now()), to_char(now(), 'YYYY'), now(), current_date", "!?!!");
    check("select ('{}'::jsonb)->'a', '1'::jsonb::int, to_jsonb(1), jsonb_build_object('a', null)", "??!!");
    check("select bio and_not_null from users where bio is not null", "!");
    check("select ('{}'::jsonb)->>name from users where ('{}'::jsonb)->>name <> ''", "!");
    check("select (users).id, (users).bio from users", "!?");
}

#[test]
fn sub_selects() {
    check(
        "select (select 1), (select 1 where true), (select count(*) from users), (select max(id) from users)",
        "!?!?",
    );
    check("select (select count(*) from users limit 0), (select count(*) from users having false)", "??");
    check("select (select count(*) from users offset 1), (select count(*) from users limit 1)", "?!");
    check("select (select count(*) from users group by team), (select count(*) from users group by ())", "?!");
    check("select (select u.id), (select u.bio) from users u", "!?");
    check("select (select u.bio) from users u where u.bio > ''", "!");
    check("select (select p.id) from users u left join posts p on true", "?");
    check(
        "select id in (select author from posts), id in (select team from users), team in (select 1) from users",
        "!??",
    );
    check("select (select generate_series(1, 3))", "?");
    check("select x from (values (1, null), (2, 3)) v (x, y)", "!");
    check("select y from (values (1, null), (2, 3)) v (x, y)", "?");
    check("with c as (select id, bio from users) select * from c", "!?");
    check("select s.b from (select b.id as b from users a left join posts b on true) s where s.b = 1", "!");
    check(
        "select s.t from (select b.id as b, b.title as t from users a left join posts b on true) s where s.b = 1",
        "!",
    );
    check("select s.t from (select b.id as b, b.title as t from users a left join posts b on true) s", "?");
    check(
        "select s.t from (select b.id as b, lag(b.id, 1, b.id) over () as t from users a left join posts b on true) s where s.b = 1",
        "?",
    );
}

#[test]
fn set_operations() {
    check("select id from users union all select null", "?");
    check("select id from users union select team from users", "?");
    check("select team from users intersect select id from users", "!");
    check("select id from users except select team from users", "!");
    check("select team from users except select id from users", "?");
    check("select 1 union all select 2.5 union all select 3", "!");
}

#[test]
fn recursion() {
    check("with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) select n from r", "!");
    check(
        "with recursive r(n) as (select 1 union all select nullif(n + 1, 3) from r where n < 5) select n from r",
        "?",
    );
    check(
        "with recursive r(a, b) as (select 1, 2 union all select b, nullif(a, 1) from r where a < 5) select a, b from r",
        "??",
    );
}

#[test]
fn aggregates() {
    check("select count(*), sum(id), array_agg(id) from users", "!??");
    check("select team, count(*), sum(id), sum(team), array_agg(team) from users group by team", "?!!?!");
    check("select sum(id) filter (where true), stddev(id), count(bio) from users group by team", "??!");
    check("select name, sum(id) from users group by rollup (name)", "??");
    check("select name, team, sum(id) from users group by grouping sets ((name, team), (name))", "!?!");
    check("select name || 'x', grouping(name) from users group by cube (name)", "?!");
    check("select max(bio) from users having max(bio) is not null", "!");
    check("select team from users group by team having team > 1", "!");
    check("select team, max(bio) from users where bio is not null group by team", "?!");
    check(
        "select percentile_cont(0.5) within group (order by id), mode() within group (order by team) from users group by name",
        "!?",
    );
    check("select sum(p.id) from users u left join posts p on p.author = u.id group by u.id", "?");
    check("select coalesce(sum(id), 0) from users", "!");
}

#[test]
fn what_where_proves_does_not_hold_in_the_group_of_no_rows() {
    check("select (select count(*) || u.bio from posts where u.bio is not null) from users u", "?");
    check("select (select count(*) || u.bio from posts where u.bio is not null having u.bio > '') from users u", "?");
    check("select ('{}'::jsonb)->'a', count(*) from users where (('{}'::jsonb)->'a') is not null", "?!");
    check("select (select max(id) + length(u.bio) from posts where length(u.bio) > 1) from users u", "?");
    check("select ('{}'::jsonb)->>'a' from users where ('{}'::jsonb)->>'a' > '' group by name", "!");
}

#[test]
fn what_a_branch_proves_is_forgotten_after_it() {
    check(
        "select case when u.bio is not null then l.b else '' end, l.b from users u cross join lateral (select u.bio as b) l",
        "??",
    );
    check(
        "select case when u.team is not null then g else 1 end, g from users u cross join lateral unnest(array[u.team]) g",
        "??",
    );
}

#[test]
fn windows() {
    check(
        "select row_number() over (), rank() over (order by id), lag(id) over (), lag(id, 1, 0) over () from users",
        "!!?!",
    );
    check(
        "select sum(id) over (), sum(id) over (order by id rows between 1 preceding and 1 preceding) from users",
        "!?",
    );
    check("select sum(id) over (rows between current row and 2 following exclude current row) from users", "?");
    check("select first_value(id) over (order by id), nth_value(id, 2) over (order by id) from users", "!?");
    check("select case when bio is not null then max(bio) over (order by id) else '' end from users", "?");
    check("select sum(id) filter (where id > 1) over (), count(*) filter (where false) over () from users", "?!");
}

#[test]
fn sets_of_rows() {
    check("select generate_series(1, 3)", "!");
    check("select generate_series(1, 3), generate_series(1, 2)", "??");
    check("select g from generate_series(1, 3) g", "!");
    check("select * from generate_series(1, 3) with ordinality", "!!");
    check("select * from rows from (generate_series(1, 3), generate_series(1, 2)) with ordinality", "??!");
    check("select unnest(array[1, 2]), 1 from users", "!!");
    check("select unnest(array[1, null])", "?");
    check("select * from jsonb_each('{}')", "!!");
    check("select * from jsonb_each_text('{}')", "!?");
}

#[test]
fn sides_that_surely_have_a_row() {
    let one = "(select count(*) as n, coalesce(sum(p.id), 0) as s, max(p.id) as m from posts p";
    check(
        &format!("select x.n, x.s, x.m from users u left join lateral {one} where p.author = u.id) x on true"),
        "!!?",
    );
    check(&format!("select x.n, x.s from users u left join {one}) x on not false"), "!!");
    check(&format!("select x.n from users u left join lateral {one} where p.author = u.id) x on x.n > 1"), "?");
    check(&format!("select x.n from users u left join lateral {one} where p.author = u.id) x on u.id = 1"), "?");
    check(&format!("select x.n from users u left join lateral {one} where p.author = u.id limit 0) x on true"), "?");
    check(
        &format!("select x.n from users u left join lateral {one} where p.author = u.id having true) x on true"),
        "?",
    );
    check(&format!("select x.n from users u left join {one} group by p.author) x on true"), "?");
    check(&format!("select x.n, u.id from {one}) x right join users u on true"), "!!");
    // Without a user there is a row for the other side alone.
    check(&format!("select x.n, u.id from users u full join {one}) x on true"), "!?");
    check(&format!("select x.n, u.id from users u full join {one}) x on u.id = x.n"), "??");
    check(&format!("with x as {one}) select x.n, x.m from users left join x on true"), "!?");
    check("select v.a from users left join (values (1)) v (a) on true", "!");
    check("select s.a from users left join (select 1 as a where false) s on true", "?");
    check("select p.id from users left join posts p on true", "?");
    check(&format!("select x.n, p.id from users u left join (posts p cross join {one}) x) on true"), "??");
    check(&format!("select x.n, p.id from users u left join ({one}) x left join posts p on p.id = x.n) on true"), "!?");
}

#[test]
fn one_side_of_a_full_join() {
    let join = "users a full join posts b on a.id = b.id";
    check(&format!("select coalesce(a.id, b.id), coalesce(b.id, a.id), coalesce(a.id, b.id + 1) from {join}"), "!!!");
    check(&format!("select greatest(a.id, b.id), least(a.id, b.id), a.id, b.id from {join}"), "!!??");
    check(
        &format!("select coalesce(a.id, b.author), coalesce(a.name, b.title), coalesce(a.id, a.team) from {join}"),
        "!!?",
    );
    check(
        &format!("select coalesce(a.team, b.id), coalesce(a.bio, b.body), coalesce(a.id + b.id, b.id) from {join}"),
        "???",
    );
    check(&format!("select coalesce(a.id, b.id) from users c left join ({join}) on c.id = a.id"), "?");
    check(&format!("select coalesce(a.id, b.id) from users c join ({join}) on c.name > ''"), "!");
    check(
        &format!(
            "select coalesce(a.id, b.id), coalesce(a.id, b.id, c.id) from {join} full join users c on c.id = b.id"
        ),
        "?!",
    );
    check(
        &format!(
            "select coalesce(coalesce(a.id, b.id), c.id), coalesce(a.id, c.id) from {join} full join users c on c.id = b.id"
        ),
        "!?",
    );
    check(
        "select coalesce(a.id, b.id), coalesce(a.id, c.id) from users a full join (users b left join users c on true) on a.id = b.id",
        "!?",
    );
    check(&format!("select coalesce(a.id, b.id), count(*) from {join} group by a.id, b.id"), "!!");
    check(&format!("select coalesce(a.id, b.id), count(*) from {join} group by a.id, rollup(b.id)"), "?!");
    check(&format!("select coalesce(max(a.id), max(b.id)) from {join} group by a.team"), "?");
    check(&format!("select (select coalesce(a.id, b.id)), coalesce((select a.id), b.id) from {join}"), "??");
}

#[test]
fn branches_that_know_of_a_row() {
    let join = "users u left join posts p on p.author = u.id";
    check(&format!("select case when p.id is null then '' else p.title end from {join}"), "!");
    check(&format!("select case when p.id is not null then p.title else '' end from {join}"), "!");
    check(&format!("select case when p.body is null then '' else p.title end from {join}"), "!");
    check(&format!("select case when p.id is not null then p.body else '' end from {join}"), "?");
    check(&format!("select case when p.id is null then p.title else '' end from {join}"), "?");
    check(&format!("select case when p.id = u.id then p.title else '' end from {join}"), "!");
    check(&format!("select case when p.id = u.id or u.id = 1 then p.title else '' end from {join}"), "?");
    check(&format!("select case when p.id is not null then (select p.title) else '' end from {join}"), "!");
    check(&format!("select case when p.id is not null then max(p.title) over () else '' end from {join}"), "?");
    check(&format!("select case when p is not null then p.title else '' end from {join}"), "!");
    check(&format!("select case p.id when 1 then p.title else '' end from {join}"), "!");
    // Both come through the same join, or through one more.
    let two = "users u left join (posts p join users o on o.id = p.author) on p.author = u.id";
    check(&format!("select case when p.id is not null then o.name else '' end from {two}"), "!");
    let chain = "users u left join posts p on p.author = u.id left join users o on o.id = p.author";
    check(&format!("select case when p.id is not null then o.name else '' end from {chain}"), "?");
    let inside = "users u left join (posts p left join users o on o.id = p.author) on p.author = u.id";
    check(&format!("select case when o.id is not null then p.title else '' end from {inside}"), "!");
    check(&format!("select case when p.id is not null then o.name else '' end from {inside}"), "?");
    // A full join gives one side without the other.
    let full = "users u full join posts p on p.author = u.id";
    check(&format!("select case when p.id is not null then p.title else '' end from {full}"), "!");
    check(&format!("select case when p.id is not null then u.name else '' end from {full}"), "?");
    check(&format!("select case when p.id is null then '' else p.title end from {join} group by p.id"), "!");
    check(
        &format!("select case when p.id is null then '' else p.title end from {join} group by p.id, rollup(p.title)"),
        "?",
    );
}

#[test]
fn fields_of_dates_and_times() {
    check("select extract(year from now()), extract(epoch from now()), date_part('isoyear', now())", "!!!");
    check(
        "select extract(month from t), extract(hour from t), date_part('dow', t) from (select timestamptz 'infinity' as t) x",
        "???",
    );
    check(
        "select extract(century from current_date), extract(julian from current_date), extract(day from date 'infinity')",
        "!!?",
    );
    check("select extract(day from interval '1 day'), extract(hour from interval '1 day')", "!!");
    check("select extract(month from interval '1 day'), extract(minute from interval '1 day')", "??");
    check("select date_part(name, date 'infinity'), date_part('year', null::timestamp) from users", "??");
    check("select make_interval(days => id), make_interval(days => team) from users", "!?");
}

#[test]
fn fields_of_finite_dates_and_times() {
    check(
        "select extract(month from now()), extract(dow from current_date), date_part('day', current_timestamp)",
        "!!!",
    );
    check("select extract(month from date '2024-02-29'), extract(quarter from timestamp '2001-01-01'::date)", "!!");
    check("select extract(month from date 'infinity'), extract(month from timestamp '-Infinity'::date)", "??");
    check(
        "select extract(month from date_trunc('month', now() at time zone 'UTC')), extract(day from now() - interval '1 day')",
        "!!",
    );
    check("select date_part(bio, now()) from users", "?");
}

#[test]
fn counted_rows() {
    check(
        "select case when count(*) > 0 then sum(id) else 0 end, case when count(*) = 0 then 0 else max(id) end from users",
        "!!",
    );
    check(
        "select case when 0 < count(*) then sum(id) end, case when count(*) >= 0 then sum(id) else 0 end from users",
        "??",
    );
    check(
        "select case when count(*) > 0 then 0 else sum(id) end, case when count(*) < 1 then 0 else min(id) end from users",
        "?!",
    );
    check(
        "select case when count(*) > 0 then sum(team) else 0 end, case when count(team) > 0 then sum(team) else 0 end from users",
        "?!",
    );
    check(
        "select case when count(team) > 0 then sum(team + 1) else 0 end, case when count(distinct team) > 0 then sum(id) else 0 end from users",
        "?!",
    );
    check("select case when count(*) > 0 then sum(id) filter (where id > 1) else 0 end from users", "?");
    check(
        "select case when count(*) filter (where id > 1) > 0 then sum(id) filter (where id > 1) else 0 end from users",
        "!",
    );
    check(
        "select case when count(*) filter (where id > 2) > 0 then sum(id) filter (where id > 1) else 0 end from users",
        "?",
    );
    check(
        "select case when count(*) filter (where random() > 0.5) > 0 then sum(id) filter (where random() > 0.5) else 0 end from users",
        "?",
    );
    check("select case when count(*) filter (where id > 1) > 0 then sum(id) else 0 end from users", "!");
    check("select case when count(*) > 0 then stddev(id) else 0 end from users", "?");
    check("select case when count(*) > 0 or true then sum(id) else 0 end from users", "?");
    check("select max(id), array_agg(team) from users having count(*) > 0", "!!");
    check("select max(id) from users having count(*) >= 0", "?");
    check("select case when count(*) over () > 0 then (select max(id) from posts) else 0 end from users", "?");
}

#[test]
fn conditions_that_do_not_decide() {
    check("select team is null or team > 0, team is not null and team > 0, team > 0 or team is null from users", "!!!");
    check(
        "select team is null and team > 0, team is not null or team > 0, team is null or id > team or team < 0 from users",
        "??!",
    );
    check("select not (team is null or bio > '' or bio is null), team is null or bio > '' from users", "!?");
    check("select team is null or bio is null or bio > team::text, (bio <> '') is true and bio > 'a' from users", "!!");
    check("select team is null or (select team > 0), team is null or team = any (array[1, team]) from users", "!!");
    check("select team is null or team > 0 from users group by rollup(team)", "?");
}

#[test]
fn rows_and_their_fields() {
    check("select (w).id, (w).bio from (select id, bio from users) w", "!?");
    check("select (s.w).id, (s.w).bio from (select u as w from users u) s", "!?");
    check("select (s.w).id from users x left join (select u as w from users u) s on s.w is not null", "?");
}

#[test]
fn the_first_row_of_a_frame() {
    check("select nth_value(id, 1) over (order by id), nth_value(team, 1) over (order by id) from users", "!?");
    check("select nth_value(id, 1) over (order by id rows between 1 following and 2 following) from users", "?");
    check("select nth_value(id, id) over (order by id), nth_value(id, null) over (order by id) from users", "??");
}

#[test]
fn marks_of_cycles() {
    let cycle = |mark: &str| {
        format!(
            "with recursive r(n) as (select 1 union all select n + 1 from r) cycle n set m {mark} using p select m, n from r"
        )
    };
    check(&cycle(""), "!!");
    check(&cycle("to 'Y' default 'N'"), "!!");
    check(&cycle("to true default null"), "?!");
    check(
        "with recursive r(n) as (select 1 union all select n + 1 from r) search depth first by n set o cycle n set m using p select m from r",
        "!",
    );
}

#[test]
fn json_tables() {
    let table = |column: &str| format!("select e from users, json_table(jsonb '[1]', '$[*]' columns ({column}))");
    check(&table("e bool exists path '$.a'"), "!");
    check(&table("e bool exists path '$.a' true on error"), "!");
    check(&table("e bool exists path '$.a' unknown on error"), "?");
    check(&table("e int exists path '$.a'"), "?");
    check(&table("nested '$.b[*]' columns (e bool exists path '$.a')"), "?");
}

#[test]
fn reasons_are_in_words() {
    let sql = "select u.id, u.name, u.bio, p.title, count(*) as n, coalesce(u.bio, '') as b, sum(p.id) as s, lower(u.name) as l,
                      extract(month from timestamptz 'infinity') as y, (select p2.id from posts p2) as sub
               from users u left join posts p on p.author = u.id group by u.id, p.title";
    let lines: Vec<String> = judge(&catalog(), sql, &[])
        .into_iter()
        .map(|(name, column)| {
            format!("{name}: {}, {}", if column.not_null { "not null" } else { "nullable" }, column.reason)
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}
