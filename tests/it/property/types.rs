//! Types that definitions declare: enums, domains, composites, ranges, and those that extensions bring; how they come, how
//! they are changed, and how they and their values are written.

use viewkeeper_engine::name::quote_ident;

use super::grow::{column_name, text};
use super::model::{Column, Expr, Id, Kind, Object, Type, World};
use super::render::quoted;
use crate::nullability::Random;

/// A type of the world's own.
#[derive(Debug, Clone)]
pub(super) enum OwnType {
    Enum(Vec<String>),
    Domain(Domain),
    /// Its attributes.
    Composite(Vec<Column>),
    /// Over what.
    Range(Type),
    /// What an extension brings, which has its name.
    Extension(&'static str),
}

#[derive(Debug, Clone)]
pub(super) struct Domain {
    pub(super) base: Type,
    pub(super) default: Option<String>,
    pub(super) not_null: bool,
    /// Names and bounds of what is checked.
    pub(super) checks: Vec<(String, usize)>,
}

const EXTENSIONS: [&str; 2] = ["citext", "hstore"];
const LABELS: [&str; 10] = ["new", "open", "it's late", "Done", "ä", "a, b", "$$", "100%", "x", "y"];
/// What a range can be over.
const ORDERED: [Type; 5] = [Type::Int, Type::BigInt, Type::Text, Type::Numeric, Type::Time];

/// A type at the end of those that there are.
pub(super) fn add(world: &mut World, random: &mut Random) {
    let at = world.end_of_types();
    let schema = random.pick(&[0, 0, 1, 2]);
    let name = world.free_name(random, schema);
    let mut new = new_type(world, random, at);
    if let OwnType::Extension(name) = &new
        && world
            .objects
            .iter()
            .any(|object| matches!(&object.kind, Kind::Type(OwnType::Extension(known)) if known == name))
    {
        new = OwnType::Enum(vec!["only".to_owned()]);
    }
    let is_extension = matches!(new, OwnType::Extension(_));
    let mut object = world.object(schema, name, Kind::Type(new));
    object.qualified = random.chance(30);
    if !is_extension {
        object.comment = random.chance(25).then(|| text(random)).filter(|text| !text.is_empty());
        object.owner = random.chance(8).then(|| random.below(3));
    }
    world.objects.insert(at, object);
}

fn new_type(world: &mut World, random: &mut Random, at: usize) -> OwnType {
    match random.below(10) {
        0..4 => {
            let labels = (0..1 + random.below(4)).map(|_| random.pick(&LABELS).to_owned()).collect();
            OwnType::Enum(without_doubles(labels))
        }
        4 | 5 => {
            let base = if random.chance(50) { Type::Int } else { world.type_before(random, at) };
            let checks = if base == Type::Int && random.chance(60) { vec![("low".to_owned(), 9)] } else { Vec::new() };
            OwnType::Domain(Domain { base, default: None, not_null: random.chance(15), checks })
        }
        6 | 7 => {
            let mut attributes: Vec<Column> = Vec::new();
            for _ in 0..1 + random.below(3) {
                let new = attribute(world, random, at, &attributes);
                attributes.push(new);
            }
            OwnType::Composite(attributes)
        }
        8 => OwnType::Range(subtype(world, random, at)),
        _ => OwnType::Extension(random.pick(&EXTENSIONS)),
    }
}

fn without_doubles(labels: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for label in labels {
        if !kept.contains(&label) {
            kept.push(label);
        }
    }
    kept
}

fn attribute(world: &mut World, random: &mut Random, at: usize, known: &[Column]) -> Column {
    let taken: Vec<String> = known.iter().map(|column| column.name.clone()).collect();
    let type_ = world.type_before(random, at);
    Column { id: world.fresh(), name: column_name(random, &taken), type_ }
}

fn subtype(world: &World, random: &mut Random, at: usize) -> Type {
    let enums: Vec<Type> = world.objects[..at]
        .iter()
        .filter(|object| matches!(object.kind, Kind::Type(OwnType::Enum(_))))
        .map(|object| Type::Own(object.id))
        .collect();
    if !enums.is_empty() && random.chance(40) { random.pick(&enums) } else { random.pick(&ORDERED) }
}

/// One edit of a type.
pub(super) fn change(world: &mut World, random: &mut Random, at: usize) -> Option<&'static str> {
    let labels = |world: &World| match &world.objects[at].kind {
        Kind::Type(OwnType::Enum(labels)) => labels.clone(),
        _ => Vec::new(),
    };
    let before = labels(world);
    let word = change_alone(world, random, at)?;
    let new = labels(world).into_iter().find(|label| !before.contains(label));
    if let Some(label) = new.filter(|_| random.chance(50)) {
        let type_ = Type::Own(world.objects[at].id);
        spell(world, random, type_, &label);
    }
    Some(word)
}

