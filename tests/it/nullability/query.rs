//! Random queries, level by level. Every column is named `c0`, `c1`, ….

use super::Random;
use super::schema::Schema;

/// The types that the grammar knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Text,
    Bool,
    Stamp,
    Ints,
    Json,
}

impl Kind {
    /// Each as often as it is to be met.
    pub(crate) const ALL: [Self; 12] = [
        Self::Int,
        Self::Int,
        Self::Int,
        Self::Int,
        Self::Text,
        Self::Text,
        Self::Text,
        Self::Bool,
        Self::Bool,
        Self::Stamp,
        Self::Ints,
        Self::Json,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Text => "text",
            Self::Bool => "bool",
            Self::Stamp => "timestamp",
            Self::Ints => "int[]",
            Self::Json => "jsonb",
        }
    }

    pub(crate) fn constant(self, random: &mut Random) -> String {
        match self {
            Self::Int => random.pick(&["0", "1", "2", "(-1)"]),
            Self::Text => random.pick(&["''", "'a'", "'1'"]),
            Self::Bool => random.pick(&["true", "false"]),
            Self::Stamp => {
                random.pick(&["timestamp '2024-02-29'", "timestamp 'infinity'", "timestamp '2001-01-01 12:00'"])
            }
            Self::Ints => random.pick(&["'{}'::int[]", "'{1}'::int[]", "'{1,NULL}'::int[]", "array[1, 2]"]),
            Self::Json => random.pick(&[
                "'null'::jsonb",
                "'{}'::jsonb",
                r#"'{"a": 1, "b": null}'::jsonb"#,
                r#"'{"a": null}'::jsonb"#,
                r#"'[1, null, {"a": [true]}]'::jsonb"#,
            ]),
        }
        .to_owned()
    }
}

/// A column that an expression can name.
pub(crate) type Column = (String, Kind);

/// What the grammar has at hand.
pub(crate) struct Generator<'a> {
    pub(super) random: &'a mut Random,
    pub(super) schema: &'a Schema,
    pub(super) major: u32,
    pub(super) aliases: usize,
    /// How many more parts the query may get; then everything is as short as can be.
    pub(super) budget: usize,
    pub(super) ctes: Vec<(String, Vec<Kind>)>,
}

/// One query, with the kinds of its columns.
pub(crate) fn random(random: &mut Random, schema: &Schema, major: u32) -> (String, Vec<Kind>) {
    let kinds: Vec<Kind> = (0..3 + random.below(5)).map(|_| random.pick(&Kind::ALL)).collect();
    let depth = random.pick(&[1, 1, 2, 2, 3]);
    let budget = random.pick(&[12, 18, 24, 36, 50]);
    let mut generator = Generator { random, schema, major, aliases: 0, budget, ctes: Vec::new() };
    let with = generator.with(depth);
    let query = generator.query(depth, &kinds, &[]);
    (format!("{with}{query}"), kinds)
}

/// `expr as c0, …`.
pub(super) fn named(exprs: &[String]) -> String {
    exprs.iter().enumerate().map(|(i, expr)| format!("{expr} as c{i}")).collect::<Vec<_>>().join(", ")
}

/// Columns without the computed ones: an aggregate of an outer query may not stand in most places of an inner one.
fn nameable(columns: &[Column]) -> Vec<Column> {
    columns.iter().filter(|(name, _)| !name.contains('(')).cloned().collect()
}

