//! The typed tree of a query, in the shape of PostgreSQL's own after parse analysis (primnodes.h, parsenodes.h): every
//! implicit cast is a node, so that types, modifiers and collations are read off the finished tree. Plain data; it is
//! built in `analyse`, and read by `nullability` and `lineage`.

mod children;
mod modification;
mod type_of;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::catalog::Oid;
use crate::source::Keyword;

pub use children::*;
pub use modification::*;
pub use type_of::*;

/// Byte offset in the file of the definition; `None` for what has no text of its own.
pub type Location = Option<u32>;

/// A query: what `Query` is in parsenodes.h.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Query {
    /// `WITH` queries of this level.
    pub ctes: Vec<Cte>,
    /// Everything `FROM` names, joins included; [`Var::relation`] is an index into it.
    pub range_table: Vec<RangeTableEntry>,
    /// The items of `FROM`.
    pub from: Vec<FromItem>,
    /// `TABLESAMPLE` of items of `FROM`.
    pub samples: Vec<Sample>,
    /// `WHERE`.
    pub filter: Option<Expr>,
    /// The target list, resjunk entries (of ORDER BY and GROUP BY) last.
    pub targets: Vec<Target>,
    /// `GROUP BY` expressions, as [`Target::sort_group`] references.
    pub group_by: Vec<u32>,
    /// `GROUPING SETS`, expanded: each set lists members of `group_by`. Empty for a plain `GROUP BY`.
    pub grouping_sets: Vec<Vec<u32>>,
    /// `HAVING`.
    pub having: Option<Expr>,
    /// `WINDOW` and `OVER`.
    pub windows: Vec<Window>,
    /// `DISTINCT`.
    pub distinct: Distinct,
    /// `ORDER BY`.
    pub sort: Vec<SortKey>,
    /// `LIMIT` and `FETCH FIRST`.
    pub limit: Option<Expr>,
    /// `FETCH FIRST … WITH TIES`.
    pub with_ties: bool,
    /// `OFFSET`.
    pub offset: Option<Expr>,
    /// Set for `UNION` and the like: the leaves are sub-queries in the range table.
    pub set_operation: Option<Box<SetOperation>>,
    /// Whether this level has aggregates.
    pub has_aggregates: bool,
    /// Whether this level has window functions.
    pub has_window_functions: bool,
    /// Whether the target list has set-returning functions.
    pub has_target_sets: bool,
    /// Constraints that make GROUP BY legal (relation, constraint).
    pub constraint_dependencies: Vec<(Oid, Oid)>,
    /// What makes it a statement that changes rows. Only bodies of SQL functions and rules have such.
    pub modification: Option<Box<Modification>>,
}

/// A `TABLESAMPLE` clause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The function that stands for the sampling method.
    pub handler: Oid,
    /// Its arguments, and that of `REPEATABLE`.
    pub args: Vec<Expr>,
}

/// A `WITH` query.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Cte {
    /// Name.
    pub name: String,
    /// The query; of a recursive one, a set operation whose right side refers to the CTE.
    pub query: Query,
    /// Whether it refers to itself.
    pub recursive: bool,
    /// Columns, `SEARCH` and `CYCLE` columns included.
    pub columns: Vec<RowColumn>,
    /// How many of the columns are the query's own; the rest are of `SEARCH` and `CYCLE`.
    pub query_columns: usize,
    /// Whether `CYCLE` marks rows, in the last column but one, with values that are not null.
    pub mark_not_null: bool,
    /// Where it stands.
    pub location: Location,
}

/// Where it stands does not count (`equal` in equalfuncs.c).
impl PartialEq for Cte {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.query == other.query
            && self.recursive == other.recursive
            && self.columns == other.columns
            && self.query_columns == other.query_columns
            && self.mark_not_null == other.mark_not_null
    }
}

/// A column of something in FROM.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowColumn {
    /// Name.
    pub name: String,
    /// Type; invalid for a dropped column.
    pub type_: Oid,
    /// Modifier.
    pub typmod: i32,
    /// Collation.
    pub collation: Oid,
}

/// What `RangeTblEntry` is in parsenodes.h.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RangeTableEntry {
    /// The name that the query uses for it (alias or own name); empty for an unnamed join or sub-query.
    pub name: String,
    /// Column names, types and so on as this query sees them, by attribute number (dropped columns keep their place).
    #[serde(with = "crate::state_file::shared")]
    pub columns: Arc<[RowColumn]>,
    /// What it is.
    pub kind: RangeTableKind,
    /// Whether it is `LATERAL` (or a function, which always is).
    pub lateral: bool,
    /// Where it stands.
    pub location: Location,
}

