//! What stands beside views and routines: sequences, extended statistics, event triggers, default privileges, and what is
//! said of tables that migrations made; how they come, how they are changed, and how they are written.

use viewkeeper_engine::name::quote_ident;

use super::grow::tables;
use super::model::{Id, Kind, Object, ROLES, SCHEMAS, STATES, World};
use super::parts;
use crate::nullability::Random;

#[derive(Debug, Clone)]
pub(super) struct Sequence {
    pub(super) type_: &'static str,
    pub(super) increment: i32,
    pub(super) start: u32,
    pub(super) cache: u32,
    pub(super) cycle: bool,
    /// A table's column that it goes with.
    pub(super) owned: Option<(Id, Id)>,
}

#[derive(Debug, Clone)]
pub(super) struct Statistics {
    /// A table or a materialized view.
    pub(super) relation: Id,
    pub(super) columns: Vec<Id>,
    /// In [`STATISTICS`].
    pub(super) kinds: usize,
    pub(super) target: Option<u32>,
}

#[derive(Debug, Clone)]
pub(super) struct EventTrigger {
    pub(super) function: Id,
    pub(super) event: &'static str,
    /// In [`TAGS`].
    pub(super) tags: usize,
    /// In [`STATES`].
    pub(super) state: usize,
}

/// Of a role that makes nothing here: what is made in which order would count otherwise.
#[derive(Debug, Clone)]
pub(super) struct DefaultPrivileges {
    pub(super) role: usize,
    pub(super) schema: Option<usize>,
    /// In [`DEFAULTS`].
    pub(super) what: usize,
    pub(super) to: usize,
    pub(super) grantable: bool,
}

const STATISTICS: [&str; 5] = ["", " (ndistinct)", " (dependencies)", " (mcv)", " (ndistinct, mcv)"];
const TAGS: [&str; 4] = ["", "'DROP TABLE'", "'CREATE VIEW', 'DROP VIEW'", "'CREATE FUNCTION'"];
const EVENTS: [&str; 3] = ["ddl_command_start", "ddl_command_end", "sql_drop"];
const DEFAULTS: [&str; 7] = [
    "SELECT ON TABLES",
    "INSERT, UPDATE ON TABLES",
    "EXECUTE ON FUNCTIONS",
    "USAGE ON SEQUENCES",
    "SELECT ON SEQUENCES",
    "USAGE ON TYPES",
    "ALL ON TABLES",
];
/// What a migration says of everything that is made after it. Grant options go to who never owns anything: those of an
/// owner mean nothing, and stay or not with the order in which they came.
const BEFORE: [&str; 7] = [
    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO edits_reader;\n",
    "ALTER DEFAULT PRIVILEGES GRANT SELECT, UPDATE ON TABLES TO edits_default WITH GRANT OPTION;\n",
    // Of relations: the functions of an extension keep what they were given where they were made, and it may move.
    "ALTER DEFAULT PRIVILEGES IN SCHEMA sales GRANT INSERT ON TABLES TO edits_reader;\n",
    "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;\n",
    "ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO edits_writer;\n",
    "ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;\n",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO \"edits Odd \"\"role\";\n",
];

/// Default privileges that a migration gave before there was anything.
pub(super) fn before(random: &mut Random) -> String {
    if random.chance(60) { String::new() } else { (0..1 + random.below(2)).map(|_| random.pick(&BEFORE)).collect() }
}

pub(super) fn add_sequence(world: &mut World, random: &mut Random) {
    let at = world.end_of_types();
    let schema = random.pick(&[0, 0, 1, 2]);
    let name = world.free_name(random, schema);
    let sequence = Sequence {
        type_: random.pick(&["", " AS integer", " AS smallint"]),
        increment: random.pick(&[1, 1, 5, -1]),
        start: 1,
        cache: random.pick(&[1, 1, 20]),
        cycle: random.chance(20),
        owned: None,
    };
    let mut object = world.object(schema, name, Kind::Sequence(sequence));
    object.qualified = random.chance(30);
    world.objects.insert(at, object);
    if random.chance(40) {
        own(world, random, at);
    }
}

/// Makes a sequence one of a column, or of none.
fn own(world: &mut World, random: &mut Random, at: usize) {
    let schema = world.objects[at].schema;
    let candidates: Vec<Id> =
        tables(world).into_iter().filter(|id| world.get(*id).is_some_and(|table| table.schema == schema)).collect();
    let owned = (!candidates.is_empty() && world.objects[at].owner.is_none()).then(|| {
        let table = random.pick(&candidates);
        let columns = world.columns(table);
        (table, columns[random.below(columns.len())].id)
    });
    if let Kind::Sequence(sequence) = &mut world.objects[at].kind {
        sequence.owned = if sequence.owned.is_some() { None } else { owned };
    }
}

pub(super) fn statistics(world: &World, random: &mut Random) -> Option<Statistics> {
    let is_one = |object: &&Object| match &object.kind {
        Kind::Table(_) => true,
        Kind::View(view) => view.materialized,
        _ => false,
    };
    let relations: Vec<Id> = world.objects.iter().filter(is_one).map(|object| object.id).collect();
    let relation = random.pick(&relations);
    let mut columns: Vec<Id> = world.columns(relation).iter().map(|column| column.id).collect();
    while columns.len() > 2 && (columns.len() > 8 || random.chance(60)) {
        columns.remove(random.below(columns.len()));
    }
    let kinds = random.below(STATISTICS.len());
    (columns.len() >= 2).then_some(Statistics { relation, columns, kinds, target: None })
}

