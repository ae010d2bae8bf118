//! Connecting.

use viewkeeper::connect;
use viewkeeper_live::testing::{for_each_server, newest_server};

use super::{first_line, one};

#[test]
fn a_url_or_pairs_lead_to_the_database() {
    for_each_server(|server| {
        let database = server.empty_database();
        let mut client = connect(Some(&database.url())).unwrap();
        assert_eq!(one::<String>(&mut client, "SELECT current_database()::text"), database.name());
    });
}

#[test]
fn what_stands_in_the_way_is_told() {
    let error = connect(Some("postgres://me:secret@127.0.0.1:1/x?connect_timeout=2")).err().unwrap();
    assert!(error.is_connection());
    assert!(!format!("{error:?}").contains("secret"));
    assert!(first_line(&error).starts_with("no PostgreSQL server answers at `127.0.0.1`, port 1: "), "{error}");

    let error = connect(Some("host=/nowhere dbname=x user=me")).err().unwrap();
    assert!(
        first_line(&error).starts_with("no PostgreSQL server answers at socket `/nowhere/.s.PGSQL.5432`: "),
        "{error}"
    );

    let error = connect(Some("host=localhost sslmode=often")).err().unwrap();
    assert_eq!(first_line(&error), "`often` is not an `sslmode`");

    let database = newest_server().empty_database();
    let error = connect(Some(&database.url().replace(database.name(), "not_there"))).err().unwrap();
    assert!(first_line(&error).starts_with("database \"not_there\" does not exist"), "{error}");
}
