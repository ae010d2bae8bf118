//! The commands before a workspace has an `xtask` of its own: `viewkeeper init` makes it.

fn main() -> std::process::ExitCode {
    viewkeeper_cli::main()
}
