//! Laws 1 to 4 over random definitions: small worlds of types, sequences, functions, views, materialized views, triggers,
//! rules, policies, statistics, event triggers, extensions, with what is said about them and what was done to them by hand,
//! edited step by step as people do, also by changes of tables in hand-written migrations, wrapped where something is in
//! their way. Each step is planned, applied to a server that holds the state before, compared as a whole with the same
//! definitions built from nothing, rolled back and compared again: as our own reading of the catalogs has it, and on a
//! share of the steps as `pg_dump` writes it, where one is found that understands the server.
//!
//! `VIEWKEEPER_EDITS=5000` makes so many steps on each server instead of a few, `VIEWKEEPER_EDITS_SEED` begins with
//! another world (each world is a seed); `VIEWKEEPER_EDITS_SHOW=1` prints what the server refuses. A failure is made
//! smaller and written as a case folder, whose path is printed.

mod beside;
mod compare;
mod edit;
mod grow;
mod hold;
mod model;
mod parts;
mod render;
mod shrink;
mod tables;
mod types;

use std::collections::BTreeMap;
use std::time::Instant;

use postgres::Client;
use viewkeeper_engine::name::quote_ident;
use viewkeeper_engine::proposal::Proposal;
use viewkeeper_live::ServerState;
use viewkeeper_live::testing::{TestServer, clear, servers};

use crate::nullability::Random;
use compare::{Dumper, row_functions, same};
use hold::{Engine, Failure, Texts, Wrapped, check, failure, leads_back, run, state};
use model::{ByHand, World};

/// How many steps a world is edited before the next one begins.
const STEPS: usize = 25;
/// How many objects a world begins with.
const OBJECTS: usize = 9;
/// In so many steps, `pg_dump` compares too.
const DUMPED: u64 = 12;
/// Of so many failures on one server each is told; then it is enough.
const ENOUGH: usize = 8;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn show() -> bool {
    std::env::var_os("VIEWKEEPER_EDITS_SHOW").is_some()
}

#[derive(Default)]
struct Tally {
    worlds: u64,
    steps: u64,
    /// Steps in which nothing was to be done.
    nothing: u64,
    /// Definitions that the server refuses: no step.
    refused: u64,
    /// Steps that need a migration of their own for new values of an enum.
    parts: u64,
    /// Changes of tables of which the rollback says that there is no way back.
    no_way_back: u64,
    edits: BTreeMap<&'static str, u64>,
    failures: Vec<String>,
    classes: Vec<String>,
}

#[test]
fn random_edits_lead_to_what_is_built_from_nothing_and_back() {
    let (wanted, first) = (setting("VIEWKEEPER_EDITS", 25), setting("VIEWKEEPER_EDITS_SEED", 1));
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let running: Vec<_> =
            servers().into_iter().map(|server| scope.spawn(move || fuzz(server, wanted, first))).collect();
        running.into_iter().map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    let failures: Vec<String> = tallies.into_iter().flat_map(|tally| tally.failures).collect();
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n\n"));
}

fn fuzz(server: &'static TestServer, wanted: u64, first: u64) -> Tally {
    for role in model::ROLES {
        server.role(role);
    }
    let begin = Instant::now();
    // Whoever owns a view may read what it reads, or materialized views could not be filled.
    let databases = [server.empty_database(), server.empty_database(), server.empty_database()];
    let [mut held, mut fresh, mut dumped] = databases.each_ref().map(|database| database.connect());
    for client in [&mut held, &mut fresh, &mut dumped] {
        client.batch_execute("SET client_min_messages = error").unwrap();
    }
    for role in model::ROLES {
        held.batch_execute(&format!("ALTER ROLE {} SUPERUSER", quote_ident(role))).unwrap();
    }
    let urls = [databases[0].url(), databases[2].url()];
    let mut ground = Ground { held, fresh, dumped, urls, dumper: Dumper::new(server), major: server.major() };
    let mut tally = Tally::default();
    let mut seed = first;
    while tally.steps < wanted && tally.failures.len() < ENOUGH {
        let mut before = None;
        let outcome = edit_world(&mut ground, seed, &mut tally, &mut before);
        for client in [&mut ground.held, &mut ground.fresh, &mut ground.dumped] {
            clear(client).unwrap();
            client.batch_execute("SET client_min_messages = error").unwrap();
        }
        if let Err(found) = outcome {
            told(&mut ground.fresh, &before, found, seed, server, &mut tally);
        }
        tally.worlds += 1;
        seed += 1;
    }
    let edits: Vec<String> = tally.edits.iter().map(|(word, count)| format!("{word} {count}")).collect();
    println!(
        "PostgreSQL {}: {} steps in {} worlds and {} s ({} with nothing to do, {} refused by the server, {} in two parts, {} without a way back); {}; {}",
        server.version(),
        tally.steps,
        tally.worlds,
        begin.elapsed().as_secs(),
        tally.nothing,
        tally.refused,
        tally.parts,
        tally.no_way_back,
        ground.dumper.said(),
        edits.join(", ")
    );
    tally
}

