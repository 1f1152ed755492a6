//! Catalogue endpoints: `/models` and the paths below it, and `/providers`.

use std::cmp::Reverse;
use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, Query, RawQuery};
use axum::response::{IntoResponse, Response};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::error_response::ErrorResponse;
use anymodel_catalog::model::{Host, Model, Pricing, catalogue};

type QueryParameters = Query<HashMap<String, String>>;

/// `GET /models`
pub(super) async fn models(
    RawQuery(raw): RawQuery,
    Query(asked): QueryParameters,
) -> Result<Response, ErrorResponse> {
    let all = select(&asked)?;
    let total = all.len();
    let number = |key: &str| -> Result<Option<usize>, ErrorResponse> {
        asked
            .get(key)
            .map(|text| text.parse().map_err(|_| not_a_number(key, text)))
            .transpose()
    };
    let (offset, limit) = (number("offset")?, number("limit")?);
    let from = offset.unwrap_or(0);
    let count = match (offset, limit) {
        (None, None) => total,
        (_, limit) => limit.unwrap_or(500).min(1000),
    };
    let next = (from + count < total && count > 0).then(|| {
        // The next page has the same filters.
        let search = raw.as_deref().unwrap_or_default().split('&');
        let mut query: Vec<String> = search
            .filter(|pair| {
                !pair.is_empty() && !pair.starts_with("offset=") && !pair.starts_with("limit=")
            })
            .map(str::to_owned)
            .collect();
        query.push(format!("offset={}", from + count));
        query.push(format!("limit={count}"));
        format!("/api/v1/models?{}", query.join("&"))
    });
    let data: Vec<Value> = all.into_iter().skip(from).take(count).map(row).collect();
    Ok(
        Json(json!({ "data": data, "total_count": total, "links": { "next": next } }))
            .into_response(),
    )
}

/// `GET /models/count`
pub(super) async fn count(Query(asked): QueryParameters) -> Result<Response, ErrorResponse> {
    Ok(Json(json!({ "data": { "count": select(&asked)?.len() } })).into_response())
}

/// `GET /model/{author}/{slug}`
pub(super) async fn model(
    Path((author, slug)): Path<(String, String)>,
) -> Result<Response, ErrorResponse> {
    Ok(Json(json!({ "data": row(named(&author, &slug)?) })).into_response())
}

/// `GET /models/{author}/{slug}/endpoints`
pub(super) async fn endpoints(
    Path((author, slug)): Path<(String, String)>,
) -> Result<Response, ErrorResponse> {
    let model = named(&author, &slug)?;
    let rows: Vec<Value> = model
        .hosts
        .iter()
        .map(|host| endpoint(model, host))
        .collect();
    Ok(Json(json!({ "data": {
        "id": model.id, "name": model.name, "created": model.created, "description": model.description,
        "architecture": architecture(model), "endpoints": rows,
    }}))
    .into_response())
}

/// `GET /providers`
pub(super) async fn providers() -> Json<Value> {
    let rows: Vec<Value> = catalogue()
        .host_operators()
        .map(|provider| {
            json!({
                "name": provider.name, "slug": provider.slug, "headquarters": provider.headquarters,
                "datacenters": null, "privacy_policy_url": provider.site, "terms_of_service_url": provider.site,
                "status_page_url": null,
            })
        })
        .collect();
    Json(json!({ "data": rows }))
}

fn named(author: &str, slug: &str) -> Result<&'static Model, ErrorResponse> {
    let id = format!("{author}/{slug}");
    catalogue().get(&id).ok_or_else(|| {
        let near = catalogue().nearest(&id, 3);
        ErrorResponse::new(404, "not_found", format!("Model {id} not found")).with_availability(
            "model_not_found",
            &[&id],
            json!({ "fallback_models": near }),
        )
    })
}

fn not_a_number(key: &str, text: &str) -> ErrorResponse {
    ErrorResponse::invalid(format!("{key} must be a number, not {text:?}"))
}

/// The models that pass every filter of the query, in its order.
fn select(asked: &HashMap<String, String>) -> Result<Vec<&'static Model>, ErrorResponse> {
    let words = |key: &str| -> Vec<String> {
        let text = asked.get(key).map_or("", String::as_str);
        text.split(',')
            .map(|w| w.trim().to_lowercase())
            .filter(|w| !w.is_empty())
            .collect()
    };
    let amount = |key: &str| -> Result<Option<Decimal>, ErrorResponse> {
        asked
            .get(key)
            .map(|text| text.parse().map_err(|_| not_a_number(key, text)))
            .transpose()
    };
    let search = asked.get("q").map(|q| q.to_lowercase());
    let (parameters, inputs, outputs) = (
        words("supported_parameters"),
        words("input_modalities"),
        words("output_modalities"),
    );
    let (hosts, authors) = (words("providers"), words("model_authors"));
    let (cheapest, dearest, context) = (
        amount("min_price")?,
        amount("max_price")?,
        amount("context")?,
    );
    let any = |wanted: &[String], has: &[String]| {
        wanted.is_empty() || wanted.iter().any(|w| w == "all" || has.contains(w))
    };
    let mut found: Vec<&Model> = catalogue()
        .models()
        .filter(|m| {
            search
                .as_ref()
                .is_none_or(|q| m.id.contains(q.as_str()) || m.name.to_lowercase().contains(q))
        })
        .filter(|m| parameters.iter().all(|p| m.supports(p)))
        .filter(|m| inputs.iter().all(|i| m.input_modalities.contains(i)))
        .filter(|m| any(&outputs, &m.output_modalities))
        .filter(|m| authors.is_empty() || authors.iter().any(|a| a == m.author()))
        .filter(|m| {
            let serves = |h: &Host| {
                hosts
                    .iter()
                    .any(|w| w == h.slug() || *w == h.provider.to_lowercase())
            };
            hosts.is_empty() || m.hosts.iter().any(serves)
        })
        .filter(|m| {
            context.is_none_or(|least| {
                m.context_length
                    .is_some_and(|has| Decimal::from(has) >= least)
            })
        })
        .filter(|m| {
            // Prices in queries are US dollars a million tokens; a router's price is unknown.
            let price = m.pricing.prompt * Decimal::from(1_000_000);
            let asks = cheapest.is_some() || dearest.is_some();
            (!asks || !m.is_router())
                && cheapest.is_none_or(|c| price >= c)
                && dearest.is_none_or(|d| price <= d)
        })
        .collect();
    if let Some(order) = asked.get("sort") {
        sort(&mut found, order)?;
    }
    Ok(found)
}