/// Where it stands does not count (`equal` in equalfuncs.c).
impl PartialEq for RangeTableEntry {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.columns == other.columns
            && self.kind == other.kind
            && self.lateral == other.lateral
    }
}

/// What a [`RangeTableEntry`] is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum RangeTableKind {
    /// A table, view, materialized view, foreign table or sequence.
    Relation {
        /// Its number.
        relation: Oid,
        /// `ONLY`: without children.
        only: bool,
    },
    /// A sub-select.
    Subquery(Box<Query>),
    /// A join; columns are the merged ones, and where it has an alias, so that they can be named by it, then the left's and
    /// the right's.
    Join {
        /// Kind.
        join: JoinKind,
        /// How many of the columns are merged (`USING`, `NATURAL`).
        merged: usize,
        /// For each column the expression it stands for, over the two sides.
        aliased: Vec<Expr>,
    },
    /// One or more functions (`ROWS FROM`), in columns side by side.
    Functions {
        /// The functions.
        functions: Vec<TableFunction>,
        /// `WITH ORDINALITY`: a last column.
        ordinality: bool,
    },
    /// `XMLTABLE` or `JSON_TABLE`.
    TableExpression(Box<TableExpression>),
    /// `VALUES`: rows of expressions.
    Values(Vec<Vec<Expr>>),
    /// A reference to a `WITH` query.
    Cte {
        /// Its name.
        name: String,
        /// How many query levels up it is.
        levels_up: usize,
        /// Whether this is the reference inside the recursive term.
        self_reference: bool,
    },
}

/// One function in FROM.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableFunction {
    /// The call.
    pub call: Expr,
    /// How many columns it gives.
    pub columns: usize,
}

/// `XMLTABLE` and `JSON_TABLE`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableExpression {
    /// Which.
    pub kind: TableExpressionKind,
    /// Everything it computes with: document, paths, namespaces, passed values, defaults.
    pub arguments: Vec<Expr>,
    /// What is known of each column, in order.
    pub columns: Vec<TableExpressionColumn>,
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum TableExpressionKind {
    Xml,
    Json,
}

/// What is known of a column of [`TableExpression`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableExpressionColumn {
    /// `FOR ORDINALITY`.
    pub ordinality: bool,
    /// `NOT NULL` (XMLTABLE); `EXISTS` of a truth value that is never unknown (JSON_TABLE).
    pub not_null: bool,
    /// Under a `NESTED PATH` (JSON_TABLE), so absent where the path finds nothing.
    pub nested: bool,
    /// `EXISTS` (JSON_TABLE).
    pub exists: bool,
}

/// An item of FROM, by index into the range table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FromItem {
    /// Anything but a join.
    Entry(usize),
    /// A join.
    Join(Box<Join>),
}

impl FromItem {
    /// Whether it is an entry of the range table, or has it below.
    pub fn has_entry(&self, entry: usize) -> bool {
        match self {
            Self::Entry(own) => *own == entry,
            Self::Join(join) => join.entry == entry || join.left.has_entry(entry) || join.right.has_entry(entry),
        }
    }
}

/// A join in FROM.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Join {
    /// Its entry in the range table.
    pub entry: usize,
    /// Kind.
    pub kind: JoinKind,
    /// Left side.
    pub left: FromItem,
    /// Right side.
    pub right: FromItem,
    /// `ON`, or the equalities of `USING`.
    pub condition: Option<Expr>,
}

/// Kind of a join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
}

/// An entry of the target list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Output name.
    pub name: String,
    /// Value.
    pub expr: Expr,
    /// Reference number for sorting and grouping; 0 for none.
    pub sort_group: u32,
    /// Computed only to sort or group by.
    pub junk: bool,
}

/// `DISTINCT`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub enum Distinct {
    /// None.
    #[default]
    No,
    /// All output columns.
    All,
    /// `DISTINCT ON`, as [`Target::sort_group`] references.
    On(Vec<u32>),
}

/// A key of ORDER BY.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SortKey {
    /// The target, by [`Target::sort_group`].
    pub target: u32,
    /// The ordering operator; invalid where the default of the type applies.
    pub operator: Oid,
}

