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

fn operation(resolver: &Resolver<'_>, left: Expr, name: &str, right: Expr) -> Result<Expr, Failure> {
    resolver.make_op(&ObjectName::bare(name), Some(left), right, None)
}

fn call(resolver: &Resolver<'_>, name: &str, args: Vec<Expr>) -> Result<Expr, Failure> {
    match resolver.call(Call::new(ObjectName::bare(name), args, None))? {
        CallMeaning::Routine(call) => Ok(call.into_function(CallForm::Call, None)),
        CallMeaning::Cast(expr) => Ok(expr),
    }
}

fn named(name: &str, arg: Expr) -> Expr {
    Expr::new(ExprNode::NamedArgument { name: name.to_owned(), position: 0, arg }, None)
}

#[test]
fn operators_are_chosen_as_servers_do() {
    for version in ServerVersion::ALL {
        let catalog = Catalog::new(version);
        let resolver = resolver(&catalog);
        let typed = |type_| column(type_, -1);
        for (left, name, right, type_) in [
            (typed(oids::INT4), "+", typed(oids::INT8), oids::INT8),
            (typed(oids::INT4), "/", typed(oids::INT4), oids::INT4),
            (typed(oids::INT4), "^", typed(oids::INT4), oids::FLOAT8),
            (typed(oids::MONEY), "/", typed(oids::MONEY), oids::FLOAT8),
            (typed(oids::INT2), "*", typed(oids::NUMERIC), oids::NUMERIC),
            (typed(oids::VARCHAR), "||", literal(""), oids::TEXT),
            (typed(oids::INT4), "||", typed(oids::TEXT), oids::TEXT),
            (typed(oids::INT4_ARRAY), "||", typed(oids::INT4), oids::INT4_ARRAY),
            (typed(oids::INT4_ARRAY), "||", typed(oids::INT8), oids::INT8_ARRAY),
            (literal("1"), "||", literal("2"), oids::TEXT),
            (typed(oids::JSONB), "->", literal("a"), oids::JSONB),
            (typed(oids::JSONB), "->>", typed(oids::INT4), oids::TEXT),
            (typed(oids::DATE), "-", typed(oids::DATE), oids::INT4),
            (typed(oids::DATE), "+", typed(oids::INTERVAL), oids::TIMESTAMP),
            (typed(oids::TIMESTAMPTZ), "-", typed(oids::TIMESTAMP), oids::INTERVAL),
            (typed(oids::TEXT), "=", typed(oids::NAME), oids::BOOL),
            (typed(oids::INT4RANGE), "@>", typed(oids::INT4), oids::BOOL),
        ] {
            let text = format!("{version:?} {} {name} {}", resolver.type_of(&left), resolver.type_of(&right));
            let found = operation(&resolver, left, name, right).unwrap_or_else(|failure| panic!("{text}: {failure:?}"));
            assert_eq!(resolver.type_of(&found), type_, "{text}");
        }
        // The literal is read as the known side's type: `date - '1 day'` fails on it, on servers when it is read.
        let minus = operation(&resolver, typed(oids::DATE), "-", literal("2024-01-01")).unwrap();
        assert_eq!(resolver.type_of(&minus), oids::INT4);
        for (left, name, right, state) in [
            (literal("1"), "+", literal("2"), "42725"),
            (typed(oids::DATE), "+", literal("1"), "42725"),
            (typed(oids::TEXT), "+", typed(oids::INT4), "42883"),
            (typed(oids::INT4), "=", typed(oids::TEXT), "42883"),
            (typed(oids::INT4), "=", literal("x"), "22P02"),
        ] {
            assert_eq!(operation(&resolver, left, name, right).unwrap_err().sqlstate.0, state, "{version:?}");
        }
        let negative = resolver.make_op(&ObjectName::bare("-"), None, typed(oids::INT2), None).unwrap();
        assert_eq!(resolver.type_of(&negative), oids::INT2);
    }
}

