//! Law 7, the half about values: the Rust type of every mapped type holds every value that a server can send. A value
//! is read, sent back, and compared by the server with what it was.

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};

use postgres::Client;
use viewkeeper::postgres_types::{FromSql, ToSql};
use viewkeeper::types::{self, Array, Multirange, Range};
use viewkeeper_engine::generate::{DateLibrary, mapped_types};
use viewkeeper_live::testing::for_each_server;

/// The types that were tried, to be compared with the table of the generator.
struct Tried<'c> {
    client: &'c mut Client,
    major: u32,
    types: BTreeSet<&'static str>,
}

impl Tried<'_> {
    /// Reads every value, sends it back, and lets the server compare the two by their text.
    fn check<T>(&mut self, sql_type: &'static str, values: &[&str]) -> Vec<T>
    where
        T: for<'a> FromSql<'a> + ToSql + Sync + PartialEq + Debug,
    {
        self.types.insert(sql_type);
        let mut held = Vec::new();
        for value in values {
            let read = self.client.query_one(&format!("SELECT ({value})::{sql_type}"), &[]);
            let read: T = read.and_then(|row| row.try_get(0)).unwrap_or_else(|e| panic!("{value}::{sql_type}: {e:?}"));
            let compare = format!("SELECT $1::{sql_type}::text, ({value})::{sql_type}::text");
            let row =
                self.client.query_one(&compare, &[&read]).unwrap_or_else(|e| panic!("{value}::{sql_type}: {e:?}"));
            let text = |place| row.try_get::<_, String>(place).unwrap_or_else(|e| panic!("{value}::{sql_type}: {e:?}"));
            let (sent, expected) = (text(0), text(1));
            assert_eq!(sent, expected, "{value}::{sql_type} was read as {read:?}");
            held.push(read);
        }
        held
    }

    /// [`check`](Self::check), and the value is shown as the server shows it.
    fn check_shown<T>(&mut self, sql_type: &'static str, values: &[&str])
    where
        T: for<'a> FromSql<'a> + ToSql + Sync + PartialEq + Debug + Display,
    {
        for (held, value) in self.check::<T>(sql_type, values).into_iter().zip(values) {
            let row = self.client.query_one(&format!("SELECT ({value})::{sql_type}::text"), &[]).unwrap();
            assert_eq!(held.to_string(), row.get::<_, String>(0), "{value}::{sql_type}");
        }
    }
}

#[test]
fn every_value_of_every_mapped_type_is_held() {
    for_each_server(|server| {
        let database = server.database("CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION ltree");
        let mut client = database.connect();
        client
            .batch_execute("SET TimeZone = 'UTC'; SET IntervalStyle = 'postgres'; SET extra_float_digits = 1")
            .unwrap();
        let mut tried = Tried { client: &mut client, major: server.major(), types: BTreeSet::new() };
        numbers(&mut tried);
        texts(&mut tried);
        times(&mut tried);
        identifiers(&mut tried);
        others(&mut tried);
        let mapped: BTreeSet<&str> = mapped_types(DateLibrary::Chrono).into_iter().map(|(sql, _)| sql).collect();
        let left_out: Vec<_> = mapped.difference(&tried.types).collect();
        assert!(left_out.is_empty(), "mapped, and no value of it is tried here: {left_out:?}");
    });
}

fn numbers(tried: &mut Tried<'_>) {
    tried.check::<bool>("bool", &["true", "false"]);
    tried.check::<i16>("int2", &["-32768", "0", "32767"]);
    tried.check::<i32>("int4", &["-2147483648", "0", "2147483647"]);
    tried.check::<i64>("int8", &["-9223372036854775808", "0", "9223372036854775807"]);
    for float in ["'Infinity'", "'-Infinity'", "0", "'-0'", "1.5"] {
        tried.check::<f32>("float4", &[float]);
        tried.check::<f64>("float8", &[float]);
    }
    tried.check::<f32>("float4", &["'1e-45'", "'3.4028235e38'"]);
    tried.check::<f64>("float8", &["'5e-324'", "'1.7976931348623157e308'"]);
    tried.check_shown::<types::Numeric>(
        "numeric",
        &[
            "0",
            "0.000",
            "'NaN'",
            "'Infinity'",
            "'-Infinity'",
            "1",
            "-1",
            "10000",
            "99999999",
            "0.0001",
            "0.00001",
            "-123456789012345678901234567890.123456789",
            "repeat('9', 131072)",
            "'-0.' || repeat('0', 16382) || '1'",
            "repeat('1234', 500) || '.' || repeat('5', 999)",
            "100000000.000000001",
            "'1e1000'",
            "'1e-1000'",
        ],
    );
    tried.check::<types::Numeric>("numeric(1000, 1000)", &["'0.' || repeat('9', 1000)"]);
    tried.check::<types::Money>("money", &["'-92233720368547758.08'", "'92233720368547758.07'", "0"]);
    tried.check_shown::<types::BitString>("varbit", &["''", "'1'", "'10000000'", "'100000001'", "repeat('10', 999)"]);
    tried.check_shown::<types::BitString>("bit", &["B'1'", "B'0'"]);
    tried.check::<types::BitString>("bit(9)", &["B'100000001'"]);
}

fn texts(tried: &mut Tried<'_>) {
    let values = ["''", "'ü€🎉'", "E'a\\nb\\\\''\"'", "repeat('x', 100000)"];
    tried.check::<String>("text", &values);
    tried.check::<String>("varchar", &values);
    tried.check::<String>("bpchar", &["''", "'a  '", "'ü'"]);
    tried.check::<String>("name", &["''", "repeat('ü', 40)"]);
    tried.check::<String>("citext", &values);
    tried.check::<i8>("\"char\"", &["''", "'a'", "'~'"]);
    tried.types.insert("char");
    tried.check::<Vec<u8>>("bytea", &["''", "'\\x00ff'", "decode(repeat('00', 1000), 'hex')"]);
    let json = [
        "'null'",
        "'{\"a\": [1e400, -0, 123456789012345678901234567890.5, \"\\ud834\\udd1e\"]}'",
        "repeat('[', 5000) || repeat(']', 5000)",
    ];
    tried.check_shown::<types::Json>("json", &json);
    tried.check_shown::<types::Json>("json", &["'{\"a\": 1, \"a\": \"\\u0000\"}'"]);
    tried.check_shown::<types::Json>("jsonb", &json);
    tried.check_shown::<types::JsonPath>("jsonpath", &["'$'", "'strict $.a[*] ? (@.b > 1)'"]);
    tried.check_shown::<types::RefCursor>("refcursor", &["''", "'a cursor'"]);
    tried.check::<types::Xml>("xml", &["''", "'<a b=\"1\">ü</a>'", "'text & no root'::text::xml"][..2]);
    tried.check::<String>("ltree", &["''", "'Top.Science.Astronomy'"]);
    tried.check::<String>("lquery", &["'Top.*{1,2}.Ast*'"]);
    tried.check::<String>("ltxtquery", &["'Science & !Astronomy'"]);
    tried.check::<types::Hstore>("hstore", &["''", "'a=>1, b=>NULL, \"\"=>\"\"'"]);
    tried.check::<types::TsVector>(
        "tsvector",
        &["''", "'a:1A,2B,3C,4 bb:16383'", "array_to_tsvector(ARRAY['ü', 'with space'])"],
    );
    tried.check::<types::TsQuery>("tsquery", &["'a & !b | c:*AB'", "'a <-> b <16384> c'", "'''with space'':D'"]);
}

fn times(tried: &mut Tried<'_>) {
    let date = [
        "'-infinity'",
        "'infinity'",
        "'4713-01-01 BC'",
        "'5874897-12-31'",
        "'2000-01-01'",
        "'0001-01-01'",
        "'9999-12-31'",
    ];
    let timestamp = [
        "'-infinity'",
        "'infinity'",
        "'4714-11-24 00:00:00 BC'",
        "'294276-12-31 23:59:59.999999'",
        "'2000-01-01 00:00:00.000001'",
        "'1999-12-31 23:59:59.999999'",
        "'262143-06-01'",
        "'10000-01-01'",
        "'-infinity'",
    ];
    tried.check::<types::chrono::Date>("date", &date);
    tried.check::<types::chrono::Timestamp>("timestamp", &timestamp);
    tried.check::<types::chrono::Timestamptz>("timestamptz", &timestamp);
    tried.check::<types::jiff::Date>("date", &date);
    tried.check::<types::jiff::Timestamp>("timestamp", &timestamp);
    tried.check::<types::jiff::Timestamptz>("timestamptz", &timestamp);
    tried.check::<types::time::Date>("date", &date);
    tried.check::<types::time::Timestamp>("timestamp", &timestamp);
    tried.check::<types::time::Timestamptz>("timestamptz", &timestamp);
    let far = ["'-infinity'", "'infinity'", "'294276-12-31 23:59:59.999999'"];
    tried.check_shown::<types::jiff::Timestamp>("timestamp", &far);
    tried.check_shown::<types::chrono::Date>("date", &["'infinity'", "'5874897-12-31'", "'2024-02-29'"]);
    tried.check_shown::<types::TimeOfDay>("time", &["'00:00'", "'24:00:00'", "'23:59:59.999999'", "'12:30:00.5'"]);
    tried.check_shown::<types::TimeWithOffset>(
        "timetz",
        &["'00:00+15:59:59'", "'24:00:00-15:59:59'", "'12:00:00.000001+05:30'", "'12:00Z'"],
    );
    tried.check_shown::<types::Interval>(
        "interval",
        &[
            "'0'",
            "'1 year 2 mons -3 days 04:05:06.7'",
            "'-1 mon 1 day -00:00:01'",
            "'178000000 years'",
            "'-178000000 years'",
            "'2147483647 days'",
            "'-00:00:00.000001'",
            "'1000000000:00:00.000001'",
            "'1 day -1 microsecond'",
            "'-1 year +1 mon'",
        ],
    );
    if tried.major >= 17 {
        tried.check_shown::<types::Interval>("interval", &["'infinity'", "'-infinity'"]);
    }
}

fn identifiers(tried: &mut Tried<'_>) {
    tried.check_shown::<types::Uuid>(
        "uuid",
        &["'00000000-0000-0000-0000-000000000000'", "'FFFFFFFF-ffff-1234-8765-0123456789ab'"],
    );
    tried.check_shown::<types::Oid>("oid", &["0", "'4294967295'"]);
    tried.check::<types::Oid>("regclass", &["'pg_class'", "0::oid"]);
    tried.check::<types::Oid>("regcollation", &["'\"C\"'"]);
    tried.check::<types::Oid>("regconfig", &["'simple'"]);
    tried.check::<types::Oid>("regdictionary", &["'simple'"]);
    tried.check::<types::Oid>("regnamespace", &["'pg_catalog'"]);
    tried.check::<types::Oid>("regoper", &["'||/'"]);
    tried.check::<types::Oid>("regoperator", &["'+(int4,int4)'"]);
    tried.check::<types::Oid>("regproc", &["'now'"]);
    tried.check::<types::Oid>("regprocedure", &["'abs(int4)'"]);
    tried.check::<types::Oid>("regrole", &["'postgres'"]);
    tried.check::<types::Oid>("regtype", &["'int4[]'"]);
    tried.check_shown::<types::Xid>("xid", &["'0'", "'4294967295'"]);
    tried.check_shown::<types::Xid>("cid", &["'0'", "'4294967295'"]);
    tried.check_shown::<types::Xid8>("xid8", &["'0'", "'18446744073709551615'"]);
    tried.check::<types::Tid>("tid", &["'(0,0)'", "'(4294967295,65535)'"]);
    tried.check_shown::<types::Lsn>("pg_lsn", &["'0/0'", "'FFFFFFFF/FFFFFFFF'"][..usize::from(tried.major < 19) * 2]);
    tried.check::<types::Snapshot>("pg_snapshot", &["'10:20:10,14,15'", "'1:1:'"]);
    tried.check::<types::Snapshot>("txid_snapshot", &["'10:20:10,14,15'"]);
    tried.check::<types::Inet>("inet", &["'0.0.0.0'", "'255.255.255.255/0'", "'::'", "'2001:db8::1/64'"]);
    tried.check::<types::Inet>("cidr", &["'10.0.0.0/8'", "'::/0'", "'1.2.3.4'"]);
    tried.check_shown::<types::MacAddr>("macaddr", &["'00:00:00:00:00:00'", "'08:00:2b:01:02:ff'"]);
    tried.check_shown::<types::MacAddr8>("macaddr8", &["'08:00:2b:01:02:03:04:ff'"]);
}

fn others(tried: &mut Tried<'_>) {
    tried.check::<types::Point>("point", &["'(0,-0)'", "'(1e300,-Infinity)'"]);
    tried.check::<types::Line>("line", &["'{1,2,3}'"]);
    tried.check::<types::LineSegment>("lseg", &["'[(0,0),(1,1)]'"]);
    tried.check::<types::Rectangle>("box", &["'((0,0),(1,1))'"]);
    tried.check::<types::Path>("path", &["'[(0,0),(1,1)]'", "'((0,0),(1,1),(2,0))'"]);
    tried.check::<types::Polygon>("polygon", &["'((0,0),(1,1),(2,0))'"]);
    tried.check::<types::Circle>("circle", &["'<(0,0),5>'"]);
    tried.check::<Array<i32>>(
        "int4[]",
        &[
            "'{}'",
            "'{1,NULL,3}'",
            "'{{1,2},{3,NULL}}'",
            "'[0:1][-2:-1]={{1,2},{3,4}}'",
            "array_fill(7, ARRAY[2,2,2,2,2,2])",
        ],
    );
    tried.check::<Array<String>>("text[]", &["'{}'", "ARRAY['NULL', NULL, '\"']"]);
    tried.check::<Array<types::Numeric>>("numeric[]", &["'{NaN,1.50,Infinity}'"]);
    tried.check::<Array<i16>>("int2vector", &["'1 2 3'"]);
    tried.check::<Array<types::Oid>>("oidvector", &["'1 2 3'"]);
    tried.check::<Range<i32>>("int4range", &["'empty'", "'[1,5)'", "'(,5)'", "'[1,)'", "'(,)'"]);
    tried.check::<Range<types::Numeric>>("numrange", &["'[1.5,2.5]'", "'(1.5,2.5)'"]);
    tried.check::<Range<types::chrono::Date>>("daterange", &["'[2000-01-01,infinity]'", "'[-infinity,4000000-01-01)'"]);
    tried.check::<Range<types::chrono::Timestamptz>>("tstzrange", &["'[2000-01-01,infinity]'", "'empty'"]);
    tried.check::<Array<Range<i64>>>("int8range[]", &["ARRAY[int8range(1,2), NULL, 'empty']"]);
    tried.check::<Multirange<i32>>("int4multirange", &["'{}'", "'{[1,2),[5,8),[9,)}'"]);
    tried.check::<Multirange<types::chrono::Timestamp>>("tsmultirange", &["'{(,2000-01-01)}'"]);
}
