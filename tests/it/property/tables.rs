//! Changes of tables that people write into migrations by hand, under the definitions that stand on them.

use viewkeeper_engine::name::quote_ident;

use super::grow::{self, column_name, common_type};
use super::model::{ByHand, Column, Id, Kind, Object, SCHEMAS, Type, World};
use super::types::literal;
use crate::nullability::Random;

/// One change, with a word for it and the statement; nothing where it is not possible.
///
/// `old` is the world before: a name that something had in it is not free yet. What is in the way of a change is made
/// again after it; what only has a name that it wants is not in its way, and has to go in a migration of its own.
pub(super) fn change(old: &World, world: &mut World, random: &mut Random) -> Option<(&'static str, String)> {
    let (word, statement) = some_change(world, random)?;
    let has = |index: &super::model::Index, table: &Object| index.name == table.name;
    let is_taken = |table: &Object| {
        old.objects.iter().any(|one| {
            let index = match &one.kind {
                Kind::View(view) => view.indexes.iter().any(|index| has(index, table)),
                _ => false,
            };
            one.schema == table.schema && one.id != table.id && (one.name == table.name || index)
        })
    };
    let mut tables = world.objects.iter().filter(|object| matches!(object.kind, Kind::Table(_)));
    tables.all(|table| !is_taken(table)).then_some((word, statement))
}

fn some_change(world: &mut World, random: &mut Random) -> Option<(&'static str, String)> {
    let tables = grow::tables(world);
    let at = world.place(random.pick(&tables))?;
    let name = world.objects[at].full_name();
    let Kind::Table(mut columns) = world.objects[at].kind.clone() else { return None };
    let taken: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    // The first one is the key.
    let which = 1 + random.below(columns.len() - 1);
    let (word, statement) = match random.below(14) {
        0..3 => {
            let (id, type_) = (world.fresh(), common_type(random));
            let column = column_name(random, &taken);
            let default = match random.below(3) {
                0 => String::new(),
                1 => " NOT NULL".to_owned(),
                _ => format!(" DEFAULT {}", world.literal_text(type_, &literal(world, random, type_))),
            };
            let statement = format!(
                "ALTER TABLE {name} ADD COLUMN {} {}{default};\n",
                quote_ident(&column),
                world.type_name(type_)
            );
            columns.push(Column { id, name: column, type_ });
            ("add a column to a table", statement)
        }
        3 | 4 if columns.len() > 3 => {
            let gone = columns.remove(which);
            ("drop a column of a table", format!("ALTER TABLE {name} DROP COLUMN {};\n", quote_ident(&gone.name)))
        }
        5 | 6 => {
            let new = column_name(random, &taken);
            let old = std::mem::replace(&mut columns[which].name, new.clone());
            let (old, new) = (quote_ident(&old), quote_ident(&new));
            ("rename a column of a table", format!("ALTER TABLE {name} RENAME COLUMN {old} TO {new};\n"))
        }
        7..10 => {
            let (old, type_) = (columns[which].type_, common_type(random));
            if old == type_ {
                return None;
            }
            columns[which].type_ = type_;
            // Statistics over it are made anew, for whoever alters the table (`RememberStatisticsForRebuilding`).
            let column = columns[which].id;
            let is_over =
                |object: &Object| matches!(&object.kind, Kind::Statistics(one) if one.columns.contains(&column));
            let rebuilt: Vec<Id> = world.objects.iter().filter(|one| is_over(one)).map(|one| one.id).collect();
            world.by_hand.retain(|one| !(matches!(one, ByHand::Owner(..)) && rebuilt.contains(&one.object())));
            let (column, name_of_type) = (quote_ident(&columns[which].name), world.type_name(type_));
            // What the server casts by itself has a way back.
            let using = match (old, type_) {
                (Type::Int, Type::BigInt | Type::Numeric) | (Type::Varchar, Type::Text) => String::new(),
                _ => format!(" USING {column}::text::{name_of_type}"),
            };
            let statement = format!(
                "ALTER TABLE {name} ALTER COLUMN {column} DROP DEFAULT, ALTER COLUMN {column} TYPE {name_of_type}{using};\n"
            );
            ("retype a column of a table", statement)
        }
        10 => {
            let schema = world.objects[at].schema;
            let new = world.free_name(random, schema);
            let statement = format!("ALTER TABLE {name} RENAME TO {};\n", quote_ident(&new));
            world.objects[at].name = new;
            ("rename a table", statement)
        }
        11 => {
            let (id, column) = (world.fresh(), column_name(random, &taken));
            let kind = random.pick(&["serial", "integer GENERATED ALWAYS AS IDENTITY", "serial NOT NULL UNIQUE"]);
            let statement = format!("ALTER TABLE {name} ADD COLUMN {} {kind};\n", quote_ident(&column));
            columns.push(Column { id, name: column, type_: Type::Int });
            ("add a column that counts", statement)
        }
        12 => {
            let schema = random.below(SCHEMAS.len());
            let taken = world.objects.iter().any(|one| one.schema == schema && one.name == world.objects[at].name);
            if taken {
                return None;
            }
            world.objects[at].schema = schema;
            ("move a table", format!("ALTER TABLE {name} SET SCHEMA {};\n", quote_ident(SCHEMAS[schema])))
        }
        _ => return new_table(world, random),
    };
    world.objects[at].kind = Kind::Table(columns);
    Some((word, statement))
}

fn new_table(world: &mut World, random: &mut Random) -> Option<(&'static str, String)> {
    let schema = random.below(SCHEMAS.len());
    let name = world.free_name(random, schema);
    let mut columns: Vec<Column> = Vec::new();
    for at in 0..2 + random.below(4) {
        let taken: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        let id: Id = world.fresh();
        let type_ = if at == 0 { Type::Int } else { common_type(random) };
        columns.push(Column { id, name: column_name(random, &taken), type_ });
    }
    let object = world.object(schema, name, Kind::Table(columns));
    let statement = world.create_table(&object);
    let at = grow::tables(world).len();
    world.objects.insert(at, object);
    Some(("add a table", statement))
}