/// Something that spells values of a type spells another one.
fn spell(world: &mut World, random: &mut Random, type_: Type, label: &str) {
    let is_one = |expr: &Expr| matches!(expr, Expr::Literal(known, _) if *known == type_);
    let mut places = Vec::new();
    for (at, object) in world.objects.iter_mut().enumerate() {
        let mut spells = false;
        for expression in World::expressions(object) {
            expression.walk(&mut |expr| spells |= is_one(expr));
        }
        if spells {
            places.push(at);
        }
    }
    if places.is_empty() {
        return;
    }
    let at = random.pick(&places);
    for expression in World::expressions(&mut world.objects[at]) {
        expression.walk(&mut |expr| {
            if is_one(expr) {
                *expr = Expr::Literal(type_, label.to_owned());
            }
        });
    }
}

fn change_alone(world: &mut World, random: &mut Random, at: usize) -> Option<&'static str> {
    let Kind::Type(mut new) = world.objects[at].kind.clone() else { return None };
    let word = match &mut new {
        OwnType::Enum(labels) => {
            let free: Vec<&str> =
                LABELS.into_iter().filter(|label| !labels.iter().any(|known| known == label)).collect();
            let (label, which) = (random.pick(&free).to_owned(), random.below(labels.len()));
            match random.below(8) {
                0 => {
                    labels.insert(0, label);
                    "add a value at the beginning of an enum"
                }
                1 | 2 => {
                    labels.insert(which + 1, label);
                    "add a value to an enum"
                }
                3 => {
                    labels.push(label);
                    "add a value at the end of an enum"
                }
                4 => {
                    labels[which] = label;
                    "another value of an enum"
                }
                5 => {
                    let other = random.below(labels.len());
                    labels.swap(which, other);
                    "change the order of an enum"
                }
                _ if labels.len() > 1 => {
                    labels.remove(which);
                    "remove a value of an enum"
                }
                _ => return None,
            }
        }
        OwnType::Domain(domain) => match random.below(6) {
            0 => {
                domain.not_null ^= true;
                "a domain that may be null or not"
            }
            1 => {
                let base = world.type_before(random, at);
                domain.base = base;
                domain.default = None;
                if base != Type::Int {
                    domain.checks.clear();
                }
                "another base type of a domain"
            }
            2 | 3 if domain.base == Type::Int => {
                let which = random.below(domain.checks.len() + 1);
                match (domain.checks.get_mut(which), random.below(3)) {
                    (Some(_), 0) => drop(domain.checks.remove(which)),
                    (Some((_, bound)), 1) => *bound += 1,
                    (Some((name, _)), _) => name.push('x'),
                    (None, _) => domain.checks.push((format!("check {}", world.next), 20)),
                }
                "change a check of a domain"
            }
            _ => {
                let base = domain.base;
                domain.default = random.chance(60).then(|| literal(world, random, base));
                "default of a domain"
            }
        },
        OwnType::Composite(attributes) => {
            let which = random.below(attributes.len());
            match random.below(6) {
                0 | 1 => {
                    let new = attribute(world, random, at, attributes);
                    attributes.push(new);
                    "add an attribute"
                }
                2 if attributes.len() > 1 => {
                    attributes.remove(which);
                    "drop an attribute"
                }
                3 => {
                    let taken: Vec<String> = attributes.iter().map(|one| one.name.clone()).collect();
                    attributes[which].name = column_name(random, &taken);
                    "rename an attribute"
                }
                4 => {
                    let other = random.below(attributes.len());
                    attributes.swap(which, other);
                    "change the order of attributes"
                }
                _ => {
                    attributes[which].type_ = world.type_before(random, at);
                    "retype an attribute"
                }
            }
        }
        OwnType::Range(over) => {
            *over = subtype(world, random, at);
            "another subtype of a range"
        }
        OwnType::Extension(_) => {
            let schema = random.below(3);
            if schema == world.objects[at].schema {
                return None;
            }
            world.objects[at].schema = schema;
            return Some("move an extension");
        }
    };
    world.objects[at].kind = Kind::Type(new);
    Some(word)
}

