//! `dev-db`: the private local server.

use std::process::Command;

use viewkeeper_live::{Location, Server, report};

use crate::arguments::DevDb;
use crate::database::private_url;
use crate::output::{Outcome, print_error};

pub(crate) fn run(action: &DevDb) -> Outcome {
    let done = match action {
        DevDb::Start => private_url().map(|url| println!("running: {url}")),
        DevDb::Url => private_url().map(|url| println!("{url}")),
        DevDb::Stop => return stop(),
        DevDb::Psql { arguments } => return psql(arguments),
    };
    done.map_or_else(|outcome| outcome, |()| Outcome::Fine)
}

fn stop() -> Outcome {
    // Another major may run since `PG_BIN` named another installation.
    let stopped = Location::development().and_then(|location| {
        location.majors().into_iter().try_fold(false, |any, major| Ok(Server::stop(&location, major)? || any))
    });
    match stopped {
        Ok(true) => println!("stopped"),
        Ok(false) => println!("it did not run"),
        Err(error) => {
            print_error(&report(&error), None);
            return Outcome::Failed;
        }
    }
    Outcome::Fine
}

fn psql(arguments: &[String]) -> Outcome {
    let url = match private_url() {
        Ok(url) => url,
        Err(outcome) => return outcome,
    };
    match Command::new("psql").arg(url).args(arguments).status() {
        Ok(status) if status.success() => Outcome::Fine,
        Ok(_) => Outcome::Failed,
        Err(error) => {
            print_error(&format!("psql cannot be started: {error}"), Some("install PostgreSQL's client programs"));
            Outcome::Failed
        }
    }
}
