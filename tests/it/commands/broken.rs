//! Files that are wrong in every way that their authors have: no server is needed to say so, and nothing is written.

use super::{TABLES, Workspace};

/// What `db-diff` says of a broken workspace. The other commands agree on the exit code, and no file changes.
fn refused(workspace: &Workspace) -> String {
    let before = workspace.files();
    let ran = workspace.run(&["db-diff"]).exits(2);
    workspace.run(&["db-diff", "--check"]).exits(2);
    workspace.run(&["check"]).exits(1);
    workspace.run(&["describe", "--format", "json"]).exits(2);
    assert_eq!(workspace.files(), before, "a file changed");
    ran.show()
}

fn refused_view(sql: &str) -> String {
    refused(&Workspace::with_tables(&[("views/a.sql", sql)]))
}

#[test]
fn a_syntax_error() {
    insta::assert_snapshot!(refused_view("-- Who writes.\nCREATE VIEW a AS\nSELECT id, FROM users;\n"));
}

#[test]
fn an_unknown_table() {
    insta::assert_snapshot!(refused_view("CREATE VIEW a AS\nSELECT id FROM user_accounts;\n"));
}

#[test]
fn a_misspelt_table_and_a_misspelt_column() {
    let workspace = Workspace::with_tables(&[
        ("views/a.sql", "CREATE VIEW a AS\nSELECT id FROM usres;\n"),
        ("views/b.sql", "CREATE VIEW b AS\nSELECT\n    id,\n    users.nmae\nFROM users;\n"),
    ]);
    insta::assert_snapshot!(refused(&workspace));
}

#[test]
fn two_files_declare_one_view() {
    let workspace = Workspace::with_tables(&[
        ("views/a.sql", "CREATE VIEW a AS SELECT id FROM users;\n"),
        ("views/reports/a.sql", "CREATE VIEW public.a AS SELECT name FROM users;\n"),
    ]);
    insta::assert_snapshot!(refused(&workspace));
}

#[test]
fn a_cycle() {
    let workspace = Workspace::with_tables(&[
        ("views/a.sql", "CREATE VIEW a AS SELECT id FROM b;\n"),
        ("views/b.sql", "CREATE VIEW b AS SELECT id FROM c;\n"),
        ("views/c.sql", "CREATE VIEW c AS SELECT id FROM a;\n"),
    ]);
    insta::assert_snapshot!(refused(&workspace));
}

#[test]
fn a_view_on_itself() {
    insta::assert_snapshot!(refused_view("CREATE VIEW a AS SELECT id FROM a;\n"));
}

#[test]
fn a_version_number_twice() {
    let workspace = Workspace::with_tables(&[
        ("migrations/V2__one.sql", "CREATE TABLE one (id integer);\n"),
        ("migrations/V2__other.sql", "CREATE TABLE other (id integer);\n"),
    ]);
    insta::assert_snapshot!(refused(&workspace));
}

#[test]
fn a_migration_with_a_name_that_refinery_cannot_read() {
    let workspace = Workspace::with_tables(&[("migrations/2_more.sql", "CREATE TABLE more (id integer);\n")]);
    insta::assert_snapshot!(refused(&workspace));
}

#[test]
fn a_version_number_that_does_not_fit() {
    let workspace = Workspace::with_tables(&[("migrations/V20261122223519__more.sql", "SELECT 1;\n")]);
    insta::assert_snapshot!(refused(&workspace));
}

#[test]
fn a_migration_with_a_syntax_error() {
    let workspace = Workspace::with_tables(&[("migrations/V2__more.sql", "CREATE TABEL more (id integer);\n")]);
    insta::assert_snapshot!(refused(&workspace));
}

#[test]
fn a_file_that_is_not_utf_8() {
    let workspace = Workspace::with_tables(&[]);
    workspace.write("views/a.sql", b"CREATE VIEW a AS\nSELECT id, 'caf\xe9' AS place FROM users;\n");
    insta::assert_snapshot!(refused(&workspace));
}

#[test]
fn a_definition_that_is_no_view() {
    insta::assert_snapshot!(refused_view("DROP TABLE users;\n"));
}

#[test]
fn settings_that_nobody_knows() {
    let workspace = Workspace::with_tables(&[("viewkeeper.toml", "server-version = 14\nserach-path = [\"public\"]\n")]);
    insta::assert_snapshot!(refused(&workspace));
}

#[test]
fn a_folder_that_is_not_there() {
    let workspace = Workspace::new(&[]);
    let shown: Vec<_> = [vec!["db-diff"], vec!["describe"], vec!["status"]]
        .iter()
        .map(|arguments| workspace.run(&[&["--dir", "nowhere"], &arguments[..]].concat()).exits(2).show())
        .collect();
    workspace.run(&["check", "--dir", "nowhere"]).exits(1);
    insta::assert_snapshot!(shown.join("\n"));
    assert!(!workspace.root().join("nowhere").exists());
}

#[test]
fn an_empty_project_is_fine() {
    let workspace = Workspace::new(&[]);
    let shown: Vec<_> = [&["db-diff"][..], &["db-diff", "--check"], &["check"], &["describe"]]
        .iter()
        .map(|arguments| workspace.run(arguments).exits(0).show())
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
    assert!(workspace.files().is_empty());
}

#[test]
fn carriage_returns_are_no_change() {
    let workspace = Workspace::new(&[
        ("migrations/V1__tables.sql", &TABLES.replace('\n', "\r\n")),
        ("views/a.sql", "-- Who writes.\r\nCREATE VIEW a AS\r\nSELECT id,\r\n    'x' AS x\r\nFROM users;\r\n"),
    ]);
    workspace.run(&["db-diff", "first"]).exits(0);
    let migration = workspace.read("migrations/V2__first.sql");
    assert!(!migration.contains('\r'), "{migration:?}");
    workspace.run(&["db-diff", "--check"]).exits(0);
    workspace.edit("views/a.sql", "\r\n", "\n");
    workspace.run(&["db-diff", "--check"]).exits(0);
    // The place of an error does not move either.
    workspace.write("views/b.sql", "-- Second.\r\nCREATE VIEW b AS\r\nSELECT idd FROM users;\r\n");
    insta::assert_snapshot!(refused(&workspace));
}

#[test]
fn a_closed_pipe_is_no_panic() {
    // `describe | head -1`: the reader has gone before everything is written.
    let workspace = Workspace::example();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_viewkeeper-commands"))
        .args(["describe", "--format", "json"])
        .current_dir(workspace.root())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"), "{output:?}");
}

#[test]
fn problems_and_pending_changes_are_annotations_on_github() {
    let workspace = Workspace::with_tables(&[
        ("views/a.sql", "-- The users.\nCREATE VIEW a AS\nSELECT id FROM users;\n"),
        ("views/b.sql", "CREATE VIEW b AS SELECT nmae FROM users;\n"),
    ]);
    let broken = workspace.run(&["check", "--format", "github"]).exits(1);
    let again = workspace.run(&["db-diff", "--check", "--format", "github"]).exits(2);
    assert_eq!(again.out, broken.out);
    workspace.write("views/b.sql", "CREATE VIEW b AS SELECT name FROM users;\n");
    let pending = workspace.run(&["check", "--format", "github"]).exits(1);
    assert_eq!(workspace.run(&["db-diff", "--check", "--format", "github"]).exits(1).out, pending.out);
    insta::assert_snapshot!([broken.out, pending.out].join("---\n"));
}
