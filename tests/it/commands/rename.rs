//! A rename that is told, from the definition to the database, through every command that looks at it.

use super::Workspace;
use viewkeeper_live::testing::newest_server;

#[test]
fn what_is_told_is_checked_proven_applied_compared_and_taken_back() {
    let workspace = Workspace::with_tables(&[
        ("views/a.sql", "CREATE VIEW a AS SELECT id, name FROM users;\nCOMMENT ON COLUMN a.name IS 'called';\n"),
        ("views/b.sql", "CREATE VIEW b AS SELECT name FROM a;\n"),
        ("types/mood.sql", "CREATE TYPE mood AS ENUM ('sad', 'glad');\n"),
    ]);
    workspace.run(&["db-diff", "all"]).exits(0);
    let server = newest_server();
    let (old, new) = (server.empty_database(), server.empty_database());
    for database in [&old, &new] {
        workspace.run_on(&database.url(), &["migrate"]).exits(0);
    }
    // What was given by hand goes along.
    new.execute("ALTER VIEW a SET (security_barrier); ALTER VIEW b ALTER COLUMN name SET DEFAULT 'nobody'");
    old.execute("ALTER VIEW a SET (security_barrier); ALTER VIEW b ALTER COLUMN name SET DEFAULT 'nobody'");

    workspace.write(
        "views/a.sql",
        "-- viewkeeper: renamed from a\n-- viewkeeper: called renamed from name\nCREATE VIEW people AS SELECT id, name AS \
         called FROM users;\nCOMMENT ON COLUMN people.called IS 'called';\n",
    );
    workspace.write("views/b.sql", "CREATE VIEW b AS SELECT called AS name FROM people;\n");
    workspace.write(
        "types/mood.sql",
        "-- viewkeeper: 'happy' renamed from 'glad'\nCREATE TYPE mood AS ENUM ('sad', 'happy');\n",
    );
    let checked = workspace.run(&["check"]).exits(1);
    let denied = workspace.run(&["check", "--deny", "loses-data", "--deny", "widens-access"]).exits(1);
    assert!(!denied.out.contains("denied"), "{}", denied.show());
    let written = workspace.run(&["db-diff", "renames", "--verify"]).exits(0);
    let since = workspace.run(&["check", "--since", "2", "--deny", "breaks-code"]).exits(1);
    let migrated = workspace.run_on(&new.url(), &["migrate"]).exits(0);
    workspace.run_on(&new.url(), &["status"]).exits(0);
    insta::assert_snapshot!([checked.show(), written.show(), since.show(), migrated.show()].join("\n"));

    let compare = || workspace.run(&["compare", &old.url(), &new.url(), "--format", "json"]).json();
    let differ = |compared: serde_json::Value| -> Vec<String> {
        let objects = compared["objects"].as_array().unwrap().clone();
        let differing = objects.iter().filter(|object| object["state"] != "same" && object["kind"] != "migration");
        differing.map(|object| format!("{} {} {}", object["kind"], object["name"], object["state"])).collect()
    };
    assert_eq!(
        differ(compare()),
        [
            "\"enum\" \"public.mood\" \"differs\"",
            "\"view\" \"public.a\" \"missing\"",
            "\"view\" \"public.b\" \"differs\"",
            "\"view\" \"public.people\" \"missing\"",
        ]
    );
    // What was given by hand stays under the former name, too.
    workspace.run_on(&new.url(), &["rollback"]).exits(0);
    assert_eq!(differ(compare()), [""; 0]);
    for database in [&old, &new] {
        workspace.run_on(&database.url(), &["migrate"]).exits(0);
    }
    assert_eq!(differ(compare()), [""; 0]);
    let drift = workspace.run_on(&new.url(), &["drift", "--format", "json"]).json();
    let mut names: Vec<&str> =
        drift["drift"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["public.b", "public.people"], "what was given by hand stays drift, under the new names too");
    // The lines may stay.
    workspace.run(&["check"]).exits(0);
}
