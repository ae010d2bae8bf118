//! Random routines, and what belongs to relations: triggers, rules, policies.

use std::collections::BTreeSet;

use super::grow::{Sight, any_type, column_name, expr, relations, tables, text};
use super::model::{Expr, Flavour, Id, Kind, Language, Object, Param, Policy, Routine, Rule, Trigger, Type, World};
use super::types::literal;
use crate::nullability::Random;

pub(super) fn params(world: &mut World, random: &mut Random) -> Vec<Param> {
    let mut params: Vec<Param> = Vec::new();
    for _ in 0..random.below(3) {
        let taken: Vec<String> = params.iter().map(|param| param.name.clone()).collect();
        let type_ = any_type(world, random);
        params.push(Param { id: world.fresh(), name: column_name(random, &taken), type_, default: None });
    }
    if let Some(last) = params.last_mut()
        && random.chance(20)
    {
        last.default = Some(literal(world, random, last.type_));
    }
    params
}

pub(super) fn routine(world: &mut World, random: &mut Random, below: usize) -> Routine {
    let params = params(world, random);
    let sight = Sight {
        columns: Vec::new(),
        params: params.iter().map(|param| (param.id, param.type_)).collect(),
        below,
        reads: random.chance(50),
    };
    let candidates = relations(world, below);
    let views: Vec<Id> = candidates
        .iter()
        .copied()
        .filter(|id| world.get(*id).is_some_and(|object| matches!(object.kind, Kind::View(_) | Kind::Table(_))))
        .collect();
    let flavour = match random.below(14) {
        0..8 => Flavour::Scalar({
            let type_ = any_type(world, random);
            expr(world, random, &sight, type_, 0)
        }),
        8 => {
            let count = 2 + random.below(2);
            Flavour::Rows(world.outputs(random, &sight, count))
        }
        // Of a table: views that call one of a view's rows are printed with the columns that it had when they were made.
        9 => Flavour::SetOf(random.pick(&tables(world))),
        10 => {
            let relation = random.pick(&views);
            let columns = world.columns(relation);
            if columns.is_empty() {
                Flavour::Trigger
            } else {
                Flavour::OfRow(relation, columns[random.below(columns.len())].id)
            }
        }
        11 => return trigger_function(random),
        12 => Flavour::Procedure,
        _ => {
            let states: Vec<(Id, Type)> = world.objects[..below]
                .iter()
                .filter_map(|object| match &object.kind {
                    Kind::Routine(Routine { flavour: Flavour::Scalar(body), params, .. })
                        if params.len() == 2 && params.iter().all(|param| param.type_ == body.type_()) =>
                    {
                        Some((object.id, body.type_()))
                    }
                    _ => None,
                })
                .collect();
            if states.is_empty() {
                Flavour::Procedure
            } else {
                let (id, type_) = random.pick(&states);
                Flavour::Aggregate(id, type_)
            }
        }
    };
    let plain = matches!(flavour, Flavour::SetOf(_) | Flavour::OfRow(..) | Flavour::Aggregate(..));
    Routine {
        flavour,
        params: if plain { Vec::new() } else { params },
        language: random.pick(&[Language::Sql, Language::Sql, Language::Return, Language::Plpgsql]),
        volatility: random.pick(&["VOLATILE", "STABLE", "IMMUTABLE"]),
        strict: random.chance(20),
        definer: random.chance(10),
        path: random.chance(15),
        note: text(random),
    }
}

pub(super) fn trigger_function(random: &mut Random) -> Routine {
    Routine {
        flavour: Flavour::Trigger,
        params: Vec::new(),
        language: Language::Plpgsql,
        volatility: "VOLATILE",
        strict: false,
        definer: false,
        path: false,
        note: text(random),
    }
}

pub(super) fn event_trigger_function(random: &mut Random) -> Routine {
    Routine { flavour: Flavour::EventTrigger, ..trigger_function(random) }
}

pub(super) fn event_trigger_functions(world: &World) -> Vec<Id> {
    let is_one = |object: &&Object| matches!(&object.kind, Kind::Routine(routine) if matches!(routine.flavour, Flavour::EventTrigger));
    world.objects.iter().filter(is_one).map(|object| object.id).collect()
}

