//! The embedded files are whole, and a few rows are what every server has.

use std::collections::BTreeSet;

use super::*;
use crate::catalog::{
    AggregateKind, CastContext, CastMethod, ParameterMode, RelationKind, Subscripting, TypeKind, oids,
};

#[test]
fn every_file_decodes_and_is_what_its_rows_give() {
    for version in ServerVersion::ALL {
        let rows = System::of(version).rows();
        assert!(rows.types.len() > 600 && rows.routines.len() > 3200 && rows.operators.len() >= 799, "{version:?}");
        assert_eq!(write(version, &rows).unwrap(), FILES[version as usize], "{version:?}");
    }
}

#[test]
fn every_reference_names_a_row() {
    for version in ServerVersion::ALL {
        let rows = System::of(version).rows();
        let types: BTreeSet<Oid> = rows.types.iter().map(|type_| type_.oid).collect();
        let known = |oid: &Oid| !oid.is_valid() || types.contains(oid);
        for routine in &rows.routines {
            assert!(known(&routine.result) && routine.inputs.iter().all(known), "{version:?} {}", routine.name);
            assert_eq!(routine.aggregate.is_some(), routine.kind == crate::catalog::RoutineKind::Aggregate);
        }
        for operator in &rows.operators {
            assert!(
                [operator.left, operator.right, operator.result].iter().all(known),
                "{version:?} {}",
                operator.name
            );
        }
        for type_ in &rows.types {
            assert!([type_.element, type_.array, type_.base].iter().all(known), "{version:?} {}", type_.name);
        }
        for relation in &rows.relations {
            assert!(!relation.columns.is_empty() && known(&relation.row_type), "{version:?} {}", relation.name);
            assert!(relation.columns.iter().all(|column| known(&column.type_)), "{version:?} {}", relation.name);
        }
    }
}

#[test]
fn known_rows_are_found_by_number_and_name() {
    for version in ServerVersion::ALL {
        let system = System::of(version);
        let int4 = system.type_(oids::INT4).unwrap();
        assert_eq!((int4.name.as_str(), int4.category, int4.length, int4.array), ("int4", b'N', 4, oids::INT4_ARRAY));
        assert_eq!(system.type_by_name(oids::PG_CATALOG, "_int4").unwrap().subscripting, Subscripting::Array);
        assert_eq!(system.type_by_name(oids::PG_CATALOG, "int4range").unwrap().range.unwrap().subtype, oids::INT4);
        assert_eq!(system.type_(oids::NAME).unwrap().collation, oids::C_COLLATION);
        assert_eq!(system.type_(oids::NAME).unwrap().subscripting, Subscripting::RawArray);

        let cast = system.cast(oids::INT4, oids::INT8).unwrap();
        assert_eq!((cast.context, cast.method), (CastContext::Implicit, CastMethod::Function));
        assert!(system.cast(oids::INT4, oids::DATE).is_none());

        let counts: Vec<usize> = system.routines_named("count").map(|routine| routine.inputs.len()).collect();
        assert_eq!(counts, [1, 0]);
        let rank = system.routines_named("rank").find(|routine| routine.aggregate.is_some()).unwrap();
        assert_eq!(rank.aggregate.as_ref().unwrap().kind, AggregateKind::HypotheticalSet);
        let each = system.routines_named("jsonb_each").next().unwrap();
        let outputs: Vec<&str> =
            each.parameters.iter().filter(|p| p.mode == ParameterMode::Out).map(|p| p.name.as_str()).collect();
        assert_eq!((each.returns_set, outputs), (true, vec!["key", "value"]));
        assert_eq!(system.routines_named("make_interval").next().unwrap().defaults, 7);

        let equal =
            system.operators_named("=").find(|operator| operator.left == oids::INT4 && operator.right == oids::INT4);
        let family = system.families_of(equal.unwrap().oid).find(|member| member.method == oids::BTREE).unwrap();
        assert_eq!(
            system.family_operator(family.family, oids::INT4, oids::INT4, 3),
            equal.map(|operator| operator.oid)
        );

        let pg_class = system.relation_by_name(oids::PG_CATALOG, "pg_class").unwrap();
        assert_eq!((pg_class.oid, pg_class.kind), (oids::PG_CLASS, RelationKind::Table));
        assert_eq!(pg_class.column("relname").unwrap().1.type_, oids::NAME);
        let schema = system.schema_by_name("information_schema").unwrap();
        let tables = system.relation_by_name(schema, "tables").unwrap();
        let table_name = tables.column("table_name").unwrap().1.type_;
        assert_eq!(system.type_(table_name).unwrap().kind, TypeKind::Domain);
        assert_eq!(system.collation_by_name(oids::PG_CATALOG, "C").unwrap().oid, oids::C_COLLATION);
    }
}

#[test]
fn versions_differ_where_the_servers_do() {
    let has = |version, name: &str| System::of(version).routines_named(name).next().is_some();
    assert!(!has(ServerVersion::V15, "any_value") && has(ServerVersion::V16, "any_value"));
    assert!(!has(ServerVersion::V17, "uuidv7") && has(ServerVersion::V18, "uuidv7"));
    assert!(!has(ServerVersion::V14, "regexp_count") && has(ServerVersion::V15, "regexp_count"));
}
