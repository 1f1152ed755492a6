//! The gateway: one HTTP server in front of every model that the client can reach, with keys of its own and exact budgets.
//!
//! The way of a request, the same for every route:
//!
//! ```text
//! request → identify → admit → reserve → resolve → call → relay or translate → settle → call log
//! ```
//!
//! - `server`: routes, start and end; `state`: what all requests share; [`settings`]
//! - `call`: the way of a request to a model
//! - `doors`: the list of models, the holder's own key, health
//! - `admin`: the administrator's API
//! - `console`: the administrator's pages
//! - `pages`: the frame of HTML pages, their headers and stylesheet
//! - `me`: the page for the holder of a key; `cards`: new keys as CSV and as cards to print; `windows`: names of windows
//! - [`refusal`]: every error, with its status, code and text in two languages
//! - `request_head`: key, language, request id and path of a request
//! - [`limits`], [`calendar`]: rates, parallel calls, windows and hours
//! - [`model`], [`money`], [`secret`]: keys, groups, the call log; exact amounts; hashes
//! - [`store`]: one trait over SQLite and PostgreSQL

#![cfg_attr(docsrs, feature(doc_cfg))]

mod admin;
pub mod calendar;
mod call;
mod cards;
mod console;
mod doors;
pub mod limits;
mod me;
pub mod model;
pub mod money;
mod pages;
pub mod refusal;
mod request_head;
pub mod secret;
mod server;
pub mod settings;
mod state;
pub mod store;
mod windows;

pub use call::MODEL_ROUTES;
pub use server::{Builder, RunningGateway};
pub use state::Clock;
