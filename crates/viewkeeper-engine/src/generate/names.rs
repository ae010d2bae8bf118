//! SQL names as Rust identifiers: valid, without a lint of rustc or clippy, the same in every build. No look-ups and
//! no text of items here.

use std::collections::BTreeSet;

use heck::{ToSnakeCase, ToUpperCamelCase};
use unicode_normalization::UnicodeNormalization;
use unicode_security::mixed_script::AugmentedScriptSet;
use unicode_security::{GeneralSecurityProfile, is_potential_mixed_script_confusable_char};

/// What an identifier names; it decides the case and which words are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// A field: `snake_case`.
    Field,
    /// A module: `snake_case`, and not the name of a primitive type or of a crate that generated code names.
    Module,
    /// A struct or enum: `UpperCamelCase`, and not a name of the prelude that generated code uses.
    Type,
    /// A variant of an enum: `UpperCamelCase`.
    Variant,
}

/// Words that only a raw identifier can spell (strict and reserved keywords up to edition 2024).
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Words that no identifier can spell, raw or not.
const NEVER: &[&str] = &["self", "super", "crate", "Self", "_"];

/// Names that a module would hide from the code beside it.
const TAKEN_BY_MODULES: &[&str] = &[
    "alloc",
    "bool",
    "char",
    "core",
    "f32",
    "f64",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "std",
    "str",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "viewkeeper",
];

/// Names that a type would hide from the generated code beside it.
const TAKEN_BY_TYPES: &[&str] = &["Box", "Err", "None", "Ok", "Option", "Result", "Some", "String", "Vec"];

/// The identifiers for a list of SQL names, in the same order, no two of them alike.
///
/// A name that already is the identifier keeps it, wherever it stands; the others get the first free number behind
/// them. So a column added later takes no name away from one whose name was clear.
pub(super) fn identifiers(names: &[&str], case: Case) -> Vec<String> {
    let wanted: Vec<String> = names.iter().map(|name| identifier(name, case)).collect();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut first_pass: Vec<Option<String>> = Vec::new();
    for (name, wanted) in names.iter().zip(&wanted) {
        let clear = plain(wanted) == *name && taken.insert(wanted.clone());
        first_pass.push(clear.then(|| wanted.clone()));
    }
    first_pass
        .into_iter()
        .zip(wanted)
        .map(|(given, wanted)| given.unwrap_or_else(|| free(&wanted, case, &mut taken)))
        .collect()
}

/// The identifier without what makes a keyword raw: what the suffix of a clash is put to.
fn plain(identifier: &str) -> &str {
    identifier.strip_prefix("r#").unwrap_or(identifier)
}

fn free(wanted: &str, case: Case, taken: &mut BTreeSet<String>) -> String {
    if taken.insert(wanted.to_owned()) {
        return wanted.to_owned();
    }
    let stem = plain(wanted).trim_end_matches('_');
    // rustc takes an underscore in a type's name between digits only.
    let camel = matches!(case, Case::Type | Case::Variant) && !stem.ends_with(|c: char| c.is_numeric());
    let mut number = 2usize;
    loop {
        let numbered = if camel { format!("{stem}{number}") } else { format!("{stem}_{number}") };
        if taken.insert(numbered.clone()) {
            return numbered;
        }
        number += 1;
    }
}

/// The identifier for one SQL name, without regard to others.
pub(super) fn identifier(name: &str, case: Case) -> String {
    let name: String = if name.is_empty() { "empty".to_owned() } else { name.nfc().collect() };
    let name = spellable(&name);
    let cased = match case {
        Case::Field | Case::Module if is_lint_free_snake(&name) => name.clone(),
        Case::Field | Case::Module => name.to_snake_case(),
        Case::Type | Case::Variant => name.to_upper_camel_case(),
    };
    let mut cased: String = cased.nfc().collect();
    if cased.is_empty() {
        // Nothing but punctuation or pictures: their numbers are at least stable.
        let numbers: String = name.chars().map(|c| format!("u{:x}", u32::from(c))).collect();
        cased = if case == Case::Type || case == Case::Variant { numbers.to_upper_camel_case() } else { numbers };
    }
    if !cased.starts_with(|c| unicode_ident::is_xid_start(c) || c == '_') {
        cased.insert(0, '_');
    }
    let taken = match case {
        Case::Module => TAKEN_BY_MODULES,
        Case::Type => TAKEN_BY_TYPES,
        Case::Field | Case::Variant => &[],
    };
    if NEVER.contains(&&*cased) || taken.contains(&&*cased) {
        cased.push('_');
    } else if KEYWORDS.contains(&&*cased) {
        cased.insert_str(0, "r#");
    }
    cased
}

