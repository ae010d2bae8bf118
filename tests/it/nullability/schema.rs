//! Random small schemas with every kind of column that says something of nulls, and the catalog of what a server made
//! of them.

use postgres::Client;
use viewkeeper_engine::catalog::{
    Catalog, Column, ColumnSource, NotNull, Oid, Persistence, Relation, RelationKind, ServerVersion, Subscripting,
    Type, TypeKind,
};

use super::Random;
use super::query::Kind;

/// A table as queries see it.
#[derive(Clone)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<(String, Kind)>,
    /// Whether queries may insert into it.
    own_rows: bool,
}

pub(crate) struct Schema {
    pub(crate) ddl: String,
    pub(crate) tables: Vec<Table>,
}

pub(crate) fn random(random: &mut Random) -> Schema {
    let mut ddl = String::from("create domain dnn as int not null;\ncreate domain dany as text;\n");
    let mut tables = Vec::new();
    for number in 0..3 + random.below(2) {
        let name = format!("t{number}");
        let mut columns = vec![("k".to_owned(), Kind::Int)];
        let mut parts = vec![format!("k int {}", random.pick(&["primary key", "not null", "", "unique"]))];
        for (index, kind) in [Kind::Int, Kind::Text, Kind::Bool, Kind::Int].into_iter().enumerate() {
            let column = format!("{}{index}", ["a", "b", "c", "d"][index]);
            let type_ = match kind {
                Kind::Int if random.chance(15) => "dnn",
                Kind::Text if random.chance(15) => "dany",
                Kind::Text if random.chance(20) => "varchar(5)",
                kind => kind.name(),
            };
            let constraint = random.pick(&["", "", "not null"]);
            parts.push(format!("{column} {type_} {constraint}"));
            columns.push((column, kind));
        }
        if random.chance(30) {
            parts.push(format!("e int generated always as (k + 1) stored {}", random.pick(&["", "not null"])));
            columns.push(("e".to_owned(), Kind::Int));
        }
        ddl.push_str(&format!("create table {name} ({});\n", parts.join(", ")));
        tables.push(Table { name, columns, own_rows: true });
    }
    if random.chance(60) {
        let parent = tables[0].clone();
        ddl.push_str(&format!("create table child () inherits ({});\n", parent.name));
        // A child may drop what it inherited up to 17.
        for column in ["a0", "b1"] {
            if random.chance(40) {
                ddl.push_str(&format!(
                    "do $$ begin alter table child alter {column} drop not null; exception when others then null; end $$;\n"
                ));
            }
        }
        tables.push(Table { name: "child".to_owned(), ..parent });
    }
    if random.chance(40) {
        let not_null = random.pick(&["", "not null"]);
        ddl.push_str(&format!(
            "create table parted (k int not null, b1 text {not_null}) partition by list (k);\n\
             create table parted_1 partition of parted for values in (1);\ncreate table parted_2 partition of parted default;\n"
        ));
        let columns = vec![("k".to_owned(), Kind::Int), ("b1".to_owned(), Kind::Text)];
        tables.push(Table { name: "parted".to_owned(), columns, own_rows: true });
    }
    Schema { ddl, tables }
}

impl Schema {
    /// Statements that empty the tables and put up to two rows in each.
    pub(crate) fn random_rows(&self, random: &mut Random) -> Vec<String> {
        let mut statements: Vec<_> = self.tables.iter().map(|table| format!("truncate {}", table.name)).collect();
        for table in self.tables.iter().filter(|table| table.own_rows) {
            for _ in 0..random.below(3) {
                let columns: Vec<_> = table.columns.iter().filter(|(name, _)| name != "e").collect();
                let names: Vec<_> = columns.iter().map(|(name, _)| name.as_str()).collect();
                let values: Vec<_> = columns
                    .iter()
                    .map(|(_, kind)| {
                        if random.chance(35) {
                            // The empty sub-select evades a domain's constraint.
                            return random.pick(&["null", "null", "(select null::dnn where false)::int"]).to_owned();
                        }
                        kind.constant(random)
                    })
                    .collect();
                statements.push(format!(
                    "insert into {} ({}) values ({})",
                    table.name,
                    names.join(", "),
                    values.join(", ")
                ));
            }
        }
        statements
    }
}

/// The catalog of the server's `public` schema, as far as nullability asks for it.
pub(crate) fn read(client: &mut Client, major: u32) -> Catalog {
    let mut catalog = Catalog::new(ServerVersion::from_major(major).unwrap());
    let types = "select oid, typname, typtype::text, typcategory::text, typrelid, typelem, typarray, typinput::oid,
                        typnotnull, typbasetype, typtypmod, typcollation, typlen
                 from pg_type where typnamespace = 'public'::regnamespace";
    for row in client.query(types, &[]).unwrap() {
        let kind: String = row.get(2);
        let category: String = row.get(3);
        let oid = |index: usize| Oid(row.get(index));
        catalog.insert_type(Type {
            oid: oid(0),
            schema: Oid(2200),
            name: row.get(1),
            kind: match kind.as_str() {
                "d" => TypeKind::Domain,
                "c" => TypeKind::Composite,
                _ => TypeKind::Base,
            },
            length: row.get(12),
            category: category.as_bytes()[0],
            preferred: false,
            defined: true,
            relation: oid(4),
            element: oid(5),
            array: oid(6),
            subscripting: if category == "A" { Subscripting::Array } else { Subscripting::None },
            input: oid(7),
            typmod_input: Oid::INVALID,
            not_null: row.get(8),
            base: oid(9),
            base_typmod: row.get(10),
            dimensions: 0,
            collation: oid(11),
            labels: Vec::new(),
            range: None,
        });
    }
    let relations = "select c.oid, c.relname, c.relkind::text, c.reltype, c.relispartition,
                            array(select inhparent from pg_inherits where inhrelid = c.oid order by inhseqno)
                     from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')";
    for row in client.query(relations, &[]).unwrap() {
        let kind: String = row.get(2);
        let parents: Vec<u32> = row.get(5);
        let oid: u32 = row.get(0);
        let columns = "select attname, atttypid, atttypmod, attcollation, attnotnull, attgenerated::text
                       from pg_attribute where attrelid = $1 and attnum > 0 order by attnum";
        let columns = client.query(columns, &[&oid]).unwrap();
        let columns = columns.iter().map(|column| Column {
            name: column.get(0),
            type_: Oid(column.get(1)),
            typmod: column.get(2),
            collation: Oid(column.get(3)),
            dimensions: 0,
            not_null: if column.get(4) { NotNull::Yes } else { NotNull::No },
            dropped: false,
            has_default: false,
            source: if column.get::<_, &str>(5) == "s" { ColumnSource::GeneratedStored } else { ColumnSource::Plain },
            is_local: true,
        });
        catalog.insert_relation(Relation {
            oid: Oid(oid),
            schema: Oid(2200),
            name: row.get(1),
            kind: if kind == "p" { RelationKind::PartitionedTable } else { RelationKind::Table },
            persistence: Persistence::Permanent,
            row_type: Oid(row.get(3)),
            columns: columns.collect(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            parents: parents.into_iter().map(Oid).collect(),
            is_partition: row.get(4),
            options: Vec::new(),
            view: None,
            provenance: None,
        });
    }
    catalog
}
