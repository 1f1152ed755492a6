//! Target resolution: turns a target into candidates, the models to ask in order.

use super::Target;
use anymodel_types::{Candidate, Error, ErrorKind, ModelChoice, Result, words};

/// The name of OpenRouter's own router.
const AUTO: &str = "openrouter/auto";

/// Lists the candidates of a target, first choice first. A name may begin with its platform, as [`split`] says.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] when the target names no model, [`ErrorKind::Config`] when it means the default model and
/// none is set.
pub(crate) fn resolve(
    target: Target,
    default_model: Option<&str>,
    names: &impl NameResolver,
) -> Result<Vec<Candidate>> {
    let mut candidates = candidates(target, default_model)?;
    for candidate in &mut candidates {
        if let Some((platform, model)) = split(&candidate.model, names) {
            candidate.platform = Some(platform.to_owned());
            candidate.model = model.to_owned();
        }
    }
    Ok(candidates)
}

/// Name resolver: what a client knows of the names that its targets may hold.
pub(crate) trait NameResolver {
    /// Whether a platform has this name.
    fn is_platform(&self, name: &str) -> bool;

    /// Whether the caller set a platform or an address.
    fn is_placed(&self) -> bool;
}

/// Splits a platform from its model.
///
/// `platform::model` always names a platform. One colon does so only where the caller set no platform and no address:
/// models have colons in their names, and Ollama's `qwen:7b` must never become a question to the platform `qwen`, with
/// its key.
pub(crate) fn split<'n>(name: &'n str, names: &impl NameResolver) -> Option<(&'n str, &'n str)> {
    let some = |platform: &'n str, model: &'n str| {
        let model = model.trim();
        (!model.is_empty()).then_some((platform.trim(), model))
    };
    let is_word = |name: &str| {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !name.is_empty() && name.chars().all(is_letter)
    };
    if let Some((platform, model)) = name.split_once("::")
        && (names.is_platform(platform) || is_word(platform))
    {
        return some(platform, model);
    }
    let (platform, model) = name.split_once(':')?;
    let names_one = !names.is_placed() && names.is_platform(platform);
    names_one.then(|| some(platform, model)).flatten()
}

fn candidates(target: Target, default_model: Option<&str>) -> Result<Vec<Candidate>> {
    match target {
        Target::Default => match default_model {
            Some(model) => one(model.to_owned()),
            None => Err(Error::new(
                ErrorKind::Config,
                words::targets().no_default_model_is_set(),
            )
            .with_hint(words::targets().name_a_model_in_the_call())),
        },
        Target::Model(model) => one(model),
        Target::Chain(models) => {
            let models = checked(models)?;
            Ok(models.into_iter().map(Candidate::model).collect())
        }
        // All its models: the router has chosen before, in the call.
        Target::Router(router) => {
            let models = checked(router.models().map(str::to_owned).collect())?;
            Ok(models.into_iter().map(Candidate::model).collect())
        }
        Target::Prefer(prefer) => Ok(vec![Candidate::choice(
            AUTO,
            ModelChoice {
                prefer,
                among: Vec::new(),
            },
        )]),
        Target::Among(prefer, models) => {
            let among = checked(models)?;
            Ok(vec![Candidate::choice(AUTO, ModelChoice { prefer, among })])
        }
    }
}

fn one(model: String) -> Result<Vec<Candidate>> {
    let models = checked(vec![model])?;
    Ok(models.into_iter().map(Candidate::model).collect())
}

fn checked(models: Vec<String>) -> Result<Vec<String>> {
    if models.is_empty() {
        return Err(Error::new(
            ErrorKind::InvalidRequest,
            words::targets().list_of_models_is_empty(),
        )
        .with_hint(words::targets().name_at_least_one_model()));
    }
    models
        .into_iter()
        .enumerate()
        .map(|(place, model)| match model.trim() {
            "" => Err(Error::new(
                ErrorKind::InvalidRequest,
                words::targets().model_of_the_target_has_an_empty_name(&(place + 1)),
            )
            .with_hint(words::targets().names_look_like_provider_model())),
            trimmed => Ok(trimmed.to_owned()),
        })
        .collect()
}
