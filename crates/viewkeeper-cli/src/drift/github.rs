//! Drift as annotations beside the lines of the definitions.

use viewkeeper::Upgrade;

use super::{Object, details, upgrade_text};
use crate::github::{Level, annotate};

/// What is said of one object, or of all.
#[derive(Debug, Clone)]
pub(crate) struct Annotation {
    level: Level,
    /// File and line.
    place: Option<(String, usize)>,
    title: String,
    message: String,
}

impl Annotation {
    /// Prints it; `of` names the database, where there are several.
    pub(crate) fn print(&self, of: Option<&str>) {
        let place = self.place.as_ref().map(|(file, line)| (file.as_str(), *line, None));
        let title = of.map_or_else(|| self.title.clone(), |of| format!("{of}: {}", self.title));
        annotate(self.level, place, &title, &self.message);
    }
}

pub(super) fn annotations(objects: &[Object<'_>], upgrade: Option<Upgrade>) -> Vec<Annotation> {
    let of_object = |object: &Object<'_>| Annotation {
        level: Level::Error,
        place: object.declared_in.clone(),
        title: object.title(),
        message: details(object),
    };
    let upgrade = upgrade.map(|upgrade| Annotation {
        level: Level::Warning,
        place: None,
        title: "major upgrade".to_owned(),
        message: upgrade_text(upgrade),
    });
    objects.iter().map(of_object).chain(upgrade).collect()
}