#[test]
fn functions_are_chosen_as_servers_do() {
    for version in ServerVersion::ALL {
        let catalog = Catalog::new(version);
        let resolver = resolver(&catalog);
        let typed = |type_| column(type_, -1);
        for (name, args, type_) in [
            ("round", vec![typed(oids::INT4)], oids::FLOAT8),
            ("ceil", vec![typed(oids::INT4)], oids::FLOAT8),
            ("round", vec![typed(oids::NUMERIC), typed(oids::INT4)], oids::NUMERIC),
            ("length", vec![typed(oids::VARCHAR)], oids::INT4),
            ("upper", vec![typed(oids::VARCHAR)], oids::TEXT),
            ("lower", vec![typed(oids::INT4RANGE)], oids::INT4),
            ("date_trunc", vec![literal("day"), typed(oids::DATE)], oids::TIMESTAMPTZ),
            ("generate_series", vec![typed(oids::DATE), typed(oids::DATE), typed(oids::INTERVAL)], oids::TIMESTAMPTZ),
            ("generate_series", vec![typed(oids::INT4), typed(oids::INT8)], oids::INT8),
            ("extract", vec![literal("year"), typed(oids::DATE)], oids::NUMERIC),
            ("date_part", vec![literal("year"), typed(oids::DATE)], oids::FLOAT8),
            ("unnest", vec![typed(oids::INT4_ARRAY)], oids::INT4),
            ("array_append", vec![typed(oids::INT4_ARRAY), typed(oids::INT8)], oids::INT8_ARRAY),
            ("max", vec![typed(oids::VARCHAR)], oids::TEXT),
            ("sum", vec![typed(oids::INT4)], oids::INT8),
            ("array_agg", vec![typed(oids::NUMERIC)], oids::NUMERIC_ARRAY),
            ("concat", vec![typed(oids::INT4), typed(oids::TEXT), literal("x")], oids::TEXT),
            ("format", vec![literal("%s"), typed(oids::INT4)], oids::TEXT),
            ("jsonb_build_object", vec![literal("a"), typed(oids::INT4)], oids::JSONB),
            ("make_interval", vec![named("days", typed(oids::INT4))], oids::INTERVAL),
            ("jsonb_set", vec![typed(oids::JSONB), literal("{a}"), typed(oids::JSONB)], oids::JSONB),
            ("num_nulls", vec![typed(oids::INT4), typed(oids::TEXT)], oids::INT4),
            ("text", vec![typed(oids::INT4)], oids::TEXT),
            ("int8", vec![literal("5")], oids::INT8),
            ("pg_typeof", vec![typed(oids::INT4)], oids::REGTYPE),
            ("lpad", vec![typed(oids::TEXT), typed(oids::INT2)], oids::TEXT),
        ] {
            let text = format!("{version:?} {name}");
            let found = call(&resolver, name, args).unwrap_or_else(|failure| panic!("{text}: {failure:?}"));
            assert_eq!(resolver.type_of(&found), type_, "{text}");
        }
        assert_eq!(call(&resolver, "any_value", vec![typed(oids::INT4)]).is_ok(), version >= ServerVersion::V16);

        let failure = call(&resolver, "lenght", vec![typed(oids::TEXT)]).unwrap_err();
        assert_eq!(failure.message, "no function `lenght(text)`");
        assert_eq!(failure.help.as_deref(), Some("did you mean `length`?"));
        assert_eq!(call(&resolver, "row_number", vec![]).unwrap_err().sqlstate.0, "42809");
        assert_eq!(call(&resolver, "count", vec![]).unwrap_err().sqlstate.0, "42809");
        let doubled = vec![named("days", typed(oids::INT4)), typed(oids::INT4)];
        assert_eq!(call(&resolver, "make_interval", doubled).unwrap_err().sqlstate.0, "42601");
    }
}

