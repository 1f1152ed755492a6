//! The server's side of the protocols: what is read of a request, and the bytes of an answer.

mod support;

mod chat;
mod client;
mod messages;
mod properties;
mod responses;
