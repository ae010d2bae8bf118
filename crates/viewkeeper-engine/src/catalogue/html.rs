//! HTML as text: what people wrote is escaped here, and nowhere is it written otherwise. The frame that every page has;
//! what stands in it is the pages'.

use std::fmt;

use super::address::{INDEX, LINEAGE, Place};

const STYLE: &str = include_str!("style.css");

/// Text that shows as it is, between tags and in attributes.
pub(super) fn esc(text: &str) -> Escaped<'_> {
    Escaped(text)
}

/// See [`esc`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Escaped<'t>(&'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\r' => {}
                '\n' | '\t' => f.write_char(c)?,
                c if is_unseen(c) => f.write_char('\u{fffd}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// What HTML does not allow, and what would turn the direction of the text around it.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fdd0}'..='\u{fdef}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// One line of a message or a reason: what stands between backticks is code.
pub(super) fn ticked(text: &str) -> String {
    if text.matches('`').count() % 2 == 1 {
        return esc(text).to_string();
    }
    let mut html = String::new();
    for (number, piece) in text.split('`').enumerate() {
        if number % 2 == 1 {
            html.push_str(&format!("<code>{}</code>", esc(piece)));
        } else {
            html.push_str(&esc(piece).to_string());
        }
    }
    html
}

/// The paragraphs of a comment; its line breaks stay.
pub(super) fn paragraphs(comment: &str) -> String {
    let text = comment.replace("\r\n", "\n");
    let mut html = String::new();
    let mut open: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end).chain([""]) {
        if !line.is_empty() {
            open.push(line);
        } else if !open.is_empty() {
            html.push_str(&format!("<p>{}</p>\n", esc(&open.join("\n"))));
            open.clear();
        }
    }
    html
}

/// The first line of a comment that says something.
pub(super) fn first_line(comment: &str) -> &str {
    comment.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}

/// `1 view`, `2 views`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Names in one line; of very many only the first, the others where a reader asks for them.
pub(super) fn folded(items: &[String], most: usize) -> String {
    if items.len() <= most + 1 {
        return items.join(", ");
    }
    let (first, rest) = items.split_at(most);
    format!("{}<details><summary>and {} more</summary>{}</details>", first.join(", "), rest.len(), rest.join(", "))
}

/// Whether there is a page with the picture of the whole project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overview {
    /// There is.
    Page,
    /// The project is too large for one picture, or has no lineage.
    None,
}

/// A whole page.
pub(super) fn page(from: Place, overview: Overview, title: &str, content: &str) -> String {
    let lineage = match overview {
        Overview::Page => format!("\n<a href=\"{}\">Lineage</a>", from.to(LINEAGE)),
        Overview::None => String::new(),
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"viewkeeper\">\n\
         <title>{}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#content\">Skip to the content</a>\n\
         <header>\n<nav aria-label=\"Catalogue\">\n<a class=\"home\" href=\"{}\">Catalogue</a>{lineage}\n</nav>\n</header>\n\
         <main id=\"content\">\n{content}</main>\n\
         <footer>Made by viewkeeper from the project&#39;s migrations and definitions.</footer>\n</body>\n</html>\n",
        esc(title),
        from.to(INDEX),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_people_write_is_markup() {
        let shown = esc("<script>alert(\"a\" & 'b')</script>\u{1}\u{202e}\r\n\t\u{200d}").to_string();
        assert_eq!(
            shown,
            "&lt;script&gt;alert(&quot;a&quot; &amp; &#39;b&#39;)&lt;/script&gt;\u{fffd}\u{fffd}\n\t\u{200d}"
        );
        assert_eq!(ticked("`a<b` is not `c`"), "<code>a&lt;b</code> is not <code>c</code>");
        assert_eq!(ticked("an odd ` one"), "an odd ` one");
    }

    #[test]
    fn comments_are_paragraphs() {
        assert_eq!(paragraphs("\r\none\r\ntwo \n\n\nthree\n"), "<p>one\ntwo</p>\n<p>three</p>\n");
        assert_eq!(first_line("\n  one\ntwo"), "one");
        assert_eq!(paragraphs(" \n "), "");
    }
}
