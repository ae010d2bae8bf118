//! The repository's own rules, each a test that says why. Adding one is adding a function.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Files of more than [`LONGEST`] lines, each with its reason. Split by item, not by layer, before adding one.
const LONG: &[(&str, &str)] = &[
    ("crates/viewkeeper-engine/src/analyse/json.rs", "every constructor and predicate of SQL/JSON, one function each"),
    ("crates/viewkeeper-engine/src/resolve/function.rs", "the steps of func_get_detail, read in their order"),
    ("crates/viewkeeper-engine/src/tree/mod.rs", "the vocabulary of the typed tree, read as one"),
    ("tests/generated/adopted/rows.rs", "generated, compiled as it is"),
];
const LONGEST: usize = 600;

#[test]
fn what_ships_knows_nothing_of_parsing() {
    // The runtime is light only as long as nothing pulls the parser in behind its back.
    let tree = cargo_tree(&["-p", "app", "-e", "normal", "--prefix", "none"]);
    for forbidden in ["pg_query", "viewkeeper-engine", "viewkeeper-live", "viewkeeper-cli"] {
        assert!(
            !tree.lines().any(|line| line.split(' ').next() == Some(forbidden)),
            "`app` links `{forbidden}`: see `cargo tree -p app -e normal -i {forbidden}`"
        );
    }
}

#[test]
fn one_file_names_the_parser_library() {
    // Replacing or upgrading the library stays a change of one file.
    let offenders = lines_with(
        |file| is_rust(file) && file != Path::new("crates/viewkeeper-engine/src/parser.rs") && !is_this(file),
        |line| !is_comment(line) && (line.contains("pg_query::") || line.contains("extern crate pg_query")),
    );
    assert!(offenders.is_empty(), "use `crate::parser` instead:\n{}", offenders.join("\n"));
}

#[test]
fn one_file_of_the_engine_touches_files() {
    // The engine takes and returns values, so it can be tested, and run, anywhere.
    let offenders = lines_with(
        |file| {
            file.starts_with("crates/viewkeeper-engine/src")
                && is_rust(file)
                && file != Path::new("crates/viewkeeper-engine/src/files.rs")
        },
        |line| {
            !is_comment(line)
                && ["std::fs", "fs::read", "fs::write", "File::open"].iter().any(|name| line.contains(name))
        },
    );
    assert!(offenders.is_empty(), "go through `crate::files` instead:\n{}", offenders.join("\n"));
}

#[test]
fn the_engine_has_no_clock_and_no_chance() {
    // Its output is the same byte for byte on every machine.
    let forbidden = ["SystemTime", "Instant", "rand", "RandomState", "HashMap", "HashSet"];
    let offenders = lines_with(
        |file| file.starts_with("crates/viewkeeper-engine/src") && is_rust(file),
        |line| !is_comment(line) && line.split(|c: char| !c.is_alphanumeric()).any(|word| forbidden.contains(&word)),
    );
    assert!(offenders.is_empty(), "not in the engine:\n{}", offenders.join("\n"));
}

#[test]
fn every_module_says_what_lives_in_it() {
    let offenders: Vec<String> = files()
        .into_iter()
        .filter(|file| is_rust(file) && !read(file).starts_with("//! ") && !is_example_of_an_adopter(file))
        // Text that is included has no inner comments.
        .filter(|file| !file.starts_with("tests/generated"))
        .map(|file| file.display().to_string())
        .collect();
    assert!(
        offenders.is_empty(),
        "begin with `//! ` and what lives there, and what may not:\n{}",
        offenders.join("\n")
    );
}

