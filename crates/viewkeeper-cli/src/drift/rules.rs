//! Whether the rules of `[[drift.ignore]]` say words that drift has. What they leave out is decided beside `drift`.

use viewkeeper::{Drift, Finding};
use viewkeeper_engine::config::{DriftSettings, FILE_NAME};

use super::word;
use crate::output::{print_error, print_warning};

/// Prints what is wrong with rules; whether nothing is. A word that nothing has would leave nothing out, and say nothing.
pub(crate) fn are_right(settings: &DriftSettings) -> bool {
    let findings = [Finding::Changed, Finding::Dropped, Finding::CreatedOutside].map(word);
    let mut right = true;
    for rule in &settings.ignore {
        let words: [(&str, &Option<String>, &[&str]); 3] = [
            ("kind", &rule.kind, Drift::KINDS),
            ("finding", &rule.finding, &findings),
            ("aspect", &rule.aspect, Drift::ASPECTS),
        ];
        for (key, given, known) in words {
            let unknown = given.as_deref().filter(|given| !known.contains(given));
            if let Some(given) = unknown {
                let message = format!("`{key} = '{given}'` in `[[drift.ignore]]` of `{FILE_NAME}` leaves nothing out");
                print_error(&message, Some(&format!("`{key}` is one of {}", known.join(", "))));
                right = false;
            }
        }
        let has_schema = |kind: &str| !Drift::KINDS_WITHOUT_SCHEMA.contains(&kind);
        if let Some(name) = rule.name.as_deref().filter(|name| !name.contains(['.', '*', ' ']))
            && rule.kind.as_deref().is_none_or(has_schema)
        {
            print_warning(
                &format!(
                    "`name = '{name}'` in `[[drift.ignore]]` of `{FILE_NAME}` names no schema, so only a schema, an extension or an \
                     event trigger is left out"
                ),
                &format!("name other objects with their schema: `name = 'public.{name}'`, or `'*.{name}'`"),
            );
        }
    }
    right
}