/// The text of a value, without what makes it one of its type.
pub(super) fn literal(world: &World, random: &mut Random, type_: Type) -> String {
    match type_ {
        Type::Int | Type::BigInt | Type::Numeric | Type::Pos => random.below(10).to_string(),
        Type::Text | Type::Varchar | Type::Pair => text(random),
        Type::Bool => random.pick(&["true", "false"]).to_owned(),
        Type::Time => random.pick(&["2020-01-01 00:00:00+00", "2021-12-31 12:00:00+02"]).to_owned(),
        Type::Mood => random.pick(&["happy", "it's fine", "sad"]).to_owned(),
        Type::Own(id) => match world.own_type(id) {
            Some((_, OwnType::Enum(labels))) => random.pick(labels).clone(),
            Some((_, OwnType::Domain(domain))) => literal(world, random, domain.base),
            Some((_, OwnType::Extension("citext"))) => text(random),
            _ => String::new(),
        },
    }
}

impl World {
    /// Where the types end, which come after the tables and before everything else.
    pub(super) fn end_of_types(&self) -> usize {
        let first = |kind: &Kind| matches!(kind, Kind::Table(_) | Kind::Type(_) | Kind::Sequence(_));
        self.objects.iter().position(|object| !first(&object.kind)).unwrap_or(self.objects.len())
    }

    pub(super) fn own_type(&self, id: Id) -> Option<(&Object, &OwnType)> {
        let object = self.get(id)?;
        match &object.kind {
            Kind::Type(own) => Some((object, own)),
            _ => None,
        }
    }

    /// A type that what stands at a place may use.
    pub(super) fn type_before(&self, random: &mut Random, at: usize) -> Type {
        let own: Vec<Type> = self.objects[..at.min(self.objects.len())]
            .iter()
            .filter(|object| matches!(object.kind, Kind::Type(_)))
            .map(|object| Type::Own(object.id))
            .collect();
        if !own.is_empty() && random.chance(25) { random.pick(&own) } else { super::grow::common_type(random) }
    }

    /// A type as SQL writes it. What is no longer there is text.
    pub(super) fn type_name(&self, type_: Type) -> String {
        let name = match type_ {
            Type::Int => "integer",
            Type::BigInt => "bigint",
            Type::Text => "text",
            Type::Varchar => "varchar(20)",
            Type::Bool => "boolean",
            Type::Numeric => "numeric(10,2)",
            Type::Time => "timestamptz",
            Type::Mood => "public.mood",
            Type::Pos => "sales.pos",
            Type::Pair => "\"Odd \"\"schema\"\"\".pair",
            Type::Own(id) => {
                return match self.own_type(id) {
                    Some((object, OwnType::Extension(name))) => format!("{}.{name}", object.schema_name()),
                    Some((object, _)) => object.full_name(),
                    None => "text".to_owned(),
                };
            }
        };
        name.to_owned()
    }

    /// Without the modifier, as routines have their types.
    pub(super) fn bare_type(&self, type_: Type) -> String {
        match type_ {
            Type::Varchar => "varchar".to_owned(),
            Type::Numeric => "numeric".to_owned(),
            other => self.type_name(other),
        }
    }

