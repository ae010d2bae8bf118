//! What all pages draw on: the relations with their addresses, who reads whom, where columns come from and go to. Plain
//! data made from a catalog, and links; no page is written here.

use std::collections::{BTreeMap, BTreeSet};

use super::address::{INDEX, Place, anchor, relation_page};
use super::html::esc;
use super::network::Network;
use crate::analysis::ColumnRef;
use crate::catalog::{Catalog, Member, ObjectId, Oid, Provenance, Relation};
use crate::describe::{RelationDescription, describe_relation, described, origin_columns};
use crate::graph::{relation_id, type_id};
use crate::lineage::BaseColumns;
use crate::name::{QualifiedName, quote_ident};
use crate::project::Project;

/// A relation with a page.
#[derive(Debug)]
pub(super) struct Entry<'c> {
    /// Its object.
    pub(super) id: ObjectId,
    /// Its name.
    pub(super) name: QualifiedName,
    /// Its row.
    pub(super) row: &'c Relation,
    /// What `describe` says of it.
    pub(super) told: RelationDescription,
    /// The path of its page.
    pub(super) page: String,
}

/// The project as its pages need it.
#[derive(Debug)]
pub(super) struct Site<'c> {
    pub(super) catalog: &'c Catalog,
    /// The relations by schema and name.
    pub(super) entries: Vec<Entry<'c>>,
    /// Types and routines of the project, which have places on the index.
    pub(super) objects: BTreeMap<ObjectId, Oid>,
    pub(super) network: Network,
    search_path: &'c [String],
    /// The folder of the project, as messages show it.
    folder: &'c camino::Utf8Path,
    by_oid: BTreeMap<Oid, usize>,
    base: BaseColumns<'c>,
    /// For each column of a relation, the columns of views that are copied or computed from it.
    goes_into: BTreeMap<ColumnRef, BTreeSet<(usize, i16)>>,
}

impl<'c> Site<'c> {
    /// Of a state.
    pub(super) fn new(project: &'c Project, catalog: &'c Catalog) -> Self {
        let search_path = &project.settings.search_path;
        let base = BaseColumns::new(catalog);
        let mut rows: Vec<(QualifiedName, &Relation)> =
            described(catalog).filter_map(|row| Some((catalog.relation_name(row.oid)?, row))).collect();
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        let mut taken = BTreeSet::new();
        let mut entries = Vec::new();
        for (name, row) in rows {
            let told = describe_relation(catalog, search_path, &base, row);
            if let (Some(told), Some(id)) = (told, relation_id(catalog, row.oid)) {
                entries.push(Entry { id, row, told, page: relation_page(&name, &mut taken), name });
            }
        }
        let by_oid: BTreeMap<Oid, usize> = entries.iter().enumerate().map(|(n, entry)| (entry.row.oid, n)).collect();
        let mut goes_into: BTreeMap<ColumnRef, BTreeSet<(usize, i16)>> = BTreeMap::new();
        for (reader, entry) in entries.iter().enumerate() {
            let columns = entry.row.view.iter().flat_map(|view| &view.analysis.columns);
            for (number, column) in (1i16..).zip(columns) {
                for from in column.lineage.copied.iter().chain(&column.lineage.computed) {
                    goes_into.entry(*from).or_default().insert((reader, number));
                }
            }
        }
        let network = Network::new(catalog, &entries);
        let (objects, folder) = (objects(catalog), project.shown_as.as_path());
        Self { catalog, entries, objects, network, search_path, folder, by_oid, base, goes_into }
    }

    /// Whether names of a schema go without it: it is the first of the search path.
    pub(super) fn is_home(&self, schema: &str) -> bool {
        self.search_path.first().is_some_and(|first| first == schema)
    }

