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
    // The way: without the view, the type, and the view again.
    std::fs::remove_file(workspace.path("migrations/V3__wide.sql")).unwrap();
    let definition = workspace.read("views/v.sql");
    std::fs::remove_file(workspace.path("views/v.sql")).unwrap();
    workspace.run(&["db-diff", "without"]).exits(0);
    workspace.write("migrations/V4__wide.sql", "ALTER TABLE users ALTER name TYPE varchar(80);\n");
    workspace.write("views/v.sql", definition);
    workspace.run(&["db-diff", "again"]).exits(0);
    let database = newest_server().empty_database();
    workspace.run_on(&database.url(), &["migrate"]).exits(0);
    let type_name = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute \
                     WHERE attrelid = 'v'::regclass AND attname = 'name'";
    let type_name: String = database.connect().query_one(type_name, &[]).unwrap().get(0);
    assert_eq!(type_name, "character varying(80)");
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
