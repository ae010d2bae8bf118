//! The SQL of a [`World`]: each object with what is said about it, in an order in which a server can run it.

use std::fmt::Write;

use viewkeeper_engine::name::quote_ident;

use super::model::{
    ByHand, Column, Expr, Flavour, Grant, Id, Kind, Language, Object, Output, ROLES, Routine, SCHEMAS, STATES, Shape,
    Trigger, Type, View, World,
};
use super::types::OwnType;

/// The types that every world has; the tables follow.
const TYPES: &str = "CREATE SCHEMA sales;
CREATE SCHEMA \"Odd \"\"schema\"\"\";
CREATE TYPE mood AS ENUM ('happy', 'it''s fine', 'sad');
CREATE DOMAIN sales.pos AS integer CHECK (VALUE > -1000000);
CREATE TYPE \"Odd \"\"schema\"\"\".pair AS (first integer, second text);
CREATE TABLE log (line text);
";

pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// What the names in an expression mean.
struct Scope<'w> {
    world: &'w World,
    object: &'w Object,
    /// Relation and alias; a column of an empty alias is written alone.
    sources: Vec<(Id, String)>,
}

impl World {
    /// The statements of the hand-written migration that comes first.
    pub(super) fn setup(&self) -> String {
        let mut sql = format!("{TYPES}{}", self.before);
        for object in &self.objects {
            sql += &self.create_table(object);
        }
        sql
    }

    /// The statement of a hand-written migration that makes a table; nothing for other objects.
    pub(super) fn create_table(&self, object: &Object) -> String {
        let Kind::Table(columns) = &object.kind else { return String::new() };
        let columns: Vec<String> = columns
            .iter()
            .enumerate()
            .map(|(at, column)| {
                let key = if at == 0 { " PRIMARY KEY" } else { "" };
                format!("{} {}{key}", quote_ident(&column.name), self.type_name(column.type_))
            })
            .collect();
        format!("CREATE TABLE {} ({});\n", object.full_name(), columns.join(", "))
    }

    /// A text for each declared object.
    pub(super) fn definitions(&self) -> Vec<String> {
        let declared = self.objects.iter().filter(|object| !matches!(object.kind, Kind::Table(_)));
        declared.map(|object| self.definition(object)).collect()
    }

    /// The name of an object in its own definition.
    pub(super) fn own_name(&self, object: &Object) -> String {
        self.name(object.id, object)
    }

    pub(super) fn name(&self, id: Id, used_by: &Object) -> String {
        match self.get(id) {
            Some(object) if object.schema == 0 && !used_by.qualified => quote_ident(&object.name).into_owned(),
            Some(object) => object.full_name(),
            None => "nothing".to_owned(),
        }
    }

