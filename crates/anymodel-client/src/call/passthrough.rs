//! Passthrough: a caller's raw request in the life of a call.
//!
//! An endpoint that speaks the API of the raw request gets it, with few fields changed; any other gets the decoded request
//! in its own encoding. All else, from admission to the books, is the same for both.

use std::sync::Arc;

use super::attempt::EncodedRequest;
use super::{Call, Endpoint};
use anymodel_providers::{Passthrough, RawRequest};
use anymodel_types::{Error, Result};

/// A raw request, and why it cannot be translated, if it cannot.
#[derive(Debug)]
pub(crate) struct RawCall {
    pub request: Arc<RawRequest>,
    pub untranslatable: Option<Error>,
}

impl Call<'_> {
    /// The way through this endpoint, if it speaks the API of the raw request. A model that the platform chooses is asked
    /// for in fields that a raw request may not have, so that request is translated.
    ///
    /// # Errors
    /// The endpoint speaks another API, and the request cannot be translated.
    pub(super) fn passthrough(&self, endpoint: &Endpoint) -> Result<Option<Passthrough>> {
        let Some(raw) = self.raw else {
            return Ok(None);
        };
        let candidate = &endpoint.candidate;
        let adapter = &endpoint.platform.adapter;
        let way = match &candidate.choice {
            None => adapter.passthrough(raw.request.api(), &candidate.model),
            Some(_) => None,
        };
        match (&raw.untranslatable, way) {
            (Some(error), None) => Err(error.for_another_call()),
            (_, way) => Ok(way),
        }
    }

    /// The raw request for this endpoint, with at most so many tokens of output.
    ///
    /// # Errors
    /// As [`passthrough`](Self::passthrough).
    pub(super) fn pass(
        &self,
        endpoint: &Endpoint,
        most: Option<u32>,
    ) -> Result<Option<EncodedRequest>> {
        let (Some(raw), Some(mut way)) = (self.raw, self.passthrough(endpoint)?) else {
            return Ok(None);
        };
        let most = [most, self.request.max_tokens].into_iter().flatten().min();
        way.headers = raw.request.passed_on().clone();
        let body = way.body(&raw.request, &endpoint.candidate.model, most)?;
        Ok(Some(EncodedRequest::passed(way, body)))
    }
}
