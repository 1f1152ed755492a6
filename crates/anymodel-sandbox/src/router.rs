//! Model routers: `openrouter/auto` and `openrouter/free`, which choose a model for each request.
//!
//! OpenRouter's auto router reads the question. The sandbox's does not: it uses the cost tier and the sort order of the
//! request and the catalogue's prices, so that its choice can be checked by hand.

use rust_decimal::Decimal;
use serde_json::json;

use super::error_response::ErrorResponse;
use super::host_selection::price;
use super::hosts::{HostOrder, lacks};
use super::request::SandboxRequest;
use anymodel_catalog::model::{Model, catalogue};
use anymodel_types::hash::fnv64;

/// The price bands of cost tiers, in US dollars a million tokens (three of prompt for one of answer). The names are
/// OpenRouter's; the limits of the bands are invented.
const TIERS: [(&str, i64, i64); 5] = [
    ("low", 0, 60),
    ("medium", 60, 200),
    ("high", 200, 500),
    ("xhigh", 500, 900),
    ("max", 900, i64::MAX),
];

/// The model that `openrouter/auto` chooses: the first in the requested order, or the most popular of its tier.
pub(super) fn auto(
    request: &SandboxRequest,
    order: HostOrder<'_>,
    tier: Option<&str>,
) -> Result<&'static Model, ErrorResponse> {
    let tier = tier.or(request.auto.cost_tier.as_deref());
    // Without a cost tier OpenRouter behaves like a low one; a sort order applies to all models.
    let band = match (tier, order.by) {
        (Some(name), _) => Some(band(name)?),
        (None, Some(_)) => None,
        (None, None) => Some(band("low")?),
    };
    let mut pool: Vec<&Model> = catalogue()
        .models()
        .filter(|model| !model.is_router() && !model.is_free() && model.expiration_date.is_none())
        .filter(|model| lacks(model, request).is_none())
        .filter(|model| {
            request.auto.allowed.is_empty() || matches_any(&request.auto.allowed, &model.id)
        })
        .filter(|model| !matches_any(&request.auto.excluded, &model.id))
        .filter(|model| band.is_none_or(|(from, to)| (from..to).contains(&cents(model))))
        .collect();
    if let Some(by) = order.by {
        pool.sort_by_key(|model| {
            model
                .hosts
                .iter()
                .map(|host| HostOrder::key(by, model, host))
                .min()
        });
    }
    pool.first().copied().ok_or_else(|| {
        ErrorResponse::new(
            404,
            "not_found",
            "No endpoints found: no model fits the auto router's cost tier and lists",
        )
        .with_availability(
            "constraint_filtered",
            &["openrouter/auto"],
            json!({ "excluded_by": ["allowed_models"] }),
        )
    })
}

/// The model that `openrouter/free` chooses: a free one that can serve the request, pseudo-random by the question.
pub(super) fn free(request: &SandboxRequest) -> Result<&'static Model, ErrorResponse> {
    let pool: Vec<&Model> = catalogue()
        .models()
        .filter(|model| model.is_free() && lacks(model, request).is_none())
        .collect();
    let at = fnv64(request.question().as_bytes()) as usize % pool.len().max(1);
    pool.get(at).copied().ok_or_else(|| {
        ErrorResponse::new(
            404,
            "not_found",
            "No endpoints found: no free model can serve this request",
        )
        .with_availability("no_endpoints", &["openrouter/free"], json!({}))
    })
}

fn band(name: &str) -> Result<(i64, i64), ErrorResponse> {
    let found = TIERS.iter().find(|(tier, _, _)| *tier == name);
    found.map(|(_, from, to)| (*from, *to)).ok_or_else(|| {
        ErrorResponse::invalid(format!(
            "cost_tier must be low, medium, high, xhigh or max, not {name:?}"
        ))
    })
}

/// The model's price at its first host, in cents a million tokens.
fn cents(model: &Model) -> i64 {
    let blended = model
        .hosts
        .first()
        .map_or(Decimal::ZERO, |host| price(model, host));
    (blended * Decimal::from(100_000_000))
        .trunc()
        .try_into()
        .unwrap_or(i64::MAX - 1)
}

/// Whether an id fits one of the patterns; `*` stands for anything.
fn matches_any(patterns: &[String], id: &str) -> bool {
    patterns
        .iter()
        .any(|pattern| match pattern.split_once('*') {
            Some((start, end)) => {
                id.len() >= start.len() + end.len() && id.starts_with(start) && id.ends_with(end)
            }
            None => pattern == id,
        })
}
