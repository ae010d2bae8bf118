//! What people read on the pages, and what holds for all of them: links lead somewhere, what people wrote is no markup,
//! the same project gives the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Page, catalogue};
use crate::config::Settings;
use crate::migration::{MigrationFile, MigrationId};
use crate::parser::on_deep_stack;
use crate::project::Project;
use crate::source::SourceFile;
use crate::states::states;

/// The catalogue of a migration and some definitions.
fn pages(migration: &str, definitions: &[(&str, &str)]) -> BTreeMap<String, String> {
    let source = |path: &str, text: &str| SourceFile::new(format!("../db/{path}"), text);
    let project = Project {
        dir: "../db".into(),
        shown_as: "../db".into(),
        settings: Settings::default(),
        definitions: definitions.iter().map(|(path, text)| source(path, text)).collect(),
        migrations: vec![MigrationFile {
            id: MigrationId::new(1, "tables"),
            source: source("migrations/V1__tables.sql", migration),
        }],
        clashing: Vec::new(),
        rollbacks: Vec::new(),
    };
    let made = || {
        let states = states(&project);
        catalogue(&project, &states.declared, &states.problems)
    };
    let (first, second) = on_deep_stack(|| (made(), made()));
    assert_eq!(first, second);
    let paths: Vec<&String> = first.iter().map(|page| &page.path).collect();
    assert!(paths.is_sorted(), "{paths:?}");
    let pages: BTreeMap<String, String> = first.into_iter().map(|Page { path, text }| (path, text)).collect();
    links_resolve(&pages);
    pages
}

/// What stands in an attribute, wherever it is given.
fn values<'t>(text: &'t str, attribute: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(attribute).skip(1).filter_map(|rest| rest.split('"').next())
}

/// Every link leads to a page and a place that are there; no place is there twice; nothing is fetched from elsewhere.
fn links_resolve(pages: &BTreeMap<String, String>) {
    let mut places = BTreeSet::new();
    for (path, text) in pages {
        places.insert(path.clone());
        for id in values(text, " id=\"") {
            assert!(places.insert(format!("{path}#{id}")), "{path} has `{id}` twice");
        }
    }
    for (path, text) in pages {
        assert!(!text.contains(" src=") && !text.contains("@import") && !text.contains("url(h"), "{path}");
        for link in values(text, " href=\"").filter(|link| *link != "data:,") {
            let (page, place) = link.split_once('#').map_or((link, None), |(page, place)| (page, Some(place)));
            let page = match (page, path.split_once('/')) {
                ("", _) => path.clone(),
                (page, Some(_)) if page.starts_with("../") => page.trim_start_matches("../").to_owned(),
                (page, Some((folder, _))) => format!("{folder}/{page}"),
                (page, None) => page.to_owned(),
            };
            let wanted = place.map_or_else(|| page.clone(), |place| format!("{page}#{place}"));
            assert!(places.contains(&wanted), "{path} links to {link}");
        }
    }
}

/// What stands between two texts.
fn between<'t>(text: &'t str, begin: &str, end: &str) -> &'t str {
    let from = text.find(begin).unwrap_or_else(|| panic!("no {begin} in {text}"));
    let to = text[from..].find(end).unwrap_or_else(|| panic!("no {end} in {text}"));
    &text[from..from + to + end.len()]
}

const TABLES: &str = "
CREATE ROLE analyst;
CREATE TYPE mood AS ENUM ('sad', 'happy');
-- Who writes.
CREATE TABLE users (id integer PRIMARY KEY, name varchar(40) NOT NULL, mood mood DEFAULT 'sad', boss integer REFERENCES users);
CREATE TABLE posts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id integer NOT NULL REFERENCES users (id),
    fee numeric(6,2) CHECK (fee > 0), title text COLLATE \"C\");
CREATE UNIQUE INDEX posts_title ON posts (title) WHERE title IS NOT NULL;
COMMENT ON TABLE users IS 'People.';
COMMENT ON INDEX posts_title IS 'Titles are said once.';
CREATE FUNCTION happy() RETURNS SETOF users LANGUAGE sql BEGIN ATOMIC SELECT * FROM users WHERE mood = 'happy'; END;
";

const AUTHORS: &str = "-- Those who wrote.
CREATE VIEW authors WITH (security_barrier) AS
SELECT users.id, users.name, users.mood, count(*) AS posts, sum(posts.fee) AS fees
FROM users JOIN posts ON posts.user_id = users.id
GROUP BY users.id;
COMMENT ON VIEW authors IS 'Who wrote.

For the start page, where
\"author\" means this.';
COMMENT ON COLUMN authors.fees IS 'In euros.';
ALTER VIEW authors OWNER TO analyst;
GRANT SELECT ON authors TO PUBLIC;
GRANT UPDATE (name) ON authors TO analyst WITH GRANT OPTION;
";

#[test]
fn a_page_of_a_view() {
    let pages = pages(
        TABLES,
        &[
            ("views/authors.sql", AUTHORS),
            ("views/best.sql", "CREATE VIEW best AS SELECT id, upper(name) AS name FROM authors WHERE fees > 10;"),
            ("views/best_name.sql", "CREATE VIEW best_name AS SELECT min(name) AS name FROM best;"),
            ("views/happy.sql", "CREATE VIEW happy_names AS SELECT name FROM happy();"),
        ],
    );
    insta::assert_snapshot!("view", between(&pages["relations/public-authors.html"], "<main", "</main>"));
    let table = &pages["relations/public-posts.html"];
    insta::assert_snapshot!("table", between(table, "<h2 id=\"columns\"", "</main>"));
    // What is read through a function is read.
    assert!(pages["relations/public-users.html"].contains(">happy_names</code></a>"), "{table}");
    insta::assert_snapshot!("index", between(&pages["index.html"], "<h1>", "<script>"));
}

