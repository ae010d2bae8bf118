//! Does nothing. It is here to depend on `viewkeeper-libclang`, which says why, and to give build scripts the features
//! that Cargo.toml lists.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
