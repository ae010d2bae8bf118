//! Drift as annotations beside the lines of the definitions.

use viewkeeper::Upgrade;

use super::{Object, details, upgrade_text};
use crate::github::{Level, annotate};

pub(super) fn print(objects: &[Object<'_>], upgrade: Option<Upgrade>) {
    for object in objects {
        let place = object.declared_in.as_ref().map(|(file, line)| (file.as_str(), *line, None));
        annotate(Level::Error, place, &object.title(), &details(object));
    }
    if let Some(upgrade) = upgrade {
        annotate(Level::Warning, None, "major upgrade", &upgrade_text(upgrade));
    }
}
