//! What people reported of LLM clients in the field, played against this one: each test names the kind, and the
//! report that showed it.
//!
//! Providers are played by a server on loopback, not asked.

mod bulk;
mod causes;
mod certificate;
mod dot_env;
mod effects;
mod ends;
mod gateway;
mod money;
mod moves_on;
mod pictures;
mod players;
mod samples;
mod settings;
mod text;
mod turns;
mod wire;