    pub(super) fn literal_text(&self, type_: Type, text: &str) -> String {
        let name = self.type_name(type_);
        match type_ {
            Type::Int | Type::Bool => text.to_owned(),
            Type::BigInt | Type::Numeric | Type::Pos => format!("{text}::{name}"),
            Type::Text => quoted(text),
            Type::Pair => format!("ROW(1, {})::{name}", quoted(text)),
            Type::Varchar | Type::Time | Type::Mood => format!("{}::{name}", quoted(text)),
            Type::Own(id) => match self.own_type(id) {
                Some((_, OwnType::Enum(labels))) => {
                    let known = labels.iter().find(|label| *label == text).or(labels.first());
                    format!("{}::{name}", quoted(known.map_or("", |label| label)))
                }
                Some((_, OwnType::Domain(domain))) if text_fits(domain.base, text) => {
                    format!("{}::{name}", self.literal_text(domain.base, text))
                }
                Some((_, OwnType::Composite(attributes))) => {
                    let values: Vec<String> = attributes.iter().map(|one| self.some_value(one.type_)).collect();
                    format!("ROW({})::{name}", values.join(", "))
                }
                Some((_, OwnType::Range(_))) => format!("'empty'::{name}"),
                Some((_, OwnType::Extension("citext"))) => format!("{}::{name}", quoted(text)),
                Some((_, OwnType::Extension(_))) => format!("'a=>1'::{name}"),
                Some((_, OwnType::Domain(domain))) => format!("{}::{name}", self.some_value(domain.base)),
                None => "NULL::text".to_owned(),
            },
        }
    }

    /// Always the same value of a type.
    fn some_value(&self, type_: Type) -> String {
        match type_ {
            Type::Bool => "true".to_owned(),
            Type::Time => self.literal_text(type_, "2020-01-01 00:00:00+00"),
            Type::Mood => self.literal_text(type_, "sad"),
            other => self.literal_text(other, "7"),
        }
    }

    /// The statement that makes a type.
    pub(super) fn create_type(&self, object: &Object, own: &OwnType) -> String {
        let name = self.own_name(object);
        match own {
            OwnType::Enum(labels) => {
                let labels: Vec<String> = labels.iter().map(|label| quoted(label)).collect();
                format!("CREATE TYPE {name} AS ENUM ({});\n", labels.join(", "))
            }
            OwnType::Domain(domain) => {
                let default = domain.default.as_ref().filter(|text| text_fits(domain.base, text));
                let default = default.map(|text| format!(" DEFAULT {}", self.literal_text(domain.base, text)));
                let checks = domain
                    .checks
                    .iter()
                    .map(|(name, bound)| format!(" CONSTRAINT {} CHECK (VALUE > -{bound})", quote_ident(name)));
                format!(
                    "CREATE DOMAIN {name} AS {}{}{}{};\n",
                    self.type_name(domain.base),
                    default.unwrap_or_default(),
                    if domain.not_null { " NOT NULL" } else { "" },
                    checks.collect::<String>()
                )
            }
            OwnType::Composite(attributes) => {
                let attributes: Vec<String> = attributes
                    .iter()
                    .map(|one| format!("{} {}", quote_ident(&one.name), self.type_name(one.type_)))
                    .collect();
                format!("CREATE TYPE {name} AS ({});\n", attributes.join(", "))
            }
            OwnType::Range(over) => format!("CREATE TYPE {name} AS RANGE (SUBTYPE = {});\n", self.type_name(*over)),
            OwnType::Extension(extension) => {
                format!("CREATE EXTENSION {extension} SCHEMA {};\n", object.schema_name())
            }
        }
    }
}

/// Whether a text that was made for one type, and stayed when the type became another, is a value of it.
fn text_fits(type_: Type, text: &str) -> bool {
    match type_ {
        Type::Int | Type::BigInt | Type::Numeric | Type::Pos => text.parse::<i32>().is_ok(),
        Type::Bool => matches!(text, "true" | "false"),
        Type::Time => text.starts_with("202"),
        Type::Mood => matches!(text, "happy" | "it's fine" | "sad"),
        Type::Text | Type::Varchar | Type::Pair => true,
        // Its own values are looked at where they are written.
        Type::Own(_) => true,
    }
}
