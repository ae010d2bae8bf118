//! Generated columns: never null where their expressions are, of what the row's other columns are now.

use crate::config::Settings;
use crate::migration::{MigrationFile, MigrationId};
use crate::replay;
use crate::source::SourceFile;

/// `n` for each column of `v` that is not null, after statements of a migration.
fn columns(statements: &str) -> String {
    let migration = format!(
        "CREATE TABLE t (
            a int NOT NULL, b int,
            of_a int GENERATED ALWAYS AS (a * 2) STORED,
            of_b int GENERATED ALWAYS AS (b * 2) STORED,
            either int GENERATED ALWAYS AS (coalesce(b, a)) STORED,
            converted text GENERATED ALWAYS AS (a) STORED,
            own int GENERATED ALWAYS AS (mine(a)) STORED
        );
        {statements};
        CREATE VIEW v AS SELECT of_a, of_b, either, converted, own FROM t;"
    );
    let before = "CREATE FUNCTION mine(x int) RETURNS int IMMUTABLE STRICT LANGUAGE plpgsql AS 'begin return x; end'";
    let files: Vec<MigrationFile> = (1i64..)
        .zip([before, migration.as_str()])
        .map(|(version, text)| MigrationFile {
            id: MigrationId::new(version, "t"),
            source: SourceFile::new(format!("V{version}__t.sql"), text),
        })
        .collect();
    let state = replay::migrated(&files, &Settings::default());
    assert!(state.diagnostics.0.is_empty(), "{:?}", state.diagnostics);
    let view = state.catalog.relations.values().find(|row| row.name == "v").and_then(|row| row.view.clone()).unwrap();
    let mark = |not_null| if not_null { 'n' } else { '-' };
    view.analysis.columns.iter().map(|column| mark(column.nullability.not_null)).collect()
}

#[test]
fn generated_columns_are_judged_by_their_expressions() {
    assert_eq!(columns(""), "n-n--");
    assert_eq!(columns("ALTER TABLE t ALTER b SET NOT NULL"), "nnn--");
    assert_eq!(columns("ALTER TABLE t ALTER a DROP NOT NULL"), "-----");
    assert_eq!(columns("ALTER TABLE t ALTER of_a DROP EXPRESSION"), "--n--");
    assert_eq!(columns("ALTER TABLE t RENAME a TO c; ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME TO t"), "n-n--");
    assert_eq!(columns("ALTER TABLE t ALTER of_a TYPE bigint"), "-----");
}

#[test]
fn generated_columns_of_other_tables() {
    // A child takes the expression over, but may compute it otherwise.
    assert_eq!(columns("CREATE TABLE c () INHERITS (t)"), "n-n--");
    assert_eq!(columns("CREATE TABLE c (of_a int GENERATED ALWAYS AS (b) STORED) INHERITS (t)"), "--n--");
    assert_eq!(columns("CREATE TABLE c () INHERITS (t); ALTER TABLE t ALTER a DROP NOT NULL"), "-----");
    assert_eq!(columns("CREATE TABLE c () INHERITS (t); ALTER TABLE t ALTER of_a DROP EXPRESSION"), "--n--");
    assert_eq!(columns("CREATE TABLE c () INHERITS (t); ALTER TABLE t ALTER of_a SET EXPRESSION AS (b)"), "--n--");
    assert_eq!(columns("CREATE TABLE c () INHERITS (t); ALTER TABLE t ALTER of_b SET EXPRESSION AS (a)"), "nnn--");
    let like = |options: &str| {
        columns(&format!(
            "CREATE TABLE l (x text, LIKE t {options}); ALTER TABLE t RENAME TO s; ALTER TABLE l RENAME TO t"
        ))
    };
    assert_eq!(like("INCLUDING ALL"), "n-n--");
    assert_eq!(like("INCLUDING GENERATED"), "n-n--");
    assert_eq!(like(""), "-----");
    let partitioned = "CREATE TABLE p (k int, a int NOT NULL, b int, of_a int GENERATED ALWAYS AS (a * 2) STORED,
            of_b int GENERATED ALWAYS AS (b * 2) STORED, either int GENERATED ALWAYS AS (coalesce(b, a)) STORED,
            converted text, own int) PARTITION BY LIST (k);
        CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
        CREATE TABLE p2 (k int, a int NOT NULL, b int, of_a int GENERATED ALWAYS AS (a * 2) STORED,
            of_b int GENERATED ALWAYS AS (b * 2) STORED, either int GENERATED ALWAYS AS (coalesce(b, a)) STORED,
            converted text, own int);
        ALTER TABLE p ATTACH PARTITION p2 FOR VALUES IN (2);
        ALTER TABLE t RENAME TO s";
    assert_eq!(columns(&format!("{partitioned}; ALTER TABLE p RENAME TO t")), "n-n--");
    assert_eq!(columns(&format!("{partitioned}; ALTER TABLE p1 RENAME TO t")), "n-n--");
}
