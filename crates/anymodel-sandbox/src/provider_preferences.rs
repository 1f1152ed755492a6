//! Parser of a request's preferences among OpenRouter's hosts: the `provider` object and the `auto-router` plugin. The choice
//! itself is in `host_selection`.

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::error_response::ErrorResponse;
use super::request_fields::{flag, string, strings};

/// The `provider` object.
#[derive(Debug, Default)]
pub(super) struct ProviderPreferences {
    pub order: Vec<String>,
    pub only: Vec<String>,
    pub ignore: Vec<String>,
    pub quantizations: Vec<String>,
    pub allow_fallbacks: bool,
    pub require_parameters: bool,
    pub sort: Option<String>,
    /// Whether the hosts of all models are sorted together.
    pub across_models: bool,
    /// US dollars a million tokens: prompt, answer.
    pub max_price: (Option<Decimal>, Option<Decimal>),
    pub min_throughput: Option<f64>,
    pub max_latency: Option<f64>,
}

/// The `auto-router` plugin.
#[derive(Debug, Default)]
pub(super) struct AutoRouter {
    pub cost_tier: Option<String>,
    pub allowed: Vec<String>,
    pub excluded: Vec<String>,
}

impl ProviderPreferences {
    pub fn read(raw: &Map<String, Value>) -> Result<Self, ErrorResponse> {
        let empty = Map::new();
        let map = match raw.get("provider") {
            None | Some(Value::Null) => &empty,
            Some(Value::Object(map)) => map,
            Some(_) => return Err(ErrorResponse::invalid("provider must be an object")),
        };
        let (sort, partition) = match map.get("sort") {
            Some(Value::Object(sort)) => (string(sort, "by")?, string(sort, "partition")?),
            _ => (string(map, "sort")?, None),
        };
        if let Some(sort) = &sort
            && !["price", "throughput", "latency", "exacto"].contains(&sort.as_str())
        {
            return Err(ErrorResponse::invalid(format!(
                "provider.sort must be price, throughput, latency or exacto, not {sort:?}"
            )));
        }
        let most = |key: &str| -> Result<Option<Decimal>, ErrorResponse> {
            match map.get("max_price").and_then(|prices| prices.get(key)) {
                None | Some(Value::Null) => Ok(None),
                Some(value) => decimal(value).map(Some).ok_or_else(|| {
                    ErrorResponse::invalid(format!(
                        "provider.max_price.{key} must be a number: US dollars for a million tokens"
                    ))
                }),
            }
        };
        Ok(Self {
            order: strings(map, "order")?,
            only: strings(map, "only")?,
            ignore: strings(map, "ignore")?,
            quantizations: strings(map, "quantizations")?,
            allow_fallbacks: flag(map, "allow_fallbacks")?.unwrap_or(true),
            require_parameters: flag(map, "require_parameters")?.unwrap_or(false),
            across_models: partition.as_deref() == Some("none"),
            sort,
            max_price: (most("prompt")?, most("completion")?),
            min_throughput: typical(map.get("preferred_min_throughput")),
            max_latency: typical(map.get("preferred_max_latency")),
        })
    }
}

impl AutoRouter {
    pub fn read(raw: &Map<String, Value>) -> Self {
        let plugins = raw.get("plugins").and_then(Value::as_array);
        let plugin = plugins.and_then(|all| {
            all.iter()
                .find(|p| p.get("id").and_then(Value::as_str) == Some("auto-router"))
        });
        let list = |key: &str| -> Vec<String> {
            let items = plugin.and_then(|p| p.get(key)).and_then(Value::as_array);
            items.map_or_else(Vec::new, |items| {
                items
                    .iter()
                    .filter_map(|i| i.as_str().map(str::to_owned))
                    .collect()
            })
        };
        Self {
            cost_tier: plugin
                .and_then(|p| p.get("cost_tier"))
                .and_then(Value::as_str)
                .map(str::to_owned),
            allowed: list("allowed_models"),
            excluded: list("excluded_models"),
        }
    }
}

/// A number, or the median of several percentiles.
fn typical(value: Option<&Value>) -> Option<f64> {
    let value = value?;
    value.as_f64().or_else(|| value.get("p50")?.as_f64())
}

fn decimal(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    text.parse()
        .or_else(|_| Decimal::from_scientific(&text))
        .ok()
}
