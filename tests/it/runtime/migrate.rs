//! Applying migrations.

use std::time::Duration;

use viewkeeper::{Mode, Newer, Options, Origin, Progress, RollbackTo, State};
use viewkeeper_live::testing::{for_each_server, newest_server};

use super::{MIGRATIONS, first_line, migrations, one, states};

#[test]
fn an_empty_database_is_migrated_and_then_nothing_is_left_to_do() {
    for_each_server(|server| {
        let database = server.empty_database();
        let mut client = database.connect();
        let status = MIGRATIONS.status(&mut client, &Options::new()).unwrap();
        assert_eq!(status.origin, Origin::None);
        let planned = MIGRATIONS.migrate(&mut client, Options::new().mode(Mode::DryRun)).unwrap();
        assert_eq!(planned.steps.len(), 3);
        assert_eq!(planned.version, None);
        assert!(one::<bool>(&mut client, "SELECT to_regclass('refinery_schema_history') IS NULL"));

        let mut seen = Vec::new();
        let options = Options::new().target(2).on_progress(|progress| {
            if let Progress::Finished { file, .. } = progress {
                seen.push((*file).to_owned());
            }
        });
        let report = MIGRATIONS.migrate(&mut client, options).unwrap();
        assert_eq!(report.version, Some(2));
        assert_eq!(seen, ["V1__users.sql", "V2__active_users.sql"]);
        let status = MIGRATIONS.status(&mut client, &Options::new()).unwrap();
        assert_eq!(states(&status), [(1, State::Applied), (2, State::Applied), (3, State::Pending)]);

        assert_eq!(MIGRATIONS.migrate(&mut client, Options::new()).unwrap().steps.len(), 1);
        let report = MIGRATIONS.migrate(&mut client, Options::new()).unwrap();
        assert_eq!((report.steps.len(), report.version), (0, Some(3)));
        assert!(MIGRATIONS.status(&mut client, &Options::new()).unwrap().is_current());
    });
}

#[test]
fn the_state_is_recorded_with_the_migration() {
    for_each_server(|server| {
        let database = server.empty_database();
        let mut client = database.connect();
        MIGRATIONS.migrate(&mut client, Options::new()).unwrap();
        let view =
            "(SELECT snapshot -> 'relations' -> 'public.active_users' FROM viewkeeper_history WHERE version = 3)";
        assert_eq!(one::<String>(&mut client, &format!("SELECT {view} ->> 'comment'")), "who; is active");
        assert_eq!(one::<String>(&mut client, &format!("SELECT {view} #>> '{{columns,1,type}}'")), "text");
        let definition: String = one(&mut client, &format!("SELECT {view} ->> 'definition'"));
        assert!(definition.contains("public.users"), "{definition}");
        assert_eq!(one::<i32>(&mut client, &format!("SELECT length({view} ->> 'rewrite')")), 64);
        assert_eq!(
            one::<String>(&mut client, "SELECT rollback FROM viewkeeper_history WHERE version = 2"),
            "DROP VIEW active_users;\n"
        );
    });
}

#[test]
fn what_was_changed_by_hand_is_not_recorded_as_if_it_were_migrated() {
    let database = newest_server().empty_database();
    let mut client = database.connect();
    MIGRATIONS.migrate(&mut client, Options::new().target(2)).unwrap();
    client.batch_execute("COMMENT ON VIEW active_users IS 'by hand'; CREATE VIEW stranger AS SELECT 1").unwrap();
    MIGRATIONS.migrate(&mut client, Options::new()).unwrap();
    let recorded = "FROM viewkeeper_history WHERE version = 3";
    let comment = format!("SELECT snapshot #>> '{{relations,public.active_users,comment}}' {recorded}");
    assert_eq!(one::<String>(&mut client, &comment), "who; is active");
    assert!(one::<bool>(&mut client, &format!("SELECT snapshot -> 'relations' ? 'public.posts' {recorded}")));
    assert!(!one::<bool>(&mut client, &format!("SELECT snapshot -> 'relations' ? 'public.stranger' {recorded}")));
}

#[test]
fn any_number_of_programs_may_start_at_once() {
    for_each_server(|server| {
        let database = server.empty_database();
        let applied: usize = std::thread::scope(|scope| {
            let starters: Vec<_> = (0..32)
                .map(|_| {
                    scope.spawn(|| MIGRATIONS.migrate(&mut database.connect(), Options::new()).unwrap().steps.len())
                })
                .collect();
            starters.into_iter().map(|starter| starter.join().unwrap()).sum()
        });
        assert_eq!(applied, 3);
        assert!(MIGRATIONS.status(&mut database.connect(), &Options::new()).unwrap().is_current());
    });
}

