//! A catalogue to browse: one page for each relation, with its columns, where they come from and a lineage picture; an
//! index of all; a picture of the whole. Pure: a state in, the text of files out. Which of them are written, and which
//! are taken away, is the command's, through `files.rs`. Nothing here describes what `describe` does already.

mod address;
mod html;
mod index_page;
mod manifest;
mod network;
mod parts;
mod picture;
mod reading;
mod relation_page;
mod site;
mod sql;
#[cfg(test)]
mod tests;
mod uses;

pub use manifest::{MANIFEST, listed, manifest};

use crate::catalog::Catalog;
use crate::describe::errors;
use crate::diagnostic::Diagnostics;
use crate::project::Project;
use html::Overview;
use site::Site;

/// A file of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its path below the catalogue's folder, with `/` between the parts.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The files of the catalogue of a state of a project, in order of their paths. What is broken is said on the index, and
/// has no page.
pub fn catalogue(project: &Project, catalog: &Catalog, problems: &Diagnostics) -> Vec<Page> {
    let site = Site::new(project, catalog);
    let lineage = index_page::lineage_page(&site);
    let overview = if lineage.is_some() { Overview::Page } else { Overview::None };
    let index = index_page::index_page(&site, &errors(problems), overview);
    let mut pages = vec![Page { path: address::INDEX.to_owned(), text: index }];
    pages.extend(lineage.map(|text| Page { path: address::LINEAGE.to_owned(), text }));
    for (number, entry) in site.entries.iter().enumerate() {
        let text = relation_page::relation_page(&site, number, entry, overview);
        pages.push(Page { path: entry.page.clone(), text });
    }
    pages.sort_by(|a, b| a.path.cmp(&b.path));
    pages
}