/// The name with every character that rustc would lint, or not take at all, replaced: letters by their number,
/// anything else by a space, which separates words.
fn spellable(name: &str) -> String {
    let usable = |c: char| {
        c.is_ascii_alphanumeric() || c == '_' || (unicode_ident::is_xid_continue(c) && c.identifier_allowed())
    };
    // `mixed_script_confusables` can only be allowed for a whole crate, so it must not fire: a script counts as meant
    // when one of its letters cannot be taken for a Latin one.
    let meant = |c: char| {
        c.is_ascii()
            || !is_potential_mixed_script_confusable_char(c)
            || name.chars().any(|other| {
                !other.is_ascii()
                    && usable(other)
                    && !is_potential_mixed_script_confusable_char(other)
                    && AugmentedScriptSet::for_char(other) == AugmentedScriptSet::for_char(c)
            })
    };
    let nothing_left = !name.chars().any(|c| c.is_alphanumeric() || c == '_');
    if nothing_left {
        return name.to_owned();
    }
    let mut spelled = String::with_capacity(name.len());
    for c in name.chars() {
        if usable(c) && meant(c) {
            spelled.push(c);
        } else if c.is_alphanumeric() {
            spelled.push_str(&format!(" u{:x} ", u32::from(c)));
        } else {
            spelled.push(' ');
        }
    }
    spelled
}

/// Whether rustc's `non_snake_case` takes the name as it stands: then it is kept, so that a field is found by the name
/// of its column.
fn is_lint_free_snake(name: &str) -> bool {
    let inner = name.trim_matches('_');
    !inner.is_empty()
        && !inner.contains("__")
        && name.chars().all(|c| (unicode_ident::is_xid_continue(c) || c == '_') && !c.is_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_fields() {
        for (name, field) in [
            ("user_id", "user_id"),
            ("userId", "user_id"),
            ("type", "r#type"),
            ("self", "self_"),
            ("Self", "self_"),
            ("crate", "crate_"),
            ("gen", "r#gen"),
            ("_", "u5f"),
            ("__", "u5fu5f"),
            ("_id", "_id"),
            ("a__b", "a_b"),
            ("30_days", "_30_days"),
            ("posts_30d", "posts_30d"),
            ("total €", "total"),
            ("say \"hi\"", "say_hi"),
            ("größe", "größe"),
            ("e\u{301}t\u{e9}", "été"),
            ("имя", "имя"),
            ("日本語", "日本語"),
            ("🎉", "u1f389"),
            ("?column?", "column"),
            ("ID", "id"),
        ] {
            assert_eq!(identifier(name, Case::Field), field, "{name}");
        }
        // Cyrillic letters that all look Latin would be a lint.
        assert_eq!(identifier("\u{430}\u{441}", Case::Field), "u430_u441");
    }

    #[test]
    fn names_of_types_and_modules() {
        for (name, type_) in [
            ("active_users", "ActiveUsers"),
            ("option", "Option_"),
            ("self", "Self_"),
            ("2fa", "_2fa"),
            ("größe", "Größe"),
            ("日本語", "日本語"),
        ] {
            assert_eq!(identifier(name, Case::Type), type_, "{name}");
        }
        assert_eq!(identifier("i64", Case::Module), "i64_");
        assert_eq!(identifier("Reporting", Case::Module), "reporting");
    }

    #[test]
    fn clashes_get_numbers_and_clear_names_keep_theirs() {
        assert_eq!(
            identifiers(&["userId", "user_id", "USER_ID", "user_id_2"], Case::Field),
            ["user_id_3", "user_id", "user_id_4", "user_id_2"]
        );
        assert_eq!(identifiers(&["Type", "type"], Case::Field), ["type_2", "r#type"]);
        assert_eq!(
            identifiers(&["self", "Self", "a1", "A1", ""], Case::Variant),
            ["Self_", "Self2", "A1_2", "A1", "Empty"]
        );
    }
}
