//! What an object that is made again may be used for, where default privileges give and take: what it was recorded with,
//! and nothing else.

use viewkeeper::{Migrations, Options};
use viewkeeper_live::testing::for_each_server;

use super::show;

const MIGRATIONS: Migrations = Migrations::embedded(
    &[(
        "V1__functions.sql",
        "CREATE SCHEMA s;
         CREATE SCHEMA other;
         CREATE FUNCTION before() RETURNS int LANGUAGE sql AS 'SELECT 1';
         CREATE TYPE before_too AS ENUM ('x');
         ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
         ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
         ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT EXECUTE ON FUNCTIONS TO drift_owner WITH GRANT OPTION;
         ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT, DELETE ON TABLES TO drift_owner;
         ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO PUBLIC;
         CREATE FUNCTION after() RETURNS int LANGUAGE sql AS 'SELECT 1';
         CREATE FUNCTION granted() RETURNS int LANGUAGE sql AS 'SELECT 1';
         GRANT EXECUTE ON FUNCTION granted() TO PUBLIC;
         CREATE FUNCTION s.given() RETURNS int LANGUAGE sql AS 'SELECT 1';
         CREATE FUNCTION s.taken() RETURNS int LANGUAGE sql AS 'SELECT 1';
         REVOKE ALL ON FUNCTION s.taken() FROM drift_owner;
         CREATE FUNCTION s.lowered() RETURNS int LANGUAGE sql AS 'SELECT 1';
         REVOKE GRANT OPTION FOR ALL ON FUNCTION s.lowered() FROM drift_owner;
         CREATE FUNCTION s.theirs() RETURNS int LANGUAGE sql AS 'SELECT 1';
         ALTER FUNCTION s.theirs() OWNER TO drift_owner;
         CREATE FUNCTION other.elsewhere() RETURNS int LANGUAGE sql AS 'SELECT 1';
         CREATE TYPE after_too AS ENUM ('x');
         CREATE VIEW s.less AS SELECT 1 AS one;
         REVOKE DELETE ON s.less FROM drift_owner;
         CREATE SEQUENCE closed;
         REVOKE USAGE ON SEQUENCE closed FROM PUBLIC;\n",
    )],
    &[],
);

#[test]
fn what_is_made_again_has_the_privileges_that_it_had() {
    for_each_server(|server| {
        server.role("drift_owner");
        let database = server.empty_database();
        let mut client = database.connect();
        MIGRATIONS.migrate(&mut client, Options::new()).unwrap();
        let drift = || MIGRATIONS.drift(&mut database.connect(), &Options::new()).unwrap().found;
        assert_eq!(show(&drift()), "");
        client
            .batch_execute(
                "DROP FUNCTION before(), after(), granted(), s.given(), s.taken(), s.lowered(), s.theirs(), other.elsewhere(); \
                 DROP TYPE before_too, after_too; DROP VIEW s.less; DROP SEQUENCE closed",
            )
            .unwrap();
        let found = drift();
        assert_eq!(found.len(), 12);
        let repair: Vec<&str> = found.iter().flat_map(|drift| &drift.repair).map(String::as_str).collect();
        client.batch_execute(&repair.join("\n")).unwrap_or_else(|error| panic!("{error:?} in {repair:?}"));
        assert_eq!(show(&drift()), "", "{repair:#?}");
    });
}