pub(super) fn event_trigger(world: &World, random: &mut Random) -> Option<EventTrigger> {
    let functions = parts::event_trigger_functions(world);
    if functions.is_empty() {
        return None;
    }
    Some(EventTrigger {
        function: random.pick(&functions),
        event: random.pick(&EVENTS),
        tags: random.below(TAGS.len()),
        state: random.pick(&[0, 0, 0, 1, 2, 3]),
    })
}

pub(super) fn default_privileges(random: &mut Random) -> DefaultPrivileges {
    DefaultPrivileges {
        role: random.below(2),
        schema: random.chance(50).then(|| random.below(SCHEMAS.len())),
        what: random.below(DEFAULTS.len()),
        to: 2 + random.below(2),
        grantable: random.chance(30),
    }
}

/// One edit of one of them.
pub(super) fn change(world: &mut World, random: &mut Random, at: usize) -> Option<&'static str> {
    if matches!(world.objects[at].kind, Kind::Sequence(_)) && random.chance(25) {
        own(world, random, at);
        return Some("a sequence goes with a column or not");
    }
    let new_trigger = event_trigger(world, random);
    let new_statistics = statistics(world, random);
    match &mut world.objects[at].kind {
        Kind::Sequence(sequence) => {
            match random.below(5) {
                0 => sequence.type_ = random.pick(&["", " AS integer", " AS smallint"]),
                // The other way round, the value that there is lies out of bounds: the migration says so and fails.
                1 => sequence.increment = random.pick(&[1, 2, 5]) * sequence.increment.signum(),
                2 => sequence.start = 1 + u32::try_from(random.below(3)).unwrap_or_default(),
                3 => sequence.cache = random.pick(&[1, 10, 20]),
                _ => sequence.cycle ^= true,
            }
            Some("change a sequence")
        }
        Kind::Statistics(statistics) => {
            match random.below(4) {
                0 => statistics.kinds = random.below(STATISTICS.len()),
                1 => statistics.columns.reverse(),
                2 => *statistics = new_statistics?,
                _ => statistics.target = random.pick(&[None, Some(10), Some(200)]),
            }
            Some("change statistics")
        }
        Kind::EventTrigger(trigger) => {
            match random.below(3) {
                0 => trigger.state = random.below(STATES.len()),
                1 => trigger.tags = random.below(TAGS.len()),
                _ => *trigger = new_trigger?,
            }
            Some("change an event trigger")
        }
        Kind::Defaults(defaults) => {
            match random.below(3) {
                0 => defaults.grantable ^= true,
                1 => defaults.what = random.below(DEFAULTS.len()),
                _ => *defaults = default_privileges(random),
            }
            Some("change default privileges")
        }
        _ => None,
    }
}

impl World {
    pub(super) fn create_sequence(&self, object: &Object, sequence: &Sequence) -> String {
        let owned = sequence.owned.and_then(|(table, column)| {
            let table = self.get(table).filter(|table| table.schema == object.schema)?;
            let column = self.columns(table.id).into_iter().find(|one| one.id == column)?;
            Some(format!(" OWNED BY {}.{}", table.full_name(), quote_ident(&column.name)))
        });
        // Downwards, a sequence begins below nothing.
        let start = if sequence.increment < 0 { format!("-{}", sequence.start) } else { sequence.start.to_string() };
        format!(
            "CREATE SEQUENCE {}{} INCREMENT BY {} START WITH {start} CACHE {}{}{};\n",
            self.own_name(object),
            sequence.type_,
            sequence.increment,
            sequence.cache,
            if sequence.cycle { " CYCLE" } else { "" },
            owned.unwrap_or_default()
        )
    }

    pub(super) fn create_statistics(&self, object: &Object, statistics: &Statistics) -> String {
        let known = self.columns(statistics.relation);
        let columns: Vec<String> = statistics
            .columns
            .iter()
            .filter_map(|id| known.iter().find(|column| column.id == *id))
            .map(|column| quote_ident(&column.name).into_owned())
            .collect();
        let name = self.own_name(object);
        let target = statistics.target.map(|target| format!("ALTER STATISTICS {name} SET STATISTICS {target};\n"));
        format!(
            "CREATE STATISTICS {name}{} ON {} FROM {};\n{}",
            STATISTICS[statistics.kinds],
            columns.join(", "),
            self.name(statistics.relation, object),
            target.unwrap_or_default()
        )
    }

    pub(super) fn create_event_trigger(&self, object: &Object, trigger: &EventTrigger) -> String {
        let name = quote_ident(&object.name);
        let tags = TAGS[trigger.tags];
        let when = if tags.is_empty() { String::new() } else { format!(" WHEN TAG IN ({tags})") };
        let state = match STATES[trigger.state] {
            "ENABLE" => String::new(),
            state => format!("ALTER EVENT TRIGGER {name} {state};\n"),
        };
        let function = self.name(trigger.function, object);
        format!("CREATE EVENT TRIGGER {name} ON {}{when} EXECUTE FUNCTION {function}();\n{state}", trigger.event)
    }

    pub(super) fn alter_default_privileges(&self, defaults: &DefaultPrivileges) -> String {
        let schema = defaults.schema.map(|schema| format!(" IN SCHEMA {}", quote_ident(SCHEMAS[schema])));
        format!(
            "ALTER DEFAULT PRIVILEGES FOR ROLE {}{} GRANT {} TO {}{};\n",
            quote_ident(ROLES[defaults.role]),
            schema.unwrap_or_default(),
            DEFAULTS[defaults.what],
            quote_ident(ROLES[defaults.to]),
            if defaults.grantable { " WITH GRANT OPTION" } else { "" }
        )
    }
}
