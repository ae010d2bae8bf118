//! The start-up check: what it finds, what a policy makes of it, and what it does not wait for.

use viewkeeper::{
    ColumnDescription, Difference, DifferenceKind, Level, Options, Policy, RelationDescription, RelationKind, View,
    WireType,
};
use viewkeeper_live::testing::{TestDatabase, for_each_server, newest_server};

use super::{migrations, one};
use crate::runtime::MIGRATIONS;

const fn column(name: &'static str, type_: &'static str, number: u32, not_null: bool) -> ColumnDescription {
    ColumnDescription { name, type_, wire: WireType::BuiltIn(number), not_null }
}

const VIEW: RelationDescription = RelationDescription {
    schema: "public",
    name: "active_users",
    kind: RelationKind::View,
    columns: &[column("id", "integer", 23, true), column("name", "text", 25, true)],
};

fn verify(client: &mut postgres::Client, policy: &Policy) -> Result<Vec<Difference>, viewkeeper::Error> {
    MIGRATIONS.verify(client, &[VIEW], policy, &Options::new())
}

fn words(found: &[Difference]) -> Vec<String> {
    found.iter().map(ToString::to_string).collect()
}

/// A row of a view that each tenant has in a schema of its own, as generated code has it.
struct Own {
    id: i32,
}

impl View for Own {
    const RELATION: RelationDescription =
        RelationDescription { schema: "", columns: &[column("id", "integer", 23, true), MOOD], ..VIEW };

    fn decode(fields: &viewkeeper::Fields<'_>) -> Result<Self, viewkeeper::Error> {
        Ok(Self { id: fields.get(0)? })
    }
}

const MOOD: ColumnDescription =
    ColumnDescription { wire: WireType::Named { schema: "", name: "mood" }, ..column("mood", "mood", 0, false) };

#[test]
fn what_each_tenant_has_is_looked_for_in_its_schema() {
    let database = newest_server().database(
        "CREATE SCHEMA one; CREATE SCHEMA two;
         CREATE TYPE one.mood AS ENUM ('calm');
         CREATE TABLE one.users (id int PRIMARY KEY, mood one.mood);
         INSERT INTO one.users VALUES (7, 'calm');
         CREATE VIEW one.active_users AS SELECT id, mood FROM one.users;",
    );
    let mut client = database.connect();
    let mut check = |tenant: &str| {
        let found =
            MIGRATIONS.verify(&mut client, &[Own::RELATION], &Policy::warn(), &Options::new().tenant(tenant)).unwrap();
        words(&found).into_iter().filter(|word| word.contains("active_users")).collect::<Vec<_>>()
    };
    assert_eq!(check("one"), Vec::<String>::new());
    assert_eq!(check("two"), ["the view `active_users` does not exist"]);
    client.batch_execute("SET search_path = one").unwrap();
    let rows = Own::all(&mut client).unwrap();
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [7]);
}

