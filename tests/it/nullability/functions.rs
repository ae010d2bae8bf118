//! PostgreSQL's own functions that the analysis calls never null for arguments that are not null, called with the
//! arguments at which functions give up: infinities, NaN, empty ranges, arrays and texts, JSON's null, degenerate shapes.

use std::collections::{BTreeMap, BTreeSet};

use viewkeeper_engine::catalog::{Catalog, ServerVersion};
use viewkeeper_engine::nullability::{BaseFacts, ViewColumns};
use viewkeeper_engine::parser::on_deep_stack;
use viewkeeper_live::testing::{TestServer, for_each_server};

use super::{Random, claims};

/// Values of each type, by `format_type`; functions with arguments of other types are not called.
const VALUES: &[(&str, &[&str])] = &[
    ("boolean", &["true", "false"]),
    ("smallint", &["0", "1", "-1", "32767", "-32768"]),
    ("integer", &["0", "1", "-1", "2147483647", "-2147483648"]),
    ("bigint", &["0", "1", "-1", "9223372036854775807", "-9223372036854775808"]),
    ("real", &["0", "-0", "1.5", "NaN", "Infinity", "-Infinity"]),
    ("double precision", &["0", "-0", "0.5", "NaN", "Infinity", "-Infinity", "1e308"]),
    ("numeric", &["0", "1.50", "-3", "NaN", "Infinity", "-Infinity"]),
    ("money", &["0", "-1.5"]),
    ("text", &["", "a", "%", "1", "NULL", "{}", "[", "pg_class", "YYYY", "day", "epoch", "é"]),
    ("character varying", &["", "a", "1"]),
    ("character", &["", "a "]),
    ("name", &["", "pg_class", "postgres"]),
    ("\"char\"", &["", "a"]),
    ("bytea", &["", "\\x00", "\\x6162"]),
    ("date", &["2024-02-29", "infinity", "-infinity", "0001-01-01 BC"]),
    ("time without time zone", &["00:00", "24:00", "12:34:56.7"]),
    ("time with time zone", &["00:00+00", "24:00-15", "12:34+01"]),
    ("timestamp without time zone", &["2024-02-29 12:00", "infinity", "-infinity", "0001-01-01 BC"]),
    ("timestamp with time zone", &["2024-02-29 12:00+00", "infinity", "-infinity"]),
    ("interval", &["0", "1 mon -1 day", "-1 s", "178000000 years"]),
    ("uuid", &["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-7fff-bfff-ffffffffffff"]),
    ("json", &["null", "{}", "[]", "{\"a\": null}", "[null]", "1", "\"\""]),
    ("jsonb", &["null", "{}", "[]", "{\"a\": null}", "[null]", "1", "\"\""]),
    ("jsonpath", &["$", "$.a", "$[0]", "strict $.a"]),
    ("oid", &["0", "1259", "4294967295"]),
    ("regclass", &["pg_class", "0"]),
    ("regtype", &["integer", "0"]),
    ("xid", &["0", "3"]),
    ("xid8", &["0", "3"]),
    ("cid", &["0"]),
    ("tid", &["(0,0)", "(1,1)"]),
    ("pg_lsn", &["0/0", "FFFFFFFF/FFFFFFFF"]),
    ("bit", &["", "1", "101"]),
    ("bit varying", &["", "1", "101"]),
    ("inet", &["0.0.0.0/0", "10.0.0.1", "::/0", "::1"]),
    ("cidr", &["0.0.0.0/0", "10.0.0.0/8", "::/0"]),
    ("macaddr", &["00:00:00:00:00:00", "08:00:2b:01:02:03"]),
    ("macaddr8", &["00:00:00:00:00:00:00:00", "08:00:2b:01:02:03:04:05"]),
    ("point", &["(0,0)", "(NaN,1)", "(Infinity,-Infinity)"]),
    ("lseg", &["[(0,0),(0,0)]", "[(0,0),(1,1)]", "[(0,0),(0,5)]", "[(NaN,0),(1,1)]"]),
    ("line", &["{1,0,0}", "{0,1,2}", "{1,NaN,1}"]),
    ("box", &["(0,0),(0,0)", "(1,1),(2,3)", "(NaN,0),(Infinity,1)"]),
    ("path", &["[(0,0)]", "((0,0),(1,1),(1,0))", "[(0,0),(1,1)]"]),
    ("polygon", &["((0,0))", "((0,0),(1,1),(1,0))"]),
    ("circle", &["<(0,0),0>", "<(1,1),NaN>", "<(0,0),Infinity>"]),
    ("tsvector", &["", "'a':1A 'b'", "'a'"]),
    ("tsquery", &["", "'a' & 'b'", "!'a'"]),
    ("regconfig", &["simple", "english"]),
    ("int4range", &["empty", "(,)", "[1,5)", "[1,)"]),
    ("int8range", &["empty", "(,)", "[1,5)"]),
    ("numrange", &["empty", "(,)", "[1,1]"]),
    ("daterange", &["empty", "(,)", "[2024-01-01,infinity)"]),
    ("tsrange", &["empty", "(,)", "[2024-01-01,infinity)"]),
    ("tstzrange", &["empty", "(,)"]),
    ("int4multirange", &["{}", "{(,)}", "{[1,2),[5,)}"]),
    ("integer[]", &["{}", "{NULL}", "{1,2}", "{{1,NULL},{3,4}}", "[0:1]={1,2}"]),
    ("bigint[]", &["{}", "{NULL}", "{1}"]),
    ("text[]", &["{}", "{NULL}", "{a,b}", "{{a,b}}"]),
    ("\"char\"[]", &["{}", "{a}"]),
    ("double precision[]", &["{}", "{NaN,1}"]),
    ("int2vector", &["", "1 2"]),
    ("oidvector", &["", "23 25"]),
    ("xml", &["<a/>", ""]),
    ("anyelement", &["integer:1"]),
    ("anynonarray", &["integer:1"]),
    ("anycompatible", &["integer:1"]),
    ("anycompatiblenonarray", &["integer:1"]),
    ("\"any\"", &["integer:1"]),
    ("anyarray", &["integer[]:{}", "integer[]:{NULL}", "integer[]:{1,2}", "integer[]:{{1},{2}}"]),
    ("anycompatiblearray", &["integer[]:{}", "integer[]:{NULL}", "integer[]:{1,2}"]),
    ("anyrange", &["int4range:empty", "int4range:(,)", "int4range:[1,5)", "int4range:[3,)"]),
    ("anycompatiblerange", &["int4range:empty", "int4range:(,)"]),
    ("anymultirange", &["int4multirange:{}", "int4multirange:{(,)}", "int4multirange:{[1,2),[5,)}"]),
];

