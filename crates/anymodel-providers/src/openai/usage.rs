//! Usage decoding: tokens and cost, from every field that OpenAI-compatible servers use.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use crate::lenient::{count, lenient, money};
use crate::raw_usage::RawUsage;

/// The usage of an answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireUsage {
    #[serde(deserialize_with = "count")]
    prompt_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    completion_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    total_tokens: Option<u64>,
    #[serde(deserialize_with = "money")]
    pub cost: Option<Decimal>,
    #[serde(deserialize_with = "lenient")]
    prompt_tokens_details: Option<Box<TokenDetails>>,
    #[serde(deserialize_with = "lenient")]
    completion_tokens_details: Option<Box<TokenDetails>>,
    /// The field names of OpenAI's later API, and of Anthropic's.
    #[serde(deserialize_with = "count")]
    input_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    output_tokens: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    input_tokens_details: Option<Box<TokenDetails>>,
    #[serde(deserialize_with = "lenient")]
    output_tokens_details: Option<Box<TokenDetails>>,
    /// Some servers write the details beside the sums: Moonshot, DeepSeek, gateways in front of Anthropic.
    #[serde(deserialize_with = "count")]
    cached_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    prompt_cache_hit_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    cache_read_input_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    cache_creation_input_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    reasoning_tokens: Option<u64>,
}

/// The parts of a token sum.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TokenDetails {
    #[serde(deserialize_with = "count")]
    cached_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    cache_write_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    cache_creation_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    reasoning_tokens: Option<u64>,
}

impl WireUsage {
    pub fn tokens(&self) -> RawUsage {
        let either = |one: &Option<Box<TokenDetails>>,
                      other: &Option<Box<TokenDetails>>,
                      count: fn(&TokenDetails) -> Option<u64>| {
            [one, other]
                .into_iter()
                .flatten()
                .find_map(|details| count(details))
        };
        let sent = |count| {
            either(
                &self.prompt_tokens_details,
                &self.input_tokens_details,
                count,
            )
        };
        let given = |count| {
            either(
                &self.completion_tokens_details,
                &self.output_tokens_details,
                count,
            )
        };
        let read = self.cached_tokens.or(self.prompt_cache_hit_tokens);
        let read = read.or(self.cache_read_input_tokens);
        RawUsage {
            prompt: self.prompt_tokens.or(self.input_tokens),
            completion: self.completion_tokens.or(self.output_tokens),
            total: self.total_tokens,
            reasoning: given(|details| details.reasoning_tokens).or(self.reasoning_tokens),
            cached: sent(|details| details.cached_tokens).or(read),
            cache_write: sent(|details| {
                details.cache_write_tokens.or(details.cache_creation_tokens)
            })
            .or(self.cache_creation_input_tokens),
        }
    }
}

/// Groq's own field: the usage of a stream, or an error in the middle of one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Groq {
    #[serde(deserialize_with = "lenient")]
    usage: Option<Box<WireUsage>>,
    #[serde(deserialize_with = "lenient")]
    error: Option<Value>,
}

impl Groq {
    pub fn parts(self) -> (Option<Box<WireUsage>>, Option<Value>) {
        (self.usage, self.error)
    }
}
