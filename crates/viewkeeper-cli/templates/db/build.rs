//! Generates typed rows and embeds the migrations, into `OUT_DIR`; cargo runs it again when an SQL file changes.

fn main() -> std::process::ExitCode {
    viewkeeper_engine::build_script::run()
}
