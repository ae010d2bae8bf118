//! What somebody changed in a database since its last migration: the live state against the recorded one, as values. How
//! it is read, compared, taken back and recorded is said in the modules below; `anew` and `applied` alone write.

mod acl;
mod anew;
mod applied;
mod compare;
mod declaration;
mod edition;
mod given;
mod object;
mod part;
mod read;
mod reads;
mod repair;
mod words;

use std::collections::BTreeMap;

pub use anew::Anew;
pub use part::DriftPart;
use postgres::Client;

use crate::Migrations;
use crate::error::Error;
use crate::history::Store;
use crate::options::Options;

/// What [`Migrations::drift`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DriftReport {
    /// The objects that are not as they were recorded: what another one needs comes before it, so that the repairs can be
    /// run in this order, and otherwise in order of their names.
    pub found: Vec<Drift>,
    /// Set when objects were recorded on another major version of PostgreSQL: each prints definitions in its own way, so
    /// of those only what is no text was compared.
    pub upgrade: Option<Upgrade>,
    /// How many objects an earlier release recorded with less than this one records, or not at all: they were compared as
    /// far as they were recorded.
    pub earlier: usize,
}

/// Objects that were recorded on another major version than the server has now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Upgrade {
    /// The oldest major version that something was recorded on.
    pub recorded: u32,
    /// The server's.
    pub live: u32,
    /// How many objects were not recorded on the server's.
    pub objects: usize,
}

/// An object that is not as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drift {
    /// `view`, `materialized view`, `table`, `function`, `enum` and so on.
    pub kind: String,
    /// With its schema, quoted where needed.
    pub name: String,
    /// What became of it.
    pub finding: Finding,
    /// What differs; for a dropped object what was recorded, for one created outside its definition.
    pub aspects: Vec<Aspect>,
    /// What reads it in the database, directly or through others, in order of the names.
    pub readers: Vec<String>,
    /// Statements that lead back to what was recorded. They never drop what the migrations did not create.
    pub repair: Vec<String>,
    /// Aspects that [`Self::repair`] does not lead back, each with the reason.
    pub unrepaired: Vec<String>,
    /// Where definitions can declare its kind, and its text could be had: the statements that declare it as it is. The
    /// first one creates it.
    pub declaration: Vec<String>,
    /// Of a relation that seems to be another one that was found: of one that is gone the name that it has now, of one that no
    /// migration made the name that it had.
    pub other_name: Option<String>,
    /// What differs that no definition can say, by name.
    pub unsaid: Vec<String>,
    /// What of it has definitions of its own, and differs.
    pub parts: Vec<DriftPart>,
}

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// It is there, and differs.
    Changed,
    /// It was recorded, and is not there.
    Dropped,
    /// It is there, and no migration made it.
    CreatedOutside,
}

/// One aspect of an object on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Aspect {
    /// `definition`, `columns`, `options`, `privileges`, `owner`, `comment`, `indexes`, `populated` and so on.
    pub name: String,
    /// As it was recorded, in lines.
    pub expected: String,
    /// As it is; `None` when what the server stores of it differs, and its text could not be had without waiting for a
    /// lock that another session holds on the object or on something it reads.
    pub live: Option<String>,
}

impl Migrations {
    /// What differs between the database and what was recorded in it with its last migration.
    ///
    /// One read-only transaction, which works on a hot standby, and for a role that may only read viewkeeper's table.
    /// Where it may not read refinery's, too, the last state that viewkeeper recorded counts. What can be compared without
    /// touching a relation is compared first; only the texts of objects that differ are asked for, and those that wait
    /// for another session's lock are reported without.
    ///
    /// # Errors
    /// When nothing was recorded, or the database cannot be read.
    pub fn drift(&self, client: &mut Client, options: &Options<'_>) -> Result<DriftReport, Error> {
        let mut transaction = read::begin(client)?;
        let states = read::states(&mut transaction, &Store::new(&options.schema), options.recorded.as_deref())?;
        transaction.rollback().map_err(read::failed)?;
        Ok(compare::report(&states))
    }

    /// The statements that create objects as the database has them, by their names as [`Drift`] has them. Left out is what
    /// is not there, what definitions cannot declare, and what waits for another session's lock.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn live_definitions(
        &self,
        client: &mut Client,
        options: &Options<'_>,
        names: &[String],
    ) -> Result<BTreeMap<String, String>, Error> {
        let mut transaction = read::begin(client)?;
        let texts = read::texts(&mut transaction, options.recorded.as_deref(), names)?;
        transaction.rollback().map_err(read::failed)?;
        let created = texts.iter().filter(|((_, name), _)| names.contains(name));
        Ok(created.filter_map(|((_, name), entry)| Some((name.clone(), declaration::create(name, entry)?))).collect())
    }
}
