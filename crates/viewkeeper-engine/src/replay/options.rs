//! `ALTER TABLE … SET` and `RESET` of storage and view options, `SET LOGGED` and `UNLOGGED`.

use super::node;
use super::session::{Outcome, Session};
use super::table::reloptions;
use crate::catalog::{CheckOption, ConstraintKind, Index, NotNull, Oid, Persistence, Relation, RelationKind};
use crate::diagnostic::SqlState;
use crate::parser::NodeEnum;

impl Session<'_> {
    pub(super) fn set_options(&mut self, table: Oid, definition: Option<&NodeEnum>) -> Outcome {
        let Some(NodeEnum::List(list)) = definition else { return Ok(()) };
        let mut new = reloptions(&list.items);
        let kind = self.own(table)?.kind;
        if matches!(kind, RelationKind::Table | RelationKind::MaterializedView) {
            self.check_storage_options(&new, -1)?;
        }
        if kind == RelationKind::View {
            self.check_view_options(&new, -1)?;
            if let Some(at) = new.iter().position(|(key, _)| key == "check_option") {
                let (_, value) = new.remove(at);
                let option = self.check_option_value(&value)?;
                let view = self.own(table)?.view.as_ref();
                if let Some(tree) = view.and_then(|view| view.tree.clone()) {
                    self.check_check_option(&tree, -1)?;
                }
                self.set_check_option(table, Some(option));
            }
        }
        self.catalog.update_relation(table, |row| {
            for (key, value) in new {
                row.options.retain(|(other, _)| *other != key);
                row.options.push((key, value));
            }
            row.options.sort();
        });
        Ok(())
    }

    fn set_check_option(&mut self, view: Oid, option: Option<CheckOption>) {
        self.catalog.update_relation(view, |row| {
            if let Some(view) = &mut row.view {
                view.check_option = option;
            }
        });
    }

    pub(super) fn reset_options(&mut self, table: Oid, definition: Option<&NodeEnum>) -> Outcome {
        let Some(NodeEnum::List(list)) = definition else { return Ok(()) };
        if node::options(&list.items).any(|option| option.arg.is_some()) {
            return Err(self.error(SqlState::SYNTAX_ERROR, "RESET must not include values for parameters", -1));
        }
        for (key, _) in reloptions(&list.items) {
            if key == "check_option" {
                self.set_check_option(table, None);
            }
            self.catalog.update_relation(table, |row| row.options.retain(|(other, _)| *other != key));
        }
        Ok(())
    }

    /// A permanent table does not point at one whose rows may go (`ATPrepChangePersistence`).
    fn check_foreign_keys_last(&self, table: Oid, new: Persistence) -> Outcome {
        let row = self.own(table)?;
        if row.persistence == new || row.kind == RelationKind::Sequence {
            return Ok(());
        }
        let persistence = |oid: Oid| self.catalog.relation(oid).map(|row| row.persistence);
        let keys = |row: &Relation| {
            let keys = row.constraints.iter().filter(|key| key.kind == ConstraintKind::ForeignKey);
            keys.map(|key| key.references).collect::<Vec<_>>()
        };
        let in_the_way = match new {
            Persistence::Permanent => keys(row).into_iter().find(|other| {
                *other != table && persistence(*other).is_some_and(|kind| kind != Persistence::Permanent)
            }),
            Persistence::Unlogged => {
                let mut others = self.catalog.relations.values().filter(|other| other.oid != table);
                let points = |other: &&std::sync::Arc<Relation>| {
                    other.persistence == Persistence::Permanent && keys(other).contains(&table)
                };
                others.find(points).map(|other| other.oid)
            }
            Persistence::Temporary => None,
        };
        let Some(other) = in_the_way else { return Ok(()) };
        let (name, other) = (&row.name, self.relation_name(other));
        let message = match new {
            Persistence::Permanent => {
                format!("could not change table `{name}` to logged because it references unlogged table `{other}`")
            }
            _ => format!(
                "could not change table `{name}` to unlogged because it is referenced by logged table `{other}`"
            ),
        };
        Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, -1))
    }

    /// An index of a table by its name, as `CLUSTER ON` and `REPLICA IDENTITY` look for it.
    pub(super) fn table_index(&self, table: Oid, name: &str) -> Outcome<&Index> {
        let row = self.own(table)?;
        if let Some(index) = row.indexes.iter().find(|index| index.name == name) {
            return Ok(index);
        }
        if self.relation_name_taken(row.schema, name) {
            let message = format!("`{name}` is not an index for table `{}`", row.name);
            return Err(self.error(SqlState::WRONG_OBJECT_TYPE, message, -1));
        }
        let message = format!("index `{name}` for table `{}` does not exist", row.name);
        Err(self.error(SqlState::UNDEFINED_OBJECT, message, -1))
    }

    /// An index that tells rows apart (`ATExecReplicaIdentity`).
    pub(super) fn check_replica_identity(&self, table: Oid, name: &str) -> Outcome {
        let index = self.table_index(table, name)?;
        let row = self.own(table)?;
        let deferrable = row.constraints.iter().any(|constraint| constraint.name == name && constraint.deferrable);
        let nullable = index.columns.iter().filter_map(|number| row.attribute(*number));
        let nullable =
            nullable.filter(|column| column.not_null == NotNull::No).map(|column| column.name.as_str()).next();
        let (code, reason) = if !index.unique {
            (SqlState::WRONG_OBJECT_TYPE, "it is not unique".to_owned())
        } else if deferrable {
            (SqlState::FEATURE_NOT_SUPPORTED, "it is deferrable".to_owned())
        } else if index.columns.contains(&0) {
            (SqlState::FEATURE_NOT_SUPPORTED, "it is of expressions".to_owned())
        } else if index.partial {
            (SqlState::FEATURE_NOT_SUPPORTED, "it is partial".to_owned())
        } else if let Some(column) = nullable {
            (SqlState::WRONG_OBJECT_TYPE, format!("its column `{column}` may be null"))
        } else {
            return Ok(());
        };
        Err(self.error(code, format!("index `{name}` cannot be used as replica identity"), -1).note(reason))
    }

    pub(super) fn set_persistence(&mut self, table: Oid, persistence: Persistence) -> Outcome {
        self.check_foreign_keys_last(table, persistence)?;
        self.catalog.update_relation(table, |row| row.persistence = persistence);
        Ok(())
    }
}
