//! Two states of a database compared: as our own reading of the catalogs has them, and as `pg_dump` writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use viewkeeper_live::testing::TestServer;
use viewkeeper_live::{ServerState, client_program};

use super::hold::{Failure, failure};

pub(super) fn same(class: &str, wanted: &ServerState, found: &ServerState) -> Result<(), Failure> {
    if wanted == found {
        return Ok(());
    }
    let functions = row_functions(wanted);
    let mut found = found.clone();
    for (name, properties) in &mut found.objects {
        let Some(wanted) = wanted.objects.get(name) else { continue };
        for (property, value) in properties {
            if let Some(text) = wanted.get(property).filter(|text| same_text(text, value, &functions)) {
                value.clone_from(text);
            }
        }
    }
    wanted.difference(&found).map_or(Ok(()), |difference| {
        // The properties that differ say which mistake it is.
        let mut lines: Vec<String> = difference
            .lines()
            .filter(|line| line.starts_with(['+', '-']))
            .map(|line| {
                let (sign, rest) = line.split_at(1);
                format!("{sign}{}", rest.trim_start().split([' ', ':']).next().unwrap_or_default())
            })
            .collect();
        lines.sort();
        lines.dedup();
        Err(failure(format!("{class}: {}", lines.join(" ")), difference))
    })
}

/// The functions that give rows of a relation or a composite, up to the bracket of their arguments.
pub(super) fn row_functions(state: &ServerState) -> Vec<String> {
    let rows: BTreeSet<&str> = state
        .objects
        .keys()
        .filter(|one| matches!(&*one.kind, "table" | "view" | "materialized view" | "composite type"))
        .map(|one| &*one.name)
        .collect();
    let gives_rows = |properties: &BTreeMap<String, String>| {
        let result = properties.get("result").map_or("", String::as_str);
        rows.contains(result.trim_start_matches("SETOF "))
    };
    let functions = state.objects.iter().filter(|(one, properties)| one.kind == "function" && gives_rows(properties));
    functions.filter_map(|(one, _)| one.name.split_inclusive('(').next().map(str::to_owned)).collect()
}

/// Whether two texts are the same, but for the columns of a table that changed since one of them was made: a query over a
/// function that gives rows of the table keeps the list of columns that there were (`set_relation_column_names` in
/// ruleutils.c writes `f() f(a, b)`, and `f() f(a, c, d)` for a query that is made today). It means the same where nothing
/// else differs: the query names neither the new column nor the other one.
fn same_text(wanted: &str, found: &str, functions: &[String]) -> bool {
    let (wanted, found) = (Listed::of(wanted, functions), Listed::of(found, functions));
    let agree = |(one, other): (&Vec<&str>, &Vec<&str>)| {
        one.iter().zip(other).all(|(a, b)| a == b || !other.contains(a) && !one.contains(b))
    };
    wanted.rest == found.rest
        && wanted.lists.len() == found.lists.len()
        && wanted.lists.iter().zip(&found.lists).all(agree)
}

/// A text, and the lists of columns behind its calls of functions that give rows: `f(…) f(a, b)`.
struct Listed<'t> {
    rest: Vec<&'t str>,
    lists: Vec<Vec<&'t str>>,
}

impl<'t> Listed<'t> {
    fn of(text: &'t str, functions: &[String]) -> Self {
        let mut listed = Self { rest: Vec::new(), lists: Vec::new() };
        let (mut kept, mut at) = (0, 0);
        while let Some(call) = functions.iter().filter_map(|name| Some(at + text[at..].find(name)? + name.len())).min()
        {
            at = call;
            let Some(end) = closing(&text[call..]).map(|length| call + length + 1) else { break };
            let Some(open) = text[end..].strip_prefix(' ').and_then(alias).map(|length| end + 1 + length + 1) else {
                continue;
            };
            let Some(close) = closing(&text[open..]).map(|length| open + length) else { break };
            listed.rest.push(&text[kept..open]);
            listed.lists.push(parts(&text[open..close]));
            (kept, at) = (close, close);
        }
        listed.rest.push(&text[kept..]);
        listed
    }
}

/// The places of a text that are neither in quotes nor in a constant, with the depth of brackets there.
fn outside(text: &str) -> impl Iterator<Item = (usize, char, i32)> {
    let (mut quoted, mut constant, mut depth) = (false, false, 0);
    text.char_indices().filter_map(move |(at, c)| {
        quoted ^= c == '"' && !constant;
        constant ^= c == '\'' && !quoted;
        if quoted || constant {
            return None;
        }
        depth += i32::from(c == '(') - i32::from(c == ')');
        Some((at, c, depth))
    })
}

/// Where the bracket closes that is open before a text.
fn closing(text: &str) -> Option<usize> {
    outside(text).find(|(_, _, depth)| *depth < 0).map(|(at, ..)| at)
}

/// How long the name is that stands before a bracket.
fn alias(text: &str) -> Option<usize> {
    let (at, c, _) = outside(text).find(|(_, c, _)| !c.is_alphanumeric() && !matches!(c, '_' | '$' | '"'))?;
    (c == '(' && at > 0).then_some(at)
}

/// What commas part.
fn parts(list: &str) -> Vec<&str> {
    let commas = outside(list).filter(|(_, c, _)| *c == ',').map(|(at, ..)| at);
    let mut start = 0;
    commas
        .chain([list.len()])
        .map(|comma| {
            let part = list[start..comma].trim();
            start = (comma + 1).min(list.len());
            part
        })
        .collect()
}

