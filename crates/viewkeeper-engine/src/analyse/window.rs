//! Window calls and window definitions: named windows, inheritance, frames (parse_agg.c, parse_clause.c).

use super::kind::Guest;
use super::syntax::{optional, required};
use super::{Analyser, ExpressionKind, Outcome};
use crate::catalog::{Oid, oids};
use crate::diagnostic::SqlState;
use crate::parser::ast;
use crate::resolve::{Failure, place};
use crate::tree::{Expr, ExprNode, Frame, FrameBound, FrameMode, Location, SortKey, Target, Window, WindowCall};

// `FRAMEOPTION_…` in parsenodes.h.
const NON_DEFAULT: i32 = 0x00001;
const RANGE: i32 = 0x00002;
const ROWS: i32 = 0x00004;
const GROUPS: i32 = 0x00008;
const START_UNBOUNDED_PRECEDING: i32 = 0x00020;
const END_UNBOUNDED_FOLLOWING: i32 = 0x00100;
const END_CURRENT_ROW: i32 = 0x00400;
const START_PRECEDING: i32 = 0x00800;
const END_PRECEDING: i32 = 0x01000;
const START_FOLLOWING: i32 = 0x02000;
const END_FOLLOWING: i32 = 0x04000;
const EXCLUDES: i32 = 0x08000 | 0x10000 | 0x20000;
const DEFAULTS: i32 = RANGE | START_UNBOUNDED_PRECEDING | END_CURRENT_ROW;

/// Types of RANGE offsets, by the type of the sorted column (`in_range` support functions in pg_amproc.dat).
const RANGE_OFFSETS: &[(Oid, &[Oid])] = &[
    (oids::INT2, &[oids::INT8, oids::INT4, oids::INT2]),
    (oids::INT4, &[oids::INT8, oids::INT4, oids::INT2]),
    (oids::INT8, &[oids::INT8]),
    (oids::FLOAT4, &[oids::FLOAT8]),
    (oids::FLOAT8, &[oids::FLOAT8]),
    (oids::NUMERIC, &[oids::NUMERIC]),
    (oids::DATE, &[oids::INTERVAL]),
    (oids::TIME, &[oids::INTERVAL]),
    (oids::TIMETZ, &[oids::INTERVAL]),
    (oids::TIMESTAMP, &[oids::INTERVAL]),
    (oids::TIMESTAMPTZ, &[oids::INTERVAL]),
    (oids::INTERVAL, &[oids::INTERVAL]),
];

impl<'a> Analyser<'a> {
    /// `transformWindowFuncCall`
    pub(super) fn place_window_call(
        &mut self,
        mut call: WindowCall,
        over: &'a ast::WindowDef,
        location: Location,
    ) -> Outcome<Expr> {
        let is_window = |expr: &Expr| matches!(*expr.node, ExprNode::WindowFunction(_));
        if let Some(nested) = call.args.iter().chain(&call.filter).find(|arg| arg.any(&mut |expr| is_window(expr))) {
            return Err(Failure::new(
                SqlState::WINDOWING_ERROR,
                "window function calls cannot be nested",
                nested.location,
            ));
        }
        self.admit(Guest::WindowFunction, 0, location)?;
        let level = self.level_mut();
        if over.name.is_empty() {
            level.windows.push(over);
            call.window = level.windows.len() - 1;
        } else {
            let Some(window) = level.windows.iter().position(|window| window.name == over.name) else {
                return Err(no_window(&over.name, place(over.location)));
            };
            call.window = window;
        }
        level.has_window_functions = true;
        Ok(call.into_expr(location))
    }

    /// `transformWindowDefinitions`
    pub(super) fn window_clauses(&mut self, targets: &mut Vec<Target>) -> Outcome<Vec<Window>> {
        let mut result: Vec<Window> = Vec::new();
        let mut frames = Vec::new();
        // An ORDER BY of a window cannot have window functions, so the list does not grow meanwhile.
        for definition in self.level().windows.clone() {
            let location = place(definition.location);
            let named =
                |result: &[Window], name: &str| result.iter().position(|window| window.name.as_deref() == Some(name));
            if !definition.name.is_empty() && named(&result, &definition.name).is_some() {
                return Err(Failure::new(
                    SqlState::WINDOWING_ERROR,
                    format!("there is already a window `{}`", definition.name),
                    location,
                ));
            }
            let inherited = if definition.refname.is_empty() {
                None
            } else {
                match named(&result, &definition.refname) {
                    Some(index) => Some(index),
                    None => return Err(no_window(&definition.refname, location)),
                }
            };
            let own_order =
                self.sort_clause_of_expressions(&definition.order_clause, targets, ExpressionKind::WindowOrder)?;
            let own_partition = self.partition_clause(&definition.partition_clause, targets)?;
            let (partition_by, order_by) = match inherited.and_then(|index| result.get(index)) {
                None => (own_partition, own_order),
                Some(base) => {
                    check_inheritance(definition, base, &own_partition, &own_order, location)?;
                    let order = if own_order.is_empty() { base.order_by.clone() } else { own_order };
                    (base.partition_by.clone(), order)
                }
            };
            if let Some(options) = inherited.and_then(|index| frames.get(index))
                && *options != DEFAULTS
            {
                let failure = Failure::new(
                    SqlState::WINDOWING_ERROR,
                    format!("the window `{}` cannot be built upon, since it has a frame", definition.refname),
                    location,
                );
                let bare = definition.name.is_empty()
                    && definition.order_clause.is_empty()
                    && definition.frame_options == DEFAULTS;
                return Err(if bare { failure.help("leave out the parentheses of OVER") } else { failure });
            }
            let frame = self.frame(definition, &order_by, targets, location)?;
            frames.push(definition.frame_options);
            let name = (!definition.name.is_empty()).then(|| definition.name.clone());
            result.push(Window { name, partition_by, order_by, frame });
        }
        Ok(result)
    }

