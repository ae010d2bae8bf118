//! Migrations for many schemas that hold the same objects, one for each tenant: what is in the tenant's own schema is named
//! without it, and found along the search path. What migrations of that kind cannot make is refused here.

use crate::catalog::ObjectId;
use crate::config::{FILE_NAME, Settings, Tenants};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::diff::ChangeKind;
use crate::parser::{self, Token};
use crate::plan::Plan;
use crate::project::Project;
use crate::source::Span;

/// How generated migrations name what they are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names<'a> {
    /// With its schema.
    Qualified,
    /// Without this schema, which stands for each tenant's own.
    Without(&'a str),
}

impl<'a> Names<'a> {
    /// As a project's settings have it: the search path's first schema is the tenants'.
    pub fn of(settings: &'a Settings) -> Self {
        match (settings.tenants, settings.search_path.first()) {
            (Tenants::Schemas, Some(own)) => Self::Without(own),
            _ => Self::Qualified,
        }
    }

    /// Whether a migration says along which schemas names are looked up. For tenants their own would be among them: it is
    /// the runtime that sets the path.
    pub(crate) fn say_search_path(self) -> bool {
        self == Names::Qualified
    }

    /// Generated statements with these names.
    pub(crate) fn written(self, sql: String) -> String {
        match self {
            Self::Qualified => sql,
            Self::Without(schema) => without(schema, &sql),
        }
    }
}

/// Where definitions name the schema that stands for each tenant's: every tenant's objects would read that one.
pub(crate) fn named_own_schema(project: &Project) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let Names::Without(own) = Names::of(&project.settings) else { return problems };
    for file in &project.definitions {
        let tokens = parser::tokens(&file.text);
        for (position, token) in tokens.iter().enumerate() {
            let word = word(&file.text, token);
            let (start, inner) = match dollar_quoted(word) {
                Some((tag, body)) => (token.span.start + tag.len(), qualifiers(own, body)),
                None if is_qualifier(own, &file.text, &tokens, position) => (0, vec![token.span]),
                None => continue,
            };
            for span in inner {
                problems.push(
                    Diagnostic::error(format!("`{own}` stands for each tenant's schema, and is named here"))
                        .at(file, Span::new(start + span.start, start + span.end))
                        .note(format!("`{FILE_NAME}` says `tenants = \"schemas\"`: every tenant's objects would use this one schema"))
                        .help("leave the schema out: the name is found along the search path, in the tenant's own schema first"),
                );
            }
        }
    }
    problems
}

/// What a plan does that each tenant's migration would do again, outside of its own schema.
pub(crate) fn refuse_shared(plan: &Plan, names: Names<'_>) -> Result<(), Diagnostics> {
    let Names::Without(own) = names else { return Ok(()) };
    let schema_of = |id: &ObjectId| id.schema().map(str::to_owned).or_else(|| id.part_of().map(|of| of.schema.clone()));
    let is_shared = |id: &ObjectId| schema_of(id).is_none_or(|schema| schema != own);
    let problems: Vec<Diagnostic> = plan
        .changes
        .iter()
        .filter(|change| is_shared(&change.id) || matches!(change.id, ObjectId::DefaultPrivileges(_)))
        .map(|change| {
            let word = match change.kind {
                ChangeKind::Create => "made",
                ChangeKind::Drop => "dropped",
                _ => "changed",
            };
            Diagnostic::error(format!("{} would be {word} once for each tenant", change.id))
                .note(format!(
                    "`{FILE_NAME}` says `tenants = \"schemas\"`, and it is not in `{own}`, which stands for each tenant's schema"
                ))
                .help(
                    "keep what tenants share in a database folder of its own, with its own history; or write a migration that \
                     bears being there already (`CREATE … IF NOT EXISTS`)",
                )
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Diagnostics(problems)) }
}

/// The statements without the schema before a name. In the blocks that keep what hangs on objects the names are values: there
/// the schema is asked for when they run.
fn without(schema: &str, sql: &str) -> String {
    let mut text = String::new();
    let mut end = 0;
    let tokens = parser::tokens(sql);
    for (position, token) in tokens.iter().enumerate() {
        if is_qualifier(schema, sql, &tokens, position) {
            text.push_str(&sql[end..token.span.start]);
            // With the dot.
            end = tokens[position + 1].span.end;
        } else if let Some((tag, body)) = dollar_quoted(word(sql, token))
            && tag.starts_with("$viewkeeper")
        {
            text.push_str(&sql[end..token.span.start]);
            text.push_str(&format!("{tag}{}{tag}", block_without(schema, body)));
            end = token.span.end;
        }
    }
    text.push_str(&sql[end..]);
    text
}