/// `pg_dump`, where there is one that understands a server.
pub(super) struct Dumper {
    program: Result<PathBuf, String>,
    /// How often two dumps were compared.
    pub(super) compared: u64,
}

impl Dumper {
    pub(super) fn new(server: &TestServer) -> Self {
        let program = client_program("pg_dump", server.major()).map_err(|error| error.to_string());
        Self { program, compared: 0 }
    }

    pub(super) fn is_there(&self) -> bool {
        self.program.is_ok()
    }

    /// What is to be said of it with the numbers.
    pub(super) fn said(&self) -> String {
        match &self.program {
            Ok(_) => format!("pg_dump compared {} times", self.compared),
            Err(error) => format!("not compared by pg_dump: {error}"),
        }
    }

    /// The statements of a database, by what they are about.
    pub(super) fn dump(&self, url: &str) -> Result<Dump, Failure> {
        let program = self.program.as_ref().map_err(|error| failure("no pg_dump", error.clone()))?;
        let output = Command::new(program)
            .args(["--schema-only", "--no-password", "--encoding=UTF8"])
            .arg(format!("--dbname={url}"))
            .env("LC_ALL", "C")
            .env("PGTZ", "UTC")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| failure("pg_dump does not run", error.to_string()))?;
        if !output.status.success() {
            return Err(failure("pg_dump fails", String::from_utf8_lossy(&output.stderr)));
        }
        Ok(Dump::of(&String::from_utf8_lossy(&output.stdout)))
    }

    /// Compares what two databases hold.
    pub(super) fn same(
        &mut self,
        class: &str,
        wanted: &Dump,
        found: &Dump,
        functions: &[String],
    ) -> Result<(), Failure> {
        self.compared += 1;
        let (mut words, mut detail) = (BTreeSet::new(), String::new());
        let names: BTreeSet<&String> = wanted.entries.keys().chain(found.entries.keys()).collect();
        for name in names {
            let texts = |dump: &Dump| dump.entries.get(name).cloned().unwrap_or_default();
            let (wanted, found) = (texts(wanted), texts(found));
            let is_same = wanted.len() == found.len()
                && wanted.iter().zip(&found).all(|(wanted, found)| same_text(wanted, found, functions));
            if !is_same {
                let type_ = name.split("; Type: ").nth(1).and_then(|rest| rest.split(';').next()).unwrap_or_default();
                words.insert(type_.to_owned());
                detail += &format!("{name}\nwanted:\n{}\nfound:\n{}\n", wanted.concat(), found.concat());
            }
        }
        if words.is_empty() {
            return Ok(());
        }
        let words: Vec<String> = words.into_iter().collect();
        Err(failure(format!("pg_dump {class}: {}", words.join(" ")), detail))
    }
}

/// What `pg_dump` wrote: the texts by the comments over them. Their order follows names and dependencies, and where it
/// has to choose, the numbers of objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dump {
    entries: BTreeMap<String, Vec<String>>,
}

impl Dump {
    fn of(text: &str) -> Self {
        let mut entries: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut parts = text.split("\n--\n-- Name: ");
        parts.next();
        for part in parts {
            let Some((name, body)) = part.split_once("\n--\n") else { continue };
            // What holds from here on is said where it changes; and at the end of a dump, that it ends.
            let said = |line: &&str| {
                !line.is_empty()
                    && !line.starts_with("SET default_")
                    && !line.starts_with("\\unrestrict")
                    && !matches!(*line, "--" | "-- PostgreSQL database dump complete")
            };
            let mut lines: Vec<&str> = body.lines().filter(said).collect();
            // Privileges are written in the order in which they were given.
            if name.contains("ACL; Schema:") {
                lines.sort_unstable();
            }
            let body: String = lines.into_iter().map(|line| format!("{line}\n")).collect();
            entries.entry(name.to_owned()).or_default().push(body);
        }
        entries.values_mut().for_each(|texts| texts.sort());
        Self { entries }
    }
}

#[cfg(test)]
mod tests {
    use super::same_text;

    #[test]
    fn only_columns_that_changed_behind_a_function_of_rows_are_the_same() {
        let functions = ["public.f(".to_owned()];
        let same = |one: &str, other: &str| {
            assert_eq!(same_text(one, other, &functions), same_text(other, one, &functions));
            same_text(one, other, &functions)
        };
        assert!(same("SELECT FROM public.f('(') f(a, b);", "SELECT FROM public.f('(') f(a, b, \"c)\", d);"));
        assert!(same("public.f() f(a), public.f() x(a)", "public.f() f(a, b), public.f() x(a, b)"));
        assert!(same("SELECT FROM public.f() f(a, b);", "SELECT FROM public.f() f(a, \"c, d\");"));
        assert!(!same("SELECT f.a FROM public.f() f(a, b);", "SELECT f.a FROM public.f() f(b, a);"));
        assert!(!same("SELECT f.b FROM public.f() f(a, b);", "SELECT f.c FROM public.f() f(a, c);"));
        assert!(!same("SELECT FROM public.g() g(a);", "SELECT FROM public.g() g(a, b);"));
        assert!(!same("SELECT public.f(1)", "SELECT public.f(1, 2)"));
        assert!(!same("SELECT FROM public.f() f(a) WHERE g(a)", "SELECT FROM public.f() f(a) WHERE g(a, 1)"));
    }
}
