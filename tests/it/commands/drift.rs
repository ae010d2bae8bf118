//! `drift` as somebody at a terminal, a machine and CI meet it: what is printed, the exit codes, what `--accept` writes.

use viewkeeper_live::testing::{TestDatabase, newest_server};

use super::Workspace;

/// A view with all that hangs on it, on the tables; migrated.
fn migrated() -> (Workspace, TestDatabase) {
    let workspace = Workspace::with_tables(&[(
        "views/authors.sql",
        "-- Everybody with a post.\nCREATE VIEW authors AS\nSELECT users.id, users.name\nFROM users\nWHERE EXISTS (SELECT \
         FROM posts WHERE posts.user_id = users.id);\n\nCOMMENT ON VIEW authors IS 'who writes';\n",
    )]);
    workspace.run(&["db-diff", "authors"]).exits(0);
    let database = newest_server().empty_database();
    workspace.run_on(&database.url(), &["migrate"]).exits(0);
    (workspace, database)
}

/// Alike for every version: from 16 on, columns are printed without their table where there is only one; MAINTAIN came
/// with 17.
fn alike(text: &str) -> String {
    ["users.", "authors."].iter().fold(text.replace("arwdDxtm", "arwdDxt"), |text, table| {
        text.replace(&format!(" {table}"), " ").replace(&format!("({table}"), "(")
    })
}

fn disturb(database: &TestDatabase, sql: &str) {
    database.connect().batch_execute(sql).unwrap();
}

const DISTURBANCE: &str = "CREATE OR REPLACE VIEW authors AS SELECT id, name FROM users WHERE id > 7;
    CREATE VIEW by_hand AS SELECT name FROM authors;
    COMMENT ON VIEW by_hand IS 'made in a hurry';
    ALTER TABLE users ALTER email SET DEFAULT 'nobody@example.org';
    GRANT SELECT ON posts TO PUBLIC";

#[test]
fn nothing_is_found_where_nothing_was_done() {
    let (workspace, database) = migrated();
    let text = workspace.run_on(&database.url(), &["drift"]).exits(0);
    let accept = workspace.run_on(&database.url(), &["drift", "--accept"]).exits(0);
    let json = workspace.run_on(&database.url(), &["drift", "--format", "json"]).exits(0);
    let github = workspace.run_on(&database.url(), &["drift", "--format", "github"]).exits(0);
    insta::assert_snapshot!([text.show(), accept.show(), json.show(), github.show()].join("\n"));
}

#[test]
fn what_was_done_is_shown_to_people_to_machines_and_to_ci() {
    let (workspace, database) = migrated();
    disturb(&database, DISTURBANCE);
    let before = workspace.files();
    let text = workspace.run_on(&database.url(), &["drift"]).exits(1);
    let json = workspace.run_on(&database.url(), &["drift", "--format", "json"]).exits(1);
    let github = workspace.run_on(&database.url(), &["drift", "--format", "github"]).exits(1);
    assert_eq!(workspace.files(), before);
    insta::assert_snapshot!("text", alike(&text.show()));
    insta::assert_snapshot!("json", alike(&json.show()));
    insta::assert_snapshot!("github", alike(&github.show()));
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    let workspace = Workspace::with_tables(&[]);
    let database = newest_server().empty_database();
    insta::assert_snapshot!(workspace.run_on(&database.url(), &["drift"]).exits(2).show());
}

#[test]
fn what_is_accepted_becomes_a_migration_and_then_no_drift() {
    let (workspace, database) = migrated();
    disturb(
        &database,
        "CREATE OR REPLACE VIEW authors WITH (security_barrier) AS SELECT id, name FROM users WHERE id > 7",
    );
    disturb(&database, "CREATE VIEW by_hand AS SELECT name FROM authors; COMMENT ON VIEW by_hand IS 'made in a hurry'");
    disturb(&database, "COMMENT ON COLUMN authors.id IS 'seven and more'");
    let accept = workspace.run_on(&database.url(), &["drift", "--accept"]).exits(0);
    let files = ["views/authors.sql", "views/by_hand.sql"].map(|file| format!("--- {file}\n{}", workspace.read(file)));
    insta::assert_snapshot!(alike(&[accept.show(), files.concat()].join("\n")));
    workspace.run(&["db-diff", "--check"]).exits(1);
    // Where it was made by hand, the view that the migration creates is there already.
    disturb(&database, "DROP VIEW by_hand");
    workspace.run(&["db-diff", "accepted"]).exits(0);
    workspace.run_on(&database.url(), &["migrate"]).exits(0);
    // Options leave no trace of having been asked for; that they are what is wanted is for a person to say.
    let left = workspace.run_on(&database.url(), &["drift"]).exits(1);
    assert!(
        left.out.contains("the definitions say it as it is here") && !left.out.contains("to undo it"),
        "{}",
        left.show()
    );
    let again = workspace.run_on(&database.url(), &["drift", "--accept"]).exits(1);
    assert!(again.out.contains("not written: the definitions say view `public.authors` already"), "{}", again.show());
    workspace.run_on(&database.url(), &["drift", "--record", "public.authors"]).exits(0);
    workspace.run_on(&database.url(), &["drift"]).exits(0);
    workspace.run(&["db-diff", "--check"]).exits(0);
}