/// Makes a failure smaller and says it, where it is of a new sort.
fn told(client: &mut Client, texts: &Option<Texts>, found: Failure, seed: u64, server: &TestServer, tally: &mut Tally) {
    if tally.classes.contains(&found.class) {
        return;
    }
    tally.classes.push(found.class.clone());
    let name = format!("seed_{seed}_on_{}", server.major());
    let mut text = format!("PostgreSQL {}, seed {seed}: {}", server.version(), found.class);
    match texts {
        Some(texts) => match check(client, texts, server.major()) {
            Ok(Some(alone)) => {
                let small = shrink::shrink(client, texts.clone(), &alone.class, server.major());
                let folder = shrink::write(&small, &name);
                let detail = check(client, &small, server.major()).ok().flatten().map(|found| found.detail);
                text += &format!("\n{}\n{}", folder.display(), detail.unwrap_or_default());
            }
            other => {
                let folder = shrink::write(texts, &name);
                text += &format!("\n{} (alone it does not fail so: {other:?})\n{}", folder.display(), found.detail);
            }
        },
        None => text += &format!("\n{}", found.detail),
    }
    tally.failures.push(text);
}

/// Databases of one server.
struct Ground {
    /// The one that migrations lead from step to step.
    held: Client,
    /// The one where everything is built from nothing, and taken back.
    fresh: Client,
    /// The one where everything is built from nothing for `pg_dump`, which sees only what is committed.
    dumped: Client,
    /// Of the first and the last.
    urls: [String; 2],
    dumper: Dumper,
    major: u32,
}

/// Edits one world. Leaves the texts of the last change.
fn edit_world(ground: &mut Ground, seed: u64, tally: &mut Tally, texts: &mut Option<Texts>) -> Result<(), Failure> {
    let major = ground.major;
    let mut random = Random::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let full = grow::world(&mut random, OBJECTS);
    let setup = full.setup();
    for client in [&mut ground.held, &mut ground.fresh] {
        client.batch_execute(&setup).unwrap_or_else(|error| panic!("seed {seed}: {error:?}\n{setup}"));
    }
    let mut engine = Engine::new(&setup, major)?;
    let mut setup = vec![setup];
    // The world before its first object.
    let mut world = World { by_hand: Vec::new(), ..full.clone() };
    world.objects.retain(|object| matches!(object.kind, model::Kind::Table(_)));
    let mut before = {
        let mut transaction = ground.held.transaction().unwrap();
        state(&mut transaction)
    };
    for step in 0..STEPS {
        let mut new = if step == 0 { full.clone() } else { world.clone() };
        let mut words = Vec::new();
        let mut tables = None;
        if step > 0 {
            if random.chance(30)
                && let Some(by_hand) = edit::by_hand(&world, &mut random)
            {
                let statement = world.by_hand(&by_hand);
                if ground.held.batch_execute(&statement).is_ok() {
                    world.by_hand.push(by_hand);
                    before = state(&mut ground.held.transaction().unwrap());
                    new = world.clone();
                }
            }
            for _ in 0..random.pick(&[1, 1, 1, 2, 3]) {
                words.extend(edit::edit(&mut new, &mut random));
            }
            if random.chance(25)
                && let Some((word, statement)) = tables::change(&world, &mut new, &mut random)
            {
                new.settle();
                words.push(word);
                tables = Some(statement);
            }
        }
        new.keep_by_name(&world);
        // An index by hand on a column that goes is in the way, and the migration fails.
        if world.by_hand.iter().any(|one| matches!(one, ByHand::Index(..)) && !new.by_hand.contains(one)) {
            continue;
        }
        // The server says what is possible; of the first world, it takes what it can.
        let wanted = match built(&mut ground.fresh, &new, tables.as_deref()) {
            Ok(wanted) => wanted,
            Err(_) if step == 0 => {
                new = possible(&mut ground.fresh, &full);
                built(&mut ground.fresh, &new, None)?
            }
            Err(problem) => {
                if show() {
                    println!("refused after {words:?}: {}", problem.detail.lines().next().unwrap_or_default());
                }
                tally.refused += 1;
                continue;
            }
        };
        tally.steps += 1;
        for word in words {
            *tally.edits.entry(word).or_default() += 1;
        }
        let by_hand = |world: &World| world.by_hand.iter().map(|one| world.by_hand(one)).collect::<Vec<_>>();
        *texts = Some(Texts {
            setup: setup.clone(),
            tables: tables.clone(),
            old: world.definitions(),
            new: new.definitions(),
            by_hand: by_hand(&world),
            lasting: by_hand(&new),
        });
        let definitions = shuffled(new.definitions(), &mut random);
        let mut wrapped = None;
        if let Some(tables) = &tables {
            match engine.wrap(tables, &definitions)? {
                Wrapped::Around(proposal) => wrapped = Some(*proposal),
                Wrapped::Refused => {
                    tally.steps -= 1;
                    tally.refused += 1;
                    continue;
                }
                Wrapped::Free => {
                    let mut transaction = ground.held.transaction().unwrap();
                    run(&mut transaction, "the change of tables", tables)?;
                    transaction.commit().unwrap();
                    engine.apply_tables(tables);
                    before = state(&mut ground.held.transaction().unwrap());
                }
            }
            ground.fresh.batch_execute(tables).unwrap_or_else(|error| panic!("{error:?}"));
            setup.push(tables.clone());
        }
        let is_wrapped = wrapped.is_some();
        let mut next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => engine.propose(&definitions)?,
        };
        if step % 5 == 0 && !is_wrapped && engine.propose(&definitions)? != next {
            return Err(failure("planned twice, there are two plans", String::new()));
        }
        let is_dumped = ground.dumper.is_there() && (seed + step as u64).is_multiple_of(DUMPED);
        if next.is_none() {
            tally.nothing += 1;
            same("nothing is planned", &wanted, &before)?;
        }
        while let Some(proposal) = next.take() {
            // What is lost with its object was given by hand, and no migration knows it.
            let wanted_back = (world.by_hand == new.by_hand).then_some(&before);
            let after = there_and_back(ground, &proposal, wanted_back, is_dumped)?;
            tally.no_way_back += u64::from(!leads_back(&proposal));
            engine.apply(&proposal);
            if proposal.is_first_part {
                tally.parts += 1;
                next = engine.propose(&definitions)?;
            } else {
                same("after the migration", &wanted, &after)?;
            }
            before = after;
        }
        if is_dumped {
            dumps(ground, &setup, &new, &wanted)?;
        }
        world = new;
    }
    Ok(())
}

