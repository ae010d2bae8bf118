//! Random queries: a grammar that leans towards what makes and removes nulls. Every column is named `c0`, `c1`, ….

use super::Random;
use super::schema::Schema;

/// The types that the grammar knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Text,
    Bool,
}

const KINDS: [Kind; 3] = [Kind::Int, Kind::Text, Kind::Bool];

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Text => "text",
            Self::Bool => "bool",
        }
    }

    pub(crate) fn constant(self, random: &mut Random) -> String {
        match self {
            Self::Int => random.pick(&["0", "1", "2", "(-1)"]),
            Self::Text => random.pick(&["''", "'a'", "'1'"]),
            Self::Bool => random.pick(&["true", "false"]),
        }
        .to_owned()
    }
}

/// A column that an expression can name.
type Column = (String, Kind);

struct Generator<'a> {
    random: &'a mut Random,
    schema: &'a Schema,
    aliases: usize,
    ctes: Vec<(String, Vec<Kind>)>,
}

/// One query.
pub(crate) fn random(random: &mut Random, schema: &Schema) -> String {
    let kinds: Vec<Kind> = (0..1 + random.below(4)).map(|_| random.pick(&KINDS)).collect();
    let depth = 1 + random.below(3);
    let mut generator = Generator { random, schema, aliases: 0, ctes: Vec::new() };
    let mut with = Vec::new();
    if generator.random.chance(20) {
        let kinds: Vec<Kind> = (0..2).map(|_| generator.random.pick(&KINDS)).collect();
        let query = generator.query(depth - 1, &kinds, &[]);
        generator.ctes.push(("w".to_owned(), kinds));
        with.push(format!("w as ({query})"));
    }
    let mut recursive = "";
    if generator.random.chance(15) {
        recursive = " recursive";
        let kinds: Vec<Kind> = (0..2).map(|_| generator.random.pick(&KINDS)).collect();
        let start = generator.query(0, &kinds, &[]);
        let columns: Vec<Column> = kinds.iter().enumerate().map(|(i, kind)| (format!("r.c{i}"), *kind)).collect();
        let mut next: Vec<_> = kinds.iter().map(|kind| generator.expr(*kind, &columns, 1)).collect();
        if generator.random.chance(30) {
            next.reverse();
            if kinds[0] != kinds[1] {
                next.reverse();
            }
        }
        let condition = generator.condition(&columns, 1);
        let all = generator.random.pick(&["union all", "union"]);
        with.push(format!(
            "r (d, c0, c1) as (select 0, q.c0, q.c1 from ({start}) q {all} select r.d + 1, {} from r where r.d < 2 and ({condition} or r.d < 1))",
            next.join(", ")
        ));
        generator.ctes.push(("r".to_owned(), kinds));
    }
    let query = generator.query(depth, &kinds, &[]);
    if with.is_empty() { query } else { format!("with{recursive} {} {query}", with.join(", ")) }
}

fn named(exprs: &[String]) -> String {
    exprs.iter().enumerate().map(|(i, expr)| format!("{expr} as c{i}")).collect::<Vec<_>>().join(", ")
}

