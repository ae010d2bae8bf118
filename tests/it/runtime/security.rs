//! What others in the same database can do to a migrator, and what each command needs to be allowed.

use postgres::Client;
use viewkeeper::{
    ColumnDescription, Options, Policy, RelationDescription, RelationKind, RollbackTo, Which, WireType, refresh,
};
use viewkeeper_live::testing::{TestDatabase, for_each_server, newest_server};

use super::{MIGRATIONS, one};

fn as_role(database: &TestDatabase, role: &str) -> Client {
    viewkeeper::connect(Some(&database.url().replace("user=postgres", &format!("user={role}")))).unwrap()
}

const VIEW: RelationDescription = RelationDescription {
    schema: "public",
    name: "active_users",
    kind: RelationKind::View,
    columns: &[ColumnDescription { name: "id", type_: "integer", wire: WireType::BuiltIn(23), not_null: true }],
};

/// Named as the catalog's, and failing loudly when they are used in its place.
const HOSTILE: &str = r#"
    CREATE FUNCTION hostile() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'picked up'; END $$;
    CREATE FUNCTION set_config(text, text, bool) RETURNS text LANGUAGE sql AS 'SELECT public.hostile()';
    CREATE FUNCTION current_setting(text) RETURNS text LANGUAGE sql AS 'SELECT public.hostile()';
    CREATE FUNCTION quote_ident(name) RETURNS text LANGUAGE sql AS 'SELECT public.hostile()';
    CREATE FUNCTION format_type(oid, int) RETURNS text LANGUAGE sql AS 'SELECT public.hostile()';
    CREATE FUNCTION pg_try_advisory_xact_lock(bigint) RETURNS bool LANGUAGE sql AS 'SELECT public.hostile() IS NULL';
    CREATE TABLE pg_class (oid oid, relname name, relkind "char", relnamespace oid);
    CREATE TABLE pg_settings (name text, setting text, source text, context text);
    DO $$
    DECLARE kind text; operator text;
    BEGIN
        FOREACH kind IN ARRAY ARRAY['oid', 'name', 'text', '"char"', 'int4', 'int8', 'int2'] LOOP
            EXECUTE format('CREATE FUNCTION public.hostile(%1$s, %1$s) RETURNS bool LANGUAGE sql AS '
                '''SELECT public.hostile() IS NULL''', kind);
            FOREACH operator IN ARRAY ARRAY['=', '<>', '>', '~~', '!~~'] LOOP
                EXECUTE format('CREATE OPERATOR public.%s (LEFTARG = %2$s, RIGHTARG = %2$s, FUNCTION = public.hostile)',
                    operator, kind);
            END LOOP;
        END LOOP;
        CREATE FUNCTION hostile(name, text) RETURNS bool LANGUAGE sql AS 'SELECT public.hostile() IS NULL';
        CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = text, FUNCTION = public.hostile);
        CREATE FUNCTION hostile(jsonb, text) RETURNS jsonb LANGUAGE sql AS 'SELECT to_jsonb(public.hostile())';
        CREATE OPERATOR public.-> (LEFTARG = jsonb, RIGHTARG = text, FUNCTION = public.hostile);
    END $$;
    CREATE DOMAIN int8 AS text;
"#;

#[test]
fn objects_named_like_the_catalogs_are_not_picked_up() {
    for_each_server(|server| {
        let database = server.empty_database();
        database.execute(HOSTILE);
        let mut client = database.connect();
        client.batch_execute("SET search_path = public, pg_catalog").unwrap();
        // The trap works.
        let trapped = client.simple_query("SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'x'::name").unwrap_err();
        assert_eq!(trapped.as_db_error().unwrap().message(), "picked up");
        let options = || Options::new().search_path(["public", "pg_catalog"]);
        let ours = super::migrations(
            &[("V1__a.sql", "CREATE TABLE a (id int4);"), ("V2__b.sql", "CREATE VIEW b AS SELECT id FROM a;")],
            &[("V2__b.sql", "DROP VIEW b;")],
        );
        ours.migrate(&mut client, options()).unwrap();
        assert!(ours.status(&mut client, &options()).unwrap().is_current());
        assert_eq!(ours.drift(&mut client, &options()).unwrap().found, []);
        let found = ours
            .verify(&mut client, &[RelationDescription { name: "b", ..VIEW }], &Policy::warn(), &options())
            .unwrap();
        assert_eq!(found, []);
        // From the database, and from the program.
        super::migrations(&[], &[]).rollback(&mut client, RollbackTo::Steps(1), options()).unwrap();
        ours.migrate(&mut client, options()).unwrap();
        ours.rollback(&mut client, RollbackTo::Steps(1), options()).unwrap();
        client.batch_execute("CREATE MATERIALIZED VIEW public.m AS SELECT 1::pg_catalog.int4 AS one").unwrap();
        for which in [Which::All, Which::Stale] {
            assert_eq!(refresh(&mut client, &[("public", "m")], which, options()).unwrap().len(), 1);
        }
        client.batch_execute("SET search_path = pg_catalog").unwrap();
        assert!(one::<bool>(&mut client, "SELECT to_regclass('public.b') IS NULL"));
    });
}

