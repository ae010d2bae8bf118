//! What hangs on views that are recreated, on real servers: kept, dropped, created, restored, and then all the same.

use std::sync::{Arc, Mutex};

use postgres::{Client, Config, NoTls, SimpleQueryMessage};
use viewkeeper_engine::keep::{keep, restore};
use viewkeeper_engine::name::QualifiedName;
use viewkeeper_live::testing::{TestDatabase, TestServer, for_each_server};

const STATE: &str = include_str!("keep/state.sql");

fn names(relations: &[(&str, &str)]) -> Vec<QualifiedName> {
    relations.iter().map(|(schema, name)| QualifiedName::new(*schema, *name)).collect()
}

/// A migration: keeps what hangs on the relations, does the work, restores.
fn wrapped(relations: &[(&str, &str)], work: &str) -> String {
    let names = names(relations);
    format!("{}{work}\n{}", keep(&names), restore(&names))
}

fn state(database: &TestDatabase) -> Vec<String> {
    let mut rows: Vec<String> = database
        .connect()
        .simple_query(STATE)
        .unwrap()
        .iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|i| row.get(i).unwrap_or("(null)")).collect::<Vec<_>>().join(" | "))
            }
            _ => None,
        })
        .collect();
    rows.sort();
    rows
}

/// A connection, and the warnings that come over it.
fn listening(database: &TestDatabase) -> (Client, Arc<Mutex<Vec<String>>>) {
    let warnings = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&warnings);
    let mut config: Config = database.url().parse().unwrap();
    config.notice_callback(move |notice| {
        if notice.severity() == "WARNING" {
            heard.lock().unwrap().push(notice.message().to_owned());
        }
    });
    (config.connect(NoTls).unwrap(), warnings)
}

fn in_transaction(client: &mut Client, sql: &str) -> Result<(), String> {
    let mut transaction = client.transaction().unwrap();
    transaction.batch_execute(sql).map_err(|error| {
        error.as_db_error().map_or_else(|| error.to_string(), |e| format!("{}: {}", e.code().code(), e.message()))
    })?;
    transaction.commit().map_err(|error| error.to_string())
}

const RELATIONS: [(&str, &str); 5] =
    [("public", "v"), ("public", "Odd '$$ näme"), ("public", "m"), ("public", "n"), ("sec", "empty")];

fn hanging(server: &'static TestServer) -> TestDatabase {
    for role in ["keep_alice", "keep_bob", "keep_carol", "keep_aaron", "keep_web", "keep Odd \"role"] {
        server.role(role);
    }
    let database = server.empty_database();
    let mut client = database.connect();
    client.batch_execute("SET allow_in_place_tablespaces = on").unwrap();
    // The server may have it from an earlier run.
    let _ = client.batch_execute("CREATE TABLESPACE keep_other LOCATION ''");
    client.batch_execute(include_str!("keep/hanging.sql")).unwrap();
    database
}

#[test]
fn everything_is_back() {
    for_each_server(|server| {
        let database = hanging(server);
        let before = state(&database);
        let (mut client, warnings) = listening(&database);
        in_transaction(&mut client, &wrapped(&RELATIONS, include_str!("keep/recreate.sql"))).unwrap();
        assert_eq!(before, state(&database));
        assert_eq!(*warnings.lock().unwrap(), Vec::<String>::new());
        in_transaction(&mut client, include_str!("keep/recreate.sql")).unwrap();
        assert_ne!(before, state(&database), "without viewkeeper it is lost");
    });
}

/// A role that is no superuser, makes no temporary tables, and owns the schema and what is in it.
const DEPLOYER: &str = "
    REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO PUBLIC;
    ALTER SCHEMA public OWNER TO keep_deployer;
    DO $$ BEGIN EXECUTE format('REVOKE TEMP ON DATABASE %I FROM PUBLIC', current_database()); END $$;
    SET SESSION AUTHORIZATION keep_deployer;";

fn owned_by_the_deployer(server: &'static TestServer, sql: &str) -> TestDatabase {
    for role in ["keep_deployer", "keep_bob", "keep_carol"] {
        server.role(role);
    }
    server.database(&format!("{DEPLOYER}{sql}"))
}