#[test]
fn a_statement_that_fails_is_shown_and_leaves_nothing() {
    for_each_server(|server| {
        let database = server.empty_database();
        let mut client = database.connect();
        let broken = migrations(
            &[
                ("V1__a.sql", "CREATE TABLE a (id int);\n"),
                ("V2__b.sql", "CREATE TABLE b (id int);\n\n\tSELECT 'é', wrong\n  FROM a;\n"),
            ],
            &[],
        );
        let error = broken.migrate(&mut client, Options::new()).unwrap_err();
        assert!(error.is_statement());
        assert_eq!(error.sqlstate(), Some("42703"));
        assert_eq!(
            error.to_string(),
            "`V2__b.sql` failed: column \"wrong\" does not exist\n --> V2__b.sql:3:14\n  |\n3 | \tSELECT 'é', wrong\n  | \t            ^\n  \
             note: nothing of it was kept"
        );
        assert_eq!(
            states(&broken.status(&mut client, &Options::new()).unwrap()),
            [(1, State::Applied), (2, State::Pending)]
        );
        assert!(one::<bool>(&mut client, "SELECT to_regclass('b') IS NULL"));
        assert_eq!(one::<String>(&mut client, "SELECT current_setting('lock_timeout')"), "0");
    });
}

#[test]
fn a_drop_that_meets_something_unknown_names_it() {
    let database = newest_server().empty_database();
    let mut client = database.connect();
    let files = [("V1__a.sql", "CREATE VIEW a AS SELECT 1 AS n;"), ("V2__b.sql", "DROP VIEW a;")];
    migrations(&files[..1], &[]).migrate(&mut client, Options::new()).unwrap();
    client.batch_execute("CREATE VIEW by_hand AS SELECT * FROM a").unwrap();
    let error = migrations(&files, &[]).migrate(&mut client, Options::new()).unwrap_err().to_string();
    assert!(error.contains("view by_hand depends on view a") && !error.contains("CASCADE"), "{error}");
}

#[test]
fn history_and_files_that_contradict_each_other_are_told() {
    let database = newest_server().empty_database();
    let mut client = database.connect();
    let files = [("V1__a.sql", "SELECT 1;\n"), ("V3__c.sql", "SELECT 3;\n")];
    migrations(&files, &[]).migrate(&mut client, Options::new()).unwrap();
    let mut check = |files: super::Files<'_>, newer, expected: &str| {
        let options = Options::new().newer(newer);
        match migrations(files, &[]).migrate(&mut client, options) {
            Ok(report) => assert_eq!(format!("{:?}", report.version), expected),
            Err(error) => {
                assert!(error.is_history());
                let line = first_line(&error);
                assert!(line.starts_with(expected), "{line}");
            }
        }
    };
    check(&[files[0], ("V3__c.sql", "SELECT 4;\n")], Newer::Refuse, "`V3__c.sql` was changed after it was applied");
    check(&files[..1], Newer::Refuse, "`V3__c` was applied to this database");
    check(&files[..1], Newer::Accept, "Some(3)");
    check(&files[1..], Newer::Accept, "`V1__a` was applied to this database");
    check(&[files[0], ("V2__b.sql", ""), files[1]], Newer::Refuse, "`V2__b.sql` was not applied, but");
    let status = migrations(&[("V2__b.sql", ""), files[1]], &[]).status(&mut client, &Options::new()).unwrap();
    assert_eq!(states(&status), [(1, State::Missing), (2, State::OutOfOrder), (3, State::Applied)]);
}

