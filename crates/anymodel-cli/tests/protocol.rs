//! The kernel, spoken to as Jupyter speaks to it: five sockets, signed messages, a process of its own.

#[path = "protocol/assist.rs"]
mod assist;
#[path = "protocol/cells.rs"]
mod cells;
#[path = "protocol/client.rs"]
mod client;
#[path = "protocol/input.rs"]
mod input;
#[path = "../../../tests/support/keyless.rs"]
mod keyless;
#[path = "protocol/life.rs"]
mod life;
#[path = "protocol/places.rs"]
mod places;
#[path = "protocol/process.rs"]
mod process;
#[path = "protocol/queue.rs"]
mod queue;
#[path = "protocol/requests.rs"]
mod requests;
#[path = "protocol/strangers.rs"]
mod strangers;