/// Runs a migration, and its rollback too where that leads back, which must lead to a state; leaves what the migration
/// leads to.
fn there_and_back(
    ground: &mut Ground,
    proposal: &Proposal,
    wanted_back: Option<&ServerState>,
    is_dumped: bool,
) -> Result<ServerState, Failure> {
    let dump = |ground: &Ground| match is_dumped && leads_back(proposal) && wanted_back.is_some() {
        true => ground.dumper.dump(&ground.urls[0]).map(Some),
        false => Ok(None),
    };
    let first = dump(ground)?;
    let migrate = |client: &mut Client| {
        let mut transaction = client.transaction().unwrap();
        run(&mut transaction, "the migration", &proposal.migration)?;
        transaction.commit().unwrap();
        Ok(state(&mut client.transaction().unwrap()))
    };
    let after = migrate(&mut ground.held)?;
    if !leads_back(proposal) {
        return Ok(after);
    }
    let mut transaction = ground.held.transaction().unwrap();
    run(&mut transaction, "the rollback", &proposal.rollback)?;
    let back = state(&mut transaction);
    let Some(wanted) = wanted_back else { return Ok(after) };
    same("after the rollback", wanted, &back)?;
    let Some(first) = first else { return Ok(after) };
    transaction.commit().unwrap();
    let last = ground.dumper.dump(&ground.urls[0])?;
    ground.dumper.same("after the rollback", &first, &last, &row_functions(wanted))?;
    let again = migrate(&mut ground.held)?;
    same("after the migration, the rollback and the migration", &after, &again)?;
    Ok(again)
}

/// Compares what migrations led to with what is built from nothing, as `pg_dump` has both.
fn dumps(ground: &mut Ground, setup: &[String], world: &World, wanted: &ServerState) -> Result<(), Failure> {
    let by_hand = world.by_hand.iter().map(|one| world.by_hand(one)).collect::<String>();
    let all = format!("{}{}{by_hand}", setup.concat(), world.definitions().concat());
    ground.dumped.batch_execute(&all).unwrap_or_else(|error| panic!("{error:?}\n{all}"));
    let built = ground.dumper.dump(&ground.urls[1])?;
    let led_to = ground.dumper.dump(&ground.urls[0])?;
    clear(&mut ground.dumped).unwrap();
    ground.dumped.batch_execute("SET client_min_messages = error").unwrap();
    ground.dumper.same("after the migration", &built, &led_to, &row_functions(wanted))
}

/// What the server holds when the definitions are made from nothing, and then done to by hand.
fn built(client: &mut Client, world: &World, tables: Option<&str>) -> Result<ServerState, Failure> {
    let mut transaction = client.transaction().unwrap();
    run(&mut transaction, "the change of tables", tables.unwrap_or_default())?;
    run(&mut transaction, "the definitions", &world.definitions().concat())?;
    for by_hand in &world.by_hand {
        run(&mut transaction, "what is done by hand", &world.by_hand(by_hand))?;
    }
    Ok(state(&mut transaction))
}

/// The objects of a world that a server takes, one after another.
fn possible(client: &mut Client, world: &World) -> World {
    let mut kept = world.clone();
    kept.objects.clear();
    for object in &world.objects {
        let mut tried = kept.clone();
        tried.objects.push(object.clone());
        tried.settle();
        if tried.objects.len() > kept.objects.len() && built(client, &tried, None).is_ok() {
            kept = tried;
        }
    }
    kept
}

/// Definitions stand in files, in no order.
fn shuffled(mut definitions: Vec<String>, random: &mut Random) -> String {
    for at in (1..definitions.len()).rev() {
        definitions.swap(at, random.below(at + 1));
    }
    definitions.concat()
}
