//! Capability check: a request for a feature that the platform or the model lacks is refused before it is sent.

use crate::PlatformRequest;
use anymodel_catalog::model::{Model, catalogue};
use anymodel_types::{ChatRequest, Error, ErrorKind, Reasoning, Result, words};

/// The error: `who` does not support `what`; `hint` says what to do instead.
pub(super) fn unsupported(who: &str, what: &str, hint: &str) -> Error {
    Error::new(ErrorKind::InvalidRequest, format!("{who} {what}")).with_hint(hint)
}

/// Refuses options that only OpenRouter has: the platform chooses the model, or its host.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] when such an option is set.
pub(super) fn no_choice(who: &str, ask: &PlatformRequest<'_>) -> Result<()> {
    if ask.choice.is_some() {
        return Err(unsupported(
            who,
            words::capabilities().does_not_choose_a_model_by_itself(),
            words::capabilities().name_a_model_or_a_list_of_models(),
        ));
    }
    if !ask.request.hosts.is_empty() || ask.request.max_price.is_some() {
        return Err(unsupported(
            who,
            words::capabilities().does_not_choose_among_hosts(),
            words::capabilities().leave_hosts_and_max_price_out(),
        ));
    }
    Ok(())
}

/// The first so many features are basic abilities of a model.
const FIRM: usize = 2;
/// The features in all.
const FEATURES: usize = 8;

/// A requested feature, whether the model has it, its name in the message, and what to leave out.
type RequestedFeature = (bool, fn(&Model) -> bool, &'static str, &'static str);

/// Refuses features that the catalogue says a model lacks: images, tools, reasoning, and rarer settings.
///
/// `author` is the maker of all models of a platform that names them without their maker, such as `deepseek`. A model that
/// is not in the catalogue passes: it may have the feature. Temperature and length of the answer are not checked: clients
/// and environments set them for all models alike.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] with models that have the feature, as far as the catalogue knows.
pub(super) fn check_model(request: &ChatRequest, model: &str, author: Option<&str>) -> Result<()> {
    check_features(request, model, author, FEATURES)
}

/// As [`check_model`], of basic abilities alone, such as reading images: a request that is passed through is refused for
/// nothing rarer, because the platform itself may know better.
///
/// # Errors
/// As [`check_model`].
pub(super) fn check_abilities(
    request: &ChatRequest,
    model: &str,
    author: Option<&str>,
) -> Result<()> {
    check_features(request, model, author, FIRM)
}

fn check_features(
    request: &ChatRequest,
    model: &str,
    author: Option<&str>,
    most: usize,
) -> Result<()> {
    let wishes = wishes(request);
    if wishes.iter().all(|(wished, ..)| !wished) {
        return Ok(());
    }
    let named = catalogue().get(model);
    let known = named.or_else(|| {
        let author = author?;
        catalogue().get(&format!("{author}/{model}"))
    });
    let Some(known) = known.filter(|known| !known.is_router()) else {
        return Ok(());
    };
    // Short names such as `deepseek-chat` move on to newer models. Whether those reason, or support a rarer setting, only
    // the platform knows.
    let firm = if named.is_some() { most } else { FIRM };
    for (wished, can, what, leave) in wishes.into_iter().take(firm) {
        if wished && !can(known) {
            let hint =
                words::capabilities().leave_it_out_or_ask_a_model_that_can(&leave, &others(can));
            return Err(unsupported(model, what, &hint));
        }
    }
    Ok(())
}

fn wishes(request: &ChatRequest) -> [RequestedFeature; FEATURES] {
    let pictures = request
        .messages
        .iter()
        .any(|message| !message.images.is_empty());
    let thinks = !matches!(request.reasoning, None | Some(Reasoning::Off));
    [
        (
            pictures,
            Model::accepts_images,
            words::capabilities().reads_no_pictures(),
            words::capabilities().the_picture(),
        ),
        (
            !request.tools.is_empty(),
            Model::supports_tools,
            words::capabilities().calls_no_functions(),
            words::capabilities().the_tools(),
        ),
        (
            thinks,
            Model::supports_reasoning,
            words::capabilities().does_not_think_before_it_answers(),
            "reasoning",
        ),
        (
            !request.stop.is_empty(),
            |model| model.supports("stop"),
            words::capabilities().takes_no_texts_at_which_to_stop(),
            "stop",
        ),
        (
            request.seed.is_some(),
            |model| model.supports("seed"),
            words::capabilities().takes_no_seed(),
            words::capabilities().the_seed(),
        ),
        (
            request.top_p.is_some(),
            |model| model.supports("top_p"),
            words::capabilities().takes_no_top_p(),
            "top_p",
        ),
        (
            request.presence_penalty.is_some(),
            |model| model.supports("presence_penalty"),
            words::capabilities().takes_no_presence_penalty(),
            words::capabilities().the_penalty(),
        ),
        (
            request.frequency_penalty.is_some(),
            |model| model.supports("frequency_penalty"),
            words::capabilities().takes_no_frequency_penalty(),
            words::capabilities().the_penalty(),
        ),
    ]
}

/// Two models of the catalogue that have the feature.
fn others(can: impl Fn(&Model) -> bool) -> String {
    let names: Vec<&str> = catalogue()
        .models()
        .filter(|model| can(model) && !model.is_router())
        .map(|model| model.id.as_str())
        .take(2)
        .collect();
    names.join(" or ")
}
