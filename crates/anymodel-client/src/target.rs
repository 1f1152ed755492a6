//! Target: the model, chain, preference or router that a question is put to.
//!
//! It is the first argument of `client.ask(target, prompt)`. There is one verb for all targets, so everything that can be
//! asked converts into [`Target`]. [`resolve`] turns it into the models to ask, in order.

mod resolve;

pub(crate) use resolve::{NameResolver, resolve, split};

use crate::route::Router;
use anymodel_types::{ModelChoice, Prefer};

/// Target: who may answer a question. A model, a chain, a preference such as the cheapest, or a router.
///
/// ```
/// use anymodel::{Prefer, Target};
///
/// let one: Target = "openai/gpt-4o-mini".into();
/// let chain: Target = ["openai/gpt-4o", "openai/gpt-4o-mini"].into();
/// let free: Target = Prefer::Cheapest.into();
/// let named: Target = Prefer::Cheapest.among(["openai/gpt-4o", "openai/gpt-4o-mini"]).into();
/// # let _ = (one, chain, free, named);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Target {
    /// The model named in the settings (`OPENROUTER_MODEL`).
    #[default]
    Default,
    /// This model and no other. `platform::model` names the platform, too: `zenmux::openai/gpt-4o-mini`. One colon is enough
    /// where no platform and no address was set; where one was, the whole text is the model's name there, such as Ollama's
    /// `qwen:7b`.
    Model(String),
    /// A fallback chain: the first model that answers, in this order. The models may be on different platforms.
    Chain(Vec<String>),
    /// The platform chooses among all its models.
    Prefer(Prefer),
    /// The platform chooses among these models.
    Among(Prefer, Vec<String>),
    /// A router chooses, anew for each question.
    Router(Router),
}

impl From<Prefer> for Target {
    fn from(prefer: Prefer) -> Self {
        Target::Prefer(prefer)
    }
}

impl From<ModelChoice> for Target {
    fn from(choice: ModelChoice) -> Self {
        Target::Among(choice.prefer, choice.among)
    }
}

impl From<&Router> for Target {
    fn from(router: &Router) -> Self {
        Target::Router(router.clone())
    }
}

impl From<Router> for Target {
    fn from(router: Router) -> Self {
        Target::Router(router)
    }
}

impl From<&str> for Target {
    fn from(model: &str) -> Self {
        Target::Model(model.to_owned())
    }
}

impl From<String> for Target {
    fn from(model: String) -> Self {
        Target::Model(model)
    }
}

impl From<&String> for Target {
    fn from(model: &String) -> Self {
        Target::Model(model.clone())
    }
}

impl<S: Into<String>> From<Vec<S>> for Target {
    fn from(models: Vec<S>) -> Self {
        Target::Chain(models.into_iter().map(Into::into).collect())
    }
}

impl<S: Into<String> + Clone> From<&[S]> for Target {
    fn from(models: &[S]) -> Self {
        models.to_vec().into()
    }
}

impl<S: Into<String>, const N: usize> From<[S; N]> for Target {
    fn from(models: [S; N]) -> Self {
        Target::Chain(models.into_iter().map(Into::into).collect())
    }
}

impl<S: Into<String> + Clone, const N: usize> From<&[S; N]> for Target {
    fn from(models: &[S; N]) -> Self {
        models.to_vec().into()
    }
}
