//! Test call that costs nothing: the choice of the model, and the result.

use std::time::Duration;

use anymodel::model::catalogue;
use anymodel::{ClientBuilder, Error, ErrorKind, Protocol, Settings};

use super::network;
use super::place::ConfiguredPlatform;
use super::report::Finding;

/// A question that costs a few tokens.
const QUESTION: &str = "Answer with the one word: ready";
const ANSWER: u32 = 64;
/// The timeout. Free models are sometimes slow.
const PATIENCE: Duration = Duration::from_secs(25);

/// A free model of the platform: one on this machine, or one of OpenRouter's `:free` models.
pub async fn free_model(
    http: &reqwest::Client,
    place: &ConfiguredPlatform,
    settings: &Settings,
) -> Option<(String, &'static str)> {
    let speaks_openrouter = place.protocol == Protocol::OpenRouter;
    if !speaks_openrouter && !place.is_local() {
        return None;
    }
    let list = network::get(http, place, &place.models_url()).await.ok();
    let list = list.filter(|list| (200..300).contains(&list.status));
    let rows = list
        .and_then(|list| list.body["data"].as_array().cloned())
        .unwrap_or_default();
    let ids: Vec<&str> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
    if !speaks_openrouter {
        let own = settings
            .model
            .as_deref()
            .filter(|model| ids.contains(model));
        return Some((own.or(ids.first().copied())?.to_owned(), "on this machine"));
    }
    // A model in the catalogue is known to return text; a list may also hold models that generate images.
    let known = |id: &&str| {
        catalogue()
            .get(id)
            .is_some_and(|model| model.id.ends_with(":free"))
    };
    let free = |id: &&str| id.ends_with(":free");
    let listed = ids
        .iter()
        .copied()
        .find(known)
        .or_else(|| ids.iter().copied().find(free));
    let listed = listed.map(str::to_owned);
    let model = listed.or_else(|| catalogue_free().map(str::to_owned))?;
    Some((model, "free"))
}

/// A free model from the catalogue that answers without long reasoning.
pub fn catalogue_free() -> Option<&'static str> {
    let mut models = catalogue().models();
    let found = models.find(|model| model.id.ends_with(":free") && !model.supports_reasoning())?;
    Some(found.id.as_str())
}

/// Asks one small question.
pub async fn call(settings: &Settings, model: &str, kind: &str) -> Finding {
    const NAME: &str = "call";
    let asked = async {
        let client = ClientBuilder::from(settings.clone()).or_sandbox().build()?;
        let chat = client.chat(model).user(QUESTION).max_tokens(ANSWER);
        chat.timeout(PATIENCE).deadline(PATIENCE).send().await
    };
    match asked.await {
        Ok(reply) => Finding::good(
            NAME,
            format!(
                "{} answers in {} ms ({kind})",
                reply.model,
                reply.latency.as_millis()
            ),
        ),
        Err(error) => failed(model, &error),
    }
}

fn failed(model: &str, error: &Error) -> Finding {
    let what = format!("{model}: {error}");
    let hint = match error.kind() {
        ErrorKind::RateLimited => {
            "the limit of the model or of the key is reached: wait, or --model another one"
                .to_owned()
        }
        _ => error.hint().unwrap_or("try again in a while").to_owned(),
    };
    Finding::bad("call", what, hint)
}
