//! The commands as a program of the tests' own package: what an adopter's `xtask` is, nothing else.

fn main() -> std::process::ExitCode {
    viewkeeper_cli::main()
}