    fn definition(&self, object: &Object) -> String {
        let mut sql = match &object.kind {
            Kind::View(view) => self.view(object, view),
            Kind::Routine(routine) => self.routine(object, routine),
            Kind::Trigger(trigger) => self.trigger(object, trigger),
            Kind::Rule(rule) => {
                let scope = self.scope(
                    object,
                    vec![(rule.relation, if rule.event == "DELETE" { "OLD" } else { "NEW" }.to_owned())],
                );
                let when = rule.when.as_ref().map(|when| format!(" WHERE {}", scope.expr(when))).unwrap_or_default();
                let what = match &rule.log {
                    None => "NOTHING".to_owned(),
                    Some(log) => format!("INSERT INTO public.log VALUES ({}::text)", scope.expr(log)),
                };
                format!(
                    "CREATE RULE {} AS ON {} TO {}{when} DO {} {what};\n",
                    quote_ident(&object.name),
                    rule.event,
                    self.name(rule.relation, object),
                    if rule.instead { "INSTEAD" } else { "ALSO" },
                )
            }
            Kind::Policy(policy) => {
                let scope = self.scope(object, vec![(policy.table, String::new())]);
                let clause = |word: &str, expr: &Option<Expr>| {
                    expr.as_ref().map(|expr| format!(" {word} ({})", scope.expr(expr))).unwrap_or_default()
                };
                format!(
                    "CREATE POLICY {} ON {} AS {} FOR {}{}{}{};\n",
                    quote_ident(&object.name),
                    self.name(policy.table, object),
                    if policy.restrictive { "RESTRICTIVE" } else { "PERMISSIVE" },
                    policy.command,
                    policy.role.map(|role| format!(" TO {}", quote_ident(ROLES[role]))).unwrap_or_default(),
                    clause("USING", &policy.using),
                    clause("WITH CHECK", &policy.check),
                )
            }
            Kind::Security(table, forced) => {
                let name = self.name(*table, object);
                let force =
                    if *forced { format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY;\n") } else { String::new() };
                return format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;\n{force}");
            }
            Kind::Type(own) => self.create_type(object, own),
            Kind::Sequence(sequence) => self.create_sequence(object, sequence),
            Kind::Statistics(statistics) => self.create_statistics(object, statistics),
            Kind::EventTrigger(trigger) => self.create_event_trigger(object, trigger),
            Kind::Defaults(defaults) => return self.alter_default_privileges(defaults),
            Kind::Said(_) => String::new(),
            Kind::Table(_) => return String::new(),
        };
        let word = self.word(object);
        let name = self.spoken(object);
        if let Some(owner) = object.owner {
            let _ = writeln!(sql, "ALTER {word} {name} OWNER TO {};", quote_ident(ROLES[owner]));
        }
        if let Some(comment) = &object.comment {
            let _ = writeln!(sql, "COMMENT ON {word} {name} IS {};", quoted(comment));
        }
        for grant in &object.grants {
            sql += &self.grant(object, grant);
        }
        match &object.kind {
            Kind::View(view) => {
                for output in view.outputs.iter().filter(|_| !view.star) {
                    if let Some(comment) = &output.comment {
                        let column = quote_ident(&output.name);
                        let _ = writeln!(sql, "COMMENT ON COLUMN {name}.{column} IS {};", quoted(comment));
                    }
                }
                for index in &view.indexes {
                    let Some(column) = self.columns(object.id).into_iter().find(|one| one.id == index.column) else {
                        continue;
                    };
                    let column = quote_ident(&column.name).into_owned();
                    let _ = writeln!(
                        sql,
                        "CREATE {}INDEX {} ON {name} ({}{}){};",
                        if index.unique { "UNIQUE " } else { "" },
                        quote_ident(&index.name),
                        if index.expression { format!("({column} IS NULL)") } else { column.clone() },
                        if index.descending { " DESC" } else { "" },
                        if index.partial { format!(" WHERE {column} IS NOT NULL") } else { String::new() },
                    );
                    if let Some(comment) = &index.comment {
                        let schema = quote_ident(SCHEMAS[object.schema]);
                        let _ = writeln!(
                            sql,
                            "COMMENT ON INDEX {schema}.{} IS {};",
                            quote_ident(&index.name),
                            quoted(comment)
                        );
                    }
                }
            }
            Kind::Trigger(Trigger { relation, state, .. }) | Kind::Rule(super::model::Rule { relation, state, .. })
                if *state != 0 =>
            {
                sql += &self.state(object, *relation, *state);
            }
            _ => {}
        }
        sql
    }

    fn state(&self, object: &Object, relation: Id, state: usize) -> String {
        let word = if matches!(object.kind, Kind::Rule(_)) { "RULE" } else { "TRIGGER" };
        format!("ALTER TABLE {} {} {word} {};\n", self.name(relation, object), STATES[state], quote_ident(&object.name))
    }

    /// The word for an object in COMMENT ON and ALTER.
    fn word(&self, object: &Object) -> &'static str {
        match &object.kind {
            Kind::View(view) if view.materialized => "MATERIALIZED VIEW",
            Kind::View(_) => "VIEW",
            Kind::Routine(routine) => match routine.flavour {
                Flavour::Procedure => "PROCEDURE",
                Flavour::Aggregate(..) => "AGGREGATE",
                _ => "FUNCTION",
            },
            Kind::Trigger(_) => "TRIGGER",
            Kind::Rule(_) => "RULE",
            Kind::Policy(_) => "POLICY",
            Kind::Type(OwnType::Domain(_)) => "DOMAIN",
            Kind::Type(OwnType::Extension(_)) => "EXTENSION",
            Kind::Type(_) => "TYPE",
            Kind::Sequence(_) => "SEQUENCE",
            Kind::Statistics(_) => "STATISTICS",
            Kind::EventTrigger(_) => "EVENT TRIGGER",
            Kind::Table(_) | Kind::Security(..) | Kind::Said(_) | Kind::Defaults(_) => "TABLE",
        }
    }

