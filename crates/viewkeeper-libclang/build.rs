//! Says at once, in one line, that libclang is missing: the SQL parser's own build finds out after a minute, and says it
//! on a page. The search is the one that the parser's build will do.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for variable in ["LIBCLANG_PATH", "LLVM_CONFIG_PATH", "LD_LIBRARY_PATH"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    if clang_sys::load().is_err() {
        println!(
            "cargo::error=the SQL parser cannot be built: libclang was not found; install it ({}), or set \
             LIBCLANG_PATH to the folder that holds it",
            remedy()
        );
    }
}

fn remedy() -> &'static str {
    if cfg!(target_os = "macos") {
        "`xcode-select --install`"
    } else if cfg!(windows) {
        "`winget install LLVM.LLVM`"
    } else {
        "Debian, Ubuntu: `apt-get install -y libclang-dev`; Fedora: `dnf install -y clang-devel`"
    }
}
