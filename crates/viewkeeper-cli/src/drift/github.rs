//! Drift as workflow commands, which GitHub shows as annotations beside the lines of the definitions.

use viewkeeper::Upgrade;

use super::{Object, details, upgrade_text};

pub(super) fn print(objects: &[Object<'_>], upgrade: Option<Upgrade>) {
    for object in objects {
        let place = object
            .declared_in
            .as_ref()
            .map_or(String::new(), |(file, line)| format!("file={},line={line},", property(file)));
        println!("::error {place}title={}::{}", property(&object.title()), data(&details(object)));
    }
    if let Some(upgrade) = upgrade {
        println!("::warning title=major upgrade::{}", data(&upgrade_text(upgrade)));
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
