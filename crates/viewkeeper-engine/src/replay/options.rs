//! `ALTER TABLE … SET` and `RESET` of storage and view options, `SET LOGGED` and `UNLOGGED`.

use super::session::{Outcome, Session};
use super::table::reloptions;
use crate::catalog::{CheckOption, Oid, Persistence, RelationKind};
use crate::parser::NodeEnum;

impl Session<'_> {
    pub(super) fn set_options(&mut self, table: Oid, definition: Option<&NodeEnum>) -> Outcome {
        let Some(NodeEnum::List(list)) = definition else { return Ok(()) };
        let mut new = reloptions(&list.items);
        if self.own(table)?.kind == RelationKind::View {
        let kind = self.own(table)?.kind;
        if matches!(kind, RelationKind::Table | RelationKind::MaterializedView) {
            self.check_storage_options(&new, -1)?;
        }
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
        for (key, _) in reloptions(&list.items) {
            if key == "check_option" {
                self.set_check_option(table, None);
            }
            self.catalog.update_relation(table, |row| row.options.retain(|(other, _)| *other != key));
        }
        Ok(())
    }

    pub(super) fn set_persistence(&mut self, table: Oid, persistence: Persistence) -> Outcome {
        self.catalog.update_relation(table, |row| row.persistence = persistence);
        Ok(())
    }
}
