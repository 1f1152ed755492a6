//! Received bytes of an answer: a request that ended without an answer is charged by them.

use rust_decimal::Decimal;

use super::cost_estimate::CostEstimate;
use super::price;
use crate::config::OwnPrices;
use anymodel_types::{Candidate, ChatRequest, Usage};

/// Bytes per token, estimated low: the received part of a broken answer is charged by it.
const BYTES_A_TOKEN: u64 = 3;

/// Tokens of so many received bytes, estimated high.
pub(crate) fn tokens_of(bytes: u64) -> u64 {
    bytes.div_ceil(BYTES_A_TOKEN)
}

/// Received bytes of the answer to one request.
#[derive(Debug)]
pub(crate) struct ReceivedBytes {
    bytes: u64,
    /// Whether the bytes are all of the answer. An answer that is not streamed is not received before its end.
    is_all: bool,
}

impl ReceivedBytes {
    /// No bytes yet, of an answer that is streamed or not.
    pub fn nothing(streams: bool) -> Self {
        ReceivedBytes {
            bytes: 0,
            is_all: streams,
        }
    }

    /// Adds so many received bytes.
    pub fn add(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        self.is_all = true;
    }

    /// Whether any byte was received.
    pub fn is_some(&self) -> bool {
        self.bytes > 0
    }

    /// US dollars that were perhaps charged: for the question and the received part of the answer; where that is not known,
    /// for the longest answer. `held` means that the answer was held to the length of the estimate.
    fn charge(&self, estimate: &CostEstimate, held: bool) -> Decimal {
        if !self.is_all {
            return estimate.cost();
        }
        let tokens = tokens_of(self.bytes);
        estimate.charge(if held {
            tokens.min(u64::from(estimate.answer))
        } else {
            tokens
        })
    }
}

/// A request to one model, in flight or about to be, and its prices.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent<'a> {
    /// The prices of the configuration file, which override the catalogue's.
    pub prices: &'a OwnPrices,
    pub platform: &'a str,
    pub candidate: &'a Candidate,
    pub request: &'a ChatRequest,
}

impl Sent<'_> {
    /// The most that it may cost.
    pub fn estimate(&self) -> CostEstimate {
        CostEstimate::new(self.prices, self.platform, self.candidate, self.request)
    }

    /// US dollars for these tokens, by the price of the model that answered, else of the one that was asked.
    pub fn cost(&self, answered: Option<&str>, usage: &Usage) -> Option<Decimal> {
        let asked = self.candidate.model.as_str();
        let mut names = answered.into_iter().chain([asked]);
        match names.find_map(|model| self.prices.get(self.platform, model)) {
            Some(price) => Some(price::charge(price, usage)),
            None => price::estimate(self.platform, answered.unwrap_or(asked), usage),
        }
    }

    /// US dollars that were perhaps charged so far, for the client's totals and for its budget alike. `held` is the estimate
    /// that the answer was held to, where there is a budget.
    pub fn charged_so_far(&self, held: Option<&CostEstimate>, heard: &ReceivedBytes) -> Decimal {
        match held {
            Some(estimate) => heard.charge(estimate, true),
            None => heard.charge(&self.estimate(), false),
        }
    }
}
