//! Typed rows.

use viewkeeper::{AsyncView, ColumnDescription, Error, Fields, RelationDescription, RelationKind, View, WireType};
use viewkeeper_live::testing::{for_each_server, newest_server};

use super::first_line;

#[derive(Debug, PartialEq)]
struct ActiveUser {
    id: i32,
    name: String,
    post_count: Option<i64>,
    mood: Option<Mood>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Calm,
}

viewkeeper::sql_enum!(Mood, "public", "Mood", { Calm = "calm", });

impl View for ActiveUser {
    const RELATION: RelationDescription = RelationDescription {
        schema: "public",
        name: "active users",
        kind: RelationKind::View,
        columns: &[
            ColumnDescription { name: "id", type_: "integer", wire: WireType::BuiltIn(23), not_null: true },
            ColumnDescription {
                name: "na\"me",
                type_: "character varying(20)",
                wire: WireType::BuiltIn(1043),
                not_null: true,
            },
            ColumnDescription { name: "post_count", type_: "bigint", wire: WireType::BuiltIn(20), not_null: false },
            ColumnDescription {
                name: "mood",
                type_: "\"Mood\"",
                wire: WireType::Named { schema: "public", name: "Mood" },
                not_null: false,
            },
        ],
    };

    fn decode(fields: &Fields<'_>) -> Result<Self, Error> {
        Ok(Self { id: fields.get(0)?, name: fields.get(1)?, post_count: fields.get(2)?, mood: fields.get(3)? })
    }
}

const SETUP: &str = r#"
    CREATE TYPE "Mood" AS ENUM ('calm', 'angry');
    CREATE TABLE users (id int PRIMARY KEY, "na""me" varchar(20), mood "Mood");
    CREATE VIEW "active users" AS
        SELECT mood, 1 AS other, id, "na""me", nullif(id, 2)::bigint AS post_count FROM users;
    INSERT INTO users SELECT n, 'user ' || n, CASE WHEN n = 1 THEN 'calm'::"Mood" END FROM generate_series(1, 1000) n;
"#;

#[test]
fn rows_are_read_by_name_of_the_column_and_position_of_the_field() {
    for_each_server(|server| {
        let database = server.database(SETUP);
        let mut client = database.connect();
        assert_eq!(ActiveUser::all(&mut client).unwrap().len(), 1000);
        let first = ActiveUser { id: 1, name: "user 1".to_owned(), post_count: Some(1), mood: Some(Mood::Calm) };
        assert_eq!(ActiveUser::filter(&mut client, "id < $1 -- few", &[&2]).unwrap(), [first]);
        assert_eq!(ActiveUser::one(&mut client, "id = $1", &[&2]).unwrap().post_count, None);
        assert_eq!(ActiveUser::optional(&mut client, "id = 0", &[]).unwrap(), None);
        assert!(ActiveUser::one(&mut client, "id = 0", &[]).unwrap_err().is_row_count());
        assert!(ActiveUser::one(&mut client, "id > 0", &[]).unwrap_err().is_row_count());
        let last = ActiveUser::query(&mut client, "WHERE id > $1 ORDER BY id DESC LIMIT 2", &[&10]).unwrap();
        assert_eq!(last.iter().map(|row| row.id).collect::<Vec<_>>(), [1000, 999]);

        let mut transaction = client.transaction().unwrap();
        let sum: i32 = ActiveUser::stream(&mut transaction, "", &[]).unwrap().map(|row| row.unwrap().id).sum();
        assert_eq!(sum, 500_500);
    });
}

#[test]
fn a_stream_can_be_left_early() {
    let database = newest_server().database(SETUP);
    let mut client = database.connect();
    let first = ActiveUser::stream(&mut client, "ORDER BY id", &[]).unwrap().next().unwrap().unwrap();
    assert_eq!(first.id, 1);
    assert_eq!(ActiveUser::all(&mut client).unwrap().len(), 1000);
}

#[test]
fn what_does_not_fit_is_told_with_its_column() {
    let database = newest_server().database(SETUP);
    let mut client = database.connect();
    client.batch_execute("UPDATE users SET \"na\"\"me\" = NULL WHERE id = 7").unwrap();
    let error = ActiveUser::all(&mut client).unwrap_err();
    assert!(error.is_decode());
    assert_eq!(
        first_line(&error),
        "column `na\"me` of view `active users` is null in a row, and its field cannot hold that"
    );
    client.batch_execute("UPDATE users SET \"na\"\"me\" = '', mood = 'angry' WHERE id = 7").unwrap();
    let error = ActiveUser::filter(&mut client, "id = 7", &[]).unwrap_err();
    assert!(error.is_decode(), "{error}");

    client
        .batch_execute("DROP VIEW \"active users\"; CREATE VIEW \"active users\" AS SELECT mood, id::bigint, \"na\"\"me\", 1 AS post_count FROM users")
        .unwrap();
    let error = ActiveUser::all(&mut client).unwrap_err();
    assert!(error.is_drift());
    assert_eq!(
        first_line(&error),
        "column `id` of view `active users` is of type `int8` in this database; the program was built for `integer`"
    );
    client.batch_execute("DROP VIEW \"active users\"").unwrap();
    assert!(ActiveUser::all(&mut client).unwrap_err().is_drift());
}

#[test]
fn the_asynchronous_driver_gives_the_same_rows() {
    let database = newest_server().database(SETUP);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = viewkeeper::tokio_postgres::connect(&database.url(), postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        assert_eq!(ActiveUser::all_async(&client).await.unwrap().len(), 1000);
        assert_eq!(ActiveUser::one_async(&client, "id = $1", &[&2]).await.unwrap().post_count, None);
        assert_eq!(ActiveUser::optional_async(&client, "id = 0", &[]).await.unwrap(), None);
        assert!(ActiveUser::one_async(&client, "true", &[]).await.unwrap_err().is_row_count());
        assert_eq!(ActiveUser::filter_async(&client, "id <= $1", &[&3]).await.unwrap().len(), 3);
        assert_eq!(ActiveUser::query_async(&client, "LIMIT $1", &[&4_i64]).await.unwrap().len(), 4);
        drop(client);
        connection.await.unwrap().unwrap();
    });
}
