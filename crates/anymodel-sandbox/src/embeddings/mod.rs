//! Embeddings: `POST /embeddings` and `GET /embeddings/models`, as OpenRouter has them.
//!
//! - `request`: the fields of a request
//! - `vector`: the numbers, computed from the words of a text
//! - this file: the models and the answers

mod request;
mod vector;

use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::account::{self, now};
use super::chat::{Incoming, only_delay};
use super::error_response::ErrorResponse;
use super::faults;
use super::generation_record::timestamp;
use super::host_selection::{json_number, unknown_fault};
use super::send::set;
use super::sse_writer::pause;
use request::EmbeddingsRequest;

/// An embedding model.
struct EmbeddingModel {
    id: &'static str,
    name: &'static str,
    created: u64,
    /// The length of a vector.
    dimensions: usize,
    /// The most tokens of one text.
    context: u64,
    /// US dollars for a hundred million tokens.
    price: i64,
}

const MODELS: [EmbeddingModel; 2] = [
    EmbeddingModel {
        id: "openai/text-embedding-3-small",
        name: "OpenAI: Text Embedding 3 Small",
        created: 1_761_856_000,
        dimensions: 1536,
        context: 8192,
        price: 2,
    },
    EmbeddingModel {
        id: "openai/text-embedding-3-large",
        name: "OpenAI: Text Embedding 3 Large",
        created: 1_761_856_000,
        dimensions: 3072,
        context: 8192,
        price: 13,
    },
];

/// The time that a model needs.
const DURATION: Duration = Duration::from_millis(80);

impl EmbeddingModel {
    fn find(name: &str) -> Result<&'static Self, ErrorResponse> {
        MODELS.iter().find(|model| model.id == name).ok_or_else(|| {
            let ids = MODELS.map(|model| model.id);
            ErrorResponse::invalid(format!("{name} is not a valid embedding model ID"))
                .with_availability(
                    "model_not_found",
                    &[name],
                    json!({ "fallback_models": ids }),
                )
        })
    }

    /// US dollars for one token.
    fn price(&self) -> Decimal {
        Decimal::new(self.price, 8)
    }
}

/// `GET /embeddings/models`
pub(super) async fn models() -> Json<Value> {
    let rows = MODELS.iter().map(|model| {
        let price = model.price().normalize().to_string();
        json!({
            "id": model.id, "canonical_slug": model.id, "name": model.name, "created": model.created,
            "description": "Vectors of texts.", "context_length": model.context,
            "architecture": {
                "modality": "text->embeddings", "input_modalities": ["text"], "output_modalities": ["embeddings"],
                "tokenizer": "GPT", "instruct_type": null,
            },
            "pricing": { "prompt": price, "completion": "0", "request": "0", "image": "0" },
            "top_provider": { "context_length": model.context, "max_completion_tokens": null, "is_moderated": false },
            "per_request_limits": null, "supported_parameters": [],
        })
    });
    Json(json!({ "data": rows.collect::<Vec<_>>() }))
}

/// `POST /embeddings`
///
/// The faults that refuse, delay or break work here, too. Those that bend the content of a chat do not: such a model
/// answers like the first one.
pub(super) async fn embeddings(incoming: Incoming) -> Result<Response, ErrorResponse> {
    let key = account::caller(&incoming.headers)?;
    let request = EmbeddingsRequest::read(incoming.bytes()?)?;
    let model = match request.model.strip_prefix("sandbox/") {
        Some(name) => {
            let fault = faults::find(name).ok_or_else(|| unknown_fault(&request.model, name))?;
            only_delay(&incoming, &key, fault).await?;
            &MODELS[0]
        }
        None => EmbeddingModel::find(&request.model)?,
    };
    let length = request.vector_length(model.dimensions)?;
    let tokens = request.tokens(model.context)?;
    pause(DURATION, incoming.shared.time_scale).await;
    let data: Vec<Value> = request
        .inputs
        .iter()
        .enumerate()
        .map(|(index, input)| {
            let vector = vector::unit(&input.features(), length);
            let embedding = match request.base64 {
                true => json!(base64(&vector)),
                false => json!(vector),
            };
            json!({ "object": "embedding", "index": index, "embedding": embedding })
        })
        .collect();
    let cost = model.price() * Decimal::from(tokens);
    let mut ledger = incoming.shared.ledger();
    let id = ledger.next_id();
    ledger.book(&key, cost, generation(&id, &request.model, tokens, cost));
    drop(ledger);
    let body = json!({
        "object": "list", "id": id, "model": request.model, "provider": "OpenAI", "data": data,
        "usage": { "prompt_tokens": tokens, "total_tokens": tokens, "cost": json_number(cost) },
    });
    let mut response = Json(body).into_response();
    set(&mut response, "x-generation-id", &id);
    Ok(response)
}

/// A vector as OpenAI's clients ask for it: 32-bit floats, little-endian, in Base64.
fn base64(vector: &[f32]) -> String {
    let bytes: Vec<u8> = vector
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    STANDARD.encode(bytes)
}

/// The record of an answer for `/generation`.
fn generation(id: &str, model: &str, tokens: u64, cost: Decimal) -> Value {
    let cost = json_number(cost);
    json!({
        "id": id, "model": model, "provider_name": "OpenAI", "api_type": "embeddings",
        "created_at": timestamp(now().as_secs()), "total_cost": cost, "usage": cost,
        "tokens_prompt": tokens, "tokens_completion": 0,
        "native_tokens_prompt": tokens, "native_tokens_completion": 0,
        "streamed": false, "cancelled": false, "is_byok": false,
    })
}
