//! Law 5 of the design: over the example and every case, an undisturbed database shows nothing, and a disturbed one
//! exactly what was disturbed.

use std::collections::BTreeMap;
use std::path::Path;

use postgres::Client;
use viewkeeper::{Migrations, Options};
use viewkeeper_live::testing::for_each_server_and;

use crate::case::{self, Case};

type Files = Vec<(String, String)>;

/// The migrations of the example, and those that make the old definitions of each case, by hand included.
fn histories() -> Vec<(Option<Case>, Files)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("db/migrations");
    let mut example: Files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    example.sort();
    let mut histories = vec![(None, example)];
    for case in case::all() {
        let Ok(planned) = case.plan() else { continue };
        let texts = [Some(case.setup.clone()), planned.first.map(|first| first.migration), case.by_hand.clone()];
        let files = texts.into_iter().flatten().enumerate();
        let files = files.map(|(index, text)| (format!("V{}__part.sql", index + 1), text)).collect();
        histories.push((Some(case), files));
    }
    histories
}

#[test]
fn undisturbed_nothing_is_found_and_disturbed_exactly_that() {
    let histories = histories();
    let turns: Vec<_> = histories.iter().enumerate().collect();
    for_each_server_and(&turns, |server, client, (turn, (case, files))| {
        server.role("drift_owner");
        let name = case.as_ref().map_or("the example".to_owned(), Case::name);
        if case.as_ref().is_some_and(|case| !case.is_for(server.major())) {
            return Ok(());
        }
        hold(client, files, *turn).map_err(|failure| format!("{name}: {failure}"))
    });
}

fn hold(client: &mut Client, files: &Files, turn: usize) -> Result<(), String> {
    let migrations = Migrations::read(files.clone(), Vec::new());
    migrations.migrate(client, Options::new()).map_err(|error| error.to_string())?;
    let found = migrations.drift(client, &Options::new()).map_err(|error| error.to_string())?.found;
    // What the migrations made without data, and nobody refreshed since, fails for whoever queries it: that is told.
    let empty = client.query(
        "SELECT quote_ident(nspname) || '.' || quote_ident(relname) FROM pg_class c \
                              JOIN pg_namespace n ON n.oid = relnamespace WHERE NOT relispopulated ORDER BY 1",
        &[],
    );
    let empty: Vec<String> = empty.unwrap().iter().map(|row| row.get(0)).collect();
    let mut names: Vec<&String> = found.iter().map(|drift| &drift.name).collect();
    names.sort();
    if names.into_iter().ne(&empty) {
        return Err(format!("undisturbed, but found {found:#?}"));
    }
    for name in empty {
        client.batch_execute(&format!("REFRESH MATERIALIZED VIEW {name}")).unwrap();
    }
    let disturbed = disturb(client, turn);
    let found = migrations.drift(client, &Options::new()).map_err(|error| error.to_string())?.found;
    // In the order in which they can be led back.
    let mut names: Vec<&String> = found.iter().map(|drift| &drift.name).collect();
    names.sort();
    if names != disturbed.keys().collect::<Vec<_>>() {
        return Err(format!("disturbed {disturbed:?}, but found {names:?}"));
    }
    for drift in found {
        let aspects: Vec<&str> = drift.aspects.iter().map(|aspect| aspect.name.as_str()).collect();
        if aspects != disturbed[&drift.name] {
            return Err(format!(
                "disturbed {:?} of {}, but found {:?}",
                disturbed[&drift.name], drift.name, drift.aspects
            ));
        }
    }
    Ok(())
}

/// Disturbs two of three views and materialized views, each in another way; the names, and the aspects. What came with an
/// extension is not looked at.
fn disturb(client: &mut Client, turn: usize) -> BTreeMap<String, Vec<&'static str>> {
    let views = client
        .query(
            "SELECT quote_ident(nspname) || '.' || quote_ident(relname), relkind = 'm', \
                    rtrim(pg_get_viewdef(c.oid), ';'), coalesce(array_to_string(reloptions, ', '), ''), \
                    EXISTS (SELECT FROM pg_attribute a WHERE attrelid = c.oid AND attacl IS NOT NULL) \
             FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
             WHERE relkind IN ('v', 'm') AND c.oid >= 16384 \
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1",
            &[],
        )
        .unwrap();
    let mut disturbed = BTreeMap::new();
    for (index, row) in views.iter().enumerate().filter(|(index, _)| (index + turn) % 3 != 2) {
        let (name, materialized): (String, bool) = (row.get(0), row.get(1));
        let (query, options): (String, String) = (row.get(2), row.get(3));
        let word = if materialized { "MATERIALIZED VIEW" } else { "VIEW" };
        let (sql, aspects) = match (index * 5 + turn) % 6 {
            0 => (format!("COMMENT ON {word} {name} IS 'disturbed'"), vec!["comment"]),
            1 => (format!("GRANT REFERENCES ON {name} TO drift_owner"), vec!["privileges"]),
            // What the owner has given on columns comes from the new one, too.
            2 if row.get(4) => {
                (format!("ALTER {word} {name} OWNER TO drift_owner"), vec!["columns", "owner", "privileges"])
            }
            2 => (format!("ALTER {word} {name} OWNER TO drift_owner"), vec!["owner", "privileges"]),
            3 if materialized => (format!("ALTER {word} {name} SET (fillfactor = 51)"), vec!["options"]),
            3 if options.contains("security_barrier=true") => {
                (format!("ALTER {word} {name} RESET (security_barrier)"), vec!["options"])
            }
            3 => (format!("ALTER {word} {name} SET (security_barrier = true)"), vec!["options"]),
            4 if materialized => (format!("CREATE INDEX drift_index ON {name} ((1))"), vec!["indexes"]),
            4 if options.contains("check_option") => {
                (format!("ALTER VIEW {name} RESET (check_option)"), vec!["options"])
            }
            4 => {
                let options = if options.is_empty() { options } else { format!(" WITH ({options})") };
                let sql = format!("CREATE OR REPLACE VIEW {name}{options} AS SELECT * FROM ({query}) AS drifted");
                (sql, vec!["definition"])
            }
            _ => {
                let sql = format!(
                    "DO $$ BEGIN EXECUTE (SELECT format('COMMENT ON COLUMN {name}.%I IS ''disturbed''', attname) \
                     FROM pg_attribute WHERE attrelid = '{name}'::regclass AND attnum > 0 ORDER BY attnum LIMIT 1); END $$"
                );
                (sql, vec!["columns"])
            }
        };
        client.batch_execute(&sql).unwrap_or_else(|error| panic!("{error:?} in {sql}"));
        disturbed.insert(name, aspects);
    }
    disturbed
}
