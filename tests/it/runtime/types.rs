//! Types that definitions declare, on the way there and back: values that are added and used by one change.

use viewkeeper::{Options, RollbackTo};
use viewkeeper_live::testing::for_each_server;

use super::{one, written};

/// A value can be used once it is committed, and one that a row holds is not taken away.
#[test]
fn a_new_value_is_committed_before_it_is_used_and_a_row_that_holds_it_stops_the_way_back() {
    let ours = written(
        "CREATE TYPE status AS ENUM ('active', 'closed');\n\
         CREATE TABLE accounts (id bigint PRIMARY KEY, status status NOT NULL DEFAULT 'active');",
        "CREATE TYPE status AS ENUM ('active', 'closed');\n\
         CREATE VIEW open_accounts AS SELECT id FROM accounts WHERE status = 'active';",
        "CREATE TYPE status AS ENUM ('active', 'blocked', 'closed');\n\
         CREATE VIEW open_accounts AS SELECT id FROM accounts WHERE status IN ('active', 'blocked');",
    );
    for_each_server(|server| {
        let database = server.empty_database();
        let mut client = database.connect();
        assert_eq!(ours.migrate(&mut client, Options::new()).unwrap().version, Some(4));
        client.batch_execute("INSERT INTO accounts VALUES (1, 'blocked'), (2, 'closed')").unwrap();
        assert_eq!(one::<i64>(&mut client, "SELECT count(*) FROM open_accounts"), 1);

        let error = ours.rollback(&mut client, RollbackTo::Version(2), Options::new()).unwrap_err();
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        let text = format!("{error} {cause}");
        assert!(text.contains("invalid input value for enum"), "{text}");
        assert_eq!(one::<i64>(&mut client, "SELECT count(*) FROM accounts WHERE status = 'blocked'"), 1);

        client.batch_execute("UPDATE accounts SET status = 'closed' WHERE status = 'blocked'").unwrap();
        let back = ours.rollback(&mut client, RollbackTo::Version(2), Options::new()).unwrap();
        assert_eq!(back.version, Some(2));
        let labels = "SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum";
        assert_eq!(one::<String>(&mut client, labels), "active, closed");
        assert_eq!(one::<i64>(&mut client, "SELECT count(*) FROM accounts WHERE status = 'closed'"), 2);
        assert_eq!(ours.migrate(&mut client, Options::new()).unwrap().version, Some(4));
    });
}
