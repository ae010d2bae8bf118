//! XML functions and XMLTABLE (`transformXmlExpr`, `transformXmlSerialize`, `transformRangeTableFunc`).

use super::from::{FromResult, alias_columns};
use super::syntax::{node, optional, required};
use super::{Analyser, ExpressionKind, Outcome};
use crate::catalog::{CastContext, Oid, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Coercion, Failure, place};
use crate::tree::{
    CallForm, Expr, ExprNode, RangeTableEntry, RangeTableKind, RowColumn, TableExpression, TableExpressionColumn,
    TableExpressionKind,
};

impl<'a> Analyser<'a> {
    /// `transformXmlExpr`
    pub(super) fn xml(&mut self, xml: &'a ast::XmlExpr) -> Outcome<Expr> {
        use ast::XmlExprOp as Op;
        let location = place(xml.location);
        let (name, shown) = match xml.op() {
            Op::IsXmlconcat => ("xmlconcat", "XMLCONCAT"),
            Op::IsXmlelement => ("xmlelement", "XMLELEMENT"),
            Op::IsXmlforest => ("xmlforest", "XMLFOREST"),
            Op::IsXmlparse => ("xmlparse", "XMLPARSE"),
            Op::IsXmlpi => ("xmlpi", "XMLPI"),
            Op::IsXmlroot => ("xmlroot", "XMLROOT"),
            Op::IsDocument => ("is document", "IS DOCUMENT"),
            Op::IsXmlserialize | Op::Undefined => {
                return Err(Failure::new(SqlState::SYNTAX_ERROR, "an XML function without a name", location));
            }
        };
        let mut args = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        for named in &xml.named_args {
            let NodeEnum::ResTarget(named) = node(named)? else { continue };
            let raw = required(named.val.as_deref())?;
            args.push(self.expr(raw)?);
            let own = match raw {
                _ if !named.name.is_empty() => named.name.as_str(),
                NodeEnum::ColumnRef(column) => super::syntax::names(&column.fields).last().copied().unwrap_or(""),
                _ => {
                    return Err(Failure::new(
                        SqlState::SYNTAX_ERROR,
                        "an XML value without a name must be a column",
                        place(named.location),
                    )
                    .help("name it with AS"));
                }
            };
            if xml.op() == Op::IsXmlelement && names.contains(&own) {
                return Err(Failure::new(
                    SqlState::SYNTAX_ERROR,
                    format!("the XML attribute `{own}` is there more than once"),
                    place(named.location),
                ));
            }
            names.push(own);
        }
        for (position, arg) in xml.args.iter().enumerate() {
            let arg = self.expr(node(arg)?)?;
            args.push(match (xml.op(), position) {
                (Op::IsXmlelement, _) => arg,
                (Op::IsXmlparse, 0) | (Op::IsXmlpi, _) | (Op::IsXmlroot, 1) => {
                    self.coerce_to(arg, oids::TEXT, shown)?
                }
                (Op::IsXmlparse, _) => self.to_boolean(arg, shown)?,
                (Op::IsXmlroot, 0) => self.coerce_to(arg, oids::XML, shown)?,
                (Op::IsXmlroot, _) => self.coerce_to(arg, oids::INT4, shown)?,
                _ => self.coerce_to(arg, oids::XML, shown)?,
            });
        }
        let type_ = if xml.op() == Op::IsDocument { oids::BOOL } else { oids::XML };
        Ok(Expr::new(ExprNode::Xml { name, type_, typmod: -1, collation: Oid::INVALID, args }, location))
    }

