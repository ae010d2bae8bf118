//! PostgreSQL's catalog rows as the engine's [`Rows`], from a server or from files in the text format of `COPY`: both are
//! the output of the same queries. What is made of the rows (`catalog/<major>.bin`, captured extensions) is not said here.

mod copy;
mod extension;

use std::collections::BTreeMap;
use std::path::Path;

use postgres::GenericClient;
use viewkeeper_engine::catalog::system::Rows;
use viewkeeper_engine::catalog::{
    Aggregate, AggregateKind, Cast, CastContext, CastMethod, Collation, Column, ColumnSource, Constraint,
    ConstraintKind, FIRST_USER_OID, FamilyMember, NotNull, Oid, Operator, OperatorClass, Parameter, ParameterMode,
    Persistence, RangeRow, Relation, RelationKind, Routine, RoutineKind, Schema, Subscripting, Type, TypeKind,
    Volatility,
};

use crate::Error;
use copy::{Line, elements, lines, one_of};
pub use extension::{Available, available_extensions, read_extension, read_shipped_extensions};

type Outcome<T> = Result<T, Error>;

/// What each file holds.
pub const QUERIES: [(&str, &str); 15] = [
    ("pg_namespace", "SELECT oid, nspname FROM pg_namespace"),
    (
        "pg_type",
        "SELECT oid, typnamespace, typname, typlen, typbyval, typtype, typcategory, typispreferred, typisdefined, \
         typdelim, typrelid, typelem, typarray, typsubscript::oid, typinput::oid, typmodin::oid, typnotnull, \
         typbasetype, typtypmod, typndims, typcollation FROM pg_type",
    ),
    (
        "pg_proc",
        "SELECT oid, pronamespace, proname, prokind, proisstrict, proretset, provolatile, pronargs, pronargdefaults, \
         provariadic, prorettype, proargtypes, proallargtypes, proargmodes, proargnames, prosupport::oid, prolang \
         FROM pg_proc",
    ),
    (
        "pg_operator",
        "SELECT oid, oprnamespace, oprname, oprkind, oprcanmerge, oprcanhash, oprleft, oprright, oprresult, oprcom, \
         oprnegate, oprcode::oid FROM pg_operator",
    ),
    ("pg_cast", "SELECT castsource, casttarget, castfunc, castcontext, castmethod FROM pg_cast"),
    (
        "pg_aggregate",
        "SELECT aggfnoid::oid, aggkind, aggnumdirectargs, aggtransfn::oid, aggfinalfn::oid, aggtranstype, \
         agginitval, aggsortop FROM pg_aggregate",
    ),
    ("pg_range", "SELECT rngtypid, rngsubtype, rngcollation, rngmultitypid FROM pg_range"),
    (
        "pg_collation",
        "SELECT oid, collname, collnamespace, collprovider, collencoding, collisdeterministic FROM pg_collation",
    ),
    (
        "pg_opclass",
        "SELECT oid, opcmethod, opcname, opcfamily, opcintype, opcdefault, opckeytype FROM pg_opclass \
         WHERE opcmethod IN (403, 405)",
    ),
    (
        "pg_amop",
        "SELECT amopfamily, amoplefttype, amoprighttype, amopstrategy, amopopr FROM pg_amop \
         WHERE amopmethod IN (403, 405) AND amoppurpose = 's'",
    ),
    (
        "pg_class",
        "SELECT oid, relname, relnamespace, reltype, relkind FROM pg_class \
         WHERE relkind IN ('r', 'v', 'm', 'S', 'f', 'p', 'c')",
    ),
    (
        "pg_attribute",
        "SELECT attrelid, attnum, attname, atttypid, atttypmod, attcollation, attnotnull, attndims FROM pg_attribute \
         JOIN pg_class c ON c.oid = attrelid WHERE attnum > 0 AND NOT attisdropped \
         AND relkind IN ('r', 'v', 'm', 'S', 'f', 'p', 'c')",
    ),
    ("pg_language", "SELECT oid, lanname FROM pg_language"),
    (
        "pg_constraint",
        "SELECT conrelid, conname, contype, conkey FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid <> 0",
    ),
    ("pg_enum", "SELECT enumtypid, enumlabel FROM pg_enum ORDER BY enumtypid, enumsortorder"),
];

