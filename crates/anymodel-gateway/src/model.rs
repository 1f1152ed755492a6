//! Data model: keys, groups, limits and the call log, as the store keeps them and the admin API shows them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::money::Usd;

/// A window of a budget. It begins in the gateway's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Window {
    /// From the full hour.
    Hour,
    /// From midnight.
    Day,
    /// From the first day of the week, as configured.
    Week,
    /// From the first of the month.
    Month,
    /// Without end: the budget of the term.
    Total,
}

impl Window {
    /// All of them, the shortest first.
    pub const ALL: [Window; 5] = [
        Window::Hour,
        Window::Day,
        Window::Week,
        Window::Month,
        Window::Total,
    ];

    /// Its name in JSON and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Window::Hour => "hour",
            Window::Day => "day",
            Window::Week => "week",
            Window::Month => "month",
            Window::Total => "total",
        }
    }
}

/// Limits of a key or of a group. An absent field sets no limit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The models that may be asked: absent or `["*"]` means all, `[]` none.
    pub models: Option<Vec<String>>,
    /// The most that may be spent in each window, in US dollars.
    pub budget: BTreeMap<Window, Usd>,
    /// Requests in each minute.
    pub requests_per_minute: Option<u32>,
    /// Tokens in each minute.
    pub tokens_per_minute: Option<u64>,
    /// Calls at the same time.
    pub parallel: Option<u32>,
    /// The first moment at which the key counts.
    pub not_before: Option<Timestamp>,
    /// The first moment at which it does not count any more.
    pub expires: Option<Timestamp>,
    /// Hours of the week at which it counts, such as `mon-fri 08:00-12:00`; none means always.
    pub hours: Vec<String>,
}

/// SHA-256 of a key's secret.
pub type SecretHash = [u8; 32];

/// A key: who may ask, for what, and for how much.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The public part: it may be logged and shown.
    pub id: String,
    /// The holder's name.
    pub name: String,
    /// The id of its group.
    pub group: Option<String>,
    /// Its own limits; those of its group hold as well.
    pub limits: Limits,
    /// Whether it was blocked by the administrator.
    pub blocked: bool,
    /// The hash of its secret.
    pub secret: SecretHash,
    /// The hash of the secret before the last rotation, and until when that one counts.
    pub previous: Option<(SecretHash, Timestamp)>,
    /// When it was made.
    pub created: Timestamp,
    /// When it asked last.
    pub last_used: Option<Timestamp>,
}

/// A group: one pot and common limits for all its keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// Its limits: the budget is shared by all keys; parallel calls and rates are those of all keys together.
    pub limits: Limits,
    /// Whether its keys may ask nothing for now.
    pub paused: bool,
    /// When it was made.
    pub created: Timestamp,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Answered whole.
    Ok,
    /// Refused by the gateway.
    Refused,
    /// No model answered.
    Failed,
    /// The answer broke off.
    Cut,
    /// The client left.
    Cancelled,
}

impl Outcome {
    /// Its name in JSON and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Refused => "refused",
            Outcome::Failed => "failed",
            Outcome::Cut => "cut",
            Outcome::Cancelled => "cancelled",
        }
    }
}

/// One attempt of a call: a request to one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallAttempt {
    /// The model that was asked.
    pub model: String,
    /// The platform.
    pub platform: String,
    /// The HTTP status, if an answer came.
    pub status: Option<u16>,
    /// The class of the failure; absent for an answer.
    pub kind: Option<String>,
    /// How long it took.
    pub seconds: f64,
}

/// A call: the one record that each request leaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The request id, as in the header `x-request-id`.
    pub id: String,
    /// When it came.
    pub at: Timestamp,
    /// The key's id.
    pub key: String,
    /// The id of the key's group.
    pub group: Option<String>,
    /// The route, such as `/v1/chat/completions`.
    pub route: String,
    /// The model that answered, or that was asked for.
    pub model: String,
    /// What was tried, in order.
    pub tried: Vec<CallAttempt>,
    /// How it ended.
    pub outcome: Outcome,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The code of the error.
    pub code: Option<String>,
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub completion_tokens: u64,
    /// The part of the prompt that came from a cache.
    pub cached_tokens: u64,
    /// US dollars.
    pub cost: Usd,
    /// How long it took.
    pub seconds: f64,
    /// Until the first piece of the answer.
    pub first_token_seconds: Option<f64>,
    /// Whether the cost is what was reserved, because the process died before the call was over.
    #[serde(default)]
    pub unsettled: bool,
}
