//! Client library for large language models: one Rust code base that asks any of them.
//!
//! **A client asks a target.** The target is a model, a fallback chain, a preference such as the cheapest, or a router.
//!
//! ```no_run
//! use anymodel::prelude::*;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> anymodel::Result<()> {
//! let client = Client::from_env_or_sandbox()?; // a key: live; none: the built-in sandbox
//!
//! let question = "Explain recursion in one sentence.";
//! let reply = client.ask(["openai/gpt-4o", "openai/gpt-4o-mini"], question).await?;
//! println!("{reply}");
//! println!("{}", reply.trail);
//! # Ok(())
//! # }
//! ```
//!
//! # Layout
//! The modules from top to bottom; each may use only those below it. `ARCHITECTURE.md` says why.
//!
//! - [`course`]: names of models and checkers of exercises, for the lessons
//! - [`display`]: tables, charts, diagrams and live regions, for terminal and notebook
//! - `compare`: model comparison: many models, one question
//! - `client`: [`Client`], its builder, and the request builder
//! - [`sandbox`]: a simulated OpenRouter on loopback
//! - `call`: the life of a call: attempts, retries, fallback, deadline
//! - `cache`: response cache, single flight
//! - `spend`: usage metrics, cost estimates, budgets, and a ledger on disk
//! - `platform`: platforms, their adapters, and the transport
//! - `config`: configuration file, `.env` and environment → [`Settings`]
//! - `platform_spec`: the platforms known by name
//! - [`model`]: the catalogue, prices, token counts
//! - `target`: who may answer: a model, a chain, a preference, a router
//! - `route`: routers, which choose a model for each question
//! - [`task`]: classifier of a question's kind and difficulty (feature `classify`)
//! - `error`, `candidate`, `chat`, `trail`, `usage`, `failure`, `hash`: plain data that everything above uses

#![cfg_attr(docsrs, feature(doc_cfg))]

mod cache;
mod call;
mod candidate;
mod chat;
mod client;
mod compare;
mod config;
pub mod course;
pub mod display;
mod error;
mod failure;
#[cfg(any(feature = "sandbox", feature = "classify"))]
mod hash;
pub mod model;
mod platform;
mod platform_spec;
mod route;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod spend;
#[cfg(feature = "ledger")]
mod sqlite;
mod strict_schema;
mod target;
#[cfg(feature = "classify")]
pub mod task;
mod trail;
mod usage;

pub use anymodel_display::output::sanitize;
pub use cache::{BypassReason, Cache, CacheStatistics, normal_form};
pub use call::{Circuit, CircuitState, Event};
pub use candidate::{ModelChoice, Prefer};
pub use chat::{
    Cached, ChatRequest, FinishReason, Image, Message, Reasoning, Reply, ResponseFormat, Role,
    ToolCall, ToolChoice, ToolRun, ToolSpec,
};
pub use client::{Chat, Client, ClientBuilder, ListModels, ReplyStream, ToolResult};
pub use compare::{Compare, Comparison, ModelOutcome};
pub use config::{ModelSettings, ProviderMode, RoutingStrategy, Setting, Settings, Source};
#[doc(inline)]
pub use display::{BarChart, Diagram, Show, Table, show};
pub use error::{Error, Result};
pub use failure::ErrorKind;
pub use platform::{Adapter, ApiFormat, Preview, adapter};
pub use platform_spec::{Auth, PlatformSpec, Protocol, platform_specs};
#[cfg(feature = "classify")]
pub use route::ByKind;
pub use route::{
    Route, RouteStatistics, Router, RouterStatistics, RoutingContext, RoutingDecision,
};
/// Decimal number for money and prices, exact to every digit, from the crate `rust_decimal`.
pub use rust_decimal::Decimal;
pub use spend::{
    Budget, BudgetStatus, Duplicate, Duplicates, Fingerprint, Generation, LatencySummary,
    ModelTotals, Stats, Totals,
};
#[cfg(feature = "ledger")]
pub use spend::{LedgerFile, SpendBy, SpendRow};
pub use target::Target;
pub use trail::{Attempt, NextAction, Routed, SkipReason, Skipped, Trail};
pub use usage::{Cost, CostSource, SpendingLimit, Usage, usd};

/// The names that a program or a notebook needs: `use anymodel::prelude::*;`.
///
/// `Deserialize`, `Serialize` and `JsonSchema` are the derives of the crates `serde` and `schemars`; the code they write
/// names those crates, so a program of your own needs them beside this one: `cargo add serde -F derive`, `cargo add schemars`.
pub mod prelude {
    #[doc(no_inline)]
    pub use schemars::JsonSchema;
    #[doc(no_inline)]
    pub use serde::{Deserialize, Serialize};

    pub use crate::{
        ApiFormat, BarChart, Budget, Cache, Cached, ChatRequest, Client, Comparison, Diagram,
        ErrorKind, Event, Image, Message, Prefer, Reply, Router, Show, Table, Target, Trail,
        display, show, usd,
    };
}
