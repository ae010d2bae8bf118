//! `check --nulls`: what people say of nulls, held against the data.

use super::Workspace;
use viewkeeper_live::testing::newest_server;

#[test]
fn a_null_where_a_person_said_there_is_none() {
    let workspace = Workspace::new(&[
        (
            "viewkeeper.toml",
            "[nullability]\nfunctions = ['public.slug']\n[nullability.columns]\n'public.v.a' = 'not null'\n",
        ),
        (
            "migrations/V1__tables.sql",
            "CREATE TABLE t (a text, b text NOT NULL);\n\
             CREATE FUNCTION slug(text) RETURNS text LANGUAGE sql AS 'select nullif($1, ''x'')';\n",
        ),
        ("views/v.sql", "CREATE VIEW v AS\n-- viewkeeper: c not null\nSELECT a, slug(b) AS b, a || b AS c FROM t;\n"),
    ]);
    let database = newest_server().empty_database();
    let url = database.url();
    workspace.run(&["db-diff", "v"]).exits(0);
    workspace.run_on(&url, &["migrate"]).exits(0);
    database.connect().batch_execute("INSERT INTO t VALUES ('a', 'b')").unwrap();
    insta::assert_snapshot!("kept", workspace.run_on(&url, &["check", "--nulls"]).exits(0).show());
    database.connect().batch_execute("INSERT INTO t VALUES (NULL, 'x')").unwrap();
    insta::assert_snapshot!("broken", workspace.run_on(&url, &["check", "--nulls"]).exits(1).show());
    let report = workspace.run_on(&url, &["check", "--nulls", "--format", "json"]).exits(1).json();
    let nulls = report["nulls"].as_array().unwrap();
    assert!(nulls.len() == 3 && nulls.iter().all(|column| column["null"] == true), "{nulls:?}");
    // A question that is not answered is no answer.
    database.connect().batch_execute("DROP VIEW v").unwrap();
    insta::assert_snapshot!("not_known", workspace.run_on(&url, &["check", "--nulls"]).exits(2).show());
}