#[test]
fn ordered_set_aggregates_take_their_arguments_apart() {
    let catalog = Catalog::new(ServerVersion::V18);
    let resolver = resolver(&catalog);
    let aggregate = |name: &str, args: Vec<Expr>, within: usize| {
        let call = Call { within_group: Some(within), ..Call::new(ObjectName::bare(name), args, None) };
        match resolver.call(call) {
            Ok(CallMeaning::Routine(call)) => Ok((call.type_, call.direct_args)),
            Ok(CallMeaning::Cast(_)) => panic!("a cast"),
            Err(failure) => Err(failure.sqlstate.0),
        }
    };
    let fraction = || column(oids::FLOAT8, -1);
    assert_eq!(aggregate("percentile_disc", vec![fraction(), column(oids::DATE, -1)], 1), Ok((oids::DATE, 1)));
    assert_eq!(aggregate("percentile_cont", vec![fraction(), column(oids::INT4, -1)], 1), Ok((oids::FLOAT8, 1)));
    assert_eq!(aggregate("mode", vec![column(oids::TEXT, -1)], 1), Ok((oids::TEXT, 0)));
    assert_eq!(aggregate("rank", vec![literal("5"), column(oids::INT4, -1)], 1), Ok((oids::INT8, 1)));
    assert_eq!(aggregate("rank", vec![literal("5"), column(oids::INT4, -1)], 2), Err("42883"));
    assert_eq!(aggregate("sum", vec![column(oids::INT4, -1)], 1), Err("42809"));
}

#[test]
fn rows_that_functions_give_have_columns() {
    let catalog = Catalog::new(ServerVersion::V18);
    let resolver = resolver(&catalog);
    let names = |shape: ResultShape| match shape {
        ResultShape::Row { columns, .. } => columns.into_iter().map(|column| (column.name, column.type_)).collect(),
        other => vec![(format!("{other:?}"), Oid::INVALID)],
    };
    let each = call(&resolver, "jsonb_each", vec![column(oids::JSONB, -1)]).unwrap();
    assert_eq!(
        names(resolver.result_shape(&each)),
        [("key".to_owned(), oids::TEXT), ("value".to_owned(), oids::JSONB)]
    );
    let series = call(&resolver, "generate_series", vec![column(oids::INT4, -1), column(oids::INT4, -1)]).unwrap();
    assert_eq!(resolver.result_shape(&series), ResultShape::Scalar(oids::INT4));
    let elements = resolver.catalog.routines_named("jsonb_array_elements").next().unwrap();
    assert_eq!(result_name(elements), Some("value"));
    let populate = call(&resolver, "jsonb_to_record", vec![column(oids::JSONB, -1)]).unwrap();
    assert_eq!(resolver.result_shape(&populate), ResultShape::UnknownRow);
}

#[test]
fn types_are_sorted_grouped_and_compared() {
    let catalog = Catalog::new(ServerVersion::V18);
    let resolver = resolver(&catalog);
    for (type_, equal, less) in [
        (oids::INT4, true, true),
        (oids::VARCHAR, true, true),
        (oids::JSONB, true, true),
        (oids::JSON, false, false),
        (oids::XID, true, false),
        (oids::POINT, false, false),
        (oids::INT4_ARRAY, true, true),
        (oids::JSON_ARRAY, false, false),
        (oids::RECORD, true, true),
        (oids::INT4RANGE, true, true),
    ] {
        let found = resolver.sort_operators(type_);
        assert_eq!((found.equal.is_valid(), found.less.is_valid()), (equal, less), "{type_}");
    }
    assert_eq!(resolver.require_equality(oids::JSON, None).unwrap_err().help.as_deref(), Some("cast to `jsonb`"));
    let pair = || vec![column(oids::INT4, -1), column(oids::TEXT, -1)];
    let compare = |name: &str| resolver.make_row_comparison(&ObjectName::bare(name), pair(), pair(), None);
    assert!(matches!(&*compare("=").unwrap().node, ExprNode::Bool { operation: crate::tree::BoolOperation::And, .. }));
    assert!(matches!(&*compare("<>").unwrap().node, ExprNode::Bool { operation: crate::tree::BoolOperation::Or, .. }));
    assert!(matches!(&*compare("<").unwrap().node, ExprNode::RowCompare(_)));
    assert_eq!(compare("||").unwrap_err().sqlstate.0, "42883");
}
