//! Of the columns of PostgreSQL's own views that the planner proves not null (from 17 on), the analysis proves all; but
//! for columns that are read from another one of these views, whose queries are not built in.

use postgres::Client;
use viewkeeper_engine::analyse::analyse_parameterised_query;
use viewkeeper_engine::catalog::{Catalog, ServerVersion};
use viewkeeper_engine::nullability::{BaseFacts, ViewColumns, of_query};
use viewkeeper_engine::parser::{NodeEnum, on_deep_stack, parse};
use viewkeeper_engine::source::SourceFile;
use viewkeeper_live::testing::{TestServer, for_each_server};

use super::precision::planner_proves;

#[derive(Default)]
struct Tally {
    columns: usize,
    by_planner: usize,
    by_engine: usize,
    of_system_views: usize,
    gaps: Vec<String>,
}

impl Tally {
    /// Compares what is said of the columns of a query.
    fn query(&mut self, client: &mut Client, catalog: &Catalog, facts: &BaseFacts<'_>, name: &str, sql: &str) {
        let file = SourceFile::new(name, sql);
        let Ok(statements) = parse(&file, catalog.version) else { return };
        let Some(NodeEnum::SelectStmt(select)) = statements.first().map(|statement| &statement.node) else { return };
        let path = ["public".to_owned()];
        let Ok(analysed) = analyse_parameterised_query(catalog, &file, select, &[], &path) else { return };
        let judged = of_query(facts, &analysed.tree);
        let names: Vec<String> = (0..judged.len()).map(|index| format!("c{index}")).collect();
        let renamed = format!("select * from ({sql}) q({})", names.join(", "));
        for (index, column) in judged.iter().enumerate() {
            self.columns += 1;
            self.by_engine += usize::from(column.not_null);
            if planner_proves(client, &renamed, index) {
                self.by_planner += 1;
                if column.reason == "nothing is known of it" {
                    self.of_system_views += 1;
                } else if !column.not_null {
                    self.gaps.push(format!("{name}, column {}: {}", index + 1, column.reason));
                }
            }
        }
    }

    fn report(&self, corpus: &str, server: &TestServer) {
        println!(
            "PostgreSQL {} | {corpus} | {} columns, {} proven by the engine, {} by the planner, {} of these through \
             other system views, {} only by the planner",
            server.version(),
            self.columns,
            self.by_engine,
            self.by_planner,
            self.of_system_views,
            self.gaps.len()
        );
        assert!(self.by_planner > 20, "the planner proves too little to compare with");
        assert!(self.gaps.is_empty(), "{corpus}:\n{}", self.gaps.join("\n"));
    }
}

#[test]
fn what_the_planner_proves_of_system_views_is_proven() {
    for_each_server(|server| {
        if server.major() < 17 {
            return;
        }
        let database = server.empty_database();
        let mut client = database.connect();
        client.batch_execute("set client_min_messages = error; set constraint_exclusion = off").unwrap();
        let definitions = client
            .query(
                "SELECT n.nspname || '.' || c.relname, rtrim(pg_get_viewdef(c.oid), ';')
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind = 'v' AND n.nspname IN ('pg_catalog', 'information_schema') ORDER BY 1",
                &[],
            )
            .unwrap();
        on_deep_stack(|| {
            let catalog = Catalog::new(ServerVersion::from_major(server.major()).unwrap());
            let facts = BaseFacts::new(&catalog, ViewColumns::AsRecorded);
            let mut tally = Tally::default();
            for row in &definitions {
                tally.query(&mut client, &catalog, &facts, row.get(0), row.get(1));
            }
            tally.report("system views", server);
        });
    });
}