    fn frame(
        &mut self,
        definition: &'a ast::WindowDef,
        order_by: &[SortKey],
        targets: &[Target],
        location: Location,
    ) -> Outcome<Frame> {
        let options = definition.frame_options;
        let mode = match options {
            _ if options & ROWS != 0 => FrameMode::Rows,
            _ if options & GROUPS != 0 => FrameMode::Groups,
            _ => FrameMode::Range,
        };
        let offsets = START_PRECEDING | START_FOLLOWING | END_PRECEDING | END_FOLLOWING;
        let mut sorted = Oid::INVALID;
        if mode == FrameMode::Range && options & offsets != 0 {
            let [key] = order_by else {
                return Err(Failure::new(
                    SqlState::WINDOWING_ERROR,
                    "RANGE with an offset needs exactly one ORDER BY column",
                    location,
                ));
            };
            let target = targets.iter().find(|target| target.sort_group == key.target);
            sorted = target.map_or(Oid::INVALID, |target| self.catalog().base_type(self.type_of(&target.expr)));
        }
        if mode == FrameMode::Groups && order_by.is_empty() {
            return Err(Failure::new(SqlState::WINDOWING_ERROR, "GROUPS needs ORDER BY", location));
        }
        let start = match options {
            _ if options & START_UNBOUNDED_PRECEDING != 0 => FrameBound::UnboundedPreceding,
            _ if options & START_PRECEDING != 0 => {
                FrameBound::Preceding(self.frame_offset(definition.start_offset.as_deref(), mode, sorted)?)
            }
            _ if options & START_FOLLOWING != 0 => {
                FrameBound::Following(self.frame_offset(definition.start_offset.as_deref(), mode, sorted)?)
            }
            _ => FrameBound::CurrentRow,
        };
        let end = match options {
            _ if options & END_UNBOUNDED_FOLLOWING != 0 => FrameBound::UnboundedFollowing,
            _ if options & END_PRECEDING != 0 => {
                FrameBound::Preceding(self.frame_offset(definition.end_offset.as_deref(), mode, sorted)?)
            }
            _ if options & END_FOLLOWING != 0 => {
                FrameBound::Following(self.frame_offset(definition.end_offset.as_deref(), mode, sorted)?)
            }
            _ => FrameBound::CurrentRow,
        };
        Ok(Frame { explicit: options & NON_DEFAULT != 0, mode, start, end, excludes: options & EXCLUDES != 0 })
    }

    /// `transformFrameOffset`
    fn frame_offset(&mut self, raw: Option<&'a ast::Node>, mode: FrameMode, sorted: Oid) -> Outcome<Expr> {
        let expr =
            self.expression(required(raw.filter(|raw| optional(Some(raw)).is_some()))?, ExpressionKind::WindowFrame)?;
        let (type_, construct) = match mode {
            FrameMode::Rows => (oids::INT8, "ROWS"),
            FrameMode::Groups => (oids::INT8, "GROUPS"),
            FrameMode::Range => (self.range_offset_type(&expr, sorted)?, "RANGE"),
        };
        let expr = self.coerce_to(expr, type_, construct)?;
        self.check_free_of_variables(&expr, construct)?;
        Ok(expr)
    }

    /// The type of a RANGE offset beside a sorted column.
    fn range_offset_type(&self, offset: &Expr, sorted: Oid) -> Outcome<Oid> {
        let sorted_text = self.type_text(sorted);
        let Some((_, offsets)) = RANGE_OFFSETS.iter().find(|(column, _)| *column == sorted) else {
            return Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                format!("RANGE with an offset is not supported for columns of type `{sorted_text}`"),
                offset.location,
            ));
        };
        let type_ = self.type_of(offset);
        let preferred = if type_ == oids::UNKNOWN { sorted } else { type_ };
        let mut matches = 0;
        let mut selected = Oid::INVALID;
        for candidate in *offsets {
            if self.resolver.can_coerce(&[type_], &[*candidate], crate::catalog::CastContext::Implicit) {
                matches += 1;
                if selected != preferred {
                    selected = *candidate;
                }
            }
        }
        let offset_text = self.type_text(type_);
        match matches {
            0 => Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                format!("RANGE over type `{sorted_text}` cannot have an offset of type `{offset_text}`"),
                offset.location,
            )
            .help("cast the offset to a fitting type")),
            1 => Ok(selected),
            _ if selected == preferred => Ok(selected),
            _ => Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                format!("RANGE over type `{sorted_text}` has several meanings for an offset of type `{offset_text}`"),
                offset.location,
            )
            .help("cast the offset to the type that is meant")),
        }
    }
}

/// What a window that builds upon another may not say again.
fn check_inheritance(
    definition: &ast::WindowDef,
    base: &Window,
    partition: &[u32],
    order: &[SortKey],
    location: Location,
) -> Outcome<()> {
    let refused = |what: &str| {
        let message = format!("{what} of the window `{}` cannot be replaced", definition.refname);
        Err(Failure::new(SqlState::WINDOWING_ERROR, message, location))
    };
    if !partition.is_empty() {
        return refused("PARTITION BY");
    }
    if !order.is_empty() && !base.order_by.is_empty() {
        return refused("ORDER BY");
    }
    Ok(())
}

fn no_window(name: &str, location: Location) -> Failure {
    Failure::new(SqlState::UNDEFINED_OBJECT, format!("no window `{name}`"), location)
}
