//! Random edits of a world, as people make them: of one definition, of what is said about it, of what it stands on.

use super::beside::Sequence;
use super::grow::{self, Sight, any_type, column_name, expr, text};
use super::model::{
    ByHand, Expr, Flavour, Grant, Id, Kind, Language, Object, Output, Param, ROLES, Shape, Source, Type, View, World,
};
use super::types::{OwnType, literal};
use super::{beside, parts, types};
use crate::nullability::Random;

/// One edit; gives a word for it, or nothing where it is not possible.
pub(super) fn edit(world: &mut World, random: &mut Random) -> Option<&'static str> {
    let declared: Vec<usize> =
        (0..world.objects.len()).filter(|at| !matches!(world.objects[*at].kind, Kind::Table(_))).collect();
    if declared.len() < 4 || (declared.len() < 25 && random.chance(12)) {
        grow::add(world, random);
        return Some("add an object");
    }
    // Rather views, and types below them, than what belongs to tables.
    let mut at = random.pick(&declared);
    for _ in 0..2 {
        if !matches!(world.objects[at].kind, Kind::View(_) | Kind::Type(_)) && random.chance(50) {
            at = random.pick(&declared);
        }
    }
    let word = match random.below(26) {
        0 => {
            let gone = world.objects.remove(at);
            world.other_signatures(gone.id);
            Some("remove an object")
        }
        1 => rename(world, random, at),
        2 => swap_names(world, random, &declared),
        3 | 4 => comment(world, random, at),
        5 | 6 => grant(world, random, at),
        7 => owner(world, random, at),
        8 => {
            world.objects[at].qualified ^= true;
            Some("qualify names or not")
        }
        9..11 => change_literal(world, random, at),
        _ => body(world, random, at),
    };
    world.settle();
    word
}

fn comment(world: &mut World, random: &mut Random, at: usize) -> Option<&'static str> {
    let object = &mut world.objects[at];
    if matches!(object.kind, Kind::Security(..) | Kind::Defaults(_) | Kind::Type(OwnType::Extension(_))) {
        return None;
    }
    let new = (object.comment.is_none() || random.chance(60)).then(|| text(random)).filter(|text| !text.is_empty());
    match &mut object.kind {
        Kind::View(view) if random.chance(50) && !view.star => {
            let at = random.below(view.outputs.len());
            view.outputs[at].comment = new;
            Some("comment on a column")
        }
        Kind::View(view) if random.chance(30) && !view.indexes.is_empty() => {
            let at = random.below(view.indexes.len());
            view.indexes[at].comment = new;
            Some("comment on an index")
        }
        _ => {
            object.comment = new;
            Some("comment")
        }
    }
}

fn grant(world: &mut World, random: &mut Random, at: usize) -> Option<&'static str> {
    let grants = world.objects[at].grants.len();
    if grants > 0 && random.chance(50) {
        let which = random.below(grants);
        let grants = &mut world.objects[at].grants;
        if random.chance(40) {
            grants[which].grantable ^= true;
            return Some("change a grant option");
        }
        grants.remove(which);
        return Some("revoke");
    }
    let new = grow::grant(world, random, at)?;
    world.objects[at].grants.push(new);
    Some("grant")
}

fn owner(world: &mut World, random: &mut Random, at: usize) -> Option<&'static str> {
    let object = &mut world.objects[at];
    match &mut object.kind {
        Kind::View(_) | Kind::Routine(_) | Kind::Statistics(_) => {}
        Kind::Type(own) if !matches!(own, OwnType::Extension(_)) => {}
        Kind::Sequence(sequence) if sequence.owned.is_none() => {}
        _ => return None,
    }
    object.owner = if object.owner.is_some() && random.chance(50) { None } else { Some(random.below(3)) };
    let owner = object.owner;
    object.grants.retain(|grant| Some(grant.role) != owner);
    Some("owner")
}

fn rename(world: &mut World, random: &mut Random, at: usize) -> Option<&'static str> {
    let stays = matches!(world.objects[at].kind, Kind::EventTrigger(_)) || random.chance(70);
    let schema = if stays { world.objects[at].schema } else { random.below(3) };
    let name = world.free_name(random, schema);
    let object = &mut world.objects[at];
    if matches!(object.kind, Kind::Security(..) | Kind::Defaults(_) | Kind::Said(_) | Kind::Type(OwnType::Extension(_)))
    {
        return None;
    }
    (object.schema, object.name) = (schema, name);
    let id = object.id;
    world.other_signatures(id);
    if !matches!(world.objects[at].kind, Kind::Type(_) | Kind::Sequence(_)) {
        world.renumber(id);
    }
    Some("rename")
}