const SIMPLE: &str = "
    CREATE TABLE base (id int PRIMARY KEY, name text, n int);
    INSERT INTO base SELECT g, 'n' || g, g FROM generate_series(1, 20) AS g;
    CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE VIEW v AS SELECT id, name, n FROM base;
    COMMENT ON VIEW v IS 'old'; COMMENT ON COLUMN v.n IS 'its n';
    GRANT SELECT ON v TO keep_bob WITH GRANT OPTION; GRANT UPDATE (n) ON v TO keep_carol;
    CREATE MATERIALIZED VIEW m AS SELECT id, name, n FROM base; CREATE UNIQUE INDEX m_id ON m (id);
    ALTER MATERIALIZED VIEW m ALTER COLUMN n SET STATISTICS 50;";

const V: [(&str, &str); 1] = [("public", "v")];
const M: [(&str, &str); 1] = [("public", "m")];

fn as_deployer(database: &TestDatabase) -> (Client, Arc<Mutex<Vec<String>>>) {
    let (mut client, warnings) = listening(database);
    client.batch_execute("SET SESSION AUTHORIZATION keep_deployer").unwrap();
    (client, warnings)
}

#[test]
fn an_owner_without_further_rights_restores() {
    for_each_server(|server| {
        let database = owned_by_the_deployer(
            server,
            &format!(
                "{SIMPLE}
            CREATE TRIGGER t INSTEAD OF UPDATE ON v FOR EACH ROW EXECUTE FUNCTION t();
            CREATE RULE r AS ON DELETE TO v DO INSTEAD NOTHING; ALTER VIEW v ALTER COLUMN n SET DEFAULT 3;"
            ),
        );
        let before = state(&database);
        let (mut client, warnings) = as_deployer(&database);
        let work = "DROP VIEW v; DROP MATERIALIZED VIEW m;
            CREATE VIEW v AS SELECT id, name, n FROM base; CREATE MATERIALIZED VIEW m AS SELECT id, name, n FROM base;";
        in_transaction(&mut client, &wrapped(&[("public", "v"), ("public", "m")], work)).unwrap();
        assert_eq!(before, state(&database));
        assert_eq!(*warnings.lock().unwrap(), Vec::<String>::new());
    });
}

#[test]
fn a_privilege_from_another_role_comes_from_the_owner_when_that_role_is_closed() {
    for_each_server(|server| {
        let database = owned_by_the_deployer(server, SIMPLE);
        database.execute("SET ROLE keep_bob; GRANT SELECT ON v TO keep_carol");
        let (mut client, warnings) = as_deployer(&database);
        let work = "DROP VIEW v; CREATE VIEW v AS SELECT id, name, n FROM base;";
        in_transaction(&mut client, &wrapped(&V, work)).unwrap();
        let roles = "SELECT relacl::text LIKE '%keep_carol=r/keep_deployer%' FROM pg_class WHERE relname = 'v'";
        assert!(client.query_one(roles, &[]).unwrap().get::<_, bool>(0));
        let told = "viewkeeper: granted by the owner, no longer by keep_bob: GRANT SELECT ON public.v TO keep_carol";
        assert_eq!(*warnings.lock().unwrap(), [told]);
    });
}

#[test]
fn an_owner_that_cannot_be_given_back_is_an_error() {
    for_each_server(|server| {
        let database = owned_by_the_deployer(server, SIMPLE);
        database.execute("ALTER VIEW v OWNER TO keep_bob; GRANT ALL ON base TO keep_bob");
        let before = state(&database);
        let (mut client, _) = as_deployer(&database);
        let work = "DROP VIEW v; CREATE VIEW v AS SELECT id, name, n FROM base;";
        // The owner of the schema may drop what is in it.
        let error = in_transaction(&mut client, &wrapped(&V, work)).unwrap_err();
        assert!(
            error.starts_with("42501: viewkeeper: cannot restore: ALTER VIEW public.v OWNER TO keep_bob: must be"),
            "{error}"
        );
        assert_eq!(before, state(&database));
    });
}

#[test]
fn what_belonged_to_a_removed_column_is_told() {
    for_each_server(|server| {
        let database = owned_by_the_deployer(server, SIMPLE);
        let (mut client, warnings) = as_deployer(&database);
        let work = "DROP VIEW v; DROP MATERIALIZED VIEW m;
            CREATE VIEW v AS SELECT id, name FROM base; CREATE MATERIALIZED VIEW m AS SELECT id, name FROM base;";
        in_transaction(&mut client, &wrapped(&[("public", "v"), ("public", "m")], work)).unwrap();
        assert_eq!(
            *warnings.lock().unwrap(),
            [
                "viewkeeper: gone with its column: COMMENT ON COLUMN public.v.n IS 'its n'",
                "viewkeeper: gone with its column: GRANT UPDATE (n) ON public.v TO keep_carol",
                "viewkeeper: gone with its column: ALTER MATERIALIZED VIEW public.m ALTER COLUMN n SET STATISTICS 50",
            ]
        );
    });
}

