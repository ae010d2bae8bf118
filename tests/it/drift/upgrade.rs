//! After a major upgrade of the server: what was recorded comes from another major than what is there.

use viewkeeper_live::testing::{TestDatabase, servers};

use super::{migrated, report, show};

fn snapshot(database: &TestDatabase) -> String {
    database.connect().query_one("SELECT snapshot::text FROM viewkeeper_history", &[]).unwrap().get(0)
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
            // As `pg_upgrade` leaves it: from 15 on, it is somebody else's in a new database.
            client
                .batch_execute("ALTER SCHEMA public OWNER TO CURRENT_USER; GRANT ALL ON SCHEMA public TO PUBLIC")
                .unwrap();
            client.execute("UPDATE viewkeeper_history SET snapshot = $1::text::jsonb", &[&recorded]).unwrap();
            let found = report(&database);
            assert_eq!(show(&found.found), "", "{way}");
            let upgrade = found.upgrade.unwrap();
            assert_eq!((upgrade.recorded, upgrade.live), (recorded_on.major(), server.major()));
            assert_eq!(upgrade.objects, 9, "{way}");
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
