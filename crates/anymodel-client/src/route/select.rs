//! Model selection: one choice of a router, with its order and its reason.

use std::fmt;
use std::sync::Arc;

use tokio::time::Instant;

use super::routing_context::RoutingContext;
use super::strategy::Strategy;
use super::{Core, LoadPermit, Router};
use anymodel_types::{Error, ErrorKind, Result, Routed, words};

/// Selection: the models to ask, in order, and the reason.
pub(crate) struct Selection {
    pub models: Vec<Arc<str>>,
    /// The same models, by their indices in the router.
    pub places: Vec<usize>,
    pub routed: Routed,
}

/// Route: what a router would do with a question.
///
/// It displays as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// The models that would be asked: the first, and after it its fallbacks.
    pub models: Vec<String>,
    /// The strategy, such as `round robin`.
    pub strategy: String,
    /// Its reason, in words.
    pub because: String,
}

impl Router {
    /// What the router would do with this question now. Nothing is sent, and no turn is used.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when it cannot choose: no models, weights that do not fit, a strategy of the caller
    /// that names a model which the router does not have.
    pub fn explain(&self, question: &str) -> Result<Route> {
        let chosen = self.look(question)?;
        Ok(Route {
            models: chosen
                .models
                .iter()
                .map(|model| model.to_string())
                .collect(),
            strategy: chosen.routed.strategy,
            because: chosen.routed.because,
        })
    }

    /// Chooses without using a turn.
    pub(crate) fn look(&self, question: &str) -> Result<Selection> {
        let (chosen, _) = self.decide(question, false)?;
        Ok(chosen)
    }

    /// Chooses for a call that is to be made, and counts it at the first model.
    pub(crate) fn choose(&self, question: &str) -> Result<(Selection, Arc<LoadPermit>)> {
        let (chosen, first) = self.decide(question, true)?;
        let memory = Arc::clone(&self.core.memory);
        let seat = LoadPermit::new(memory, first, chosen.routed.clone());
        Ok((chosen, Arc::new(seat)))
    }

    /// The order, and its first model. With `sits` the call is counted at that model.
    fn decide(&self, question: &str, sits: bool) -> Result<(Selection, usize)> {
        let Core {
            models,
            strategy,
            fallbacks,
            ..
        } = &*self.core;
        strategy.check(models.len())?;
        let most = fallbacks.saturating_add(1).min(models.len());
        let (places, because) = match strategy {
            Strategy::Own(own) => {
                // A copy, so that the lock is free while the caller's strategy runs.
                let now = self.memory().snapshot();
                let pick = own(&RoutingContext::new(question, &now));
                let mut memory = self.memory();
                memory.restore(now);
                let order = pick.order(models, &memory.available(Instant::now()), most)?;
                if let (true, Some(first)) = (sits, order.0.first()) {
                    memory.choose(*first);
                }
                order
            }
            _ => {
                let mut memory = self.memory();
                let order = strategy.order(&mut memory, most, Instant::now());
                if let (true, Some(first)) = (sits, order.0.first()) {
                    memory.choose(*first);
                }
                order
            }
        };
        let Some(first) = places.first().copied() else {
            return Err(no_models());
        };
        let chosen = Selection {
            models: places
                .iter()
                .filter_map(|place| models.get(*place).cloned())
                .collect(),
            places,
            routed: Routed {
                strategy: self.strategy().to_owned(),
                because,
            },
        };
        Ok((chosen, first))
    }
}

pub(super) fn no_models() -> Error {
    Error::new(
        ErrorKind::InvalidRequest,
        words::routes().router_has_no_models(),
    )
    .with_hint(words::routes().name_at_least_one())
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let models = self.models.join(" → ");
        write!(f, "{models} ({}: {})", self.strategy, self.because)
    }
}
