//! The walk of the README on the example: a changed literal, and a column in the middle below another view, there and back.

use super::{Ran, Workspace};
use viewkeeper_live::testing::{TestDatabase, newest_server};

/// What the views are in the database: query, columns, options, comments, privileges.
fn views(database: &TestDatabase) -> String {
    let sql = "SELECT string_agg(format('%s | %s | %s | %s | %s | %s', c.oid::regclass, pg_get_viewdef(c.oid), \
               (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || \
               coalesce(col_description(c.oid, a.attnum), '-') || ' ' || coalesce(a.attacl::text, '-'), ', ' \
               ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0), \
               obj_description(c.oid), c.relacl, c.reloptions), E'\\n' ORDER BY c.relname) \
               FROM pg_class c WHERE c.relkind IN ('v', 'm') AND c.relnamespace = 'public'::regnamespace";
    database.connect().query_one(sql, &[]).unwrap().get(0)
}

/// The files that `db-diff` wrote, as it names them.
fn written(ran: &Ran) -> Vec<&str> {
    ran.out.lines().filter_map(|line| line.strip_prefix("wrote db/")).collect()
}

/// Edits a definition; then everything that a user does next, and all the way back.
fn there_and_back(old: &str, new: &str, file: &str, seen: &str) -> String {
    let workspace = Workspace::example();
    let database = newest_server().empty_database();
    let url = database.url();
    workspace.run(&["db-diff", "--check"]).exits(0);
    workspace.run_on(&url, &["migrate"]).exits(0);
    // What somebody gave by hand is kept as well.
    newest_server().role("walk_reader");
    database.execute(
        "GRANT SELECT ON active_users, top_authors TO walk_reader WITH GRANT OPTION; \
         GRANT UPDATE (name) ON top_authors TO walk_reader",
    );
    let before = views(&database);
    assert!(before.contains("walk_reader") && before.contains("Exists so that"), "{before}");

    workspace.edit("views/active_users.sql", old, new);
    let files = workspace.files();
    let check = workspace.run(&["db-diff", "--check"]).exits(1);
    workspace.run(&["check"]).exits(1);
    assert_eq!(workspace.files(), files, "`--check` writes nothing");
    let dry_run = workspace.run(&["db-diff", "--dry-run"]).exits(0);
    assert_eq!(workspace.files(), files, "`--dry-run` writes nothing");

    let ran = workspace.run(&["db-diff"]).exits(0);
    let [migration, rollback] = [format!("migrations/{file}"), format!("rollbacks/{file}")];
    assert_eq!(written(&ran), [migration.as_str(), rollback.as_str()]);
    for path in [&migration, &rollback] {
        assert!(dry_run.out.contains(workspace.read(path).trim_end()), "{}", dry_run.show());
    }
    assert_eq!(workspace.files().len(), files.len() + 2);
    workspace.run(&["db-diff", "--check"]).exits(0);
    workspace.run(&["check"]).exits(0);

    workspace.run_on(&url, &["status"]).exits(1);
    let migrate = workspace.run_on(&url, &["migrate"]).exits(0);
    workspace.run_on(&url, &["status"]).exits(0);
    let after = views(&database);
    assert!(after.contains(seen) && !before.contains(seen), "{after}");
    // Comments and privileges are on all three as before, those given by hand too.
    for text in ["walk_reader=r*/", "walk_reader=w/", "Exists so that", "Authors with equally many posts", "=r/"] {
        assert_eq!(after.matches(text).count(), before.matches(text).count(), "{text} in {after}");
    }

    let back = workspace.run_on(&url, &["rollback"]).exits(0);
    assert_eq!(views(&database), before);
    // The files still say where the definitions lead, so there is nothing to write; and the same migration goes again.
    let still = workspace.run(&["db-diff"]).exits(0);
    assert_eq!(still.out, "nothing to do: the migrations lead to what the definitions say\n");
    workspace.run_on(&url, &["migrate"]).exits(0);
    assert_eq!(views(&database), after);
    [check, ran, migrate, back].iter().map(Ran::show).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_literal_changes() {
    insta::assert_snapshot!(there_and_back(
        "interval '30 days'",
        "interval '7 days'",
        "V4__replace_active_users.sql",
        "'7 days'::interval"
    ));
}

#[test]
fn a_column_comes_into_the_middle_below_another_view() {
    insta::assert_snapshot!(there_and_back(
        "    users.status,\n",
        "    users.email,\n    users.status,\n",
        "V4__recreate_active_users.sql",
        "users.email"
    ));
}

/// `--verify` on a private server of the workspace's own, which `dev-db` starts and stops.
#[test]
fn a_migration_is_proven_on_a_throw_away_database() {
    let workspace = Workspace::example();
    let programs = newest_server().installation().program("postgres");
    let programs = programs.parent().unwrap().to_str().unwrap();
    let target = workspace.own_target();
    let variables = [("PG_BIN", programs), ("CARGO_TARGET_DIR", target.as_str())];
    workspace.edit("views/active_users.sql", "    users.status,\n", "    users.email,\n    users.status,\n");
    // Roles belong to the whole server, and `--verify` runs the migrations twice.
    let first = workspace.read("migrations/V1__create_users.sql");
    workspace.write("migrations/V1__create_users.sql", format!("{first}CREATE ROLE verify_reader;\n"));
    let ran = workspace.run_with(&["db-diff", "--verify"], &variables);
    let left = "SELECT string_agg(name, ' ') FROM (SELECT datname FROM pg_database UNION SELECT rolname FROM pg_roles) \
                AS found (name) WHERE name LIKE 'verify%'";
    let left = workspace.run_with(&["dev-db", "psql", "-Atc", left], &variables);
    let stopped = workspace.run_with(&["dev-db", "stop"], &variables);
    let again = workspace.run_with(&["dev-db", "stop"], &variables);
    insta::assert_snapshot!(ran.exits(0).show());
    assert_eq!(left.exits(0).out.trim(), "", "a throw-away database or role is left");
    assert_eq!(stopped.exits(0).out, "stopped\n");
    assert_eq!(again.exits(0).out, "it did not run\n");
}
