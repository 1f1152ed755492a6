//! Doors beside those to models: the list of models, the holder's own key, health.

pub(crate) mod health;
pub(crate) mod models;
pub(crate) mod own_key;
