//! Empty: this package is its build script, which stops a build that has no libclang. It is a package of its own, and
//! the engine's build script depends on it, because cargo builds first what most other units wait for: so it has its say
//! before the parser's build script, which would fail after a minute and on a page, is even compiled.
