//! What a platform or a model cannot do is said before a request goes out, never dropped in silence.

use crate::chat::ChatRequest;
use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::model::{Model, catalogue};
use crate::target::Choice;

/// `who` cannot do what is asked; `hint` says what to do instead.
pub(super) fn cannot(who: &str, what: &str, hint: &str) -> Error {
    Error::new(ErrorKind::InvalidRequest, format!("{who} {what}")).with_hint(hint)
}

/// Refuses a wish that only OpenRouter understands.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] when the platform is to choose the model.
pub(super) fn no_choice(who: &str, choice: Option<&Choice>) -> Result<()> {
    match choice {
        None => Ok(()),
        Some(_) => Err(cannot(
            who,
            "does not choose a model by itself",
            "name a model or a list of models instead of Prefer; OpenRouter knows Prefer",
        )),
    }
}

/// Refuses pictures for a model that is known to read only text, and functions for one that is known to call none.
///
/// `author` is who makes the models of a platform that names them without their maker, such as `deepseek`. A model that the
/// catalogue does not list is asked: it may be able to.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] with the models that can, as far as the catalogue knows.
pub(super) fn check_model(request: &ChatRequest, model: &str, author: Option<&str>) -> Result<()> {
    let pictures = request
        .messages
        .iter()
        .any(|message| !message.images.is_empty());
    if !pictures && request.tools.is_empty() {
        return Ok(());
    }
    let known = catalogue().get(model).or_else(|| {
        let author = author?;
        catalogue().get(&format!("{author}/{model}"))
    });
    let Some(known) = known else { return Ok(()) };
    if pictures && !known.sees() {
        return Err(cannot(
            model,
            "reads no pictures",
            &format!(
                "take the picture out, or ask a model that sees, such as {}",
                others(Model::sees)
            ),
        ));
    }
    if !request.tools.is_empty() && !known.calls_tools() {
        return Err(cannot(
            model,
            "calls no functions",
            &format!(
                "leave the tools out, or ask a model that calls them, such as {}",
                others(Model::calls_tools)
            ),
        ));
    }
    Ok(())
}

/// Two of the catalogue's models that can.
fn others(can: impl Fn(&Model) -> bool) -> String {
    let names: Vec<&str> = catalogue()
        .models()
        .filter(|model| can(model) && !model.is_router())
        .map(|model| model.id.as_str())
        .take(2)
        .collect();
    names.join(" or ")
}