    /// The name of an object in COMMENT ON, GRANT and ALTER.
    fn spoken(&self, object: &Object) -> String {
        match &object.kind {
            Kind::Trigger(Trigger { relation, .. })
            | Kind::Rule(super::model::Rule { relation, .. })
            | Kind::Policy(super::model::Policy { table: relation, .. }) => {
                format!("{} ON {}", quote_ident(&object.name), self.name(*relation, object))
            }
            Kind::Routine(routine) => format!("{}({})", self.name(object.id, object), self.inputs(object, routine)),
            Kind::Said(table) => self.name(*table, object),
            Kind::EventTrigger(_) => quote_ident(&object.name).into_owned(),
            _ => self.name(object.id, object),
        }
    }

    fn inputs(&self, object: &Object, routine: &Routine) -> String {
        let mut types: Vec<String> = routine.params.iter().map(|param| self.bare_type(param.type_)).collect();
        match routine.flavour {
            Flavour::OfRow(relation, _) => types.push(self.name(relation, object)),
            Flavour::Aggregate(_, type_) => types.push(self.bare_type(type_)),
            _ => {}
        }
        types.join(", ")
    }

    fn grant(&self, object: &Object, grant: &Grant) -> String {
        let column = grant.column.and_then(|id| self.columns(object.id).into_iter().find(|column| column.id == id));
        let column = column.map(|column| format!(" ({})", quote_ident(&column.name))).unwrap_or_default();
        let word = match self.word(object) {
            "VIEW" | "MATERIALIZED VIEW" => "TABLE",
            "AGGREGATE" => "FUNCTION",
            word => word,
        };
        format!(
            "GRANT {}{column} ON {word} {} TO {}{};\n",
            grant.privilege,
            self.spoken(object),
            quote_ident(ROLES[grant.role]),
            if grant.grantable { " WITH GRANT OPTION" } else { "" }
        )
    }

    fn scope<'w>(&'w self, object: &'w Object, sources: Vec<(Id, String)>) -> Scope<'w> {
        Scope { world: self, object, sources }
    }

    fn view(&self, object: &Object, view: &View) -> String {
        let mut options = Vec::new();
        for (name, value) in [("security_barrier", view.barrier), ("security_invoker", view.invoker)] {
            if let (Some(value), false) = (value, view.materialized) {
                options.push(format!("{name} = {value}"));
            }
        }
        if let (Some(fillfactor), true) = (view.fillfactor, view.materialized) {
            options.push(format!("fillfactor = {fillfactor}"));
        }
        let options = if options.is_empty() { String::new() } else { format!(" WITH ({})", options.join(", ")) };
        let names: Vec<_> =
            self.columns(object.id).iter().map(|column| quote_ident(&column.name).into_owned()).collect();
        let head = if view.names_in_head && !view.star { format!(" ({})", names.join(", ")) } else { String::new() };
        let end = match (view.materialized, view.with_data, view.check) {
            (true, false, _) => " WITH NO DATA".to_owned(),
            (false, _, Some(check)) => format!(" WITH {check} CHECK OPTION"),
            _ => String::new(),
        };
        format!(
            "CREATE {} {}{head}{options} AS {}{end};\n",
            self.word(object),
            self.name(object.id, object),
            self.query(object, view)
        )
    }

