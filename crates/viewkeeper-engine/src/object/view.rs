//! Views: replaced in place where PostgreSQL allows it, otherwise recreated with everything that depends on them.

use std::collections::BTreeSet;

use super::column_change::is_replaceable;
use super::query_change::{column_hazards, query_change};
use super::statement::{create_view, named_types, option_name, options_list, uses, view_of};
use super::{Action, Body, Difference, Kind, Statement, relation_name};
use crate::catalog::{Catalog, CheckOption, ObjectId, Provenance, Relation, RelationKind};
use crate::hazard::{Hazard, HazardKind};
use crate::name::QualifiedName;

/// `CREATE VIEW`.
#[derive(Debug)]
pub(super) struct View;

impl Kind for View {
    fn objects(&self, catalog: &Catalog) -> BTreeSet<ObjectId> {
        relations_of(catalog, RelationKind::View).map(ObjectId::View).collect()
    }

    fn provenance<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> Option<&'c Provenance> {
        view_of(catalog, id).and_then(|(relation, _)| relation.provenance.as_ref())
    }

    fn depends_on(&self, catalog: &Catalog, id: &ObjectId) -> BTreeSet<ObjectId> {
        uses(catalog, id)
    }

    fn needed_at_creation(&self, catalog: &Catalog, id: &ObjectId) -> BTreeSet<ObjectId> {
        named_types(catalog, id)
    }

    fn parts(&self, catalog: &Catalog, id: &ObjectId) -> Vec<ObjectId> {
        columns(catalog, id)
    }

    fn compare(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Difference {
        let mut difference = Difference::none();
        let (Some(name), Some((before, before_view)), Some((after, after_view))) =
            (relation_name(id), view_of(old, id), view_of(new, id))
        else {
            return difference;
        };
        if let Some(change) = query_change((old, before, before_view), (new, after, after_view)) {
            let replaceable = is_replaceable((old, before), (new, after));
            difference.body = if replaceable { Body::Replace } else { Body::Recreate };
            difference.hazards = column_hazards(name, &change.columns);
            difference.details = change.details;
        }
        let (old_options, new_options) = (options(before), options(after));
        if old_options != new_options {
            option_changes(name, &old_options, &new_options, &mut difference);
        }
        difference
    }

    fn create(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
        statement("CREATE", catalog, id)
    }

    fn replace(&self, _old: &Catalog, new: &Catalog, id: &ObjectId) -> Vec<Statement> {
        statement("CREATE OR REPLACE", new, id)
    }

    /// Its options.
    fn is_reset(&self, _new: &Catalog, _id: &ObjectId) -> bool {
        true
    }

    fn hazards(&self, _catalog: &Catalog, id: &ObjectId, action: Action) -> Vec<Hazard> {
        lock_hazard(id, action)
    }

    fn search_path<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> &'c [String] {
        view_of(catalog, id).map_or(&[], |(_, view)| &view.search_path)
    }
}

fn statement(verb: &str, catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
    let (Some(name), Some((relation, view))) = (relation_name(id), view_of(catalog, id)) else {
        return Vec::new();
    };
    vec![Statement::new(create_view(verb, catalog, name, (relation, view)))]
}

/// The options of a view, with the check option among them as `reloptions` has it.
fn options(relation: &Relation) -> Vec<(String, String)> {
    let mut options: Vec<_> = relation.options.iter().filter(|(key, _)| key != "check_option").cloned().collect();
    match relation.view.as_ref().and_then(|view| view.check_option) {
        Some(CheckOption::Local) => options.push(("check_option".to_owned(), "local".to_owned())),
        Some(CheckOption::Cascaded) => options.push(("check_option".to_owned(), "cascaded".to_owned())),
        None => {}
    }
    options.sort();
    options
}

