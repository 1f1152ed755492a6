//! Our request → the JSON that goes out.

use serde::Serialize;
use serde_json::{Value, json};

use super::Dialect;
use crate::chat::{ChatRequest, Message};
use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::target::{Candidate, Choice, Prefer};

/// The most models that OpenRouter takes in one request.
/// Source: its error text "'models' array must have 3 items or fewer.", seen in 2026-03.
const MOST_MODELS: usize = 3;

#[derive(Serialize)]
pub(crate) struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    models: &'a [String],
    messages: &'a [Message],
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plugins: Option<Value>,
    /// Always said: with its `byot` methods async-openai no longer sets it.
    stream: bool,
}

/// Writes one request for one candidate.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] when the platform cannot do what the target asks.
pub(crate) fn encode<'a>(
    request: &'a ChatRequest,
    candidate: &'a Candidate,
    dialect: Dialect,
) -> Result<Body<'a>> {
    let native = dialect == Dialect::OpenRouter;
    let mut body = Body {
        model: Some(&candidate.model),
        models: &[],
        messages: &request.messages,
        temperature: request.temperature,
        max_tokens: request.max_tokens,
        reasoning: (native && request.disable_thinking).then(|| json!({ "effort": "none" })),
        provider: None,
        plugins: None,
        stream: false,
    };
    if let Some(choice) = &candidate.choice {
        if !native {
            return Err(Error::new(
                ErrorKind::InvalidRequest,
                "this platform does not choose a model by itself",
            )
            .with_hint("name a model or a list of models instead of Prefer"));
        }
        choose(&mut body, choice)?;
    }
    Ok(body)
}

/// Says "cheapest", "fastest" and "best" in the words that OpenRouter really knows.
///
/// `route: "cheapest"`, which some courses send, is none of them. Source: OpenRouter's guides "provider selection",
/// "model fallbacks" and "auto router", read in August 2026.
fn choose<'a>(body: &mut Body<'a>, choice: &'a Choice) -> Result<()> {
    let sort = match choice.prefer {
        Prefer::Cheapest => Some("price"),
        Prefer::Fastest => Some("throughput"),
        Prefer::Best => None,
    };
    match sort {
        // Every endpoint of the few named models stands in one list, sorted: the first one serves.
        Some(by) if !choice.among.is_empty() => {
            if choice.among.len() > MOST_MODELS {
                return Err(Error::new(
                    ErrorKind::InvalidRequest,
                    format!(
                        "OpenRouter chooses among at most {MOST_MODELS} named models, and {} were named",
                        choice.among.len()
                    ),
                )
                .with_hint("name fewer models, or none: Prefer alone lets it choose among all"));
            }
            body.model = None;
            body.models = &choice.among;
            body.provider = Some(json!({ "sort": { "by": by, "partition": "none" } }));
        }
        // The auto router picks the model; the sort picks the host of that model.
        Some(by) => {
            body.provider = Some(json!({ "sort": by }));
            if choice.prefer == Prefer::Cheapest {
                body.plugins = Some(json!([{ "id": "auto-router", "cost_tier": "low" }]));
            }
        }
        None => {
            let mut plugin = json!({ "id": "auto-router", "cost_tier": "max" });
            if !choice.among.is_empty() {
                plugin["allowed_models"] = json!(choice.among);
            }
            body.plugins = Some(json!([plugin]));
        }
    }
    Ok(())
}