    /// `transformXmlSerialize`
    pub(super) fn xml_serialize(&mut self, xml: &'a ast::XmlSerialize) -> Outcome<Expr> {
        let location = place(xml.location);
        if xml.indent && self.version() < crate::catalog::ServerVersion::V16 {
            return Err(self.too_old("XMLSERIALIZE with INDENT", 16, location));
        }
        let arg = self.boxed(xml.expr.as_deref())?;
        let arg = self.coerce_to(arg, oids::XML, "XMLSERIALIZE")?;
        let Some(type_name) = &xml.type_name else {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "XMLSERIALIZE needs a type", location));
        };
        let target = self.resolver.type_name(type_name)?;
        // It gives text, which may have to become another string type; always of the default collation (`exprCollation`).
        let text = ExprNode::Xml {
            name: "xmlserialize",
            type_: oids::TEXT,
            typmod: -1,
            collation: oids::DEFAULT_COLLATION,
            args: vec![arg],
        };
        let coercion = Coercion {
            target: target.type_,
            typmod: target.typmod,
            context: CastContext::Implicit,
            form: CallForm::ImplicitCast,
            location: None,
        };
        self.resolver.coerce_to_target_type(Expr::new(text, location), coercion)?.ok_or_else(|| {
            Failure::new(
                SqlState::CANNOT_COERCE,
                format!("XMLSERIALIZE cannot give type `{}`", self.type_text(target.type_)),
                location,
            )
        })
    }

    /// Something that the target version does not have.
    pub(super) fn too_old(&self, what: &str, since: u32, location: crate::tree::Location) -> Failure {
        let message = format!("PostgreSQL {} does not have {what}", self.version().major());
        Failure::new(SqlState::SYNTAX_ERROR, message, location).note(format!("it came with PostgreSQL {since}"))
    }

    /// XMLTABLE (`transformRangeTableFunc`)
    pub(super) fn xml_table(&mut self, table: &'a ast::RangeTableFunc) -> Outcome<FromResult> {
        let location = place(table.location);
        self.level_mut().lateral_active = true;
        let mut arguments = Vec::new();
        for (raw, type_) in [(&table.rowexpr, oids::TEXT), (&table.docexpr, oids::XML)] {
            arguments.push(self.xml_table_argument(required(raw.as_deref())?, type_)?);
        }
        let mut columns: Vec<RowColumn> = Vec::new();
        let mut known = Vec::new();
        for column in &table.columns {
            let NodeEnum::RangeTableFuncCol(column) = node(column)? else { continue };
            let at = place(column.location);
            let (type_, typmod) = if column.for_ordinality {
                if known.iter().any(|column: &TableExpressionColumn| column.ordinality) {
                    return Err(Failure::new(
                        SqlState::SYNTAX_ERROR,
                        "there can be only one FOR ORDINALITY column",
                        at,
                    ));
                }
                (oids::INT4, -1)
            } else {
                let Some(type_name) = &column.type_name else {
                    return Err(Failure::new(SqlState::SYNTAX_ERROR, "a column of XMLTABLE needs a type", at));
                };
                let reference = self.resolver.type_name(type_name)?;
                if reference.set {
                    return Err(Failure::new(
                        SqlState::INVALID_TABLE_DEFINITION,
                        format!("the column `{}` cannot be SETOF", column.colname),
                        at,
                    ));
                }
                (reference.type_, reference.typmod)
            };
            if columns.iter().any(|other| other.name == column.colname) {
                return Err(Failure::new(
                    SqlState::SYNTAX_ERROR,
                    format!("XMLTABLE has more than one column `{}`", column.colname),
                    at,
                ));
            }
            if let Some(path) = optional(column.colexpr.as_deref()) {
                arguments.push(self.xml_table_argument(path, oids::TEXT)?);
            }
            if let Some(default) = optional(column.coldefexpr.as_deref()) {
                let default = self.expression(default, ExpressionKind::FromFunction)?;
                let default = self.coerce_to(default, type_, "XMLTABLE")?;
                let mut default = self.apply_typmod(default, type_, typmod)?;
                self.assign_collations(&mut default)?;
                arguments.push(default);
            }
            let collation = self.catalog().type_collation(type_);
            columns.push(RowColumn { name: column.colname.clone(), type_, typmod, collation });
            known.push(TableExpressionColumn {
                ordinality: column.for_ordinality,
                not_null: column.is_not_null,
                nested: false,
                exists: false,
            });
        }
        let mut namespaces: Vec<&str> = Vec::new();
        for namespace in &table.namespaces {
            let NodeEnum::ResTarget(namespace) = node(namespace)? else { continue };
            arguments.push(self.xml_table_argument(required(namespace.val.as_deref())?, oids::TEXT)?);
            if namespaces.contains(&namespace.name.as_str()) {
                return Err(Failure::new(
                    SqlState::SYNTAX_ERROR,
                    match namespace.name.as_str() {
                        "" => "there can be only one default namespace".to_owned(),
                        name => format!("XMLTABLE has more than one namespace `{name}`"),
                    },
                    place(namespace.location),
                ));
            }
            namespaces.push(&namespace.name);
        }
        self.level_mut().lateral_active = false;
        let lateral =
            table.lateral || arguments.iter().any(|arg| super::aggregate::variable_of_level(arg, 0).is_some());
        let alias = table.alias.as_ref();
        let name = alias.map_or_else(|| "xmltable".to_owned(), |alias| alias.aliasname.clone());
        let columns = alias_columns("XMLTABLE", alias, columns.into(), location)?;
        let expression = TableExpression { kind: TableExpressionKind::Xml, arguments, columns: known };
        let kind = RangeTableKind::TableExpression(Box::new(expression));
        Ok(self.add_entry(RangeTableEntry { name, columns, kind, lateral, location }))
    }

    fn xml_table_argument(&mut self, raw: &'a NodeEnum, type_: Oid) -> Outcome<Expr> {
        let expr = self.expression(raw, ExpressionKind::FromFunction)?;
        let mut expr = self.coerce_to(expr, type_, "XMLTABLE")?;
        self.assign_collations(&mut expr)?;
        Ok(expr)
    }

    /// A value of a type with a modifier (`coerce_to_specific_type_typmod`).
    pub(super) fn apply_typmod(&mut self, expr: Expr, type_: Oid, typmod: i32) -> Outcome<Expr> {
        let location = expr.location;
        let coercion = Coercion::assignment(type_, typmod, None);
        self.resolver.coerce_to_target_type(expr, coercion)?.ok_or_else(|| self.cannot_cast(type_, type_, location))
    }
}
