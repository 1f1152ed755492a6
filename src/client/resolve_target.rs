//! Whom a question is put to: its target, turned into entries that can be asked.

use super::validate::validate;
use super::{Chat, Inner};
use crate::call::{Endpoint, EndpointLimits};
use crate::chat::{ChatRequest, Role};
use crate::error::Result;
use crate::route::{RouteObserver, Router};
use crate::target::{Target, resolve, split};

impl Chat {
    /// Whom to ask, once it is known that anybody can be asked this.
    pub(super) fn resolve_target(&self) -> Result<Vec<Endpoint>> {
        self.resolve(false)
    }

    /// As [`resolve_target`](Self::plan); for a preview a router keeps no place.
    pub(super) fn resolve(&self, is_preview: bool) -> Result<Vec<Endpoint>> {
        validate(&self.request)?;
        self.entries(is_preview)
    }

    /// Whom to ask, in order, and where. A router is asked for its choice; when the call is not to be made, it keeps no
    /// place for it.
    fn entries(&self, is_preview: bool) -> Result<Vec<Endpoint>> {
        let inner = &*self.client.inner;
        let Some(router) = self.router() else {
            let entries = self.found(self.target.clone())?;
            return self.only_free(entries);
        };
        if inner.free.is_some() {
            // All of them, and not only those whose turn it is: else the error would come and go.
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
        let mut entries = self.found(Target::Chain(names.collect()))?;
        for (entry, place) in entries.iter_mut().zip(chosen.places) {
            entry.watch = seat.as_ref().map(|seat| RouteObserver::new(seat, place));
        }
        Ok(entries)
    }

    /// The router that chooses, if one does.
    pub(super) fn router(&self) -> Option<&Router> {
        match &self.target {
            Target::Router(router) => Some(router),
            Target::Default => self.client.inner.router.as_ref(),
            _ => None,
        }
    }

    /// Refuses a router over a platform that cannot be asked, whoever's turn it is.
    fn can_reach(&self, router: &Router) -> Result<()> {
        let platforms = &self.client.inner.platforms;
        for (platform, _) in router.models().filter_map(|name| split(name, platforms)) {
            platforms.find(Some(platform))?;
        }
        Ok(())
    }

    /// The entries that a target comes to, each with its platform.
    pub(super) fn found(&self, target: Target) -> Result<Vec<Endpoint>> {
        let Inner {
            platforms,
            model,
            names,
            ..
        } = &*self.client.inner;
        let target = names.resolve(target);
        let candidates = resolve(target, model.as_deref(), platforms)?;
        // Collected from results, one entry would take the room of four.
        let mut entries = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let in_file = names.patience(&candidate);
            entries.push(Endpoint {
                platform: platforms.find(candidate.platform.as_deref())?,
                patience: EndpointLimits {
                    timeout: in_file.timeout.filter(|_| !self.own_timeout),
                    retries: in_file.retries.filter(|_| !self.own_retries),
                },
                watch: None,
                candidate,
            });
        }
        Ok(entries)
    }

    /// Refuses what costs money, where nothing may.
    fn only_free(&self, entries: Vec<Endpoint>) -> Result<Vec<Endpoint>> {
        if let Some(free) = &self.client.inner.free {
            for entry in &entries {
                free.check(entry)?;
            }
        }
        Ok(entries)
    }
}

/// What the person said last.
fn question(request: &ChatRequest) -> &str {
    let mut turns = request.messages.iter().rev();
    let said = turns.find(|turn| turn.role == Role::User);
    said.map_or("", |turn| &turn.content)
}
