//! Routing context and routing decision: input and output of a strategy that the caller defines.

use std::sync::Arc;

use super::RouteStatistics;
use anymodel_types::{Error, ErrorKind, Result, words};

/// Routing context: the question and the statistics that a strategy chooses by.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RoutingContext<'a> {
    /// The last message of the user; empty without one.
    pub question: &'a str,
    /// Statistics of each model, in the order in which they were named.
    pub models: &'a [RouteStatistics],
}

impl<'a> RoutingContext<'a> {
    /// A context of this question and these models.
    pub fn new(question: &'a str, models: &'a [RouteStatistics]) -> Self {
        RoutingContext { question, models }
    }
}

/// Routing decision: the models that a strategy chose, and its reason.
///
/// A model's name or its index is enough; `RoutingDecision::of(name).reason(words)` gives the reason, too.
#[derive(Clone, Debug)]
pub struct RoutingDecision {
    order: Vec<ModelRef>,
    because: Option<String>,
}

#[derive(Clone, Debug)]
enum ModelRef {
    Named(Arc<str>),
    At(usize),
}

impl RoutingDecision {
    /// The model of this name.
    pub fn of(model: impl AsRef<str>) -> Self {
        RoutingDecision::first(ModelRef::Named(model.as_ref().trim().into()))
    }

    /// The model at this index of [`RoutingContext::models`], counted from 0.
    pub fn at(place: usize) -> Self {
        RoutingDecision::first(ModelRef::At(place))
    }

    /// The next model to ask, when the ones before cannot answer.
    #[must_use]
    pub fn then(mut self, model: impl AsRef<str>) -> Self {
        self.order
            .push(ModelRef::Named(model.as_ref().trim().into()));
        self
    }

    /// The reason, for people to read.
    #[must_use]
    pub fn reason(mut self, words: impl Into<String>) -> Self {
        self.because = Some(words.into());
        self
    }

    fn first(who: ModelRef) -> Self {
        RoutingDecision {
            order: vec![who],
            because: None,
        }
    }

    /// The indices of at most `most` models: those chosen, then the others as they were named, `awake` ones first.
    pub(super) fn order(
        self,
        models: &[Arc<str>],
        awake: &[bool],
        most: usize,
    ) -> Result<(Vec<usize>, String)> {
        let mut places = Vec::with_capacity(most);
        for who in &self.order {
            let place = who.place(models)?;
            if !places.contains(&place) {
                places.push(place);
            }
        }
        for wanted in [true, false] {
            let others = awake.iter().enumerate().filter(|(_, is)| **is == wanted);
            for (place, _) in others {
                if places.len() < most && !places.contains(&place) {
                    places.push(place);
                }
            }
        }
        places.truncate(most);
        let because = self
            .because
            .unwrap_or_else(|| words::routes().its_own_choice().to_owned());
        Ok((places, because))
    }
}

impl ModelRef {
    fn place(&self, models: &[Arc<str>]) -> Result<usize> {
        let found = match self {
            ModelRef::Named(name) => models.iter().position(|model| model == name),
            ModelRef::At(place) => Some(*place).filter(|place| *place < models.len()),
        };
        found.ok_or_else(|| {
            let chosen = match self {
                ModelRef::Named(name) => format!("{name:?}"),
                ModelRef::At(place) => words::routes().model_at_place(&place),
            };
            Error::new(
                ErrorKind::InvalidRequest,
                words::routes().strategy_chose(&chosen),
            )
            .with_hint(words::routes().its_models(&models.join(", ")))
        })
    }
}

impl From<usize> for RoutingDecision {
    fn from(place: usize) -> Self {
        RoutingDecision::at(place)
    }
}

impl From<&str> for RoutingDecision {
    fn from(model: &str) -> Self {
        RoutingDecision::of(model)
    }
}

impl From<String> for RoutingDecision {
    fn from(model: String) -> Self {
        RoutingDecision::of(model)
    }
}

impl From<Arc<str>> for RoutingDecision {
    fn from(model: Arc<str>) -> Self {
        RoutingDecision::of(model)
    }
}