#[test]
fn what_no_definition_can_say_is_said_and_not_written() {
    let (workspace, database) = migrated();
    disturb(&database, "ALTER VIEW authors ALTER COLUMN id SET DEFAULT 7");
    let before = workspace.files();
    let ran = workspace.run_on(&database.url(), &["drift", "--accept"]).exits(1);
    assert!(ran.out.contains("not written, since no definition can say it: default of column `id`"), "{}", ran.show());
    assert_eq!(workspace.files(), before);
}

#[test]
fn a_value_that_was_added_by_hand_and_accepted_is_migrated_everywhere() {
    let workspace = Workspace::with_tables(&[("types/state.sql", "CREATE TYPE state AS ENUM ('open');\n")]);
    workspace.run(&["db-diff", "state"]).exits(0);
    let database = newest_server().empty_database();
    workspace.run_on(&database.url(), &["migrate"]).exits(0);
    disturb(&database, "ALTER TYPE state ADD VALUE 'paid'");
    workspace.run_on(&database.url(), &["drift", "--accept"]).exits(0);
    workspace.run(&["db-diff", "paid"]).exits(0);
    workspace.run_on(&database.url(), &["migrate"]).exits(0);
    workspace.run_on(&database.url(), &["drift", "--record", "public.state"]).exits(0);
    workspace.run_on(&database.url(), &["drift"]).exits(0);
}

#[test]
fn a_materialized_view_without_rows_is_called_that_and_new_definitions_stand_where_adopt_puts_them() {
    let workspace = Workspace::with_tables(&[("views/m.sql", "CREATE MATERIALIZED VIEW m AS SELECT id FROM users;\n")]);
    workspace.run(&["db-diff", "m"]).exits(0);
    let database = newest_server().empty_database();
    workspace.run_on(&database.url(), &["migrate"]).exits(0);
    disturb(&database, "REFRESH MATERIALIZED VIEW m WITH NO DATA; CREATE SCHEMA app");
    let ran = workspace.run_on(&database.url(), &["drift"]).exits(1);
    assert!(ran.out.contains("materialized view `public.m` holds no rows"), "{}", ran.show());
    disturb(&database, "REFRESH MATERIALIZED VIEW m; CREATE VIEW app.active AS SELECT id FROM users");
    disturb(&database, "CREATE INDEX m_id ON m (id); COMMENT ON INDEX m_id IS 'id'");
    workspace.run_on(&database.url(), &["drift", "--accept"]).exits(0);
    assert!(workspace.path("views/app/active.sql").exists());
    let written = workspace.read("views/m.sql");
    assert!(written.find("CREATE INDEX") < written.find("COMMENT ON INDEX"), "{written}");
    workspace.run(&["db-diff", "accepted"]).exits(0);
}

#[test]
fn what_is_ignored_is_only_counted() {
    let (workspace, database) = migrated();
    disturb(&database, DISTURBANCE);
    workspace.write(
        "viewkeeper.toml",
        "[[drift.ignore]]\nname = 'public.by_*'\nfinding = 'created outside'\n\n[[drift.ignore]]\naspect = 'privileges'\n\n\
         [[drift.ignore]]\nkind = 'table'\naspect = 'columns'\n\n[[drift.ignore]]\naspect = 'definition'\nname = '*.authors'\n",
    );
    let ran = workspace.run_on(&database.url(), &["drift"]).exits(0);
    insta::assert_snapshot!(ran.show());
    workspace.write("viewkeeper.toml", "[[drift.ignore]]\n");
    let empty = workspace.run_on(&database.url(), &["drift"]).exits(2);
    insta::assert_snapshot!("a_rule_that_says_nothing", empty.show());
}

