//! The list of what was written, so that the next run takes away what is no longer a page, and nothing else. Text only;
//! files are the caller's.

use std::collections::BTreeSet;

use super::address::is_page;

/// The name of the list, beside the index.
pub const MANIFEST: &str = "viewkeeper-docs.txt";
const HEAD: &str =
    "# What `cargo xtask docs` wrote here. It removes these files, and no others, when they are no longer pages.\n";

/// The list of some pages.
pub fn manifest<'p>(pages: impl IntoIterator<Item = &'p str>) -> String {
    let pages: BTreeSet<&str> = pages.into_iter().collect();
    let lines: String = pages.into_iter().map(|page| format!("{page}\n")).collect();
    format!("{HEAD}{lines}")
}

/// The pages in a list; nothing where it is not one that this module made. What can be no page is passed over, whoever wrote
/// it there.
pub fn listed(manifest: &str) -> Option<BTreeSet<String>> {
    let mut lines = manifest.lines();
    (lines.next() == HEAD.lines().next()).then(|| lines.filter(|line| is_page(line)).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_again_and_names_only_pages() {
        let text = manifest(["relations/public-b.html", "index.html"]);
        let pages = BTreeSet::from(["index.html", "relations/public-b.html"].map(str::to_owned));
        assert_eq!(listed(&text), Some(pages.clone()));
        assert_eq!(listed(&text.replace('\n', "\r\n")), Some(pages));
        let foreign = "/etc/passwd\n../index.html\nrelations/../../x.html\nnotes.html\n";
        assert_eq!(listed(&format!("{HEAD}{foreign}")), Some(BTreeSet::new()));
        assert_eq!(listed("index.html\n"), None);
    }
}
