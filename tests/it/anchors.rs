//! What stops other tools, where a case folder cannot hold it: changes of tables, two branches, the session's search path,
//! a thousand views. `docs/anchors.md` says which test answers what.

use std::fmt::Write as _;

use viewkeeper_live::testing::{for_each_server, newest_server};

use crate::commands::Workspace;

#[test]
fn one_step_adds_a_table_column_and_uses_it_in_the_view() {
    let workspace = Workspace::with_tables(&[("views/v.sql", "CREATE VIEW v AS SELECT id, name FROM users;\n")]);
    workspace.run(&["db-diff", "views"]).exits(0);
    workspace.write("migrations/V3__phone.sql", "ALTER TABLE users ADD phone text;\n");
    workspace.edit("views/v.sql", "id, name", "id, name, phone");
    let database = newest_server().empty_database();
    let written = workspace.run(&["db-diff", "phone"]).exits(0);
    assert!(written.out.contains("replace view public.v: column `phone` added at the end"), "{}", written.out);
    workspace.run_on(&database.url(), &["migrate"]).exits(0);
    let columns = "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute \
                   WHERE attrelid = 'v'::regclass AND attnum > 0";
    let columns: String = database.connect().query_one(columns, &[]).unwrap().get(0);
    assert_eq!(columns, "id name phone");
    workspace.run_on(&database.url(), &["rollback"]).exits(0);
    workspace.run_on(&database.url(), &["drift"]).exits(0);
}

#[test]
fn the_type_of_a_table_column_under_a_view_is_refused_with_the_view_named_before_it_is_applied() {
    let workspace = Workspace::with_tables(&[("views/v.sql", "CREATE VIEW v AS SELECT id, name FROM users;\n")]);
    workspace.run(&["db-diff", "v"]).exits(0);
    workspace.write("migrations/V3__wide.sql", "ALTER TABLE users ALTER name TYPE varchar(80);\n");
    let refused = workspace.run(&["check"]).exits(1);
    assert!(refused.err.contains("view `v` depends on column `name`"), "{}", refused.show());
    assert!(refused.err.contains("db-diff --wrap V3__wide.sql"), "{}", refused.show());
    // Wrapped, it is one migration with one rollback.
    workspace.run(&["db-diff", "--wrap", "V3__wide.sql"]).exits(0);
    workspace.run(&["check"]).exits(0);
    let database = newest_server().empty_database();
    workspace.run_on(&database.url(), &["migrate"]).exits(0);
    let type_name = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute \
                     WHERE attrelid = 'v'::regclass AND attname = 'name'";
    let type_name: String = database.connect().query_one(type_name, &[]).unwrap().get(0);
    assert_eq!(type_name, "character varying(80)");
    workspace.run_on(&database.url(), &["drift"]).exits(0);
    workspace.run_on(&database.url(), &["rollback"]).exits(0);
    workspace.run_on(&database.url(), &["drift"]).exits(0);
}

#[test]
fn a_wrapped_migration_that_cascades_takes_nothing_along() {
    let workspace = Workspace::with_tables(&[("views/v.sql", "CREATE VIEW v AS SELECT id, name FROM users;\n")]);
    workspace.run(&["db-diff", "v"]).exits(0);
    workspace.write("migrations/V3__less.sql", "ALTER TABLE users DROP name CASCADE;\n");
    workspace.edit("views/v.sql", "id, name", "id");
    let wrapped = workspace.run(&["db-diff", "--wrap", "db/migrations/V3__less.sql"]).exits(0);
    assert!(wrapped.out.contains("hazard loses-data: line 1: the values that column `name`"), "{}", wrapped.show());
    let database = newest_server().empty_database();
    workspace.run_on(&database.url(), &["migrate", "--to", "2"]).exits(0);
    database.execute("COMMENT ON VIEW v IS 'By hand.'");
    workspace.run_on(&database.url(), &["migrate"]).exits(0);
    let comment: String = database.connect().query_one("SELECT obj_description('v'::regclass)", &[]).unwrap().get(0);
    assert_eq!(comment, "By hand.");
    // Nothing brings the values back.
    let refused = workspace.run_on(&database.url(), &["rollback", "--overwrite-drift"]).exits(2);
    assert!(refused.err.contains("cannot be rolled back"), "{}", refused.show());
}

#[test]
fn only_the_last_migration_that_a_person_wrote_is_wrapped() {
    let workspace = Workspace::with_tables(&[("views/v.sql", "CREATE VIEW v AS SELECT id, name FROM users;\n")]);
    workspace.run(&["db-diff", "v"]).exits(0);
    let refusals = [
        ("V2__v", "was written by viewkeeper"),
        ("V1__tables.sql", "is not the last migration"),
        ("V9__no.sql", "is no migration of this project"),
    ];
    for (file, why) in refusals {
        let refused = workspace.run(&["db-diff", "--wrap", file]).exits(2);
        assert!(refused.err.contains(why), "{}", refused.show());
    }
    workspace.write("migrations/V3__wide.sql", "COMMIT;\nALTER TABLE users ALTER name TYPE varchar(80);\n");
    let refused = workspace.run(&["db-diff", "--wrap", "V3__wide.sql"]).exits(2);
    assert!(refused.err.contains("does not run in one transaction"), "{}", refused.show());
}

