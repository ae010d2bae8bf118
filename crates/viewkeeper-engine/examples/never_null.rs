//! Makes `src/nullability/never_null/<major>.tsv`: PostgreSQL's own strict functions that return no null for arguments
//! that are not null, a file for each major version, with what each is on the list for.
//!
//! ```text
//! cargo run -p viewkeeper-engine --example never_null -- CATALOG SOURCE
//! ```
//!
//! `CATALOG` holds a folder of tab-separated catalog rows per major version (`14/pg_proc.tsv`, …), and in
//! `18/never_null.tsv` the functions of 18 whose C code has no path that returns null. `SOURCE` is the source of
//! PostgreSQL 15: its functions are scanned here in the same way, and a function counts for 14 to 17 only when it is
//! found clean in both (or is newer than 15) and has the same name, arguments and result in that version.
#![allow(clippy::print_stdout)]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const MAJORS: [u32; 5] = [14, 15, 16, 17, 18];

/// Read by hand: the scan finds a `PG_RETURN_NULL` that follows an error and is never reached (division by zero), or a
/// helper whose null is of something else (comparison of arrays, rows and text search values).
const REVIEWED: &[u32] = &[
    153, 154, 155, 156, 172, 173, 390, 391, 392, 393, 396, 466, 744, 840, 940, 941, 945, 947, 948, 1277, 1281, 1326,
    1618, 2981, 2982, 2983, 2984, 2985, 2986, 3616, 3617, 3618, 3619, 3620, 3621, 3662, 3663, 3664, 3665, 3666, 3667,
];

/// Functions in SQL whose body, read by hand, is one call of functions on the list: `lpad`, `rpad`, `log`, `round` and
/// `trunc` with a default, `bit_length`, `quote_literal`, `age`, `||` of text and anything, and operators with their
/// sides exchanged.
const PLAIN_SQL: &[u32] = &[
    879, 880, 1176, 1285, 1296, 1298, 1386, 1481, 1708, 1710, 1741, 1810, 1811, 1812, 1848, 2003, 2004, 2059, 2546,
    2547, 2548, 2549, 2550, 2631, 5023,
];

/// Casts of jsonb to scalars: an error for the json null up to 17, null from 18 on.
const UNTIL_17: &[u32] = &[2580, 3449, 3450, 3451, 3452, 3453, 3556];

#[derive(PartialEq, Eq)]
struct Signature {
    name: String,
    inputs: String,
    result: String,
    strict: bool,
    returns_set: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(catalog), Some(source)) = (arguments.next(), arguments.next()) else {
        return Err("usage: never_null CATALOG SOURCE".into());
    };
    let catalog = Path::new(&catalog);
    let clean: BTreeSet<u32> = fs::read_to_string(catalog.join("18/never_null.tsv"))?
        .lines()
        .filter_map(|line| line.split('\t').next()?.parse().ok())
        .collect();
    let scanned = scan(Path::new(&source))?;
    let mut versions = Vec::new();
    for major in MAJORS {
        versions.push((major, read_signatures(&catalog.join(major.to_string()).join("pg_proc.tsv"))?));
    }
    let newest = read_signatures(&catalog.join("18/pg_proc.tsv"))?;
    let types = read_type_names(&catalog.join("18/pg_type.tsv"))?;
    for (major, signatures) in &versions {
        let mut rows = String::new();
        let mut count = 0_usize;
        for (oid, signature) in signatures {
            if !signature.strict || signature.returns_set || *oid >= 10_000 {
                continue;
            }
            // What was found in 18 is said of the function of that name, arguments and result.
            let same = newest.get(oid) == Some(signature);
            let clean_everywhere = clean.contains(oid) && scanned.get(oid).copied().unwrap_or(true);
            let how = match *major {
                _ if PLAIN_SQL.contains(oid) => "sql",
                _ if !same => continue,
                _ if REVIEWED.contains(oid) => "reviewed",
                18 if clean.contains(oid) => "scanned",
                14..=17 if UNTIL_17.contains(oid) => "reviewed",
                14..=17 if clean_everywhere => "scanned",
                _ => continue,
            };
            let name_of = |oid| types.get(oid).map_or(oid, String::as_str);
            let inputs: Vec<_> = signature.inputs.split_whitespace().map(name_of).collect();
            writeln!(rows, "{oid}\t{}({})\t{how}", signature.name, inputs.join(", "))?;
            count += 1;
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/nullability/never_null");
        fs::write(folder.join(format!("{major}.tsv")), rows)?;
        println!("{major}: {count} functions");
    }
    let refuted: Vec<_> = scanned.iter().filter(|(oid, ok)| !**ok && clean.contains(oid)).map(|(oid, _)| oid).collect();
    println!("clean in 18, not clean in 15: {refuted:?}");
    Ok(())
}

