//! Proof of who sends a request, where it takes more than a key in a header.

use std::fmt;

use futures_util::future::BoxFuture;

use super::Outcome;

/// Signs each request just before it is sent.
pub(crate) trait Signer: fmt::Debug + Send + Sync {
    /// Adds what proves the sender.
    ///
    /// # Errors
    /// A failure when no proof can be had: it stands for the attempt.
    fn sign<'a>(&'a self, request: &'a mut reqwest::Request) -> BoxFuture<'a, Outcome<()>>;

    /// Called after the platform refused the proof: whether a new one may be better.
    fn renew(&self) -> bool {
        false
    }
}
