//! Names that the server gives to constraints, indexes and sequences that have none (`makeObjectName`).

use crate::name::MAX_IDENTIFIER_BYTES;

/// `name1_name2_label`, the longer of the two names cut until it fits; an empty `name2` is left out.
pub(super) fn object_name(name1: &str, name2: &str, label: &str) -> String {
    let overhead = if label.is_empty() { 0 } else { label.len() + 1 } + usize::from(!name2.is_empty());
    let available = MAX_IDENTIFIER_BYTES.saturating_sub(overhead);
    let (mut length1, mut length2) = (name1.len(), name2.len());
    while length1 + length2 > available {
        if length1 > length2 { length1 -= 1 } else { length2 -= 1 }
    }
    let mut name = clip(name1, length1).to_owned();
    for part in [clip(name2, length2), label] {
        if !part.is_empty() {
            name.push('_');
            name.push_str(part);
        }
    }
    name
}

fn clip(name: &str, mut length: usize) -> &str {
    while !name.is_char_boundary(length) {
        length -= 1;
    }
    &name[..length]
}

/// The first of `…_label`, `…_label1`, `…_label2` that is free (`ChooseRelationName`, `ChooseConstraintName`).
pub(super) fn choose(name1: &str, name2: &str, label: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut pass = 0u32;
    loop {
        let label = if pass == 0 { label.to_owned() } else { format!("{label}{pass}") };
        let name = object_name(name1, name2, &label);
        if !taken(&name) {
            return name;
        }
        pass += 1;
    }
}

/// Names of columns joined for a constraint's or index's name (`ChooseIndexNameAddition`).
pub(super) fn joined(names: &[&str]) -> String {
    let mut text = String::new();
    for name in names {
        if !text.is_empty() {
            text.push('_');
        }
        text.push_str(name);
        if text.len() >= MAX_IDENTIFIER_BYTES {
            break;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_evenly() {
        assert_eq!(object_name("users", "id", "seq"), "users_id_seq");
        assert_eq!(object_name("users", "", "pkey"), "users_pkey");
        let name = object_name(&"a".repeat(60), &"b".repeat(40), "fkey");
        assert_eq!(name.len(), 63);
        assert_eq!(name, format!("{}_{}_fkey", "a".repeat(29), "b".repeat(28)));
    }

    #[test]
    fn taken_names_get_a_number() {
        assert_eq!(choose("t", "a", "key", |name| name == "t_a_key"), "t_a_key1");
    }
}
