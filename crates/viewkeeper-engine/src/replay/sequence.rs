//! `CREATE SEQUENCE`, `ALTER SEQUENCE`: what they count, and the column that they belong to; their values are rows.

use super::address::Address;
use super::column::column;
use super::new_type::persistence;
use super::node;
use super::session::{Outcome, Session};
use super::table::NewRelation;
use crate::catalog::{Column, NotNull, Oid, RelationKind, Sequence, SequenceType, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};

/// The columns that every sequence has.
pub(super) fn columns() -> Vec<Column> {
    let not_null = |name: &str, type_: Oid| Column { not_null: NotNull::Yes, ..column(name, type_, -1, Oid::INVALID) };
    vec![not_null("last_value", oids::INT8), not_null("log_cnt", oids::INT8), not_null("is_called", oids::BOOL)]
}

impl Session<'_> {
    pub(super) fn create_sequence(&mut self, statement: &ast::CreateSeqStmt) -> Outcome {
        let Some(name) = &statement.sequence else { return Err(self.malformed("without a name")) };
        let schema = self.creation_schema(&name.schemaname, &name.relpersistence, name.location)?;
        let counts = self.counts(None, &statement.options)?;
        let taken = self.catalog.relation_by_name(schema, &name.relname).map(|row| row.oid);
        if let Some(sequence) = taken.filter(|oid| self.is_expected(&Address::Relation(*oid))) {
            let (provenance, persistence) = (self.provenance(), persistence(&name.relpersistence));
            self.catalog.update_relation(sequence, |row| {
                (row.provenance, row.persistence) = (Some(provenance), persistence);
            });
            self.catalog.sequence_owners.remove(&sequence);
            self.catalog.sequences.insert(sequence, counts);
            self.apply_default_privileges(&Address::Relation(sequence));
            return self.sequence_owner(sequence, &statement.options);
        }
        if statement.if_not_exists && self.relation_name_taken(schema, &name.relname) {
            return Ok(());
        }
        self.check_relation_name_free(schema, &name.relname, name.location)?;
        let sequence = self.add_relation(NewRelation {
            columns: columns(),
            persistence: persistence(&name.relpersistence),
            ..NewRelation::new(schema, &name.relname, RelationKind::Sequence)
        });
        self.catalog.sequences.insert(sequence, counts);
        self.apply_default_privileges(&Address::Relation(sequence));
        self.sequence_owner(sequence, &statement.options)
    }

    pub(super) fn alter_sequence(&mut self, statement: &ast::AlterSeqStmt) -> Outcome {
        let Some(sequence) = self.target(statement.sequence.as_ref(), statement.missing_ok)? else { return Ok(()) };
        self.check_kind(sequence, ast::ObjectType::ObjectSequence)?;
        // Nothing is kept of what a serial or identity column counts.
        if let Some(before) = self.catalog.sequences.get(&sequence) {
            let counts = self.counts(Some(before), &statement.options)?;
            self.catalog.sequences.insert(sequence, counts);
        }
        self.sequence_owner(sequence, &statement.options)
    }

    /// What a sequence counts with these options (`init_params` in sequence.c).
    pub(super) fn counts(&self, before: Option<&Sequence>, options: &[ast::Node]) -> Outcome<Sequence> {
        let find = |name: &str| node::options(options).find(|option| option.defname == name);
        let wrong = |message: String, location: i32| self.error(SqlState("22023"), message, location);
        let number = |name: &str| -> Outcome<Option<i64>> {
            let Some(option) = find(name).filter(|option| option.arg.is_some()) else { return Ok(None) };
            let value = node::option_text(option).and_then(|text| text.parse().ok());
            value.map(Some).ok_or_else(|| wrong(format!("the value of `{name}` is no bigint"), option.location))
        };
        let mut type_ = before.map_or_else(SequenceType::default, |row| row.type_);
        let (mut reset_min, mut reset_max) = (before.is_none(), before.is_none());
        let mut to_bounds = (false, false);
        if let Some(option) = find("as") {
            let written = match option.arg.as_ref().and_then(|arg| arg.node.as_ref()) {
                Some(NodeEnum::TypeName(name)) => self.type_named(name)?.0,
                _ => Oid::INVALID,
            };
            let new = match written {
                oids::INT2 => SequenceType::SmallInt,
                oids::INT4 => SequenceType::Integer,
                oids::INT8 => SequenceType::BigInt,
                _ => {
                    let message = "sequence type must be smallint, integer, or bigint";
                    return Err(wrong(message.to_owned(), option.location));
                }
            };
            // Bounds that were those of the type follow it.
            if let Some(before) = before.filter(|before| before.type_ != new) {
                let (min, max) = before.type_.bounds();
                to_bounds = (before.min == min, before.max == max);
                (reset_min, reset_max) = to_bounds;
            }
            type_ = new;
        }
        let increment = number("increment")?.or(before.map(|row| row.increment)).unwrap_or(1);
        if increment == 0 {
            return Err(wrong("INCREMENT must not be zero".to_owned(), -1));
        }
        let (lowest, highest) = type_.bounds();
        let none = |name: &str| find(name).is_some_and(|option| option.arg.is_none());
        let max = match (number("maxvalue")?, before) {
            (Some(max), _) => max,
            (None, Some(before)) if !reset_max && !none("maxvalue") => before.max,
            _ if increment > 0 || to_bounds.1 => highest,
            _ => -1,
        };
        let min = match (number("minvalue")?, before) {
            (Some(min), _) => min,
            (None, Some(before)) if !reset_min && !none("minvalue") => before.min,
            _ if increment < 0 || to_bounds.0 => lowest,
            _ => 1,
        };
        for (word, value) in [("MAXVALUE", max), ("MINVALUE", min)] {
            if value < lowest || value > highest {
                let message = format!("{word} ({value}) is out of range for sequence data type {}", type_.word());
                return Err(wrong(message, -1));
            }
        }
        if min >= max {
            return Err(wrong(format!("MINVALUE ({min}) must be less than MAXVALUE ({max})"), -1));
        }
        let first = if increment > 0 { min } else { max };
        let start = number("start")?.or(before.map(|row| row.start)).unwrap_or(first);
        if start < min || start > max {
            let bound = if start < min {
                format!("less than MINVALUE ({min})")
            } else {
                format!("greater than MAXVALUE ({max})")
            };
            return Err(wrong(format!("START value ({start}) cannot be {bound}"), -1));
        }
        let cache = number("cache")?.or(before.map(|row| row.cache)).unwrap_or(1);
        if cache <= 0 {
            return Err(wrong(format!("CACHE ({cache}) must be greater than zero"), -1));
        }
        let cycle = find("cycle").map_or(before.is_some_and(|row| row.cycle), node::option_bool);
        Ok(Sequence { type_, increment, min, max, start, cache, cycle })
    }

    /// `OWNED BY`.
    fn sequence_owner(&mut self, sequence: Oid, options: &[ast::Node]) -> Outcome {
        for option in node::options(options).filter(|option| option.defname == "owned_by") {
            let Some(NodeEnum::List(list)) = option.arg.as_ref().and_then(|arg| arg.node.as_ref()) else { continue };
            let parts = node::strings(&list.items);
            match parts.split_last() {
                Some((&"none", [])) | None => {
                    self.catalog.sequence_owners.remove(&sequence);
                }
                Some((_, [])) => {
                    return Err(self.error(SqlState::SYNTAX_ERROR, "invalid OWNED BY option", option.location));
                }
                Some((column, table)) => {
                    let table = self.relation(&node::range_var(table, option.location))?;
                    let number = self.column(table, column, option.location)?;
                    self.catalog.sequence_owners.insert(sequence, (table, number));
                }
            }
        }
        Ok(())
    }
}
