//! `CREATE EVENT TRIGGER`, `ALTER EVENT TRIGGER`.

use std::sync::Arc;

use super::node;
use super::session::{Outcome, Session};
use crate::catalog::{EventTrigger, Firing, Origin};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};

impl Session<'_> {
    pub(super) fn create_event_trigger(&mut self, statement: &ast::CreateEventTrigStmt) -> Outcome {
        let name = &statement.trigname;
        if self.catalog.event_triggers.contains_key(name) {
            let message = format!("event trigger `{name}` already exists");
            return Err(self.error(SqlState::DUPLICATE_OBJECT, message, -1));
        }
        let names = node::strings(&statement.funcname);
        self.check_written_schema(node::schema_and_name(&names).0, -1)?;
        let Some(function) = self.trigger_function(&names) else {
            let message = format!("function `{}()` does not exist", names.join("."));
            return Err(self.error(SqlState::UNDEFINED_FUNCTION, message, -1));
        };
        let tags = node::options(&statement.whenclause).filter(|filter| filter.defname == "tag");
        let tags = tags.filter_map(|filter| match filter.arg.as_ref()?.node.as_ref()? {
            NodeEnum::List(list) => Some(node::strings(&list.items)),
            _ => None,
        });
        let tags = tags.flatten().map(str::to_uppercase).collect();
        let mut provenance = self.provenance();
        let id = crate::catalog::ObjectId::EventTrigger(name.clone());
        if self.origin == Origin::Generated && self.dropped_by_hand.remove(&id) {
            provenance.origin = Origin::HandWritten;
        }
        let event = statement.eventname.clone();
        let row = EventTrigger { event, tags, function, firing: Firing::Origin, provenance };
        self.catalog.event_triggers.insert(name.clone(), Arc::new(row));
        Ok(())
    }

    pub(super) fn alter_event_trigger(&mut self, statement: &ast::AlterEventTrigStmt) -> Outcome {
        let name = self.event_trigger(&statement.trigname)?;
        if let Some(row) = self.catalog.event_triggers.get_mut(&name) {
            Arc::make_mut(row).firing = match statement.tgenabled.as_str() {
                "D" => Firing::Disabled,
                "R" => Firing::Replica,
                "A" => Firing::Always,
                _ => Firing::Origin,
            };
        }
        Ok(())
    }

    /// The name of an event trigger that is there.
    pub(super) fn event_trigger(&self, name: &str) -> Outcome<String> {
        if self.catalog.event_triggers.contains_key(name) || !self.catalog.unmodelled.is_empty() {
            return Ok(name.to_owned());
        }
        Err(self.error(SqlState::UNDEFINED_OBJECT, format!("event trigger `{name}` does not exist"), -1))
    }
}