fn read_signatures(path: &Path) -> Result<BTreeMap<u32, Signature>, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    let row = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let signature = Signature {
            name: (*fields.get(2)?).to_owned(),
            strict: *fields.get(4)? == "t",
            returns_set: *fields.get(5)? == "t",
            result: (*fields.get(10)?).to_owned(),
            inputs: (*fields.get(11)?).to_owned(),
        };
        Some((fields.first()?.parse().ok()?, signature))
    };
    Ok(text.lines().filter_map(row).collect())
}

fn read_type_names(path: &Path) -> Result<BTreeMap<String, String>, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    let row = |line: &str| {
        let mut fields = line.split('\t');
        Some((fields.next()?.to_owned(), fields.nth(1)?.to_owned()))
    };
    Ok(text.lines().filter_map(row).collect())
}

/// For every built-in function written in C: whether no path of its code returns null.
fn scan(source: &Path) -> Result<BTreeMap<u32, bool>, Box<dyn Error>> {
    let mut bodies = BTreeMap::<String, Vec<String>>::new();
    collect_bodies(&source.join("src/backend"), &mut bodies)?;
    let rows = fs::read_to_string(source.join("src/include/catalog/pg_proc.dat"))?;
    let mut found = BTreeMap::new();
    for row in rows.split("\n{").skip(1) {
        let (Some(oid), Some(symbol)) = (attribute(row, "oid"), attribute(row, "prosrc")) else { continue };
        if attribute(row, "prolang").is_none_or(|language| language == "internal")
            && let Ok(oid) = oid.parse()
        {
            found.insert(oid, returns_no_null(symbol, &bodies, &mut BTreeSet::new()));
        }
    }
    Ok(found)
}

fn attribute<'t>(row: &'t str, name: &str) -> Option<&'t str> {
    let key = format!("{name} => '");
    let rest = row
        .match_indices(&key)
        .find(|(at, _)| row[..*at].chars().next_back().is_none_or(|before| before.is_whitespace()));
    let rest = &row[rest?.0 + key.len()..];
    Some(&rest[..rest.find('\'')?])
}

/// Function definitions in PostgreSQL's layout: the name at the start of a line, the body up to a `}` in the first
/// column.
fn collect_bodies(folder: &Path, bodies: &mut BTreeMap<String, Vec<String>>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect_bodies(&path, bodies)?;
        } else if path.extension().is_some_and(|extension| extension == "c") {
            let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
            let mut current: Option<(String, String)> = None;
            for line in text.lines() {
                if let Some((name, body)) = &mut current {
                    body.push_str(line);
                    body.push('\n');
                    if line.starts_with('}') {
                        bodies.entry(std::mem::take(name)).or_default().push(std::mem::take(body));
                        current = None;
                    } else if line.trim_end().ends_with(");") && !body.contains('{') {
                        current = None;
                    }
                } else if let Some((name, _)) = line.split_once('(')
                    && !name.is_empty()
                    && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                    && !line.trim_end().ends_with(';')
                {
                    current = Some((name.to_owned(), format!("{line}\n")));
                }
            }
        }
    }
    Ok(())
}

/// Whether neither the function nor a helper that is handed its call can say null.
fn returns_no_null(symbol: &str, bodies: &BTreeMap<String, Vec<String>>, visited: &mut BTreeSet<String>) -> bool {
    if !visited.insert(symbol.to_owned()) {
        return true;
    }
    let Some(found) = bodies.get(symbol) else { return false };
    found.iter().all(|body| {
        let says_null = ["PG_RETURN_NULL", "SRF_RETURN_NEXT_NULL", "isnull = true", "isNull = true"]
            .iter()
            .any(|marker| body.contains(marker));
        let assigns = body
            .match_indices("fcinfo->isnull =")
            .any(|(at, marker)| !body[at + marker.len()..].trim_start().starts_with("false"));
        !says_null && !assigns && helpers(body).iter().all(|helper| returns_no_null(helper, bodies, visited))
    })
}

/// Names of functions that are handed `fcinfo`.
fn helpers(body: &str) -> Vec<String> {
    body.match_indices("(fcinfo")
        .filter_map(|(at, _)| {
            let head = &body[..at];
            let start = head.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).map_or(0, |at| at + 1);
            let name = &head[start..];
            // Macros and functions that only read the call's arguments.
            let reads = ["", "if", "AssertArg", "get_call_result_type"].contains(&name)
                || name.starts_with("PG_")
                || name.starts_with("get_fn_expr");
            (!reads).then(|| name.to_owned())
        })
        .collect()
}