    fn query(&self, object: &Object, view: &View) -> String {
        let sources = view.sources.iter().map(|source| (source.relation, source.alias.clone())).collect();
        let scope = self.scope(object, sources);
        let mut outputs: Vec<String> = view
            .outputs
            .iter()
            .map(|output| {
                let expr = scope.expr(&output.expr);
                if view.names_in_head { expr } else { format!("{expr} AS {}", quote_ident(&output.name)) }
            })
            .collect();
        if view.star {
            outputs = vec![format!("{}.*", view.sources[0].alias)];
        }
        let mut from = String::new();
        for (at, source) in view.sources.iter().enumerate() {
            let relation = self.source(source.relation, object);
            let _ = match (at, &source.on) {
                (0, _) => write!(from, "{relation} AS {}", source.alias),
                (_, Some(on)) => write!(from, " LEFT JOIN {relation} AS {} ON {}", source.alias, scope.expr(on)),
                (_, None) => write!(from, " CROSS JOIN {relation} AS {}", source.alias),
            };
        }
        let filter = view.filter.as_ref().map(|filter| format!(" WHERE {}", scope.expr(filter))).unwrap_or_default();
        let limit = view.limit.map(|limit| format!(" ORDER BY 1 LIMIT {limit}")).unwrap_or_default();
        let layout = ["", "\n  ", " /* a comment */ ", "-- it's why\n"][view.layout % 4];
        let list = outputs.join(", ");
        let plain = format!("SELECT {layout}{list} FROM {from}{filter}");
        if view.star {
            return format!("{plain}{limit}");
        }
        let ordinals: Vec<String> = (1..=outputs.len()).map(|at| at.to_string()).collect();
        match view.shape {
            Shape::Plain => format!("{plain}{limit}"),
            Shape::Distinct => format!("SELECT DISTINCT {layout}{list} FROM {from}{filter}{limit}"),
            Shape::Grouped => format!("{plain} GROUP BY {} HAVING count(*) > 0{limit}", ordinals.join(", ")),
            Shape::Cte => format!("WITH q AS ({plain}) SELECT * FROM q{limit}"),
            Shape::Union => {
                let nulls: Vec<String> = view
                    .outputs
                    .iter()
                    .map(|output| format!("NULL::{}", self.type_name(output.expr.type_())))
                    .collect();
                format!("{plain} UNION ALL SELECT {}{limit}", nulls.join(", "))
            }
            Shape::Window => format!("{plain} WINDOW w AS (){limit}"),
        }
    }

    /// A relation or a function as it stands in FROM.
    fn source(&self, id: Id, object: &Object) -> String {
        match self.get(id).map(|found| &found.kind) {
            Some(Kind::Table(_) | Kind::View(_)) => self.name(id, object),
            Some(Kind::Routine(routine)) => {
                let nulls: Vec<String> =
                    routine.params.iter().map(|param| format!("NULL::{}", self.bare_type(param.type_))).collect();
                format!("{}({})", self.name(id, object), nulls.join(", "))
            }
            _ => "(SELECT 1 AS nothing)".to_owned(),
        }
    }

