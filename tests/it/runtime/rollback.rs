//! Rolling back.

use viewkeeper::{DataLoss, Migrations, Mode, Options, RollbackSource, RollbackTo, State};
use viewkeeper_live::testing::{for_each_server, newest_server};

use super::{MIGRATIONS, first_line, migrations, one, states};

#[test]
fn the_last_migrations_are_taken_back() {
    for_each_server(|server| {
        let database = server.empty_database();
        let mut client = database.connect();
        MIGRATIONS.migrate(&mut client, Options::new()).unwrap();
        let report = MIGRATIONS.rollback(&mut client, RollbackTo::Version(1), Options::new()).unwrap();
        assert_eq!(report.steps.iter().map(|step| step.version).collect::<Vec<_>>(), [3, 2]);
        assert_eq!(report.version, Some(1));
        assert!(one::<bool>(&mut client, "SELECT to_regclass('active_users') IS NULL"));
        assert_eq!(one::<i64>(&mut client, "SELECT count(*) FROM viewkeeper_history"), 1);
        assert!(!one::<bool>(
            &mut client,
            "SELECT snapshot -> 'relations' ? 'public.active_users' FROM viewkeeper_history"
        ));

        let error = MIGRATIONS.rollback(&mut client, RollbackTo::Steps(1), Options::new()).unwrap_err();
        assert!(error.is_data_loss());
        assert_eq!(first_line(&error), "rolling back `V1__users` loses data: all of `users`");
        let allowed = Options::new().data_loss(DataLoss::Allow);
        assert_eq!(MIGRATIONS.rollback(&mut client, RollbackTo::Version(0), allowed).unwrap().version, None);
        assert_eq!(MIGRATIONS.migrate(&mut client, Options::new()).unwrap().steps.len(), 3);
    });
}

#[test]
fn an_older_release_takes_back_what_a_newer_one_did() {
    let database = newest_server().empty_database();
    let mut client = database.connect();
    MIGRATIONS.migrate(&mut client, Options::new()).unwrap();
    const OLDER: Migrations = Migrations::embedded(&[], &[]);
    let status = OLDER.status(&mut client, &Options::new()).unwrap();
    assert_eq!(states(&status)[2], (3, State::Missing));
    assert_eq!(status.migrations[2].rollback, RollbackSource::Database);
    let report = OLDER.rollback(&mut client, RollbackTo::Steps(2), Options::new().mode(Mode::DryRun)).unwrap();
    assert_eq!(report.steps[0].sql, "DROP TABLE posts;\n");
    OLDER.rollback(&mut client, RollbackTo::Steps(2), Options::new()).unwrap();
    assert!(one::<bool>(&mut client, "SELECT to_regclass('posts') IS NULL"));
}

#[test]
fn what_cannot_be_taken_back_is_told_before_anything_is_done() {
    let database = newest_server().empty_database();
    let mut client = database.connect();
    let error = MIGRATIONS.rollback(&mut client, RollbackTo::Steps(1), Options::new()).unwrap_err();
    assert!(error.is_not_viewkeeper());
    let ours = migrations(
        &[("V1__a.sql", "CREATE TABLE a ();"), ("V2__b.sql", "CREATE TABLE b ();")],
        &[("V2__b.sql", "DROP TABLE b;")],
    );
    ours.migrate(&mut client, Options::new()).unwrap();
    let error = ours.rollback(&mut client, RollbackTo::Steps(2), Options::new()).unwrap_err();
    assert!(error.is_rollback());
    assert_eq!(first_line(&error), "`V1__a` has no rollback");
    assert!(one::<bool>(&mut client, "SELECT to_regclass('b') IS NOT NULL"));
    let error = ours.rollback(&mut client, RollbackTo::Version(7), Options::new()).unwrap_err();
    assert_eq!(first_line(&error), "version 7 is not applied in this database");
}

#[test]
fn a_rollback_that_fails_leaves_everything() {
    let database = newest_server().empty_database();
    let mut client = database.connect();
    let ours = migrations(
        &[("V1__a.sql", "CREATE TABLE a (); CREATE TABLE b ();")],
        &[("V1__a.sql", "DROP TABLE a;\nDROP TABLE c;")],
    );
    ours.migrate(&mut client, Options::new()).unwrap();
    let error = ours.rollback(&mut client, RollbackTo::Steps(1), Options::new()).unwrap_err().to_string();
    assert!(error.contains("rollbacks/V1__a.sql:2:1"), "{error}");
    assert!(one::<bool>(&mut client, "SELECT to_regclass('a') IS NOT NULL"));
    assert!(ours.status(&mut client, &Options::new()).unwrap().is_current());
}