#[test]
fn a_rollback_does_not_undo_what_was_done_by_hand_unless_told() {
    let (workspace, database) = migrated();
    disturb(&database, "GRANT SELECT ON posts TO PUBLIC; CREATE OR REPLACE VIEW authors AS SELECT id, name FROM users");
    let refused = workspace.run_on(&database.url(), &["rollback"]).exits(2);
    insta::assert_snapshot!(refused.show());
    let shown: String = database.connect().query_one("SELECT pg_get_viewdef('authors'::regclass)", &[]).unwrap().get(0);
    assert!(!shown.contains("posts"), "{shown}");
    workspace.run_on(&database.url(), &["rollback", "--overwrite-drift"]).exits(0);
    // What it does not touch stays drift.
    let left = workspace.run_on(&database.url(), &["drift", "--format", "json"]).exits(1).json();
    assert_eq!(left["drift"].as_array().unwrap().len(), 1);
    assert_eq!(left["drift"][0]["name"], "public.posts");
}

#[test]
fn what_is_there_to_stay_is_recorded_on_request() {
    let (workspace, database) = migrated();
    // What the migrations lead to is asked of a private server after a major upgrade.
    let target = workspace.own_target();
    let programs = newest_server().installation().program("postgres");
    let programs = programs.parent().unwrap().to_str().unwrap();
    let variables = [("PG_BIN", programs), ("CARGO_TARGET_DIR", target.as_str())];
    let url = database.url();
    let record = |more: &[&str]| {
        let arguments = ["--database-url", &url, "drift", "--record"];
        workspace.run_with(&[&arguments[..], more].concat(), &variables)
    };
    let nothing = record(&[]).exits(0);
    // As after a major upgrade: what was recorded comes from another version, and the migrations are the proof.
    let major = newest_server().major();
    let former = format!("\"server\": {}", major - 1);
    disturb(
        &database,
        &format!(
            "UPDATE viewkeeper_history SET snapshot = replace(snapshot::text, '\"server\": {major}', '{former}')::jsonb"
        ),
    );
    workspace.run_on(&database.url(), &["drift"]).exits(1);
    let upgraded = record(&[]).exits(0);
    workspace.run_on(&database.url(), &["drift"]).exits(0);
    // A table made by hand, and the migration that makes it elsewhere.
    disturb(&database, "CREATE TABLE by_hand (id int); ALTER TABLE users ADD nick text");
    let refused = record(&[]).exits(2);
    workspace.write(
        "migrations/V3__by_hand.sql",
        "CREATE TABLE IF NOT EXISTS by_hand (id int);\nALTER TABLE users ADD COLUMN IF NOT EXISTS nick text;\n",
    );
    workspace.run_on(&database.url(), &["migrate"]).exits(0);
    let drift = workspace.run_on(&database.url(), &["drift"]).exits(1);
    assert!(drift.out.contains("--record 'public.by_hand'"), "{}", drift.show());
    let named = record(&["public.by_hand", "public.users"]).exits(0);
    assert_eq!(workspace.run_with(&["dev-db", "stop"], &variables).exits(0).out, "stopped\n");
    workspace.run_on(&database.url(), &["drift"]).exits(0);
    insta::assert_snapshot!([nothing.show(), upgraded.show(), refused.show(), named.show()].join("\n"));
}

#[test]
fn words_that_nothing_has_are_not_left_out_silently() {
    let (workspace, database) = migrated();
    workspace.write(
        "viewkeeper.toml",
        "[[drift.ignore]]\naspect = 'coment'\n\n[[drift.ignore]]\nkind = 'veiw'\nfinding = 'droped'\n",
    );
    let wrong = workspace.run_on(&database.url(), &["drift"]).exits(2);
    workspace.write("viewkeeper.toml", "[[drift.ignore]]\nname = 'authors'\n");
    let warned = workspace.run_on(&database.url(), &["drift"]).exits(0);
    insta::assert_snapshot!([wrong.show(), warned.show()].join("\n"));
}

#[test]
fn what_is_not_accepted_is_not_to_be_reviewed() {
    let (workspace, database) = migrated();
    disturb(&database, "CREATE TABLE by_hand (id int)");
    let ran = workspace.run_on(&database.url(), &["drift", "--accept"]).exits(1);
    assert!(ran.out.contains("not accepted") && !ran.out.contains("review the files"), "{}", ran.show());
}

#[test]
fn a_migration_says_what_it_met_of_changes_by_hand() {
    let (workspace, database) = migrated();
    disturb(
        &database,
        "CREATE OR REPLACE VIEW authors AS SELECT id, name FROM users WHERE id > 7; COMMENT ON VIEW authors IS 'mine'; \
         COMMENT ON TABLE posts IS 'not touched'",
    );
    workspace.write(
        "migrations/V3__authors.sql",
        "CREATE OR REPLACE VIEW authors AS SELECT id, name FROM users WHERE id > 8;\n",
    );
    let ran = workspace.run_on(&database.url(), &["migrate"]).exits(0);
    insta::assert_snapshot!(alike(&ran.show()));
}