fn swap_names(world: &mut World, random: &mut Random, declared: &[usize]) -> Option<&'static str> {
    let (one, other) = (random.pick(declared), random.pick(declared));
    let same = std::mem::discriminant(&world.objects[one].kind) == std::mem::discriminant(&world.objects[other].kind);
    if one == other
        || !same
        || matches!(world.objects[one].kind, Kind::Security(..) | Kind::Said(_) | Kind::Type(OwnType::Extension(_)))
        // It keeps its value, which may be none of the other's.
        || matches!(world.objects[one].kind, Kind::Sequence(_))
    {
        return None;
    }
    // What was given by hand stays with the name, and may not fit what the name means then.
    let ids = [one, other].map(|at| world.objects[at].id);
    if world.by_hand.iter().any(|by_hand| ids.contains(&by_hand.object())) {
        return None;
    }
    let names = [one, other].map(|at| (world.objects[at].schema, world.objects[at].name.clone()));
    for (at, (schema, name)) in [one, other].into_iter().zip(names.into_iter().rev()) {
        (world.objects[at].schema, world.objects[at].name) = (schema, name);
    }
    for id in ids {
        world.other_signatures(id);
    }
    Some("exchange names")
}

fn change_literal(world: &mut World, random: &mut Random, at: usize) -> Option<&'static str> {
    if let Kind::Routine(routine) = &mut world.objects[at].kind
        && random.chance(30)
    {
        routine.note = text(random);
        return Some("change the text of a body");
    }
    let mut count = 0;
    for expression in World::expressions(&mut world.objects[at]) {
        expression.walk(&mut |expr| count += usize::from(matches!(expr, Expr::Literal(..))));
    }
    if count == 0 {
        return None;
    }
    let mut wanted = random.below(count);
    let known = world.clone();
    for expression in World::expressions(&mut world.objects[at]) {
        expression.walk(&mut |expr| {
            if let Expr::Literal(type_, text) = expr {
                if wanted == 0 {
                    *text = literal(&known, random, *type_);
                }
                wanted = wanted.wrapping_sub(1);
            }
        });
    }
    Some("change a literal")
}

fn body(world: &mut World, random: &mut Random, at: usize) -> Option<&'static str> {
    match &world.objects[at].kind {
        Kind::View(_) => view(world, random, at),
        Kind::Routine(_) => routine(world, random, at),
        Kind::Trigger(_) => trigger(world, random, at),
        Kind::Rule(_) => {
            let state = random.below(4);
            let new = parts::rule(world, random)?;
            let Kind::Rule(rule) = &mut world.objects[at].kind else { return None };
            if random.chance(40) {
                rule.state = state;
                return Some("state of a rule");
            }
            if rule.relation == new.relation {
                *rule = new;
            } else {
                rule.log = None;
                rule.instead = true;
            }
            Some("change a rule")
        }
        Kind::Policy(_) => {
            let new = parts::policy(world, random);
            let Kind::Policy(policy) = &mut world.objects[at].kind else { return None };
            match random.below(4) {
                0 => policy.role = new.role,
                1 if policy.table == new.table => *policy = new,
                2 if policy.table == new.table && policy.using.is_some() => policy.using = new.using,
                _ => policy.restrictive ^= true,
            }
            Some("change a policy")
        }
        Kind::Security(..) => {
            if let Kind::Security(_, forced) = &mut world.objects[at].kind {
                *forced ^= true;
            }
            Some("force row security or not")
        }
        Kind::Type(_) => types::change(world, random, at),
        Kind::Sequence(_) | Kind::Statistics(_) | Kind::EventTrigger(_) | Kind::Defaults(_) => {
            beside::change(world, random, at)
        }
        Kind::Said(_) => grant(world, random, at),
        Kind::Table(_) => None,
    }
}

