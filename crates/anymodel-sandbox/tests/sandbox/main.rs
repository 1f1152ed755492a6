//! The sandbox over real sockets, through its public API.

mod support;

mod anthropic;
mod azure;
mod chat;
mod checks;
mod embeddings;
mod faults;
mod gemini;
mod guests;
mod lessons;
mod listing;
mod messages;
mod natives;
mod oddities;
mod responses;
mod routing;
mod structured;
mod upstream;
