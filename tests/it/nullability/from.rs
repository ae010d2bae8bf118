//! Random FROM clauses: joins of every kind and nesting over tables, sub-selects, functions, CTEs and documents.

use super::query::{Column, Generator, Kind, named};

/// A part of FROM.
struct Item {
    text: String,
    /// Columns that can be named.
    columns: Vec<Column>,
    /// How many columns are called `k` where no table is named.
    keys: usize,
    /// All columns in order, where they are known, for a list of column names behind an alias.
    row: Option<Vec<Kind>>,
}

impl Generator<'_> {
    /// FROM, and the columns that it gives.
    pub(super) fn from(&mut self, depth: usize, outer: &[Column]) -> (String, Vec<Column>) {
        let size = self.random.pick(&[1, 2, 3]);
        let mut item = self.joined(depth, size, outer);
        if self.random.chance(15) && self.spend() {
            let alias = self.alias();
            let kinds = self.kinds(1);
            let mut around = item.columns.clone();
            around.extend_from_slice(outer);
            let depth = depth.saturating_sub(1).min(1);
            let query = if self.random.chance(40) {
                self.ungrouped(depth, &kinds, &around)
            } else {
                self.query(depth, &kinds, &around)
            };
            let kind = self.random.pick(&["left join lateral", "cross join lateral", "join lateral", ","]);
            let on = match kind {
                "left join lateral" | "join lateral" => {
                    let mut all = item.columns.clone();
                    all.push((format!("{alias}.c0"), kinds[0]));
                    if self.random.chance(50) {
                        " on true".to_owned()
                    } else {
                        format!(" on {}", self.condition(&all, 1))
                    }
                }
                _ => String::new(),
            };
            let lateral = if kind == "," { " lateral" } else { "" };
            item.text = format!("{} {kind}{lateral} ({query}) {alias}{on}", item.text);
            item.columns.push((format!("{alias}.c0"), kinds[0]));
        }
        (item.text, item.columns)
    }

    fn joined(&mut self, depth: usize, joins: usize, outer: &[Column]) -> Item {
        if joins == 0 || self.random.chance(30) || !self.spend() {
            return self.item(depth, outer);
        }
        let left = self.joined(depth, joins - 1, outer);
        let right = self.joined(depth, joins - 1, outer);
        let kind = self.random.pick(&["left", "left", "left", "right", "full", "inner"]);
        let mut columns = left.columns.clone();
        columns.extend(right.columns.clone());
        if left.keys == 1 && right.keys == 1 && self.random.chance(35) {
            let (join, using) = match self.random.below(5) {
                0 if left.columns.len() == 1 && right.columns.len() == 1 => {
                    (format!("natural {kind} join"), String::new())
                }
                0 | 1 => (format!("{kind} join"), " using (k)".to_owned()),
                _ => {
                    let alias = self.alias();
                    columns.push((format!("{alias}.k"), Kind::Int));
                    (format!("{kind} join"), format!(" using (k) as {alias}"))
                }
            };
            let text = format!("({} {join} {}{using})", left.text, right.text);
            return Item { text, columns, keys: 1, row: None };
        }
        let condition = if kind == "full" {
            // Only conditions that can be merged or hashed are possible.
            let int =
                |item: &Item| item.columns.iter().find(|(_, kind)| *kind == Kind::Int).map(|(name, _)| name.clone());
            match (int(&left), int(&right)) {
                (Some(left), Some(right)) => format!("{left} = {right}"),
                _ => "true".to_owned(),
            }
        } else {
            self.condition(&columns, 1)
        };
        let text = format!("({} {kind} join {} on {condition})", left.text, right.text);
        let keys = left.keys + right.keys;
        let row = left.row.zip(right.row).map(|(mut left, right)| {
            left.extend(right);
            left
        });
        match row {
            Some(row) if self.random.chance(15) => {
                let alias = self.alias();
                let names: Vec<_> = (0..row.len()).map(|number| format!("f{number}")).collect();
                let columns = names.iter().zip(&row).map(|(name, kind)| (format!("{alias}.{name}"), *kind)).collect();
                Item { text: format!("{text} {alias} ({})", names.join(", ")), columns, keys: 0, row: Some(row) }
            }
            row => Item { text, columns, keys, row },
        }
    }

    fn item(&mut self, depth: usize, outer: &[Column]) -> Item {
        let alias = self.alias();
        let choice = if self.spend() { self.random.below(22) } else { usize::MAX };
        match choice {
            0..4 if depth > 0 => {
                let kinds = self.kinds(2);
                let query = self.query(depth - 1, &kinds, &[]);
                let columns = kinds.iter().enumerate().map(|(i, kind)| (format!("{alias}.c{i}"), *kind)).collect();
                Item { text: format!("({query}) {alias}"), columns, keys: 0, row: Some(kinds) }
            }
            4 => {
                // A key that is computed, for USING and NATURAL.
                let (from, columns) = self.table(&format!("{alias}i"));
                let key = self.expr(Kind::Int, &columns, 1);
                let text = format!("(select {key} as k from {from}) {alias}");
                Item { text, columns: vec![(format!("{alias}.k"), Kind::Int)], keys: 1, row: Some(vec![Kind::Int]) }
            }
            5 | 6 => self.function(&alias, outer),
            7 => {
                let kinds = self.kinds(2);
                let rows: Vec<_> = (0..1 + self.random.below(2))
                    .map(|_| format!("({}, {})", self.expr(kinds[0], outer, 0), self.expr(kinds[1], outer, 0)))
                    .collect();
                let columns = vec![(format!("{alias}.f"), kinds[0]), (format!("{alias}.g"), kinds[1])];
                Item {
                    text: format!("(values {}) {alias} (f, g)", rows.join(", ")),
                    columns,
                    keys: 0,
                    row: Some(kinds),
                }
            }
            8 | 9 if !self.ctes.is_empty() => {
                let (name, kinds) = self.random.pick(&self.ctes.clone());
                let columns = kinds.iter().enumerate().map(|(i, kind)| (format!("{alias}.c{i}"), *kind)).collect();
                Item { text: format!("{name} {alias}"), columns, keys: 0, row: None }
            }
            10 if depth > 0 => {
                let inner: Vec<String> = self.kinds(1).into_iter().map(|kind| self.expr(kind, outer, 1)).collect();
                let text = format!("(select 1 as k, {} from (select) e) {alias}", named(&inner));
                Item { text, columns: vec![(format!("{alias}.k"), Kind::Int)], keys: 1, row: None }
            }
            _ => {
                let (text, columns) = self.table(&alias);
                let keys = usize::from(columns.iter().any(|(name, _)| name.ends_with(".k")));
                let row = columns.iter().map(|(_, kind)| *kind).collect();
                Item { text, columns, keys, row: Some(row) }
            }
        }
    }

    fn table(&mut self, alias: &str) -> (String, Vec<Column>) {
        let table = self.random.pick(&self.schema.tables);
        let only = if table.has_rows() && self.random.chance(15) { "only " } else { "" };
        let columns = table.columns.iter().map(|(name, kind)| (format!("{alias}.{name}"), *kind)).collect();
        (format!("{only}{} {alias}", table.name), columns)
    }

    fn function(&mut self, alias: &str, outer: &[Column]) -> Item {
        let int = |name: &str| vec![(format!("{alias}.{name}"), Kind::Int)];
        let (text, columns) = match self.random.below(if self.major >= 17 { 13 } else { 12 }) {
            0 => (format!("generate_series(1, 2) with ordinality {alias} (f, o)"), int("f")),
            1 => (format!("generate_series(1, {}) {alias} (f)", self.expr(Kind::Int, outer, 0)), int("f")),
            2 => (format!("unnest({}) {alias} (f)", self.expr(Kind::Ints, outer, 1)), int("f")),
            3 => {
                let text = format!("unnest(array[1, 2], array[{}]) {alias} (f, g)", self.expr(Kind::Int, outer, 0));
                (text, [int("f"), int("g")].concat())
            }
            4 => {
                let calls = "generate_series(1, 2), generate_series(1, 1)";
                (format!("rows from ({calls}) with ordinality {alias} (f, g)"), [int("f"), int("g")].concat())
            }
            5 => {
                let text = format!("jsonb_each_text(nullif({}, 'null')) {alias} (f, g)", self.object(outer));
                (text, vec![(format!("{alias}.f"), Kind::Text), (format!("{alias}.g"), Kind::Text)])
            }
            6 => {
                let text = format!("jsonb_each({}) {alias} (f, g)", self.object(outer));
                (text, vec![(format!("{alias}.f"), Kind::Text), (format!("{alias}.g"), Kind::Json)])
            }
            7 => {
                let text = format!("string_to_table({}, ',', '') {alias} (f)", self.expr(Kind::Text, outer, 0));
                (text, vec![(format!("{alias}.f"), Kind::Text)])
            }
            8 => {
                let text = format!("upper({}) {alias} (f)", self.expr(Kind::Text, outer, 1));
                (text, vec![(format!("{alias}.f"), Kind::Text)])
            }
            9 => {
                let text = format!("jsonb_to_record({}) {alias} (a int, b text)", self.object(outer));
                (text, vec![(format!("{alias}.a"), Kind::Int), (format!("{alias}.b"), Kind::Text)])
            }
            10 => {
                let text = format!("f_pairs({}) {alias}", self.expr(Kind::Int, outer, 0));
                (text, vec![(format!("{alias}.p"), Kind::Int), (format!("{alias}.q"), Kind::Text)])
            }
            11 => {
                let text = format!("f_plus({}) {alias} (f)", self.expr(Kind::Int, outer, 0));
                (text, int("f"))
            }
            _ => {
                let text = format!(
                    "json_table({}, '$[*]' columns (o for ordinality, a int path '$.a', b text path '$.b' default 'x' on empty, \
                     e bool exists path '$.a'{}, nested path '$.a[*]' columns (p for ordinality, f bool exists path '$'))) {alias}",
                    self.expr(Kind::Json, outer, 0),
                    self.random.pick(&["", " unknown on error", " true on error"])
                );
                let columns = vec![
                    (format!("{alias}.o"), Kind::Int),
                    (format!("{alias}.a"), Kind::Int),
                    (format!("{alias}.b"), Kind::Text),
                    (format!("{alias}.p"), Kind::Int),
                    (format!("{alias}.e"), Kind::Bool),
                    (format!("{alias}.f"), Kind::Bool),
                ];
                (text, columns)
            }
        };
        Item { text, columns, keys: 0, row: None }
    }

    fn object(&mut self, outer: &[Column]) -> String {
        let value = self.expr(Kind::Int, outer, 0);
        format!("jsonb_build_object('a', {value}, 'b', null)")
    }
}
