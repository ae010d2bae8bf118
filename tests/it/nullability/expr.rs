//! Random expressions and conditions: a grammar that leans towards what makes and removes nulls.

use super::query::{Column, Generator, Kind};

impl Generator<'_> {
    /// A column of a kind.
    pub(super) fn column(&mut self, kind: Kind, columns: &[Column]) -> Option<String> {
        let of_kind: Vec<_> = columns.iter().filter(|(_, other)| *other == kind).collect();
        (!of_kind.is_empty()).then(|| of_kind[self.random.below(of_kind.len())].0.clone())
    }

    /// An expression of a kind.
    pub(super) fn expr(&mut self, kind: Kind, columns: &[Column], depth: usize) -> String {
        if depth == 0 || self.random.chance(35) || !self.spend() {
            if let Some(column) = self.column(kind, columns).filter(|_| self.random.chance(85)) {
                return column;
            }
            return if self.random.chance(20) { format!("null::{}", kind.name()) } else { kind.constant(self.random) };
        }
        let depth = depth - 1;
        match self.random.below(17) {
            16 => self.alternatives(kind, columns),
            0 | 1 => {
                let (a, b) = self.two(kind, columns, depth);
                format!("coalesce({a}, {b})")
            }
            2 => {
                let (a, b) = self.two(kind, columns, depth);
                format!("nullif({a}, {b})")
            }
            3..6 => self.case(kind, columns, depth),
            6 => {
                let (a, b) = self.two(kind, columns, depth);
                format!("{}({a}, {b})", self.random.pick(&["greatest", "least"]))
            }
            7 | 8 => self.scalar(kind, columns, depth),
            _ => self.call(kind, columns, depth),
        }
    }

    fn two(&mut self, kind: Kind, columns: &[Column], depth: usize) -> (String, String) {
        (self.expr(kind, columns, depth), self.expr(kind, columns, depth))
    }

    /// One of several columns: what people write over a FULL join.
    fn alternatives(&mut self, kind: Kind, columns: &[Column]) -> String {
        let count = 2 + self.random.below(2);
        let values: Vec<_> =
            (0..count).map(|_| self.column(kind, columns).unwrap_or_else(|| kind.constant(self.random))).collect();
        format!("{}({})", self.random.pick(&["coalesce", "coalesce", "greatest", "least"]), values.join(", "))
    }

    /// Two columns of one item of FROM, the second one of a kind.
    fn siblings(&mut self, kind: Kind, columns: &[Column]) -> Option<(String, String)> {
        let value = self.column(kind, columns).filter(|name| !name.contains('('))?;
        let (table, _) = value.split_once('.')?;
        let prefix = format!("{table}.");
        let of_table: Vec<_> = columns.iter().filter(|(name, _)| name.starts_with(&prefix)).collect();
        let guard = of_table[self.random.below(of_table.len())].0.clone();
        Some((guard, value))
    }

    /// A sub-select that gives one value.
    fn scalar(&mut self, kind: Kind, columns: &[Column], depth: usize) -> String {
        let depth = depth.min(1);
        match self.random.below(10) {
            0..4 => format!("({})", self.ungrouped(depth, &[kind], columns)),
            4..6 => format!("(select s.c0 from ({}) s limit 1)", self.query(depth, &[kind], columns)),
            6 if matches!(kind, Kind::Ints) => format!("array({})", self.query(depth, &[Kind::Int], columns)),
            6 => format!("(select {})", self.expr(kind, columns, depth)),
            7 => {
                let (a, b) = self.two(kind, columns, 0);
                let condition = self.condition(columns, 0);
                let from = self.random.pick(&["", " from (select) s"]);
                let filter = if self.random.chance(50) { format!(" where {condition}") } else { String::new() };
                format!("(select coalesce({a}, {b}){from}{filter})")
            }
            _ => format!("(select (array_agg(s.c0))[1] from ({}) s)", self.query(depth, &[kind], columns)),
        }
    }

    fn case(&mut self, kind: Kind, columns: &[Column], depth: usize) -> String {
        let (a, b) = self.two(kind, columns, depth);
        match self.random.below(8) {
            5 | 6 if let Some((guard, value)) = self.siblings(kind, columns) => {
                // What is known of one column says that the row is there.
                let other = if self.random.chance(50) { b } else { kind.constant(self.random) };
                match self.random.below(4) {
                    0 => format!("case when {guard} is null then {other} else {value} end"),
                    1 => format!("case when {guard} is not null then {value} else {other} end"),
                    2 => format!("case when {guard} is null then {value} else {other} end"),
                    _ => format!("case when {} then {value} else {other} end", self.condition(columns, 1)),
                }
            }
            0 => {
                let condition = self.condition(columns, 1);
                format!("case when {condition} then {a} end")
            }
            1 => {
                let tested = self.random.pick(&Kind::ALL);
                let value = self.expr(tested, columns, 0);
                let constant = self.expr(tested, columns, 0);
                let then = if tested == kind && self.random.chance(50) { value.clone() } else { a };
                format!("case {value} when {constant} then {then} else {b} end")
            }
            2 => {
                // The guard that people write.
                let a = self.expr(kind, columns, 0);
                let operator = self.random.pick(&["is null", "is not null"]);
                format!("case when {a} {operator} then {b} else {a} end")
            }
            _ => {
                let (first, second) = (self.condition(columns, 1), self.condition(columns, 1));
                let c = self.expr(kind, columns, depth);
                format!("case when {first} then {a} when {second} then {b} else {c} end")
            }
        }
    }

    fn call(&mut self, kind: Kind, columns: &[Column], depth: usize) -> String {
        let a = self.expr(kind, columns, depth);
        match kind {
            Kind::Int => self.int(a, columns, depth),
            Kind::Text => self.text(a, columns, depth),
            Kind::Bool => self.condition(columns, depth),
            Kind::Stamp => {
                let b = self.expr(Kind::Int, columns, 0);
                match self.random.below(6) {
                    0 => format!("({a} + interval '1 day')"),
                    1 => format!("date_trunc('day', {a})"),
                    2 => format!("({a}::date)::timestamp"),
                    3 => format!("({a} - make_interval(days => {b}))"),
                    4 => format!("(date '2024-01-01' + {b})::timestamp"),
                    _ => format!("({a} + {a}::time)"),
                }
            }
            Kind::Ints => {
                let b = self.expr(Kind::Int, columns, depth);
                match self.random.below(9) {
                    0 | 1 => format!("array[{b}, {}]", self.expr(Kind::Int, columns, 0)),
                    2 => format!("({a} || {b})"),
                    3 => format!("array_append({a}, {b})"),
                    4 => format!("({a})[1:{b}]"),
                    5 => format!("array_remove({a}, {b})"),
                    6 => format!("array_cat({a}, {})", self.expr(Kind::Ints, columns, 0)),
                    7 => format!("array_positions({a}, {b})"),
                    _ => format!("({a})::bigint[]::int[]"),
                }
            }
            Kind::Json => self.json(a, columns, depth),
        }
    }

    fn int(&mut self, a: String, columns: &[Column], depth: usize) -> String {
        let b = self.expr(Kind::Int, columns, depth);
        match self.random.below(24) {
            20..24 => self.field_of_time(columns),
            0..3 => format!("({a} {} {b})", self.random.pick(&["+", "-", "*"])),
            3 => format!("length({})", self.expr(Kind::Text, columns, depth)),
            4 => format!("(array[{a}, {b}])[1]"),
            5 => format!("array_length({}, 1)", self.expr(Kind::Ints, columns, depth)),
            6 => format!("num_nulls({a}, {b})"),
            7 => format!("cardinality({})", self.expr(Kind::Ints, columns, depth)),
            8 => format!("({a} - {b})::numeric(5, 1)::int"),
            9 => format!("({})[{a}]", self.expr(Kind::Ints, columns, depth)),
            10 => format!("(extract(year from nullif({}, 'infinity')) % 10)::int", self.expr(Kind::Stamp, columns, 0)),
            11 => {
                let stamp = self.expr(Kind::Stamp, columns, 0);
                format!("case when extract(epoch from {stamp}) is null then 0 else 1 end")
            }
            12 => format!("strpos({}, 'a')", self.expr(Kind::Text, columns, depth)),
            13 => format!("{}(int4range({a}, null))", self.random.pick(&["lower", "upper"])),
            14 => format!("array_position({}, {a})", self.expr(Kind::Ints, columns, 0)),
            15 => format!("abs({a})"),
            16 => format!("({a})::dpos::int"),
            17 => format!("(row({a}, {})::pair).p", self.expr(Kind::Text, columns, 0)),
            18 => format!("({} - date '2024-01-01')", format_args!("(date '2024-01-01' + {a})")),
            _ => format!("mod({a}, 3)"),
        }
    }

    /// The sign of a field of a date or time, infinite ones too.
    fn field_of_time(&mut self, columns: &[Column]) -> String {
        let stamp = self.expr(Kind::Stamp, columns, 0);
        let zoned = if self.random.chance(30) { "::timestamptz" } else { "" };
        let field = self.random.pick(&[
            "epoch",
            "year",
            "decade",
            "century",
            "millennium",
            "isoyear",
            "julian",
            "month",
            "hour",
            "day",
            "quarter",
            "week",
        ]);
        match self.random.below(5) {
            0 if !matches!(field, "hour" | "epoch") => format!("sign(extract({field} from {stamp}::date))::int"),
            1 => format!("sign(date_part('{field}', {stamp}{zoned}))::int"),
            2 if !matches!(field, "isoyear" | "julian" | "week") => {
                format!("sign(extract({field} from ({stamp} - timestamp '2001-01-01')))::int")
            }
            3 if !matches!(field, "isoyear" | "julian" | "week") => {
                format!("sign(extract({field} from make_interval(days => {})))::int", self.expr(Kind::Int, columns, 0))
            }
            _ => format!("sign(extract({field} from {stamp}{zoned}))::int"),
        }
    }

    fn text(&mut self, a: String, columns: &[Column], depth: usize) -> String {
        let b = self.expr(Kind::Text, columns, depth);
        match self.random.below(19) {
            0 | 1 => format!("({a} || {b})"),
            2 => format!("{}({a})", self.random.pick(&["upper", "btrim", "reverse", "md5"])),
            3 => format!("concat({a}, {b})"),
            4 => format!("({})::text", self.expr(Kind::Int, columns, depth)),
            5 => format!("substring({a} from {b})"),
            6 => format!("concat_ws({a}, {b})"),
            7 => format!("array_to_string(array[{a}, {b}], ',')"),
            8 => format!("to_char({}, 'YYYY')", self.expr(Kind::Stamp, columns, depth)),
            9 => format!("({} ->> 'a')", self.expr(Kind::Json, columns, depth)),
            10 => format!("split_part({a}, ',', 1)"),
            11 => format!("regexp_replace({a}, 'a', {b})"),
            12 => format!("format('%s', {a})"),
            13 => format!("({a})::varchar(3)::text"),
            14 => format!("({} #>> '{{a,0}}')", self.expr(Kind::Json, columns, depth)),
            15 => format!("({} || {a})", self.expr(Kind::Int, columns, 0)),
            16 => format!("(row({}, {a})::pair).q", self.expr(Kind::Int, columns, 0)),
            17 => format!("left({a}, {})", self.expr(Kind::Int, columns, 0)),
            _ => format!("(string_to_array({a}, ','))[1]"),
        }
    }

    fn json(&mut self, a: String, columns: &[Column], depth: usize) -> String {
        let kind = self.random.pick(&[Kind::Int, Kind::Text, Kind::Bool]);
        let b = self.expr(kind, columns, depth);
        let newest = match self.major {
            17.. => 15,
            16 => 12,
            _ => 9,
        };
        match self.random.below(newest) {
            0 => format!("to_jsonb({b})"),
            1 => format!("jsonb_build_object('a', {b})"),
            2 => format!("({a} -> 'a')"),
            3 => format!("({a})['a']"),
            4 => format!("({a} || jsonb_build_array({b}))"),
            5 => format!("jsonb_path_query_first({a}, '$.a')"),
            6 => format!("jsonb_strip_nulls({a})"),
            7 => format!("({a} #> '{{a,b}}')"),
            8 => format!("to_jsonb(array[{b}])"),
            9 => {
                let nulls = self.random.pick(&["", " absent on null"]);
                format!("json_object('a': {b}{nulls} returning jsonb)")
            }
            10 => {
                let nulls = self.random.pick(&["", " null on null"]);
                format!("json_array({b}, 1{nulls} returning jsonb)")
            }
            11 => format!("json_array({} returning jsonb)", self.query(0, &[kind], columns)),
            12 => {
                let wrapper =
                    self.random.pick(&["", " with wrapper", " empty array on empty", " empty object on error"]);
                format!("json_query({a}, '$.a'{wrapper})")
            }
            13 => {
                let value = format!("json_value({a}, 'lax $.a' default 'x' on empty default 'y' on error)");
                format!("to_jsonb({value})")
            }
            _ => format!(
                "to_jsonb(json_exists({a}, '$.a' {}))",
                self.random.pick(&["", "unknown on error", "true on error"])
            ),
        }
    }

    /// A condition.
    pub(super) fn condition(&mut self, columns: &[Column], depth: usize) -> String {
        let kind = self.random.pick(&[Kind::Int, Kind::Int, Kind::Text, Kind::Bool, Kind::Stamp, Kind::Ints]);
        let a = self.expr(kind, columns, depth.min(1));
        if depth == 0 || !self.spend() {
            return match self.random.below(4) {
                0 => format!("({a} is null)"),
                1 => format!("({a} is not null)"),
                _ => format!("({a} = {})", self.expr(kind, columns, 0)),
            };
        }
        let depth = depth - 1;
        let b = self.expr(kind, columns, 0);
        match self.random.below(38) {
            34 => {
                let operator = self.random.pick(&["=", "<>", "<", ">="]);
                format!("({a} is null or {a} {operator} {b})")
            }
            35 => {
                let operator = self.random.pick(&["=", "<>", "<", ">="]);
                format!("({a} is not null and {a} {operator} {b})")
            }
            36 => {
                let operator = self.random.pick(&["=", "<>", "<", ">="]);
                let (join, test) = (self.random.pick(&["and", "or"]), self.random.pick(&["", "not "]));
                format!("({a} {operator} {b} {join} {b} is {test}null {join} {a} is {test}null)")
            }
            0..3 => format!("({a} is null)"),
            3..6 => format!("({a} is not null)"),
            6 => format!("({a} is distinct from {b})"),
            7 => format!("({a} is not distinct from {b})"),
            8 => format!("({} and {})", self.condition(columns, depth), self.condition(columns, depth)),
            9 | 10 => format!("({} or {})", self.condition(columns, depth), self.condition(columns, depth)),
            11 | 12 => format!("(not {})", self.condition(columns, depth)),
            13 => {
                let test = self.random.pick(&["true", "false", "unknown", "not true", "not false", "not unknown"]);
                format!("({} is {test})", self.condition(columns, depth))
            }
            14 => format!("({a} in ({b}, {}))", self.expr(kind, columns, 0)),
            15 if kind != Kind::Ints => format!("({a} = any (array[{b}]))"),
            16 if kind != Kind::Ints => format!("({a} = any ('{{}}'::{}[]))", kind.name()),
            17 if kind != Kind::Ints => format!("({a} <> all ('{{}}'::{}[]))", kind.name()),
            18 => {
                let not = self.random.pick(&["", "not "]);
                format!("({a} {not}in ({}))", self.query(0, &[kind], columns))
            }
            19 => format!("exists ({})", self.query(0, &[kind], columns)),
            20 => format!("coalesce({}, {})", self.condition(columns, depth), self.random.pick(&["false", "true"])),
            21 => format!("(row({a}, {}) = row({a}, {}))", self.expr(kind, columns, 0), self.expr(kind, columns, 0)),
            22 => format!("(row({a}, {}) < row({}, {a}))", self.expr(kind, columns, 0), self.expr(kind, columns, 0)),
            23 => {
                let operator = self.random.pick(&["= any", "<> all", "< any", "= all"]);
                format!("({a} {operator} ({}))", self.query(0, &[kind], columns))
            }
            24 => format!("({} = any ({}))", self.expr(Kind::Int, columns, 0), self.expr(Kind::Ints, columns, 0)),
            25 => format!("({} <> all ({}))", self.expr(Kind::Int, columns, 0), self.expr(Kind::Ints, columns, 0)),
            26 => format!("(row({a}, {b}) is {}null)", self.random.pick(&["", "not "])),
            27 => format!("({} like {})", self.expr(Kind::Text, columns, 1), self.expr(Kind::Text, columns, 0)),
            28 => format!("({a} between {b} and {})", self.expr(kind, columns, 0)),
            29 => {
                let whole: Vec<_> = columns
                    .iter()
                    .filter_map(|(name, _)| name.split_once('.').map(|(table, _)| table))
                    .filter(|table| table.chars().all(char::is_alphanumeric))
                    .collect();
                match whole.is_empty() {
                    true => format!("({a} = {b})"),
                    false => format!("({} is {}null)", self.random.pick(&whole), self.random.pick(&["", "not "])),
                }
            }
            30 => format!("({} ? 'a')", self.expr(Kind::Json, columns, 0)),
            _ => {
                let operator = self.random.pick(&["=", "<>", "<", ">="]);
                format!("({a} {operator} {b})")
            }
        }
    }
}
