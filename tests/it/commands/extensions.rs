//! `capture-extension`: what it writes is read when the migrations create the extension, and it leaves nothing behind.

use super::Workspace;
use viewkeeper_engine::extension::{Extension, Object};
use viewkeeper_live::testing::newest_server;

const VIEW: &str = "CREATE VIEW v AS SELECT distance(a, '1', 'km') AS d FROM places;\n";

/// The captured text of an extension of contrib under another name, as of somebody's own.
fn renamed(text: &str) -> String {
    let mut extension = Extension::parse(text).unwrap();
    extension.head.name = "places".to_owned();
    extension.objects.retain(|object| matches!(object, Object::Type(_) | Object::Routine(_)));
    extension.text().unwrap()
}

#[test]
fn an_extension_is_captured_and_read() {
    let workspace = Workspace::new(&[]);
    let server = newest_server();
    let database = server.empty_database();
    let url = database.url();
    let first = workspace.run_on(&url, &["capture-extension", "cube"]).exits(0);
    assert!(first.out.starts_with("wrote db/extensions/cube.jsonl: cube "), "{}", first.show());
    let text = workspace.read("extensions/cube.jsonl");
    // Installed now: read where it is, with the same result.
    database.execute("CREATE SCHEMA elsewhere; CREATE EXTENSION cube SCHEMA elsewhere");
    let again = workspace.run_on(&url, &["capture-extension", "cube"]).exits(0);
    assert!(again.out.contains("is up to date"), "{}", again.show());
    assert_eq!(workspace.read("extensions/cube.jsonl"), text);

    workspace.write("extensions/places.jsonl", renamed(&text));
    workspace.write("viewkeeper.toml", format!("server-version = {}\n", server.major()));
    workspace.write("migrations/V1__places.sql", "CREATE EXTENSION places;\nCREATE TABLE places (a cube NOT NULL);\n");
    workspace.write("views/v.sql", "CREATE VIEW v AS SELECT a, cube_dim(a) AS dimensions FROM places;\n");
    let described = workspace.run(&["describe", "--format", "json"]).exits(0).json();
    let columns = &described["relations"][1]["columns"];
    assert_eq!((&columns[0]["type"], &columns[0]["not_null"]), (&"cube".into(), &true.into()), "{described}");
    assert_eq!((&columns[1]["type"], &columns[1]["not_null"]), (&"integer".into(), &false.into()), "{described}");

    let mut client = database.connect();
    let left = "SELECT datname::text FROM pg_database WHERE datname LIKE 'viewkeeper_capture_%'";
    let left = client.query(left, &[]).unwrap();
    assert!(left.is_empty(), "a throw-away database is left: {left:?}");
}

#[test]
fn an_extension_that_nobody_knows() {
    let workspace = Workspace::new(&[("views/v.sql", VIEW)]);
    workspace.write("migrations/V1__places.sql", "CREATE EXTENSION maps;\nCREATE TABLE places (a text);\n");
    let checked = workspace.run(&["check"]).exits(1);
    assert!(checked.err.contains("cargo xtask capture-extension maps"), "{}", checked.show());
    let database = newest_server().empty_database();
    let ran = workspace.run_on(&database.url(), &["capture-extension", "maps"]).exits(2);
    assert!(ran.err.contains("the server has no extension `maps`"), "{}", ran.show());
    assert!(!workspace.path("extensions").exists());
    let refused = workspace.run_on("postgresql://127.0.0.1:1/shop", &["capture-extension", "maps"]).exits(2);
    assert!(refused.err.contains("no PostgreSQL server answers"), "{}", refused.show());
}

#[test]
fn objects_named_like_the_catalogs_are_not_picked_up() {
    let workspace = Workspace::new(&[]);
    let database = newest_server().empty_database();
    database.execute(&format!(
        "CREATE EXTENSION cube SCHEMA pg_catalog; CREATE FUNCTION hostile(name, text) RETURNS bool LANGUAGE plpgsql AS $$ \
         BEGIN RAISE 'picked up'; END $$; CREATE OPERATOR = (LEFTARG = name, RIGHTARG = text, FUNCTION = hostile); \
         CREATE FUNCTION current_setting(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'picked up'; END $$; \
         CREATE TABLE pg_class (); CREATE DOMAIN text AS varchar CHECK (false); \
         ALTER DATABASE {} SET search_path = public, pg_catalog",
        database.name()
    ));
    for extension in ["cube", "earthdistance"] {
        workspace.run_on(&database.url(), &["capture-extension", extension]).exits(0);
    }
}
