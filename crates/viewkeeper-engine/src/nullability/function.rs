//! What PostgreSQL's own functions, aggregates and window functions can return, by number from the generated list and
//! by name from the lists here. Functions of the project and of extensions are never trusted: `STRICT` says what null
//! arguments give, not that other arguments give a value.

use super::never_null;
use crate::catalog::{AggregateKind, Catalog, Oid, Routine, ServerVersion, oids};
use crate::tree::{Expr, ExprNode};

/// From where on numbers are not PostgreSQL's own (`FirstGenbkiObjectId`): such rows are not known by number.
pub(super) const FIRST_UNPINNED_OID: u32 = 10_000;

/// What a function's result needs to be proven not null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Nothing.
    Always,
    /// All arguments not null.
    All,
    /// At least one argument not null.
    Any,
    /// The first so many arguments not null.
    First(usize),
    /// It may be null all the same.
    MayBeNull,
    /// Not PostgreSQL's own.
    Opaque,
}

/// PostgreSQL's own routine of `pg_catalog`, by number.
pub(super) fn own(catalog: &Catalog, function: Oid) -> Option<&Routine> {
    catalog.routine(function).filter(|_| function.0 < FIRST_UNPINNED_OID)
}

/// The rule for a function that returns no set; `variadic` when it is called with the keyword, whose array may be null.
pub(super) fn rule(catalog: &Catalog, function: Oid, variadic: bool) -> Rule {
    // A function of an extension that runs PostgreSQL's own code does what that does.
    let function = catalog.extension_rows.same_code.get(&function).copied().unwrap_or(function);
    let Some(routine) = own(catalog, function) else { return Rule::Opaque };
    if routine.strict {
        // What its body has to say of null is behind an error, to keep the compiler quiet.
        let listed = never_null::contains(catalog.version, function) || routine.name == "make_interval";
        return if listed { Rule::All } else { Rule::MayBeNull };
    }
    let arguments = routine.inputs.len();
    match routine.name.as_str() {
        "concat" | "num_nulls" | "num_nonnulls" | "json_build_object" | "json_build_array" | "jsonb_build_object"
        | "jsonb_build_array"
            if !variadic =>
        {
            Rule::Always
        }
        "concat_ws" | "format" if !variadic => Rule::First(1),
        "pg_typeof" | "quote_nullable" => Rule::Always,
        "int4range" | "int8range" | "numrange" | "tsrange" | "tstzrange" | "daterange" => Rule::Always,
        "array_append" | "array_prepend" | "array_cat" => Rule::Any,
        "array_remove" | "array_replace" | "array_positions" => Rule::First(1),
        "string_to_array" => Rule::First(1),
        "array_to_string" if arguments == 3 => Rule::First(2),
        _ => Rule::MayBeNull,
    }
}

/// Whether a function takes a field out of a date or time that every value has, the infinite ones too
/// (`NonFiniteTimestampTzPart`, `NonFiniteIntervalPart`, `extract_date`).
pub(super) fn is_field_of_every_value(catalog: &Catalog, function: Oid, field: &Expr) -> bool {
    let ExprNode::Const { value: Some(field), .. } = &*field.node else { return false };
    let Some(routine) = own(catalog, function).filter(|_| takes_field(catalog, function)) else { return false };
    let field = field.as_str();
    match routine.inputs.get(1) {
        Some(&(oids::TIMESTAMP | oids::TIMESTAMPTZ | oids::DATE)) => {
            matches!(field, "epoch" | "year" | "decade" | "century" | "millennium" | "isoyear" | "julian")
        }
        // There is no infinite interval before 17.
        Some(&oids::INTERVAL) if catalog.version < ServerVersion::V17 => matches!(
            field,
            "epoch"
                | "year"
                | "decade"
                | "century"
                | "millennium"
                | "quarter"
                | "month"
                | "day"
                | "hour"
                | "minute"
                | "second"
                | "milliseconds"
                | "microseconds"
        ),
        Some(&oids::INTERVAL) => {
            matches!(field, "epoch" | "year" | "decade" | "century" | "millennium" | "day" | "hour")
        }
        _ => false,
    }
}

/// Whether a function takes a field out of a date or time. Those of finite ones are never null (`timestamp_part_common`,
/// `extract_date`).
pub(super) fn takes_field(catalog: &Catalog, function: Oid) -> bool {
    own(catalog, function).is_some_and(|routine| matches!(routine.name.as_str(), "extract" | "date_part"))
}

/// Whether a function takes the time of day out of a moment, which infinite ones have not (`timestamp_time`,
/// `timestamptz_time`, `timestamptz_timetz`).
pub(super) fn takes_time_of_day(catalog: &Catalog, function: Oid) -> bool {
    let moment = |type_: &Oid| matches!(*type_, oids::TIMESTAMP | oids::TIMESTAMPTZ);
    own(catalog, function).is_some_and(|routine| {
        matches!(routine.name.as_str(), "time" | "timetz")
            && matches!(routine.inputs.as_slice(), [input] if moment(input))
    })
}

