//! The client: asks a target, and brings back an answer with an account of what it took.
//!
//! A target says who may answer: a model, a fallback chain, a preference, a router. Retries, fallback, deadlines, circuit
//! breakers, budgets, streams and the books are here; one HTTP request to one provider is `anymodel-providers`.
//!
//! From top to bottom; each module may use only those below it.
//!
//! - [`display`]: tables, charts and live text of all this, and of `anymodel-display`
//! - `compare`: many models, one question
//! - `client`: [`Client`], its builder, and the request builder
//! - `call`: the life of a call: attempts, retries, fallback, deadline
//! - `spend`: usage metrics, cost estimates, budgets, and a ledger on disk
//! - `config`: configuration file, `.env` and environment → [`Settings`]
//! - `target`: who may answer, resolved to candidates
//! - `route`: routers, which choose a model for each question
//! - [`task`]: classifier of a question's kind and difficulty (feature `classify`)
//!
//! # Features
//! - `sandbox`: the built-in sandbox answers where a program asks for that
//! - `classify`: kind and difficulty of a question, by a small classifier that runs here
//! - `config`: the configuration file, in YAML
//! - `ledger`: a ledger of every attempt in SQLite, and the cache's file
//! - `tokens`: exact token counts for OpenAI's models
//! - `bedrock`, `vertex`: AWS Bedrock, GCP Vertex AI

#![cfg_attr(docsrs, feature(doc_cfg))]

mod call;
mod client;
mod compare;
mod config;
pub mod display;
mod route;
mod spend;
mod target;
#[cfg(feature = "classify")]
pub mod task;

pub use anymodel_providers::{RawApi, RawRequest};
pub use call::{Circuit, CircuitState, Event};
pub use client::{Chat, Client, ClientBuilder, CostBound, ListModels, ReplyStream, ToolResult};
pub use compare::{Compare, Comparison, ModelOutcome};
pub use config::{ModelSettings, ProviderMode, RoutingStrategy, Setting, Settings, Source};
#[cfg(feature = "classify")]
pub use route::ByKind;
pub use route::{
    Route, RouteStatistics, Router, RouterStatistics, RoutingContext, RoutingDecision,
};
pub use spend::{
    Budget, BudgetStatus, Duplicate, Duplicates, Fingerprint, Generation, LatencySummary,
    ModelTotals, Stats, Totals,
};
#[cfg(feature = "ledger")]
pub use spend::{LedgerFile, SpendBy, SpendRow};
pub use target::Target;