fn sort(models: &mut [&Model], order: &str) -> Result<(), ErrorResponse> {
    let fastest = |m: &Model| {
        m.hosts
            .iter()
            .map(|h| h.tokens_per_second)
            .max()
            .unwrap_or(0)
    };
    let soonest = |m: &Model| m.hosts.iter().map(|h| h.ttft_ms).min().unwrap_or(u64::MAX);
    match order {
        // The catalogue's own order is the popularity. Scores of intelligence and similar ones are not available here.
        "most-popular"
        | "top-weekly"
        | "intelligence-high-to-low"
        | "coding-high-to-low"
        | "agentic-high-to-low"
        | "design-arena-elo-high-to-low" => {}
        "newest" => models.sort_by_key(|m| Reverse(m.created)),
        "pricing-low-to-high" => models.sort_by_key(|m| m.pricing.blended().max(Decimal::ZERO)),
        "pricing-high-to-low" => models.sort_by_key(|m| Reverse(m.pricing.blended())),
        "context-high-to-low" => models.sort_by_key(|m| Reverse(m.context_length)),
        "throughput-high-to-low" => models.sort_by_key(|m| Reverse(fastest(m))),
        "latency-low-to-high" => models.sort_by_key(|m| soonest(m)),
        other => {
            return Err(ErrorResponse::invalid(format!(
                "sort has no order {other:?}"
            )));
        }
    }
    Ok(())
}

/// One model in OpenRouter's format.
fn row(model: &Model) -> Value {
    json!({
        "id": model.id, "canonical_slug": model.canonical_slug, "name": model.name, "created": model.created,
        "hugging_face_id": null, "description": model.description, "context_length": model.context_length,
        "architecture": architecture(model), "pricing": pricing(&model.pricing),
        "top_provider": {
            "context_length": model.context_length, "max_completion_tokens": model.max_completion_tokens,
            "is_moderated": model.is_moderated,
        },
        "per_request_limits": null, "supported_parameters": model.supported_parameters, "default_parameters": null,
        "supported_voices": null, "knowledge_cutoff": model.knowledge_cutoff, "expiration_date": model.expiration_date,
        "links": { "details": format!("/api/v1/models/{}/endpoints", model.id) },
    })
}

fn architecture(model: &Model) -> Value {
    let (inputs, outputs) = (&model.input_modalities, &model.output_modalities);
    json!({
        "modality": format!("{}->{}", inputs.join("+"), outputs.join("+")),
        "input_modalities": inputs, "output_modalities": outputs,
        "tokenizer": model.tokenizer, "instruct_type": model.instruct_type,
    })
}

/// Prices are JSON strings: US dollars for one token.
fn pricing(pricing: &Pricing) -> Value {
    let text = |price: Decimal| price.normalize().to_string();
    let mut wire = json!({
        "prompt": text(pricing.prompt), "completion": text(pricing.completion), "request": "0", "image": "0",
    });
    if let Some(cached) = pricing.input_cache_read {
        wire["input_cache_read"] = text(cached).into();
    }
    if let Some(written) = pricing.input_cache_write {
        wire["input_cache_write"] = text(written).into();
    }
    if !pricing.overrides.is_empty() {
        let overrides = pricing.overrides.iter().map(|o| {
            json!({ "min_prompt_tokens": o.min_prompt_tokens, "prompt": text(o.prompt), "completion": text(o.completion) })
        });
        wire["overrides"] = overrides.collect();
    }
    wire
}

fn endpoint(model: &Model, host: &Host) -> Value {
    let tools = model.supports_tools();
    json!({
        "name": format!("{} | {}", host.provider, model.id), "model_id": model.id, "model_name": model.name,
        "provider_name": host.provider, "tag": host.tag, "context_length": model.context_length,
        "max_completion_tokens": model.max_completion_tokens, "max_prompt_tokens": null,
        "quantization": host.quantization, "status": 0, "pricing": pricing(model.price_at(host)),
        "supported_parameters": model.supported_parameters, "supports_implicit_caching": false,
        "supports_tool_choice": { "auto": tools, "none": tools, "required": tools, "function": tools },
        "supports_diarization": false, "native_tools": {}, "service_tier": null,
        "uptime_last_5m": null, "uptime_last_30m": null, "uptime_last_1d": null,
        "latency_last_30m": percentiles(host.ttft_ms as f64 / 1000.0, 1.0),
        "throughput_last_30m": percentiles(host.tokens_per_second as f64, -0.5),
    })
}

/// Four percentiles around an invented median; the last is worse by `spread`.
fn percentiles(middle: f64, spread: f64) -> Value {
    let at = |part: f64| ((middle * (1.0 + spread * part)) * 1000.0).round() / 1000.0;
    json!({ "p50": at(0.0), "p75": at(0.2), "p90": at(0.5), "p99": at(1.0) })
}
