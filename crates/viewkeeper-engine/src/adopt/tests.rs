//! Dumps in small: what stays, what goes, what is said.

use std::collections::BTreeSet;

use super::layout::free_path;
use super::*;
use crate::name::QualifiedName;
use crate::replay::Subject;

fn view(name: &str, dumped: &str, shown: &str) -> AdoptedView {
    AdoptedView {
        schema: "public".to_owned(),
        name: name.to_owned(),
        materialized: false,
        populated: true,
        dumped: dumped.to_owned(),
        shown: shown.to_owned(),
    }
}

fn adopted(dump: &str, views: &[AdoptedView]) -> Adopted {
    let source = Source { dump, views, owner: "app", origin: "a test" };
    adopt(&source, "db".into(), &Settings::default()).unwrap()
}

#[test]
fn commands_of_psql_settings_and_the_own_role_go_and_everything_else_stays() {
    let dump = "--\n-- PostgreSQL database dump\n--\n\\restrict Ab1\nSET lock_timeout = 0;\nSET transaction_timeout = 0;\n\
         SELECT pg_catalog.set_config('search_path', '', false);\nSET default_tablespace = '';\n\
         SET default_table_access_method = heap;\nCREATE TABLE public.t (a integer);\n\
         ALTER TABLE public.t OWNER TO app;\nALTER SCHEMA public OWNER TO app;\nALTER FUNCTION public.g() OWNER TO other;\n\
         CREATE FUNCTION public.f() RETURNS text LANGUAGE plpgsql AS '\n\\restrict not this\n';\n\
         SET default_tablespace = fast;\nCREATE TABLE public.u (a integer);\n\\unrestrict Ab1\n";
    let body = adopted(dump, &[]).baseline;
    let body = body.split_once("true);\n").unwrap().1;
    assert_eq!(
        body,
        "\nCREATE TABLE public.t (a integer);\n\nALTER SCHEMA public OWNER TO app;\n\n\
         ALTER FUNCTION public.g() OWNER TO other;\n\n\
         SET LOCAL search_path TO public;\n\n\
         -- viewkeeper: said by definitions\n\n\
         CREATE FUNCTION public.f() RETURNS text LANGUAGE plpgsql AS '\n\\restrict not this\n';\n\n\
         SELECT pg_catalog.set_config('search_path', '', true);\n\n\
         -- viewkeeper: said by migrations alone\n\nSET default_tablespace = fast;\n\nCREATE TABLE public.u (a integer);\n"
    );
}

#[test]
fn what_a_newer_server_notes_of_columns_is_no_setting() {
    let dump = "CREATE TABLE public.t (a integer, b text);\n\
         ALTER TABLE ONLY public.t ALTER COLUMN a SET (pg_attver=36873232);\n\
         ALTER TABLE ONLY public.t ALTER COLUMN b SET (n_distinct=3, pg_attver=36873232, n_distinct_inherited=4);\n";
    let baseline = adopted(dump, &[]).baseline;
    assert!(!baseline.contains("ALTER COLUMN a"), "{baseline}");
    let kept = "ALTER TABLE ONLY public.t ALTER COLUMN b SET (n_distinct=3, n_distinct_inherited=4);\n";
    assert!(baseline.contains(kept), "{baseline}");
}

#[test]
fn what_may_hold_a_password_is_named_and_not_written() {
    let adopted = adopted("CREATE USER MAPPING FOR me SERVER s OPTIONS (password 'hush');", &[]);
    assert_eq!(adopted.left[0].what, "user mapping on server `s`");
    assert!(!format!("{adopted:?}").contains("hush"));
}

#[test]
fn a_view_that_a_function_gives_rows_of_comes_before_what_calls_the_function() {
    let dump = "CREATE VIEW public.b AS\n SELECT 1 AS one,\n    2 AS two;\n\
         CREATE FUNCTION public.f() RETURNS SETOF public.b LANGUAGE sql AS 'SELECT 1, 2';\n\
         CREATE VIEW public.a AS\n SELECT x.one,\n    x.two\n   FROM public.f() x(one, two);\n";
    let views = [
        view(
            "a",
            " SELECT x.one,\n    x.two\n   FROM public.f() x(one, two);",
            " SELECT one,\n    two\n   FROM f() x(one, two);",
        ),
        view("b", " SELECT 1 AS one,\n    2 AS two;", " SELECT 1 AS one,\n    2 AS two;"),
    ];
    let adopted = adopted(dump, &views);
    assert_eq!(adopted.left, []);
    let paths: Vec<&str> = adopted.definitions.keys().map(|path| path.as_str()).collect();
    assert_eq!(paths, ["functions/f.sql", "views/a.sql", "views/b.sql"]);
}

