//! OpenRouter's provider preferences: "cheapest", "fastest" and "best", chosen hosts and a highest price.

use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value, json};

use anymodel_types::{ChatRequest, Error, ErrorKind, ModelChoice, Prefer, Result, words};

/// The most models that OpenRouter accepts in one request.
/// Source: its error text "'models' array must have 3 items or fewer.", seen in 2026-03.
const MOST_MODELS: usize = 3;

/// Encodes "cheapest", "fastest" and "best" in the fields that OpenRouter really has.
///
/// `route: "cheapest"`, which some courses send, does not exist. Source: OpenRouter's guides "provider selection", "model
/// fallbacks" and "auto router", read in August 2026.
pub(super) fn choose(body: &mut Map<String, Value>, choice: &ModelChoice) -> Result<()> {
    let sort = match choice.prefer {
        Prefer::Cheapest => Some("price"),
        Prefer::Fastest => Some("throughput"),
        Prefer::Best => None,
    };
    let mut set = |field: &str, value: Value| body.insert(field.to_owned(), value);
    match sort {
        // All endpoints of the named models are sorted in one list: the first one serves.
        Some(by) if !choice.among.is_empty() => {
            if choice.among.len() > MOST_MODELS {
                return Err(Error::new(
                    ErrorKind::InvalidRequest,
                    words::capabilities()
                        .openrouter_chooses_among_at_most(&MOST_MODELS, &choice.among.len()),
                )
                .with_hint(words::capabilities().name_fewer_models()));
            }
            set("models", json!(choice.among));
            set(
                "provider",
                json!({ "sort": { "by": by, "partition": "none" } }),
            );
            body.remove("model");
        }
        // The auto router picks the model; the sort picks the host of that model.
        Some(by) => {
            set("provider", json!({ "sort": by }));
            if choice.prefer == Prefer::Cheapest {
                set(
                    "plugins",
                    json!([{ "id": "auto-router", "cost_tier": "low" }]),
                );
            }
        }
        None => {
            let mut plugin = json!({ "id": "auto-router", "cost_tier": "max" });
            if !choice.among.is_empty() {
                plugin["allowed_models"] = json!(choice.among);
            }
            set("plugins", json!([plugin]));
        }
    }
    Ok(())
}

/// The allowed hosts and the highest price. Source: OpenRouter's guide "provider selection", read in August 2026.
pub(super) fn limit_hosts(body: &mut Map<String, Value>, request: &ChatRequest) {
    let mut limits = Map::new();
    if !request.hosts.is_empty() {
        limits.insert("only".to_owned(), json!(request.hosts));
    }
    if let Some((prompt, completion)) = request.max_price {
        let price = json!({ "prompt": prompt.to_f64(), "completion": completion.to_f64() });
        limits.insert("max_price".to_owned(), price);
    }
    if limits.is_empty() {
        return;
    }
    // The requested sort order is already in this object.
    match body.get_mut("provider").and_then(Value::as_object_mut) {
        Some(provider) => provider.extend(limits),
        None => {
            body.insert("provider".to_owned(), Value::Object(limits));
        }
    }
}
