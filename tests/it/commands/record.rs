//! `migrate --record`: what was done by hand, accepted into the definitions, and is not run again where it was done.

use super::Workspace;
use viewkeeper_live::testing::{TestDatabase, for_each_server, newest_server};

const FILES: &[(&str, &str)] = &[
    ("views/names.sql", "CREATE VIEW names AS SELECT id, name FROM users;\nGRANT SELECT ON names TO record_reader;\n"),
    ("views/first_names.sql", "CREATE VIEW first_names AS SELECT id, split_part(name, ' ', 1) AS name FROM names;\n"),
    (
        "views/letters.sql",
        "CREATE MATERIALIZED VIEW letters AS SELECT left(name, 1) AS letter, count(*) AS names FROM users GROUP BY 1;\n\
         CREATE UNIQUE INDEX letters_letter ON letters (letter);\n",
    ),
];

/// A view made anew with another column under one that reads it, one that is new, one that is gone; an index and a grant.
const BY_HAND: &str = "
    DROP VIEW first_names;
    DROP VIEW names;
    CREATE VIEW names AS SELECT id, name, email IS NOT NULL AS has_mail FROM users WHERE name <> '';
    GRANT SELECT ON names TO record_reader;
    CREATE VIEW mails AS SELECT id, email FROM users;
    GRANT SELECT ON mails TO record_reader;
    CREATE INDEX letters_names ON letters (names)";

fn migrated(workspace: &Workspace, server: &'static viewkeeper_live::testing::TestServer) -> TestDatabase {
    let database = server.empty_database();
    workspace.run_on(&database.url(), &["migrate"]).exits(0);
    database.execute("INSERT INTO users (id, name) VALUES (1, 'ann'), (2, 'ben'); REFRESH MATERIALIZED VIEW letters");
    database
}

/// What was dropped is only taken out where it is named.
fn accept(workspace: &Workspace, database: &TestDatabase) {
    let ran = workspace.run_on(&database.url(), &["drift", "--accept"]).exits(1);
    assert!(ran.out.starts_with("not accepted: view `public.first_names` was dropped\n"), "{}", ran.show());
    workspace.run_on(&database.url(), &["drift", "--accept", "public.first_names"]).exits(0);
    let unknown = workspace.run_on(&database.url(), &["drift", "--accept", "public.none"]).exits(2);
    assert!(unknown.err.contains("nothing was found of `public.none`"), "{}", unknown.show());
}

#[test]
fn what_was_done_by_hand_is_recorded_where_it_was_done_and_run_elsewhere() {
    for_each_server(|server| {
        server.role("record_reader");
        let workspace = Workspace::with_tables(FILES);
        workspace.run(&["db-diff", "views"]).exits(0);
        let [production, staging, untouched] = [(); 3].map(|()| migrated(&workspace, server));
        production.execute(BY_HAND);
        accept(&workspace, &production);
        workspace.run(&["db-diff", "by_hand"]).exits(0);
        let relations = |database: &TestDatabase| {
            let rows = database
                .connect()
                .query("SELECT oid, relfilenode, xmin::text FROM pg_class ORDER BY oid", &[])
                .unwrap();
            rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect::<Vec<(u32, u32, String)>>()
        };
        let before = relations(&production);
        let dry = workspace.run_on(&production.url(), &["migrate", "--record", "--dry-run"]).exits(0);
        assert!(dry.out.starts_with("-- would record V3__by_hand\n"), "{}", dry.show());
        workspace.run_on(&production.url(), &["status"]).exits(1);
        let recorded = workspace.run_on(&production.url(), &["migrate", "--record"]).exits(0);
        assert!(recorded.show().contains("recorded V3__by_hand"), "{}", recorded.show());
        assert!(relations(&production) == before, "something was run that stayed");
        workspace.run_on(&production.url(), &["status"]).exits(0);
        let again = workspace.run_on(&production.url(), &["migrate", "--record"]).exits(0);
        assert!(again.out.contains("nothing to do: the database is at version 3"), "{}", again.show());

        workspace.run_on(&staging.url(), &["migrate"]).exits(0);
        for database in [&production, &staging] {
            workspace.run_on(&database.url(), &["drift"]).exits(0);
            workspace.run_on(&database.url(), &["rollback"]).exits(0);
            workspace.run_on(&database.url(), &["drift"]).exits(0);
            let compared = workspace.run(&["compare", &database.url(), &untouched.url()]);
            assert_eq!(compared.code, Some(0), "{}", compared.show());
        }
    });
}

#[test]
fn what_is_there_in_part_or_otherwise_is_not_recorded() {
    let server = newest_server();
    server.role("record_reader");
    let workspace = Workspace::with_tables(FILES);
    workspace.run(&["db-diff", "views"]).exits(0);
    let [accepted, in_part, otherwise] = [(); 3].map(|()| migrated(&workspace, server));
    accepted.execute(BY_HAND);
    in_part.execute(BY_HAND.split_once("CREATE INDEX").unwrap().0);
    otherwise.execute(
        &BY_HAND.replace("name <> ''", "name <> 'nobody'").replace("GRANT SELECT ON mails", "GRANT UPDATE ON mails"),
    );
    accept(&workspace, &accepted);
    workspace.run(&["db-diff", "by_hand"]).exits(0);
    for database in [&in_part, &otherwise] {
        let before = workspace.run_on(&database.url(), &["drift"]).exits(1);
        let refused = workspace.run_on(&database.url(), &["migrate", "--record"]).exits(2);
        insta::assert_snapshot!(refused.show());
        assert_eq!(workspace.run_on(&database.url(), &["drift"]).exits(1).out, before.out);
        workspace.run_on(&database.url(), &["status"]).exits(1);
    }
}

#[test]
fn what_cannot_be_tried_out_is_named() {
    let server = newest_server();
    let workspace = Workspace::with_tables(&[]);
    let database = server.empty_database();
    let empty = workspace.run_on(&database.url(), &["migrate", "--record"]).exits(2);
    workspace.run_on(&database.url(), &["migrate"]).exits(0);
    workspace.write("migrations/V2__by_hand.sql", "CREATE TABLE a (b int);\n");
    let without_rollback = workspace.run_on(&database.url(), &["migrate", "--record"]).exits(2);
    workspace.write(
        "migrations/V2__by_hand.sql",
        "-- viewkeeper: no transaction\nCREATE INDEX CONCURRENTLY i ON users (name);\n",
    );
    workspace.write("rollbacks/V2__by_hand.sql", "DROP INDEX i;\n");
    let apart = workspace.run_on(&database.url(), &["migrate", "--record"]).exits(2);
    insta::assert_snapshot!([empty, without_rollback, apart].map(|ran| ran.show()).join("\n"));
}
