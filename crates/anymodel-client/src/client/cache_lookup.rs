//! Cache look-up around a call: looks for a kept answer before it, keeps the answer after it.
//!
//! A client without a cache takes none of these steps.

use std::time::{Duration, Instant};

use super::Chat;
use crate::call::{Endpoint, Limits};
use crate::route::Router;
use anymodel_cache::{BypassReason, CacheScope, FlightGuard, Lookup, Question};
use anymodel_types::{ChatRequest, Error, Reply, Result};

/// A call waits for another call's answer to the same question for at most this fraction of its time: a half.
const SHARE: u32 = 2;
/// How long a call waits until its answer is in the file. After that the answer is written all the same.
const FOR_THE_FILE: Duration = Duration::from_millis(200);

/// The result of a look-up.
pub(super) enum CacheLookup {
    Hit(Box<Reply>),
    Miss(CacheMiss),
}

/// A request that has to be sent, and what to do with its answer.
pub(super) struct CacheMiss {
    flight: FlightGuard,
    /// `None` for a client without a cache.
    meta: Option<Box<LookupMeta>>,
}

/// What a look-up has to know of its call.
struct LookupMeta {
    began: Instant,
    /// The time of the whole call.
    call: Duration,
    /// Platform and model of the endpoint whose answer is wanted; the others are fallbacks. `None` with a router, which
    /// prefers none of its models.
    first: Option<(String, String)>,
}

impl CacheMiss {
    /// There is no cache: the request is sent, and its answer is not kept.
    pub fn uncached() -> Self {
        CacheMiss {
            flight: FlightGuard::none(),
            meta: None,
        }
    }

    /// The limits with what is left of the time. Without a deadline there is no limit: an answer that keeps coming is not
    /// cut off, however long the call waited for another one.
    pub fn limits(&self, mut limits: Limits) -> Limits {
        if let Some(meta) = &self.meta {
            let left = |_| meta.call.saturating_sub(meta.began.elapsed());
            limits.deadline = limits.deadline.map(left);
        }
        limits
    }

    /// Reports the result; the time that was waited counts, too. The future ends when the file of answers is written.
    pub fn complete(
        self,
        result: std::result::Result<&mut Reply, &mut Error>,
    ) -> impl Future<Output = ()> + Send + use<> {
        let mut stands_in = false;
        let result = match result {
            Ok(reply) => {
                if let Some(meta) = &self.meta {
                    reply.latency = meta.began.elapsed();
                    stands_in = meta.is_stand_in(reply);
                }
                Ok(&*reply)
            }
            Err(error) => Err(&*error),
        };
        let writing = self.flight.complete(result, stands_in);
        async move {
            if let Some(writing) = writing {
                // It fails only when the runtime ends.
                let _ = tokio::time::timeout(FOR_THE_FILE, writing).await;
            }
        }
    }
}

impl LookupMeta {
    fn is_stand_in(&self, reply: &Reply) -> bool {
        match (&self.first, reply.trail.last()) {
            (Some((platform, model)), Some(last)) => {
                *platform != last.platform || *model != last.model_asked
            }
            _ => false,
        }
    }
}

impl Chat {
    /// Looks for the answer to a request of this question.
    ///
    /// # Errors
    /// When another call sent the same request and failed in a way that this call would share.
    pub(super) async fn look_up(
        &self,
        request: &ChatRequest,
        endpoints: &[Endpoint],
    ) -> Result<CacheLookup> {
        let Some(cache) = &self.client.cache else {
            return Ok(CacheLookup::Miss(CacheMiss::uncached()));
        };
        let meta = self.meta(endpoints);
        let all = self.all()?;
        let scope = scope(all.as_deref().unwrap_or(endpoints));
        let question = self.question(request, &scope, meta.call);
        // Boxed so that the future of every call stays small: only caches need this part.
        match Box::pin(cache.lookup(question)).await {
            Lookup::Hit(reply) => Ok(CacheLookup::Hit(reply)),
            Lookup::Failed(error) => Err(error),
            Lookup::Miss(flight) => Ok(CacheLookup::Miss(CacheMiss {
                flight,
                meta: Some(Box::new(meta)),
            })),
        }
    }

    /// Sends the request although an answer is kept; the new answer replaces it.
    ///
    /// # Errors
    /// As [`look_up`](Self::look_up).
    pub(super) fn refresh(
        &self,
        request: &ChatRequest,
        endpoints: &[Endpoint],
    ) -> Result<CacheMiss> {
        let Some(cache) = &self.client.cache else {
            return Ok(CacheMiss::uncached());
        };
        let meta = self.meta(endpoints);
        let all = self.all()?;
        let scope = scope(all.as_deref().unwrap_or(endpoints));
        let flight = cache.refresh(&self.question(request, &scope, meta.call));
        Ok(CacheMiss {
            flight,
            meta: Some(Box::new(meta)),
        })
    }

    /// All models of a router: any of them may have given the kept answer.
    fn all(&self) -> Result<Option<Vec<Endpoint>>> {
        match self.router() {
            Some(router) => Ok(Some(self.found(router.into())?)),
            None => Ok(None),
        }
    }

    fn meta(&self, endpoints: &[Endpoint]) -> LookupMeta {
        let first = match self.router() {
            Some(_) => None,
            None => endpoints.first(),
        };
        let named = |endpoint: &Endpoint| {
            let Endpoint {
                platform,
                candidate,
                ..
            } = endpoint;
            (platform.name.to_string(), candidate.model.to_string())
        };
        let patience = endpoints.iter().map(|endpoint| endpoint.patience);
        LookupMeta {
            began: Instant::now(),
            call: self.limits.with_longest_timeout(patience).call(),
            first: first.map(named),
        }
    }

    fn question<'a>(
        &self,
        request: &'a ChatRequest,
        scope: &'a [CacheScope<'a>],
        call: Duration,
    ) -> Question<'a> {
        let bypass = match (self.no_cache, self.functions.is_empty()) {
            (true, _) => Some(BypassReason::OptedOut),
            (_, false) => Some(BypassReason::Functions),
            _ => None,
        };
        Question {
            request,
            scope,
            strategy: self.router().map(Router::strategy),
            bypass,
            patience: call / SHARE,
        }
    }
}

fn scope(endpoints: &[Endpoint]) -> Vec<CacheScope<'_>> {
    let mut scope = Vec::with_capacity(endpoints.len());
    for endpoint in endpoints {
        scope.push(CacheScope {
            platform: &endpoint.platform.name,
            base_url: &endpoint.platform.base_url,
            candidate: &endpoint.candidate,
        });
    }
    scope
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_for_an_answer_without_waiting_shortens_no_timeout() {
        let asked = CacheMiss {
            flight: FlightGuard::none(),
            meta: Some(Box::new(LookupMeta {
                began: Instant::now(),
                call: Duration::from_secs(240),
                first: None,
            })),
        };
        let usual = Limits::default();
        assert_eq!(usual.deadline, None);
        assert_eq!(asked.limits(usual).deadline, None);
        let deadline = Some(Duration::from_secs(240));
        let given = asked.limits(Limits { deadline, ..usual });
        assert!(given.deadline <= deadline && given.deadline > Some(Duration::from_secs(230)));
    }
}