impl Generator<'_> {
    fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("x{}", self.aliases)
    }

    /// A query with columns of these kinds; `outer` are columns around it.
    fn query(&mut self, depth: usize, kinds: &[Kind], outer: &[Column]) -> String {
        match self.random.below(100) {
            0..12 if depth > 0 => {
                let operation = self.random.pick(&["union", "union all", "intersect", "except", "except all"]);
                let left = self.query(depth - 1, kinds, outer);
                let right = self.query(depth - 1, kinds, outer);
                format!("({left}) {operation} ({right})")
            }
            12..16 => {
                let rows: Vec<_> = (0..1 + self.random.below(2))
                    .map(|_| {
                        let row: Vec<_> = kinds.iter().map(|kind| self.expr(*kind, outer, 1)).collect();
                        format!("({})", row.join(", "))
                    })
                    .collect();
                let names: Vec<_> = (0..kinds.len()).map(|i| format!("c{i}")).collect();
                let alias = self.alias();
                format!("select {alias}.* from (values {}) {alias} ({})", rows.join(", "), names.join(", "))
            }
            16..20 => {
                let exprs: Vec<_> = kinds.iter().map(|kind| self.expr(*kind, outer, depth)).collect();
                format!("select {}", named(&exprs))
            }
            20..45 => self.grouped(depth, kinds, outer),
            45..57 => self.windowed(depth, kinds, outer),
            _ => self.plain(depth, kinds, outer),
        }
    }

    fn plain(&mut self, depth: usize, kinds: &[Kind], outer: &[Column]) -> String {
        let (from, own) = self.from(depth);
        let mut columns = own.clone();
        columns.extend_from_slice(outer);
        let mut exprs: Vec<_> = kinds.iter().map(|kind| self.expr(*kind, &columns, depth)).collect();
        if self.random.chance(12) {
            for (expr, kind) in exprs.iter_mut().zip(kinds) {
                if *kind == Kind::Int && self.random.chance(60) {
                    *expr = self
                        .random
                        .pick(&[
                            "generate_series(1, 2)",
                            "generate_series(1, 1)",
                            "unnest(array[1, 2])",
                            "unnest(array[null, 1])",
                        ])
                        .to_owned();
                }
            }
        }
        let filter = self.filter(&columns);
        let distinct = if self.random.chance(8) { "distinct " } else { "" };
        let limit = if self.random.chance(6) { self.random.pick(&[" limit 1", " limit 0", " offset 1"]) } else { "" };
        format!("select {distinct}{} from {from}{filter}{limit}", named(&exprs))
    }

    fn filter(&mut self, columns: &[Column]) -> String {
        if self.random.chance(55) {
            let condition = self.condition(columns, 2);
            format!(" where {condition}")
        } else {
            String::new()
        }
    }

    fn grouped(&mut self, depth: usize, kinds: &[Kind], outer: &[Column]) -> String {
        let (from, own) = self.from(depth);
        let filter = self.filter(&own);
        let keys: Vec<Column> = (0..self.random.below(3))
            .map(|_| {
                if self.random.chance(80) {
                    self.random.pick(&own)
                } else {
                    let kind = self.random.pick(&KINDS);
                    let expr = self.expr(kind, &own, 1);
                    if expr.starts_with('(') || expr.contains("x") { (expr, kind) } else { self.random.pick(&own) }
                }
            })
            .collect();
        let list: Vec<_> = keys.iter().map(|(expr, _)| expr.clone()).collect();
        let group = match (keys.len(), self.random.below(10)) {
            (0, 0..6) => String::new(),
            (0, _) => " group by ()".to_owned(),
            (_, 0) => format!(" group by rollup ({})", list.join(", ")),
            (_, 1) => format!(" group by cube ({})", list.join(", ")),
            (2, 2) => format!(" group by grouping sets (({}), ({}))", list.join(", "), list[0]),
            (2, 3) => format!(" group by {}, grouping sets (({}), ())", list[0], list[1]),
            (_, 4) => format!(" group by grouping sets (({}))", list.join(", ")),
            _ => format!(" group by {}", list.join(", ")),
        };
        let exprs: Vec<_> = kinds
            .iter()
            .map(|kind| {
                let of_kind: Vec<_> = keys.iter().filter(|(_, key)| key == kind).cloned().collect();
                match self.random.below(10) {
                    0..3 if !of_kind.is_empty() => self.random.pick(&of_kind).0,
                    3 if keys.iter().all(|(expr, _)| !expr.contains(' ')) => self.expr(*kind, &keys, 1),
                    _ => self.aggregate(*kind, &own),
                }
            })
            .collect();
        let having = if self.random.chance(25) {
            let kind = self.random.pick(&KINDS);
            let aggregate = self.aggregate(kind, &own);
            let mut columns = keys.clone();
            columns.push((aggregate, kind));
            format!(" having {}", self.condition(&columns, 1))
        } else {
            String::new()
        };
        let _ = outer;
        format!("select {} from {from}{filter}{group}{having}", named(&exprs))
    }

    fn aggregate(&mut self, kind: Kind, columns: &[Column]) -> String {
        let filter = if self.random.chance(10) {
            format!(" filter (where {})", self.condition(columns, 1))
        } else {
            String::new()
        };
        match kind {
            Kind::Int => match self.random.below(9) {
                0 => format!("count(*){filter}::int"),
                1 => format!("count({}){filter}::int", self.expr(Kind::Int, columns, 1)),
                2 => format!("stddev({}){filter}::int", self.expr(Kind::Int, columns, 1)),
                3 => format!("cardinality(array_agg({}){filter})", self.expr(Kind::Int, columns, 1)),
                4 => {
                    format!("percentile_disc(0.5) within group (order by {}){filter}", self.expr(Kind::Int, columns, 1))
                }
                5 => format!("jsonb_array_length(jsonb_agg({}){filter})", self.expr(Kind::Int, columns, 1)),
                _ => {
                    let name = self.random.pick(&["min", "max", "bit_or", "mode"]);
                    let arg = self.expr(Kind::Int, columns, 1);
                    match name {
                        "mode" => format!("mode() within group (order by {arg}){filter}"),
                        name => format!("{name}({arg}){filter}"),
                    }
                }
            },
            Kind::Text => match self.random.below(3) {
                0 => format!("string_agg({}, ','){filter}", self.expr(Kind::Text, columns, 1)),
                1 => format!("max({}){filter}", self.expr(Kind::Text, columns, 1)),
                _ => format!("json_agg({}){filter}::text", self.expr(Kind::Text, columns, 1)),
            },
            Kind::Bool => {
                let name = self.random.pick(&["bool_and", "bool_or", "every"]);
                format!("{name}({}){filter}", self.expr(Kind::Bool, columns, 1))
            }
        }
    }

    fn windowed(&mut self, depth: usize, kinds: &[Kind], outer: &[Column]) -> String {
        let (from, own) = self.from(depth);
        let filter = self.filter(&own);
        let exprs: Vec<_> = kinds
            .iter()
            .map(|kind| {
                if self.random.chance(30) {
                    return self.expr(*kind, &own, 1);
                }
                let arg = self.expr(*kind, &own, 1);
                let order = self.expr(Kind::Int, &own, 0);
                let partition = if self.random.chance(40) {
                    format!("partition by {} ", self.random.pick(&own).0)
                } else {
                    String::new()
                };
                let frame = self.random.pick(&[
                    "",
                    "",
                    "rows between unbounded preceding and current row",
                    "rows between 1 preceding and 1 preceding",
                    "rows between 1 preceding and current row exclude current row",
                    "rows between 1 following and unbounded following",
                    "range between unbounded preceding and unbounded following",
                    "groups between current row and 1 following",
                    "range between 1 preceding and 1 following",
                    "range between 2 preceding and 1 preceding",
                ]);
                let over = format!("over ({partition}order by {order}, 1 {frame})").replace(
                    ", 1 ",
                    if frame.starts_with("range between 1") || frame.starts_with("range between 2") {
                        " "
                    } else {
                        ", 1 "
                    },
                );
                let filter = if self.random.chance(15) { "filter (where false) " } else { "" };
                let default = self.expr(*kind, &own, 0);
                let call = match self.random.below(8) {
                    0 => format!("lag({arg}) {over}"),
                    1 => format!("lead({arg}, 1, {default}) {over}"),
                    2 => format!("first_value({arg}) {over}"),
                    3 => format!("last_value({arg}) {over}"),
                    4 => format!("nth_value({arg}, 1) {over}"),
                    5 if *kind == Kind::Int => format!("row_number() {over}::int"),
                    6 if *kind == Kind::Int => format!("ntile({arg}) {over}"),
                    7 if *kind == Kind::Int => format!("count({arg}) {filter}{over}::int"),
                    _ if *kind == Kind::Bool => format!("bool_or({arg}) {filter}{over}"),
                    _ => format!("max({arg}) {filter}{over}"),
                };
                if self.random.chance(20) {
                    let condition = self.condition(&own, 1);
                    format!("case when {condition} then {call} else {} end", kind.constant(self.random))
                } else {
                    call
                }
            })
            .collect();
        let _ = outer;
        format!("select {} from {from}{filter}", named(&exprs))
    }

    /// FROM, and the columns that it gives.
    fn from(&mut self, depth: usize) -> (String, Vec<Column>) {
        let (mut text, mut columns) = self.joined(depth, 3);
        if self.random.chance(10) {
            let alias = self.alias();
            let kinds = [self.random.pick(&KINDS)];
            let query = self.query(depth.saturating_sub(1), &kinds, &columns);
            if self.random.chance(50) {
                text = format!("{text} left join lateral ({query}) {alias} on true");
            } else {
                text = format!("{text} cross join lateral ({query}) {alias}");
            }
            columns.push((format!("{alias}.c0"), kinds[0]));
        }
        (text, columns)
    }

    fn joined(&mut self, depth: usize, joins: usize) -> (String, Vec<Column>) {
        if joins == 0 || self.random.chance(30) {
            return self.item(depth);
        }
        let (left, left_columns) = self.joined(depth, joins - 1);
        let (right, right_columns) = self.joined(depth, joins - 1);
        let mut columns = left_columns.clone();
        columns.extend(right_columns.clone());
        let kind = self.random.pick(&["left", "left", "left", "right", "full", "inner"]);
        let merge = |columns: &[Column]| columns.iter().filter(|(name, _)| name.ends_with(".k")).count() == 1;
        if self.random.chance(25) && merge(&left_columns) && merge(&right_columns) {
            let alias = self.alias();
            columns.push((format!("{alias}.k"), Kind::Int));
            // Qualified columns of both sides stay reachable; an alias of the join would hide them.
            let text = format!("({left} {kind} join {right} using (k) as {alias})");
            columns.retain(|(name, _)| !name.ends_with(".k") || name.starts_with(&format!("{alias}.")));
            return (text, columns);
        }
        let condition = if kind == "full" {
            // Only conditions that can be merged or hashed are possible.
            let ints =
                |columns: &[Column]| columns.iter().find(|(_, kind)| *kind == Kind::Int).map(|(name, _)| name.clone());
            match (ints(&left_columns), ints(&right_columns)) {
                (Some(left), Some(right)) => format!("{left} = {right}"),
                _ => "true".to_owned(),
            }
        } else {
            self.condition(&columns, 1)
        };
        (format!("({left} {kind} join {right} on {condition})"), columns)
    }

    fn item(&mut self, depth: usize) -> (String, Vec<Column>) {
        let alias = self.alias();
        match self.random.below(20) {
            0..3 if depth > 0 => {
                let kinds: Vec<Kind> = (0..2).map(|_| self.random.pick(&KINDS)).collect();
                let query = self.query(depth - 1, &kinds, &[]);
                let columns = kinds.iter().enumerate().map(|(i, kind)| (format!("{alias}.c{i}"), *kind)).collect();
                (format!("({query}) {alias}"), columns)
            }
            3 => {
                let call = self.random.pick(&[
                    "generate_series(1, 2)",
                    "generate_series(1, 0)",
                    "unnest(array[1, null])",
                    "rows from (generate_series(1, 2), generate_series(1, 1))",
                ]);
                (format!("{call} with ordinality {alias} (f)"), vec![(format!("{alias}.f"), Kind::Int)])
            }
            4..7 if !self.ctes.is_empty() => {
                let (name, kinds) = self.random.pick(&self.ctes.clone());
                let columns = kinds.iter().enumerate().map(|(i, kind)| (format!("{alias}.c{i}"), *kind)).collect();
                (format!("{name} {alias}"), columns)
            }
            _ => {
                let table = self.random.pick(&self.schema.tables);
                let only = if self.random.chance(10) && table.name != "parted" { "only " } else { "" };
                let columns = table.columns.iter().map(|(name, kind)| (format!("{alias}.{name}"), *kind)).collect();
                (format!("{only}{} {alias}", table.name), columns)
            }
        }
    }

    fn column(&mut self, kind: Kind, columns: &[Column]) -> Option<String> {
        let of_kind: Vec<_> = columns.iter().filter(|(_, other)| *other == kind).collect();
        (!of_kind.is_empty()).then(|| of_kind[self.random.below(of_kind.len())].0.clone())
    }

    fn expr(&mut self, kind: Kind, columns: &[Column], depth: usize) -> String {
        if depth == 0 || self.random.chance(35) {
            if let Some(column) = self.column(kind, columns).filter(|_| self.random.chance(85)) {
                return column;
            }
            return if self.random.chance(20) { format!("null::{}", kind.name()) } else { kind.constant(self.random) };
        }
        let depth = depth - 1;
        match self.random.below(14) {
            0 | 1 => {
                let (a, b) = (self.expr(kind, columns, depth), self.expr(kind, columns, depth));
                format!("coalesce({a}, {b})")
            }
            2 => {
                let (a, b) = (self.expr(kind, columns, depth), self.expr(kind, columns, depth));
                format!("nullif({a}, {b})")
            }
            3..6 => self.case(kind, columns, depth),
            6 => {
                let (a, b) = (self.expr(kind, columns, depth), self.expr(kind, columns, depth));
                let name = self.random.pick(&["greatest", "least"]);
                format!("{name}({a}, {b})")
            }
            7 | 8 => {
                let query = self.query(depth.min(1), &[kind], columns);
                if query.contains(" limit ") || query.contains(" offset ") || query.starts_with('(') {
                    format!("(select s.c0 from ({query}) s limit 1)")
                } else if self.random.chance(50) && (query.contains("count(") || query.contains("max(")) {
                    format!("({query} limit 1)")
                } else {
                    format!("(select min(s.c0::text) from ({query}) s)::{}", kind.name())
                }
            }
            _ => self.call(kind, columns, depth),
        }
    }

    fn case(&mut self, kind: Kind, columns: &[Column], depth: usize) -> String {
        let (a, b) = (self.expr(kind, columns, depth), self.expr(kind, columns, depth));
        match self.random.below(4) {
            0 => {
                let condition = self.condition(columns, 1);
                format!("case when {condition} then {a} end")
            }
            1 => {
                let tested = self.random.pick(&KINDS);
                let value = self.expr(tested, columns, 0);
                let constant = self.expr(tested, columns, 0);
                format!("case {value} when {constant} then {a} else {b} end")
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
        let b = self.expr(kind, columns, depth);
        match kind {
            Kind::Int => match self.random.below(8) {
                0 | 1 => format!("({a} + {b})"),
                2 => format!("length({})", self.expr(Kind::Text, columns, depth)),
                3 => format!("(array[{a}, {b}])[1]"),
                4 => format!("array_length(array[{a}], 1)"),
                5 => format!("num_nulls({a}, {b})"),
                6 => format!("cardinality(array_append(null::int[], {a}))"),
                _ => format!("({a} - {b})::numeric::int"),
            },
            Kind::Text => match self.random.below(8) {
                0 | 1 => format!("({a} || {b})"),
                2 => format!("upper({a})"),
                3 => format!("concat({a}, {b})"),
                4 => format!("{}::text", self.expr(Kind::Int, columns, depth)),
                5 => format!("substring({a} from {b})"),
                6 => format!("concat_ws({a}, {b})"),
                _ => format!("array_to_string(array[{a}], ',')"),
            },
            Kind::Bool => self.condition(columns, depth),
        }
    }

    fn condition(&mut self, columns: &[Column], depth: usize) -> String {
        let kind = self.random.pick(&KINDS);
        let a = self.expr(kind, columns, depth.min(1));
        if depth == 0 {
            return match self.random.below(4) {
                0 => format!("({a} is null)"),
                1 => format!("({a} is not null)"),
                _ => format!("({a} = {})", self.expr(kind, columns, 0)),
            };
        }
        let depth = depth - 1;
        match self.random.below(24) {
            0..3 => format!("({a} is null)"),
            3..6 => format!("({a} is not null)"),
            6 => format!("({a} is distinct from {})", self.expr(kind, columns, 0)),
            7 => format!("({a} is not distinct from {})", self.expr(kind, columns, 0)),
            8 => format!("({} and {})", self.condition(columns, depth), self.condition(columns, depth)),
            9 => format!("({} or {})", self.condition(columns, depth), self.condition(columns, depth)),
            10 | 11 => format!("(not {})", self.condition(columns, depth)),
            12 => {
                let test = self.random.pick(&["true", "false", "unknown", "not true", "not false", "not unknown"]);
                format!("({} is {test})", self.condition(columns, depth))
            }
            13 => format!("({a} in ({}, {}))", self.expr(kind, columns, 0), self.expr(kind, columns, 0)),
            14 => format!("({a} = any (array[{}]))", self.expr(kind, columns, 0)),
            15 => format!("({a} = any ('{{}}'::{}[]))", kind.name()),
            16 => format!("({a} <> all ('{{}}'::{}[]))", kind.name()),
            17 => {
                let not = self.random.pick(&["", "not "]);
                let query = self.query(0, &[kind], columns);
                format!("({a} {not}in ({query}))")
            }
            18 => format!("exists ({})", self.query(0, &[kind], columns)),
            19 => format!("coalesce({}, false)", self.condition(columns, depth)),
            20 => format!("(row({a}, {}) = row({a}, {}))", self.expr(kind, columns, 0), self.expr(kind, columns, 0)),
            21 => format!("(row({a}, {}) < row({}, {a}))", self.expr(kind, columns, 0), self.expr(kind, columns, 0)),
            _ => {
                let operator = self.random.pick(&["=", "<>", "<", ">="]);
                format!("({a} {operator} {})", self.expr(kind, columns, 0))
            }
        }
    }
}
