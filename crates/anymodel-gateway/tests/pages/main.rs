//! Pages over real sockets: cards of new keys, and the page for the holder of a key.

mod cards;
mod me;
mod support;
