//! The nearest of several names to a misspelt one. What is done with it is the caller's.

/// The candidate that is most likely meant, if any is near enough: by edit distance, at most a quarter of the length, and one
/// for short words. Of one or two letters only the case may differ, and no such word is meant by a longer one.
/// Of equally near ones the first in alphabetical order.
pub fn nearest<'n>(wrong: &str, candidates: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let wrong_lower = wrong.to_lowercase();
    let length = wrong.chars().count();
    let limit = if length < 3 { 0 } else { (length / 4).max(1) };
    candidates
        .into_iter()
        .filter(|candidate| *candidate != wrong && (limit == 0 || candidate.chars().count() >= 3))
        .filter_map(|candidate| Some((distance(&wrong_lower, &candidate.to_lowercase(), limit)?, candidate)))
        .min()
        .map(|(_, candidate)| candidate)
}

/// The number of insertions, deletions, substitutions and swaps of neighbours between two words (optimal string
/// alignment), unless it is above `limit`.
pub fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let substitution = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = substitution.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        assert_eq!(nearest("nmae", ["id", "name", "mail"]), Some("name"));
        assert_eq!(nearest("lenght", ["length", "left"]), Some("length"));
        assert_eq!(nearest("ID", ["id"]), Some("id"));
        assert_eq!(nearest("x", ["created_at"]), None);
        assert_eq!(nearest("i", ["a", "I"]), Some("I"));
        assert_eq!(nearest("u", ["t", "us"]), None);
        assert_eq!(nearest("len", ["ln", "lens"]), Some("lens"));
        assert_eq!(nearest("group_concat", ["jsonb_concat"]), None);
        assert_eq!(distance("ab", "ba", 2), Some(1));
        assert_eq!(distance("größe", "grösse", 2), Some(2));
    }
}
