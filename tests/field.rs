//! What people reported of LLM clients in the field, played against this one: each test names the kind, and the
//! report that showed it.
//!
//! Providers are played by a server on loopback, not asked.

#[path = "field/bulk.rs"]
mod bulk;
#[path = "field/causes.rs"]
mod causes;
#[path = "field/certificate.rs"]
mod certificate;
#[path = "field/dot_env.rs"]
mod dot_env;
#[path = "field/effects.rs"]
mod effects;
#[path = "field/ends.rs"]
mod ends;
#[path = "field/gateway.rs"]
mod gateway;
#[path = "field/money.rs"]
mod money;
#[path = "field/moves_on.rs"]
mod moves_on;
#[path = "field/pictures.rs"]
mod pictures;
#[path = "field/players.rs"]
mod players;
#[path = "field/samples.rs"]
mod samples;
#[path = "field/settings.rs"]
mod settings;
mod support;
#[path = "field/text.rs"]
mod text;
#[path = "field/turns.rs"]
mod turns;
#[path = "field/wire.rs"]
mod wire;
