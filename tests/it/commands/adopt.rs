//! `adopt` on real servers: afterwards nothing is pending, nothing has drifted, and an empty database becomes the same.

use super::Workspace;
use viewkeeper_engine::generate::generate;
use viewkeeper_engine::project::Project;
use viewkeeper_engine::states::states;
use viewkeeper_live::client_program;
use viewkeeper_live::testing::{TestDatabase, TestServer, for_each_server, newest_server, servers};

const SCHEMA: &str = include_str!("adopt/schema.sql");

/// Runs a test on the servers that a `pg_dump` is found for; at least one.
fn for_each_adoptable(test: impl Fn(&'static TestServer)) {
    let able = |server: &TestServer| client_program("pg_dump", server.major()).is_ok();
    assert!(servers().iter().any(|server| able(server)), "no `pg_dump` for any of the servers");
    for_each_server(|server| {
        if able(server) {
            server.role("adopt_reader");
            server.role("adopt_owner");
            test(server);
        } else {
            let _ = std::io::Write::write_all(
                &mut std::io::stderr(),
                format!("not adopted on PostgreSQL {}: no `pg_dump` for it\n", server.version()).as_bytes(),
            );
            let database = server.empty_database();
            let ran = Workspace::new(&[]).run_on(&database.url(), &["adopt"]).exits(2);
            let expected = format!("no `pg_dump` of PostgreSQL {} or newer was found", server.major());
            assert!(ran.err.contains(&expected), "{}", ran.show());
        }
    });
}

/// The two hold the same, but for what is applied.
#[track_caller]
fn assert_same(workspace: &Workspace, one: &TestDatabase, other: &TestDatabase) {
    let compared = workspace.run(&["compare", &one.url(), &other.url(), "--format", "json"]).json();
    let objects = compared["objects"].as_array().unwrap();
    let differing: Vec<&serde_json::Value> =
        objects.iter().filter(|object| object["state"] != "same" && object["kind"] != "migration").collect();
    assert!(differing.is_empty(), "{differing:#?}");
}

#[test]
fn nothing_is_pending_nothing_has_drifted_and_an_empty_database_becomes_the_same() {
    for_each_adoptable(|server| {
        let workspace = Workspace::new(&[]);
        let original = server.database(SCHEMA);
        let adopted = workspace.run_on(&original.url(), &["adopt", "--record"]).exits(0);
        for expected in [
            "1 of 1 schemas",
            "4 of 4 types",
            "1 of 1 statistics",
            "1 of 1 event triggers",
            "5 of 5 functions",
            "1 of 1 aggregates",
            "13 of 13 views",
            "2 of 2 triggers",
            "1 of 1 rules",
            "1 of 1 policies",
            "1 of 1 settings of row security",
        ] {
            assert!(adopted.out.contains(&format!("\n{expected} are definitions\n")), "{}", adopted.show());
        }
        assert!(adopted.out.contains("user mapping on server `elsewhere`"), "{}", adopted.show());
        for (path, bytes) in workspace.files() {
            let text = String::from_utf8(bytes).unwrap();
            assert!(!text.contains("hush-hush") && !text.contains("\\restrict"), "{}:\n{text}", path.display());
        }

        let pending = workspace.run(&["db-diff"]).exits(0);
        assert!(pending.out.contains("nothing to do"), "{}", pending.show());
        workspace.run(&["check"]).exits(0);
        workspace.run_on(&original.url(), &["status"]).exits(0);
        let drift = workspace.run_on(&original.url(), &["drift", "--format", "json"]);
        // What was never populated is always told.
        let found = drift.json()["drift"].as_array().unwrap().clone();
        assert!(found.iter().all(|one| one["name"] == "public.never"), "{}", drift.show());

        let rebuilt = server.empty_database();
        workspace.run_on(&rebuilt.url(), &["migrate"]).exits(0);
        assert_same(&workspace, &original, &rebuilt);

        let folder = camino::Utf8PathBuf::from_path_buf(workspace.path("")).unwrap();
        let (project, problems) = Project::load(&folder, "db".into());
        assert!(!problems.has_errors(), "{problems:?}");
        let states = states(&project);
        let (rows, problems) = generate(&states.declared, &project.settings);
        assert!(!problems.has_errors(), "{problems:?}");
        assert!(rows.contains("pub struct PerCustomer"), "{rows}");
        if server.major() == 15 {
            // The file is built into these tests with warnings denied.
            let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/generated/adopted/rows.rs");
            if std::env::var("INSTA_UPDATE").is_ok_and(|mode| mode == "always") {
                std::fs::write(golden, &rows).unwrap();
            }
            assert!(std::fs::read_to_string(golden).unwrap() == rows, "{golden} is not what is generated: {rows}");
        }

        // What a generated column needs, and what hangs on a table, is changed and changed back like any other.
        let edit = |path: &str, old: &str, new: &str| {
            let text = workspace.read(path);
            assert!(text.contains(old), "{text}");
            workspace.write(path, text.replace(old, new));
        };
        edit("functions/twice.sql", "n * 2", "n + n");
        edit("triggers/sale/touch.sql", "BEFORE UPDATE", "BEFORE INSERT OR UPDATE");
        edit("policies/customer/own.sql", "CURRENT_USER", "SESSION_USER");
        workspace.run(&["db-diff"]).exits(0);
        for _ in 0..2 {
            for command in ["migrate", "rollback"] {
                workspace.run_on(&original.url(), &[command]).exits(0);
                let drift = workspace.run_on(&original.url(), &["drift", "--format", "json"]);
                let found = drift.json()["drift"].as_array().unwrap().clone();
                assert!(found.iter().all(|one| one["name"] == "public.never"), "{command}: {}", drift.show());
            }
        }
    });
}

#[test]
fn what_goes_out_of_the_definitions_goes_out_of_the_database() {
    for_each_adoptable(|server| {
        let workspace = Workspace::new(&[]);
        let (original, untouched) = (server.database(SCHEMA), server.database(SCHEMA));
        workspace.run_on(&original.url(), &["adopt", "--record"]).exits(0);
        for gone in [
            "views/theirs.sql",
            "views/never.sql",
            "views/Sales_Old/Weird_Name.sql",
            "triggers/sale/touch.sql",
            "functions/touch.sql",
            "policies/customer/own.sql",
            "policies/customer/row_security.sql",
            "rules/windows/no_delete.sql",
            "statistics/sale_both.sql",
            "event_triggers/watch.sql",
            "functions/watch.sql",
            "types/pair.sql",
        ] {
            std::fs::remove_file(workspace.path(gone)).unwrap_or_else(|error| panic!("{gone}: {error}"));
        }
        let without = |path: &str, gone: &str| {
            let text = workspace.read(path);
            let left: String = text.split_inclusive('\n').filter(|line| !line.contains(gone)).collect();
            assert_ne!(left, text, "no `{gone}` in {path}");
            workspace.write(path, left);
        };
        without("views/customers.sql", "GRANT SELECT");
        without("functions/twice.sql", "COMMENT ON");
        without("views/monthly.sql", "COMMENT ON INDEX");
        let planned = workspace.run(&["db-diff"]).exits(0);
        if server.major() == 15 {
            insta::assert_snapshot!("removed", planned.out);
        }
        workspace.run_on(&original.url(), &["migrate"]).exits(0);
        workspace.run_on(&original.url(), &["drift"]).exits(0);
        workspace.run(&["db-diff"]).exits(0);
        workspace.run_on(&original.url(), &["rollback", "--allow-data-loss"]).exits(0);
        assert_same(&workspace, &original, &untouched);
    });
}

#[test]
fn what_is_accepted_as_gone_goes_elsewhere_too() {
    for_each_adoptable(|server| {
        let workspace = Workspace::new(&[]);
        let (by_hand, other) = (server.database(SCHEMA), server.database(SCHEMA));
        workspace.run_on(&by_hand.url(), &["adopt", "--record"]).exits(0);
        workspace.run_on(&other.url(), &["adopt", "--record"]).exits(0);
        by_hand.execute(
            "REVOKE SELECT ON customers FROM adopt_reader;
             COMMENT ON FUNCTION twice(numeric) IS NULL;
             DROP VIEW theirs;
             DROP POLICY own ON customer;
             ALTER TABLE customer DISABLE ROW LEVEL SECURITY;
             DROP RULE no_delete ON windows;
             DROP TRIGGER touch ON sale;
             DROP INDEX monthly_month",
        );
        let accepted = workspace.run_on(&by_hand.url(), &["drift", "--accept"]).exits(1);
        assert!(accepted.out.contains("not accepted: view `public.theirs` was dropped"), "{}", accepted.show());
        workspace.run_on(&by_hand.url(), &["drift", "--accept", "public.theirs"]).exits(0);
        workspace.run(&["db-diff"]).exits(0);
        let refused = workspace.run_on(&by_hand.url(), &["migrate"]).exits(2);
        assert!(refused.err.contains("(`migrate --record`"), "{}", refused.show());
        let recorded = workspace.run_on(&by_hand.url(), &["migrate", "--record"]).exits(0);
        assert!(recorded.out.starts_with("recorded V2__"), "{}", recorded.show());
        let not_there = workspace.run_on(&other.url(), &["migrate", "--record"]).exits(2);
        assert!(not_there.err.contains("it does not; nothing was recorded"), "{}", not_there.show());
        workspace.run_on(&other.url(), &["migrate"]).exits(0);
        for database in [&by_hand, &other] {
            let drift = workspace.run_on(&database.url(), &["drift", "--format", "json"]);
            let found = drift.json()["drift"].as_array().unwrap().clone();
            assert!(found.iter().all(|one| one["name"] == "public.never"), "{}", drift.show());
        }
        assert_same(&workspace, &by_hand, &other);
    });
}

#[test]
fn definitions_are_made_to_be_read() {
    let able = |server: &&&'static TestServer| client_program("pg_dump", server.major()).is_ok();
    let servers = servers();
    let server = servers.iter().rev().find(able).unwrap();
    server.role("adopt_reader");
    server.role("adopt_owner");
    let database = server.database(SCHEMA);
    let workspace = Workspace::new(&[]);
    let ran = workspace.run_on(&database.url(), &["adopt"]).exits(0);
    let paths: Vec<&str> = ran.out.lines().filter_map(|line| line.strip_prefix("wrote ")).collect();
    insta::assert_snapshot!("paths", paths.join("\n"));
    // From 16 on a column is qualified only where it has to be; the newest form is what the snapshots hold.
    let text = |path: &str| workspace.read(path).replace("customer.", "").replace("sale.", "");
    let texts = [
        "views/customers.sql",
        "views/open_sales.sql",
        "views/monthly.sql",
        "views/Sales_Old/Weird_Name.sql",
        "functions/twice.sql",
        "triggers/sale/touch.sql",
    ]
    .map(|path| format!("-- {path}\n{}", text(path)));
    insta::assert_snapshot!("definitions", texts.join("\n"));
}

#[test]
fn another_database_that_holds_the_same_is_recorded_too() {
    for_each_adoptable(|server| {
        let workspace = Workspace::new(&[]);
        let (one, other, changed) = (server.database(SCHEMA), server.database(SCHEMA), server.database(SCHEMA));
        workspace.run_on(&one.url(), &["adopt"]).exits(0);
        let files = workspace.files();
        for database in [&one, &other] {
            workspace.run_on(&database.url(), &["status"]).exits(1);
            workspace.run_on(&database.url(), &["adopt", "--record"]).exits(0);
            workspace.run_on(&database.url(), &["status"]).exits(0);
        }
        // Once is enough.
        let again = workspace.run_on(&one.url(), &["adopt", "--record"]).exits(2);
        assert!(again.err.contains("this database has a history already, up to `V1__baseline`"), "{}", again.show());
        changed.execute("CREATE OR REPLACE VIEW constants AS VALUES (1, 'a'), (2, 'c')");
        let refused = workspace.run_on(&changed.url(), &["adopt", "--record"]).exits(2);
        assert!(refused.out.contains("\n+ VALUES (1,'a'::text), (2,'c'::text);\n"), "{}", refused.show());
        workspace.run_on(&changed.url(), &["status"]).exits(1);
        assert_eq!(workspace.files(), files);
    });
}

#[test]
fn what_extensions_keep_in_tables_is_named() {
    for_each_adoptable(|server| {
        // As `pg_partman` or TimescaleDB do it; their scripts call `pg_extension_config_dump`.
        let database = server.database(
            "CREATE EXTENSION hstore;
            CREATE TABLE \"its jobs\" (job text, own boolean);
            CREATE TABLE settings AS SELECT 1 AS setting WHERE false;
            INSERT INTO \"its jobs\" VALUES ('nightly', true);
            ALTER EXTENSION hstore ADD TABLE \"its jobs\";
            ALTER EXTENSION hstore ADD TABLE settings;
            UPDATE pg_extension SET extconfig = ARRAY['\"its jobs\"'::regclass, 'settings'], extcondition = ARRAY['WHERE NOT own', '']
            WHERE extname = 'hstore'",
        );
        let named = "what extension `hstore` keeps in `public.\"its jobs\"`\n";
        let workspace = Workspace::new(&[]);
        let without = workspace.run_on(&database.url(), &["adopt", "--dry-run"]).exits(0);
        assert!(!without.out.contains("keeps in"), "{}", without.show());
        database.execute("INSERT INTO \"its jobs\" VALUES ('weekly', false)");
        let with = workspace.run_on(&database.url(), &["adopt", "--dry-run"]).exits(0);
        assert!(with.out.contains(named), "{}", with.show());
    });
}

#[test]
fn nothing_is_overwritten_and_nothing_half_done() {
    for_each_adoptable(|server| {
        let database = server.database("CREATE VIEW a AS SELECT 1 AS one");
        let dry = Workspace::new(&[]);
        let ran = dry.run_on(&database.url(), &["adopt", "--dry-run"]).exits(0);
        assert!(ran.out.contains("-- db/views/a.sql\nCREATE VIEW public.a AS\n SELECT 1 AS one;\n"), "{}", ran.show());
        assert_eq!(dry.files(), []);

        let full = Workspace::with_tables(&[]);
        let files = full.files();
        let ran = full.run_on(&database.url(), &["adopt"]).exits(2);
        assert!(ran.err.contains("`db` holds 1 migrations and 0 definitions already"), "{}", ran.show());
        assert_eq!(full.files(), files);

        // The record fails after the files were written: they go again.
        database.execute("CREATE TABLE refinery_schema_history (version int4 PRIMARY KEY, name text, applied_on text, checksum text);
                          INSERT INTO refinery_schema_history VALUES (1, 'x', '', '1')");
        let ran = dry.run_on(&database.url(), &["adopt", "--record"]).exits(2);
        assert!(ran.err.contains("this database has a history already, up to `V1__x`"), "{}", ran.show());
        assert_eq!(dry.files(), []);
    });
}

#[test]
fn a_password_reaches_no_argument_and_no_message() {
    // pg_dump is given what libpq reads from the environment.
    let target = viewkeeper::Target::new(Some("postgresql://me:hush@db.example:5433/shop?sslmode=require")).unwrap();
    assert_eq!(target.to_string(), "postgresql://me@db.example:5433/shop");
    assert!(!format!("{target:?}").contains("hush"));
    assert!(target.variables().contains(&("PGPASSWORD", "hush".to_owned())));
    let database = newest_server().empty_database();
    let url = format!("{}&password=hush", database.url());
    let ran = Workspace::new(&[]).run_on(&url, &["adopt"]);
    assert!(!ran.show().contains("hush"), "{}", ran.show());
}
