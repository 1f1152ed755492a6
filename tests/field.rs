//! What people reported of LLM clients in the field, played against this one: each test names the kind, and the
//! report that showed it.
//!
//! Providers are played by a server on loopback, not asked.

#[path = "field/causes.rs"]
mod causes;
#[path = "field/effects.rs"]
mod effects;
#[path = "field/money.rs"]
mod money;
mod support;
#[path = "field/turns.rs"]
mod turns;
#[path = "field/wire.rs"]
mod wire;
