//! What every locale refuses as an amount of money (`cash_in`): which signs and marks belong to one, and how many
//! digits follow its point, is the locale's matter.

use super::Input;
use super::number::{INVALID, SPACES};
use crate::diagnostic::SqlState;

/// Marks that no locale writes money with.
const STRANGE: [char; 22] =
    ['{', '}', '[', ']', '<', '>', ';', ':', '!', '?', '@', '#', '%', '^', '&', '*', '=', '_', '~', '`', '|', '\\'];

/// `cash_in`
pub(super) fn read(text: &str) -> Input {
    if text.contains(STRANGE) {
        return INVALID;
    }
    // The amount ends at a letter or white space; no digits follow then.
    let amount = text.find(|digit: char| digit.is_ascii_digit()).map_or("", |start| &text[start..]);
    let end = amount.find(|character: char| character.is_ascii_alphabetic() || SPACES.contains(&character));
    let (amount, after) = amount.split_at(end.unwrap_or(amount.len()));
    // White space separates thousands in some locales.
    if after.starts_with(|first: char| first.is_ascii_alphabetic()) && after.contains(|c: char| c.is_ascii_digit()) {
        return INVALID;
    }
    let whole: String = amount.chars().take_while(char::is_ascii_digit).collect();
    match whole.parse::<i128>() {
        Ok(whole) if whole > i128::from(i64::MAX) + 1 => Err(SqlState::OUT_OF_RANGE),
        Err(_) if !whole.is_empty() => Err(SqlState::OUT_OF_RANGE),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        for good in ["", "1", "$1,234.56", "-$5", "(1)", "1 234,56 kr", "12 EUR", "9223372036854775807"] {
            assert_eq!(read(good), Ok(()), "{good}");
        }
        assert_eq!(read("1 = 2"), INVALID);
        assert_eq!(read("12a3"), INVALID);
        assert_eq!(read("10000000000000000000"), Err(SqlState::OUT_OF_RANGE));
    }
}