#[test]
fn nothing_is_left_to_do() {
    let offenders = lines_with(
        |file| is_rust(file) && !is_this(file),
        |line| ["todo!(", "unimplemented!(", "dbg!("].iter().any(|name| line.contains(name)),
    );
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

#[test]
fn nothing_is_dropped_with_what_hangs_on_it() {
    // A drop that meets something unknown has to fail, with nothing lost.
    let offenders = lines_with(
        |file| {
            let rendered =
                ["db/rollbacks", "db/migrations", "tests/cases"].iter().any(|folder| file.starts_with(folder));
            // What a person wrote may, and stands in the migration that is wrapped around it.
            let by_a_person = file.to_string_lossy().contains("/wrapped_a_cascade_");
            !by_a_person && (rendered && has_extension(file, "sql") || has_extension(file, "snap"))
        },
        |line| {
            // The line of a snapshot that quotes the test's own source.
            let line = if line.starts_with("expression: ") { String::new() } else { line.to_uppercase() };
            line.split(|c: char| !c.is_alphanumeric()).any(|word| word == "CASCADE")
                // What a message tells a person to do.
                && !line.trim_start().starts_with("= ")
                && !line.contains("ON DELETE CASCADE")
                && !line.contains("ON UPDATE CASCADE")
        },
    );
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

#[test]
fn files_stay_short() {
    let mut offenders = Vec::new();
    for file in files().iter().filter(|file| is_rust(file)) {
        let path = file.to_string_lossy();
        // Tests stand below what they test and do not make it harder to read.
        let lines = read(file).lines().take_while(|line| *line != "#[cfg(test)]").count();
        let listed = LONG.iter().any(|(long, reason)| *long == path && !reason.is_empty());
        match (lines > LONGEST, listed) {
            (true, false) => offenders.push(format!("{path} has {lines} lines")),
            (false, true) => offenders.push(format!("{path} is short enough: take it off the list")),
            _ => {}
        }
    }
    assert!(offenders.is_empty(), "split by item, not by layer:\n{}", offenders.join("\n"));
}

#[test]
fn no_file_names_a_machine() {
    let homes = [["/ro", "ot/"], ["/ho", "me/"], ["/wo", "rk/"], ["/Us", "ers/"], ["C:\\Us", "ers"]]
        .map(|parts| parts.concat());
    let offenders = lines_with(is_text, |line| homes.iter().any(|home| line.contains(home.as_str())));
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

#[test]
fn documents_name_real_paths() {
    let folders = ["crates/", "db/", "app/", "xtask/", "tests/", ".ci/", ".cargo/"];
    let mut offenders = Vec::new();
    for file in files().iter().filter(|file| has_extension(file, "md")) {
        for (number, line) in read(file).lines().enumerate() {
            // Every second piece is between backticks.
            for name in line.split('`').skip(1).step_by(2) {
                let is_path = folders.iter().any(|folder| name.starts_with(folder));
                let is_pattern = name.contains(['*', '<', '{', '…', ' ']);
                if is_path && !is_pattern && !root().join(name).exists() {
                    offenders.push(format!("{}:{}: {name}", file.display(), number + 1));
                }
            }
        }
    }
    assert!(offenders.is_empty(), "not there:\n{}", offenders.join("\n"));
}

#[test]
fn panics_are_not_waved_through() {
    // Where input can reach, a failure is a value. Where none can, the reason stands beside it; test binaries say so
    // once, at their top.
    let lints = ["clippy::unwrap_used", "clippy::expect_used", "clippy::indexing_slicing"];
    let offenders = lines_with(
        |file| is_rust(file) && !is_this(file) && !file.components().any(|part| part.as_os_str() == "tests"),
        |line| line.contains("allow(") && !line.contains("reason = ") && lints.iter().any(|lint| line.contains(lint)),
    );
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

#[test]
fn the_parser_is_built_once() {
    // Cargo builds a package anew for each set of features of anything under it, and the parser takes a minute: so
    // whatever is built first, everything under it has one set. What is named here is missing in the engine's
    // Cargo.toml, under the dependencies or the build dependencies.
    let mut sets: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for packages in ["--workspace", "-p app", "-p db", "-p xtask", "-p viewkeeper-engine", "-p viewkeeper-tests"] {
        for edges in ["normal,build", "normal,dev"] {
            let mut arguments: Vec<&str> = packages.split(' ').collect();
            arguments.extend(["-e", edges, "--no-dedupe", "--prefix", "depth", "-f", " {p} [{f}]"]);
            // The depth of the parser whose dependencies are being listed.
            let mut parser = None;
            for line in cargo_tree(&arguments).lines() {
                let Some((depth, (name, features))) = line
                    .split_once(' ')
                    .and_then(|(depth, rest)| Some((depth.parse::<u32>().ok()?, rest.split_once(" [")?)))
                else {
                    continue;
                };
                if parser.is_some_and(|parser| depth <= parser) {
                    parser = None;
                }
                if parser.is_some() {
                    let name = name.trim_end_matches(" (proc-macro)").to_owned();
                    let seen = format!("{packages} -e {edges}");
                    sets.entry(name).or_default().entry(features.to_owned()).or_insert(seen);
                } else if name.starts_with("pg_query ") {
                    parser = Some(depth);
                }
            }
        }
    }
    assert!(sets.len() > 20, "{sets:#?}");
    sets.retain(|_, sets| sets.len() > 1);
    assert!(sets.is_empty(), "{sets:#?}");
}

fn cargo_tree(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).arg("tree").args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// The files of the repository, by path from its root.
fn files() -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root())
        .output()
        .ok()
        .filter(|output| output.status.success());
    let found: Vec<PathBuf> = match output {
        Some(output) => String::from_utf8(output.stdout).unwrap().split_terminator('\0').map(PathBuf::from).collect(),
        None => walk(&root()),
    };
    found.into_iter().filter(|file| root().join(file).is_file()).collect()
}

/// The same where there is no git.
fn walk(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "target" && name != ".git" {
            found.extend(walk(&path));
        } else if path.is_file() {
            found.push(path.strip_prefix(root()).unwrap().to_path_buf());
        }
    }
    found.sort();
    found
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_default()
}

/// `path:line: text` of every line that a condition holds for.
fn lines_with(in_file: impl Fn(&Path) -> bool, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for file in files().iter().filter(|file| in_file(file)) {
        for (number, line) in read(file).lines().enumerate().filter(|(_, line)| wanted(line)) {
            found.push(format!("{}:{}: {}", file.display(), number + 1, line.trim()));
        }
    }
    found
}

fn is_rust(file: &Path) -> bool {
    has_extension(file, "rs")
}

fn is_text(file: &Path) -> bool {
    ["rs", "sql", "md", "toml", "sh", "snap", "json", "yml"].iter().any(|extension| has_extension(file, extension))
        || file.starts_with(".ci")
}

fn has_extension(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|found| found == extension)
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// This file names what it forbids.
fn is_this(file: &Path) -> bool {
    file == Path::new("tests/it/tidy.rs")
}

/// Files that show what an adopter writes, which is less.
fn is_example_of_an_adopter(file: &Path) -> bool {
    file.starts_with("tests/cases") || file.ends_with("structs.rs")
}
