//! Raw usage: a platform's token counts, in any format → a consistent [`Usage`], for whole and streamed answers.
//!
//! Platforms include different tokens in each count. Gemini and xAI leave reasoning out of the answer's tokens and include
//! it in the total. Servers with Anthropic's counting leave cached tokens out of the prompt. Both are charged.

use super::StreamDelta;
use anymodel_types::Usage;

/// Tokens as reported so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RawUsage {
    /// Tokens of the request.
    pub prompt: Option<u64>,
    /// Tokens of the answer.
    pub completion: Option<u64>,
    /// Tokens of both, where the platform adds them up itself.
    pub total: Option<u64>,
    /// Tokens of the answer that were thoughts.
    pub reasoning: Option<u64>,
    /// Tokens of the request that the platform read from its cache.
    pub cached: Option<u64>,
    /// Tokens of the request that it wrote to its cache.
    pub cache_write: Option<u64>,
}

impl RawUsage {
    /// The usage in a delta; `None` for any other delta.
    pub fn of(delta: &StreamDelta) -> Option<Self> {
        match *delta {
            StreamDelta::Usage {
                prompt_tokens,
                completion_tokens,
                total_tokens,
                reasoning_tokens,
                cached_tokens,
                cache_write_tokens,
            } => Some(RawUsage {
                prompt: prompt_tokens,
                completion: completion_tokens,
                total: total_tokens,
                reasoning: reasoning_tokens,
                cached: cached_tokens,
                cache_write: cache_write_tokens,
            }),
            _ => None,
        }
    }

    /// The same as a delta of a stream.
    pub fn into_delta(self) -> StreamDelta {
        StreamDelta::Usage {
            prompt_tokens: self.prompt,
            completion_tokens: self.completion,
            total_tokens: self.total,
            reasoning_tokens: self.reasoning,
            cached_tokens: self.cached,
            cache_write_tokens: self.cache_write,
        }
    }

    /// Cached tokens, read and written.
    fn through_the_cache(self) -> u64 {
        let (read, written) = (self.cached.unwrap_or(0), self.cache_write.unwrap_or(0));
        read.saturating_add(written)
    }

    /// Merges a later report: it replaces the fields that it contains, but a zero replaces nothing.
    pub fn add(&mut self, later: RawUsage) {
        let cached = self.through_the_cache();
        let told = |known: Option<u64>, later: Option<u64>| {
            later.filter(|later| *later > 0 || known.is_none())
        };
        let mut later = RawUsage {
            prompt: told(self.prompt, later.prompt),
            completion: told(self.completion, later.completion),
            total: told(self.total, later.total),
            reasoning: told(self.reasoning, later.reasoning),
            cached: told(self.cached, later.cached),
            cache_write: told(self.cache_write, later.cache_write),
        };
        // Some servers repeat the prompt's tokens at the end, without the cached tokens beside them.
        if let (Some(again), 0) = (later.prompt, later.through_the_cache())
            && (again < cached || self.prompt == Some(again.saturating_add(cached)))
        {
            later.prompt = Some(again.saturating_add(cached));
        }
        if later.prompt.is_some() || later.completion.is_some() {
            self.total = None;
        }
        *self = RawUsage {
            prompt: later.prompt.or(self.prompt),
            completion: later.completion.or(self.completion),
            total: later.total.or(self.total),
            reasoning: later.reasoning.or(self.reasoning),
            cached: later.cached.or(self.cached),
            cache_write: later.cache_write.or(self.cache_write),
        };
    }

    /// The consistent usage; `None` when nothing was reported.
    pub fn usage(self) -> Option<Usage> {
        if self.prompt.is_none() && self.completion.is_none() {
            return None;
        }
        let mut prompt = self.prompt.unwrap_or(0);
        let mut completion = self.completion.unwrap_or(0);
        // Cached tokens cannot exceed the prompt. If they do, they were counted beside it.
        let cached = self.through_the_cache();
        if cached > prompt {
            prompt = prompt.saturating_add(cached);
        }
        let sum = prompt.saturating_add(completion);
        let beside = self.total.unwrap_or(0).saturating_sub(sum);
        completion = completion.saturating_add(match self.reasoning {
            Some(thoughts) if thoughts <= beside || thoughts > completion => thoughts,
            Some(_) => 0,
            // Gemini's OpenAI format does not name the rest of the total; it is charged like the answer.
            None => beside,
        });
        let sum = prompt.saturating_add(completion);
        Some(Usage {
            prompt_tokens: prompt,
            completion_tokens: completion,
            total_tokens: self.total.unwrap_or(0).max(sum),
            reasoning_tokens: self.reasoning,
            cached_tokens: self.cached,
            cache_write_tokens: self.cache_write,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tokens() -> impl Strategy<Value = RawUsage> {
        let count = || prop::option::of(prop_oneof![0_u64..50, any::<u64>()]);
        (count(), count(), count(), count(), count(), count()).prop_map(
            |(prompt, completion, total, reasoning, cached, cache_write)| RawUsage {
                prompt,
                completion,
                total,
                reasoning,
                cached,
                cache_write,
            },
        )
    }

    proptest! {
        #[test]
        fn whatever_is_told_adds_up(told in prop::collection::vec(tokens(), 1..5)) {
            let mut sum = RawUsage::default();
            for told in told {
                sum.add(told);
            }
            if let Some(usage) = sum.usage() {
                let cached = usage.cached_tokens.unwrap_or(0).saturating_add(usage.cache_write_tokens.unwrap_or(0));
                prop_assert!(cached <= usage.prompt_tokens);
                prop_assert!(usage.reasoning_tokens.unwrap_or(0) <= usage.completion_tokens);
                prop_assert!(usage.total_tokens >= usage.prompt_tokens.saturating_add(usage.completion_tokens));
                let delta = sum.into_delta();
                prop_assert_eq!(RawUsage::of(&delta), Some(sum));
            }
        }
    }
}
