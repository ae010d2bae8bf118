//! After a major upgrade of the server: what was recorded comes from another major than what is there.

use viewkeeper::{Anew, Options};
use viewkeeper_live::testing::{TestDatabase, TestServer, newest_server, servers};

use super::{MIGRATIONS, migrated, report, show};

fn snapshot(database: &TestDatabase) -> String {
    database.connect().query_one("SELECT snapshot::text FROM viewkeeper_history", &[]).unwrap().get(0)
}

/// As `pg_upgrade` leaves the schema `public`: from 15 on, it is somebody else's in a new database.
fn as_upgraded(database: &TestDatabase, from: &TestServer) {
    if from.major() < 15 {
        database.execute("ALTER SCHEMA public OWNER TO CURRENT_USER; GRANT ALL ON SCHEMA public TO PUBLIC");
    }
}

#[test]
fn texts_of_other_majors_are_not_compared_and_the_rest_is() {
    let servers = servers();
    for recorded_on in &servers {
        let recorded = snapshot(&migrated(recorded_on));
        for server in servers.iter().filter(|server| server.major() > recorded_on.major()) {
            let way = format!("{} to {}", recorded_on.major(), server.major());
            let database = migrated(server);
            let mut client = database.connect();
            as_upgraded(&database, recorded_on);
            client.execute("UPDATE viewkeeper_history SET snapshot = $1::text::jsonb", &[&recorded]).unwrap();
            let found = report(&database);
            assert_eq!(show(&found.found), "", "{way}");
            let upgrade = found.upgrade.unwrap();
            assert_eq!((upgrade.recorded, upgrade.live), (recorded_on.major(), server.major()));
            assert_eq!(upgrade.objects, 11, "{way}");
            client
                .batch_execute(
                    "CREATE OR REPLACE VIEW b AS SELECT id FROM a WHERE id > 1;
                     COMMENT ON VIEW a IS 'x';
                     GRANT SELECT ON m TO PUBLIC;
                     CREATE VIEW c AS SELECT 1 AS one;
                     DROP PROCEDURE p();",
                )
                .unwrap();
            let expected = "public.a Changed comment; public.c CreatedOutside definition; public.m Changed privileges; \
                            public.p() Dropped definition";
            assert_eq!(show(&report(&database).found), expected, "{way}");
        }
    }
}

#[test]
fn what_the_migrations_lead_to_is_recorded_anew_and_what_was_edited_meanwhile_is_not() {
    let all = servers();
    let Some(former) = all.iter().find(|server| server.major() < newest_server().major()) else { return };
    let recorded = snapshot(&migrated(former));
    let proof = snapshot(&migrated(newest_server()));
    let database = migrated(newest_server());
    let mut client = database.connect();
    as_upgraded(&database, former);
    client.execute("UPDATE viewkeeper_history SET snapshot = $1::text::jsonb", &[&recorded]).unwrap();
    let mut record = |anew| MIGRATIONS.record_anew(&mut client, &Options::new(), anew);
    let all = |proof| Anew::All { proof, left: &[] };

    let error = record(all(None)).unwrap_err().to_string();
    assert!(error.contains("11 objects were recorded on another major version"), "{error}");
    database.connect().batch_execute("CREATE OR REPLACE VIEW b AS SELECT id FROM a WHERE id > 1").unwrap();
    let error = record(all(Some(&proof))).unwrap_err().to_string();
    assert!(error.contains("is not as it was recorded: `public.b`"), "{error}");
    database.connect().batch_execute("CREATE OR REPLACE VIEW b AS SELECT id FROM a; CREATE TABLE by_hand ()").unwrap();
    let error = record(all(Some(&proof))).unwrap_err().to_string();
    assert!(error.contains("is not as it was recorded: `public.by_hand`"), "{error}");
    database.connect().batch_execute("DROP TABLE by_hand").unwrap();
    assert_eq!(record(all(Some(&proof))).unwrap(), 11);
    assert_eq!(record(all(None)).unwrap(), 0);
    let found = report(&database);
    assert_eq!((show(&found.found).as_str(), found.upgrade), ("", None));
}
