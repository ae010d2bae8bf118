//! Rules of resolution, with the surprises that real servers hold.

use super::*;
use crate::catalog::{CastContext, Oid, ServerVersion, oids};
use crate::tree::{CallForm, Expr, ExprNode, Var};

fn resolver(catalog: &Catalog) -> Resolver<'_> {
    Resolver::new(catalog, &["$user".to_owned(), "public".to_owned()])
}

fn column(type_: Oid, typmod: i32) -> Expr {
    let var = Var { relation: 0, column: 1, levels_up: 0, type_, typmod, collation: Oid::INVALID };
    Expr::new(ExprNode::Var(var), None)
}

fn literal(text: &str) -> Expr {
    let value = Some(text.to_owned());
    Expr::new(ExprNode::Const { type_: oids::UNKNOWN, typmod: -1, collation: Oid::INVALID, value }, None)
}

#[test]
fn type_names_and_back() {
    for version in ServerVersion::ALL {
        let catalog = Catalog::new(version);
        let resolver = resolver(&catalog);
        for (written, text) in [
            ("int", "integer"),
            ("int8[]", "bigint[]"),
            ("integer[][3]", "integer[]"),
            ("numeric(6,2)", "numeric(6,2)"),
            ("decimal(6)", "numeric(6,0)"),
            ("numeric(6,2)[]", "numeric(6,2)[]"),
            ("varchar(10)", "character varying(10)"),
            ("varchar", "character varying"),
            ("char", "character(1)"),
            ("bpchar", "bpchar"),
            ("\"char\"", "\"char\""),
            ("bit", "bit(1)"),
            ("\"bit\"", "\"bit\""),
            ("bit varying(5)", "bit varying(5)"),
            ("float(24)", "real"),
            ("float", "double precision"),
            ("timestamp(3) with time zone", "timestamp(3) with time zone"),
            ("timestamp(9)", "timestamp(6) without time zone"),
            ("time with time zone", "time with time zone"),
            ("interval day to second(2)", "interval day to second(2)"),
            ("interval year to month", "interval year to month"),
            ("interval(3)", "interval(3)"),
            ("interval", "interval"),
            ("pg_catalog.name", "name"),
            ("oidvector", "oidvector"),
            ("information_schema.sql_identifier", "information_schema.sql_identifier"),
            ("pg_class", "pg_class"),
            ("pg_class.relname%TYPE", "name"),
        ] {
            let found = resolver.type_from_text(written).unwrap();
            assert_eq!(resolver.format_type(found.type_, found.typmod), text, "{version:?} {written}");
        }
        assert!(resolver.type_from_text("setof int").unwrap().set);
        let scale = resolver.type_from_text("numeric(3,-2)");
        if version == ServerVersion::V14 {
            assert_eq!(scale.unwrap_err().sqlstate.0, "22023");
        } else {
            assert_eq!(resolver.format_type(oids::NUMERIC, scale.unwrap().typmod), "numeric(3,-2)");
        }
        assert_eq!(resolver.type_text(oids::BPCHAR), "character");
        assert_eq!(resolver.type_from_text("integr").unwrap_err().help.unwrap(), "did you mean `integer`?");
        assert_eq!(resolver.type_from_text("int(3)").unwrap_err().sqlstate.0, "42601");
    }
}

#[test]
fn the_first_of_mutually_castable_types_wins() {
    let catalog = Catalog::new(ServerVersion::V18);
    let resolver = resolver(&catalog);
    for (types, common) in [
        (vec![oids::VARCHAR, oids::TEXT], Some(oids::VARCHAR)),
        (vec![oids::TEXT, oids::VARCHAR], Some(oids::TEXT)),
        (vec![oids::BPCHAR, oids::VARCHAR], Some(oids::BPCHAR)),
        (vec![oids::NAME, oids::TEXT], Some(oids::NAME)),
        (vec![oids::INT4, oids::FLOAT4], Some(oids::FLOAT4)),
        (vec![oids::INT2, oids::FLOAT4, oids::NUMERIC], Some(oids::FLOAT4)),
        (vec![oids::OID, oids::INT4], Some(oids::OID)),
        (vec![oids::INT4, oids::OID], Some(oids::OID)),
        (vec![oids::UNKNOWN, oids::UNKNOWN], Some(oids::TEXT)),
        (vec![oids::UNKNOWN, oids::DATE], Some(oids::DATE)),
        (vec![oids::INT4, oids::TEXT], None),
        (vec![oids::DATE, oids::TIMESTAMPTZ, oids::TIMESTAMP], Some(oids::TIMESTAMPTZ)),
    ] {
        assert_eq!(resolver.common_type(&types).ok(), common, "{types:?}");
    }
}

