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
//! This crate is thin: it joins its members and gives their names. `ARCHITECTURE.md` draws them.
//!
//! - `anymodel-client`: [`Client`], targets, routers, the life of a call, budgets and the ledger, [`Settings`]
//! - `anymodel-cache`: response cache, single flight
//! - `anymodel-providers`: one request to one platform: [`Adapter`]s, transport, classes of failure
//! - `anymodel-catalog`: [`model`]s, prices, token counts, the platforms known by name
//! - `anymodel-types`: requests, replies, errors, trails
//! - `anymodel-display`: tables, charts, diagrams and live regions, for terminal and notebook: [`display`]
//! - `anymodel-sandbox`: a simulated OpenRouter on loopback: [`sandbox`]
//! - `anymodel-course`: what the lessons share: `course`
//!
//! # Features
//! - `sandbox` (on): the built-in sandbox
//! - `classify` (on): [`task`], what kind of question it is, and how hard
//! - `config`: the configuration file, in YAML
//! - `ledger`: a ledger of every attempt in SQLite, and the cache's file
//! - `tokens`: exact token counts for OpenAI's models
//! - `bedrock`, `vertex`: AWS Bedrock, GCP Vertex AI
//! - `course`: names of models, checkers of exercises and sample data of the lessons

#![cfg_attr(docsrs, feature(doc_cfg))]

pub use anymodel_cache::{BypassReason, Cache, CacheStatistics, normal_form};
pub use anymodel_catalog::model;
pub use anymodel_catalog::platform_spec::{
    Auth, JsonSupport, PlatformCapabilities, PlatformSpec, Protocol, UrlVariable, platform_specs,
};
#[doc(inline)]
pub use anymodel_client::display;
pub use anymodel_client::{
    Budget, BudgetStatus, Chat, Circuit, CircuitState, Client, ClientBuilder, Compare, Comparison,
    CostBound, Duplicate, Duplicates, Event, Fingerprint, Generation, LatencySummary, ListModels,
    ModelOutcome, ModelSettings, ModelTotals, ProviderMode, ReplyStream, Route, RouteStatistics,
    Router, RouterStatistics, RoutingContext, RoutingDecision, RoutingStrategy, Setting, Settings,
    Source, Stats, Target, ToolResult, Totals,
};
#[cfg(feature = "classify")]
pub use anymodel_client::{ByKind, task};
#[cfg(feature = "ledger")]
pub use anymodel_client::{LedgerFile, SpendBy, SpendRow};
#[cfg(feature = "course")]
#[doc(inline)]
pub use anymodel_course as course;
pub use anymodel_display::output::sanitize;
pub use anymodel_display::{BarChart, Diagram, Show, Table, show};
pub use anymodel_providers::{Adapter, ApiFormat, Preview, RawApi, RawRequest, adapter};
#[cfg(feature = "sandbox")]
#[doc(inline)]
pub use anymodel_sandbox as sandbox;
pub use anymodel_types::{
    Attempt, Cached, ChatRequest, Cost, CostSource, Error, ErrorKind, FinishReason, Image,
    Language, Message, MessageOrigin, ModelChoice, NextAction, Prefer, Reasoning, Reply,
    ResponseFormat, Result, Role, Routed, SkipReason, Skipped, SpendingLimit, ToolCall, ToolChoice,
    ToolRun, ToolSpec, Trail, Usage, usd,
};
/// Decimal number for money and prices, exact to every digit, from the crate `rust_decimal`.
pub use rust_decimal::Decimal;

/// The names that a program or a notebook needs: `use anymodel::prelude::*;`.
///
/// Words that other crates use, too, such as `Router`, `Event`, `Table` or `Cache`, are not among them: name those one by one.
///
/// `Deserialize`, `Serialize` and `JsonSchema` are the derives of the crates `serde` and `schemars`; the code they write
/// names those crates, so a program of your own needs them beside this one: `cargo add serde -F derive`, `cargo add schemars`.
pub mod prelude {
    #[doc(no_inline)]
    pub use schemars::JsonSchema;
    #[doc(no_inline)]
    pub use serde::{Deserialize, Serialize};

    pub use crate::{
        ApiFormat, Budget, Cached, ChatRequest, Client, Comparison, ErrorKind, Message, Prefer,
        Reply, Show, Trail, display, show, usd,
    };
}