#[test]
fn an_extension_that_moves_is_not_wrapped_in_the_same_step_and_a_view_that_is_renamed_is() {
    let extension = "CREATE EXTENSION citext SCHEMA public;\nCREATE SCHEMA tools;\n";
    let workspace = Workspace::with_tables(&[
        ("views/v.sql", "CREATE VIEW v AS SELECT id, name FROM users;\n"),
        ("extensions/all.sql", extension),
    ]);
    workspace.run(&["db-diff", "v"]).exits(0);
    workspace.write("migrations/V3__wide.sql", "ALTER TABLE users ALTER name TYPE varchar(80);\n");
    workspace.edit("extensions/all.sql", "public", "tools");
    let refused = workspace.run(&["db-diff", "--wrap", "V3__wide.sql"]).exits(2);
    assert!(refused.err.contains("move extension citext to the schema tools in the same step"), "{}", refused.show());
    workspace.edit("extensions/all.sql", "SCHEMA tools;\nCREATE", "SCHEMA public;\nCREATE");
    workspace.write("views/v.sql", "-- viewkeeper: renamed from v\nCREATE VIEW w AS SELECT id, name FROM users;\n");
    workspace.run(&["db-diff", "--wrap", "V3__wide.sql"]).exits(0);
    let wrapped = workspace.read("migrations/V3__wide.sql");
    assert!(wrapped.contains("ALTER VIEW public.v RENAME TO w;"), "{wrapped}");
}

#[test]
fn a_rollback_under_another_search_path_means_the_same_tables() {
    for_each_server(|server| {
        let workspace = Workspace::with_tables(&[("views/v.sql", "CREATE VIEW v AS SELECT id, name FROM users;\n")]);
        workspace.run(&["db-diff", "v"]).exits(0);
        workspace.edit("views/v.sql", "FROM users", "FROM users WHERE id > 7");
        workspace.run(&["db-diff", "fewer"]).exits(0);
        let database = server.empty_database();
        // Another table of the same name comes first for whoever connects.
        database.execute(&format!(
            "CREATE SCHEMA other; CREATE TABLE other.users (id integer, name text); \
             ALTER DATABASE {} SET search_path = other, public",
            database.name()
        ));
        workspace.run_on(&database.url(), &["migrate"]).exits(0);
        workspace.run_on(&database.url(), &["rollback"]).exits(0);
        let read = "SELECT string_agg(DISTINCT d.refobjid::regclass::text, ' ') FROM pg_depend d \
                    JOIN pg_rewrite w ON w.oid = d.objid AND d.classid = 'pg_rewrite'::regclass \
                    WHERE w.ev_class = 'public.v'::regclass AND d.refobjid <> w.ev_class";
        let read: String = database.connect().query_one(read, &[]).unwrap().get(0);
        assert_eq!(read, "public.users");
    });
}

#[test]
fn two_branches_that_change_one_view_are_noticed_after_the_merge() {
    let workspace = Workspace::with_tables(&[("views/v.sql", "CREATE VIEW v AS SELECT id, name FROM users;\n")]);
    workspace.run(&["db-diff", "v"]).exits(0);
    // One branch, with its migration.
    workspace.edit("views/v.sql", "FROM users", "FROM users WHERE id > 1");
    workspace.run(&["db-diff", "one"]).exits(0);
    let (one, one_back) = (workspace.read("migrations/V3__one.sql"), workspace.read("rollbacks/V3__one.sql"));
    std::fs::remove_file(workspace.path("migrations/V3__one.sql")).unwrap();
    std::fs::remove_file(workspace.path("rollbacks/V3__one.sql")).unwrap();
    // The other branch.
    workspace.write("views/v.sql", "CREATE VIEW v AS SELECT id, upper(name) AS name FROM users;\n");
    workspace.run(&["db-diff", "other"]).exits(0);
    // Merged: the definition holds both changes, and the same number is there twice.
    workspace.write("views/v.sql", "CREATE VIEW v AS SELECT id, upper(name) AS name FROM users WHERE id > 1;\n");
    workspace.write("migrations/V3__one.sql", &one);
    let clash = workspace.run(&["check"]).exits(1);
    assert!(clash.err.contains("have the same number 3"), "{}", clash.show());
    // Renumbered by hand, the last one would win, and its rollback would lead past the other one.
    std::fs::remove_file(workspace.path("migrations/V3__one.sql")).unwrap();
    workspace.write("migrations/V4__one.sql", &one);
    workspace.write("rollbacks/V4__one.sql", &one_back);
    let pending = workspace.run(&["check"]).exits(1);
    assert!(pending.out.contains("replace view public.v"), "{}", pending.show());
    let elsewhere = "`db/rollbacks/V4__one.sql` does not lead back to what was before its migration";
    assert!(pending.err.contains(elsewhere), "{}", pending.show());
    // The command writes it anew.
    let files = workspace.files();
    workspace.run(&["renumber", "V4__one", "--dry-run"]).exits(0);
    assert_eq!(workspace.files(), files);
    let mended = workspace.run(&["renumber", "V4__one"]).exits(0);
    assert!(mended.out.contains("V4__one becomes V4__one, written anew"), "{}", mended.show());
    workspace.run(&["check"]).exits(0);
}

#[test]
fn one_changed_view_among_three_hundred_is_one_step() {
    let workspace = Workspace::with_tables(&[]);
    let mut views = String::new();
    for number in 0..300 {
        let from = if number % 10 == 0 { "users".to_owned() } else { format!("v{}", number - 1) };
        let _ = writeln!(views, "CREATE VIEW v{number} AS SELECT id, name FROM {from} WHERE id > {number};");
    }
    workspace.write("views/views.sql", &views);
    workspace.run(&["db-diff", "views"]).exits(0);
    workspace.edit("views/views.sql", "id > 150;", "id > 1500;");
    let ran = workspace.run(&["db-diff", "--dry-run"]).exits(0);
    assert_eq!(ran.out.matches("CREATE OR REPLACE VIEW").count(), 2, "{}", ran.show());
    assert!(!ran.out.contains("DROP VIEW"), "{}", ran.show());
}