/// A window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Name, when it has one.
    pub name: Option<String>,
    /// `PARTITION BY`, as [`Target::sort_group`] references.
    pub partition_by: Vec<u32>,
    /// `ORDER BY`.
    pub order_by: Vec<SortKey>,
    /// The frame.
    pub frame: Frame,
}

/// A window's frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Whether the query says one (else it is `RANGE UNBOUNDED PRECEDING`).
    pub explicit: bool,
    /// `ROWS`, `RANGE` or `GROUPS`.
    pub mode: FrameMode,
    /// Where it begins.
    pub start: FrameBound,
    /// Where it ends.
    pub end: FrameBound,
    /// Whether an `EXCLUDE` may take the current row away.
    pub excludes: bool,
}

/// Unit of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum FrameMode {
    Range,
    Rows,
    Groups,
}

/// An end of a frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum FrameBound {
    UnboundedPreceding,
    Preceding(Expr),
    CurrentRow,
    Following(Expr),
    UnboundedFollowing,
}

/// `UNION`, `INTERSECT`, `EXCEPT`: a binary tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetOperation {
    /// Which.
    pub kind: SetOperationKind,
    /// `ALL`.
    pub all: bool,
    /// Left operand.
    pub left: SetOperand,
    /// Right operand.
    pub right: SetOperand,
    /// Result columns (types, modifiers, collations).
    pub columns: Vec<RowColumn>,
}

/// Operand of a set operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum SetOperand {
    /// A sub-query, by index into the range table.
    Entry(usize),
    /// A further operation.
    Operation(Box<SetOperation>),
}

/// Which set operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum SetOperationKind {
    Union,
    Intersect,
    Except,
}

/// A typed expression.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Expr {
    /// What it is.
    pub node: Box<ExprNode>,
    /// Where it stands.
    pub location: Location,
}

/// Where it stands does not count (`equal` in equalfuncs.c).
impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl Expr {
    /// An expression at a place.
    pub fn new(node: ExprNode, location: Location) -> Self {
        Self { node: Box::new(node), location }
    }
}

/// How a cast or call was written (`CoercionForm` in primnodes.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum CallForm {
    Call,
    ExplicitCast,
    ImplicitCast,
    SqlSyntax,
}

/// A column of something in FROM.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Var {
    /// Index into the range table, of the query `levels_up` above.
    pub relation: usize,
    /// Attribute number; 0 for the whole row, negative for system columns.
    pub column: i16,
    /// How many query levels up.
    pub levels_up: usize,
    /// Type.
    pub type_: Oid,
    /// Modifier.
    pub typmod: i32,
    /// Collation.
    pub collation: Oid,
}

