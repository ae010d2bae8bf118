//! The canonical texts of queries by what their authors wrote: a view that is made again of the same text, in this state or one
//! that comes of it, is not written anew. The canonical text is the parser's; nothing here knows how it looks.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::Catalog;

/// States that come from each other share them: the text alone decides.
#[derive(Debug, Default)]
pub(super) struct CanonicalQueries(RwLock<BTreeMap<Arc<str>, Arc<str>>>);

impl Catalog {
    /// Takes the queries of its views for known ones.
    pub(crate) fn know_its_queries(&self) {
        let mut known = self.canonical_queries.0.write().unwrap_or_else(PoisonError::into_inner);
        for view in self.relations.values().filter_map(|row| row.view.as_ref()).filter(|view| !view.followed) {
            known.insert(Arc::clone(&view.query_text), Arc::clone(&view.canonical_query));
        }
    }

    /// A query's text and its canonical text, which `canonical` makes where it is not known yet.
    ///
    /// # Errors
    /// Those of `canonical`.
    pub(crate) fn canonical_query<E>(
        &self,
        text: &str,
        canonical: impl FnOnce() -> Result<String, E>,
    ) -> Result<(Arc<str>, Arc<str>), E> {
        let CanonicalQueries(queries) = &*self.canonical_queries;
        let known = queries.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((text, canonical)) = known.get_key_value(text) {
            return Ok((Arc::clone(text), Arc::clone(canonical)));
        }
        drop(known);
        let (text, canonical): (Arc<str>, Arc<str>) = (text.into(), canonical()?.into());
        let mut known = queries.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(Arc::clone(&text), Arc::clone(&canonical));
        Ok((text, canonical))
    }
}