    /// The schemas of the search path come first, then the others by name.
    pub(super) fn rank<'s>(&self, schema: &'s str) -> (usize, &'s str) {
        let place = self.search_path.iter().position(|searched| searched == schema);
        (place.unwrap_or(self.search_path.len()), schema)
    }

    /// The relation of a row, where it has a page.
    pub(super) fn entry(&self, oid: Oid) -> Option<&Entry<'c>> {
        self.entries.get(*self.by_oid.get(&oid)?)
    }

    /// What is said of an object.
    pub(super) fn comment(&self, id: &ObjectId) -> Option<&'c str> {
        self.catalog.attachments.comments.get(id).map(String::as_str)
    }

    /// The columns of views that a column's value goes into.
    pub(super) fn goes_into(&self, column: ColumnRef) -> Vec<(&Entry<'c>, i16)> {
        let found = self.goes_into.get(&column).into_iter().flatten();
        found.filter_map(|(entry, number)| Some((self.entries.get(*entry)?, *number))).collect()
    }

    /// The columns of tables that the value of a view's column comes from in the end.
    pub(super) fn origin(&self, entry: &Entry<'_>, number: i16) -> BTreeSet<ColumnRef> {
        origin_columns(&self.base, entry.row, number)
    }

    /// A relation's name, with its schema unless that is the first of the search path; as SQL spells it.
    pub(super) fn shown(&self, name: &QualifiedName) -> String {
        if self.is_home(&name.schema) { quote_ident(&name.name).into_owned() } else { name.to_string() }
    }

    /// The name of a relation as a link to its page; the name alone where it has none.
    pub(super) fn link(&self, from: Place, oid: Oid) -> String {
        match self.entry(oid) {
            Some(entry) => self.link_to(from, entry),
            None => match self.catalog.relation_name(oid) {
                Some(name) => format!("<code>{}</code>", esc(&name.to_string())),
                None => "<code>???</code>".to_owned(),
            },
        }
    }

    /// The same of a relation that has one.
    pub(super) fn link_to(&self, from: Place, entry: &Entry<'_>) -> String {
        format!("<a href=\"{}\"><code>{}</code></a>", from.to(&entry.page), esc(&self.shown(&entry.name)))
    }

    /// A column as a link to its place; number 0 is the whole row.
    pub(super) fn column_link(&self, from: Place, (oid, number): ColumnRef) -> String {
        let column = self.catalog.relation(oid).and_then(|row| row.attribute(number));
        let (Some(entry), Some(column)) = (self.entry(oid), column) else {
            let whole = self.link(from, oid);
            return match column {
                Some(column) => format!("{whole}<code>.{}</code>", esc(&quote_ident(&column.name))),
                None => whole,
            };
        };
        let shown = format!("{}.{}", self.shown(&entry.name), quote_ident(&column.name));
        format!("<a href=\"{}#{}\"><code>{}</code></a>", from.to(&entry.page), column_anchor(&column.name), esc(&shown))
    }

    /// A type as it is printed, as a link where the project made it.
    pub(super) fn type_link(&self, from: Place, type_: Oid, shown: &str) -> String {
        match type_id(self.catalog, type_) {
            Some(id) => self.object_link(from, &id, shown),
            None => format!("<code>{}</code>", esc(shown)),
        }
    }

    /// A name of a routine or a type, as a link where it has a place on the index.
    pub(super) fn object_link(&self, from: Place, id: &ObjectId, shown: &str) -> String {
        let code = format!("<code>{}</code>", esc(shown));
        self.object_address(from, id)
            .map_or_else(|| code.clone(), |address| format!("<a href=\"{address}\">{code}</a>"))
    }

    /// The place of a routine or a type on the index.
    pub(super) fn object_address(&self, from: Place, id: &ObjectId) -> Option<String> {
        self.objects.contains_key(id).then(|| format!("{}#{}", from.to(INDEX), object_anchor(id)))
    }

    /// The name of a routine or a type, shown like those of relations.
    pub(super) fn object_name(&self, id: &ObjectId) -> String {
        match id.schema() {
            Some(schema) => self.shown(&QualifiedName::new(schema, id.name())),
            None => id.sql_name(),
        }
    }

    /// Where a statement stands, from the project's folder: the same wherever the command was started.
    pub(super) fn made_at(&self, made: &Provenance) -> String {
        let line = made.file.line_column(made.span.start).0;
        format!("{}:{line}", self.file(&made.file.path))
    }

    /// A file of the project.
    pub(super) fn file(&self, path: &camino::Utf8Path) -> String {
        let folder = self.folder.components().rev().find(|part| matches!(part, camino::Utf8Component::Normal(_)));
        let shown = match (path.strip_prefix(self.folder), folder) {
            (Ok(below), Some(folder)) => camino::Utf8Path::new(folder.as_str()).join(below),
            (Ok(below), None) => below.to_owned(),
            (Err(_), _) => path.to_owned(),
        };
        shown.as_str().replace('\\', "/")
    }
}

fn objects(catalog: &Catalog) -> BTreeMap<ObjectId, Oid> {
    let is_own = |member: Member| catalog.extension_of(member).is_none();
    let types = catalog.types.values().filter(|row| row.source.is_some() && is_own(Member::Type(row.oid)));
    let types = types.filter_map(|row| {
        Some((ObjectId::Type(QualifiedName::new(catalog.schema_name(row.schema)?, &*row.name)), row.oid))
    });
    let routines = catalog.routines.values().filter(|row| row.source.is_some() && is_own(Member::Routine(row.oid)));
    let routines = routines.filter_map(|row| Some((catalog.routine_id(row.oid)?, row.oid)));
    types.chain(routines).collect()
}

/// The place of a column on its relation's page.
pub(super) fn column_anchor(column: &str) -> String {
    anchor("column", column)
}

/// The place of a routine or type on the index.
pub(super) fn object_anchor(id: &ObjectId) -> String {
    anchor(id.word(), &id.sql_name())
}
