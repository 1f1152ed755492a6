//! The server's side of the protocols: what is read of a request, and the bytes of an answer.

mod parts;
mod support;

mod chat;
mod chat_answers;
mod client;
mod messages;
mod messages_answers;
mod properties;
mod responses;
mod responses_answers;