/// Node kinds; each stands for the node of primnodes.h that its comment names. Trees of thousands of views are kept, so
/// what is large and rare is in a box.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum ExprNode {
    /// `Var`
    Var(Var),
    /// `Const`; `None` is NULL. Before its type is known a string literal has type `unknown`.
    Const { type_: Oid, typmod: i32, collation: Oid, value: Option<String> },
    /// `Param`: a parameter of an SQL function's body.
    Param { number: i32, type_: Oid, typmod: i32, collation: Oid },
    /// `Aggref`
    Aggregate(Box<AggregateCall>),
    /// `GroupingFunc`
    Grouping { args: Vec<Expr>, levels_up: usize },
    /// `WindowFunc`
    WindowFunction(Box<WindowCall>),
    /// `FuncExpr`
    Function {
        function: Oid,
        type_: Oid,
        returns_set: bool,
        variadic: bool,
        form: CallForm,
        collation: Oid,
        input_collation: Oid,
        args: Vec<Expr>,
    },
    /// `NamedArgExpr`, before the arguments are put in order; `position` counts from 0.
    NamedArgument { name: String, position: usize, arg: Expr },
    /// `OpExpr`
    Operator {
        operator: Oid,
        function: Oid,
        type_: Oid,
        returns_set: bool,
        collation: Oid,
        input_collation: Oid,
        args: Vec<Expr>,
    },
    /// `DistinctExpr`; `negated` for IS NOT DISTINCT FROM.
    Distinct { operator: Oid, function: Oid, input_collation: Oid, args: Vec<Expr>, negated: bool },
    /// `NullIfExpr`
    NullIf { operator: Oid, function: Oid, type_: Oid, collation: Oid, input_collation: Oid, args: Vec<Expr> },
    /// `ScalarArrayOpExpr`: `any` or all.
    ArrayOperator { operator: Oid, function: Oid, any: bool, input_collation: Oid, args: Vec<Expr> },
    /// `BoolExpr`
    Bool { operation: BoolOperation, args: Vec<Expr> },
    /// `SubscriptingRef`
    Subscript(Box<SubscriptExpr>),
    /// `FieldSelect`
    Field { arg: Expr, number: i16, type_: Oid, typmod: i32, collation: Oid },
    /// `FieldStore`: a row with another value in one field.
    FieldStore { arg: Expr, number: i16, value: Expr, type_: Oid },
    /// `SetToDefault`: DEFAULT in the place of a value.
    SetToDefault { type_: Oid, typmod: i32, collation: Oid },
    /// `SubLink`
    Sublink { kind: SublinkKind, test: Option<Expr>, query: Box<Query> },
    /// `RelabelType`
    Relabel { arg: Expr, type_: Oid, typmod: i32, collation: Oid, form: CallForm },
    /// `CoerceViaIO`
    CoerceViaIo { arg: Expr, type_: Oid, collation: Oid, form: CallForm },
    /// `ArrayCoerceExpr`; `element` is the cast of one element, over a [`ExprNode::CaseTest`].
    ArrayCoerce { arg: Expr, element: Expr, type_: Oid, typmod: i32, collation: Oid, form: CallForm },
    /// `ConvertRowtypeExpr`
    ConvertRowtype { arg: Expr, type_: Oid },
    /// `CollateExpr`
    Collate { arg: Expr, collation: Oid },
    /// `CaseExpr`
    Case(Box<CaseExpr>),
    /// `CaseTestExpr`: the tested value of CASE, or one element of an array.
    CaseTest { type_: Oid, typmod: i32, collation: Oid },
    /// `ArrayExpr`
    Array { type_: Oid, collation: Oid, element: Oid, elements: Vec<Expr>, nested: bool },
    /// `RowExpr`
    Row { type_: Oid, names: Vec<String>, args: Vec<Expr> },
    /// `RowCompareExpr`
    RowCompare(Box<RowComparison>),
    /// `CoalesceExpr`
    Coalesce { type_: Oid, collation: Oid, args: Vec<Expr> },
    /// `MinMaxExpr`
    MinMax { greatest: bool, type_: Oid, collation: Oid, input_collation: Oid, args: Vec<Expr> },
    /// `SQLValueFunction`, by its name: `current_date`, `session_user`, …
    SqlValue {
        #[serde(with = "crate::state_file::keyword")]
        name: Keyword,
        type_: Oid,
        typmod: i32,
        collation: Oid,
    },
    /// `XmlExpr`, by its name: `xmlelement`, `xmlconcat`, `is document`, …
    Xml {
        #[serde(with = "crate::state_file::keyword")]
        name: Keyword,
        type_: Oid,
        typmod: i32,
        collation: Oid,
        args: Vec<Expr>,
    },
    /// `JsonValueExpr`: a value with a `FORMAT`.
    JsonValue { raw: Expr, formatted: Expr },
    /// `JsonConstructorExpr`
    JsonConstructor(Box<JsonConstruction>),
    /// `JsonIsPredicate`
    JsonIs { arg: Expr },
    /// `JsonExpr`: JSON_EXISTS, JSON_VALUE, JSON_QUERY.
    JsonQuery(Box<JsonQueryCall>),
    /// `NullTest`; `row` when the argument is a composite.
    NullTest { arg: Expr, is_null: bool, row: bool },
    /// `BooleanTest`
    BooleanTest { arg: Expr, test: BooleanTestKind },
    /// `CoerceToDomain`
    CoerceToDomain { arg: Expr, type_: Oid, typmod: i32, collation: Oid, form: CallForm },
}

/// `SubscriptingRef`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubscriptExpr {
    /// Type of what is subscripted.
    pub container: Oid,
    /// Type of its elements.
    pub element: Oid,
    /// Result type.
    pub type_: Oid,
    /// Result modifier.
    pub typmod: i32,
    /// Result collation.
    pub collation: Oid,
    /// What is subscripted.
    pub arg: Expr,
    /// The subscripts; of a slice the upper bounds, `None` for one left out.
    pub upper: Vec<Option<Expr>>,
    /// The lower bounds of a slice.
    pub lower: Option<Vec<Option<Expr>>>,
    /// What is put there: then the result is the container with it.
    pub assigned: Option<Expr>,
}

