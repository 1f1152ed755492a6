//! How much of an answer has come: what a request that ended without one is charged for.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rust_decimal::Decimal;

use super::cost_estimate::CostEstimate;
use crate::chat::ChatRequest;
use crate::config::OwnPrices;
use crate::target::Candidate;

/// Bytes of an answer that make a token at most as often as not; what came of a broken answer is charged by them.
const BYTES_A_TOKEN: u64 = 3;

/// How much of the answer to one request has come.
#[derive(Debug)]
pub(crate) struct ReceivedBytes {
    bytes: AtomicU64,
    /// Whether these are all that it was: of an answer that comes whole nothing is heard before.
    is_all: AtomicBool,
}

impl ReceivedBytes {
    /// Nothing yet, of an answer that is streamed or not.
    pub fn nothing(streams: bool) -> Self {
        ReceivedBytes {
            bytes: AtomicU64::new(0),
            is_all: AtomicBool::new(streams),
        }
    }

    /// So many bytes of the answer have come.
    pub fn hear(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.is_all.store(true, Ordering::Relaxed);
    }

    /// Whether anything has come.
    pub fn is_some(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > 0
    }

    /// US dollars that were perhaps charged: for the question and what came of the answer; where that could not be heard,
    /// for the longest answer. `held` tells whether the answer was held to the length of the quote.
    fn charge(&self, quote: &CostEstimate, held: bool) -> Decimal {
        if !self.is_all.load(Ordering::Relaxed) {
            return quote.cost();
        }
        let tokens = self.bytes.load(Ordering::Relaxed).div_ceil(BYTES_A_TOKEN);
        quote.charge(if held {
            tokens.min(u64::from(quote.answer))
        } else {
            tokens
        })
    }
}

/// A request to one model, on its way or about to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent<'a> {
    pub platform: &'a str,
    pub candidate: &'a Candidate,
    pub request: &'a ChatRequest,
    /// How much of the answer has come.
    pub heard: &'a ReceivedBytes,
}

impl Sent<'_> {
    /// What it may cost at most. `own` are the prices of the configuration file.
    pub fn quote(&self, own: &OwnPrices) -> CostEstimate {
        CostEstimate::new(own, self.platform, self.candidate, self.request)
    }

    /// US dollars that were perhaps charged so far, for the client's totals and for its budget alike. `held` is what the
    /// answer was held to, where there is a budget.
    pub fn perhaps(&self, own: &OwnPrices, held: Option<&CostEstimate>) -> Decimal {
        match held {
            Some(quote) => self.heard.charge(quote, true),
            None => self.heard.charge(&self.quote(own), false),
        }
    }
}