impl Generator<'_> {
    /// Whether there may be one more part.
    pub(super) fn spend(&mut self) -> bool {
        self.budget = self.budget.saturating_sub(1);
        self.budget > 0
    }

    pub(super) fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("x{}", self.aliases)
    }

    pub(super) fn kinds(&mut self, count: usize) -> Vec<Kind> {
        (0..count).map(|_| self.random.pick(&Kind::ALL)).collect()
    }

    /// WITH, and what it names.
    fn with(&mut self, depth: usize) -> String {
        let mut with = Vec::new();
        if self.random.chance(20) {
            let kinds = self.kinds(2);
            let query = self.query(depth - 1, &kinds, &[]);
            self.ctes.push(("w".to_owned(), kinds));
            with.push(format!("w as {}({query})", self.random.pick(&["", "materialized ", "not materialized "])));
        }
        let recursive = self.random.chance(15);
        if recursive {
            with.push(self.recursive());
        }
        match with[..] {
            [] => String::new(),
            _ => format!("with {}{} ", if recursive { "recursive " } else { "" }, with.join(", ")),
        }
    }

    fn recursive(&mut self) -> String {
        let kinds: Vec<Kind> = (0..2).map(|_| self.random.pick(&[Kind::Int, Kind::Text, Kind::Bool])).collect();
        let start = self.query(0, &kinds, &[]);
        let columns: Vec<Column> = kinds.iter().enumerate().map(|(i, kind)| (format!("r.c{i}"), *kind)).collect();
        let mut next: Vec<_> = kinds.iter().map(|kind| self.expr(*kind, &columns, 1)).collect();
        if kinds[0] == kinds[1] && self.random.chance(30) {
            next.reverse();
        }
        let condition = self.condition(&columns, 1);
        let all = self.random.pick(&["union all", "union"]);
        let clause = self.random.pick(&[
            "",
            "",
            "",
            " search depth first by d set o",
            " cycle c0 set c2 using p",
            " cycle c0 set c2 to true default null using p",
        ]);
        let mut named = kinds;
        if clause.contains("c2") {
            named.push(Kind::Bool);
        }
        self.ctes.push(("r".to_owned(), named));
        format!(
            "r (d, c0, c1) as (select 0, q.c0, q.c1 from ({start}) q {all} select r.d + 1, {} from r where r.d < 2 and ({condition} or r.d < 1)){clause}",
            next.join(", ")
        )
    }

    /// A query with columns of these kinds; `outer` are columns around it.
    pub(super) fn query(&mut self, depth: usize, kinds: &[Kind], outer: &[Column]) -> String {
        let outer = &nameable(outer);
        if !self.spend() {
            return self.plain(0, kinds, outer);
        }
        match self.random.below(100) {
            0..12 if depth > 0 => {
                let operation =
                    self.random.pick(&["union", "union all", "intersect", "intersect all", "except", "except all"]);
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
            20..42 => self.grouped(depth, kinds, outer),
            42..47 => self.ungrouped(depth, kinds, outer),
            47..58 => self.windowed(depth, kinds, outer),
            _ => self.plain(depth, kinds, outer),
        }
    }

    fn plain(&mut self, depth: usize, kinds: &[Kind], outer: &[Column]) -> String {
        let (from, own) = self.from(depth, outer);
        let mut columns = own.clone();
        columns.extend_from_slice(outer);
        let mut exprs: Vec<_> = kinds.iter().map(|kind| self.expr(*kind, &columns, depth)).collect();
        if self.random.chance(15) {
            for (expr, kind) in exprs.iter_mut().zip(kinds) {
                if self.random.chance(60) {
                    *expr = self.set(*kind, &columns);
                }
            }
        }
        let filter = self.filter(&columns);
        let distinct = match self.random.below(16) {
            0 => "distinct ".to_owned(),
            1 => format!("distinct on (({}) + 1) ", self.expr(Kind::Int, &columns, 1)),
            _ => String::new(),
        };
        let limit = match self.random.below(24) {
            0 => " limit 1",
            1 => " limit 0",
            2 => " offset 1",
            3 => " order by 1 fetch first 1 rows with ties",
            _ => "",
        };
        format!("select {distinct}{} from {from}{filter}{limit}", named(&exprs))
    }

    /// A set-returning function for the target list.
    fn set(&mut self, kind: Kind, columns: &[Column]) -> String {
        let ints = self.expr(Kind::Ints, columns, 1);
        let int = self.expr(Kind::Int, columns, 0);
        match kind {
            Kind::Int => match self.random.below(7) {
                0 => "generate_series(1, 2)".to_owned(),
                1 => format!("generate_series({int}, 1)"),
                2 => format!("unnest({ints})"),
                3 => format!("unnest(array[{int}, 2])"),
                4 => format!("(generate_series(1, 3) + {int})"),
                5 => format!("coalesce({int}, 0) + generate_subscripts({ints}, 1)"),
                _ => "unnest(array[1, 2])".to_owned(),
            },
            Kind::Text => match self.random.below(3) {
                0 => format!("string_to_table({}, ',')", self.expr(Kind::Text, columns, 0)),
                1 => format!("(regexp_matches({}, 'a', 'g'))[1]", self.expr(Kind::Text, columns, 0)),
                _ => format!("regexp_split_to_table({}, 'a')", self.expr(Kind::Text, columns, 0)),
            },
            Kind::Json => format!("jsonb_path_query({}, '$.*')", self.expr(Kind::Json, columns, 0)),
            Kind::Bool => format!("(generate_series(1, 2) = {int})"),
            kind => self.expr(kind, columns, 1),
        }
    }

    pub(super) fn filter(&mut self, columns: &[Column]) -> String {
        if self.random.chance(45) {
            let condition = self.condition(columns, 2);
            format!(" where {condition}")
        } else {
            String::new()
        }
    }

    /// Aggregates over everything: one row, also of none.
    pub(super) fn ungrouped(&mut self, depth: usize, kinds: &[Kind], outer: &[Column]) -> String {
        let outer = &nameable(outer);
        let (from, own) = self.from(depth.min(1), outer);
        let mut inside = own;
        inside.extend_from_slice(outer);
        let filter = self.filter(&inside);
        let mut exprs = Vec::new();
        for kind in kinds {
            let mut columns = outer.to_vec();
            columns.push((self.aggregate(*kind, &inside), *kind));
            let other = self.random.pick(&Kind::ALL);
            columns.push((self.aggregate(other, &inside), other));
            exprs.push(if self.random.chance(40) {
                columns[outer.len()].0.clone()
            } else {
                self.expr(*kind, &columns, 2)
            });
        }
        if exprs.iter().all(|expr| !expr.contains('(')) {
            return format!("select {} from {from}{filter} having true", named(&exprs));
        }
        let having =
            if self.random.chance(15) { format!(" having {}", self.condition(outer, 0)) } else { String::new() };
        format!("select {} from {from}{filter}{having}", named(&exprs))
    }

    fn grouped(&mut self, depth: usize, kinds: &[Kind], outer: &[Column]) -> String {
        let (from, own) = self.from(depth, outer);
        let mut inside = own.clone();
        inside.extend_from_slice(outer);
        let filter = self.filter(&inside);
        let keys: Vec<Column> = (0..self.random.below(3))
            .map(|_| {
                if self.random.chance(75) {
                    return self.random.pick(&own);
                }
                let kind = self.random.pick(&Kind::ALL);
                let expr = self.expr(kind, &own, 1);
                // A bare constant would be the number of a column.
                if expr.contains('.') && !expr.contains("select") { (expr, kind) } else { self.random.pick(&own) }
            })
            .collect();
        let list: Vec<_> = keys.iter().map(|(expr, _)| expr.clone()).collect();
        let group = match (keys.len(), self.random.below(12)) {
            (0, 0..6) => String::new(),
            (0, _) => " group by ()".to_owned(),
            (_, 0) => format!(" group by rollup ({})", list.join(", ")),
            (_, 1) => format!(" group by cube ({})", list.join(", ")),
            (2, 2) => format!(" group by grouping sets (({}), ({}))", list.join(", "), list[0]),
            (2, 3) => format!(" group by {}, grouping sets (({}), ())", list[0], list[1]),
            (2, 4) => format!(" group by grouping sets (({}), ({}))", list[0], list[1]),
            (_, 5) => format!(" group by grouping sets (({}))", list.join(", ")),
            (_, 6) => format!(" group by distinct rollup ({}), rollup ({})", list[0], list.join(", ")),
            _ => format!(" group by {}", list.join(", ")),
        };
        let mut usable = keys.clone();
        usable.extend_from_slice(outer);
        // All columns of a table follow from its primary key.
        let key_of = |name: &str| name.strip_suffix(".k").map(str::to_owned);
        if let Some(table) = keys.iter().find_map(|(expr, _)| key_of(expr)).filter(|_| self.random.chance(30)) {
            usable.extend(own.iter().filter(|(name, _)| name.starts_with(&format!("{table}."))).cloned());
        }
        let exprs: Vec<_> = kinds
            .iter()
            .map(|kind| {
                let of_kind: Vec<_> = usable.iter().filter(|(_, key)| key == kind).cloned().collect();
                match self.random.below(12) {
                    0..3 if !of_kind.is_empty() => self.random.pick(&of_kind).0,
                    3 | 4 => self.expr(*kind, &usable, 1),
                    5 | 6 => {
                        let mut columns = usable.clone();
                        columns.push((self.aggregate(*kind, &inside), *kind));
                        self.expr(*kind, &columns, 2)
                    }
                    7 if *kind == Kind::Int && !list.is_empty() => format!("grouping({})", list[0]),
                    8 if *kind == Kind::Int => {
                        format!("(sum({}) over (order by count(*)))::int", self.aggregate(Kind::Int, &inside))
                    }
                    _ => self.aggregate(*kind, &inside),
                }
            })
            .collect();
        let having = if self.random.chance(25) {
            let kind = self.random.pick(&Kind::ALL);
            let mut columns = usable.clone();
            columns.push((self.aggregate(kind, &inside), kind));
            format!(" having {}", self.condition(&columns, 1))
        } else {
            String::new()
        };
        if group.is_empty() && having.is_empty() {
            return format!("select {} from {from}{filter} having true", named(&exprs));
        }
        format!("select {} from {from}{filter}{group}{having}", named(&exprs))
    }

    pub(super) fn aggregate(&mut self, kind: Kind, columns: &[Column]) -> String {
        let filter = if self.random.chance(10) {
            format!(" filter (where {})", self.condition(columns, 1))
        } else {
            String::new()
        };
        let arg = self.expr(kind, columns, 1);
        if self.random.chance(15) {
            return self.guarded(kind, &arg, &filter, columns);
        }
        match kind {
            Kind::Int => match self.random.below(14) {
                0 => format!("count(*){filter}::int"),
                1 => format!("count({arg}){filter}::int"),
                2 => format!(
                    "{}({arg}){filter}::int",
                    self.random.pick(&["stddev", "var_samp", "var_pop", "avg", "sum"])
                ),
                3 => format!("cardinality(array_agg({arg}){filter})"),
                4 => format!("percentile_disc(0.5) within group (order by {arg}){filter}"),
                5 => format!("jsonb_array_length(jsonb_agg({arg}){filter})"),
                6 => {
                    let name = self.random.pick(&["regr_count", "corr", "covar_pop", "regr_avgx", "regr_slope"]);
                    format!("round({name}({arg}, {}){filter})::int", self.expr(Kind::Int, columns, 0))
                }
                7 => format!("mode() within group (order by {arg}){filter}"),
                8 => format!("rank({}) within group (order by {arg}){filter}::int", self.expr(Kind::Int, &[], 0)),
                9 => format!("lower(range_agg(int4range({arg}, null)){filter})"),
                _ => format!("{}({arg}){filter}", self.random.pick(&["min", "max", "bit_or", "bit_and"])),
            },
            Kind::Text => match self.random.below(6) {
                0 => format!("string_agg({arg}, ','){filter}"),
                1 => format!("string_agg({arg}, {}){filter}", self.expr(Kind::Text, columns, 0)),
                2 => format!("json_agg({arg}){filter}::text"),
                3 => format!("string_agg(distinct {arg}, ','){filter}"),
                4 => format!("json_object_agg('a', {arg}){filter}::text"),
                _ => format!("max({arg}){filter}"),
            },
            Kind::Bool => format!("{}({arg}){filter}", self.random.pick(&["bool_and", "bool_or", "every"])),
            Kind::Stamp => format!("{}({arg}){filter}", self.random.pick(&["min", "max"])),
            Kind::Ints => match self.random.below(3) {
                0 => format!("max({arg}){filter}"),
                1 => format!(
                    "percentile_disc(array[0.5, 1]) within group (order by {}){filter}",
                    self.expr(Kind::Int, columns, 1)
                ),
                _ => format!("array_agg({}){filter}", self.expr(Kind::Int, columns, 1)),
            },
            Kind::Json => match self.random.below(if self.major >= 16 { 5 } else { 2 }) {
                0 => format!("jsonb_agg({arg}){filter}"),
                1 => format!("jsonb_object_agg('a', {arg}){filter}"),
                2 => {
                    format!("json_arrayagg({arg} {} returning jsonb){filter}", self.random.pick(&["", "null on null"]))
                }
                3 => format!(
                    "json_objectagg('k': {arg} {} returning jsonb){filter}",
                    self.random.pick(&["", "absent on null"])
                ),
                _ => format!("to_jsonb(any_value({arg}){filter})"),
            },
        }
    }

    /// An aggregate behind a count of what it gathers, or of something near.
    fn guarded(&mut self, kind: Kind, arg: &str, filter: &str, columns: &[Column]) -> String {
        let counted = match self.random.below(5) {
            0 | 1 => "*".to_owned(),
            2 => arg.to_owned(),
            3 => format!("distinct {arg}"),
            _ => self.expr(kind, columns, 0),
        };
        let filter_of_count = match self.random.below(4) {
            0 => format!(" filter (where {})", self.condition(columns, 1)),
            1 => String::new(),
            _ => filter.to_owned(),
        };
        let count = format!("count({counted}){filter_of_count}");
        let aggregate = match kind {
            Kind::Int => format!("{}({arg}){filter}", self.random.pick(&["min", "max", "bit_or"])),
            Kind::Text => {
                format!("{}{filter}", self.random.pick(&[format!("string_agg({arg}, ',')"), format!("max({arg})")]))
            }
            Kind::Bool => format!("bool_and({arg}){filter}"),
            Kind::Stamp | Kind::Ints => format!("max({arg}){filter}"),
            Kind::Json => format!("jsonb_agg({arg}){filter}"),
        };
        let other = kind.constant(self.random);
        match self.random.below(8) {
            0 => format!("case when {count} > 0 then {aggregate} else {other} end"),
            1 => format!("case when {count} = 0 then {other} else {aggregate} end"),
            2 => format!("case when 0 < {count} then {aggregate} else {other} end"),
            3 => format!("case when {count} >= 1 then {aggregate} else {other} end"),
            4 => format!("case when {count} <> 0 then {aggregate} else {other} end"),
            5 => format!("case when {count} < 1 then {other} else {aggregate} end"),
            6 => format!("case when {count} >= 0 then {aggregate} else {other} end"),
            _ => format!("case when {count} > 0 or {} then {aggregate} else {other} end", self.condition(&[], 0)),
        }
    }

    fn windowed(&mut self, depth: usize, kinds: &[Kind], outer: &[Column]) -> String {
        let (from, own) = self.from(depth, outer);
        let mut columns = own;
        columns.extend_from_slice(outer);
        let filter = self.filter(&columns);
        let exprs: Vec<_> = kinds
            .iter()
            .map(|kind| {
                if self.random.chance(30) {
                    return self.expr(*kind, &columns, 1);
                }
                let call = self.window(*kind, &columns);
                if self.random.chance(20) {
                    let condition = self.condition(&columns, 1);
                    format!("case when {condition} then {call} else {} end", kind.constant(self.random))
                } else {
                    call
                }
            })
            .collect();
        let named_window =
            self.random.pick(&["order by 1", "partition by 1 order by 2", "order by 1 rows current row"]);
        format!("select {} from {from}{filter} window nw as ({named_window})", named(&exprs))
    }

    fn window(&mut self, kind: Kind, columns: &[Column]) -> String {
        let arg = self.expr(kind, columns, 1);
        let partition = if self.random.chance(40) {
            format!("partition by {} ", self.expr(Kind::Int, columns, 0))
        } else {
            String::new()
        };
        // Only one key can be counted from.
        let (frame, keys) = self.random.pick(&[
            ("", 2),
            ("", 2),
            ("rows between unbounded preceding and current row", 2),
            ("rows between 1 preceding and 1 preceding", 2),
            ("rows between 1 preceding and current row exclude current row", 2),
            ("rows between current row and 1 following exclude group", 2),
            ("rows between unbounded preceding and unbounded following exclude ties", 2),
            ("rows between unbounded preceding and unbounded following exclude no others", 2),
            ("rows between 1 following and unbounded following", 2),
            ("rows between 0 preceding and 0 following", 2),
            ("rows unbounded preceding", 2),
            ("rows 1 preceding", 2),
            ("range between unbounded preceding and unbounded following", 2),
            ("range current row", 2),
            ("groups between current row and 1 following", 2),
            ("groups between 1 preceding and 1 preceding", 2),
            ("range between 1 preceding and 1 following", 1),
            ("range between 2 preceding and 1 preceding", 1),
            ("range between 1 following and unbounded following", 1),
        ]);
        let order = self.expr(Kind::Int, columns, 0);
        let order = if keys == 1 { order } else { format!("{order}, 1") };
        let over = match self.random.below(8) {
            0 => "over ()".to_owned(),
            1 => "over nw".to_owned(),
            _ => format!("over ({partition}order by {order} {frame})"),
        };
        let filter = self.random.pick(&["", "", "", "filter (where false) ", "filter (where true) "]);
        let default = self.expr(kind, columns, 0);
        match self.random.below(12) {
            0 => format!("lag({arg}) {over}"),
            1 | 2 => {
                let offset = self.expr(Kind::Int, columns, 0);
                format!("{}({arg}, {offset}, {default}) {over}", self.random.pick(&["lag", "lead"]))
            }
            3 | 4 => format!("{}({arg}) {over}", self.random.pick(&["first_value", "last_value"])),
            5 => format!("nth_value({arg}, 1) {over}"),
            6 if kind == Kind::Int => {
                format!("({}() {over})::int", self.random.pick(&["row_number", "rank", "percent_rank"]))
            }
            7 if kind == Kind::Int => format!("ntile(abs({arg}) + 1) {over}"),
            8 if kind == Kind::Int => format!("(count({arg}) {filter}{over})::int"),
            9 if kind == Kind::Int => {
                format!("({}({arg}) {filter}{over})::int", self.random.pick(&["sum", "avg", "var_pop", "var_samp"]))
            }
            _ => match kind {
                Kind::Bool => format!("bool_or({arg}) {filter}{over}"),
                Kind::Json => format!("jsonb_agg({arg}) {filter}{over}"),
                Kind::Ints => format!("array_agg({}) {filter}{over}", self.expr(Kind::Int, columns, 0)),
                _ => format!("max({arg}) {filter}{over}"),
            },
        }
    }
}