/// Whether a date or time is surely finite: as the clock gives it, or a literal.
pub(super) fn is_finite(catalog: &Catalog, expr: &Expr) -> bool {
    match &*expr.node {
        ExprNode::Const { type_: oids::TIMESTAMP | oids::TIMESTAMPTZ | oids::DATE, value: Some(text), .. } => {
            !may_be_infinite(text)
        }
        ExprNode::SqlValue { name, .. } => {
            matches!(*name, "current_date" | "current_timestamp" | "localtimestamp")
        }
        ExprNode::Function { function, args, returns_set: false, .. } => {
            let Some(routine) = own(catalog, *function) else { return false };
            match (routine.name.as_str(), args.as_slice()) {
                ("now" | "transaction_timestamp" | "statement_timestamp" | "clock_timestamp", []) => true,
                // Casts, which keep the infinite ones as they are and refuse what does not fit; a zone and a unit.
                ("date" | "timestamp" | "timestamptz", [value]) => is_finite(catalog, value),
                ("date_trunc" | "timezone", [_, value]) => is_finite(catalog, value),
                _ => false,
            }
        }
        // What does not fit is refused.
        ExprNode::Operator { function, args, returns_set: false, .. } => {
            let moves = own(catalog, *function).is_some_and(|routine| {
                let functions = [
                    "timestamp_pl_interval",
                    "timestamp_mi_interval",
                    "timestamptz_pl_interval",
                    "timestamptz_mi_interval",
                    "date_pl_interval",
                    "date_mi_interval",
                    "date_pli",
                    "date_mii",
                ];
                functions.contains(&routine.name.as_str())
            });
            let is_finite_amount = |amount: &Expr| match &*amount.node {
                ExprNode::Const { type_: oids::INTERVAL, value: Some(text), .. } => !may_be_infinite(text),
                ExprNode::Const { value: Some(_), .. } => true,
                _ => false,
            };
            matches!(args.as_slice(), [moment, amount] if moves && is_finite(catalog, moment) && is_finite_amount(amount))
        }
        _ => false,
    }
}

/// Whether the text of a date, a time or an interval may say that it has no end.
fn may_be_infinite(text: &str) -> bool {
    text.to_ascii_lowercase().contains("inf")
}

/// Whether the elements of PostgreSQL's own set-returning function are never null, by column of its result.
pub(super) fn set_column_is_never_null(routine: &Routine, column: usize) -> bool {
    let arguments = routine.inputs.len();
    match routine.name.as_str() {
        "generate_series"
        | "generate_subscripts"
        | "regexp_split_to_table"
        | "regexp_matches"
        | "json_object_keys"
        | "jsonb_object_keys"
        | "json_array_elements"
        | "jsonb_array_elements"
        | "jsonb_path_query"
        | "jsonb_path_query_tz" => column == 0,
        "string_to_table" => column == 0 && arguments == 2,
        "json_each" | "jsonb_each" => column < 2,
        "json_each_text" | "jsonb_each_text" => column == 0,
        "unnest" => column == 0 && routine.inputs.first() == Some(&oids::ANYMULTIRANGE),
        _ => false,
    }
}

/// What an aggregate's result needs to be proven not null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AggregateRule {
    /// Nothing: also of no rows.
    Always,
    /// At least one row.
    Rows,
    /// At least one row, and arguments that are not null.
    RowsOfValues,
    /// It may be null all the same.
    MayBeNull,
    /// Not PostgreSQL's own.
    Opaque,
}

/// The rule for an aggregate.
pub(super) fn aggregate_rule(catalog: &Catalog, function: Oid) -> AggregateRule {
    let Some(routine) = own(catalog, function) else { return AggregateRule::Opaque };
    match routine.name.as_str() {
        "count" | "regr_count" | "rank" | "dense_rank" | "percent_rank" | "cume_dist" => AggregateRule::Always,
        "array_agg"
        | "json_agg"
        | "jsonb_agg"
        | "json_object_agg"
        | "jsonb_object_agg"
        | "json_agg_strict"
        | "jsonb_agg_strict"
        | "json_object_agg_strict"
        | "jsonb_object_agg_strict"
        | "json_object_agg_unique"
        | "jsonb_object_agg_unique"
        | "json_object_agg_unique_strict"
        | "jsonb_object_agg_unique_strict" => AggregateRule::Rows,
        "sum"
        | "avg"
        | "min"
        | "max"
        | "bit_and"
        | "bit_or"
        | "bit_xor"
        | "bool_and"
        | "bool_or"
        | "every"
        | "any_value"
        | "string_agg"
        | "range_agg"
        | "range_intersect_agg"
        | "xmlagg"
        | "var_pop"
        | "stddev_pop"
        | "covar_pop"
        | "regr_avgx"
        | "regr_avgy"
        | "regr_sxx"
        | "regr_syy"
        | "regr_sxy"
        | "mode"
        | "percentile_cont"
        | "percentile_disc" => AggregateRule::RowsOfValues,
        _ => AggregateRule::MayBeNull,
    }
}

/// Whether the aggregate takes its arguments from WITHIN GROUP.
pub(super) fn is_ordered_set(catalog: &Catalog, function: Oid) -> bool {
    let aggregate = catalog.routine(function).and_then(|routine| routine.aggregate.as_ref());
    aggregate.is_some_and(|aggregate| aggregate.kind != AggregateKind::Normal)
}

/// What a window function that is no aggregate needs to be proven not null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WindowRule {
    /// All arguments not null.
    All,
    /// All three arguments (value, offset, default) not null.
    AllThree,
    /// All arguments not null, and a frame that holds the current row.
    Frame,
    /// The same, and the first row of the frame asked for.
    First,
    /// It may be null all the same.
    MayBeNull,
    /// Not PostgreSQL's own.
    Opaque,
}

/// The rule for a window function.
pub(super) fn window_rule(catalog: &Catalog, function: Oid) -> WindowRule {
    let Some(routine) = own(catalog, function) else { return WindowRule::Opaque };
    match routine.name.as_str() {
        "row_number" | "rank" | "dense_rank" | "percent_rank" | "cume_dist" | "ntile" => WindowRule::All,
        "lag" | "lead" => WindowRule::AllThree,
        "first_value" | "last_value" => WindowRule::Frame,
        "nth_value" => WindowRule::First,
        _ => WindowRule::MayBeNull,
    }
}