/// Intervals from 17 on, which has infinite ones.
const INTERVALS: &[&str] = &["0", "1 mon -1 day", "-1 s", "178000000 years", "infinity", "-infinity"];

/// What `extract` and `date_part` take out: which of them may be null goes with the field.
const FIELDS: &[&str] = &[
    "century",
    "day",
    "decade",
    "dow",
    "doy",
    "epoch",
    "hour",
    "isodow",
    "isoyear",
    "julian",
    "microseconds",
    "millennium",
    "milliseconds",
    "minute",
    "month",
    "quarter",
    "second",
    "timezone",
    "timezone_hour",
    "week",
    "year",
];

/// Functions that are not called: what they do to a server is no matter for a test, or takes all of its memory.
const NOT_CALLED: [&str; 4] = ["lpad", "rpad", "repeat", "pg_nextoid"];

/// Evaluates calls one by one, and gives the number of nulls of those that succeed.
const NULLS_OF: &str = "
    create function nulls_of(calls text[]) returns table (number int, nulls int) language plpgsql as $$
    begin
        for n in 1 .. cardinality(calls) loop
            begin
                execute format('select num_nulls(%s)', calls[n]) into nulls;
                number := n;
                return next;
            exception when others then null;
            end;
        end loop;
    end $$;";

/// How many calls of one function.
const CALLS: usize = 40;

#[derive(Default)]
struct Tally {
    called_never_null: usize,
    reached: usize,
    not_called: usize,
    calls: usize,
    succeeded: usize,
}

#[test]
fn functions_called_never_null_return_no_null() {
    for_each_server(|server| {
        let (tally, refuted) = on_deep_stack(|| call_all(server));
        println!(
            "PostgreSQL {}: {} functions called never null, {} of them returned values ({} are not called); {} calls, {} \
             succeeded, {} null",
            server.version(),
            tally.called_never_null,
            tally.reached,
            tally.not_called,
            tally.calls,
            tally.succeeded,
            refuted.len()
        );
        assert!(refuted.is_empty(), "null for arguments that are not null:\n{}", refuted.join("\n"));
        assert!(tally.reached > 1400, "too few functions were reached");
    });
}