fn option_changes(
    name: &QualifiedName,
    old: &[(String, String)],
    new: &[(String, String)],
    difference: &mut Difference,
) {
    let set: Vec<_> = new.iter().filter(|option| !old.contains(option)).collect();
    let reset: Vec<_> = old.iter().filter(|(key, _)| !new.iter().any(|(kept, _)| kept == key)).collect();
    if !reset.is_empty() {
        let keys: Vec<_> = reset.iter().map(|(key, _)| option_name(key)).collect();
        difference.take_away.push(Statement::new(format!("ALTER VIEW {name} RESET ({})", keys.join(", "))));
    }
    if !set.is_empty() {
        difference.alter.push(Statement::new(format!("ALTER VIEW {name} SET ({})", options_list(set.iter().copied()))));
    }
    for (key, value) in &set {
        difference.details.push(format!("option `{key}` set to `{value}`"));
    }
    for (key, _) in &reset {
        difference.details.push(format!("option `{key}` removed"));
    }
    for key in ["security_barrier", "security_invoker"] {
        if is_on(old, key) && !is_on(new, key) {
            difference.hazards.push(Hazard::new(
                HazardKind::WidensAccess,
                format!("`{name}` is no longer a `{key}` view: readers may see rows that were kept from them"),
            ));
        }
    }
    if old.iter().any(|(key, _)| key == "check_option") && !new.iter().any(|(key, _)| key == "check_option") {
        difference.hazards.push(Hazard::new(
            HazardKind::WidensAccess,
            format!("`{name}` takes rows that it does not show: its check option is gone"),
        ));
    }
}

fn is_on(options: &[(String, String)], key: &str) -> bool {
    options.iter().any(|(name, value)| name == key && !matches!(value.as_str(), "false" | "off" | "0" | "no"))
}

/// What is at risk when a view becomes a materialized view of the same name, or the other way round.
pub(crate) fn change_of_kind_hazards(old: &Catalog, id: &ObjectId, successor: &ObjectId) -> Vec<Hazard> {
    let lost = match id {
        ObjectId::View(_) => "defaults, triggers, rules and options",
        _ => "indexes, statistics and storage settings",
    };
    let sentence = format!(
        "{successor} comes in the place of {id}: owner, privileges and comments stay, {lost} that were given by hand go"
    );
    let mut hazards = vec![Hazard::new(HazardKind::BreaksCode, sentence)];
    let invoker = view_of(old, id).is_some_and(|(row, _)| is_on(&row.options, "security_invoker"));
    if let (ObjectId::View(name), true) = (id, invoker) {
        hazards.push(Hazard::new(
            HazardKind::WidensAccess,
            format!(
                "`{name}` is no longer a `security_invoker` view: readers see the rows that the owner of the \
                 materialized view may see"
            ),
        ));
    }
    hazards
}

/// Names of the relations of one kind; temporary ones are nobody's to keep.
pub(super) fn relations_of(catalog: &Catalog, kind: RelationKind) -> impl Iterator<Item = QualifiedName> {
    catalog
        .relations
        .values()
        .filter(move |relation| relation.kind == kind && relation.provenance.is_some())
        .filter_map(|relation| catalog.relation_name(relation.oid))
}

/// The columns of a relation.
pub(super) fn columns(catalog: &Catalog, id: &ObjectId) -> Vec<ObjectId> {
    let Some((name, relation)) = relation_name(id).and_then(|name| Some((name, catalog.relation_named(name)?))) else {
        return Vec::new();
    };
    relation.live_columns().map(|(_, column)| ObjectId::Column(name.clone(), column.name.clone())).collect()
}

/// Every change of a relation's body locks it against readers until the transaction ends.
pub(super) fn lock_hazard(id: &ObjectId, action: Action) -> Vec<Hazard> {
    let locks = matches!(action, Action::Drop | Action::Replace | Action::Swap);
    relation_name(id)
        .filter(|_| locks)
        .map(|name| {
            Hazard::new(HazardKind::ExclusiveLock, format!("readers of `{name}` wait until the migration commits"))
        })
        .into_iter()
        .collect()
}
