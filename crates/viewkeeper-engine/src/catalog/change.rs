//! The only way to put rows into a [`Catalog`], change and remove them: the maps and their index stay of one mind. What a
//! statement means for dependent rows is said in `replay`.

use std::sync::Arc;

use super::index::Index;
use super::meaning::{Meaning, Meanings, Reach};
use super::{Cast, Catalog, Collation, Oid, Operator, Provenance, Relation, Routine, Schema, Type};

/// What rows are found by besides their own names.
trait Indexed {
    /// The names of their parts.
    fn part_names(&self) -> Vec<String> {
        Vec::new()
    }

    /// What they are children of.
    fn parents(&self) -> &[Oid] {
        &[]
    }
}

/// Its indexes: they share their names with relations.
impl Indexed for Relation {
    fn part_names(&self) -> Vec<String> {
        self.indexes.iter().map(|index| index.name.clone()).collect()
    }

    fn parents(&self) -> &[Oid] {
        &self.parents
    }
}

impl Indexed for Type {}
impl Indexed for Routine {}
impl Indexed for Operator {}
impl Indexed for Collation {}

fn part_names(row: &impl Indexed) -> Vec<String> {
    row.part_names()
}

macro_rules! rows {
    ($row:ident, $map:ident, $insert:ident, $update:ident, $remove:ident, $what:literal) => {
        impl Catalog {
            #[doc = concat!("Adds ", $what, ", in the place of the one with the same number.")]
            pub fn $insert(&mut self, row: $row) {
                self.$remove(row.oid);
                self.meanings_mut().change(&row.name, &row.appears());
                self.index_mut().$map.insert(row.schema, &row.name, row.oid);
                self.index_parts(row.oid, row.schema, &part_names(&row));
                self.index_parents(row.oid, &[], Indexed::parents(&row));
                self.$map.insert(row.oid, Arc::new(row));
            }

            #[doc = concat!("Changes ", $what, " of this state (name and schema too); false when there is none.")]
            #[doc = "The number must not be changed."]
            pub fn $update(&mut self, oid: Oid, change: impl FnOnce(&mut $row)) -> bool {
                let Some(slot) = self.$map.get_mut(&oid) else { return false };
                let before = Arc::clone(slot);
                let (schema, name, parts) = (before.schema, &before.name, part_names(&*before));
                let row = Arc::make_mut(slot);
                change(row);
                row.oid = oid;
                let reach = row.changes(&before);
                let meanings = Arc::make_mut(&mut self.meanings);
                meanings.change(name, &reach);
                meanings.change(&row.name, &reach);
                let (new_schema, new_parts) = (row.schema, part_names(row));
                let parents = Indexed::parents(row).to_vec();
                if (row.schema, &row.name) != (schema, name) {
                    let new_name = row.name.clone();
                    let index = self.index_mut();
                    index.$map.remove(name, oid);
                    index.$map.insert(new_schema, &new_name, oid);
                }
                if (schema, &parts) != (new_schema, &new_parts) {
                    self.forget_parts(oid, &parts);
                    self.index_parts(oid, new_schema, &new_parts);
                }
                self.index_parents(oid, Indexed::parents(&*before), &parents);
                true
            }

            #[doc = concat!("Takes ", $what, " out of this state.")]
            pub fn $remove(&mut self, oid: Oid) -> Option<Arc<$row>> {
                let row = self.$map.remove(&oid)?;
                self.meanings_mut().change(&row.name, &row.disappears());
                self.index_mut().$map.remove(&row.name, oid);
                self.forget_parts(oid, &part_names(&*row));
                self.index_parents(oid, Indexed::parents(&*row), &[]);
                Some(row)
            }
        }
    };
}

rows!(Relation, relations, insert_relation, update_relation, remove_relation, "a relation");
rows!(Type, types, insert_type, update_type, remove_type, "a type");
rows!(Routine, routines, insert_routine, update_routine, remove_routine, "a routine");
rows!(Operator, operators, insert_operator, update_operator, remove_operator, "an operator");
rows!(Collation, collations, insert_collation, update_collation, remove_collation, "a collation");

impl Catalog {
    fn index_mut(&mut self) -> &mut Index {
        Arc::make_mut(&mut self.index)
    }

    fn meanings_mut(&mut self) -> &mut Meanings {
        Arc::make_mut(&mut self.meanings)
    }

    fn index_parts(&mut self, owner: Oid, schema: Oid, names: &[String]) {
        for name in names {
            self.index_mut().parts.insert(schema, name, owner);
        }
    }

    fn index_parents(&mut self, child: Oid, before: &[Oid], now: &[Oid]) {
        if before != now {
            let index = self.index_mut();
            before.iter().for_each(|parent| index.remove_child(*parent, child));
            now.iter().for_each(|parent| index.add_child(*parent, child));
        }
    }

    fn forget_parts(&mut self, owner: Oid, names: &[String]) {
        for name in names {
            self.index_mut().parts.remove(name, owner);
        }
    }

    /// Adds a schema, in the place of the one with the same number.
    pub fn insert_schema(&mut self, schema: Schema) {
        self.remove_schema(schema.oid);
        self.meanings_mut().change(&schema.name, &schema.appears());
        self.index_mut().schemas.insert(schema.name.clone(), schema.oid);
        self.schemas.insert(schema.oid, Arc::new(schema));
    }

    /// Says what made a schema of this state.
    pub fn schema_made_by(&mut self, oid: Oid, provenance: Provenance) {
        if let Some(row) = self.schemas.get_mut(&oid) {
            Arc::make_mut(row).provenance = Some(provenance);
        }
    }

    /// Gives a schema of this state another name; false when there is none.
    pub fn rename_schema(&mut self, oid: Oid, name: impl Into<String>) -> bool {
        match self.remove_schema(oid) {
            Some(row) => {
                self.insert_schema(Schema { name: name.into(), ..(*row).clone() });
                true
            }
            None => false,
        }
    }

    /// Takes a schema out of this state; what is in it stays.
    pub fn remove_schema(&mut self, oid: Oid) -> Option<Arc<Schema>> {
        let schema = self.schemas.remove(&oid)?;
        self.meanings_mut().change(&schema.name, &schema.disappears());
        self.index_mut().schemas.remove(&schema.name);
        Some(schema)
    }

    /// Gives a relation of this state another name; false when there is none. Its row type is not renamed.
    pub fn rename_relation(&mut self, oid: Oid, name: impl Into<String>) -> bool {
        self.update_relation(oid, |relation| relation.name = name.into())
    }

    /// Gives a type of this state another name; false when there is none. Its array type is not renamed.
    pub fn rename_type(&mut self, oid: Oid, name: impl Into<String>) -> bool {
        self.update_type(oid, |type_| type_.name = name.into())
    }

    /// Adds a cast, in the place of the one between the same types.
    pub fn insert_cast(&mut self, cast: Cast) {
        self.meanings_mut().change("", &Reach::Everything);
        self.casts.insert((cast.source, cast.target), Arc::new(cast));
    }

    /// Takes a cast out of this state.
    pub fn remove_cast(&mut self, source: Oid, target: Oid) -> Option<Arc<Cast>> {
        self.meanings_mut().change("", &Reach::Everything);
        self.casts.remove(&(source, target))
    }
}
