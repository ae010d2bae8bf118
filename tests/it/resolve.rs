//! Which operator, function, cast and common type is meant: the same on real servers and in the engine, for every pair
//! of types that people use.

use viewkeeper_engine::catalog::{Catalog, Oid, ServerVersion, oids};
use viewkeeper_engine::resolve::{Call, CallMeaning, Coercion, Failure, ObjectName, Resolver};
use viewkeeper_engine::tree::{CallForm, Expr, ExprNode};
use viewkeeper_live::testing::for_each_server;

/// Gives the type of an expression, or the code of the error it is refused with; it is never computed.
const OUTCOME: &str = "CREATE FUNCTION outcome(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
    EXECUTE 'SELECT pg_typeof(CASE WHEN false THEN (' || expression || ') END)::oid::text' INTO result;
    RETURN result;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$";

/// Operands by how they are written; `unknown` is a literal of no type.
const OPERANDS: [(&str, Oid); 24] = [
    ("'1'", oids::UNKNOWN),
    ("NULL::bool", oids::BOOL),
    ("NULL::int2", oids::INT2),
    ("NULL::int4", oids::INT4),
    ("NULL::int8", oids::INT8),
    ("NULL::oid", oids::OID),
    ("NULL::float4", oids::FLOAT4),
    ("NULL::float8", oids::FLOAT8),
    ("NULL::numeric", oids::NUMERIC),
    ("NULL::money", oids::MONEY),
    ("NULL::text", oids::TEXT),
    ("NULL::varchar", oids::VARCHAR),
    ("NULL::bpchar", oids::BPCHAR),
    ("NULL::name", oids::NAME),
    ("NULL::date", oids::DATE),
    ("NULL::time", oids::TIME),
    ("NULL::timestamp", oids::TIMESTAMP),
    ("NULL::timestamptz", oids::TIMESTAMPTZ),
    ("NULL::interval", oids::INTERVAL),
    ("NULL::jsonb", oids::JSONB),
    ("NULL::uuid", oids::UUID),
    ("NULL::int4[]", oids::INT4_ARRAY),
    ("NULL::text[]", oids::TEXT_ARRAY),
    ("NULL::int4range", oids::INT4RANGE),
];

const OPERATORS: [&str; 26] = [
    "+", "-", "*", "/", "%", "^", "||", "=", "<>", "<", ">=", "~", "~~", "!~~*", "->", "->>", "#>", "@>", "<@", "&&",
    "@@", "?", "&", "#", "<<", "-|-",
];

fn operand(type_: Oid) -> Expr {
    let value = (type_ == oids::UNKNOWN).then(|| "1".to_owned());
    Expr::new(ExprNode::Const { type_, typmod: -1, collation: Oid::INVALID, value }, None)
}

/// What the engine says, as the server says it.
fn outcome(resolver: &Resolver<'_>, expr: Result<Expr, Failure>) -> String {
    match expr {
        // A `CASE` takes no set, and makes text of a literal of no type.
        Ok(expr) if expr.any(&mut viewkeeper_engine::tree::returns_set) => "0A000".to_owned(),
        Ok(expr) => match resolver.type_of(&expr) {
            oids::UNKNOWN => oids::TEXT.to_string(),
            type_ => type_.to_string(),
        },
        Err(failure) => failure.sqlstate.0.to_owned(),
    }
}

fn call(resolver: &Resolver<'_>, name: &str, args: Vec<Expr>) -> Result<Expr, Failure> {
    Ok(match resolver.call(Call::new(ObjectName::bare(name), args, None))? {
        CallMeaning::Routine(call) => call.into_function(CallForm::Call, None),
        CallMeaning::Cast(expr) => expr,
    })
}

/// All questions with the engine's answers.
fn questions(resolver: &Resolver<'_>) -> Vec<(String, String)> {
    let mut questions = Vec::new();
    for (left, left_type) in OPERANDS {
        for (right, right_type) in OPERANDS {
            for operator in OPERATORS {
                let made =
                    resolver.make_op(&ObjectName::bare(operator), Some(operand(left_type)), operand(right_type), None);
                questions.push((format!("{left} {operator} {right}"), outcome(resolver, made)));
            }
            if right_type != oids::UNKNOWN {
                let (type_text, coercion) =
                    (right.trim_start_matches("NULL::"), Coercion::explicit(right_type, -1, None));
                let made = resolver.require_cast(operand(left_type), coercion);
                questions.push((format!("CAST({left} AS {type_text})"), outcome(resolver, made)));
            }
            let exprs = [operand(left_type), operand(right_type)];
            let common = resolver.select_common_type(&[&exprs[0], &exprs[1]], "`COALESCE`").and_then(|type_| {
                let [left, right] = exprs;
                resolver.coerce_to_common_type(left, type_, "`COALESCE`")?;
                resolver.coerce_to_common_type(right, type_, "`COALESCE`")
            });
            questions.push((format!("COALESCE({left}, {right})"), outcome(resolver, common)));
        }
    }
    let mut names: Vec<&str> = resolver
        .catalog
        .system()
        .routines()
        .filter(|routine| {
            // Input and output functions of types are not for people, and answer for pseudo-types.
            let for_types = routine.result == oids::CSTRING || routine.inputs.contains(&oids::CSTRING);
            let internal = routine.inputs.contains(&oids::INTERNAL);
            routine.schema == oids::PG_CATALOG && routine.inputs.len() < 3 && !for_types && !internal
        })
        .map(|routine| routine.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        for (text, type_) in OPERANDS.into_iter().step_by(3) {
            questions.push((
                format!("pg_catalog.\"{name}\"({text})"),
                outcome(resolver, call(resolver, name, vec![operand(type_)])),
            ));
        }
        for (left, right) in [(3, 0), (0, 3), (10, 0), (10, 3), (21, 4), (16, 18), (19, 11)] {
            let ((left, left_type), (right, right_type)) = (OPERANDS[left], OPERANDS[right]);
            let made = call(resolver, name, vec![operand(left_type), operand(right_type)]);
            questions.push((format!("pg_catalog.\"{name}\"({left}, {right})"), outcome(resolver, made)));
        }
    }
    questions
}

/// Whether two answers agree. Values of literals are checked by the server alone (class 22 and what input functions
/// look up), and reg* types resolve names.
fn agree(engine: &str, server: &str) -> bool {
    let value_refused = server.starts_with("22") || matches!(server, "0A000" | "42P01" | "42704" | "42601" | "42602");
    engine == server || value_refused && !engine.starts_with("42")
}

#[test]
fn the_engine_resolves_what_servers_resolve() {
    for_each_server(|server| {
        let database = server.database(OUTCOME);
        let catalog = Catalog::new(ServerVersion::from_major(server.major()).unwrap());
        let resolver = Resolver::new(&catalog, &["public".to_owned()]);
        let questions = questions(&resolver);
        let texts: Vec<&str> = questions.iter().map(|(text, _)| text.as_str()).collect();
        let rows = database
            .connect()
            .query("SELECT public.outcome(e) FROM unnest($1::text[]) WITH ORDINALITY AS t(e, n) ORDER BY n", &[&texts])
            .unwrap();
        let differences: Vec<String> = rows
            .iter()
            .zip(&questions)
            .filter_map(|(row, (text, engine))| {
                let server: &str = row.get(0);
                (!agree(engine, server)).then(|| format!("{text}: engine {engine}, server {server}"))
            })
            .collect();
        let shown = differences.iter().take(60).cloned().collect::<Vec<_>>().join("\n");
        assert!(differences.is_empty(), "{} of {} differ:\n{shown}", differences.len(), questions.len());
    });
}
