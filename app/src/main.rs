//! The smallest honest user of viewkeeper.

fn main() {}