    fn routine(&self, object: &Object, routine: &Routine) -> String {
        let name = self.name(object.id, object);
        if let Flavour::Aggregate(function, type_) = routine.flavour {
            let function = self.name(function, object);
            return format!("CREATE AGGREGATE {name}({0}) (SFUNC = {function}, STYPE = {0});\n", self.bare_type(type_));
        }
        let scope = self.scope(object, Vec::new());
        let mut params: Vec<String> = routine
            .params
            .iter()
            .map(|param| {
                let default = param
                    .default
                    .as_ref()
                    .map(|text| format!(" DEFAULT {}", scope.expr(&Expr::Literal(param.type_, text.clone()))));
                format!("{} {}{}", quote_ident(&param.name), self.bare_type(param.type_), default.unwrap_or_default())
            })
            .collect();
        let named = |outputs: &[Output]| -> Vec<String> {
            outputs
                .iter()
                .map(|one| format!("{} {}", quote_ident(&one.name), self.bare_type(one.expr.type_())))
                .collect()
        };
        let expressions = |outputs: &[Output]| -> String {
            outputs
                .iter()
                .map(|output| format!("({})::{}", scope.expr(&output.expr), self.bare_type(output.expr.type_())))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let cast = |expr: &Expr| format!("({})::{}", scope.expr(expr), self.bare_type(expr.type_()));
        let note = routine.note.replace("*/", "");
        let (verb, result, body) = match &routine.flavour {
            Flavour::Scalar(expr) => ("FUNCTION", format!(" RETURNS {}", self.bare_type(expr.type_())), cast(expr)),
            Flavour::Rows(outputs) => {
                ("FUNCTION", format!(" RETURNS TABLE ({})", named(outputs).join(", ")), expressions(outputs))
            }
            Flavour::SetOf(relation) => (
                "FUNCTION",
                format!(" RETURNS SETOF {}", self.name(*relation, object)),
                format!("* FROM {}", self.name(*relation, object)),
            ),
            Flavour::OfRow(relation, column) => {
                params.push(format!("r {}", self.name(*relation, object)));
                let column = self.columns(*relation).into_iter().find(|one| one.id == *column);
                let value = column.map_or("NULL".to_owned(), |one| format!("(r).{}", quote_ident(&one.name)));
                ("FUNCTION", " RETURNS text".to_owned(), format!("{value}::text"))
            }
            Flavour::Trigger => ("FUNCTION", " RETURNS trigger".to_owned(), String::new()),
            Flavour::EventTrigger => ("FUNCTION", " RETURNS event_trigger".to_owned(), String::new()),
            Flavour::Procedure => ("PROCEDURE", String::new(), "1".to_owned()),
            Flavour::Aggregate(..) => return String::new(),
        };
        let scalar = matches!(routine.flavour, Flavour::Scalar(_) | Flavour::OfRow(..));
        let (language, body) = match (&routine.flavour, routine.language) {
            (Flavour::Trigger, _) => {
                ("plpgsql", format!("AS {}", dollar(&format!("BEGIN /* {note} */ RETURN NEW; END"))))
            }
            (Flavour::EventTrigger, _) => ("plpgsql", format!("AS {}", dollar(&format!("BEGIN /* {note} */ END")))),
            (_, Language::Return) if scalar => ("sql", format!("RETURN {body}")),
            (_, Language::Plpgsql) if scalar => {
                ("plpgsql", format!("AS {}", dollar(&format!("BEGIN /* {note} */ RETURN {body}; END"))))
            }
            _ => ("sql", format!("AS {}", dollar(&format!(" SELECT {body} /* {note} */")))),
        };
        let is_function = verb == "FUNCTION";
        format!(
            "CREATE {verb} {name}({}){result} LANGUAGE {language}{}{}{}{} {body};\n",
            params.join(", "),
            if is_function { format!(" {}", routine.volatility) } else { String::new() },
            if routine.strict && is_function { " STRICT" } else { "" },
            if routine.definer { " SECURITY DEFINER" } else { "" },
            if routine.path { " SET search_path = public, sales" } else { "" },
        )
    }

    fn trigger(&self, object: &Object, trigger: &Trigger) -> String {
        let columns = self.columns(trigger.relation);
        let of: Vec<String> = trigger
            .of
            .iter()
            .filter_map(|id| columns.iter().find(|column| column.id == *id))
            .map(|column| quote_ident(&column.name).into_owned())
            .collect();
        let events: Vec<String> = trigger
            .events
            .iter()
            .map(|event| match *event {
                "UPDATE" if !of.is_empty() => format!("UPDATE OF {}", of.join(", ")),
                event => event.to_owned(),
            })
            .collect();
        let scope = self.scope(object, vec![(trigger.relation, "NEW".to_owned())]);
        let when = trigger.when.as_ref().map(|when| format!(" WHEN ({})", scope.expr(when))).unwrap_or_default();
        let arguments: Vec<String> = trigger.arguments.iter().map(|text| quoted(text)).collect();
        format!(
            "CREATE {}TRIGGER {} {} {} ON {} FOR EACH {}{when} EXECUTE FUNCTION {}({});\n",
            if trigger.constraint { "CONSTRAINT " } else { "" },
            quote_ident(&object.name),
            trigger.timing,
            events.join(" OR "),
            self.name(trigger.relation, object),
            if trigger.row { "ROW" } else { "STATEMENT" },
            self.name(trigger.function, object),
            arguments.join(", "),
        )
    }

    /// The statement of what is done by hand.
    pub(super) fn by_hand(&self, by_hand: &ByHand) -> String {
        let Some(object) = self.get(by_hand.object()) else { return String::new() };
        let column = |id: Id| -> String {
            let found: Option<Column> = self.columns(object.id).into_iter().find(|column| column.id == id);
            found.map(|column| quote_ident(&column.name).into_owned()).unwrap_or_default()
        };
        let (word, name) = (self.word(object), self.spoken(object));
        match by_hand {
            ByHand::Grant(_, grant) => self.grant(object, grant),
            ByHand::Comment(_, None, text) => format!("COMMENT ON {word} {name} IS {};\n", quoted(text)),
            ByHand::Comment(_, Some(id), text) => {
                format!("COMMENT ON COLUMN {name}.{} IS {};\n", column(*id), quoted(text))
            }
            ByHand::Default(_, id) => {
                format!("ALTER VIEW {name} ALTER COLUMN {} SET DEFAULT NULL;\n", column(*id))
            }
            ByHand::Statistics(_, id) => {
                format!("ALTER MATERIALIZED VIEW {name} ALTER COLUMN {} SET STATISTICS 77;\n", column(*id))
            }
            ByHand::Owner(_, role) => format!("ALTER {word} {name} OWNER TO {};\n", quote_ident(ROLES[*role])),
            ByHand::State(_, state) => match &object.kind {
                Kind::Trigger(Trigger { relation, .. }) | Kind::Rule(super::model::Rule { relation, .. }) => {
                    self.state(object, *relation, *state)
                }
                _ => String::new(),
            },
            ByHand::Option(_, "fillfactor") => format!("ALTER {word} {name} SET (fillfactor = 44);\n"),
            ByHand::Option(_, option) => format!("ALTER {word} {name} SET ({option} = true);\n"),
            ByHand::Cluster(_, index) => format!("ALTER {word} {name} CLUSTER ON {};\n", quote_ident(index)),
            ByHand::Index(_, id, index) => {
                format!("CREATE INDEX {} ON {name} ({});\n", quote_ident(index), column(*id))
            }
        }
    }
}

impl Object {
    pub(super) fn schema_name(&self) -> String {
        quote_ident(SCHEMAS[self.schema]).into_owned()
    }