impl SubscriptExpr {
    /// The subscripts that are written.
    pub fn bounds(&self) -> impl Iterator<Item = &Expr> {
        self.upper.iter().chain(self.lower.iter().flatten()).flatten()
    }
}

/// `CaseExpr`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseExpr {
    /// Result type.
    pub type_: Oid,
    /// Result collation.
    pub collation: Oid,
    /// The tested value, which the conditions name as [`ExprNode::CaseTest`].
    pub arg: Option<Expr>,
    /// Conditions and their results.
    pub whens: Vec<(Expr, Expr)>,
    /// `ELSE`, or null.
    pub default: Expr,
}

/// `RowCompareExpr`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowComparison {
    /// The operator of each pair.
    pub operators: Vec<Oid>,
    /// The left row.
    pub left: Vec<Expr>,
    /// The right row.
    pub right: Vec<Expr>,
}

/// `JsonConstructorExpr`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JsonConstruction {
    /// `json_object`, `json_array`, `json_arrayagg`, `json_scalar`, …
    #[serde(with = "crate::state_file::keyword")]
    pub name: Keyword,
    /// What it is made of.
    pub args: Vec<Expr>,
    /// The function that makes it.
    pub function: Option<Expr>,
    /// The cast of its result, over a [`ExprNode::CaseTest`].
    pub coercion: Option<Expr>,
    /// Result type.
    pub type_: Oid,
    /// Result modifier.
    pub typmod: i32,
    /// Result collation.
    pub collation: Oid,
}

/// `Aggref`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AggregateCall {
    /// The aggregate.
    pub function: Oid,
    /// Result type.
    pub type_: Oid,
    /// Result collation.
    pub collation: Oid,
    /// Collation of the inputs.
    pub input_collation: Oid,
    /// Direct arguments of an ordered-set aggregate.
    pub direct_args: Vec<Expr>,
    /// Aggregated arguments.
    pub args: Vec<Expr>,
    /// `ORDER BY` inside the call, or `WITHIN GROUP`.
    pub order_by: Vec<Expr>,
    /// The operators that sort by them.
    pub sort_operators: Vec<Oid>,
    /// `DISTINCT`.
    pub distinct: bool,
    /// `FILTER`.
    pub filter: Option<Expr>,
    /// `(*)`.
    pub star: bool,
    /// `VARIADIC`.
    pub variadic: bool,
    /// How many query levels up it belongs.
    pub levels_up: usize,
}

/// `WindowFunc`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WindowCall {
    /// The function or aggregate.
    pub function: Oid,
    /// Result type.
    pub type_: Oid,
    /// Result collation.
    pub collation: Oid,
    /// Collation of the inputs.
    pub input_collation: Oid,
    /// Arguments.
    pub args: Vec<Expr>,
    /// `FILTER`.
    pub filter: Option<Expr>,
    /// `(*)`.
    pub star: bool,
    /// Whether it is a plain aggregate.
    pub aggregate: bool,
    /// Index into [`Query::windows`].
    pub window: usize,
}

/// `JsonExpr`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JsonQueryCall {
    /// Which.
    pub kind: JsonQueryKind,
    /// The document.
    pub document: Expr,
    /// The path.
    pub path: Expr,
    /// `PASSING`.
    pub passing: Vec<Expr>,
    /// `ON EMPTY`.
    pub on_empty: Option<JsonBehavior>,
    /// `ON ERROR`.
    pub on_error: Option<JsonBehavior>,
    /// Result type.
    pub type_: Oid,
    /// Result modifier.
    pub typmod: i32,
    /// Result collation.
    pub collation: Oid,
}

/// What JSON functions do when there is nothing or something wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum JsonBehavior {
    Null,
    Error,
    Empty,
    True,
    False,
    Unknown,
    EmptyArray,
    EmptyObject,
    Default(Expr),
}

/// Which JSON query function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum JsonQueryKind {
    Exists,
    Query,
    Value,
}

/// AND, OR, NOT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum BoolOperation {
    And,
    Or,
    Not,
}

/// `SubLinkType`; [`ExprNode::Sublink`]'s `test` compares the left side with [`SublinkColumn`-like](Var) parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum SublinkKind {
    Exists,
    All,
    Any,
    RowCompare,
    Scalar,
    Array,
}

/// IS TRUE and its kin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum BooleanTestKind {
    True,
    NotTrue,
    False,
    NotFalse,
    Unknown,
    NotUnknown,
}
