//! The gateway over real sockets, in front of the sandbox and of a provider whose every byte the test decides.

mod admin;
mod identity;
mod limits;
mod money;
mod passing;
mod routes;
mod support;
