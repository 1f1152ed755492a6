//! Cached answer: a reply as it is kept, without the attempts that led to it.

use std::time::Duration;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use anymodel_types::{Cached, FinishReason, Reply, Usage, is_simulated};

/// Time to live of a fallback's answer: the wanted model may be available again soon.
const STAND_IN: Duration = Duration::from_secs(5 * 60);

/// Cached answer: a reply as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CachedAnswer {
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reasoning: Option<String>,
    model: String,
    platform: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tokens: Option<Tokens>,
    /// US dollars that it cost; `None` when the cost is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cost: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    finish: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Whether it is a fallback's answer, which is kept for a short time only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    stands_in: bool,
}

/// The tokens of an answer, as [`Usage`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Tokens {
    prompt: u64,
    completion: u64,
    total: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reasoning: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cached: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    written: Option<u64>,
}

impl CachedAnswer {
    /// The part of a reply that can be returned again, to calls that wait for it and to later calls.
    ///
    /// `None` when functions were run or are to be run: they have effects, and a kept answer would have none. An incomplete
    /// answer is not kept either.
    pub fn of(reply: &Reply, stands_in: bool) -> Option<Self> {
        if !reply.tool_calls.is_empty() || !reply.tool_runs.is_empty() {
            return None;
        }
        let answer = CachedAnswer {
            text: reply.text.clone(),
            reasoning: reply.reasoning.clone(),
            model: reply.model.clone(),
            platform: reply.platform.clone(),
            tokens: reply.usage.map(Tokens::from),
            cost: reply.cost.or_else(|| Some(reply.spent()?.amount)),
            finish: reply
                .finish_reason
                .as_ref()
                .map(|reason| reason.as_str().to_owned()),
            id: reply.id.clone(),
            stands_in,
        };
        answer.is_whole().then_some(answer)
    }

    /// The time to live of this answer, where `age` is that of answers in general.
    pub fn good_for(&self, age: Duration) -> Duration {
        match self.stands_in {
            true => age.min(STAND_IN),
            false => age,
        }
    }

    /// Whether the answer is complete.
    fn is_whole(&self) -> bool {
        self.finish.as_deref() == Some(FinishReason::Stop.as_str()) && !self.text.is_empty()
    }

    /// The reply to a call that found this answer after `latency`.
    pub fn reply(&self, cached: Cached, latency: Duration) -> Reply {
        let mut reply = Reply::new(&self.text);
        reply.reasoning.clone_from(&self.reasoning);
        reply.model.clone_from(&self.model);
        reply.platform.clone_from(&self.platform);
        reply.usage = self.tokens.map(Usage::from);
        reply.cost = Some(Decimal::ZERO);
        reply.latency = latency;
        reply.finish_reason = self.finish.as_deref().and_then(FinishReason::parse);
        reply.id.clone_from(&self.id);
        reply.cached = Some(cached);
        reply
    }

    /// Whether the sandbox gave the answer.
    pub fn is_simulated(&self) -> bool {
        is_simulated(&self.platform)
    }

    /// Tokens that a hit saves: sent and received.
    pub fn tokens(&self) -> (u64, u64) {
        self.tokens
            .map_or((0, 0), |tokens| (tokens.prompt, tokens.completion))
    }

    /// US dollars that a hit saves; `None` when the cost is not known.
    pub fn cost(&self) -> Option<Decimal> {
        self.cost
    }

    /// About the memory that its texts take.
    pub fn bytes(&self) -> usize {
        let reasoning = self.reasoning.as_ref().map_or(0, String::len);
        self.text.len() + reasoning + self.model.len() + self.platform.len()
    }
}

impl From<Usage> for Tokens {
    fn from(usage: Usage) -> Self {
        Tokens {
            prompt: usage.prompt_tokens,
            completion: usage.completion_tokens,
            total: usage.total_tokens,
            reasoning: usage.reasoning_tokens,
            cached: usage.cached_tokens,
            written: usage.cache_write_tokens,
        }
    }
}

impl From<Tokens> for Usage {
    fn from(tokens: Tokens) -> Self {
        Usage {
            prompt_tokens: tokens.prompt,
            completion_tokens: tokens.completion,
            total_tokens: tokens.total,
            reasoning_tokens: tokens.reasoning,
            cached_tokens: tokens.cached,
            cache_write_tokens: tokens.written,
        }
    }
}
