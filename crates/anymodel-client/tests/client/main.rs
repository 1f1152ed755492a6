//! The client through its public API, over real sockets: `cargo test -p anymodel-client --test client budget` runs the
//! tests of one module.

mod budget;
mod calls;
mod config;
mod faults;
mod field;
mod messages;
mod passthrough;
#[cfg(feature = "online-tests")]
#[path = "../../../../tests/support/python.rs"]
mod python;
mod route;
mod settings;
mod spend;
mod streams;
#[path = "../../../../tests/support/mod.rs"]
mod support;
mod survive;
mod task;
mod typed;