#[test]
fn triggers_rules_and_indexes_of_a_removed_column_are_errors() {
    for_each_server(|server| {
        let database = owned_by_the_deployer(server, SIMPLE);
        let (mut client, _) = as_deployer(&database);
        for (what, relation, hung) in [
            ("CREATE INDEX m_n ON public.m USING btree (n)", "m", "CREATE INDEX m_n ON m (n)"),
            (
                "CREATE TRIGGER t BEFORE UPDATE OF n ON public.v FOR EACH STATEMENT EXECUTE FUNCTION public.t()",
                "v",
                "CREATE TRIGGER t BEFORE UPDATE OF n ON v FOR EACH STATEMENT EXECUTE FUNCTION t()",
            ),
            ("CREATE RULE r AS", "v", "CREATE RULE r AS ON UPDATE TO v WHERE old.n > 0 DO INSTEAD NOTHING"),
        ] {
            let kind = if relation == "m" { "MATERIALIZED VIEW" } else { "VIEW" };
            let work = wrapped(
                &[("public", relation)],
                &format!("DROP {kind} {relation}; CREATE {kind} {relation} AS SELECT id, name FROM base;"),
            );
            let error = in_transaction(&mut client, &format!("{hung};\n{work}")).unwrap_err();
            assert!(error.contains(&format!("viewkeeper: cannot restore: {what}")), "{error}");
        }
    });
}

#[test]
fn what_the_migration_says_itself_stays() {
    for_each_server(|server| {
        let database = owned_by_the_deployer(
            server,
            &format!(
                "{SIMPLE}
            CREATE INDEX m_name ON m (name); ALTER VIEW v ALTER COLUMN n SET DEFAULT 3;
            ALTER DEFAULT PRIVILEGES GRANT SELECT, DELETE ON TABLES TO keep_carol;"
            ),
        );
        let (mut client, warnings) = as_deployer(&database);
        let relations = names(&[("public", "v"), ("public", "m")]);
        // What shall not come back goes before; what is created goes between; what is granted goes after.
        let migration = format!(
            "REVOKE GRANT OPTION FOR SELECT ON v FROM keep_bob; COMMENT ON COLUMN v.n IS NULL;
             {}DROP VIEW v; DROP MATERIALIZED VIEW m;
             CREATE VIEW v AS SELECT id, name, n FROM base; CREATE MATERIALIZED VIEW m AS SELECT id, name, n FROM base;
             COMMENT ON VIEW v IS 'new'; ALTER VIEW v ALTER COLUMN n SET DEFAULT 4; CREATE INDEX m_name ON m (lower(name));
             {}GRANT SELECT ON m TO keep_carol;",
            keep(&relations),
            restore(&relations)
        );
        in_transaction(&mut client, &migration).unwrap();
        let row = client
            .query_one(
                "SELECT obj_description('v'::regclass, 'pg_class'), col_description('v'::regclass, 3),
                        (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'v'::regclass),
                        pg_get_indexdef('m_name'::regclass),
                        has_table_privilege('keep_bob', 'v', 'SELECT'),
                        has_table_privilege('keep_bob', 'v', 'SELECT WITH GRANT OPTION'),
                        has_table_privilege('keep_carol', 'v', 'SELECT'), has_table_privilege('keep_carol', 'm', 'DELETE'),
                        has_table_privilege('keep_carol', 'm', 'SELECT')",
                &[],
            )
            .unwrap();
        assert_eq!(row.get::<_, &str>(0), "new");
        assert_eq!(row.get::<_, Option<&str>>(1), None);
        assert_eq!(row.get::<_, &str>(2), "4");
        assert_eq!(row.get::<_, &str>(3), "CREATE INDEX m_name ON public.m USING btree (lower(name))");
        let privileges: Vec<bool> = (4..9).map(|column| row.get(column)).collect();
        assert_eq!(privileges, [true, false, false, false, true]);
        assert_eq!(*warnings.lock().unwrap(), Vec::<String>::new());
    });
}

