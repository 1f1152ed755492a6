//! Cost bounds: the most that a question may cost at each model that it may go to, before it is asked.

use rust_decimal::Decimal;

use super::Chat;
use crate::spend::{CostEstimate, LONGEST, tokens_of};
use anymodel_catalog::model::catalogue;
use anymodel_types::{ChatRequest, Result};

/// The most that a question may cost at one model. Made by [`Chat::cost_bounds`].
#[derive(Clone, Debug)]
pub struct CostBound {
    /// The model's name on its platform.
    pub model: String,
    /// The platform.
    pub platform: String,
    /// The longest answer of the model in tokens, where the catalogue knows it.
    pub max_completion_tokens: Option<u64>,
    estimate: CostEstimate,
}

impl CostBound {
    /// Tokens of the question, with a margin.
    pub fn prompt_tokens(&self) -> u64 {
        self.estimate.prompt
    }

    /// US dollars at most with an answer of so many tokens; `None` where no price is known.
    pub fn cost(&self, answer_tokens: u64) -> Option<Decimal> {
        let known = self.estimate.is_known();
        known.then(|| self.estimate.charge(answer_tokens))
    }

    /// The longest answer in tokens: the model's own limit, else what is usual for a model whose limit is not known.
    pub fn longest_answer(&self) -> u64 {
        self.max_completion_tokens.unwrap_or(u64::from(LONGEST))
    }

    /// The longest answer in tokens, at most `longest`, that so much money pays for; 0 where it pays for none.
    pub fn affordable(&self, usd: Decimal, longest: u64) -> u64 {
        self.estimate.tokens_for(usd, longest)
    }

    /// US dollars at most for an answer of which so many bytes came; `None` where no price is known.
    pub fn cost_of_bytes(&self, bytes: u64) -> Option<Decimal> {
        self.cost(tokens_of(bytes))
    }
}

impl Chat {
    /// Replaces the whole request: the conversation, and how to answer it.
    pub fn request(mut self, request: ChatRequest) -> Self {
        self.request = request;
        self
    }

    /// The longest answer that was asked for, in tokens.
    pub fn asked_max_tokens(&self) -> Option<u32> {
        self.request.max_tokens
    }

    /// The most that this question may cost at each model of its target, in the order in which they are asked. Nothing is
    /// sent.
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// let client = Client::sandbox()?;
    /// let bounds = client.chat(["openai/gpt-4o", "openai/gpt-4o-mini"]).user("Hello").cost_bounds()?;
    /// assert!(bounds[0].cost(1000) > bounds[1].cost(1000));
    /// # Ok::<(), anymodel::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`send`](Self::send), for everything that is known before sending.
    pub fn cost_bounds(&self) -> Result<Vec<CostBound>> {
        let admission = &self.client.inner.admission;
        let endpoints = self.resolve(true)?;
        let bounds = endpoints.iter().map(|endpoint| CostBound {
            model: endpoint.candidate.model.clone(),
            platform: endpoint.platform.name.clone(),
            max_completion_tokens: catalogue()
                .get(&endpoint.candidate.model)
                .and_then(|model| model.max_completion_tokens),
            estimate: admission.estimate(endpoint, &self.request),
        });
        Ok(bounds.collect())
    }
}
