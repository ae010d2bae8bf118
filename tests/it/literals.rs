//! What the engine says of literals, against the input functions of every server found: well-formed ones of each type,
//! and the same disturbed at random. What a server reads as a value must never be refused.
//!
//! `VIEWKEEPER_LITERALS=20000` tries so many of each type; `VIEWKEEPER_LITERALS_SHOW=1` prints those that only the
//! server refuses, and those that are refused with another code.

use std::collections::BTreeMap;

use viewkeeper_engine::parser::on_deep_stack;
use viewkeeper_engine::resolve::{Coercion, Resolver};
use viewkeeper_engine::tree::{Expr, ExprNode};
use viewkeeper_live::testing::for_each_server;

use crate::nullability::{Random, replayed_text};

/// Types, values of them to begin with, and what is put into them.
const TYPES: &[(&str, &str, &str)] = &[
    ("bool", "true|f|yes|off|0|1| on ", "truefalsyon01 "),
    ("int2", "1|-32768|32767| 7 |0x1F|1_000|0b1|-0o7", "0123456789-+_xob "),
    ("int4", "1|-2147483648|2147483647|0x7fffffff", "0123456789-+_xob "),
    ("int8", "1|-9223372036854775808|9223372036854775807", "0123456789-+_xob "),
    ("oid", "1|4294967295|-1| 7 |010|0x1f", "0123456789-+xa "),
    ("xid", "1|4294967295|-1| 7 |010|0x1f", "0123456789-+xa "),
    ("xid8", "1|18446744073709551615|-1|0x1f|010", "0123456789-+xa "),
    ("float4", "1|1.5e38|-3.5E+38|1e-50|NaN|-inf|infinity|.5|1.", "0123456789-+.eEnaif "),
    ("float8", "1|1.5e308|-1e400|1e-400|NaN|-Infinity|.5|1.", "0123456789-+.eEnaif "),
    ("numeric", "1|1.5e10|-1e131072|NaN|inf|-Infinity|.5|1.|0x1F|1_000.5", "0123456789-+.eE_xnaif "),
    ("tid", "(0,1)|(4294967295,65535)| (1,2)|(1,2)x", "0123456789(), -"),
    ("pg_lsn", "0/0|16/B374D848|FFFFFFFF/FFFFFFFF", "0123456789abcdefF/ "),
    ("pg_snapshot", "1:1:|10:20:10,14,15|12:18:14,16", "0123456789:, "),
    ("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|{a0eebc999c0b4ef8bb6d6bb9bd380a11}", "0123456789abcdef-{} "),
    ("bit", "0101|b01|xFf|", "01bxfF "),
    ("varbit", "0101|B01|X1f|", "01bxfF "),
    ("bytea", "\\x0aFf|abc\\\\\\001|\\x|a", "\\x0123789afF "),
    ("json", "1|[]|{\"a\": [1, null, true]}|\"a\\u00e4\\n\"|-0.5e+3|\"\\ud83d\"", "{}[]:,\"\\u0123dnaetrul. -+"),
    ("jsonb", "1|[]|{\"a\": [1, null]}|\"\\u0000\"|\"\\ud83d\\ude04\"|\"\\\\u0000\"", "{}[]:,\"\\u0123dnaetrul. -+"),
    (
        "jsonpath",
        "$|strict $.a.b[*] ? (@.c > 1 && @.d == \"x\").e|lax $[0 to last - 1, 3].**{2 to last}.type()|\
         $.a.datetime(\"HH24\")|-$.a + 1 * (2 - $x)|exists($.a) || !($.b == 1)|($.a == 1) is unknown|\
         $ ? (@ like_regex \"^a\" flag \"iq\")|$ ? (@ starts with \"v\")|$.decimal(4,2).bigint()|1.5e3 % 0x1f|\"\\u0041\"",
        "$@.[]()*{}?!&|=<>+-/%\"\\ 019abelstu,",
    ),
    (
        "date",
        "1999-01-08|January 8, 1999|1/8/1999|08-Jan-1999|19990108|1999.008|J2451187|99-1-8 BC|infinity|epoch|now|today|\
         2000-02-30|5874898-01-01|4714-11-23 BC|y2001m02d04|Sat Jan 1 2000|jan-08-99",
        "0123456789-/. :JjanfebBCADymdT,+",
    ),
    (
        "time",
        "04:05:06.789|040506|04:05 PM|allballs|now|24:00:00|23:59:60|04:05:06-08:00|T040506|04:05:06 PST|h04mm05s06|25:00",
        "0123456789:. amPMT+-Zhs,",
    ),
    (
        "timetz",
        "04:05:06.789+02|040506-08:00|04:05 America/New_York|2000-01-01 04:05 UTC|04:05z",
        "0123456789:. amPMT+-Z/,",
    ),
    (
        "timestamp",
        "1999-01-08 04:05:06|2001-02-03T04:05:06Z|20010203T040506|Mon Feb 10 17:32:01 1997 PST|2001-02-03 24:00:00|\
         infinity|epoch|294277-01-01|4714-11-23 BC|1999-01-08 04:05:06 -8:00|J2451187 04:05 UTC|10-Feb-97 5:32PM|\
         2000-001 12|-infinity|today allballs|1997.041 17:32:01",
        "0123456789-/. :TZjanfebBCPMJ,+",
    ),
    (
        "timestamptz",
        "1999-01-08 04:05:06 -8:00|2001-02-03T04:05:06+14:59|2001-02-03 04:05 Europe/Berlin|now|1999-01-08 04:05 MET DST|\
         20010203T040506-08|2001-02-03 04:05:06+16:00",
        "0123456789-/. :TZjanfebBCPMDS,+",
    ),
    (
        "interval",
        "1 day|1-2|3 4:05:06|P1Y2M3DT4H5M6S|P0001-02-03T04:05:06|P00010203T040506|-1 year 2 months ago|@ 1 minute|\
         1.5 weeks|2562047788:00:54.775807|178956970 years 8 mons|2147483648 days|infinity|-infinity|1 2:03|1 y 2 d 3 h|\
         9223372036854775807 us|P1.5Y|PT-0.5H|10 centuries ago|1:20:05 5 microseconds|mil|+1 -2:03:04|P1W",
        "0123456789-+.: PTYMDHSWdayshourmiecnkgoinf",
    ),
    ("inet", "127.0.0.1|10/8|1.2.3.4/24|::1|::ffff:1.2.3.4/128|fe80::1/64|1:2:3:4:5:6:7:8|::", "0123456789.:/abcf "),
    ("cidr", "10|10.0.0.0/8|0x0a0b|::/0|192.168.1|224|2001:db8::/32|10.1.2.3/32", "0123456789.:/abcfx "),
    (
        "macaddr",
        "08:00:2b:01:02:03|8-0-2b-1-2-3|08002b:010203|0800.2b01.0203|0800-2b01-0203|08002b010203",
        "0123456789abcdef:-. x+",
    ),
    (
        "macaddr8",
        "08:00:2b:01:02:03|08-00-2b-01-02-03-04-05|08002b:0102030405|08002b0102030405|0800.2b01.0203",
        "0123456789abcdef:-. x",
    ),
    ("point", "(1,2)|1,2| ( -1.5e3 , 2 ) |(NaN,inf)|(1,1e400)", "0123456789.,()e- <[NaInf"),
    ("lseg", "[(1,2),(3,4)]|(1,2),(3,4)|((1,2),(3,4))|1,2,3,4|[1,2,3,4]|(1,2,3,4)", "012345.,()[] e-"),
    ("line", "{1,2,3}|{0,1,-0.5}|[(1,2),(3,4)]|(1,2),(3,4)|1,2,3,4|{0,1e-7,1}", "012345.,(){}[] e-"),
    ("box", "(1,2),(3,4)|((1,2),(3,4))|1,2,3,4|(1,2,3,4)", "012345.,()[] e-"),
    ("path", "[(1,2),(3,4)]|((1,2),(3,4))|(1,2),(3,4)|1,2,3,4|(1,2,3,4)|[(1,2)]", "012345.,()[] e-"),
    ("polygon", "((1,2),(3,4),(5,6))|(1,2),(3,4)|1,2,3,4|(1,2,3,4)|((1,2))", "012345.,()[] e-"),
    ("circle", "<(1,2),3>|((1,2),3)|(1,2),3|1,2,3|<(1,2),NaN>|<1,2,3>", "012345.,()<>[] e-"),
    ("money", "$1,234.56|-$5|(1)|1.005|92233720368547758.07|12| $ 1|1$|+1", "0123456789.,()$-+ aE"),
    ("tsvector", "a b|'a b' c:1A,2 d|'a''b'|a:1,2B 'c':3*|a\\'b", "abcd':,*123 \\&!<"),
    (
        "tsquery",
        "a & b|!a|(b&c)|a <-> b|a <2> b|'a b':*AB|a:ab & !(b | c)|!!a <-> (b & c)|a<0>b",
        "abcd':,*123 \\&!<>|()-",
    ),
    (
        "xml",
        "abc|<a/>|<a b='1' c=\"2\">x</a>|<a><!-- c --><![CDATA[<]]></a>|a &amp; &#49;|<?x y?><b />|<?xml version='1.0'?><a/>|\
         <!DOCTYPE a><a/>|<a>1</a> x <b>2</b>",
        "<>/ab='\"&;!-[]? 1",
    ),
    ("txid_snapshot", "1:1:|10:20:10,14,15|12:18:14,16|1:9223372036854775807:3", "0123456789:, "),
    (
        "int4[]",
        "{}|{1,2}|{{1,2},{3,4}}|[0:1]={1,2}|{ 1 , NULL }|{\"1\"}|{{},{}}|[1:2][1:1]={{1},{2}}",
        "{}[]:=,\"\\ 0123NUL-",
    ),
    ("text[]", "{}|{a,b}|{\"a b\",c d}|{a\\ b,\"\\\"\"}|{{a},{b}}|{null,\"null\"}|[2:3]={a,b}", "{}[]:=,\"\\ ab0123"),
    ("box[]", "{(1,2),(3,4)}|{(1,2),(3,4);(5,6),(7,8)}|{}", "{}(),;123 "),
    ("interval[]", "{1 day,\"2 hours\"}|{}", "{},\"123 dayhours"),
    ("int2vector", "1 2 3||-1", "0123 -a"),
    ("oidvector", "1 2 3||7", "0123 -+xa"),
    ("aclitem", "=r/postgres|postgres=arw/postgres|user \"postgres\"=r|group pg_monitor = |public=X", "ug =/\"r*"),
    ("int4range", "empty|[1,2)|(,)|[3,1]|( 1 , 2 ]|[\"1\",2]", "[](),\" 0123emptyE-\\"),
    ("daterange", "empty|[2000-01-01,2000-02-01)|(,now)|[\"2000-01-01\",]", "[](),\" 0123-empty"),
    ("point[]", "{\"(1,2)\",\"(3,4)\"}|{}|{NULL}", "{}(),\"123 "),
    ("tsquery[]", "{a&b,\"c | d\"}|{}", "{}abc&|,\" !"),
    ("numrange", "empty|[1.5,2)|(,)|[3,1]|[1e3,NaN]", "[](),\" 0123emptyE-.Na"),
    ("tsrange", "[2000-01-01 00:00,2000-02-01)|(,infinity)|[now,today]", "[](),\" 0123:+-"),
    ("tstzrange", "[2000-01-01 00:00+01,2000-02-01)|(,infinity)", "[](),\" 0123:+-"),
    ("int8multirange", "{}|{[1,2),[3,4)}|{empty, (,)}|{ [1,2] }", "{}[](),\" 0123empty"),
    ("pair", "(1,a)|(,)|( 1 ,\"a,b\")|(1,a\"\"b)| (1,a) ", "(),\" \\0123ab"),
    ("domain_of_int", "1|-1|x", "0123-x "),
];

