//! SQL as its author wrote it, as HTML: escaped, with comments, literals and keywords marked. Where the scanner does not
//! understand a text, it is shown without marks.

use super::html::esc;
use crate::parser::{Token, tokens};
use crate::source::Span;

/// The statement at `span`, with the comment lines directly above it.
pub(super) fn highlighted(file: &str, span: Span) -> String {
    let statement = file.get(span.start..span.end).unwrap_or_default();
    let start = above(file.get(..span.start).unwrap_or_default());
    let comment = file.get(start..span.start).unwrap_or_default();
    marked(comment) + &marked(statement)
}

/// Where the lines of `--` begin that a text ends with.
fn above(text: &str) -> usize {
    let mut start = text.len();
    for line in text.split_inclusive('\n').rev() {
        if !line.ends_with('\n') || !line.trim_start().starts_with("--") {
            break;
        }
        start -= line.len();
    }
    start
}

fn marked(text: &str) -> String {
    let mut html = String::new();
    let mut done = 0;
    for token in tokens(text) {
        let (Some(before), Some(word)) = (text.get(done..token.span.start), text.get(token.span.start..token.span.end))
        else {
            break;
        };
        html.push_str(&esc(before).to_string());
        html.push_str(&match class(&token, word) {
            Some(class) => format!("<span class=\"{class}\">{}</span>", esc(word)),
            None => esc(word).to_string(),
        });
        done = token.span.end;
    }
    html + &esc(text.get(done..).unwrap_or_default()).to_string()
}

fn class(token: &Token, word: &str) -> Option<&'static str> {
    // Keywords that could be names are marked where their author wrote them as keywords.
    let is_shouted = || word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase());
    if token.comment {
        Some("comment")
    } else if word.ends_with('\'') || word.starts_with('$') && word.ends_with('$') {
        Some("literal")
    } else if token.reserved || is_shouted() {
        Some("keyword")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_marked_is_still_the_text() {
        let text = "select 1;\n-- Who is < 3.\n-- Really.\nSELECT 'a<b' AS \"x&y\", name -- end\nFROM t";
        let start = text.find("SELECT").unwrap();
        assert_eq!(
            highlighted(text, Span::new(start, text.len())),
            "<span class=\"comment\">-- Who is &lt; 3.</span>\n<span class=\"comment\">-- Really.</span>\n\
             <span class=\"keyword\">SELECT</span> <span class=\"literal\">&#39;a&lt;b&#39;</span> \
             <span class=\"keyword\">AS</span> &quot;x&amp;y&quot;, name <span class=\"comment\">-- end</span>\n\
             <span class=\"keyword\">FROM</span> t"
        );
        assert_eq!(marked("SELECT 'open <"), "SELECT &#39;open &lt;");
        assert_eq!(highlighted("", Span::new(3, 9)), "");
    }
}
