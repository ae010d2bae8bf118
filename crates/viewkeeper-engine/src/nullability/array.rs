//! Arrays: what a subscript, a slice or a comparison with all elements takes out of them.

use super::condition;
use super::expression::NULLABLE;
use super::level::Level;
use super::reason::{FunctionReason, Reason, Verdict};
use crate::catalog::{Oid, Subscripting};
use crate::tree::{Expr, ExprNode, SubscriptExpr};

impl<'a> Level<'a, '_> {
    pub(super) fn subscript(&self, subscript: &'a SubscriptExpr) -> Verdict {
        if self.is_slice_of_array(subscript) {
            return self.all(
                std::iter::once(&subscript.arg).chain(subscript.bounds()),
                Reason::Static("a slice of an array that is never null"),
            );
        }
        match written_element(subscript) {
            Some(element) => self.judge(element),
            None => Verdict::nullable(Reason::Static("a subscript may find nothing")),
        }
    }

    /// Whether an array is left of an array, an empty one where there is nothing between the bounds (`array_get_slice`).
    fn is_slice_of_array(&self, subscript: &SubscriptExpr) -> bool {
        let container = self.base.catalog.type_(subscript.container);
        subscript.lower.is_some()
            && subscript.assigned.is_none()
            && container.is_some_and(|row| row.subscripting == Subscripting::Array)
    }

    /// `x = ANY (array)`: the array's elements must be known not to be null either.
    pub(super) fn array_operator(&self, function: Oid, args: &'a [Expr]) -> Verdict {
        let [left, array] = args else { return Verdict::nullable(NULLABLE) };
        if !self.never_null_of_values(function) {
            return Verdict::nullable(Reason::Function(function, FunctionReason::MayBeNull));
        }
        let mut bare = array;
        while let ExprNode::Relabel { arg, .. } | ExprNode::ArrayCoerce { arg, .. } | ExprNode::Collate { arg, .. } =
            &*bare.node
        {
            // The cast of an element could make a null only by a function that is not on the list.
            if matches!(&*bare.node, ExprNode::ArrayCoerce { .. }) {
                return Verdict::nullable(Reason::Static("an element of the array may be null"));
            }
            bare = arg;
        }
        match &*bare.node {
            ExprNode::Array { elements, nested: false, .. } => self.all(
                std::iter::once(left).chain(elements),
                Reason::Static("a comparison with values that are never null"),
            ),
            ExprNode::Const { value: Some(text), .. } if !array_text_may_hold_null(text) => {
                self.all(std::iter::once(left), Reason::Static("a comparison with values that are never null"))
            }
            _ => Verdict::nullable(Reason::Static("an element of the array may be null")),
        }
    }
}

/// The element that a number picks out of an array whose elements are written down: `(array[a, b])[2]`.
fn written_element(subscript: &SubscriptExpr) -> Option<&Expr> {
    let ([Some(index)], None, None) = (subscript.upper.as_slice(), &subscript.lower, &subscript.assigned) else {
        return None;
    };
    let ExprNode::Array { elements, nested: false, .. } = &*subscript.arg.node else { return None };
    elements.get(usize::try_from(condition::integer(index)?).ok()?.checked_sub(1)?)
}

/// Whether the text of an array may hold a null: the word, in quotes or not.
fn array_text_may_hold_null(text: &str) -> bool {
    text.to_ascii_lowercase().contains("null")
}
