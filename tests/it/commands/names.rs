//! Names that are hard: the whole way, from the definition to the database and back.

use super::{TABLES, Workspace};
use viewkeeper_live::testing::newest_server;

#[test]
fn hard_names_go_the_whole_way() {
    let longest = "x".repeat(63);
    let names = [
        longest.as_str(),
        "with \"quotes\" and spaces",
        "it's -- no /* comment",
        "größe_名前_🦀",
        "select",
        "match",
        "Self",
        "UPPER",
        "$tag$",
    ];
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{}\"", name.replace('"', "\"\""))).collect();
    let workspace = Workspace::new(&[("migrations/V1__tables.sql", TABLES)]);
    for (index, name) in quoted.iter().enumerate() {
        let columns: Vec<String> = quoted.iter().map(|column| format!("id AS {column}")).collect();
        workspace.write(
            &format!("views/v{index}.sql"),
            format!(
                "CREATE VIEW {name} AS SELECT {} FROM users;\nCOMMENT ON VIEW {name} IS 'it''s \"here\"';\n\
                 COMMENT ON COLUMN {name}.{name} IS '$$';\nGRANT SELECT ON {name} TO PUBLIC;\n",
                columns.join(", ")
            ),
        );
    }
    let database = newest_server().empty_database();
    let count = || -> i64 {
        let sql = "SELECT count(*) FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace \
                   AND relname = ANY ($1) AND obj_description(oid) = 'it''s \"here\"' AND relacl::text LIKE '%=r/%'";
        database.connect().query_one(sql, &[&names.as_slice()]).unwrap().get(0)
    };
    workspace.run(&["db-diff", "names"]).exits(0);
    workspace.run(&["db-diff", "--check"]).exits(0);
    workspace.run_on(&database.url(), &["migrate"]).exits(0);
    assert_eq!(count(), 9);
    // Recreated, every one of them, and back.
    for index in 0..names.len() {
        workspace.edit(&format!("views/v{index}.sql"), "AS SELECT", "AS SELECT name,");
    }
    workspace.run(&["db-diff", "more"]).exits(0);
    workspace.run_on(&database.url(), &["migrate"]).exits(0);
    assert_eq!(count(), 9);
    workspace.run_on(&database.url(), &["rollback"]).exits(0);
    assert_eq!(count(), 9);
    workspace.run_on(&database.url(), &["rollback"]).exits(0);
    assert_eq!(count(), 0);
    for name in names {
        workspace.run(&["describe", name]).exits(0);
    }
}

#[test]
fn a_name_that_postgresql_would_cut_off() {
    let long = format!("CREATE VIEW {} AS SELECT id FROM users;\n", "x".repeat(64));
    let workspace = Workspace::with_tables(&[("views/a.sql", &long)]);
    insta::assert_snapshot!(workspace.run(&["db-diff", "long"]).show());
}

#[test]
fn a_migration_takes_a_name_that_a_file_can_have() {
    let workspace = Workspace::with_tables(&[("views/a.sql", "CREATE VIEW a AS SELECT id FROM users;\n")]);
    let shown: Vec<_> = ["../up", "", "a b", "größe"]
        .iter()
        .map(|name| workspace.run(&["db-diff", "--dry-run", name]).show())
        .collect();
    let heads: Vec<String> = shown.iter().map(|shown| shown.lines().take(6).collect::<Vec<_>>().join("\n")).collect();
    insta::assert_snapshot!(heads.join("\n\n"));
}