#[test]
fn casts_leave_the_nodes_that_typmods_are_read_from() {
    let catalog = Catalog::new(ServerVersion::V18);
    let resolver = resolver(&catalog);
    let n62 = (6 << 16 | 2) + 4;
    let same = resolver.require_cast(column(oids::NUMERIC, n62), Coercion::explicit(oids::NUMERIC, n62, None)).unwrap();
    assert!(matches!(&*same.node, ExprNode::Var(_)));

    let bare = resolver.require_cast(column(oids::NUMERIC, n62), Coercion::explicit(oids::NUMERIC, -1, None)).unwrap();
    assert!(matches!(&*bare.node, ExprNode::Relabel { typmod: -1, .. }));
    assert_eq!(resolver.typmod_of(&bare), -1);

    let cut = resolver.require_cast(column(oids::TEXT, -1), Coercion::explicit(oids::VARCHAR, 14, None)).unwrap();
    assert_eq!((resolver.type_of(&cut), resolver.typmod_of(&cut)), (oids::VARCHAR, 14));

    let elements = resolver
        .require_cast(column(oids::INT4_ARRAY, -1), Coercion::explicit(oids::NUMERIC_ARRAY, n62, None))
        .unwrap();
    assert!(matches!(&*elements.node, ExprNode::ArrayCoerce { .. }));
    assert_eq!((resolver.type_of(&elements), resolver.typmod_of(&elements)), (oids::NUMERIC_ARRAY, n62));

    let text = resolver.require_cast(column(oids::INT4, -1), Coercion::explicit(oids::TEXT, -1, None)).unwrap();
    assert!(matches!(&*text.node, ExprNode::CoerceViaIo { form: CallForm::ExplicitCast, .. }));

    let long = resolver.require_cast(literal("ab"), Coercion::explicit(oids::VARCHAR, 14, None)).unwrap();
    assert_eq!(resolver.typmod_of(&long), 14);

    let failure = resolver.require_cast(column(oids::INT4, -1), Coercion::explicit(oids::DATE, -1, None)).unwrap_err();
    assert_eq!((failure.sqlstate.0, failure.message.as_str()), ("42846", "`integer` cannot be cast to `date`"));
}

#[test]
fn literals_are_read_as_their_type_reads_them() {
    let catalog = Catalog::new(ServerVersion::V18);
    let old = Catalog::new(ServerVersion::V15);
    let cast = |catalog: &Catalog, text: &str, type_| {
        resolver(catalog).require_cast(literal(text), Coercion::implicit(type_)).err().map(|failure| failure.sqlstate.0)
    };
    assert_eq!(cast(&catalog, " 12 ", oids::INT4), None);
    assert_eq!(cast(&catalog, "1.2", oids::INT4), Some("22P02"));
    assert_eq!(cast(&catalog, "99999", oids::INT2), Some("22003"));
    assert_eq!(cast(&catalog, "0x1F", oids::INT4), None);
    assert_eq!(cast(&old, "0x1F", oids::INT4), Some("22P02"));
    assert_eq!(cast(&catalog, "1_000", oids::INT8), None);
    assert_eq!(cast(&catalog, "tr", oids::BOOL), None);
    assert_eq!(cast(&catalog, "o", oids::BOOL), Some("22P02"));
    assert_eq!(cast(&catalog, "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}", oids::UUID), None);
    assert_eq!(cast(&catalog, "a0eebc99", oids::UUID), Some("22P02"));
}

#[test]
fn contexts_allow_what_they_should() {
    let catalog = Catalog::new(ServerVersion::V18);
    let resolver = resolver(&catalog);
    for (from, to, implicit, assignment, explicit) in [
        (oids::INT4, oids::INT8, true, true, true),
        (oids::INT8, oids::INT4, false, true, true),
        (oids::INT4, oids::TEXT, false, true, true),
        (oids::TEXT, oids::INT4, false, false, true),
        (oids::INT4, oids::BOOL, false, false, true),
        (oids::INT4_ARRAY, oids::INT8_ARRAY, true, true, true),
        (oids::INT4, oids::DATE, false, false, false),
        (oids::DATE, oids::TIMESTAMPTZ, true, true, true),
    ] {
        let contexts = [CastContext::Implicit, CastContext::Assignment, CastContext::Explicit];
        let allowed = contexts.map(|context| resolver.can_coerce_one(from, to, context));
        assert_eq!(allowed, [implicit, assignment, explicit], "{from} to {to}");
    }
    assert!(resolver.is_binary_coercible(oids::VARCHAR, oids::TEXT));
    assert!(!resolver.is_binary_coercible(oids::INT4, oids::INT8));
}
