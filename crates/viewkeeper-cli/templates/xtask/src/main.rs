//! `cargo xtask`: viewkeeper's commands for this workspace.

fn main() -> std::process::ExitCode {
    viewkeeper_cli::main()
}
