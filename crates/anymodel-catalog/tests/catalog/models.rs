//! What can be asked for: foreign lists of models, choosing from them, and where they come from.

mod choose;
mod listing;
mod live;
