//! `renumber`: branches that made the same number, mended without a server.

use super::Workspace;

/// Two branches that both made V2: `users` by hand here, a view of viewkeeper's there.
fn merged() -> Workspace {
    let workspace = Workspace::with_tables(&[("views/v.sql", "CREATE VIEW v AS SELECT id, name FROM users;\n")]);
    workspace.run(&["db-diff", "v"]).exits(0);
    workspace.write("migrations/V2__add_users_age.sql", "ALTER TABLE users ADD age integer;\n");
    workspace.write("rollbacks/V2__add_users_age.sql", "ALTER TABLE users DROP age;\n");
    let clash = workspace.run(&["check"]).exits(1);
    assert!(clash.err.contains("`cargo xtask renumber V2__v` gives it the next free number"), "{}", clash.show());
    workspace
}

#[test]
fn a_generated_migration_moves_with_its_rollback() {
    let workspace = merged();
    let moved = workspace.run(&["renumber", "V2__v"]).exits(0);
    insta::assert_snapshot!(moved.show());
    let (migration, rollback) = (workspace.read("migrations/V3__v.sql"), workspace.read("rollbacks/V3__v.sql"));
    assert!(migration.starts_with("-- viewkeeper: migration V3__v\n"), "{migration}");
    assert!(rollback.starts_with("-- viewkeeper: rollback of V3__v\n"), "{rollback}");
    assert!(!migration.contains("V2__v") && !rollback.contains("V2__v"));
    assert!(!workspace.path("migrations/V2__v.sql").exists() && !workspace.path("rollbacks/V2__v.sql").exists());
    workspace.run(&["check"]).exits(0);
}

#[test]
fn what_has_the_next_free_number_stays() {
    let workspace = Workspace::with_tables(&[("views/v.sql", "CREATE VIEW v AS SELECT id, name FROM users;\n")]);
    workspace.run(&["db-diff", "v"]).exits(0);
    let before = workspace.files();
    let ran = workspace.run(&["renumber", "V2__v"]).exits(0);
    assert_eq!(ran.out, "nothing to do: what is named has the next free number already\n", "{}", ran.show());
    assert_eq!(workspace.files(), before);
}

#[test]
fn a_hand_written_migration_moves_as_it_is() {
    let workspace = merged();
    workspace.run(&["renumber", "db/migrations/V2__add_users_age.sql"]).exits(0);
    assert_eq!(workspace.read("migrations/V3__add_users_age.sql"), "ALTER TABLE users ADD age integer;\n");
    assert_eq!(workspace.read("rollbacks/V3__add_users_age.sql"), "ALTER TABLE users DROP age;\n");
    workspace.run(&["check"]).exits(0);
}

#[test]
fn two_that_made_the_same_change_become_one() {
    let workspace = Workspace::with_tables(&[("views/v.sql", "CREATE VIEW v AS SELECT id, name FROM users;\n")]);
    workspace.run(&["db-diff", "ours"]).exits(0);
    let ours = (workspace.read("migrations/V2__ours.sql"), workspace.read("rollbacks/V2__ours.sql"));
    workspace.write("migrations/V2__theirs.sql", ours.0.replace("V2__ours", "V2__theirs"));
    workspace.write("rollbacks/V2__theirs.sql", ours.1.replace("V2__ours", "V2__theirs"));
    let moved = workspace.run(&["renumber", "V2__ours"]).exits(0);
    assert!(moved.out.starts_with("V2__ours goes: nothing is left to do for it\n"), "{}", moved.show());
    assert!(!workspace.path("migrations/V2__ours.sql").exists());
    workspace.run(&["check"]).exits(0);
}

#[test]
fn what_is_not_there_or_still_clashes_is_named() {
    let workspace = merged();
    workspace.write("migrations/V2__third.sql", "SELECT 1;\n");
    let files = workspace.files();
    let mut shown = String::new();
    for arguments in [&["V9__nothing"][..], &["what is this"], &["V2__v"]] {
        shown += &workspace.run(&[&["renumber"], arguments].concat()).exits(2).show();
    }
    insta::assert_snapshot!(shown);
    assert_eq!(workspace.files(), files);
}

