//! What can be asked for: foreign lists of models, choosing from them, and where they come from.
#![cfg(feature = "sandbox")]

#[path = "models/choose.rs"]
mod choose;
#[path = "models/listing.rs"]
mod listing;
#[path = "models/live.rs"]
mod live;
#[path = "support/mod.rs"]
mod support;
