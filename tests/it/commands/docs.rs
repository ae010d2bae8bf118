//! The catalogue: what is written where, what is taken away again, and what never is. What stands on the pages is tested in
//! the engine.

use super::Workspace;

/// The files of a folder, by their paths below it.
fn files(workspace: &Workspace, folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for below in ["", "relations"] {
        let Ok(entries) = std::fs::read_dir(workspace.root().join(folder).join(below)) else { continue };
        for entry in entries.map(Result::unwrap).filter(|entry| entry.path().is_file()) {
            let name = entry.file_name().into_string().unwrap();
            found.push(if below.is_empty() { name } else { format!("{below}/{name}") });
        }
    }
    found.sort();
    found
}

#[test]
fn the_example_becomes_pages_below_target() {
    let workspace = Workspace::example();
    let before = workspace.files();
    let run = |arguments: &[&str]| workspace.run_with(arguments, &[("CARGO_TARGET_DIR", "")]);
    let first = run(&["docs"]).exits(0);
    assert_eq!(
        first.out,
        "7 pages in target/viewkeeper-docs: 7 written, 0 removed\nopen target/viewkeeper-docs/index.html\n"
    );
    let again = run(&["docs"]).exits(0);
    assert_eq!(again.out.lines().next(), Some("7 pages in target/viewkeeper-docs: 0 written, 0 removed"));
    let json = run(&["docs", "--format", "json"]).exits(0).json();
    let listed: Vec<&str> = json["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
    let mut there = files(&workspace, "target/viewkeeper-docs");
    there.retain(|file| file != "viewkeeper-docs.txt");
    assert_eq!(listed, there);
    assert_eq!(json["folder"], "target/viewkeeper-docs");
    assert_eq!(json["errors"], serde_json::json!([]));
    assert_eq!(workspace.files(), before, "a file of the project changed");
}

#[test]
fn only_pages_of_its_own_are_taken_away() {
    let workspace = Workspace::with_tables(&[
        ("views/a.sql", "CREATE VIEW a AS SELECT id FROM users;\n"),
        ("views/b.sql", "CREATE VIEW b AS SELECT id FROM a;\n"),
    ]);
    workspace.run(&["docs", "--out", "site"]).exits(0);
    let site = workspace.root().join("site");
    std::fs::write(site.join("relations/notes.html"), "mine").unwrap();
    std::fs::write(workspace.root().join("index.html"), "mine").unwrap();
    // Whoever writes into the list gets no file removed by it that could be no page.
    let list = std::fs::read_to_string(site.join("viewkeeper-docs.txt")).unwrap();
    std::fs::write(site.join("viewkeeper-docs.txt"), format!("{list}../index.html\n../db/views/a.sql\n")).unwrap();
    std::fs::remove_file(workspace.path("views/b.sql")).unwrap();
    let ran = workspace.run(&["docs", "--out", "site"]).exits(0);
    assert_eq!(ran.out.lines().next(), Some("5 pages in site: 4 written, 1 removed"));
    let expected = [
        "index.html",
        "lineage.html",
        "relations/notes.html",
        "relations/public-a.html",
        "relations/public-posts.html",
        "relations/public-users.html",
        "viewkeeper-docs.txt",
    ];
    assert_eq!(files(&workspace, "site"), expected);
    assert!(workspace.root().join("index.html").is_file() && workspace.path("views/a.sql").is_file());
    // The root has a page that the command did not write: nothing is written over it.
    let refused = workspace.run(&["docs", "--out", "."]).exits(2);
    insta::assert_snapshot!(refused.show());
    assert_eq!(std::fs::read_to_string(workspace.root().join("index.html")).unwrap(), "mine");
    assert!(!workspace.root().join("lineage.html").exists());
}

#[test]
fn what_is_broken_is_said_and_hides_nothing() {
    let workspace = Workspace::with_tables(&[
        ("views/a.sql", "CREATE VIEW a AS SELECT id FROM users;\n"),
        ("views/b.sql", "CREATE VIEW b AS\nSELECT nmae FROM users;\n"),
    ]);
    let text = workspace.run(&["docs", "--out", "site"]).exits(2);
    insta::assert_snapshot!(text.show());
    assert!(workspace.root().join("site/relations/public-a.html").is_file());
    let index = std::fs::read_to_string(workspace.root().join("site/index.html")).unwrap();
    assert!(index.contains("no column <code>nmae</code>") && index.contains("db/views/b.sql:2:8"), "{index}");
    let json = workspace.run(&["docs", "--out", "site", "--format", "json"]).exits(2).json();
    assert_eq!(json["errors"][0]["file"], "db/views/b.sql");
    // Without a project nothing is written, and what is there stays.
    let nowhere = workspace.run(&["--dir", "nowhere", "docs", "--out", "site"]).exits(2);
    assert!(nowhere.err.contains("there is no database folder `nowhere`"), "{}", nowhere.show());
    assert!(workspace.root().join("site/relations/public-a.html").is_file());
}
