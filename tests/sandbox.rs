//! The sandbox over real sockets, through its public API.
#![cfg(feature = "sandbox")]

#[path = "sandbox/support.rs"]
mod support;

#[path = "sandbox/anthropic.rs"]
mod anthropic;
#[path = "sandbox/azure.rs"]
mod azure;
#[path = "sandbox/chat.rs"]
mod chat;
#[path = "sandbox/checks.rs"]
mod checks;
#[path = "sandbox/faults.rs"]
mod faults;
#[path = "sandbox/gemini.rs"]
mod gemini;
#[path = "sandbox/guests.rs"]
mod guests;
#[path = "sandbox/lessons.rs"]
mod lessons;
#[path = "sandbox/listing.rs"]
mod listing;
#[path = "sandbox/natives.rs"]
mod natives;
#[path = "sandbox/oddities.rs"]
mod oddities;
#[path = "sandbox/routing.rs"]
mod routing;
#[path = "sandbox/structured.rs"]
mod structured;
#[path = "sandbox/upstream.rs"]
mod upstream;
