//! Migrations and rollbacks as Rust constants, so that a program carries them whatever happens to the folder. What they
//! do is not looked at.

use std::fmt::Write as _;

use crate::migration::MigrationFile;

/// The Rust text of `MIGRATIONS`, which the runtime applies.
///
/// The SQL stands in it as literals: it works from a packaged crate, and a checkout that turned line endings into CRLF
/// gives the same text, and so the same checksums, as one that did not.
pub fn embed_migrations(migrations: &[MigrationFile], rollbacks: &[MigrationFile]) -> String {
    format!(
        "// Migrations and rollbacks, embedded by viewkeeper from the folders of the same name.\n\n\
         /// Every migration, with the way back of those that have one.\n\
         #[rustfmt::skip]\n\
         pub const MIGRATIONS: viewkeeper::Migrations = viewkeeper::Migrations::embedded(\n    &[{}],\n    &[{}],\n);\n\n\
         /// The start-up check: whether the database is what this was generated for. Gives what is worth a warning; for \
         another\n/// policy or schema call `MIGRATIONS.verify`.\n\
         pub fn verify<C: viewkeeper::postgres::GenericClient>(\n    client: &mut C,\n\
         ) -> Result<Vec<viewkeeper::Difference>, viewkeeper::Error> {{\n    \
         MIGRATIONS.verify(client, RELATIONS, &viewkeeper::Policy::new(), &viewkeeper::Options::new())\n}}\n",
        entries(migrations),
        entries(rollbacks)
    )
}

fn entries(files: &[MigrationFile]) -> String {
    let mut text = String::new();
    for file in files {
        let name = format!("{}.sql", file.id);
        let _ = write!(text, "\n        ({name:?}, {}),", literal(&file.source.text.replace("\r\n", "\n")));
    }
    if !text.is_empty() {
        text.push_str("\n    ");
    }
    text
}

/// A raw string where rustc takes one (no lone carriage return, nothing that steers the direction of text), so that the
/// SQL can be read in it; else an ordinary literal with escapes.
fn literal(sql: &str) -> String {
    let readable = sql
        .chars()
        .all(|c| c == '\n' || c == '\t' || c.escape_debug().len() == 1 || c == '"' || c == '\'' || c == '\\');
    if !readable {
        return format!("{sql:?}");
    }
    let mut hashes = String::from("#");
    while sql.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{sql}\"{hashes}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::MigrationId;
    use crate::source::SourceFile;

    #[test]
    fn texts_are_literals_with_plain_line_ends() {
        let file = |name: &str, sql: &str| MigrationFile {
            id: MigrationId { version: 1, name: name.to_owned() },
            source: SourceFile::new(format!("migrations/V1__{name}.sql"), sql),
        };
        let text = embed_migrations(&[file("a", "SELECT 1;\r\nSELECT '\"#';\r\n"), file("b", "\u{202e}lone\r")], &[]);
        insta::assert_snapshot!(text, @r###"
        // Migrations and rollbacks, embedded by viewkeeper from the folders of the same name.

        /// Every migration, with the way back of those that have one.
        #[rustfmt::skip]
        pub const MIGRATIONS: viewkeeper::Migrations = viewkeeper::Migrations::embedded(
            &[
                ("V1__a.sql", r##"SELECT 1;
        SELECT '"#';
        "##),
                ("V1__b.sql", "\u{202e}lone\r"),
            ],
            &[],
        );

        /// The start-up check: whether the database is what this was generated for. Gives what is worth a warning; for another
        /// policy or schema call `MIGRATIONS.verify`.
        pub fn verify<C: viewkeeper::postgres::GenericClient>(
            client: &mut C,
        ) -> Result<Vec<viewkeeper::Difference>, viewkeeper::Error> {
            MIGRATIONS.verify(client, RELATIONS, &viewkeeper::Policy::new(), &viewkeeper::Options::new())
        }
        "###);
        assert!(embed_migrations(&[], &[]).contains("embedded(\n    &[],\n    &[],\n);"));
    }
}
