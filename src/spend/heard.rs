//! How much of an answer has come: what a request that ended without one is charged for.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rust_decimal::Decimal;

use super::quote::Quote;

/// Bytes of an answer that make a token at most as often as not; what came of a broken answer is charged by them.
const BYTES_A_TOKEN: u64 = 3;

/// How much of the answer to one request has come.
#[derive(Debug)]
pub(crate) struct Heard {
    bytes: AtomicU64,
    /// Whether these are all that it was: of an answer that comes whole nothing is heard before.
    is_all: AtomicBool,
}

impl Heard {
    /// Nothing yet, of an answer that is streamed or not.
    pub fn nothing(streams: bool) -> Self {
        Heard {
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
    pub fn charge(&self, quote: &Quote, held: bool) -> Decimal {
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
