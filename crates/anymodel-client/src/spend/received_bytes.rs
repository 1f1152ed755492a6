//! Received bytes of an answer: a request that ended without an answer is charged by them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rust_decimal::Decimal;

use super::cost_estimate::CostEstimate;
use crate::config::OwnPrices;
use anymodel_types::{Candidate, ChatRequest};

/// Bytes per token, estimated low: the received part of a broken answer is charged by it.
const BYTES_A_TOKEN: u64 = 3;

/// Received bytes of the answer to one request.
#[derive(Debug)]
pub(crate) struct ReceivedBytes {
    bytes: AtomicU64,
    /// Whether the bytes are all of the answer. An answer that is not streamed is not received before its end.
    is_all: AtomicBool,
}

impl ReceivedBytes {
    /// No bytes yet, of an answer that is streamed or not.
    pub fn nothing(streams: bool) -> Self {
        ReceivedBytes {
            bytes: AtomicU64::new(0),
            is_all: AtomicBool::new(streams),
        }
    }

    /// Adds so many received bytes.
    pub fn add(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.is_all.store(true, Ordering::Relaxed);
    }

    /// Whether any byte was received.
    pub fn is_some(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > 0
    }

    /// US dollars that were perhaps charged: for the question and the received part of the answer; where that is not known,
    /// for the longest answer. `held` means that the answer was held to the length of the estimate.
    fn charge(&self, estimate: &CostEstimate, held: bool) -> Decimal {
        if !self.is_all.load(Ordering::Relaxed) {
            return estimate.cost();
        }
        let tokens = self.bytes.load(Ordering::Relaxed).div_ceil(BYTES_A_TOKEN);
        estimate.charge(if held {
            tokens.min(u64::from(estimate.answer))
        } else {
            tokens
        })
    }
}

/// A request to one model, in flight or about to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent<'a> {
    pub platform: &'a str,
    pub candidate: &'a Candidate,
    pub request: &'a ChatRequest,
    /// Received bytes of the answer.
    pub heard: &'a ReceivedBytes,
}

impl Sent<'_> {
    /// The most that it may cost. `own` are the prices of the configuration file.
    pub fn estimate(&self, own: &OwnPrices) -> CostEstimate {
        CostEstimate::new(own, self.platform, self.candidate, self.request)
    }

    /// US dollars that were perhaps charged so far, for the client's totals and for its budget alike. `held` is the estimate
    /// that the answer was held to, where there is a budget.
    pub fn charged_so_far(&self, own: &OwnPrices, held: Option<&CostEstimate>) -> Decimal {
        match held {
            Some(estimate) => self.heard.charge(estimate, true),
            None => self.heard.charge(&self.estimate(own), false),
        }
    }
}