pub(super) fn trigger_functions(world: &World) -> Vec<Id> {
    let is_one = |object: &&Object| matches!(&object.kind, Kind::Routine(routine) if matches!(routine.flavour, Flavour::Trigger));
    world.objects.iter().filter(is_one).map(|object| object.id).collect()
}

pub(super) fn trigger(world: &World, random: &mut Random) -> Option<Trigger> {
    let functions = trigger_functions(world);
    if functions.is_empty() {
        return None;
    }
    let is_relation = |object: &&Object| match &object.kind {
        Kind::Table(_) => true,
        Kind::View(view) => !view.materialized,
        _ => false,
    };
    let relations: Vec<Id> = world.objects.iter().filter(is_relation).map(|object| object.id).collect();
    let relation = random.pick(&relations);
    let is_table = matches!(world.get(relation)?.kind, Kind::Table(_));
    let row = !is_table || random.chance(60);
    let constraint = is_table && row && random.chance(20);
    let timing = match (is_table, constraint) {
        (false, _) => "INSTEAD OF",
        (true, true) => "AFTER",
        (true, false) => random.pick(&["BEFORE", "AFTER"]),
    };
    let mut trigger = Trigger {
        relation,
        function: random.pick(&functions),
        timing,
        events: BTreeSet::from([random.pick(&["INSERT", "UPDATE"])]),
        of: Vec::new(),
        row,
        constraint,
        when: None,
        arguments: (0..random.below(3)).map(|_| text(random)).collect(),
        state: random.pick(&[0, 0, 0, 0, 1, 2, 3]),
    };
    if random.chance(30) {
        trigger.events = BTreeSet::from(["INSERT", "UPDATE"]);
    }
    if is_table && row && random.chance(30) {
        trigger.when = Some(trigger_condition(world, random, &trigger));
    }
    if is_table && random.chance(20) && trigger.events.contains("UPDATE") {
        let columns = world.columns(relation);
        trigger.of = vec![columns[random.below(columns.len())].id];
    }
    Some(trigger)
}

pub(super) fn trigger_condition(world: &World, random: &mut Random, trigger: &Trigger) -> Expr {
    let mut sight = world.sight(&[trigger.relation], world.place(trigger.relation).unwrap_or(0).max(6));
    sight.reads = false;
    expr(world, random, &sight, Type::Bool, 0)
}

pub(super) fn rule(world: &World, random: &mut Random) -> Option<Rule> {
    let views: Vec<usize> = (0..world.objects.len())
        .filter(|at| match &world.objects[*at].kind {
            Kind::Table(_) => true,
            Kind::View(view) => !view.materialized,
            _ => false,
        })
        .collect();
    let at = random.pick(&views);
    let relation = world.objects[at].id;
    let is_view = matches!(world.objects[at].kind, Kind::View(_));
    let mut sight = world.sight(&[relation], at);
    sight.reads = false;
    let log = random.chance(60).then(|| expr(world, random, &sight, Type::Text, 0));
    let when = (!is_view && random.chance(30)).then(|| expr(world, random, &sight, Type::Bool, 1));
    Some(Rule {
        relation,
        event: random.pick(&["INSERT", "UPDATE", "DELETE"]),
        instead: is_view || log.is_none(),
        when,
        log,
        state: random.pick(&[0, 0, 0, 1]),
    })
}

pub(super) fn policy(world: &World, random: &mut Random) -> Policy {
    let table = random.pick(&tables(world));
    let sight = world.sight(&[table], world.objects.len());
    let command = random.pick(&["ALL", "SELECT", "INSERT", "UPDATE", "DELETE"]);
    let mut condition = || expr(world, random, &sight, Type::Bool, 0);
    let (using, check) = (condition(), condition());
    Policy {
        table,
        restrictive: random.chance(20),
        command,
        role: random.chance(40).then(|| random.below(3)),
        using: (command != "INSERT").then_some(using),
        check: matches!(command, "ALL" | "INSERT" | "UPDATE").then_some(check).filter(|_| random.chance(60)),
    }
}