#[test]
fn default_privileges_do_not_open_the_history() {
    for_each_server(|server| {
        server.role("security_reader");
        let database = server.empty_database();
        let mut client = database.connect();
        client.batch_execute("ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO security_reader, PUBLIC").unwrap();
        MIGRATIONS.migrate(&mut client, Options::new()).unwrap();
        refresh(&mut client, &[], Which::Stale, Options::new()).unwrap();
        let mut reader = as_role(&database, "security_reader");
        for table in ["refinery_schema_history", "viewkeeper_history", "viewkeeper_refreshes"] {
            for statement in ["DELETE FROM", "TRUNCATE", "INSERT INTO"] {
                let tail = if statement == "INSERT INTO" { " DEFAULT VALUES" } else { "" };
                let error = reader.batch_execute(&format!("{statement} {table}{tail}")).unwrap_err();
                assert_eq!(error.code().unwrap().code(), "42501", "{statement} {table}");
            }
            reader.batch_execute(&format!("SELECT FROM {table}")).unwrap();
        }
        // What the migration makes is not the history.
        reader.batch_execute("DELETE FROM posts").unwrap();
    });
}

/// The table in `docs/production.md`.
#[test]
fn each_command_runs_with_no_more_than_what_is_documented() {
    for_each_server(|server| {
        for role in ["security_migrator", "security_watcher", "security_app"] {
            server.role(role);
        }
        let database = server.empty_database();
        let mut owner = database.connect();
        owner
            .batch_execute(
                "REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE, CREATE ON SCHEMA public TO security_migrator;
                 GRANT USAGE ON SCHEMA public TO security_watcher",
            )
            .unwrap();
        let mut migrator = as_role(&database, "security_migrator");
        MIGRATIONS.migrate(&mut migrator, Options::new()).unwrap();
        MIGRATIONS.rollback(&mut migrator, RollbackTo::Steps(1), Options::new()).unwrap();
        MIGRATIONS.migrate(&mut migrator, Options::new()).unwrap();

        let mut watcher = as_role(&database, "security_watcher");
        assert_eq!(MIGRATIONS.status(&mut watcher, &Options::new()).unwrap_err().sqlstate(), Some("42501"));
        migrator
            .batch_execute("GRANT SELECT ON refinery_schema_history, viewkeeper_history TO security_watcher")
            .unwrap();
        assert!(MIGRATIONS.status(&mut watcher, &Options::new()).unwrap().is_current());
        assert_eq!(MIGRATIONS.drift(&mut watcher, &Options::new()).unwrap().found, []);
        assert!(watcher.batch_execute("SELECT FROM users").is_err());
        assert!(MIGRATIONS.rollback(&mut watcher, RollbackTo::Steps(1), Options::new()).is_err());

        // The start-up check reads the catalog, which everybody may, and leaves out what the role may not read.
        let mut app = as_role(&database, "security_app");
        let check = |app: &mut postgres::Client| {
            super::migrations(&[("V9__other.sql", "")], &[]).verify(app, &[VIEW], &Policy::strict(), &Options::new())
        };
        assert_eq!(check(&mut app).unwrap(), []);
        owner.batch_execute("GRANT USAGE ON SCHEMA public TO security_app").unwrap();
        migrator.batch_execute("GRANT SELECT ON refinery_schema_history TO security_app").unwrap();
        assert!(check(&mut app).unwrap_err().to_string().contains("migration `V9__other` is not applied"));
        assert!(app.batch_execute("SELECT FROM public.active_users").is_err());
    });
}

#[test]
fn names_from_outside_are_quoted() {
    let schema = "a\"; DROP TABLE precious; --'";
    for options in [|schema: &str| Options::new().schema(schema), |schema: &str| Options::new().tenant(schema)] {
        let database = newest_server().empty_database();
        let mut client = database.connect();
        client.batch_execute("CREATE TABLE precious (); CREATE SCHEMA \"a\"\"; DROP TABLE precious; --'\"").unwrap();
        MIGRATIONS.migrate(&mut client, options(schema)).unwrap();
        MIGRATIONS.rollback(&mut client, RollbackTo::Version(1), options(schema)).unwrap();
        MIGRATIONS.migrate(&mut client, options(schema)).unwrap();
        assert_eq!(MIGRATIONS.drift(&mut client, &options(schema)).unwrap().found, []);
        assert!(one::<bool>(&mut client, "SELECT to_regclass('public.precious') IS NOT NULL"));
    }
}
