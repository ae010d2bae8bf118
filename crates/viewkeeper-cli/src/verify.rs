//! `db-diff --verify`: the proof of a migration on a throw-away database of the private server.

use viewkeeper::postgres::Client;
use viewkeeper::{DataLoss, Migrations, Options, RollbackTo};
use viewkeeper_engine::migration::{MigrationFile, MigrationId};
use viewkeeper_engine::proposal::{Proposed, plans};
use viewkeeper_engine::render;
use viewkeeper_engine::states::without_definitions;
use viewkeeper_engine::tenant::Names;
use viewkeeper_live::{ServerState, apply, read};

use crate::database::ThrowAway;

/// Applies all migrations and the proposals to an empty database, and takes each proposal back in between: the states must
/// be those that the definitions build from nothing, and those before.
///
/// # Errors
/// With what differs, or what the server said.
pub(crate) fn verify(proposed: &[Proposed]) -> Result<(), String> {
    let (Some(first), Some(last)) = (proposed.first(), proposed.last()) else { return Ok(()) };
    let (project, migrated) = (&first.project, &first.states.migrated);
    let stepwise = ThrowAway::new()?;
    let mut client = stepwise.connect()?;
    let pairs = |files: &[MigrationFile]| -> Vec<(String, String)> {
        files.iter().map(|file| (format!("{}.sql", file.id), file.source.text.clone())).collect()
    };
    let (mut migrations, mut rollbacks) = (pairs(&project.migrations), pairs(&project.rollbacks));
    let options = || Options::new().search_path(project.settings.search_path.clone()).data_loss(DataLoss::Allow);
    migrate(&mut client, migrations.clone(), rollbacks.clone(), options())?;
    for Proposed { proposal, .. } in proposed {
        let before = state(&mut client)?;
        let file = format!("{}.sql", proposal.id);
        migrations.push((file.clone(), proposal.migration.clone()));
        rollbacks.push((file, proposal.rollback.clone()));
        migrate(&mut client, migrations.clone(), rollbacks.clone(), options())?;
        let files = Migrations::read(migrations.clone(), rollbacks.clone());
        files.rollback(&mut client, RollbackTo::Steps(1), options()).map_err(|error| error.to_string())?;
        // Where values stay in an enum, the file says so.
        if proposal.stays.is_empty() {
            compare("the rollback does not lead back", &before, &state(&mut client)?)?;
        }
        migrate(&mut client, migrations.clone(), rollbacks.clone(), options())?;
    }
    let after = state(&mut client)?;
    drop(client);
    drop(stepwise);

    // From nothing: everything that viewkeeper keeps is dropped, then all definitions are made at once.
    let fresh = ThrowAway::new()?;
    let mut client = fresh.connect()?;
    migrate(&mut client, pairs(&project.migrations), pairs(&project.rollbacks), options())?;
    let bare = without_definitions(migrated, &project.settings);
    for (old, new) in [(migrated, &bare), (&bare, &last.states.declared)] {
        let plans = plans(old, new).map_err(|problems| problems.render(viewkeeper_engine::diagnostic::Style::Plain))?;
        for plan in plans {
            let text = render::migration(&MigrationId::new(0, "verify"), &plan, Names::Qualified);
            apply(&mut client, &text).map_err(|error| viewkeeper_live::report(&error))?;
        }
    }
    let wanted = state(&mut client)?;
    compare("the migration does not lead to what the definitions build from nothing", &wanted, &after)
}

fn migrate(
    client: &mut Client,
    migrations: Vec<(String, String)>,
    rollbacks: Vec<(String, String)>,
    options: Options<'_>,
) -> Result<(), String> {
    Migrations::read(migrations, rollbacks).migrate(client, options).map(|_| ()).map_err(|error| error.to_string())
}

/// What viewkeeper itself and refinery keep is no part of the state.
fn state(client: &mut Client) -> Result<ServerState, String> {
    read(client).map(ServerState::without_history_tables).map_err(|error| viewkeeper_live::report(&error))
}

fn compare(problem: &str, wanted: &ServerState, found: &ServerState) -> Result<(), String> {
    wanted.difference(found).map_or(Ok(()), |difference| Err(format!("{problem}:\n{difference}")))
}
