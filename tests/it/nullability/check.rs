//! What checks of tables prove of their columns: the smallest case of each trap. The random schemas have them all.

use viewkeeper_engine::nullability::{BaseFacts, ViewColumns};
use viewkeeper_engine::parser::on_deep_stack;

use super::{claims, replayed, schema::Schema};

/// Statements that lead to a table `t`, and whether a query of it may call `a` not null.
const CASES: &[(&[&str], bool)] = &[
    (&["create table t (a int check (a is not null))"], true),
    (&["create table t (a int, b int, check (b > 0 and (b is not null and t.a is not null)))"], true),
    (&["create table t (a int check (a > 0))"], false),
    (&["create table t (a int, b int, check (a is not null or b is not null))"], false),
    (&["create table t (a int check (not (a is not null)))"], false),
    (&["create table t (a int check (a is not null) no inherit)"], false),
    (&["create table t (a int check (a is not null) not enforced)"], false),
    (&["create table t (a int)", "alter table t add constraint c check (a is not null) not valid"], false),
    (
        &[
            "create table t (a int)",
            "alter table t add constraint c check (a is not null) not valid",
            "alter table t validate constraint c",
        ],
        true,
    ),
    (&["create table t (a int constraint c check (a is not null))", "alter table t drop constraint c"], false),
    (&["create table t (a int check (a is not null))", "create table u () inherits (t)"], true),
    (
        &[
            "create table t (a int check (a is not null) not null)",
            "create table u () inherits (t)",
            "alter table t alter a drop not null",
        ],
        true,
    ),
    (
        &[
            "create table t (b int, a int, check (a is not null))",
            "alter table t rename a to c",
            "alter table t rename b to a",
        ],
        false,
    ),
    (
        &[
            "create table o (x int, a int check (a is not null))",
            "alter table o drop x",
            "create table t (like o including constraints)",
        ],
        true,
    ),
];

#[test]
fn checks_prove_what_holds_for_all_rows() {
    on_deep_stack(|| {
        for (statements, expected) in CASES {
            let ddl = statements.iter().map(|statement| (*statement).to_owned()).collect();
            let catalog = replayed(&Schema { ddl, tables: Vec::new() }, 18);
            let facts = BaseFacts::new(&catalog, ViewColumns::AsRecorded);
            let found = claims(&catalog, &facts, "select a from t").unwrap();
            assert_eq!(found[0].is_some(), *expected, "{statements:?}: {found:?}");
        }
    });
}
