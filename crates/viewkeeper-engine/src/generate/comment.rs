//! Text of people (SQL comments, names, reasons) as doc comments: shown as it was written, never taken for markup that
//! rustdoc or clippy stumble over.

/// How far a line of a doc comment goes.
const WIDTH: usize = 100;

/// Doc comment lines for paragraphs of already escaped text, an empty line between them.
pub(super) fn doc(indent: &str, paragraphs: &[String]) -> String {
    let mut lines = String::new();
    for (number, paragraph) in paragraphs.iter().enumerate() {
        if number > 0 {
            lines.push_str(&format!("{indent}///\n"));
        }
        for line in paragraph.lines() {
            let line = wrap(line, WIDTH.saturating_sub(indent.len() + 4));
            for line in line {
                lines.push_str(format!("{indent}/// {line}").trim_end());
                lines.push('\n');
            }
        }
    }
    lines
}

/// The paragraphs of a comment from SQL, escaped.
pub(super) fn paragraphs(comment: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    for line in comment.lines() {
        let line = escape(line);
        let Some(last) = paragraphs.last_mut() else { continue };
        match (line.is_empty(), last.is_empty()) {
            (true, true) => {}
            (true, false) => paragraphs.push(String::new()),
            (false, true) => *last = line,
            (false, false) => {
                last.push('\n');
                last.push_str(&line);
            }
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

/// One line as Markdown that shows it: brackets and angle brackets outside of `code` would be links and HTML, and the
/// beginning of a line could be a list, a heading, a quotation or a block of code that rustdoc would compile.
pub(super) fn escape(line: &str) -> String {
    let clean: String = line.chars().map(|c| if is_shown(c) { c } else { ' ' }).collect();
    let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    let balanced = clean.matches('`').count() % 2 == 0 && !clean.contains("``");
    let mut escaped = String::with_capacity(clean.len());
    let mut in_code = false;
    for c in clean.chars() {
        match c {
            '`' if balanced => in_code = !in_code,
            '`' | '[' | ']' | '<' | '>' | '*' | '_' | '\\' | '|' | '~' | '&'
                if !in_code && needs_escape(c, &escaped) =>
            {
                escaped.push('\\');
            }
            _ => {}
        }
        escaped.push(c);
    }
    escape_beginning(escaped).replace("://", ":\\//")
}

/// `_` inside a word is no markup; everything else in the list may be.
fn needs_escape(c: char, before: &str) -> bool {
    c != '_' || !before.ends_with(char::is_alphanumeric)
}

fn escape_beginning(line: String) -> String {
    if line.starts_with(['#', '+', '-', '=']) {
        return format!("\\{line}");
    }
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    match line.as_bytes().get(digits) {
        Some(b'.' | b')') if digits > 0 => format!("{}\\{}", &line[..digits], &line[digits..]),
        _ => line,
    }
}

/// Letters and spaces; not what steers a terminal or the direction of text, which rustc denies in comments.
fn is_shown(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A name or type as inline code, whatever stands in it.
pub(super) fn code(text: &str) -> String {
    let clean: String = text.chars().map(|c| if is_shown(c) { c } else { ' ' }).collect();
    if clean.contains('`') { format!("`` {clean} ``") } else { format!("`{clean}`") }
}

/// Lines of at most `width` characters, broken between words only, never inside inline code.
fn wrap(line: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut last = String::new();
    let mut in_code = false;
    for word in line.split(' ') {
        if !last.is_empty() && !in_code && last.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut last));
            // A word that would be markup at the beginning of a line is escaped where it comes to stand.
            last = escape_beginning(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
        let ticks = word.matches('`').count() - word.matches("\\`").count();
        in_code ^= ticks % 2 == 1;
    }
    lines.push(last);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_of_people_stays_text() {
        for (text, escaped) in [
            ("plain text.", "plain text."),
            ("- a list", "\\- a list"),
            ("12. twelfth", "12\\. twelfth"),
            ("    let code = 1;", "let code = 1;"),
            ("```", "\\`\\`\\`"),
            ("see [Users] and `users[1]` <b>", "see \\[Users\\] and `users[1]` \\<b\\>"),
            ("snake_case_name", "snake_case_name"),
            ("https://a.example/x", "https:\\//a.example/x"),
            ("tab\there\u{202e}", "tab here"),
        ] {
            assert_eq!(escape(text), escaped);
        }
        assert_eq!(paragraphs("one\r\ntwo\n\n\nthree\n"), ["one\ntwo", "three"]);
        assert_eq!(code("a`b"), "`` a`b ``");
    }

    #[test]
    fn long_lines_are_wrapped_between_words() {
        let wrapped = wrap("aaa bbb `c d e` - ff", 7);
        assert_eq!(wrapped, ["aaa bbb", "`c d e`", "\\- ff"]);
    }
}
