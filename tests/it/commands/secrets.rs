//! A password is in nothing that a command prints, whatever goes wrong, and however it was given.

use super::Workspace;

const SECRET: &str = "hunter2secret";

#[test]
fn no_command_prints_a_password() {
    let workspace = Workspace::with_tables(&[("views/a.sql", "CREATE VIEW a AS SELECT id FROM users;\n")]);
    let nobody = format!("postgresql://app:{SECRET}@127.0.0.1:1/shop?connect_timeout=2");
    workspace.write("fleet.txt", format!("{nobody}\nhost=127.0.0.1 port=1 password='{SECRET}' user=app\n"));
    let fleet = workspace.path("fleet.txt");
    let fleet = fleet.to_str().unwrap();
    let commands: &[&[&str]] = &[
        &["migrate"],
        &["migrate", "--dry-run"],
        &["rollback"],
        &["status"],
        &["drift"],
        &["drift", "--accept"],
        &["refresh"],
        &["compare", &nobody, &nobody],
        &["capture-extension", "hstore"],
        &["migrate", "--databases-file", fleet, "--keep-going"],
        &["status", "--databases-file", fleet, "--keep-going"],
        &["drift", "--databases-file", fleet],
        &["status", "--databases-query", "SELECT 'x'"],
        &["status", "--schemas", "t%"],
        &["migrate", "--to", "wrong"],
        &["nonsense"],
        &["--help"],
    ];
    // No server; a text that cannot be understood; settings that are wrong.
    let broken = [
        nobody.clone(),
        format!("postgresql://app:{SECRET}%zz@127.0.0.1/shop"),
        format!("postgresql://app:{SECRET}@127.0.0.1:port/shop"),
        format!("host=127.0.0.1 password={SECRET} sslmode=often"),
        format!("host=127.0.0.1 password='{SECRET}"),
        format!("mysql://app:{SECRET}@127.0.0.1/shop"),
    ];
    for url in &broken {
        for format in ["text", "json"] {
            for command in if url == &nobody { commands } else { &commands[3..4] } {
                let arguments = [&["--format", format], *command].concat();
                let ran = workspace.run_with(&arguments, &[("DATABASE_URL", url), ("PGPASSWORD", SECRET)]);
                assert!(!ran.out.contains(SECRET) && !ran.err.contains(SECRET), "{arguments:?}: {}", ran.show());
                assert_eq!(ran.code == Some(0), command == &["--help"], "{arguments:?}: {}", ran.show());
            }
        }
    }
}
