//! `init`: an existing workspace gets its database folder, the commands and a first view.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::Workspace;

/// A workspace with these files, outside of this repository, which is one too.
fn workspace(files: &[(&str, &str)]) -> Workspace {
    let workspace = Workspace(TempDir::new().unwrap());
    for (path, text) in files {
        let path = workspace.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    workspace
}

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// One with one crate, as cargo makes it.
const EXISTING: [(&str, &str); 3] = [
    ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"app\"]\n"),
    ("app/Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
    ("app/src/main.rs", "fn main() {}\n"),
];

#[test]
fn a_workspace_gets_what_it_needs_once() {
    let workspace = workspace(&EXISTING);
    let made = workspace.run(&["init", "--server-version", "15"]).exits(0);
    insta::assert_snapshot!(made.show());
    for file in ["Cargo.toml", "db/Cargo.toml", "xtask/Cargo.toml", ".cargo/config.toml", "db/viewkeeper.toml"] {
        let text = std::fs::read_to_string(workspace.root().join(file)).unwrap();
        insta::assert_snapshot!(file.replace('/', "_"), text);
    }
    let files = workspace.files();
    let again = workspace.run(&["init"]).exits(0);
    assert!(again.out.ends_with("nothing to do: viewkeeper is here already\n"), "{}", again.show());
    assert_eq!(workspace.files(), files);

    workspace.run(&["db-diff"]).exits(0);
    workspace.run(&["check"]).exits(0);
    assert!(workspace.read("migrations/V1__create_table_sizes.sql").contains("VIEW public.table_sizes"));
}

#[test]
fn a_package_becomes_a_workspace_of_cargos() {
    let shop = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    let workspace = workspace(&[("Cargo.toml", shop), ("src/main.rs", "fn main() {}\n")]);
    workspace.run(&["init", "--from", REPOSITORY, "--dir", "crates/database", "--xtask", "views"]).exits(0);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let metadata = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(workspace.root())
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let mut names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["database", "shop", "views"]);
}

#[test]
fn what_is_in_the_way_is_told_at_once_and_stays() {
    let in_the_way = [
        ("db/Cargo.toml", "[package]\nname = \"db\"\nversion = \"0.1.0\"\n"),
        ("xtask/Cargo.toml", "[package]\nname = \"xtask\"\nversion = \"0.1.0\"\n"),
        (".cargo/config.toml", "[alias]\nxtask = \"run --package tasks --\"\n"),
    ];
    let workspace = workspace(&[EXISTING.as_slice(), &in_the_way].concat());
    let refused = workspace.run(&["init"]).exits(2);
    insta::assert_snapshot!(refused.show());
    for (path, text) in in_the_way {
        assert_eq!(std::fs::read_to_string(workspace.root().join(path)).unwrap(), text);
    }
    assert!(!workspace.path("build.rs").exists());
}

#[test]
fn a_broken_manifest_is_shown() {
    let workspace = workspace(&[("Cargo.toml", "[workspace\n")]);
    insta::assert_snapshot!(workspace.run(&["init"]).exits(2).show());
}

#[test]
fn a_dry_run_writes_nothing() {
    let workspace = workspace(&EXISTING);
    let shown = workspace.run(&["init", "--dry-run"]).exits(0);
    assert!(shown.out.contains("# db/build.rs\n") && shown.out.contains("CREATE VIEW table_sizes"), "{}", shown.show());
    assert!(!workspace.path("").exists() && !workspace.root().join("xtask").exists());
}

#[test]
fn the_example_is_what_an_adopter_gets() {
    for file in ["db/build.rs", "xtask/src/main.rs"] {
        let text = |folder: &str| std::fs::read_to_string(Path::new(REPOSITORY).join(folder).join(file)).unwrap();
        assert_eq!(text("crates/viewkeeper-cli/templates"), text("."), "{file}");
    }
}