#[test]
fn an_empty_database_replays_the_migration() {
    for_each_server(|server| {
        let database = owned_by_the_deployer(server, "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO keep_carol;");
        let (mut client, _) = as_deployer(&database);
        in_transaction(&mut client, &wrapped(&[("public", "v"), ("nowhere", "x")], "CREATE VIEW v AS SELECT 1 AS n;"))
            .unwrap();
        let has = client.query_one("SELECT has_table_privilege('keep_carol', 'v', 'SELECT')", &[]).unwrap();
        assert!(has.get::<_, bool>(0), "a new view has its default privileges");
        // Two migrations may be one transaction.
        let work = "DROP VIEW v; CREATE VIEW v AS SELECT 2 AS n;";
        in_transaction(&mut client, &format!("{}{}", wrapped(&V, work), wrapped(&V, work))).unwrap();
    });
}

#[test]
fn a_materialized_view_is_swapped_by_renames() {
    for_each_server(|server| {
        let database = owned_by_the_deployer(server, SIMPLE);
        let before = state(&database);
        let (mut client, _) = as_deployer(&database);
        let swap = format!(
            "CREATE MATERIALIZED VIEW m_next AS SELECT id, name, n FROM base; CREATE UNIQUE INDEX m_next_id ON m_next (id);
             {}",
            wrapped(&M, "DROP MATERIALIZED VIEW m; ALTER MATERIALIZED VIEW m_next RENAME TO m; ALTER INDEX m_next_id RENAME TO m_id;")
        );
        in_transaction(&mut client, &swap).unwrap();
        assert_eq!(before, state(&database));
    });
}

#[test]
fn outside_of_a_transaction_nothing_is_dropped() {
    for_each_server(|server| {
        let database = owned_by_the_deployer(server, SIMPLE);
        let (mut client, _) = as_deployer(&database);
        let relations = names(&V);
        let (guard, block) =
            keep(&relations).split_once("DO $").map(|(a, b)| (a.to_owned(), format!("DO ${b}"))).unwrap();
        let error = client.execute(&guard, &[]).unwrap_err();
        assert_eq!(error.as_db_error().unwrap().message(), "LOCK TABLE can only be used in transaction blocks");
        // One after another, a driver's extended protocol may carry them.
        let mut transaction = client.transaction().unwrap();
        for statement in [&guard, &block, "DROP VIEW v", "CREATE VIEW v AS SELECT 1 AS id", &restore(&relations)] {
            transaction.execute(statement, &[]).unwrap();
        }
        drop(transaction);
        let error = client.batch_execute(&restore(&relations)).unwrap_err();
        assert_eq!(error.as_db_error().unwrap().message(), "viewkeeper: nothing was kept in this transaction");
        let mut transaction = client.transaction().unwrap();
        transaction.batch_execute(&keep(&relations)).unwrap();
        let error = transaction.batch_execute(&keep(&relations)).unwrap_err();
        assert_eq!(error.as_db_error().unwrap().message(), "viewkeeper: what was kept before is not restored yet");
    });
}

#[test]
fn names_and_settings_of_all_kinds() {
    for_each_server(|server| {
        let relations = [("a $viewkeeper$ \\ '{facts}'", "%I \" $facts$ {relations}"), ("select", "-- ; /* é")];
        let quoted: Vec<String> = names(&relations).iter().map(ToString::to_string).collect();
        let create = quoted
            .iter()
            .map(|name| format!("CREATE VIEW {name} AS SELECT 1 AS \"%s $viewkeeper$\";"))
            .collect::<String>();
        let mut made = format!(
            "CREATE SCHEMA {}; CREATE SCHEMA \"select\"; {create}",
            quoted[0].split_once("\".").unwrap().0.to_owned() + "\""
        );
        for name in &quoted {
            made += &format!("COMMENT ON COLUMN {name}.\"%s $viewkeeper$\" IS 'it''s $facts$ %s \\ é';");
        }
        let database = owned_by_the_deployer(server, "");
        database.execute(&made);
        let before = state(&database);
        let drop = quoted.iter().map(|name| format!("DROP VIEW {name};")).collect::<String>();
        let mut client = database.connect();
        client
            .batch_execute("SET standard_conforming_strings = off; SET escape_string_warning = off; SET search_path = \"a b\", public; SET quote_all_identifiers = on; SET check_function_bodies = off")
            .unwrap();
        in_transaction(&mut client, &wrapped(&relations, &format!("{drop}{create}"))).unwrap();
        assert_eq!(before, state(&database));
        let path: String = client.query_one("SELECT current_setting('search_path')", &[]).unwrap().get(0);
        assert_eq!(path, "\"a b\", public");
    });
}

