//! What the parser makes of texts, and the canonical text of what it made.

use super::*;

#[test]
fn statements_know_their_text_and_place() {
    let file = SourceFile::new("a.sql", "-- first\nSELECT 1 ;\n/* x /* y */ */ SELECT 'ü', 2\n");
    let statements = parse(&file, ServerVersion::LATEST).unwrap();
    assert_eq!(statements.iter().map(Statement::text).collect::<Vec<_>>(), ["SELECT 1", "SELECT 'ü', 2"]);
}

#[test]
fn a_syntax_error_has_its_place() {
    let file = SourceFile::new("a.sql", "SELECT 'ü';\nSELEC 1");
    let error = parse(&file, ServerVersion::LATEST).unwrap_err();
    let (_, span) = error.place.clone().unwrap();
    assert_eq!(&file.text[span.start..span.end], "SELEC");
    assert_eq!(file.line_column(span.start), (2, 1));
}

#[test]
fn words_of_later_versions_are_told() {
    for (text, word) in [
        ("create table u (id int, system_user text)", "system_user"),
        ("create function json_scalar(int) returns int language sql as 'select 1'", "json_scalar"),
    ] {
        let error = parse(&SourceFile::new("a.sql", text), ServerVersion::LATEST).unwrap_err();
        assert!(error.help.is_some_and(|help| help.contains(&format!("`\"{word}\"`"))), "{text}");
    }
    assert_eq!(parse(&SourceFile::new("a.sql", "select 1 from from"), ServerVersion::LATEST).unwrap_err().help, None);
}

#[test]
fn words_of_later_versions_are_names_before() {
    let text =
        "create view w as select json_object('{a,1}'), SYSTEM_USER, json('1'), x is null as source from json_table t";
    for version in [ServerVersion::V14, ServerVersion::V15] {
        let node = parse(&SourceFile::new("a.sql", text), version).unwrap().remove(0).node;
        assert_eq!(
            canonical(&node).unwrap(),
            "CREATE VIEW w AS SELECT \"json_object\"('{a,1}'), \"system_user\", \"json\"('1'), x IS NULL AS source \
             FROM \"json_table\" t"
        );
    }
    let file = SourceFile::new("a.sql", "select 1;\nMERGE INTO t USING s ON true WHEN MATCHED THEN DELETE");
    assert!(parse(&file, ServerVersion::V15).is_ok());
    let error = parse(&file, ServerVersion::V14).unwrap_err();
    assert_eq!(error.message, "syntax error at or near \"MERGE\"");
    let told = "`merge` is a word of SQL from PostgreSQL 15 on, and the target is PostgreSQL 14";
    assert_eq!(error.note.as_deref(), Some(told));
}

#[test]
fn canonical_text_quotes_names() {
    for text in [
        "CREATE TYPE r AS RANGE (subtype = text, \"collation\" = pg_catalog.\"C\")",
        "CREATE STATISTICS s ON \"x y\", \"Total\", id, (lower(\"$1\")) FROM t",
        "CREATE FUNCTION f(\"Total\" int, OUT \"time\" int) AS $$select 1$$ LANGUAGE sql",
        "SELECT f(\"Total\" := sum(1) OVER \"W\") FROM t WINDOW \"W\" AS (ORDER BY a), w AS (\"W\")",
        "SELECT JSON_ARRAYAGG(1 RETURNING text) OVER \"W\" FROM t WINDOW \"W\" AS ()",
    ] {
        assert_eq!(
            canonical(&parse(&SourceFile::new("a.sql", text), ServerVersion::LATEST).unwrap()[0].node).unwrap(),
            text
        );
    }
}

#[test]
fn canonical_text_has_every_function_in_from() {
    for text in [
        "SELECT * FROM NULLIF(1, 2) n, LATERAL NULLIF(n, (SELECT a FROM JSON_SCALAR(1) a)) WITH ORDINALITY m",
        "SELECT * FROM ROWS FROM (JSON_VALUE('1' , '$') , lower('A') , merge_action() ) r(a, b, c)",
        "CREATE FUNCTION f() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT * FROM NULLIF('a', 'b'); END",
    ] {
        assert_eq!(
            canonical(&parse(&SourceFile::new("a.sql", text), ServerVersion::LATEST).unwrap()[0].node).unwrap(),
            text
        );
    }
}

#[test]
fn canonical_text_keeps_what_matters() {
    let canonical_of =
        |sql: &str| canonical(&parse(&SourceFile::new("a.sql", sql), ServerVersion::LATEST).unwrap()[0].node).unwrap();
    assert_eq!(canonical_of("select  A::int -- x\n from t"), canonical_of("SELECT cast(a as int) FROM t"));
    assert_ne!(canonical_of("select interval '30 days'"), canonical_of("select interval '7 days'"));
}

#[test]
fn five_hundred_operators_parse() {
    let sql = format!("SELECT 1{}", " + 1".repeat(500));
    let count = on_deep_stack(|| {
        parse(&SourceFile::new("a.sql", sql), ServerVersion::LATEST).map(|statements| statements.len())
    });
    assert_eq!(count, Ok(1));
}

#[test]
fn a_type_name_parses_alone() {
    for name in ["numeric(6,2)[]", "setof int", "t.c%TYPE", "timestamp (3) with time zone"] {
        assert!(parse_type_name(name).is_ok(), "{name}");
    }
    for other in ["1 + 2", "int, b int", "int default 1", "int) returns int", "int --", ""] {
        assert_eq!(parse_type_name(other).is_ok(), other == "int --", "{other}");
    }
}