fn view(world: &mut World, random: &mut Random, at: usize) -> Option<&'static str> {
    let id = world.objects[at].id;
    let Kind::View(mut view) = world.objects[at].kind.clone() else { return None };
    let ids: Vec<Id> = view.sources.iter().map(|source| source.relation).collect();
    let sight = world.sight(&ids, at);
    let taken: Vec<String> = view.outputs.iter().map(|output| output.name.clone()).collect();
    let which = random.below(view.outputs.len());
    let mut renumber = Vec::new();
    let word = match random.below(26) {
        0 | 1 => {
            let new = world.output(random, &sight, &taken);
            view.outputs.push(new);
            "add a column"
        }
        2 => {
            let new = world.output(random, &sight, &taken);
            view.outputs.insert(which, new);
            "insert a column"
        }
        3 if view.outputs.len() > 1 => {
            view.outputs.remove(which);
            "drop a column"
        }
        4 | 5 => {
            view.outputs[which].name = column_name(random, &taken);
            renumber.push(view.outputs[which].id);
            "rename a column"
        }
        6 | 7 => {
            let type_ = any_type(world, random);
            view.outputs[which].expr = expr(world, random, &sight, type_, 0);
            "retype a column"
        }
        8 => {
            let type_ = view.outputs[which].expr.type_();
            view.outputs[which].expr = expr(world, random, &sight, type_, 0);
            "another expression"
        }
        9 => {
            let other = random.below(view.outputs.len());
            view.outputs.swap(which, other);
            "change the order of columns"
        }
        10 => {
            view.filter = random.chance(60).then(|| expr(world, random, &sight, Type::Bool, 0));
            "change WHERE"
        }
        11 => {
            view.shape =
                random.pick(&[Shape::Plain, Shape::Distinct, Shape::Grouped, Shape::Cte, Shape::Union, Shape::Window]);
            "change the shape"
        }
        12 => {
            view.barrier = random.pick(&[None, Some(true), Some(false)]);
            "security_barrier"
        }
        13 => {
            view.invoker = random.pick(&[None, Some(true), Some(false)]);
            "security_invoker"
        }
        14 => {
            view.check = random.pick(&[None, Some("LOCAL"), Some("CASCADED")]);
            "check option"
        }
        15 | 16 if view.materialized && !view.star => {
            if !view.indexes.is_empty() && random.chance(60) {
                let which = random.below(view.indexes.len());
                match random.below(4) {
                    0 => {
                        view.indexes.remove(which);
                    }
                    1 => view.indexes[which].unique ^= true,
                    2 => view.indexes[which].descending ^= true,
                    _ => view.indexes[which].name = grow::index_name(world, random, &view),
                }
            } else {
                let name = grow::index_name(world, random, &view);
                let index = grow::index(random, &view, name);
                view.indexes.push(index);
            }
            "change an index"
        }
        17 if view.materialized => {
            if random.chance(50) {
                view.with_data ^= true;
            } else {
                view.fillfactor = random.pick(&[None, Some(70), Some(80)]);
            }
            "data or storage"
        }
        18 => {
            view.materialized ^= true;
            // What both kinds can have stays.
            let stays = |one: &ByHand| matches!(one, ByHand::Grant(..) | ByHand::Comment(..) | ByHand::Owner(..));
            world.by_hand.retain(|one| one.object() != id || stays(one));
            "materialize or not"
        }
        19 | 20 => {
            let candidates = grow::relations(world, at);
            let which = random.below(view.sources.len());
            let new = random.pick(&candidates);
            // Columns of the same name follow.
            let (old_columns, new_columns) = (world.columns(view.sources[which].relation), world.columns(new));
            view.sources[which].relation = new;
            let follow = |expr: &mut Expr| {
                if let Expr::Column(source, id, type_) = expr
                    && *source == which
                    && let Some(old) = old_columns.iter().find(|column| column.id == *id)
                    && let Some(new) =
                        new_columns.iter().find(|column| column.name == old.name || column.type_ == *type_)
                {
                    *id = new.id;
                }
            };
            let mut object = world.objects[at].clone();
            object.kind = Kind::View(view.clone());
            World::expressions(&mut object).into_iter().for_each(|one| one.walk(&mut { follow }));
            if let Kind::View(changed) = object.kind {
                view = changed;
            }
            "stand on something else"
        }
        21 => {
            if view.sources.len() > 1 && random.chance(50) {
                view.sources.pop();
            } else {
                let relation = random.pick(&grow::relations(world, at));
                view.sources.push(Source { relation, alias: format!("s{}", view.sources.len()), on: None });
            }
            "join"
        }
        22 => {
            view.star ^= true;
            "star"
        }
        23 => {
            view.names_in_head ^= true;
            "names in the head"
        }
        24 => {
            view.layout += 1;
            "layout"
        }
        _ => {
            view.limit = random.pick(&[None, Some(5), Some(6)]);
            "limit"
        }
    };
    world.objects[at].kind = Kind::View(view);
    for id in renumber {
        world.renumber(id);
    }
    Some(word)
}

