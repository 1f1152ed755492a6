//! What can be asked for: the catalogue that is built in, lists of other models, counts of tokens.

mod model;
mod models;
#[path = "../../../../tests/support/mod.rs"]
mod support;
mod tokens;
