//! Random worlds, objects and expressions.

use std::collections::BTreeSet;

use super::model::{
    Column, Expr, Flavour, Grant, Id, Index, Kind, Object, Output, Routine, Shape, Source, TYPES, Type, View, World,
};
use super::types::literal;
use super::{beside, parts, types};
use crate::nullability::Random;

const NAMES: [&str; 20] = [
    "a",
    "b",
    "orders",
    "Mixed Case",
    "select",
    "größe",
    "a.b",
    "it's",
    "say \"hi\"",
    "$$tag$$",
    "--dash",
    "100%",
    ":colon",
    "{brace}",
    "a_name_of_more_than_sixty_bytes_that_is_cut_by_nobody_in_here_x",
    "back\\slash",
    "c",
    "d",
    "e",
    "v",
];
const COLUMNS: [&str; 14] =
    ["id", "name", "n", "Total", "order", "ä", "x y", "c's", "col.1", "$1", "value", "b", "k", "state"];
const TEXTS: [&str; 16] = [
    "active",
    "it's",
    "a -- b",
    "$$",
    "back\\slash",
    "{}",
    ":name",
    "100%",
    "  two  spaces ",
    "line\nbreak",
    "/* c */",
    "ü",
    "",
    "7 days",
    "30 days",
    "ends in --",
];

/// A world of three tables, and as many objects on them.
pub(super) fn world(random: &mut Random, objects: usize) -> World {
    let before = beside::before(random);
    let mut world = World { objects: Vec::new(), by_hand: Vec::new(), before, next: 0 };
    for (schema, name) in [(0, "t"), (0, "Users"), (1, "items")] {
        let mut columns = Vec::new();
        let count = 4 + random.below(4);
        for (at, name) in COLUMNS.into_iter().enumerate().take(count) {
            let type_ = if at == 0 { Type::Int } else { common_type(random) };
            columns.push(Column { id: world.fresh(), name: name.to_owned(), type_ });
        }
        let kind = Kind::Table(columns);
        let object = world.object(schema, name.to_owned(), kind);
        world.objects.push(object);
    }
    for _ in 0..objects {
        add(&mut world, random);
    }
    world.settle();
    world
}

/// A type that tables may have too.
pub(super) fn common_type(random: &mut Random) -> Type {
    let bound = random.pick(&[2, 5, TYPES.len()]);
    TYPES[random.below(bound)]
}

/// A type that everything behind the types may have.
pub(super) fn any_type(world: &World, random: &mut Random) -> Type {
    world.type_before(random, usize::MAX)
}

pub(super) fn text(random: &mut Random) -> String {
    random.pick(&TEXTS).to_owned()
}

/// The columns that an expression may use, by the place of their source; parameters; and how much of the world it sees.
pub(super) struct Sight {
    pub(super) columns: Vec<(usize, Column)>,
    pub(super) params: Vec<(Id, Type)>,
    /// Objects before this place.
    pub(super) below: usize,
    /// Whether relations and whole rows may be read.
    pub(super) reads: bool,
}