    pub(super) fn full_name(&self) -> String {
        format!("{}.{}", quote_ident(SCHEMAS[self.schema]), quote_ident(&self.name))
    }
}

fn dollar(text: &str) -> String {
    if text.contains("$$") { quoted(text) } else { format!("$${text}$$") }
}

impl Scope<'_> {
    fn expr(&self, expr: &Expr) -> String {
        let null = |type_: Type| format!("NULL::{}", self.world.type_name(type_));
        let as_type = |text: String, found: Type, wanted: Type| {
            if found == wanted { text } else { format!("{text}::text::{}", self.world.type_name(wanted)) }
        };
        match expr {
            Expr::Column(source, id, type_) => {
                let Some((relation, alias)) = self.sources.get(*source) else { return null(*type_) };
                let columns = self.world.columns(*relation);
                let Some(column) = columns.iter().find(|column| column.id == *id) else { return null(*type_) };
                let name = quote_ident(&column.name);
                let text = if alias.is_empty() { name.into_owned() } else { format!("{alias}.{name}") };
                as_type(text, column.type_, *type_)
            }
            Expr::Param(id, type_) => {
                let Kind::Routine(routine) = &self.object.kind else { return null(*type_) };
                match routine.params.iter().find(|param| param.id == *id) {
                    Some(param) => {
                        // A parameter and a column may have one name.
                        let name = format!("{}.{}", quote_ident(&self.object.name), quote_ident(&param.name));
                        as_type(name, param.type_, *type_)
                    }
                    None => null(*type_),
                }
            }
            Expr::Literal(type_, text) => self.world.literal_text(*type_, text),
            Expr::Call(id, arguments, type_) => {
                let Some(object) = self.world.get(*id) else { return null(*type_) };
                let Kind::Routine(routine) = &object.kind else { return null(*type_) };
                let Flavour::Scalar(body) = &routine.flavour else { return null(*type_) };
                let mut texts = Vec::new();
                for (at, param) in routine.params.iter().enumerate() {
                    texts.push(match arguments.get(at) {
                        Some(argument) => format!("({})::{}", self.expr(argument), self.world.bare_type(param.type_)),
                        None if param.default.is_some() => break,
                        None => format!("NULL::{}", self.world.bare_type(param.type_)),
                    });
                }
                let call = format!("{}({})", self.world.name(*id, self.object), texts.join(", "));
                let call = format!("{call}::{}", self.world.type_name(body.type_()));
                as_type(call, body.type_(), *type_)
            }
            Expr::Field(row, composite, id, type_) => {
                let columns = self.world.columns(*composite);
                let Some(column) = columns.iter().find(|column| column.id == *id) else { return null(*type_) };
                as_type(format!("({}).{}", self.expr(row), quote_ident(&column.name)), column.type_, *type_)
            }
            Expr::Next(id) => match self.world.get(*id) {
                Some(sequence) => format!("nextval({}::regclass)", quoted(&sequence.full_name())),
                None => null(Type::BigInt),
            },
            Expr::Operator(operator, left, right, _) => {
                format!("({} {operator} {})", self.expr(left), self.expr(right))
            }
            Expr::Cast(inner, type_) => format!("({})::text::{}", self.expr(inner), self.world.type_name(*type_)),
            Expr::Coalesce(left, right) => format!("coalesce({}, {})", self.expr(left), self.expr(right)),
            Expr::Case(when, then, otherwise) => {
                format!("CASE WHEN {} THEN {} ELSE {} END", self.expr(when), self.expr(then), self.expr(otherwise))
            }
            Expr::Scalar(relation, id, type_) => {
                let columns = self.world.columns(*relation);
                let Some(column) = columns.iter().find(|column| column.id == *id) else { return null(*type_) };
                let source = self.world.source(*relation, self.object);
                let name = as_type(format!("x.{}", quote_ident(&column.name)), column.type_, *type_);
                format!("(SELECT {name} FROM {source} AS x LIMIT 1)")
            }
            Expr::Exists(relation) => {
                format!("EXISTS (SELECT FROM {} AS x)", self.world.source(*relation, self.object))
            }
            Expr::Row(source) => match self.sources.get(*source) {
                Some((_, alias)) if !alias.is_empty() && alias != "NEW" && alias != "OLD" => format!("{alias}::text"),
                _ => "''::text".to_owned(),
            },
        }
    }
}