fn routine(world: &mut World, random: &mut Random, at: usize) -> Option<&'static str> {
    let id = world.objects[at].id;
    let Kind::Routine(mut routine) = world.objects[at].kind.clone() else { return None };
    let sight = Sight {
        columns: Vec::new(),
        params: routine.params.iter().map(|param| (param.id, param.type_)).collect(),
        below: at,
        reads: true,
    };
    let plain = matches!(routine.flavour, Flavour::Scalar(_) | Flavour::Rows(_) | Flavour::Procedure);
    let mut renumber = Vec::new();
    let word = match random.below(14) {
        0 | 1 => match &mut routine.flavour {
            Flavour::Scalar(body) => {
                let type_ = if random.chance(40) { any_type(world, random) } else { body.type_() };
                *body = expr(world, random, &sight, type_, 0);
                "change a body"
            }
            Flavour::Rows(outputs) => {
                let taken: Vec<String> = outputs.iter().map(|output| output.name.clone()).collect();
                let which = random.below(outputs.len());
                match random.below(3) {
                    0 => outputs.push(world.output(random, &sight, &taken)),
                    1 if outputs.len() > 2 => drop::<Output>(outputs.remove(which)),
                    _ => {
                        outputs[which].name = column_name(random, &taken);
                        renumber.push(outputs[which].id);
                    }
                }
                "change the columns of a function"
            }
            Flavour::SetOf(relation) => {
                *relation = random.pick(&grow::tables(world));
                "rows of something else"
            }
            _ => return None,
        },
        2 if !routine.params.is_empty() => {
            let taken: Vec<String> = routine.params.iter().map(|param| param.name.clone()).collect();
            let which = random.below(routine.params.len());
            routine.params[which].name = column_name(random, &taken);
            "rename a parameter"
        }
        3 if plain => {
            let taken: Vec<String> = routine.params.iter().map(|param| param.name.clone()).collect();
            let type_ = any_type(world, random);
            for param in &mut routine.params {
                param.default = None;
            }
            routine.params.push(Param { id: world.fresh(), name: column_name(random, &taken), type_, default: None });
            renumber.push(id);
            "add a parameter"
        }
        4 if plain && !routine.params.is_empty() => {
            let which = random.below(routine.params.len());
            routine.params.remove(which);
            renumber.push(id);
            "drop a parameter"
        }
        5 if plain && !routine.params.is_empty() => {
            let which = random.below(routine.params.len());
            let type_ = any_type(world, random);
            if type_ == routine.params[which].type_ {
                return None;
            }
            routine.params[which].type_ = type_;
            routine.params[which].default = None;
            renumber.push(id);
            "retype a parameter"
        }
        6 => {
            let last = routine.params.last_mut()?;
            last.default = if last.default.is_some() { None } else { Some(literal(world, random, last.type_)) };
            "default of a parameter"
        }
        7 | 8 => {
            routine.language = random.pick(&[Language::Sql, Language::Return, Language::Plpgsql]);
            "another language"
        }
        9 => {
            routine.volatility = random.pick(&["VOLATILE", "STABLE", "IMMUTABLE"]);
            "volatility"
        }
        10 => {
            routine.strict ^= true;
            "strict or not"
        }
        11 => {
            routine.definer ^= true;
            "security definer or not"
        }
        12 => {
            routine.path ^= true;
            "search path of a function"
        }
        _ => {
            routine.note = text(random);
            "change the text of a body"
        }
    };
    world.objects[at].kind = Kind::Routine(routine);
    for id in renumber {
        world.renumber(id);
    }
    Some(word)
}

