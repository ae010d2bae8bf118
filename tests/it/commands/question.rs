//! Questions at a terminal: a child process that `script` gives one, and answers that are typed into it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::Workspace;

/// What a person sees of a command who types these answers; `None`, said on the terminal, where there is no `script`.
fn at_a_terminal(workspace: &Workspace, command: &str, answers: &str) -> Option<String> {
    let program = env!("CARGO_BIN_EXE_viewkeeper-commands");
    let mut script = Command::new("script");
    script.args([
        "--quiet",
        "--return",
        "--echo",
        "never",
        "--command",
        &format!("'{program}' {command}"),
        "/dev/null",
    ]);
    script.current_dir(workspace.root()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let Some(mut child) = script.spawn().ok() else {
        eprintln!("skipped: there is no `script` that could give a terminal");
        return None;
    };
    child.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap().replace('\r', "");
    assert!(output.status.success(), "{text}");
    Some(text)
}

/// Two views whose names changed, one of them with a column, and one that reads both.
fn renamed() -> Workspace {
    let workspace = Workspace::with_tables(&[
        ("views/a.sql", "CREATE VIEW a AS SELECT id, name FROM users;\n"),
        ("views/b.sql", "CREATE VIEW b AS SELECT id, title FROM posts;\n"),
        ("views/c.sql", "CREATE VIEW c AS SELECT a.id AS number, b.title FROM a JOIN b USING (id);\n"),
    ]);
    workspace.run(&["db-diff", "all"]).exits(0);
    workspace.write("views/a.sql", "-- Everybody.\nCREATE VIEW people AS SELECT id, name FROM users;\n");
    workspace.write("views/b.sql", "CREATE VIEW titles AS SELECT id, title FROM posts;\n");
    workspace.write(
        "views/c.sql",
        "CREATE VIEW c AS SELECT people.id AS of, titles.title FROM people JOIN titles USING (id);\n",
    );
    workspace
}

#[test]
#[cfg(target_os = "linux")]
fn what_looks_like_a_rename_is_asked_and_what_is_confirmed_is_told() {
    let workspace = renamed();
    // The column is asked for as soon as its view reads what has another name now.
    let Some(seen) = at_a_terminal(&workspace, "db-diff renames", "y\nn\nyes\n") else { return };
    let files = ["views/a.sql", "views/b.sql", "views/c.sql"];
    let files: String = files.map(|file| format!("--- {file}\n{}", workspace.read(file))).concat();
    let migration = workspace.read("migrations/V3__renames.sql");
    assert!(migration.contains("ALTER VIEW public.a RENAME TO people;"), "{migration}");
    insta::assert_snapshot!(format!("{seen}\n{files}"));
    workspace.run(&["db-diff", "--check"]).exits(0);
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let workspace = renamed();
    let ran = workspace.run(&["db-diff"]).exits(0);
    assert!(!ran.out.contains("[y/N]"), "{}", ran.show());
    assert!(workspace.read("views/a.sql").starts_with("-- Everybody.\nCREATE"));
}