#[test]
fn what_written_migrations_risk_is_said_since_a_version() {
    let workspace = Workspace::with_tables(&[("views/v.sql", "CREATE VIEW v AS SELECT id, name FROM users;\n")]);
    workspace.run(&["db-diff", "v"]).exits(0);
    workspace.write("views/v.sql", "CREATE VIEW v AS SELECT id FROM users;\n");
    workspace.run(&["db-diff", "without_name"]).exits(0);
    workspace.run(&["check", "--deny", "breaks-code"]).exits(0);
    workspace.run(&["check", "--deny", "breaks-code", "--since", "3"]).exits(0);
    workspace.run(&["check", "--deny", "loses-data", "--since", "2"]).exits(0);
    // The rows of tables are typed too.
    workspace.write("migrations/V4__by_hand.sql", "ALTER TABLE users DROP COLUMN name;\n");
    let denied = workspace.run(&["check", "--deny", "breaks-code", "--since", "2"]).exits(1);
    insta::assert_snapshot!(denied.show());
    let json = workspace.run(&["check", "--deny", "breaks-code", "--since", "2", "--format", "json"]).exits(1).json();
    assert_eq!(json["migrations"][0]["migration"], "V3__without_name");
    assert_eq!(json["migrations"][0]["hazards"][0]["denied"], true);
    // A rollback that is lost is said.
    std::fs::remove_file(workspace.path("rollbacks/V3__without_name.sql")).unwrap();
    let lost = workspace.run(&["check"]).exits(0);
    assert!(lost.err.contains("`db/migrations/V3__without_name.sql` has no rollback"), "{}", lost.show());
}

#[test]
fn renames_and_detached_partitions_of_a_written_migration_are_said() {
    let workspace = Workspace::with_tables(&[]);
    workspace.write(
        "migrations/V2__parts.sql",
        "CREATE TABLE parts (id integer NOT NULL) PARTITION BY RANGE (id);\nCREATE TABLE first PARTITION OF parts FOR VALUES \
         FROM (1) TO (9);\nCREATE TABLE above (id integer);\nCREATE TABLE below () INHERITS (above);\n",
    );
    workspace.write(
        "migrations/V3__renamed.sql",
        "ALTER TABLE users RENAME name TO called;\nALTER TABLE posts RENAME TO letters;\nALTER TABLE parts DETACH PARTITION \
         first;\nALTER TABLE below NO INHERIT above;\n",
    );
    let checked = workspace.run(&["check", "--since", "2", "--deny", "breaks-code"]).exits(1);
    insta::assert_snapshot!(checked.show());
}

#[test]
fn what_no_plan_could_do_is_said_of_what_a_person_wrote() {
    let workspace =
        Workspace::with_tables(&[("types/mood.sql", "CREATE TYPE mood AS ENUM ('sad', 'bored', 'happy');\n")]);
    workspace.run(&["db-diff", "mood"]).exits(0);
    workspace.write(
        "migrations/V3__moods.sql",
        "CREATE TABLE moods (id integer PRIMARY KEY, mood mood NOT NULL, made mood GENERATED ALWAYS AS ('sad'::mood) STORED);\n",
    );
    workspace.write("types/mood.sql", "CREATE TYPE mood AS ENUM ('sad', 'happy');\n");
    workspace.write(
        "migrations/V4__fewer_moods.sql",
        "ALTER TABLE moods DROP COLUMN made, ALTER COLUMN mood TYPE text;\nDROP TYPE mood;\nCREATE TYPE mood AS ENUM ('sad', \
         'happy');\nALTER TABLE moods ALTER COLUMN mood TYPE mood USING mood::mood,\n    ADD COLUMN made mood GENERATED \
         ALWAYS AS ('sad'::mood) STORED;\nALTER TABLE users DROP COLUMN email;\n",
    );
    let checked = workspace.run(&["check", "--since", "3", "--deny", "breaks-code"]).exits(1);
    insta::assert_snapshot!(checked.show());
}
