//! A state as compact text, one object after the other in order of names: for tests, comparisons and messages. No SQL:
//! that is written by `render`.

use std::fmt::Write;
use std::sync::Arc;

use super::{
    AttachedKind, Catalog, Column, ColumnSource, ConstraintKind, Grantee, Member, NotNull, ObjectId, Oid, Persistence,
    Privilege, Relation, RelationKind, Routine, RoutineKind, Schema, Type, TypeKind,
};
use crate::name::{QualifiedName, quote_ident};
use crate::resolve::Resolver;

/// Everything that the state holds beside PostgreSQL's own objects.
pub fn describe(catalog: &Catalog) -> String {
    let describer = Describer { catalog, resolver: Resolver::new(catalog, &[]) };
    let mut text = String::new();
    let is_made_here =
        |schema: &&Arc<Schema>| schema.name != "public" && catalog.extension_of(Member::Schema(schema.oid)).is_none();
    for schema in catalog.schemas.values().filter(is_made_here) {
        let _ = writeln!(text, "schema {}", quote_ident(&schema.name));
    }
    let is_own = |member: Member| catalog.extension_of(member).is_none();
    for (name, extension) in &catalog.extensions {
        let schema = catalog.schema_name(extension.schema).unwrap_or_default();
        let _ = writeln!(text, "extension {} in {}", quote_ident(name), quote_ident(schema));
    }
    let mut parts: Vec<(u8, QualifiedName, String)> = Vec::new();
    for type_ in catalog.types.values().filter(|row| !row.relation.is_valid() && !describer.is_automatic(row)) {
        if !is_own(Member::Type(type_.oid)) {
            continue;
        }
        parts.push((0, describer.name(type_.schema, &type_.name), describer.type_(type_)));
    }
    for routine in catalog.routines.values().filter(|routine| routine.source.is_some()) {
        parts.push((1, describer.name(routine.schema, &routine.name), describer.routine(routine)));
    }
    for relation in catalog.relations.values().filter(|row| is_own(Member::Relation(row.oid))) {
        parts.push((2, describer.name(relation.schema, &relation.name), describer.relation(relation)));
    }
    for operator in catalog.operators.values().filter(|row| is_own(Member::Operator(row.oid))) {
        let operand = |oid: Oid| if oid.is_valid() { describer.type_text(oid) } else { "none".to_owned() };
        let line = format!(
            "operator {} ({}, {}) -> {}\n",
            operator.name,
            operand(operator.left),
            operand(operator.right),
            operand(operator.result)
        );
        parts.push((3, describer.name(operator.schema, &operator.name), line));
    }
    for cast in catalog.casts.values().filter(|row| is_own(Member::Cast(row.source, row.target))) {
        let line = format!("cast {} -> {}\n", describer.type_text(cast.source), describer.type_text(cast.target));
        parts.push((4, QualifiedName::new("", ""), line));
    }
    for collation in catalog.collations.values().filter(|row| is_own(Member::Collation(row.oid))) {
        let name = describer.name(collation.schema, &collation.name);
        let line = format!("collation {name}\n");
        parts.push((5, name, line));
    }
    parts.sort();
    text.extend(parts.into_iter().map(|(_, _, part)| part));
    describer.attachments(&mut text);
    text
}

struct Describer<'c> {
    catalog: &'c Catalog,
    resolver: Resolver<'c>,
}