fn trigger(world: &mut World, random: &mut Random, at: usize) -> Option<&'static str> {
    let Kind::Trigger(mut trigger) = world.objects[at].kind.clone() else { return None };
    let is_table = matches!(world.get(trigger.relation)?.kind, Kind::Table(_));
    let word = match random.below(8) {
        0 => {
            trigger.arguments = (0..random.below(3)).map(|_| text(random)).collect();
            "arguments of a trigger"
        }
        1 => {
            let event = random.pick(&["INSERT", "UPDATE"]);
            if !trigger.events.remove(event) || trigger.events.is_empty() {
                trigger.events.insert(event);
            }
            if !trigger.events.contains("UPDATE") {
                trigger.of.clear();
            }
            "events of a trigger"
        }
        2 | 3 => {
            trigger.state = random.below(4);
            "state of a trigger"
        }
        4 => {
            trigger.function = random.pick(&parts::trigger_functions(world));
            "another function of a trigger"
        }
        5 if is_table && trigger.row => {
            trigger.when = random.chance(60).then(|| parts::trigger_condition(world, random, &trigger));
            "condition of a trigger"
        }
        6 if is_table && trigger.row => {
            trigger.constraint ^= true;
            if trigger.constraint {
                trigger.timing = "AFTER";
            }
            "constraint trigger or not"
        }
        _ if is_table && !trigger.constraint => {
            trigger.timing = if trigger.timing == "BEFORE" { "AFTER" } else { "BEFORE" };
            "timing of a trigger"
        }
        _ => return None,
    };
    world.objects[at].kind = Kind::Trigger(trigger);
    Some(word)
}

/// Something that somebody does outside of the migrations.
pub(super) fn by_hand(world: &World, random: &mut Random) -> Option<ByHand> {
    const HAND: usize = ROLES.len() - 1;
    let declared: Vec<&Object> =
        world.objects.iter().filter(|object| !matches!(object.kind, Kind::Table(_) | Kind::Security(..))).collect();
    let object = *declared.get(random.below(declared.len().max(1)))?;
    let columns = world.columns(object.id);
    let column = (!columns.is_empty()).then(|| columns[random.below(columns.len())].id);
    let id = object.id;
    let is_view = |view: &View| !view.materialized;
    let new = match &object.kind {
        Kind::View(view) => match random.below(9) {
            0 | 1 => {
                let column = column.filter(|_| random.chance(40));
                let privilege = random.pick(&["SELECT", "INSERT", "UPDATE"]);
                ByHand::Grant(id, Grant { role: HAND, privilege, column, grantable: random.chance(20) })
            }
            2 => ByHand::Comment(id, column.filter(|_| random.chance(50)), text(random)),
            3 if is_view(view) => ByHand::Default(id, column?),
            3 => ByHand::Statistics(id, column?),
            8 => ByHand::Owner(id, HAND),
            4 | 5 if is_view(view) => ByHand::Option(id, random.pick(&["security_barrier", "security_invoker"])),
            5 if view.materialized => ByHand::Option(id, "fillfactor"),
            6 if view.materialized => ByHand::Index(id, column?, format!("by_hand_{}", random.below(1000))),
            7 if !view.indexes.is_empty() => {
                ByHand::Cluster(id, view.indexes[random.below(view.indexes.len())].name.clone())
            }
            _ => return None,
        },
        Kind::Routine(_) => match random.below(3) {
            0 => ByHand::Comment(id, None, text(random)),
            1 => ByHand::Owner(id, HAND),
            _ => ByHand::Grant(id, Grant { role: HAND, privilege: "EXECUTE", column: None, grantable: false }),
        },
        Kind::Trigger(_) | Kind::Rule(_) => match random.below(3) {
            0 => ByHand::Comment(id, None, text(random)),
            _ => ByHand::State(id, 1 + random.below(3)),
        },
        Kind::Policy(_) | Kind::EventTrigger(_) | Kind::Sequence(Sequence { owned: None, .. }) => {
            ByHand::Comment(id, None, text(random))
        }
        Kind::Statistics(_) => match random.below(2) {
            0 => ByHand::Comment(id, None, text(random)),
            _ => ByHand::Owner(id, HAND),
        },
        Kind::Type(own) if !matches!(own, OwnType::Extension(_)) => match random.below(3) {
            0 => ByHand::Comment(id, None, text(random)),
            1 => ByHand::Owner(id, HAND),
            _ => ByHand::Grant(id, Grant { role: HAND, privilege: "USAGE", column: None, grantable: false }),
        },
        _ => return None,
    };
    let mut tried = world.clone();
    tried.by_hand.push(new.clone());
    tried.settle();
    let same = |known: &ByHand| {
        std::mem::discriminant(known) == std::mem::discriminant(&new)
            && (known.object(), known.column()) == (id, new.column())
    };
    let is_new = tried.by_hand.last() == Some(&new) && !world.by_hand.iter().any(same);
    (is_new && !matches!(&new, ByHand::Comment(_, _, text) if text.is_empty())).then_some(new)
}