/// The rows of a database.
///
/// # Errors
/// When the connection fails, or the database has something that the engine does not know.
pub fn rows_of_server(client: &mut impl GenericClient) -> Outcome<Rows> {
    read(|name, query| {
        use std::io::Read as _;
        let mut text = String::new();
        let mut reader = client.copy_out(&format!("COPY ({query}) TO STDOUT"))?;
        let read = reader.read_to_string(&mut text);
        read.map_err(|error| Error::new(format!("`{name}` of the server cannot be read: {error}")))?;
        Ok(lines(&text))
    })
}

/// The rows in a folder of files: for each of [`QUERIES`] `<name>.tsv`, as `COPY (<query>) TO STDOUT` writes it.
///
/// # Errors
/// When a file is missing (that of enum labels may be: PostgreSQL itself has no enums) or is not of this form.
pub fn rows_of_folder(folder: &Path) -> Outcome<Rows> {
    read(|name, _| {
        let path = folder.join(format!("{name}.tsv"));
        if name == "pg_enum" && !path.exists() {
            return Ok(Vec::new());
        }
        let text = std::fs::read_to_string(&path);
        Ok(lines(&text.map_err(|error| Error::new(format!("{} cannot be read: {error}", path.display())))?))
    })
}

fn read(mut source: impl FnMut(&'static str, &'static str) -> Outcome<Vec<Line>>) -> Outcome<Rows> {
    let mut files = BTreeMap::new();
    for (name, query) in QUERIES {
        files.insert(name, source(name, query)?);
    }
    let read = |name: &str| files.get(name).map_or(&[][..], Vec::as_slice);
    let languages: BTreeMap<u32, String> = read("pg_language")
        .iter()
        .map(|line| Ok((line.number(0)?, line.text(1)?.to_owned())))
        .collect::<Outcome<_>>()?;
    let ranges: Vec<RangeRow> = read("pg_range")
        .iter()
        .map(|line| {
            Ok(RangeRow {
                range: line.oid(0)?,
                subtype: line.oid(1)?,
                collation: line.oid(2)?,
                multirange: line.oid(3)?,
            })
        })
        .collect::<Outcome<_>>()?;
    let aggregates: BTreeMap<Oid, Aggregate> =
        read("pg_aggregate").iter().map(|line| Ok((line.oid(0)?, aggregate(line)?))).collect::<Outcome<_>>()?;
    let procs = read("pg_proc");
    let names: BTreeMap<Oid, String> =
        procs.iter().map(|line| Ok((line.oid(0)?, line.text(2)?.to_owned()))).collect::<Outcome<_>>()?;
    let operator_classes: Vec<OperatorClass> = read("pg_opclass")
        .iter()
        .map(|line| {
            Ok(OperatorClass {
                oid: line.oid(0)?,
                method: line.oid(1)?,
                family: line.oid(3)?,
                input: line.oid(4)?,
                default: line.flag(5)?,
            })
        })
        .collect::<Outcome<_>>()?;
    let methods: BTreeMap<Oid, Oid> = operator_classes.iter().map(|class| (class.family, class.method)).collect();
    let mut labels: BTreeMap<Oid, Vec<String>> = BTreeMap::new();
    for line in read("pg_enum") {
        labels.entry(line.oid(0)?).or_default().push(line.text(1)?.to_owned());
    }
    Ok(Rows {
        schemas: read("pg_namespace")
            .iter()
            .filter(|line| line.text(1).is_ok_and(|name| name != "public"))
            .map(|line| Ok(Schema { oid: line.oid(0)?, name: line.text(1)?.to_owned(), provenance: None }))
            .collect::<Outcome<_>>()?,
        types: read("pg_type").iter().map(|line| type_(line, &ranges, &names, &mut labels)).collect::<Outcome<_>>()?,
        routines: procs.iter().map(|line| routine(line, &languages, &aggregates)).collect::<Outcome<_>>()?,
        operators: read("pg_operator").iter().map(operator).collect::<Outcome<_>>()?,
        casts: read("pg_cast").iter().map(cast).collect::<Outcome<_>>()?,
        collations: read("pg_collation")
            .iter()
            .map(|line| {
                Ok(Collation {
                    oid: line.oid(0)?,
                    name: line.text(1)?.to_owned(),
                    schema: line.oid(2)?,
                    deterministic: line.flag(5)?,
                })
            })
            .collect::<Outcome<_>>()?,
        relations: relations(read("pg_class"), read("pg_attribute"), read("pg_constraint"))?,
        family_members: read("pg_amop")
            .iter()
            .map(|line| {
                let family = line.oid(0)?;
                Ok(FamilyMember {
                    family,
                    left: line.oid(1)?,
                    right: line.oid(2)?,
                    strategy: line.number(3)?,
                    operator: line.oid(4)?,
                    method: *methods.get(&family).ok_or_else(|| Error::new("an operator family without a class"))?,
                })
            })
            .collect::<Outcome<_>>()?,
        operator_classes,
    })
}

