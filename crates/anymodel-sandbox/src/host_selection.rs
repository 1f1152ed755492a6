//! Host selection: model, models, provider preferences and routing fields of a request → an ordered list of candidates.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::error_response::ErrorResponse;
use super::faults::{self, Fault};
use super::hosts::{HostOrder, hosts};
use super::request::SandboxRequest;
use super::router;
use anymodel_catalog::model::{Host, Model, catalogue};

/// A candidate for the answer.
pub(super) enum HostCandidate {
    Model(HostChoice),
    Fault(&'static Fault),
    /// An unknown model; the next candidate is tried.
    Nowhere(String, ErrorResponse),
}

/// A model at a host.
#[derive(Clone, Copy)]
pub(super) struct HostChoice {
    pub model: &'static Model,
    pub host: &'static Host,
}

/// The candidates, in order of preference.
pub(super) struct HostPlan {
    pub candidates: Vec<HostCandidate>,
    /// OpenRouter's name of the strategy.
    pub strategy: &'static str,
    /// The requested model, in one word.
    pub requested: String,
    /// A note for the user about how the request was interpreted.
    pub note: Option<String>,
}

const DEFAULT_MODEL: &str = "openrouter/auto";

pub(super) fn plan_hosts(
    request: &SandboxRequest,
    strict: bool,
) -> Result<HostPlan, ErrorResponse> {
    let route = ModelRoute::read(request, strict)?;
    let mut names: Vec<&str> = request
        .model
        .iter()
        .chain(&request.models)
        .map(String::as_str)
        .collect();
    if names.is_empty() {
        names.push(DEFAULT_MODEL);
    }
    let order = HostOrder {
        by: route.sort.or(request.provider.sort.as_deref()),
    };
    let mut strategy = if names.len() > 1 {
        "fallback"
    } else {
        "direct"
    };
    let mut candidates = Vec::new();
    let mut picks_per_model = Vec::new();
    for name in &names {
        match resolve(name, request, order, &route) {
            Ok(Resolved::Fault(fault)) => candidates.push(HostCandidate::Fault(fault)),
            Ok(Resolved::Picks(picks, how)) => {
                if names.len() == 1 {
                    strategy = how;
                }
                candidates.extend(picks.first().copied().map(HostCandidate::Model));
                picks_per_model.push(picks);
            }
            Err(failure) => candidates.push(HostCandidate::Nowhere((*name).to_owned(), failure)),
        }
    }
    if (request.provider.across_models || route.across_models)
        && let Some(by) = order.by
    {
        // All hosts of all models are sorted together; each model then keeps its best place.
        let mut all: Vec<HostChoice> = picks_per_model.into_iter().flatten().collect();
        all.sort_by_key(|pick| HostOrder::key(by, pick.model, pick.host));
        let mut seen = Vec::new();
        all.retain(|pick| {
            let new = !seen.contains(&pick.model.id.as_str());
            seen.push(pick.model.id.as_str());
            new
        });
        candidates.retain(|candidate| !matches!(candidate, HostCandidate::Model(_)));
        candidates.splice(0..0, all.into_iter().map(HostCandidate::Model));
    }
    Ok(HostPlan {
        candidates,
        strategy,
        requested: names.join(","),
        note: route.note,
    })
}

enum Resolved {
    Fault(&'static Fault),
    Picks(Vec<HostChoice>, &'static str),
}

fn resolve(
    name: &str,
    request: &SandboxRequest,
    order: HostOrder<'_>,
    route: &ModelRoute,
) -> Result<Resolved, ErrorResponse> {
    if let Some(fault) = name.strip_prefix("sandbox/") {
        return faults::find(fault)
            .map(Resolved::Fault)
            .ok_or_else(|| unknown_fault(name, fault));
    }
    let found = catalogue().find(name).ok_or_else(|| unknown(name))?;
    let (model, strategy) = match found.model.id.as_str() {
        "openrouter/auto" => (router::auto(request, order, route.tier)?, "auto"),
        "openrouter/free" => (router::free(request)?, "free"),
        id if id == name || found.suffix.is_some() => (found.model, "direct"),
        _ => (found.model, "alias"),
    };
    let order = match found.suffix {
        Some("floor") => HostOrder { by: Some("price") },
        Some("nitro") => HostOrder {
            by: Some("throughput"),
        },
        _ => order,
    };
    let picks = hosts(model, request, order)?;
    let picks = picks
        .into_iter()
        .map(|host| HostChoice { model, host })
        .collect();
    Ok(Resolved::Picks(picks, strategy))
}

fn unknown(name: &str) -> ErrorResponse {
    let near = catalogue().nearest(name, 3);
    if let Some(paid) = name.strip_suffix(":free")
        && let Some(model) = catalogue().get(paid)
    {
        return ErrorResponse::new(404, "not_found", format!("No endpoints found for {name}."))
            .with_availability(
                "free_variant_ended",
                &[name],
                json!({ "fallback_models": [model.id] }),
            );
    }
    ErrorResponse::invalid(format!("{name} is not a valid model ID")).with_availability(
        "model_not_found",
        &[name],
        json!({ "fallback_models": near }),
    )
}

pub(super) fn unknown_fault(name: &str, fault: &str) -> ErrorResponse {
    let names = faults::faults().iter().map(|fault| fault.name);
    let near: Vec<String> = anymodel_catalog::model::nearest(fault, 3, names)
        .into_iter()
        .map(|near| format!("sandbox/{near}"))
        .collect();
    ErrorResponse::invalid(format!(
        "{name} is not a valid model ID: the sandbox has no fault of that name; `anymodel sandbox --list-faults` prints them all"
    ))
    .with_availability("model_not_found", &[name], json!({ "fallback_models": near }))
}

/// `route`: two values are real, three come from a course that assumed them.
#[derive(Default)]
struct ModelRoute {
    sort: Option<&'static str>,
    tier: Option<&'static str>,
    across_models: bool,
    note: Option<String>,
}

impl ModelRoute {
    fn read(request: &SandboxRequest, strict: bool) -> Result<Self, ErrorResponse> {
        let Some(word) = request.route.as_deref() else {
            return Ok(Self::default());
        };
        let (sort, tier) = match word {
            "fallback" => return Ok(Self::default()),
            "sort" => {
                return Ok(Self {
                    across_models: true,
                    ..Self::default()
                });
            }
            "cheapest" => (Some("price"), None),
            "fastest" => (Some("throughput"), None),
            "best" => (None, Some("max")),
            _ => return Err(Self::refusal(word)),
        };
        if strict {
            return Err(Self::refusal(word));
        }
        let routed = request
            .model
            .iter()
            .chain(&request.models)
            .all(|name| name == DEFAULT_MODEL);
        let meaning = match (sort, request.models.is_empty()) {
            (Some(sort), true) => format!("provider.sort={sort}"),
            (Some(sort), false) => format!("provider.sort={{by: {sort}, partition: none}}"),
            (None, _) if routed => "the auto-router plugin with cost_tier=max".to_owned(),
            (None, _) => {
                "nothing, since the models are named and only openrouter/auto chooses by quality"
                    .to_owned()
            }
        };
        Ok(Self {
            sort,
            tier,
            across_models: sort.is_some(),
            note: Some(format!(
                "route={word} is not a parameter of the real service; here it was read as {meaning}"
            )),
        })
    }

    fn refusal(word: &str) -> ErrorResponse {
        ErrorResponse::invalid(format!(
            "route must be \"fallback\", \"sort\" or null, not {word:?}. For the cheapest host use provider.sort=price, \
             for the fastest provider.sort=throughput, for the best model the auto-router plugin's cost_tier"
        ))
    }
}

/// One price for comparison, in US dollars a token.
pub(super) fn price(model: &Model, host: &Host) -> Decimal {
    model.price_at(host).blended()
}

/// An exact amount as a JSON number, as OpenRouter sends it.
pub(super) fn json_number(amount: Decimal) -> Value {
    serde_json::from_str(&amount.normalize().to_string()).unwrap_or_default()
}