/// A value with something put in, taken out, doubled or exchanged, or joined with another one.
fn disturbed(random: &mut Random, values: &[&str], alphabet: &[char]) -> String {
    let mut text: Vec<char> = random.pick(values).chars().collect();
    for _ in 0..=random.below(3) {
        let at = random.below(text.len() + 1);
        match random.below(6) {
            0 => text.insert(at, random.pick(alphabet)),
            1 if at < text.len() => {
                text.remove(at);
            }
            2 if at < text.len() => text[at] = random.pick(alphabet),
            3 => {
                let end = at + random.below(text.len() - at + 1);
                let piece = text[at..end].to_vec();
                text.splice(at..at, piece);
            }
            4 => {
                let other: Vec<char> = random.pick(values).chars().collect();
                let from = random.below(other.len() + 1);
                text.truncate(at);
                text.extend(&other[from..]);
            }
            _ => {
                let end = at + random.below(text.len() - at + 1);
                text.drain(at..end);
            }
        }
    }
    text.into_iter().collect()
}

const SCHEMA: &str = "
    CREATE TYPE pair AS (a int4, b text);
    CREATE DOMAIN domain_of_int AS int4;
    CREATE FUNCTION outcome(type text, value text) RETURNS text LANGUAGE plpgsql AS $$
    BEGIN
        EXECUTE format('SELECT %L::%s', value, type);
        RETURN '00000';
    EXCEPTION WHEN OTHERS THEN
        RETURN SQLSTATE;
    END $$;";