fn type_(
    line: &Line,
    ranges: &[RangeRow],
    names: &BTreeMap<Oid, String>,
    labels: &mut BTreeMap<Oid, Vec<String>>,
) -> Outcome<Type> {
    let oid = line.oid(0)?;
    Ok(Type {
        oid,
        schema: line.oid(1)?,
        name: line.text(2)?.to_owned(),
        length: line.number(3)?,
        kind: line.letter(
            5,
            &[
                ("b", TypeKind::Base),
                ("c", TypeKind::Composite),
                ("d", TypeKind::Domain),
                ("e", TypeKind::Enum),
                ("p", TypeKind::Pseudo),
                ("r", TypeKind::Range),
                ("m", TypeKind::Multirange),
            ],
        )?,
        category: *line.text(6)?.as_bytes().first().ok_or_else(|| Error::new("a type without a category"))?,
        preferred: line.flag(7)?,
        defined: line.flag(8)?,
        relation: line.oid(10)?,
        element: line.oid(11)?,
        array: line.oid(12)?,
        subscripting: match names.get(&line.oid(13)?).map(String::as_str) {
            Some("array_subscript_handler") => Subscripting::Array,
            Some("raw_array_subscript_handler") => Subscripting::RawArray,
            Some("jsonb_subscript_handler") => Subscripting::Jsonb,
            Some("hstore_subscript_handler") => Subscripting::Hstore,
            Some(other) => return Err(Error::new(format!("a subscript handler that is not known: `{other}`"))),
            None => Subscripting::None,
        },
        input: line.oid(14)?,
        typmod_input: line.oid(15)?,
        not_null: line.flag(16)?,
        base: line.oid(17)?,
        base_typmod: line.number(18)?,
        dimensions: line.number(19)?,
        collation: line.oid(20)?,
        labels: labels.remove(&oid).unwrap_or_default(),
        range: ranges.iter().copied().find(|range| range.range == oid || range.multirange == oid),
        source: None,
    })
}

fn aggregate(line: &Line) -> Outcome<Aggregate> {
    Ok(Aggregate {
        kind: line.letter(
            1,
            &[("n", AggregateKind::Normal), ("o", AggregateKind::OrderedSet), ("h", AggregateKind::HypotheticalSet)],
        )?,
        direct_arguments: line.number(2)?,
        transition: line.oid(3)?,
        final_function: line.oid(4)?,
        transition_type: line.oid(5)?,
        has_initial_value: line.optional(6).is_some(),
    })
}

fn routine(line: &Line, languages: &BTreeMap<u32, String>, aggregates: &BTreeMap<Oid, Aggregate>) -> Outcome<Routine> {
    let oid = line.oid(0)?;
    let inputs: Vec<Oid> =
        line.text(11)?.split_whitespace().map(|input| Ok(Oid(copy::number(input)?))).collect::<Outcome<_>>()?;
    let all: Option<Vec<Oid>> = line
        .optional(12)
        .map(|all| elements(all).iter().map(|type_| Ok(Oid(copy::number(type_)?))).collect::<Outcome<_>>())
        .transpose()?;
    let modes: Option<Vec<String>> = line.optional(13).map(elements);
    let names: Option<Vec<String>> = line.optional(14).map(elements);
    let parameters = if all.is_none() && names.is_none() {
        Vec::new()
    } else {
        let types = all.unwrap_or_else(|| inputs.clone());
        types
            .iter()
            .enumerate()
            .map(|(at, type_)| {
                let mode = modes.as_ref().and_then(|modes| modes.get(at)).map_or("i", String::as_str);
                Ok(Parameter {
                    name: names.as_ref().and_then(|names| names.get(at)).cloned().unwrap_or_default(),
                    type_: *type_,
                    mode: one_of(
                        mode,
                        &[
                            ("i", ParameterMode::In),
                            ("o", ParameterMode::Out),
                            ("b", ParameterMode::InOut),
                            ("v", ParameterMode::Variadic),
                            ("t", ParameterMode::Table),
                        ],
                    )?,
                })
            })
            .collect::<Outcome<_>>()?
    };
    Ok(Routine {
        oid,
        schema: line.oid(1)?,
        name: line.text(2)?.to_owned(),
        kind: line.letter(
            3,
            &[
                ("f", RoutineKind::Function),
                ("p", RoutineKind::Procedure),
                ("a", RoutineKind::Aggregate),
                ("w", RoutineKind::Window),
            ],
        )?,
        strict: line.flag(4)?,
        returns_set: line.flag(5)?,
        volatility: line
            .letter(6, &[("i", Volatility::Immutable), ("s", Volatility::Stable), ("v", Volatility::Volatile)])?,
        defaults: line.number(8)?,
        variadic: line.oid(9)?,
        result: line.oid(10)?,
        inputs,
        parameters,
        language: languages.get(&line.number(16)?).ok_or_else(|| Error::new("a language that is not listed"))?.clone(),
        aggregate: aggregates.get(&oid).cloned(),
        source: None,
    })
}

