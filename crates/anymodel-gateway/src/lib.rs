//! The gateway: one HTTP server in front of every model that the client can reach, with keys of its own and exact budgets.
//!
//! The way of a request, the same for every route:
//!
//! ```text
//! request → identify → admit → reserve → resolve → call → relay or translate → settle → call log
//! ```
//!
//! - [`model`]: keys, groups, limits, the call log; [`money`]: exact amounts
//! - [`store`]: one trait over SQLite and PostgreSQL

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod model;
pub mod money;
pub mod store;
