//! Support for the lessons: names of their models, checkers and sample data of their exercises, a demonstration server, and the
//! line that a notebook ends with.
//!
//! The lessons themselves are in `examples/` and `notebooks/`. No other member uses this one; `anymodel`
//! gives it as `anymodel::course`, behind a feature.
//!
//! - `models`: the models of the lessons, in one place, because model names become outdated
//! - `acme`: a demonstration server that exists only in lesson 8
//! - `menu`: the sample data of lesson 7
//! - `check`: the checkers of exercises. They always ask the sandbox, so checking is free
//! - `month`: a help desk's month, simulated (feature `month`)
//! - [`prelude`]: the names that they use
//! - this file: [`end`]

#![cfg_attr(docsrs, feature(doc_cfg))]

mod acme;
pub mod check;
mod menu;
mod models;
#[cfg(feature = "month")]
pub mod month;

pub use acme::{AcmeServer, acme};
pub use menu::{MENU, Order};
pub use models::*;

/// Prints the last line of a lesson's notebook. An automated run waits for that line.
pub fn end(lesson: &str) {
    println!("✓ end of lesson {lesson}");
}

/// The names that the lessons use: `use anymodel::course::prelude::*;`.
///
/// More than a program of your own wants in scope: `Router`, `Event`, `Table` and `Cache` are words of other crates, too.
/// `anymodel::prelude` leaves them out.
pub mod prelude {
    #[doc(no_inline)]
    pub use schemars::JsonSchema;
    #[doc(no_inline)]
    pub use serde::{Deserialize, Serialize};

    pub use anymodel_cache::Cache;
    pub use anymodel_client::{Budget, Client, Comparison, Event, Router, Target, display};
    pub use anymodel_display::{BarChart, Diagram, Show, Table, show};
    pub use anymodel_providers::ApiFormat;
    pub use anymodel_types::{
        Cached, ChatRequest, ErrorKind, Image, Message, Prefer, Reply, Trail, usd,
    };
}