pub(super) fn expr(world: &World, random: &mut Random, sight: &Sight, type_: Type, depth: usize) -> Expr {
    let columns: Vec<&(usize, Column)> = sight.columns.iter().filter(|(_, column)| column.type_ == type_).collect();
    let literal_of = |random: &mut Random| Expr::Literal(type_, literal(world, random, type_));
    if depth > 2 {
        return match columns.is_empty() {
            true => literal_of(random),
            false => {
                let (source, column) = columns[random.below(columns.len())];
                Expr::Column(*source, column.id, type_)
            }
        };
    }
    match random.below(12) {
        0..4 if !columns.is_empty() => {
            let (source, column) = columns[random.below(columns.len())];
            Expr::Column(*source, column.id, type_)
        }
        4 | 5 if !sight.params.is_empty() => {
            let (id, found) = random.pick(&sight.params);
            let param = Expr::Param(id, found);
            if found == type_ { param } else { Expr::Cast(Box::new(param), type_) }
        }
        6 | 7 => {
            let functions: Vec<Id> = world.objects[..sight.below.min(world.objects.len())]
                .iter()
                .filter(|object| {
                    matches!(&object.kind, Kind::Routine(Routine { flavour: Flavour::Scalar(body), .. })
                        if body.type_() == type_)
                })
                .map(|object| object.id)
                .collect();
            if functions.is_empty() {
                return literal_of(random);
            }
            let id = random.pick(&functions);
            let Some(Kind::Routine(routine)) = world.get(id).map(|object| &object.kind) else {
                return literal_of(random);
            };
            let types: Vec<Type> = routine.params.iter().map(|param| param.type_).collect();
            let arguments = types.into_iter().map(|type_| expr(world, random, sight, type_, depth + 1)).collect();
            Expr::Call(id, arguments, type_)
        }
        8 if sight.reads => {
            let relations = relations(world, sight.below);
            let id = random.pick(&relations);
            let found: Vec<Id> =
                world.columns(id).iter().filter(|column| column.type_ == type_).map(|column| column.id).collect();
            match found.as_slice() {
                [] if type_ == Type::Bool => Expr::Exists(id),
                [] => literal_of(random),
                found => Expr::Scalar(id, random.pick(found), type_),
            }
        }
        9 => {
            let mut side = || Box::new(expr(world, random, sight, type_, depth + 1));
            match type_ {
                Type::Int | Type::BigInt => Expr::Operator("+", side(), side(), type_),
                Type::Text => Expr::Operator("||", side(), side(), type_),
                Type::Bool => {
                    let (operand, operator) = (any_type(world, random), random.pick(&["=", "<>", "IS DISTINCT FROM"]));
                    let left = expr(world, random, sight, operand, depth + 1);
                    let right = Expr::Literal(operand, literal(world, random, operand));
                    Expr::Operator(operator, Box::new(left), Box::new(right), Type::Bool)
                }
                _ => Expr::Coalesce(side(), side()),
            }
        }
        10 => {
            let other = any_type(world, random);
            match random.below(3) {
                0 => Expr::Cast(Box::new(expr(world, random, sight, other, depth + 1)), type_),
                1 if type_ == Type::Text && sight.reads && !sight.columns.is_empty() => Expr::Row(sight.columns[0].0),
                _ => {
                    let when = expr(world, random, sight, Type::Bool, depth + 1);
                    let then = expr(world, random, sight, type_, depth + 1);
                    let otherwise = expr(world, random, sight, type_, depth + 1);
                    Expr::Case(Box::new(when), Box::new(then), Box::new(otherwise))
                }
            }
        }
        _ => {
            let sequences: Vec<Id> = world
                .objects
                .iter()
                .filter(|object| matches!(object.kind, Kind::Sequence(_)))
                .map(|object| object.id)
                .collect();
            if type_ == Type::BigInt && !sequences.is_empty() && random.chance(50) {
                return Expr::Next(random.pick(&sequences));
            }
            let fields: Vec<(Id, Id)> = world
                .objects
                .iter()
                .filter(|object| matches!(object.kind, Kind::Type(_)))
                .flat_map(|object| world.columns(object.id).into_iter().map(|column| (object.id, column)))
                .filter(|(_, column)| column.type_ == type_)
                .map(|(composite, column)| (composite, column.id))
                .collect();
            if !fields.is_empty() && random.chance(50) {
                let (composite, field) = random.pick(&fields);
                let row = expr(world, random, sight, Type::Own(composite), depth + 1);
                return Expr::Field(Box::new(row), composite, field, type_);
            }
            literal_of(random)
        }
    }
}

/// What can stand in FROM, before a place.
pub(super) fn relations(world: &World, below: usize) -> Vec<Id> {
    let is_relation = |object: &&Object| match &object.kind {
        Kind::Table(_) | Kind::View(_) => true,
        Kind::Routine(routine) => matches!(routine.flavour, Flavour::Rows(_) | Flavour::SetOf(_)),
        _ => false,
    };
    world.objects[..below.min(world.objects.len())].iter().filter(is_relation).map(|object| object.id).collect()
}

impl World {
    pub(super) fn object(&mut self, schema: usize, name: String, kind: Kind) -> Object {
        Object {
            id: self.fresh(),
            schema,
            name,
            owner: None,
            comment: None,
            grants: Vec::new(),
            qualified: false,
            kind,
        }
    }

    /// A name that nothing of its schema has.
    pub(super) fn free_name(&self, random: &mut Random, schema: usize) -> String {
        let mut taken: BTreeSet<&str> = BTreeSet::from(["log", "mood", "pos", "pair"]);
        for object in self.objects.iter().filter(|object| object.schema == schema) {
            taken.insert(&object.name);
            if let Kind::View(view) = &object.kind {
                taken.extend(view.indexes.iter().map(|index| index.name.as_str()));
            }
        }
        for by_hand in &self.by_hand {
            if let super::model::ByHand::Index(_, _, name) = by_hand {
                taken.insert(name);
            }
        }
        let free: Vec<&str> = NAMES.into_iter().filter(|name| !taken.contains(name)).collect();
        if free.is_empty() { format!("n{}", self.next) } else { random.pick(&free).to_owned() }
    }

