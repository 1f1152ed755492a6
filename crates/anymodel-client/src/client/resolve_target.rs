//! Target resolution: turns the target of a question into endpoints.

use super::validate::validate;
use super::{Chat, Inner};
use crate::call::{Endpoint, EndpointLimits};
use crate::route::{RouteObserver, Router};
use crate::target::{Target, resolve, split};
use anymodel_types::{ChatRequest, Result, Role};

impl Chat {
    /// The endpoints to ask, after the request was validated.
    pub(super) fn resolve_target(&self) -> Result<Vec<Endpoint>> {
        self.resolve(false)
    }

    /// As [`resolve_target`](Self::resolve_target); for a preview a router reserves no load permit.
    pub(super) fn resolve(&self, is_preview: bool) -> Result<Vec<Endpoint>> {
        if !self.is_raw() {
            validate(&self.request)?;
        }
        self.endpoints(is_preview)
    }

    /// The endpoints to ask, in order. A router is asked for its choice; for a preview it reserves no load permit.
    fn endpoints(&self, is_preview: bool) -> Result<Vec<Endpoint>> {
        let inner = &*self.client.inner;
        let Some(router) = self.router() else {
            let endpoints = self.found(self.target.clone())?;
            return self.only_free(endpoints);
        };
        if inner.free.is_some() {
            // All models of the router, and not only the chosen ones: else the error would come and go.
            self.only_free(self.found(router.into())?)?;
        }
        self.can_reach(router)?;
        let question = question(&self.request);
        let (chosen, seat) = match is_preview {
            true => (router.look(question)?, None),
            false => router
                .choose(question)
                .map(|(chosen, seat)| (chosen, Some(seat)))?,
        };
        let names = chosen.models.iter().map(|name| name.to_string());
        let mut endpoints = self.found(Target::Chain(names.collect()))?;
        for (endpoint, place) in endpoints.iter_mut().zip(chosen.places) {
            endpoint.watch = seat.as_ref().map(|seat| RouteObserver::new(seat, place));
        }
        Ok(endpoints)
    }

    /// The router that chooses, if one does.
    pub(super) fn router(&self) -> Option<&Router> {
        match &self.target {
            Target::Router(router) => Some(router),
            Target::Default => self.client.inner.router.as_ref(),
            _ => None,
        }
    }

    /// Refuses a router with a model on a platform that cannot be asked, whichever model is chosen.
    fn can_reach(&self, router: &Router) -> Result<()> {
        let platforms = &self.client.inner.platforms;
        for (platform, _) in router.models().filter_map(|name| split(name, platforms)) {
            platforms.find(Some(platform))?;
        }
        Ok(())
    }

    /// The endpoints of a target, each with its platform.
    pub(super) fn found(&self, target: Target) -> Result<Vec<Endpoint>> {
        let Inner {
            platforms,
            model,
            names,
            ..
        } = &*self.client.inner;
        let target = names.resolve(target);
        let candidates = resolve(target, model.as_deref(), platforms)?;
        // Collected from results, one endpoint would take the room of four.
        let mut endpoints = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let in_file = names.endpoint_limits(&candidate);
            endpoints.push(Endpoint {
                platform: platforms.find(candidate.platform.as_deref())?,
                patience: EndpointLimits {
                    timeout: in_file.timeout.filter(|_| !self.own_timeout),
                    retries: in_file.retries.filter(|_| !self.own_retries),
                },
                watch: None,
                candidate,
            });
        }
        Ok(endpoints)
    }

    /// Refuses endpoints that cost money, if only free models are allowed.
    fn only_free(&self, endpoints: Vec<Endpoint>) -> Result<Vec<Endpoint>> {
        if let Some(free) = &self.client.inner.free {
            for endpoint in &endpoints {
                free.check(endpoint)?;
            }
        }
        Ok(endpoints)
    }
}

/// The last message of the user.
fn question(request: &ChatRequest) -> &str {
    let mut turns = request.messages.iter().rev();
    let said = turns.find(|turn| turn.role == Role::User);
    said.map_or("", |turn| &turn.content)
}
