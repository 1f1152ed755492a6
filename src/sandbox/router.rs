//! `openrouter/auto` and `openrouter/free`: models that pick a model.
//!
//! The real auto router reads the question. The sandbox's does not: it takes the cost tier and the sorting the request
//! names and picks by the catalogue, so that its choice can be checked with a pencil.

use rust_decimal::Decimal;
use serde_json::json;

use super::error_response::ErrorResponse;
use super::host_selection::price;
use super::hosts::{HostOrder, lacks};
use super::request::SandboxRequest;
use crate::hash::fnv64;
use crate::model::{Model, catalogue};

/// The bands of cost tiers, in US dollars a million tokens (three of question for one of answer). The words are the
/// service's; where one band ends and the next begins is invented here.
const TIERS: [(&str, i64, i64); 5] = [
    ("low", 0, 60),
    ("medium", 60, 200),
    ("high", 200, 500),
    ("xhigh", 500, 900),
    ("max", 900, i64::MAX),
];

/// The model `openrouter/auto` picks: the first by the order asked for, or the most popular of its tier.
pub(super) fn auto(
    request: &SandboxRequest,
    order: HostOrder<'_>,
    tier: Option<&str>,
) -> Result<&'static Model, ErrorResponse> {
    let tier = tier.or(request.auto.cost_tier.as_deref());
    // Without a word on cost the real router behaves like a low tier; a sorting has the whole field to sort.
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

/// The model `openrouter/free` picks: a free one able to serve the request, by chance that the question decides.
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