#[test]
fn plain_refinery_goes_on_and_is_taken_over() {
    for_each_server(|server| {
        let database = server.empty_database();
        let mut client = database.connect();
        let refinery = |target, client: &mut postgres::Client| {
            let files = [
                ("V1__a", "CREATE TABLE a ();"),
                ("V2__b", "CREATE TABLE b ();"),
                ("V3__c", "CREATE TABLE c ();"),
                ("V4__d", "CREATE TABLE d ();"),
            ];
            let files: Vec<_> =
                files.iter().map(|(name, sql)| refinery_core::Migration::unapplied(name, sql).unwrap()).collect();
            let runner = refinery_core::Runner::new(&files).set_target(refinery_core::Target::Version(target));
            runner.run(client).unwrap().applied_migrations().len()
        };
        let ours = migrations(
            &[
                ("V1__a.sql", "CREATE TABLE a ();"),
                ("V2__b.sql", "CREATE TABLE b ();"),
                ("V3__c.sql", "CREATE TABLE c ();"),
                ("V4__d.sql", "CREATE TABLE d ();"),
            ],
            &[],
        );
        assert_eq!(refinery(1, &mut client), 1);
        assert_eq!(ours.status(&mut client, &Options::new()).unwrap().origin, Origin::Refinery);
        assert_eq!(ours.migrate(&mut client, Options::new().target(2)).unwrap().steps.len(), 1);
        assert_eq!(refinery(3, &mut client), 1);
        assert_eq!(ours.migrate(&mut client, Options::new()).unwrap().steps.len(), 1);
        assert_eq!(refinery(4, &mut client), 0);
        assert!(ours.status(&mut client, &Options::new()).unwrap().is_current());
    });
}

#[test]
fn a_held_lock_is_tried_again_and_readers_do_not_queue() {
    let database = newest_server().empty_database();
    let mut client = database.connect();
    MIGRATIONS.migrate(&mut client, Options::new()).unwrap();
    let mut holder = database.connect();
    holder.batch_execute("BEGIN; SELECT FROM users").unwrap();
    let more = migrations(
        &[
            ("V1__users.sql", "CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);\n"),
            (
                "V2__active_users.sql",
                "CREATE VIEW active_users AS SELECT id, name FROM users;\nCOMMENT ON VIEW active_users IS 'who; is active';\n",
            ),
            ("V3__posts.sql", "CREATE TABLE posts (id int PRIMARY KEY, author int NOT NULL REFERENCES users);\n"),
            ("V4__email.sql", "ALTER TABLE users ADD email text;"),
        ],
        &[],
    );
    let options = || Options::new().lock_timeout(Duration::from_millis(50));
    let error = more.migrate(&mut client, options().retries(1)).unwrap_err();
    assert!(error.is_locked(), "{error}");
    std::thread::scope(|scope| {
        let (retried, told) = std::sync::mpsc::channel();
        scope.spawn(move || {
            // Let go only when it was asked for in vain.
            told.recv().unwrap();
            holder.batch_execute("COMMIT").unwrap();
        });
        let options = options().on_progress(move |progress| {
            if matches!(progress, Progress::Retrying { .. }) {
                let _ = retried.send(());
            }
        });
        more.migrate(&mut client, options).unwrap();
    });
}

#[test]
fn a_killed_session_leaves_the_old_or_the_new_state() {
    for_each_server(|server| {
        let database = server.empty_database();
        let files = [
            ("V1__a.sql", "CREATE TABLE a (id int);"),
            (
                "V2__b.sql",
                "CREATE TABLE b (id int); SELECT pg_sleep(0.05); CREATE VIEW c AS SELECT * FROM b; SELECT pg_sleep(0.05);",
            ),
        ];
        let ours = migrations(&files, &[]);
        let mut observer = database.connect();
        for pause in [0, 5, 10, 20, 40, 60, 80, 120, 200] {
            let mut client = database.connect();
            let pid: i32 = one(&mut client, "SELECT pg_backend_pid()");
            std::thread::scope(|scope| {
                scope.spawn(|| drop(ours.migrate(&mut client, Options::new())));
                std::thread::sleep(Duration::from_millis(pause));
                observer.execute("SELECT pg_terminate_backend($1)", &[&pid]).unwrap();
            });
            while one::<i64>(&mut observer, &format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}")) > 0 {}
            let status = ours.status(&mut observer, &Options::new()).unwrap();
            for (version, relation) in [(1, "a"), (2, "c")] {
                let there: bool = one(&mut observer, &format!("SELECT to_regclass('{relation}') IS NOT NULL"));
                assert_eq!(states(&status).contains(&(version, State::Applied)), there);
                if there {
                    let recorded = format!("SELECT count(snapshot) FROM viewkeeper_history WHERE version = {version}");
                    assert_eq!(one::<i64>(&mut observer, &recorded), 1);
                }
            }
        }
        ours.migrate(&mut observer, Options::new()).unwrap();
    });
}