    pub(super) fn sight(&self, sources: &[Id], below: usize) -> Sight {
        let mut columns = Vec::new();
        for (at, relation) in sources.iter().enumerate() {
            columns.extend(self.columns(*relation).into_iter().map(|column| (at, column)));
        }
        Sight { columns, params: Vec::new(), below, reads: true }
    }

    pub(super) fn outputs(&mut self, random: &mut Random, sight: &Sight, count: usize) -> Vec<Output> {
        let mut outputs: Vec<Output> = Vec::new();
        for _ in 0..count {
            let taken: Vec<String> = outputs.iter().map(|output| output.name.clone()).collect();
            outputs.push(self.output(random, sight, &taken));
        }
        outputs
    }

    pub(super) fn output(&mut self, random: &mut Random, sight: &Sight, taken: &[String]) -> Output {
        let type_ = match sight.columns.is_empty() || random.chance(30) {
            true => any_type(self, random),
            false => sight.columns[random.below(sight.columns.len())].1.type_,
        };
        let expr = expr(self, random, sight, type_, 0);
        let comment = random.chance(15).then(|| text(random)).filter(|text| !text.is_empty());
        Output { id: self.fresh(), name: column_name(random, taken), expr, comment }
    }
}

pub(super) fn column_name(random: &mut Random, taken: &[String]) -> String {
    let free: Vec<&str> = COLUMNS.into_iter().filter(|name| !taken.iter().any(|taken| taken == name)).collect();
    if free.is_empty() { format!("c{}", taken.len()) } else { random.pick(&free).to_owned() }
}

/// Adds an object of any kind at the end.
pub(super) fn add(world: &mut World, random: &mut Random) {
    match random.below(12) {
        0 | 1 => return types::add(world, random),
        2 if random.chance(60) => return beside::add_sequence(world, random),
        _ => {}
    }
    let below = world.objects.len();
    let schema = random.pick(&[0, 0, 0, 0, 1, 2]);
    let name = world.free_name(random, schema);
    let kind = match random.below(24) {
        0..8 => Kind::View(view(world, random, below)),
        8..13 => Kind::Routine(parts::routine(world, random, below)),
        13..16 => match parts::trigger(world, random) {
            Some(trigger) => Kind::Trigger(trigger),
            None => Kind::Routine(parts::trigger_function(random)),
        },
        16 => match parts::rule(world, random) {
            Some(rule) => Kind::Rule(rule),
            None => Kind::View(view(world, random, below)),
        },
        17 | 18 => Kind::Policy(parts::policy(world, random)),
        19 => {
            let table = random.pick(&tables(world));
            if world.objects.iter().any(|object| matches!(object.kind, Kind::Security(known, _) if known == table)) {
                Kind::View(view(world, random, below))
            } else {
                Kind::Security(table, random.chance(50))
            }
        }
        20 => match beside::statistics(world, random) {
            Some(statistics) => Kind::Statistics(statistics),
            None => Kind::View(view(world, random, below)),
        },
        21 => match beside::event_trigger(world, random) {
            Some(trigger) => Kind::EventTrigger(trigger),
            None => Kind::Routine(parts::event_trigger_function(random)),
        },
        22 => Kind::Defaults(beside::default_privileges(random)),
        _ => {
            let table = random.pick(&tables(world));
            if world.objects.iter().any(|object| matches!(object.kind, Kind::Said(known) if known == table)) {
                Kind::View(view(world, random, below))
            } else {
                Kind::Said(table)
            }
        }
    };
    let is_named = !matches!(kind, Kind::Security(..) | Kind::Defaults(_));
    // An event trigger is in no schema: all of them have names of the first.
    let (schema, name) = match kind {
        Kind::EventTrigger(_) => (0, world.free_name(random, 0)),
        _ => (schema, name),
    };
    let mut object = world.object(schema, name, kind);
    object.qualified = random.chance(30);
    if is_named && random.chance(25) {
        object.comment = Some(text(random)).filter(|text| !text.is_empty());
    }
    let can_own = matches!(object.kind, Kind::View(_) | Kind::Routine(_));
    if can_own && random.chance(8) {
        object.owner = Some(random.below(3));
    }
    world.objects.push(object);
    let mut grants = 0;
    if can_own {
        grants = random.below(3);
    } else if let Kind::Said(_) = world.objects[below].kind {
        grants = 1 + random.below(3);
    }
    {
        for _ in 0..grants {
            if let Some(grant) = grant(world, random, below) {
                world.objects[below].grants.push(grant);
            }
        }
    }
}