/// The tag and the body of a dollar-quoted literal.
fn dollar_quoted(word: &str) -> Option<(&str, &str)> {
    let end = word.strip_prefix('$')?.find('$')? + 2;
    let (tag, rest) = word.split_at(end);
    Some((tag, rest.strip_suffix(tag)?))
}

fn block_without(schema: &str, body: &str) -> String {
    let mut text = String::new();
    let mut end = 0;
    for token in parser::tokens(body) {
        if let Some(value) = value_without(schema, word(body, &token)) {
            text.push_str(&body[end..token.span.start]);
            text.push_str(&value);
            end = token.span.end;
        }
    }
    text.push_str(&body[end..]);
    text
}

/// A literal that holds a name of the schema, as an expression that puts the current schema in its place.
fn value_without(schema: &str, literal: &str) -> Option<String> {
    let quote = literal.find('\'').filter(|at| *at <= 1)?;
    let name = literal.get(quote + 1..literal.len() - 1)?;
    let qualifiers = qualifiers(schema, name);
    if qualifiers.is_empty() {
        return None;
    }
    let mut format = literal[..=quote].to_owned();
    let mut end = 0;
    for span in qualifiers {
        format.push_str(&name[end..span.start].replace('%', "%%"));
        format.push_str("%1$I");
        end = span.end;
    }
    format.push_str(&name[end..].replace('%', "%%"));
    Some(format!("pg_catalog.format({format}', pg_catalog.current_schema())"))
}

/// Where the schema stands before a name.
fn qualifiers(schema: &str, sql: &str) -> Vec<Span> {
    let tokens = parser::tokens(sql);
    (0..tokens.len())
        .filter(|position| is_qualifier(schema, sql, &tokens, *position))
        .map(|position| tokens[position].span)
        .collect()
}

fn is_qualifier(schema: &str, sql: &str, tokens: &[Token], position: usize) -> bool {
    let is_dot = |position: Option<usize>| {
        position.and_then(|position| tokens.get(position)).is_some_and(|token| word(sql, token) == ".")
    };
    let named = word(sql, &tokens[position]);
    let quoted = format!("\"{}\"", schema.replace('"', "\"\""));
    (named == quoted || named.to_lowercase() == schema)
        && is_dot(Some(position + 1))
        && !is_dot(position.checked_sub(1))
}

fn word<'t>(sql: &'t str, token: &Token) -> &'t str {
    &sql[token.span.start..token.span.end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_the_schema_and_nothing_else_does() {
        let sql = "-- Replace view public.v.\n\
                   CREATE VIEW public.v AS SELECT PUBLIC.t.a, other.public.b, 'public.x', public FROM \"public\".t;";
        assert_eq!(
            without("public", sql),
            "-- Replace view public.v.\n\
             CREATE VIEW v AS SELECT t.a, other.public.b, 'public.x', public FROM t;"
        );
        assert_eq!(without("My App", "DROP VIEW \"My App\".v, my.v;"), "DROP VIEW v, my.v;");
    }

    #[test]
    fn in_blocks_names_are_values() {
        let block = "DO $viewkeeper$\nDECLARE\n  relations CONSTANT text[] := ARRAY['public.v', 'other.w', E'public.\"a%\\\\b''c\"'];\n\
                     BEGIN\n  facts := $facts$ SELECT 'public.x' $facts$;\nEND\n$viewkeeper$;";
        assert_eq!(
            without("public", block),
            "DO $viewkeeper$\nDECLARE\n  relations CONSTANT text[] := ARRAY[pg_catalog.format('%1$I.v', pg_catalog.current_schema()), \
             'other.w', pg_catalog.format(E'%1$I.\"a%%\\\\b''c\"', pg_catalog.current_schema())];\n\
             BEGIN\n  facts := $facts$ SELECT 'public.x' $facts$;\nEND\n$viewkeeper$;"
        );
    }
}
