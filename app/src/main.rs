//! The smallest honest user of viewkeeper: connects, migrates, checks that the database is what the program was built
//! for, and prints the active users. Without `DATABASE_URL` it does so on a private server, with rows to look at.

mod sample;
mod table;

use std::process::ExitCode;

use db::ActiveUsers;
use viewkeeper::{Options, Progress, View};
use viewkeeper_server::Server;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let given = std::env::var_os("DATABASE_URL").is_some();
    // The private server's database, which `cargo xtask` uses too.
    let private =
        if given { None } else { Some(Server::development_url().map_err(|e| viewkeeper_server::report(&e))?) };
    let mut client = viewkeeper::connect(private.as_deref()).map_err(text)?;
    let options = Options::new().on_progress(|progress| {
        if let Progress::Finished { file, duration } = progress {
            eprintln!("applied {file} in {} ms", duration.as_millis());
        }
    });
    db::MIGRATIONS.migrate(&mut client, options).map_err(text)?;
    for difference in db::verify(&mut client).map_err(text)? {
        eprintln!("warning: {difference}");
    }
    if private.is_some() {
        sample::insert_if_empty(&mut client).map_err(|error| format!("cannot insert the sample rows: {error}"))?;
    }
    let users = ActiveUsers::query(&mut client, "ORDER BY post_count DESC, name", &[]).map_err(text)?;
    table::print(&users);
    Ok(())
}

fn text(error: viewkeeper::Error) -> String {
    error.to_string()
}
