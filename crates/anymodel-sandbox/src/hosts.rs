//! Host filter and sort order: applies the `provider` object to the hosts of a model.
//!
//! OpenRouter chooses among stable hosts at random, weighted by price. The sandbox uses the catalogue's order instead, so
//! that the same request gets the same host.

use std::cmp::Reverse;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::error_response::ErrorResponse;
use super::host_selection::price;
use super::request::SandboxRequest;
use super::schema_sampler::Format;
use anymodel_catalog::model::{Host, Model};

/// The sort order of hosts.
#[derive(Clone, Copy)]
pub(super) struct HostOrder<'a> {
    /// `price`, `throughput`, `latency`; anything else keeps the order.
    pub by: Option<&'a str>,
}

impl HostOrder<'_> {
    /// The sort key, smallest first.
    pub fn key(by: &str, model: &Model, host: &Host) -> (Decimal, Reverse<u64>, u64) {
        match by {
            "price" => (price(model, host), Reverse(0), 0),
            "throughput" => (Decimal::ZERO, Reverse(host.tokens_per_second), 0),
            "latency" => (Decimal::ZERO, Reverse(0), host.ttft_ms),
            _ => (Decimal::ZERO, Reverse(0), 0),
        }
    }
}

/// The hosts that may serve `request`, best first. When none is left, the error names the filter that removed the last one.
pub(super) fn hosts<'m>(
    model: &'m Model,
    request: &SandboxRequest,
    order: HostOrder<'_>,
) -> Result<Vec<&'m Host>, ErrorResponse> {
    let provider = &request.provider;
    check_features(model, request)?;
    let mut left: Vec<&Host> = model.hosts.iter().collect();
    let mut keep = |filter: &str, detail: &dyn Fn() -> String, test: &dyn Fn(&Host) -> bool| {
        left.retain(|host| test(host));
        match left.is_empty() {
            true => Err(nothing_left(model, filter, &detail())),
            false => Ok(()),
        }
    };
    keep(
        "allowed_providers",
        &|| "the model has no host".into(),
        &|_| true,
    )?;
    if !provider.only.is_empty() {
        let detail = || format!("provider.only allows {}", provider.only.join(", "));
        keep("allowed_providers", &detail, &|host| {
            names(&provider.only, host)
        })?;
    }
    let detail = || format!("provider.ignore excludes {}", provider.ignore.join(", "));
    keep("allowed_providers", &detail, &|host| {
        !names(&provider.ignore, host)
    })?;
    if !provider.quantizations.is_empty() {
        let detail = || {
            format!(
                "provider.quantizations allows {}",
                provider.quantizations.join(", ")
            )
        };
        keep("quantization", &detail, &|host| {
            provider.quantizations.contains(&host.quantization)
        })?;
    }
    let (prompt, completion) = provider.max_price;
    let detail = || "no host is as cheap as provider.max_price asks".into();
    keep("max_price", &detail, &|host| {
        let pricing = model.price_at(host);
        let within = |price: Decimal, most: Option<Decimal>| {
            most.is_none_or(|most| price * Decimal::from(1_000_000) <= most)
        };
        within(pricing.prompt, prompt) && within(pricing.completion, completion)
    })?;
    let sorted = order.by.filter(|_| provider.order.is_empty());
    if let Some(by) = sorted {
        left.sort_by_key(|host| HostOrder::key(by, model, host));
    }
    // Preferences move a host to the end and never remove it.
    left.sort_by_key(|host| {
        provider
            .min_throughput
            .is_some_and(|least| (host.tokens_per_second as f64) < least)
            || provider
                .max_latency
                .is_some_and(|most| host.ttft_ms as f64 / 1000.0 > most)
    });
    if !provider.order.is_empty() {
        let place = |host: &Host| {
            let named = |wanted: &String| names(std::slice::from_ref(wanted), host);
            provider.order.iter().position(named).unwrap_or(usize::MAX)
        };
        left.sort_by_key(|host| place(host));
        if !provider.allow_fallbacks {
            left.retain(|host| place(host) < usize::MAX);
            if left.is_empty() {
                let detail = format!("provider.order names {}", provider.order.join(", "));
                return Err(nothing_left(model, "allowed_providers", &detail));
            }
        }
    } else if !provider.allow_fallbacks {
        left.truncate(1);
    }
    Ok(left)
}

/// Whether an item of `list` means this host: its slug, its exact tag, or its name.
fn names(list: &[String], host: &Host) -> bool {
    list.iter().any(|wanted| {
        let same = |name: &str| wanted.eq_ignore_ascii_case(name);
        same(host.slug()) || same(&host.tag) || same(&host.provider)
    })
}

fn nothing_left(model: &Model, excluded_by: &str, detail: &str) -> ErrorResponse {
    let message = match excluded_by {
        "allowed_providers" => {
            format!("No allowed providers are available for the selected model. {detail}")
        }
        _ => format!("No endpoints found matching your request: {detail}"),
    };
    let more = json!({
        "excluded_by": [excluded_by],
        "constraint": { "field": excluded_by, "detail": detail },
    });
    ErrorResponse::new(404, "not_found", message).with_availability(
        "constraint_filtered",
        &[&model.id],
        more,
    )
}

/// The first requirement of the request that the model does not meet. Only some fields are filters on OpenRouter.
pub(super) fn lacks(model: &Model, request: &SandboxRequest) -> Option<String> {
    if !request.tools.is_empty() && !model.supports_tools() {
        return Some("tool use".into());
    }
    if request.format != Format::Text && !model.supports("response_format") {
        return Some("response_format".into());
    }
    if request.shows_image() && !model.accepts_images() {
        return Some("image input".into());
    }
    if request.provider.require_parameters {
        let missing = PARAMETERS.iter().find(|name| {
            request
                .raw
                .get(**name)
                .is_some_and(|value| !value.is_null())
                && !model.supports(name)
        });
        return missing
            .map(|name| format!("the parameter {name} (provider.require_parameters is set)"));
    }
    None
}

/// Request fields that are supported parameters of models.
const PARAMETERS: [&str; 16] = [
    "temperature",
    "top_p",
    "top_k",
    "top_a",
    "min_p",
    "frequency_penalty",
    "presence_penalty",
    "repetition_penalty",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "seed",
    "stop",
    "tools",
    "response_format",
    "reasoning",
];

fn check_features(model: &Model, request: &SandboxRequest) -> Result<(), ErrorResponse> {
    let Some(lack) = lacks(model, request) else {
        return Ok(());
    };
    let message = format!("No endpoints found that support {lack}.");
    let excluded: Value = json!({ "excluded_by": ["require_parameters"] });
    Err(
        ErrorResponse::new(404, "not_found", message).with_availability(
            "no_endpoints",
            &[&model.id],
            excluded,
        ),
    )
}
