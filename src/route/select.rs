//! One choice: who is asked, in which order, and why.

use std::fmt;
use std::sync::Arc;

use tokio::time::Instant;

use super::routing_context::RoutingContext;
use super::strategy::Strategy;
use super::{Core, LoadPermit, Router};
use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::trail::Routed;

/// Who is asked, in order, and why.
pub(crate) struct Selection {
    pub models: Vec<Arc<str>>,
    /// The same, by their places in the router.
    pub places: Vec<usize>,
    pub routed: Routed,
}

/// What a router would do with a question.
///
/// It displays as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// Who would be asked: the first, and after it those that follow when it fails.
    pub models: Vec<String>,
    /// The strategy, such as `round robin`.
    pub strategy: String,
    /// Its reason, in words.
    pub because: String,
}

impl Router {
    /// What it would do with this question now. Nothing is sent, and no turn is taken.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when it cannot choose: no models, weights that fit nothing, a strategy of one's own
    /// that names a model which is none of the router's.
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

    /// Chooses without taking a turn.
    pub(crate) fn look(&self, question: &str) -> Result<Selection> {
        let (chosen, _) = self.decide(question, false)?;
        Ok(chosen)
    }

    /// Chooses for a call that is to be made, and keeps a place for it.
    pub(crate) fn choose(&self, question: &str) -> Result<(Selection, Arc<LoadPermit>)> {
        let (chosen, first) = self.decide(question, true)?;
        let memory = Arc::clone(&self.core.memory);
        let seat = LoadPermit::new(memory, first, chosen.routed.clone());
        Ok((chosen, Arc::new(seat)))
    }

    /// The order, and its first. With `sits` the first one is charged with the call.
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
                // A copy, so that the lock is free while somebody else's code runs.
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
    Error::new(ErrorKind::InvalidRequest, "the router has no models").with_hint(
        "name at least one, such as Router::new([\"openai/gpt-4o\", \"openai/gpt-4o-mini\"])",
    )
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let models = self.models.join(" → ");
        write!(f, "{models} ({}: {})", self.strategy, self.because)
    }
}