fn operator(line: &Line) -> Outcome<Operator> {
    Ok(Operator {
        oid: line.oid(0)?,
        schema: line.oid(1)?,
        name: line.text(2)?.to_owned(),
        can_merge: line.flag(4)?,
        can_hash: line.flag(5)?,
        left: line.oid(6)?,
        right: line.oid(7)?,
        result: line.oid(8)?,
        commutator: line.oid(9)?,
        negator: line.oid(10)?,
        function: line.oid(11)?,
    })
}

fn cast(line: &Line) -> Outcome<Cast> {
    Ok(Cast {
        source: line.oid(0)?,
        target: line.oid(1)?,
        function: line.oid(2)?,
        context: line
            .letter(3, &[("i", CastContext::Implicit), ("a", CastContext::Assignment), ("e", CastContext::Explicit)])?,
        method: line
            .letter(4, &[("f", CastMethod::Function), ("i", CastMethod::InputOutput), ("b", CastMethod::Binary)])?,
    })
}

fn relations(classes: &[Line], attributes: &[Line], constraints: &[Line]) -> Outcome<Vec<Relation>> {
    let mut columns: BTreeMap<Oid, BTreeMap<i16, Column>> = BTreeMap::new();
    for line in attributes {
        let column = Column {
            name: line.text(2)?.to_owned(),
            type_: line.oid(3)?,
            typmod: line.number(4)?,
            collation: line.oid(5)?,
            dimensions: line.number(7)?,
            not_null: if line.flag(6)? { NotNull::Yes } else { NotNull::No },
            dropped: false,
            has_default: false,
            source: ColumnSource::Plain,
            is_local: true,
        };
        columns.entry(line.oid(0)?).or_default().insert(line.number(1)?, column);
    }
    let mut keys: BTreeMap<Oid, Vec<Constraint>> = BTreeMap::new();
    for line in constraints {
        let constraint = Constraint {
            oid: Oid::INVALID,
            name: line.text(1)?.to_owned(),
            kind: line.letter(2, &[("p", ConstraintKind::PrimaryKey), ("u", ConstraintKind::Unique)])?,
            columns: elements(line.text(3)?).iter().map(|column| copy::number(column)).collect::<Outcome<_>>()?,
            deferrable: false,
            validated: true,
            references: Oid::INVALID,
            no_inherit: false,
            referenced: Vec::new(),
            excludes_null: Vec::new(),
            written: None,
            is_local: true,
        };
        keys.entry(line.oid(0)?).or_default().push(constraint);
    }
    classes
        .iter()
        .map(|line| {
            let oid = line.oid(0)?;
            let mut constraints = keys.remove(&oid).unwrap_or_default();
            constraints.sort_by(|a, b| a.name.cmp(&b.name));
            let columns = columns.remove(&oid).unwrap_or_default();
            if oid.0 < FIRST_USER_OID && !columns.keys().copied().eq((1i16..).take(columns.len())) {
                return Err(Error::new(format!("columns of `{}` are missing", line.text(1)?)));
            }
            Ok(Relation {
                oid,
                schema: line.oid(2)?,
                name: line.text(1)?.to_owned(),
                kind: line.letter(
                    4,
                    &[
                        ("r", RelationKind::Table),
                        ("v", RelationKind::View),
                        ("m", RelationKind::MaterializedView),
                        ("S", RelationKind::Sequence),
                        ("f", RelationKind::ForeignTable),
                        ("p", RelationKind::PartitionedTable),
                        ("c", RelationKind::CompositeType),
                    ],
                )?,
                persistence: Persistence::Permanent,
                row_type: line.oid(3)?,
                columns: columns.into_values().collect(),
                constraints,
                indexes: Vec::new(),
                parents: Vec::new(),
                is_partition: false,
                options: Vec::new(),
                view: None,
                provenance: None,
            })
        })
        .collect()
}