impl Describer<'_> {
    fn name(&self, schema: Oid, name: &str) -> QualifiedName {
        QualifiedName::new(self.catalog.schema_name(schema).unwrap_or_default(), name)
    }

    fn type_text(&self, oid: Oid) -> String {
        self.resolver.format_type(oid, -1)
    }

    /// Whether a type came with another one: an array type, a multirange.
    fn is_automatic(&self, row: &Type) -> bool {
        let array = self.catalog.type_(row.element).is_some_and(|element| element.array == row.oid);
        array || row.kind == TypeKind::Multirange
    }

    fn type_(&self, row: &Type) -> String {
        let name = self.name(row.schema, &row.name);
        let mut text = match row.kind {
            TypeKind::Enum => format!("enum {name} ({})\n", row.labels.join(", ")),
            TypeKind::Domain => {
                let base = self.resolver.format_type(row.base, row.base_typmod);
                let not_null = if row.not_null { " not null" } else { "" };
                format!("domain {name} {base}{not_null}\n")
            }
            TypeKind::Range => match row.range {
                Some(range) => format!(
                    "range {name} of {} with {}\n",
                    self.type_text(range.subtype),
                    self.type_text(range.multirange)
                ),
                None => format!("range {name}\n"),
            },
            _ if !row.defined => format!("shell type {name}\n"),
            _ => format!("type {name}\n"),
        };
        for attached in self.catalog.attached.get(&row.oid).into_iter().flatten() {
            let word = if attached.kind == AttachedKind::Check { "check" } else { "default" };
            let _ = writeln!(text, "  {word} {}: {}", attached.name, attached.canonical);
        }
        text
    }

    fn routine(&self, row: &Routine) -> String {
        let kind = match row.kind {
            RoutineKind::Function => "function",
            RoutineKind::Procedure => "procedure",
            RoutineKind::Aggregate => "aggregate",
            RoutineKind::Window => "window function",
        };
        let inputs: Vec<String> = row.inputs.iter().map(|oid| self.type_text(*oid)).collect();
        let set = if row.returns_set { "setof " } else { "" };
        let strict = if row.strict { " strict" } else { "" };
        format!(
            "{kind} {}({}) -> {set}{}{strict} {:?}\n",
            self.name(row.schema, &row.name),
            inputs.join(", "),
            self.type_text(row.result),
            row.volatility
        )
        .to_lowercase()
    }

    fn relation(&self, row: &Relation) -> String {
        let kind = match row.kind {
            RelationKind::Table => "table",
            RelationKind::PartitionedTable => "partitioned table",
            RelationKind::ForeignTable => "foreign table",
            RelationKind::View => "view",
            RelationKind::MaterializedView => "materialized view",
            RelationKind::CompositeType => "composite type",
            RelationKind::Sequence => "sequence",
        };
        let mut text = format!("{kind} {}", self.name(row.schema, &row.name));
        if row.persistence != Persistence::Permanent {
            let _ = write!(text, " {:?}", row.persistence);
            text = text.to_lowercase();
        }
        for parent in &row.parents {
            let word = if row.is_partition { "partition of" } else { "inherits" };
            let _ = write!(text, " {word} {}", self.relation_name(*parent));
        }
        for (key, value) in &row.options {
            let _ = write!(text, " {key}={value}");
        }
        if let Some(view) = &row.view {
            if let Some(option) = view.check_option {
                let _ = write!(text, " check_option={option:?}");
            }
            if !view.populated {
                text.push_str(" not populated");
            }
        }
        text.push('\n');
        if row.kind == RelationKind::Sequence {
            if let Some((table, number)) = self.catalog.sequence_owners.get(&row.oid) {
                let column = self.catalog.relation(*table).and_then(|row| row.attribute(*number));
                let column = column.map_or("?", |column| &column.name);
                let _ = writeln!(text, "  owned by {}.{}", self.relation_name(*table), quote_ident(column));
            }
            return text;
        }
        for (number, column) in row.live_columns() {
            self.column(row, number, column, &mut text);
        }
        self.constraints(row, &mut text);
        self.attached(row, &mut text);
        text
    }

    fn relation_name(&self, oid: Oid) -> String {
        self.catalog.relation(oid).map_or_else(|| format!("#{oid}"), |row| self.name(row.schema, &row.name).to_string())
    }

    fn column(&self, row: &Relation, number: i16, column: &Column, text: &mut String) {
        let type_ = self.resolver.format_type(column.type_, column.typmod);
        let _ = write!(text, "  {} {type_}", quote_ident(&column.name));
        if column.collation.is_valid() && column.collation != self.catalog.type_collation(column.type_) {
            let name = self.catalog.collation(column.collation).map_or("?", |collation| &collation.name);
            let _ = write!(text, " collate {}", quote_ident(name));
        }
        text.push_str(match column.not_null {
            NotNull::No => "",
            NotNull::Yes => " not null",
            NotNull::NotValidated => " not null (not valid)",
            NotNull::NoInherit => " not null (no inherit)",
        });
        text.push_str(match column.source {
            ColumnSource::Plain => "",
            ColumnSource::GeneratedStored => " stored",
            ColumnSource::GeneratedVirtual => " virtual",
            ColumnSource::IdentityAlways => " identity always",
            ColumnSource::IdentityByDefault => " identity by default",
        });
        if let Some(default) = self.catalog.default_of(row.oid, number) {
            let word = if column.source == ColumnSource::Plain { "default" } else { "as" };
            let _ = write!(text, " {word} {}", default.canonical);
        }
        if let Some(output) =
            row.view.as_ref().and_then(|view| view.analysis.columns.get(usize::try_from(number - 1).ok()?))
            && output.nullability.not_null
        {
            text.push_str(" never null");
        }
        text.push('\n');
    }

    fn constraints(&self, row: &Relation, text: &mut String) {
        let column_names = |numbers: &[i16]| {
            let names = numbers.iter().map(|number| match row.attribute(*number) {
                Some(column) => quote_ident(&column.name).into_owned(),
                None => "expression".to_owned(),
            });
            names.collect::<Vec<_>>().join(", ")
        };
        let mut constraints: Vec<_> =
            row.constraints.iter().filter(|constraint| constraint.kind != ConstraintKind::NotNull).collect();
        constraints.sort_by(|a, b| a.name.cmp(&b.name));
        for constraint in constraints {
            let kind = match constraint.kind {
                ConstraintKind::PrimaryKey => "primary key",
                ConstraintKind::Unique => "unique",
                ConstraintKind::Check => "check",
                ConstraintKind::ForeignKey => "foreign key",
                ConstraintKind::NotNull => "not null",
                ConstraintKind::Exclusion => "exclude",
            };
            let _ = write!(text, "  {kind} {} ({})", quote_ident(&constraint.name), column_names(&constraint.columns));
            if constraint.kind == ConstraintKind::ForeignKey {
                let _ = write!(text, " -> {}", self.relation_name(constraint.references));
            }
            text.push_str(if constraint.deferrable { " deferrable" } else { "" });
            text.push_str(if constraint.validated { "" } else { " not valid" });
            text.push('\n');
        }
        let mut indexes: Vec<_> = row.indexes.iter().filter(|index| index.constraint.is_none()).collect();
        indexes.sort_by(|a, b| a.name.cmp(&b.name));
        for index in indexes {
            let unique = if index.unique { "unique index" } else { "index" };
            let partial = if index.partial { " partial" } else { "" };
            let name = quote_ident(&index.name);
            let _ = writeln!(text, "  {unique} {name} ({}){partial}", column_names(&index.columns));
        }
    }

    fn attached(&self, row: &Relation, text: &mut String) {
        for attached in self.catalog.attached.get(&row.oid).into_iter().flatten() {
            let word = match attached.kind {
                AttachedKind::Trigger => "trigger",
                AttachedKind::Rule => "rule",
                AttachedKind::Policy => "policy",
                AttachedKind::Default(_) | AttachedKind::Check | AttachedKind::Index => continue,
            };
            let _ = writeln!(text, "  {word} {}", quote_ident(&attached.name));
        }
    }

    fn attachments(&self, text: &mut String) {
        let attachments = &self.catalog.attachments;
        for (id, comment) in &attachments.comments {
            let _ = writeln!(text, "comment on {}: {comment:?}", id);
        }
        for (id, privileges) in &attachments.privileges {
            for (privilege, option) in privileges {
                let option = if *option { " with grant option" } else { "" };
                let _ = writeln!(text, "grant {}{option}", privilege_text(id, privilege, "to"));
            }
        }
        for (id, privileges) in &attachments.revoked {
            for privilege in privileges {
                let _ = writeln!(text, "revoke {}", privilege_text(id, privilege, "from"));
            }
        }
        for (id, owner) in &attachments.owners {
            let _ = writeln!(text, "owner of {}: {}", id, quote_ident(owner));
        }
    }
}

fn privilege_text(id: &ObjectId, privilege: &Privilege, to: &str) -> String {
    let column = privilege.column.as_ref().map(|column| format!(" ({})", quote_ident(column))).unwrap_or_default();
    let grantee = match &privilege.grantee {
        Grantee::Public => "public".to_owned(),
        Grantee::Role(role) => quote_ident(role).into_owned(),
    };
    format!("{}{column} on {} {to} {grantee}", privilege.privilege.to_lowercase(), id)
}