#[test]
fn what_a_migration_sets_does_not_outlive_it() {
    let database = newest_server().empty_database();
    let mut client = database.connect();
    client.batch_execute("SET search_path = pg_catalog; SET work_mem = '7MB'").unwrap();
    let dump = migrations(
        &[
            ("V1__a.sql", "CREATE TABLE a (); SELECT pg_catalog.set_config('search_path', '', false);"),
            ("V2__b.sql", "SET row_security = off; SET work_mem = '3MB'; CREATE TABLE b (); SET ROLE pg_monitor;"),
        ],
        &[],
    );
    dump.migrate(&mut client, Options::new()).unwrap();
    assert_eq!(one::<String>(&mut client, "SHOW search_path"), "pg_catalog");
    assert_eq!(one::<String>(&mut client, "SHOW role"), "none");
    assert_eq!(one::<String>(&mut client, "SHOW work_mem"), "7MB");
    assert_eq!(one::<String>(&mut client, "SHOW row_security"), "on");
    assert!(one::<bool>(&mut client, "SELECT to_regclass('public.b') IS NOT NULL"));
}

#[test]
fn a_read_only_database_is_told_and_its_status_can_be_read() {
    let database = newest_server().empty_database();
    let mut client = database.connect();
    client.batch_execute("SET default_transaction_read_only = on").unwrap();
    let error = MIGRATIONS.migrate(&mut client, Options::new()).unwrap_err();
    assert!(error.is_read_only(), "{error}");
    assert_eq!(MIGRATIONS.status(&mut client, &Options::new()).unwrap().origin, Origin::None);
}

#[test]
fn each_schema_has_its_own_history() {
    let database = newest_server().empty_database();
    let mut client = database.connect();
    let error = MIGRATIONS.migrate(&mut client, Options::new().schema("a b")).unwrap_err();
    assert_eq!(first_line(&error), "the schema `a b` does not exist");
    client.batch_execute("CREATE SCHEMA \"a b\"").unwrap();
    MIGRATIONS.migrate(&mut client, Options::new().schema("a b")).unwrap();
    assert!(one::<bool>(&mut client, "SELECT to_regclass('\"a b\".active_users') IS NOT NULL"));
    assert_eq!(MIGRATIONS.status(&mut client, &Options::new()).unwrap().origin, Origin::None);
}

#[test]
fn a_role_that_may_only_read_the_history_can_ask_for_the_status() {
    let server = newest_server();
    server.role("viewkeeper_reader");
    let database = server.empty_database();
    let mut client = database.connect();
    MIGRATIONS.migrate(&mut client, Options::new().target(2)).unwrap();
    let mut reader =
        viewkeeper::connect(Some(&database.url().replace("user=postgres", "user=viewkeeper_reader"))).unwrap();
    let error = MIGRATIONS.status(&mut reader, &Options::new()).unwrap_err();
    assert_eq!(error.sqlstate(), Some("42501"));
    client.batch_execute("GRANT SELECT ON refinery_schema_history, viewkeeper_history TO viewkeeper_reader").unwrap();
    let status = MIGRATIONS.status(&mut reader, &Options::new()).unwrap();
    assert_eq!(states(&status), [(1, State::Applied), (2, State::Applied), (3, State::Pending)]);
    assert!(reader.batch_execute("DELETE FROM viewkeeper_history").is_err());
    assert!(MIGRATIONS.migrate(&mut reader, Options::new()).is_err());
    drop(client.batch_execute("DROP OWNED BY viewkeeper_reader"));
}

#[test]
fn asynchronous_programs_migrate_too() {
    let database = newest_server().empty_database();
    let target = viewkeeper::Target::new(Some(&database.url())).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (sender, seen) = std::sync::mpsc::channel();
        let options = Options::new().on_progress(move |progress| {
            if let Progress::Finished { file, .. } = progress {
                sender.send((*file).to_owned()).unwrap();
            }
        });
        // As a task that may move between threads.
        let work = async move { MIGRATIONS.migrate_async(&target, options).await.map(|report| (report, target)) };
        let (report, target) = tokio::spawn(work).await.unwrap().unwrap();
        assert_eq!(report.version, Some(3));
        assert_eq!(seen.iter().count(), 3);
        assert!(MIGRATIONS.status_async(&target, Options::new()).await.unwrap().is_current());
        assert_eq!(MIGRATIONS.drift_async(&target, Options::new()).await.unwrap().found, []);
        let report = MIGRATIONS.rollback_async(&target, RollbackTo::Steps(1), Options::new()).await.unwrap();
        assert_eq!(report.version, Some(2));
    });
}