#[test]
fn the_picture_of_a_diamond() {
    let pages = pages(
        "CREATE TABLE t (a integer);",
        &[
            ("views/b.sql", "CREATE VIEW b AS SELECT a FROM t;"),
            ("views/c.sql", "CREATE MATERIALIZED VIEW c AS SELECT a FROM t;"),
            ("views/d.sql", "CREATE VIEW d AS SELECT b.a, c.a AS c FROM b, c, t;"),
        ],
    );
    insta::assert_snapshot!("diamond", between(&pages["relations/public-d.html"], "<svg", "</svg>"));
    // The whole is the same, and is about none of them.
    let whole = between(&pages["lineage.html"], "<svg", "</svg>");
    assert_eq!(whole.matches("<rect").count(), 4);
    assert!(!whole.contains("aria-current"));
}

#[test]
fn what_people_write_is_shown_and_never_markup() {
    let odd = "</style><script>alert('x')</script>&amp;\"\"";
    let columns = ["a b", "A B", "a/b", "..", "größe", "日本", odd];
    let list = |with: &str| columns.map(|column| format!("\"{column}\"{with}")).join(", ");
    let long = "x".repeat(63);
    let migration = format!(
        "CREATE SCHEMA \"{odd}\"; CREATE SCHEMA \"con\";
         CREATE TABLE \"{odd}\".\"{odd}\" ({} DEFAULT '</code><b>');
         CREATE TABLE users (id integer); CREATE TABLE \"Users\" (id integer); CREATE TABLE \"us/ers\" (id integer);
         CREATE TABLE con.\"..\" (id integer); CREATE TABLE con.\"{long}\" (id integer); CREATE TABLE con.con (id integer);
         CREATE TYPE \"{odd}\".mood AS ENUM ('<i>', '\"');
         CREATE FUNCTION \"<f>\"(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
         COMMENT ON TABLE users IS '<script>alert(1)</script> & \u{202e}so on';
         COMMENT ON SCHEMA con IS '<b>bold</b>';",
        list(" text")
    );
    let view = format!(
        "-- <script>alert(2)</script>\nCREATE VIEW \"{odd}\".v AS SELECT {}, \"<f>\"(1), '<p>' AS p FROM \"{odd}\".\"{odd}\";
         COMMENT ON COLUMN \"{odd}\".v.\"..\" IS '<img>'; GRANT SELECT ON \"{odd}\".v TO \"<role>\";",
        list("")
    );
    let pages = pages(&migration, &[("views/<v>.sql", &view)]);
    assert_eq!(pages.len(), 2 + 8);
    let folded: BTreeSet<String> = pages.keys().map(|path| path.to_lowercase()).collect();
    assert_eq!(folded.len(), pages.len());
    for (path, text) in &pages {
        for markup in ["<script>alert", "<b>", "<i>", "<img", "<f>", "<role>", "<v>", "\u{202e}"] {
            assert!(!text.contains(markup), "{path} holds {markup}");
        }
        assert_eq!(text.matches("<style>").count(), 1, "{path}");
        assert_eq!(text.matches("</style>").count(), 1, "{path}");
    }
}

#[test]
fn what_is_broken_hides_nothing_else() {
    let pages = pages(
        "CREATE TABLE t (a integer);",
        &[
            ("views/broken.sql", "CREATE VIEW broken AS\nSELECT b FROM t;"),
            ("views/fine.sql", "CREATE VIEW fine AS SELECT a FROM t;"),
            ("views/on_broken.sql", "CREATE VIEW on_broken AS SELECT b FROM broken;"),
        ],
    );
    let paths: Vec<&str> = pages.keys().map(String::as_str).collect();
    assert_eq!(paths, ["index.html", "lineage.html", "relations/public-fine.html", "relations/public-t.html"]);
    insta::assert_snapshot!("broken", between(&pages["index.html"], "<section class=\"errors\"", "</section>"));
}

#[test]
fn what_would_be_too_much_is_left_out_of_pictures_and_said() {
    let mut views = Vec::new();
    for number in 0..80 {
        let from = if number % 2 == 0 { "t".to_owned() } else { format!("v{:03}", number - 1) };
        views.push((format!("views/v{number:03}.sql"), format!("CREATE VIEW v{number:03} AS SELECT a FROM {from};")));
    }
    let definitions: Vec<(&str, &str)> = views.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let few = pages("CREATE TABLE t (a integer); CREATE TABLE alone (a integer);", &definitions);
    let picture = between(&few["relations/public-t.html"], "<svg", "</svg>");
    assert!(picture.contains("Only the nearest 44 of 80 are drawn; the lists below name all."), "{picture}");
    assert!(picture.contains("… 36 more"));
    assert_eq!(picture.matches("<rect").count(), 46);
    assert!(few["relations/public-t.html"].contains("Through others: "));
    assert!(few["lineage.html"].contains("Not drawn, since they read nothing and nothing reads them: "));
    let mut migration = "CREATE TABLE t (a integer);".to_owned();
    for number in 0..80 {
        let _ = write!(migration, "CREATE TABLE t{number} (a integer);");
    }
    let many = pages(&migration, &definitions);
    assert!(!many.contains_key("lineage.html"));
    assert!(many["index.html"].contains("161 relations are too many for one"));
}

#[test]
fn an_empty_project_has_an_index() {
    let pages = pages("SELECT 1;", &[]);
    assert_eq!(pages.keys().collect::<Vec<_>>(), ["index.html"]);
    assert!(pages["index.html"].contains("0 views, 0 materialized views, 0 tables"));
}