pub(super) fn grant(world: &World, random: &mut Random, at: usize) -> Option<Grant> {
    let object = &world.objects[at];
    let role = random.below(3);
    let grantable = random.chance(20);
    let one = match &object.kind {
        Kind::Routine(_) => Grant { role, privilege: "EXECUTE", column: None, grantable },
        Kind::Type(own) if !matches!(own, types::OwnType::Extension(_)) => {
            Grant { role, privilege: "USAGE", column: None, grantable }
        }
        Kind::Sequence(_) => {
            Grant { role, privilege: random.pick(&["USAGE", "SELECT", "UPDATE"]), column: None, grantable }
        }
        Kind::View(_) | Kind::Said(_) => {
            let columns = world.columns(object.id);
            let column = (random.chance(40) && !columns.is_empty()).then(|| columns[random.below(columns.len())].id);
            let privilege = match column {
                Some(_) => random.pick(&["SELECT", "UPDATE", "INSERT", "REFERENCES"]),
                None => random.pick(&["SELECT", "UPDATE", "INSERT", "DELETE", "TRIGGER", "TRUNCATE"]),
            };
            Grant { role, privilege, column, grantable }
        }
        _ => return None,
    };
    let same = |known: &&Grant| (known.role, known.privilege, known.column) == (one.role, one.privilege, one.column);
    // The owner's privileges are another matter.
    (object.grants.iter().find(same).is_none() && object.owner != Some(role)).then_some(one)
}

pub(super) fn tables(world: &World) -> Vec<Id> {
    let tables = world.objects.iter().filter(|object| matches!(object.kind, Kind::Table(_)));
    tables.map(|object| object.id).collect()
}

pub(super) fn view(world: &mut World, random: &mut Random, below: usize) -> View {
    let candidates = relations(world, below);
    let mut sources = Vec::new();
    for at in 0..1 + random.below(2) {
        // Rather the newest ones, for chains.
        let newest = candidates.len().saturating_sub(3);
        let place = if random.chance(50) {
            newest + random.below(candidates.len() - newest)
        } else {
            random.below(candidates.len())
        };
        sources.push(Source { relation: candidates[place], alias: format!("s{at}"), on: None });
    }
    let ids: Vec<Id> = sources.iter().map(|source| source.relation).collect();
    let sight = world.sight(&ids, below);
    for source in sources.iter_mut().skip(1) {
        if random.chance(60) {
            source.on = Some(expr(world, random, &sight, Type::Bool, 1));
        }
    }
    let star = random.chance(15);
    let count = 1 + random.below(4);
    let outputs = world.outputs(random, &sight, count);
    let filter = random.chance(40).then(|| expr(world, random, &sight, Type::Bool, 1));
    let materialized = random.chance(30);
    let shape = match random.below(10) {
        0..6 => Shape::Plain,
        6 => Shape::Distinct,
        7 => Shape::Grouped,
        8 => Shape::Cte,
        _ => random.pick(&[Shape::Union, Shape::Window]),
    };
    let mut view = View {
        materialized,
        outputs,
        star,
        sources,
        filter,
        shape,
        limit: random.chance(10).then_some(5),
        names_in_head: random.chance(15),
        barrier: random.chance(15).then(|| random.chance(80)),
        invoker: None,
        check: None,
        fillfactor: (materialized && random.chance(20)).then_some(70),
        indexes: Vec::new(),
        with_data: random.chance(80),
        layout: random.pick(&[0, 0, 1, 2, 3]),
    };
    if materialized && !star {
        for _ in 0..random.below(3) {
            let name = index_name(world, random, &view);
            let index = index(random, &view, name);
            view.indexes.push(index);
        }
    }
    view
}

/// A name that is free in every schema: a view may move.
pub(super) fn index_name(world: &World, random: &mut Random, view: &View) -> String {
    let found = world.free_name(random, 0);
    let has = |view: &View| view.indexes.iter().any(|index| index.name == found);
    let taken = world
        .objects
        .iter()
        .any(|object| object.name == found || matches!(&object.kind, Kind::View(view) if has(view)));
    if taken || has(view) { format!("i{}", random.below(10_000)) } else { found }
}

pub(super) fn index(random: &mut Random, view: &View, name: String) -> Index {
    Index {
        name,
        unique: random.chance(20),
        column: view.outputs[random.below(view.outputs.len())].id,
        expression: random.chance(30),
        descending: random.chance(20),
        partial: random.chance(20),
        comment: random.chance(20).then(|| "an index".to_owned()),
    }
}
