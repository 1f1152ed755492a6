//! Endpoint: one model at one address, which a call may ask.

use std::sync::Arc;

use super::EndpointLimits;
use crate::route::RouteObserver;
use anymodel_providers::{Platform, PlatformRequest};
use anymodel_types::{Candidate, ChatRequest, Routed, SkipReason, Trail};

/// Endpoint: a candidate together with the platform's address and its limits.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub platform: Arc<Platform>,
    pub candidate: Candidate,
    pub patience: EndpointLimits,
    /// Reports the outcome to the router, when a router chose.
    pub watch: Option<RouteObserver>,
}

impl Endpoint {
    /// The router that chose, and its reason, if one did.
    pub(super) fn routed(&self) -> Option<&Routed> {
        self.watch.as_ref().map(RouteObserver::routed)
    }

    /// What a request to this endpoint asks for.
    pub fn ask<'a>(&'a self, request: &'a ChatRequest, stream: bool) -> PlatformRequest<'a> {
        let mut ask = PlatformRequest::new(request, &self.candidate.model);
        ask.choice = self.candidate.choice.as_ref();
        ask.stream = stream;
        ask
    }

    /// Whether a request counts against the limit that OpenRouter's free models share.
    pub(super) fn is_free(&self) -> bool {
        self.platform.catalogue_names && self.candidate.model.ends_with(":free")
    }

    /// Records in the trail, and with the router, a request that was not made.
    pub(super) fn skip(&self, why: SkipReason, trail: &mut Trail) {
        if let Some(watch) = &self.watch {
            watch.passed_over(why);
        }
        trail.push_skipped(&self.candidate.model, &self.platform.name, why);
    }
}