#[test]
fn no_literal_is_refused_that_a_server_reads() {
    let many = std::env::var("VIEWKEEPER_LITERALS").ok().and_then(|count| count.parse().ok()).unwrap_or(150);
    let seed = std::env::var("VIEWKEEPER_LITERALS_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let show = std::env::var_os("VIEWKEEPER_LITERALS_SHOW").is_some();
    for_each_server(|server| {
        let catalog = on_deep_stack(|| replayed_text(SCHEMA, server.major()));
        let database = server.database(SCHEMA);
        let mut client = database.connect();
        let resolver = Resolver::new(&catalog, &["public".to_owned()]);
        let mut random = Random::new(seed);
        let (mut tried, mut refused, mut by_both, mut other_code) = (0, 0, 0, 0);
        let mut wrong = Vec::new();
        for (type_, values, alphabet) in TYPES {
            let values: Vec<&str> = values.split('|').collect();
            let alphabet: Vec<char> = alphabet.chars().collect();
            let mut texts: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
            texts.extend((0..many).map(|_| disturbed(&mut random, &values, &alphabet)));
            let ask = "SELECT array_agg(outcome($1, value) ORDER BY at) FROM unnest($2::text[]) WITH ORDINALITY AS u (value, at)";
            let outcomes: Vec<String> = client.query_one(ask, &[type_, &texts]).unwrap().get(0);
            let target = resolver.type_from_text(type_).unwrap();
            let mut unknown: BTreeMap<String, usize> = BTreeMap::new();
            for (text, outcome) in texts.iter().zip(outcomes) {
                let value = ExprNode::Const {
                    type_: viewkeeper_engine::catalog::oids::UNKNOWN,
                    typmod: -1,
                    collation: viewkeeper_engine::catalog::Oid::INVALID,
                    value: Some(text.clone()),
                };
                let coercion = Coercion::explicit(target.type_, target.typmod, None);
                let said = resolver.require_cast(Expr::new(value, None), coercion);
                let code = said.map_or_else(|failure| failure.sqlstate.0, |_| "00000");
                tried += 1;
                refused += usize::from(outcome != "00000");
                match (outcome.as_str(), code) {
                    ("00000", "00000") => {}
                    ("00000", _) => {
                        wrong.push(format!("{type_} {text:?}: refused with {code}, and the server reads it"))
                    }
                    (_, "00000") => {
                        *unknown.entry(outcome.clone()).or_default() += 1;
                        if show {
                            println!("{} {type_} {text:?}: only the server refuses it, with {outcome}", server.major());
                        }
                    }
                    (server_code, code) => {
                        by_both += 1;
                        if server_code != code {
                            other_code += 1;
                            if show {
                                println!("{} {type_} {text:?}: server {outcome}, engine {code}", server.major());
                            }
                        }
                    }
                }
            }
            if show && !unknown.is_empty() {
                println!("{} {type_}: refused by the server only: {unknown:?}", server.major());
            }
        }
        println!(
            "literals | {} | {tried} tried | {refused} refused by the server | {by_both} by both | {other_code} with another code",
            server.version()
        );
        assert!(wrong.is_empty(), "{} {}\n{}", server.version(), wrong.len(), wrong.join("\n"));
    });
}
