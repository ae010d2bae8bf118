//! What a statement makes or speaks of, for text that is to become definitions.

use super::subject::Subject;
use crate::catalog::Catalog;
use crate::config::Settings;
use crate::parser::NodeEnum;
use crate::replay::session::Session;

/// Reads statements whose names are qualified.
pub(crate) struct Outline<'s>(Session<'s>);

impl<'s> Outline<'s> {
    pub(crate) fn new(settings: &'s Settings) -> Self {
        Self(Session::new(Catalog::new(settings.server_version), settings))
    }

    /// The object that a statement makes, where definitions may make it.
    pub(crate) fn made_by(&self, node: &NodeEnum) -> Option<Subject> {
        Subject::made_by(&self.0, node)
    }

    /// The objects that a statement speaks of, but for those of indexes.
    pub(crate) fn spoken_of(&self, node: &NodeEnum) -> Vec<Subject> {
        Subject::spoken_of(&self.0, node, &[])
    }
}
