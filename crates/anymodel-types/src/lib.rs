//! Plain data of calls to large language models: what is asked, what comes back, what went wrong, what it cost.
//!
//! No input or output, and nothing that decides. Everything else in anymodel speaks in these types; a program that only
//! passes them on needs this crate alone.
//!
//! - `chat`: [`ChatRequest`], [`Message`], [`Reply`]
//! - `candidate`: [`Candidate`], one model that a request asks for, and [`Prefer`], by what a platform chooses one
//! - `error`: [`Error`], with its class, hint and trail; `failure`: [`ErrorKind`], the classes
//! - `language`: [`Language`], in which people are spoken to; [`words`]: the texts, one table a language
//! - `trail`: [`Trail`], one record for every HTTP attempt
//! - `usage`: [`Usage`], [`Cost`], tokens and money
//! - [`strict_schema`]: the JSON schemas that OpenAI's strict mode accepts
//! - [`hash`]: a hash that is the same on every machine

#![cfg_attr(docsrs, feature(doc_cfg))]

mod candidate;
mod chat;
mod error;
mod failure;
pub mod hash;
mod language;
pub mod strict_schema;
mod trail;
mod usage;
pub mod words;

pub use candidate::{Candidate, ModelChoice, Prefer};
pub use chat::{
    Cached, ChatRequest, FinishReason, Image, Message, MessageOrigin, Reasoning, Reply,
    ResponseFormat, Role, ToolCall, ToolChoice, ToolRun, ToolSpec,
};
pub use error::{Error, Result};
pub use failure::ErrorKind;
pub use language::Language;
pub use trail::{Attempt, NextAction, Routed, SkipReason, Skipped, Trail, captioned, is_simulated};
pub use usage::{Cost, CostSource, SpendingLimit, Usage, usd};
pub use words::Words;