/// A value as a literal; of a pseudo-type it says which type is meant.
fn literal(type_: &str, value: &str) -> String {
    let (type_, value) = if type_.contains("any") { value.split_once(':').unwrap() } else { (type_, value) };
    format!("'{}'::{type_}", value.replace('\'', "''"))
}

fn call_all(server: &'static TestServer) -> (Tally, Vec<String>) {
    let database = server.empty_database();
    let mut client = database.connect();
    client.batch_execute("set statement_timeout = '20s'; set client_min_messages = error; set jit = off").unwrap();
    client.batch_execute(NULLS_OF).unwrap();
    let catalog = Catalog::new(ServerVersion::from_major(server.major()).unwrap());
    let facts = BaseFacts::new(&catalog, ViewColumns::AsRecorded);
    let mut values: BTreeMap<&str, &[&str]> = VALUES.iter().copied().collect();
    if server.major() >= 17 {
        values.insert("interval", INTERVALS);
    }
    // Volatile functions change the server, or wait for something.
    let functions = client
        .query(
            "select quote_ident(proname),
                    array(select format_type(case when n = pronargs and provariadic <> 0 then provariadic else t end, null)
                          from unnest(proargtypes) with ordinality as a (t, n) order by n)
             from pg_proc where oid < 10000 and prokind = 'f' and not proretset and provolatile <> 'v' order by oid",
            &[],
        )
        .unwrap();
    let mut random = Random(7);
    let mut tally = Tally::default();
    let mut refuted = Vec::new();
    let mut pending: Vec<(usize, String)> = Vec::new();
    for (number, row) in functions.iter().enumerate() {
        let (name, types): (String, Vec<String>) = (row.get(0), row.get(1));
        let Some(mut arguments) =
            types.iter().map(|name| values.get(name.as_str()).copied()).collect::<Option<Vec<_>>>()
        else {
            continue;
        };
        // `extract` is a keyword, and comes in quotes.
        let of_field = matches!(name.trim_matches('"'), "extract" | "date_part");
        if of_field {
            arguments[0] = FIELDS;
        }
        let call = |random: &mut Random| {
            let arguments: Vec<_> =
                types.iter().zip(&arguments).map(|(name, values)| literal(name, random.pick(values))).collect();
            format!("pg_catalog.{name}({})", arguments.join(", "))
        };
        let is_claimed = |query: &str| {
            let found = claims(&catalog, &facts, query);
            found.is_ok_and(|found| found.iter().all(Option::is_some))
        };
        // Of columns: what the engine evaluates of constants says nothing of the function.
        let of_columns = || {
            let names: Vec<_> = (0..types.len()).map(|index| format!("a{index}")).collect();
            let values: Vec<_> = types
                .iter()
                .zip(&arguments)
                .map(|(name, values)| literal(name, values.first().copied().unwrap_or_default()))
                .collect();
            let (call, names) = (format!("pg_catalog.{name}({})", names.join(", ")), names.join(", "));
            match values.is_empty() {
                true => format!("select {call} as c0"),
                false => format!("select {call} as c0 from (values ({})) v ({names})", values.join(", ")),
            }
        };
        if !of_field && !is_claimed(&of_columns()) {
            continue;
        }
        tally.called_never_null += 1;
        if NOT_CALLED.contains(&name.as_str()) {
            tally.not_called += 1;
            continue;
        }
        let product: usize = arguments.iter().map(|values| values.len()).product();
        let count = if of_field { product * 4 } else { CALLS.min(product * 3) };
        let mut calls: BTreeSet<String> = (0..count).map(|_| call(&mut random)).collect();
        calls.retain(|call| !of_field || is_claimed(&format!("select {call} as c0")));
        pending.extend(calls.into_iter().map(|call| (number, call)));
    }
    let mut reached = BTreeSet::new();
    for batch in pending.chunks(500) {
        let calls: Vec<&str> = batch.iter().map(|(_, call)| call.as_str()).collect();
        let results = client
            .query("select number, nulls from nulls_of($1)", &[&calls])
            .unwrap_or_else(|error| panic!("{error:?}\n{}", calls.join("\n")));
        tally.calls += batch.len();
        for row in results {
            let (number, nulls): (i32, i32) = (row.get(0), row.get(1));
            let (function, call) = &batch[usize::try_from(number - 1).unwrap()];
            tally.succeeded += 1;
            reached.insert(*function);
            if nulls != 0 {
                refuted.push(call.clone());
            }
        }
    }
    tally.reached = reached.len();
    (tally, refuted)
}
