//! Candidate: one model that a single HTTP request asks for, or the preference by which the platform chooses it.

/// Preference: what the platform chooses a model by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Prefer {
    /// The lowest price.
    Cheapest,
    /// The most tokens a second.
    Fastest,
    /// The best answer, whatever it costs.
    Best,
}

impl Prefer {
    /// Limits the choice to these models.
    pub fn among<S: Into<String>>(self, models: impl IntoIterator<Item = S>) -> ModelChoice {
        ModelChoice {
            prefer: self,
            among: models.into_iter().map(Into::into).collect(),
        }
    }
}

/// Candidate: one model of a target, with its platform. A single HTTP request asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The platform, when it is not the client's own.
    pub platform: Option<String>,
    /// The model named in the request.
    pub model: String,
    /// Set when the platform chooses the model.
    pub choice: Option<ModelChoice>,
}

/// Model choice: the platform chooses among these models. Made by [`Prefer::among`]; a `Target` like any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelChoice {
    /// By what.
    pub prefer: Prefer,
    /// The models to choose among; empty means all.
    pub among: Vec<String>,
}

impl Candidate {
    /// The model of this name.
    pub fn model(model: String) -> Self {
        Candidate {
            platform: None,
            model,
            choice: None,
        }
    }

    /// A model that the platform chooses; `model` is the name of its router.
    pub fn choice(model: &str, choice: ModelChoice) -> Self {
        Candidate {
            platform: None,
            model: model.to_owned(),
            choice: Some(choice),
        }
    }
}
