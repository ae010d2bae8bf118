//! `drift --record`: the live state in place of what was recorded, when nothing is hidden by it. What may be recorded is decided by
//! the runtime; texts of another major version are proven on a throw-away database here.

use viewkeeper::postgres::Client;
use viewkeeper::{Anew, DataLoss, Error, Migrations};
use viewkeeper_engine::project::Project;

use super::leave_out;
use crate::database::ThrowAway;
use crate::migrate::chosen;
use crate::output::{Outcome, print_error};

pub(super) fn run(
    project: &Project,
    migrations: &Migrations,
    client: &mut Client,
    names: &[String],
) -> Result<Outcome, Error> {
    let options = chosen(project);
    let recorded = if names.is_empty() {
        let found = migrations.drift(client, &options)?;
        let mut kept = found.clone();
        leave_out(&mut kept, &project.settings.drift);
        let is_ignored = |name: &String| kept.found.iter().all(|drift| drift.name != *name);
        let left: Vec<String> = found.found.into_iter().map(|drift| drift.name).filter(is_ignored).collect();
        let proof = match found.upgrade {
            None => None,
            Some(upgrade) => match proof(project, migrations, client, upgrade.live)? {
                Ok(proof) => Some(proof),
                Err(why) => {
                    print_error(
                        &format!(
                            "nothing was recorded: what the migrations lead to on PostgreSQL {} is not known: {why}",
                            upgrade.live
                        ),
                        Some(
                            "texts are recorded anew when the migrations lead to them, which a throw-away database on a private \
                              server of that version shows: install its programs, or name their folder in `PG_BIN`",
                        ),
                    );
                    return Ok(Outcome::Failed);
                }
            },
        };
        migrations.record_anew(client, &options, Anew::All { proof: proof.as_deref(), left: &left })?
    } else {
        migrations.record_anew(client, &options, Anew::Named(names))?
    };
    match recorded {
        0 => println!("nothing to record: the database is recorded as it is"),
        1 => println!("recorded 1 object anew"),
        many => println!("recorded {many} objects anew"),
    }
    Ok(Outcome::Fine)
}

/// What the migrations that are applied lead to on a server of a major version; the inner error says why it cannot be had.
fn proof(
    project: &Project,
    migrations: &Migrations,
    client: &mut Client,
    major: u32,
) -> Result<Result<String, String>, Error> {
    let options = || chosen(project).data_loss(DataLoss::Allow);
    let status = migrations.status(client, &options())?;
    let applied = status.migrations.iter().filter(|one| one.applied_on.is_some()).map(|one| one.version).max();
    let Some(applied) = applied else {
        return Ok(Err("no migration is applied".to_owned()));
    };
    let made = || {
        let database = ThrowAway::of_major(major)?;
        let mut fresh = database.connect()?;
        let said = |error: Error| error.to_string();
        migrations.migrate(&mut fresh, options().target(applied)).map_err(said)?;
        let state = migrations.recorded_state(&mut fresh, &options()).map_err(said);
        drop(fresh);
        state
    };
    Ok(made())
}