#[test]
fn a_stand_in_of_a_cycle_stays_and_the_view_is_what_replaces_it() {
    // The view calls a function that takes its rows.
    let dump = "CREATE VIEW public.v AS\nSELECT\n    NULL::integer AS a;\n\
         CREATE FUNCTION public.f(public.v) RETURNS integer LANGUAGE sql AS 'SELECT 1';\n\
         CREATE OR REPLACE VIEW public.v AS\n SELECT 1 AS a;\n";
    let adopted = adopted(dump, &[view("v", " SELECT 1 AS a;", " SELECT 1 AS a;")]);
    assert!(
        adopted.baseline.contains(
            "NULL::integer AS a;\n\nSET LOCAL search_path TO public;\n\n-- viewkeeper: said by definitions\n\nCREATE FUNCTION"
        ),
        "{}",
        adopted.baseline
    );
    assert_eq!(adopted.definitions[Utf8Path::new("views/v.sql")], "CREATE VIEW public.v AS\n SELECT 1 AS a;\n");
    assert_eq!(adopted.left, []);
}

#[test]
fn what_is_not_understood_stays_in_the_baseline_and_is_named() {
    let dump = "CREATE VIEW public.v AS\n SELECT public.unknown() AS a;\n";
    let adopted = adopted(dump, &[view("v", " SELECT public.unknown() AS a;", " SELECT unknown() AS a;")]);
    assert!(adopted.baseline.contains("SELECT unknown() AS a;"), "{}", adopted.baseline);
    assert!(adopted.definitions.is_empty());
    assert!(adopted.left[0].what == "view public.v" && adopted.left[0].why.contains("unknown"), "{:?}", adopted.left);
}

#[test]
fn names_that_files_cannot_have_clash_with_nothing() {
    let settings = Settings::default();
    let mut taken = BTreeSet::new();
    let mut path = |schema: &str, name: &str| {
        free_path(Sort::View, &Subject::Relation(QualifiedName::new(schema, name)), &settings, &mut taken)
    };
    let paths = [path("public", "a/../b"), path("public", "A____b"), path("public", "a____b"), path("x.y", "ä")];
    assert_eq!(paths, ["views/a____b.sql", "views/A____b-2.sql", "views/a____b-3.sql", "views/x_y/ä.sql"]);
}

#[test]
fn everything_that_definitions_may_declare_becomes_one_with_what_is_said_of_it() {
    let dump = "CREATE SCHEMA other;\nCREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;\n\
         COMMENT ON EXTENSION hstore IS 'pairs';\n\
         CREATE FUNCTION public.f(a integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$SELECT a$$;\n\
         COMMENT ON FUNCTION public.f(a integer) IS 'one';\n\
         CREATE FUNCTION public.f(a text) RETURNS text LANGUAGE sql AS $$SELECT a$$;\n\
         CREATE FUNCTION other.f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN new; END$$;\n\
         CREATE PROCEDURE public.p() LANGUAGE sql AS $$$$;\n\
         CREATE AGGREGATE public.total(numeric) (SFUNC = numeric_add, STYPE = numeric);\n\
         CREATE SEQUENCE public.own START WITH 5;\n\
         CREATE SEQUENCE public.t_id_seq;\n\
         CREATE TABLE public.t (id integer NOT NULL, b integer DEFAULT public.f(1), CHECK ((public.f(id) > 0)));\n\
         ALTER SEQUENCE public.t_id_seq OWNED BY public.t.id;\n\
         ALTER TABLE ONLY public.t ALTER COLUMN id SET DEFAULT nextval('public.t_id_seq'::regclass);\n\
         CREATE INDEX t_f ON public.t USING btree (public.f(b));\n\
         CREATE TRIGGER touch BEFORE UPDATE ON public.t FOR EACH ROW EXECUTE FUNCTION other.f();\n\
         ALTER TABLE public.t DISABLE TRIGGER touch;\n\
         COMMENT ON TRIGGER touch ON public.t IS 'sleeps';\n\
         CREATE RULE no_delete AS ON DELETE TO public.t DO INSTEAD NOTHING;\n\
         ALTER TABLE public.t ENABLE ROW LEVEL SECURITY;\nALTER TABLE ONLY public.t FORCE ROW LEVEL SECURITY;\n\
         CREATE POLICY own ON public.t USING ((b > 0));\n\
         REVOKE ALL ON FUNCTION public.f(a integer) FROM PUBLIC;\n\
         GRANT ALL ON FUNCTION public.total(numeric) TO reader;\n\
         SET SESSION AUTHORIZATION someone;\nGRANT ALL ON FUNCTION public.f(a text) TO reader;\nRESET SESSION AUTHORIZATION;\n";
    let adopted = adopted(dump, &[]);
    assert_eq!(adopted.left, []);
    let files: Vec<String> = adopted.definitions.iter().map(|(path, text)| format!("-- {path}\n{text}")).collect();
    insta::assert_snapshot!(files.join("\n"));
}

#[test]
fn a_function_that_is_not_understood_stays_in_the_baseline_with_the_reason() {
    let dump = "CREATE FUNCTION public.stale(a public.lost) RETURNS integer LANGUAGE sql AS $$SELECT 1$$;\n";
    let adopted = adopted(dump, &[]);
    assert!(adopted.definitions.is_empty() && adopted.baseline.contains("stale(a public.lost)"), "{adopted:?}");
    let [left] = adopted.left.get(..1).unwrap_or_default() else { panic!("{:?}", adopted.left) };
    assert!(left.what == "routine public.stale(public.lost)" && left.why.contains("lost"), "{left:?}");
    let count = adopted.sorts[&Sort::Function];
    assert_eq!((count.definitions, count.all), (0, 1));
}
