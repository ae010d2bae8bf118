//! What machines read: always JSON, in a form that does not move.

use serde_json::Value;

use super::Workspace;
use viewkeeper_live::testing::newest_server;

/// The keys of an object, in the order in which they are printed.
fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn describe_has_its_fixed_form() {
    let described = Workspace::example().run(&["describe", "--format", "json"]).exits(0).json();
    assert_eq!(keys(&described), ["errors", "relations"]);
    let relations = described["relations"].as_array().unwrap();
    let names: Vec<_> = relations.iter().map(|relation| relation["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["active_users", "posts", "posts_per_month", "top_authors", "users"]);
    for relation in relations {
        assert_eq!(keys(relation), ["columns", "depends_on", "file", "kind", "name", "schema"]);
        for column in relation["columns"].as_array().unwrap() {
            assert_eq!(keys(column), ["collation", "name", "not_null", "origin", "reason", "type"]);
            assert!(column["not_null"].is_boolean() && column["origin"].is_array(), "{column}");
        }
        for used in relation["depends_on"].as_array().unwrap() {
            assert_eq!(keys(used), ["columns", "kind", "name"]);
        }
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&relations[3]).unwrap());
}

#[test]
fn one_broken_view_never_hides_the_others() {
    let workspace = Workspace::with_tables(&[
        ("views/broken.sql", "CREATE VIEW broken AS\nSELECT nmae FROM users;\n"),
        ("views/fine.sql", "CREATE VIEW fine AS SELECT id, name FROM users;\n"),
        ("views/on_broken.sql", "CREATE VIEW on_broken AS SELECT * FROM broken;\n"),
        ("views/unreadable.sql", "CREATE VIEW unreadable AS SELECT FROM FROM;\n"),
    ]);
    let described = workspace.run(&["describe", "--format", "json"]).exits(2).json();
    let names: Vec<_> =
        described["relations"].as_array().unwrap().iter().map(|relation| relation["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["fine", "posts", "users"]);
    for error in described["errors"].as_array().unwrap() {
        assert_eq!(keys(error), ["column", "file", "help", "line", "message", "relation", "sqlstate"]);
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&described["errors"]).unwrap());
    // One that is asked for and is fine is shown.
    let fine = workspace.run(&["describe", "fine", "--format", "json"]).exits(0).json();
    assert_eq!(fine["relations"][0]["name"], "fine");
    // One that is broken or not there still gives JSON, with the errors.
    for missing in ["broken", "nowhere"] {
        let missing = workspace.run(&["describe", missing, "--format", "json"]).exits(2).json();
        assert_eq!(missing["relations"], Value::Array(Vec::new()));
        assert!(!missing["errors"].as_array().unwrap().is_empty());
    }
}

#[test]
fn every_command_prints_json() {
    let workspace = Workspace::with_tables(&[("views/a.sql", "CREATE VIEW a AS SELECT id FROM users;\n")]);
    let database = newest_server().empty_database();
    let url = database.url();
    let json = |arguments: &[&str], code| {
        workspace.run(&[&["--database-url", &url, "--format", "json"], arguments].concat()).exits(code).json()
    };
    let pending = json(&["check"], 1);
    assert_eq!(pending["changes"][0]["object"], "view public.a");
    assert_eq!(json(&["db-diff", "--check"], 1)["changes"][0]["change"], "create");
    assert_eq!(json(&["db-diff", "--dry-run"], 0)["migration"], Value::Null);
    assert_eq!(json(&["db-diff", "views"], 0)["migration"], "db/migrations/V2__views.sql");
    assert_eq!(json(&["db-diff"], 0)["changes"], Value::Array(Vec::new()));
    assert_eq!(json(&["check"], 0)["changes"], Value::Array(Vec::new()));
    assert_eq!(json(&["status"], 1)["current"], false);
    assert_eq!(json(&["migrate", "--dry-run"], 0)["steps"].as_array().unwrap().len(), 2);
    assert_eq!(json(&["migrate"], 0)["version"], 2);
    assert_eq!(json(&["status"], 0)["migrations"][1]["state"], "applied");
    assert_eq!(json(&["rollback", "--dry-run"], 0)["dry_run"], true);
    assert_eq!(json(&["rollback"], 0)["version"], 1);
    let readers = json(&["describe", "--column", "users.id"], 0);
    assert_eq!(readers, serde_json::json!(["public.a"]));
    let denied = workspace.run(&["check", "--format", "json", "--deny", "breaks-code"]);
    assert_eq!(denied.exits(0).json()["hazards"], Value::Array(Vec::new()));
    // Whatever fails is told in the same form.
    let nowhere = workspace.run(&["--database-url", "host=/nowhere", "--format", "json", "status"]).exits(2).json();
    assert_eq!(keys(&nowhere), ["errors"]);
    assert!(nowhere["errors"][0]["message"].as_str().unwrap().contains("no PostgreSQL server answers"), "{nowhere}");
    assert_eq!(json(&["migrate", "--to", "9"], 2)["errors"][0]["message"], "there is no migration with the number 9");
    workspace.write("migrations/V3__half.sql", "CREATE TABLE half (id integer);\nSELECT 1/0;\n");
    let half = &json(&["migrate"], 2)["errors"][0];
    assert_eq!((&half["file"], &half["line"]), (&Value::from("db/migrations/V3__half.sql"), &Value::from(2)));
    assert_eq!(half["sqlstate"], "22012");
    // A broken definition is a finding of `check`, in the same form.
    workspace.write("views/b.sql", "CREATE VIEW b AS SELECT nmae FROM users;\n");
    assert_eq!(json(&["check"], 1)["errors"][0]["file"], "db/views/b.sql");
}

#[test]
fn what_takes_two_migrations_is_told_as_two() {
    let workspace = Workspace::with_tables(&[("types/mood.sql", "CREATE TYPE mood AS ENUM ('sad');\n")]);
    workspace.run(&["db-diff", "mood"]).exits(0);
    workspace.write("types/mood.sql", "CREATE TYPE mood AS ENUM ('sad', 'happy');\n");
    workspace.write("views/happy.sql", "CREATE VIEW happy AS SELECT 'happy'::mood AS mood;\n");
    let text = workspace.run(&["check"]).exits(1);
    let json = workspace.run(&["check", "--format", "json"]).exits(1).json();
    assert_eq!(json["changes"][0]["object"], "type public.mood");
    assert_eq!(json["then"]["changes"][0]["object"], "view public.happy");
    insta::assert_snapshot!(text.show());
}