#[test]
fn columns_that_differ_are_named() {
    for_each_server(|server| {
        let database = server.database(
            "CREATE TYPE \"Mood\" AS ENUM ('calm');
             CREATE TABLE users (id int PRIMARY KEY, \"na\"\"me\" varchar(20), mood \"Mood\");
             CREATE VIEW \"active users\" AS SELECT mood, 1 AS other, id, \"na\"\"me\", id::bigint AS post_count FROM users;",
        );
        let mut client = database.connect();
        const MOOD: ColumnDescription = ColumnDescription {
            wire: WireType::Named { schema: "public", name: "Mood" },
            ..column("mood", "\"Mood\"", 0, false)
        };
        const COLUMNS: &[ColumnDescription] = &[
            column("id", "integer", 23, true),
            column("na\"me", "character varying(20)", 1043, true),
            column("post_count", "bigint", 20, false),
            MOOD,
        ];
        const OTHERS: &[ColumnDescription] =
            &[column("id", "bigint", 20, true), column("na\"me", "character varying(10)", 1043, true)];
        let view = RelationDescription { name: "active users", columns: COLUMNS, ..VIEW };
        let check = |client: &mut postgres::Client, relations: &[RelationDescription]| {
            migrations(&[], &[]).verify(client, relations, &Policy::warn(), &Options::new()).unwrap()
        };
        assert_eq!(check(&mut client, &[view]), []);
        client.batch_execute("SET search_path = ''").unwrap();
        assert_eq!(check(&mut client, &[view]), []);
        assert_eq!(check(&mut client, &[]), []);
        let missing = RelationDescription { name: "nowhere", ..view };
        let table = RelationDescription { kind: RelationKind::Table, name: "users", ..view };
        let changed = RelationDescription { kind: RelationKind::MaterializedView, columns: OTHERS, ..view };
        assert_eq!(
            words(&check(&mut client, &[view, missing, table, changed])),
            [
                "the view `nowhere` does not exist",
                "`users.na\"me` can be null now",
                "`users` has no column `post_count`",
                "`active users` is a view, not a materialized view",
                "`active users.id` is of type `integer`, not `bigint`",
                "`active users.na\"me` is of type `character varying(20)`, not `character varying(10)`",
            ]
        );
        assert_eq!(one::<i32>(&mut client, "SELECT 1"), 1);
    });
}

#[test]
fn a_view_changed_by_hand_and_other_migrations_are_warnings_unless_told() {
    for_each_server(|server| {
        let database = server.empty_database();
        let mut client = database.connect();
        // Not migrated, without its tables: what is missing is an error at once.
        assert!(verify(&mut client, &Policy::new()).unwrap_err().is_drift());
        MIGRATIONS.migrate(&mut client, Options::new()).unwrap();
        assert_eq!(verify(&mut client, &Policy::strict()).unwrap(), []);

        // Laid out anew, it is stored as it was.
        client.batch_execute("CREATE OR REPLACE VIEW active_users AS SELECT id,   name FROM public.users").unwrap();
        assert_eq!(verify(&mut client, &Policy::strict()).unwrap(), []);
        client.batch_execute("CREATE OR REPLACE VIEW active_users AS SELECT id, name FROM users WHERE id > 1").unwrap();
        let changed = ["the query of `active_users` is not the one that the last migration left"];
        assert_eq!(words(&verify(&mut client, &Policy::new()).unwrap()), changed);
        let refuse = Policy::new().on(DifferenceKind::Definition, Level::Error);
        let error = verify(&mut client, &refuse).unwrap_err();
        assert!(error.is_drift() && error.to_string().contains(changed[0]), "{error}");
        let quiet = Policy::new().on(DifferenceKind::Definition, Level::Ignore);
        assert_eq!(verify(&mut client, &quiet).unwrap(), []);
        // Inside the caller's transaction nothing of it is left.
        let mut transaction = client.transaction().unwrap();
        transaction.batch_execute("SET LOCAL search_path = pg_catalog; SET LOCAL lock_timeout = '7s'").unwrap();
        let found = MIGRATIONS.verify(&mut transaction, &[VIEW], &Policy::new(), &Options::new()).unwrap();
        assert_eq!(words(&found), changed);
        let settings: String = transaction
            .query_one("SELECT concat_ws(' ', current_setting('search_path'), current_setting('lock_timeout'))", &[])
            .unwrap()
            .get(0);
        assert_eq!(settings, "pg_catalog 7s");
        transaction.rollback().unwrap();

        client.batch_execute("CREATE OR REPLACE VIEW active_users AS SELECT id, name FROM users").unwrap();
        let other = migrations(
            &[
                ("V2__active_users.sql", "SELECT 1;\n"),
                ("V3__other.sql", "SELECT 1;\n"),
                ("V4__next.sql", "SELECT 1;\n"),
            ],
            &[],
        );
        let found = other.verify(&mut client, &[VIEW], &Policy::new(), &Options::new()).unwrap();
        assert_eq!(
            words(&found),
            [
                "migration `V2__active_users` was applied with another text",
                "migration `V3__other` was applied with another text",
                "migration `V4__next` is not applied",
                "migration `V1__users` is applied, and this program does not have it",
            ]
        );
    });
}

/// A view that is stored in another way, as after a restored dump, but printed as it was recorded.
#[test]
fn a_restored_view_is_no_difference() {
    let server = newest_server();
    let database = server.empty_database();
    let mut client = database.connect();
    MIGRATIONS.migrate(&mut client, Options::new()).unwrap();
    // The tables' numbers are stored in the view's query.
    client
        .batch_execute(
            "DROP VIEW active_users; CREATE TABLE copied (LIKE users INCLUDING ALL); DROP TABLE posts, users; \
             ALTER TABLE copied RENAME TO users; CREATE VIEW active_users AS SELECT id, name FROM users;",
        )
        .unwrap();
    assert_eq!(verify(&mut client, &Policy::strict()).unwrap(), []);
}

#[test]
fn nobody_is_waited_for() {
    let database = newest_server().empty_database();
    let mut client = database.connect();
    MIGRATIONS.migrate(&mut client, Options::new()).unwrap();
    let locked = |database: &TestDatabase| {
        let mut holder = database.connect();
        holder.batch_execute("BEGIN; LOCK TABLE active_users IN ACCESS EXCLUSIVE MODE").unwrap();
        holder
    };
    let holder = locked(&database);
    assert_eq!(verify(&mut client, &Policy::strict()).unwrap(), []);
    drop(holder);
    client.batch_execute("CREATE OR REPLACE VIEW active_users AS SELECT id, name FROM users WHERE id > 1").unwrap();
    // Its text cannot be had: it is called changed, since it is stored in another way.
    let _holder = locked(&database);
    assert_eq!(verify(&mut client, &Policy::warn()).unwrap().len(), 1);
}

#[test]
fn the_asynchronous_driver_finds_the_same() {
    let database = newest_server().empty_database();
    MIGRATIONS.migrate(&mut database.connect(), Options::new()).unwrap();
    database.execute("CREATE OR REPLACE VIEW active_users AS SELECT id, name FROM users WHERE id > 1");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (mut client, connection) =
            viewkeeper::tokio_postgres::connect(&database.url(), postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let found = MIGRATIONS.verify_async(&mut client, &[VIEW], &Policy::warn(), &Options::new()).await.unwrap();
        assert_eq!(words(&found), ["the query of `active_users` is not the one that the last migration left"]);
    });
}
