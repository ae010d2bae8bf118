//! What is done by hand to tables, their partitions and what is on them: found, and led back in one run.

use viewkeeper::{Migrations, Options};
use viewkeeper_live::testing::{TestDatabase, TestServer, for_each_server};

use super::Back::{Part, Whole};
use super::{Back, show};

const MIGRATIONS: Migrations = Migrations::embedded(
    &[(
        "V1__tables.sql",
        "CREATE TABLE par (id int);
         CREATE TABLE chi () INHERITS (par);
         CREATE TABLE alone (id int);
         CREATE VIEW over AS SELECT id FROM par;
         CREATE TABLE keys (id int PRIMARY KEY);
         CREATE TABLE split (id int PRIMARY KEY, key int CONSTRAINT key_known REFERENCES keys) PARTITION BY RANGE (id);
         CREATE TABLE split_1 PARTITION OF split FOR VALUES FROM (1) TO (10);
         CREATE TABLE split_2 PARTITION OF split FOR VALUES FROM (10) TO (20);
         CREATE INDEX split_key ON split (key);
         CREATE TABLE t (id int PRIMARY KEY, note text) WITH (fillfactor = 50, autovacuum_enabled = false);
         CREATE INDEX t_note ON t (note);
         COMMENT ON INDEX t_note IS 'note';
         ALTER TABLE t CLUSTER ON t_note;
         CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER off BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION touch();
         ALTER TABLE t DISABLE TRIGGER off;
         COMMENT ON TRIGGER off ON t IS 'off';
         CREATE POLICY p ON t USING (id > 0);
         COMMENT ON POLICY p ON t IS 'p';\n",
    )],
    &[],
);

const DISTURBANCES: &[(&str, &str, Back)] = &[
    ("ALTER TABLE chi NO INHERIT par", "public.chi Changed inherits", Whole),
    ("ALTER TABLE alone INHERIT par", "public.alone Changed inherits", Whole),
    (
        "CREATE TABLE split_3 PARTITION OF split FOR VALUES FROM (20) TO (30)",
        "public.split_3 CreatedOutside columns",
        Part,
    ),
    ("DROP TABLE split_2", "public.split_2 Dropped columns", Part),
    ("ALTER TABLE split DETACH PARTITION split_2", "public.split_2 Changed inherits partition_of", Whole),
    (
        "ALTER TABLE split DETACH PARTITION split_2; ALTER TABLE split ATTACH PARTITION split_2 FOR VALUES FROM (10) TO (30)",
        "public.split_2 Changed partition_of",
        Whole,
    ),
    ("ALTER TABLE t REPLICA IDENTITY FULL", "public.t Changed replica_identity", Whole),
    ("ALTER TABLE t REPLICA IDENTITY USING INDEX t_pkey", "public.t Changed indexes replica_identity", Whole),
    ("ALTER TABLE t SET (toast.autovacuum_enabled = false)", "public.t Changed toast_options", Whole),
    ("ALTER TABLE t RESET (fillfactor); ALTER TABLE t SET (fillfactor = 50)", "", Whole),
    ("ALTER TABLE t CLUSTER ON t_pkey", "public.t Changed indexes", Whole),
    ("ALTER TABLE t SET WITHOUT CLUSTER", "public.t Changed indexes", Whole),
    ("DROP TRIGGER off ON t", "public.t Changed triggers", Whole),
    (
        "DROP TRIGGER off ON t; CREATE TRIGGER off AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION touch()",
        "public.t Changed triggers",
        Whole,
    ),
    ("DROP INDEX t_note", "public.t Changed indexes", Whole),
    ("DROP INDEX t_note; CREATE INDEX t_note ON t (note DESC)", "public.t Changed indexes", Whole),
    ("ALTER POLICY p ON t USING (id > 1)", "public.t Changed policies", Whole),
    ("DROP POLICY p ON t; CREATE POLICY p ON t USING (id > 1)", "public.t Changed policies policy_comments", Whole),
    ("ALTER TABLE split DROP CONSTRAINT key_known", "SPLIT Changed constraints", Whole),
    (
        "ALTER TABLE split DROP CONSTRAINT key_known; ALTER TABLE split ADD CONSTRAINT key_known FOREIGN KEY (key) \
         REFERENCES keys ON DELETE CASCADE",
        "SPLIT Changed constraints",
        Whole,
    ),
    ("DROP INDEX split_key", "SPLIT Changed indexes", Whole),
];

fn migrated(server: &'static TestServer) -> TestDatabase {
    let database = server.empty_database();
    MIGRATIONS.migrate(&mut database.connect(), Options::new()).unwrap();
    database
}

#[test]
fn what_is_done_to_tables_is_named_and_led_back() {
    for_each_server(|server| {
        let mut database = migrated(server);
        for (sql, expected, back) in DISTURBANCES {
            let all = |what: &str| {
                ["public.split_1", "public.split_2", "public.split"].map(|table| format!("{table} {what}")).join("; ")
            };
            let expected = expected.strip_prefix("SPLIT ").map_or((*expected).to_owned(), all);
            let mut client = database.connect();
            client.batch_execute(sql).unwrap();
            let drift = || MIGRATIONS.drift(&mut database.connect(), &Options::new()).unwrap().found;
            let found = drift();
            assert_eq!(show(&found), expected, "{sql}");
            let repair: Vec<&str> = found.iter().flat_map(|drift| &drift.repair).map(String::as_str).collect();
            client.batch_execute(&repair.join("\n")).unwrap_or_else(|error| panic!("{sql}: {error:?} in {repair:#?}"));
            let rest: Vec<&String> = found.iter().flat_map(|drift| &drift.unrepaired).collect();
            match back {
                Whole => {
                    assert_eq!(rest, Vec::<&String>::new(), "{sql}");
                    assert_eq!(show(&drift()), "", "{sql} and {repair:#?}");
                }
                Part => database = migrated(server),
            }
        }
    });
}