#[test]
fn what_is_kept_may_be_large() {
    for_each_server(|server| {
        let database = owned_by_the_deployer(server, SIMPLE);
        database.execute(
            "SET SESSION AUTHORIZATION keep_deployer; INSERT INTO base SELECT g, 'n', g FROM generate_series(100, 20000) AS g;
             REFRESH MATERIALIZED VIEW m;
             DO $$ BEGIN EXECUTE format('COMMENT ON VIEW v IS %L', repeat('it''s large ', 1000000)); END $$;",
        );
        let before = state(&database);
        let (mut client, _) = as_deployer(&database);
        // Parallel workers get the setting too.
        let settings = "SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL max_parallel_maintenance_workers = 2;";
        let work = "DROP VIEW v; DROP MATERIALIZED VIEW m;
            CREATE VIEW v AS SELECT id, name, n FROM base; CREATE MATERIALIZED VIEW m AS SELECT id, name, n FROM base;";
        in_transaction(&mut client, &format!("{settings}{}", wrapped(&[("public", "v"), ("public", "m")], work)))
            .unwrap();
        assert!(before == state(&database));
    });
}

#[test]
fn what_cannot_come_back_is_told_or_refused() {
    for_each_server(|server| {
        let database = owned_by_the_deployer(server, SIMPLE);
        let mut client = database.connect();
        client.batch_execute("INSERT INTO base VALUES (0, 'n1')").unwrap();
        client.batch_execute("REFRESH MATERIALIZED VIEW m").unwrap();
        client.batch_execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON m (name)").unwrap_err();
        client
            .batch_execute(
                "COMMENT ON INDEX broken IS 'never was';
                 ALTER MATERIALIZED VIEW m ALTER COLUMN name SET STORAGE EXTERNAL, SET (toast.autovacuum_enabled = false);
                 CREATE STATISTICS s ON name, n FROM m",
            )
            .unwrap();
        let (mut client, warnings) = as_deployer(&database);
        let work = "DROP MATERIALIZED VIEW m; CREATE MATERIALIZED VIEW m AS SELECT id, 1 AS name FROM base;";
        in_transaction(&mut client, &wrapped(&M, work)).unwrap();
        let heard = warnings.lock().unwrap().clone();
        let told = [
            "ALTER MATERIALIZED VIEW public.m SET (toast.autovacuum_enabled = 'false'): it has no effect",
            "ALTER MATERIALIZED VIEW public.m ALTER COLUMN name SET STORAGE EXTERNAL: ",
            "CREATE invalid INDEX public.broken: ",
            "CREATE STATISTICS public.s ON name, n FROM public.m: ",
            "ALTER STATISTICS public.s OWNER TO ",
            "COMMENT ON INDEX public.broken IS 'never was': ",
        ];
        for told in told {
            let told = format!("viewkeeper: not restored: {told}");
            assert!(heard.iter().any(|warning| warning.starts_with(&told)), "{told} is not in {heard:#?}");
        }
        database.execute(
            "SET allow_system_table_mods = on;
             INSERT INTO pg_seclabel SELECT 'v'::regclass, 'pg_class'::regclass, 0, 'a provider', 'it''s secret'",
        );
        let work = "DROP VIEW v; CREATE VIEW v AS SELECT id, name, n FROM base;";
        let error = in_transaction(&mut client, &wrapped(&V, work)).unwrap_err();
        let label = "SECURITY LABEL FOR \"a provider\" ON VIEW public.v IS 'it''s secret'";
        assert_eq!(
            error,
            format!("22023: viewkeeper: cannot restore: {label}: security label provider \"a provider\" is not loaded")
        );
        // Another kind of relation under the name is another object.
        let work = "DROP VIEW v; CREATE MATERIALIZED VIEW v AS SELECT id, name, n FROM base;";
        let error = in_transaction(&mut client, &wrapped(&V, work)).unwrap_err();
        assert!(error.ends_with("\"v\" is not a view"), "{error}");
    });
}
