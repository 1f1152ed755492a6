//! Price parser for two formats: OpenRouter's `pricing`, US dollars for one token as text, and ZenMux's `pricings`, numbers
//! with a unit, in tiers by the length of the prompt.
//!
//! OpenRouter's `discount` is not subtracted: an estimate that is too high does less harm than one that is too low.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::fields::Fields;
use crate::model::{PriceOverride, Pricing};

/// The highest price of a token, in US dollars: a larger number is no price.
const MOST: i64 = 1000;

/// Other charges of a request, besides its tokens. A model with one of these charges is not free.
const EXTRAS: [&str; 4] = ["request", "image", "audio", "internal_reasoning"];

/// The price of a model; `None` when the platform publishes none, or in an unknown format.
pub(super) fn read(row: &Fields<'_>) -> Option<Pricing> {
    match (row.object("pricing"), row.object("pricings")) {
        (Some(wire), _) => a_token(&wire),
        (None, Some(wire)) => in_steps(&wire),
        (None, None) => None,
    }
}

fn price(wire: &Fields<'_>, key: &str) -> Option<Decimal> {
    wire.amount(key)
        .filter(|amount| (Decimal::ZERO..=Decimal::from(MOST)).contains(amount))
        .map(|amount| amount.normalize())
}

/// OpenRouter's format. Routers have a negative price, which means none.
fn a_token(wire: &Fields<'_>) -> Option<Pricing> {
    let (prompt, completion) = (price(wire, "prompt")?, price(wire, "completion")?);
    let charges_else = |key: &&str| price(wire, key).is_some_and(|extra| !extra.is_zero());
    if prompt.is_zero() && completion.is_zero() && EXTRAS.iter().any(charges_else) {
        return None;
    }
    let overrides = wire.list("overrides").unwrap_or_default();
    let mut overrides: Vec<PriceOverride> = overrides
        .into_iter()
        .filter_map(|item| {
            let item = Fields::read(item)?;
            // Prices by time of day are not prices by the length of the prompt.
            let is_of_the_clock = item.text("utc_start").or(item.text("utc_end")).is_some();
            let from = item
                .number("min_prompt_tokens")
                .filter(|_| !is_of_the_clock)?;
            Some(PriceOverride {
                min_prompt_tokens: from,
                prompt: price(&item, "prompt").unwrap_or(prompt),
                completion: price(&item, "completion").unwrap_or(completion),
            })
        })
        .collect();
    overrides.sort_by_key(|step| step.min_prompt_tokens);
    Some(Pricing {
        prompt,
        completion,
        input_cache_read: price(wire, "input_cache_read"),
        input_cache_write: price(wire, "input_cache_write"),
        overrides,
    })
}

/// One tier: a price, and the length of the prompt above which it counts.
struct Step {
    above: u64,
    price: Decimal,
}

/// ZenMux's format.
fn in_steps(wire: &Fields<'_>) -> Option<Pricing> {
    let (prompt, completion) = (steps(wire, "prompt"), steps(wire, "completion"));
    let at = |steps: &[Step], length: u64| {
        let reached = steps.iter().filter(|step| step.above <= length);
        reached.max_by_key(|step| step.above).map(|step| step.price)
    };
    let thresholds: BTreeSet<u64> = prompt.iter().chain(&completion).map(|s| s.above).collect();
    let (first, first_answer) = (at(&prompt, 0)?, at(&completion, 0)?);
    let overrides = thresholds
        .into_iter()
        .filter(|from| *from > 0)
        .map(|from| PriceOverride {
            min_prompt_tokens: from,
            prompt: at(&prompt, from).unwrap_or(first),
            completion: at(&completion, from).unwrap_or(first_answer),
        });
    Some(Pricing {
        prompt: first,
        completion: first_answer,
        input_cache_read: at(&steps(wire, "input_cache_read"), 0),
        input_cache_write: at(&steps(wire, "input_cache_write_5_min"), 0),
        overrides: overrides.collect(),
    })
}

fn steps(wire: &Fields<'_>, key: &str) -> Vec<Step> {
    let items = wire.list(key).unwrap_or_default();
    items
        .into_iter()
        .filter_map(|item| {
            let item = Fields::read(item)?;
            let is_dollars = item
                .text("currency")
                .is_none_or(|currency| currency == "USD");
            let is_of_tokens = item.text("unit").is_some_and(|unit| unit == "perMTokens");
            let price = price(&item, "value").filter(|_| is_dollars && is_of_tokens)?;
            Some(Step {
                above: above(&item),
                price: (price / Decimal::from(1_000_000)).normalize(),
            })
        })
        .collect()
}

/// The prompt length above which a price counts, in tokens. "From n on" is "above n - 1".
fn above(item: &Fields<'_>) -> u64 {
    let bound = |conditions: Fields<'_>| {
        let length = conditions.object("prompt_tokens")?;
        let times = match length.text("unit").as_deref() {
            Some("kTokens") => 1000,
            Some("mTokens" | "MTokens") => 1_000_000,
            _ => 1,
        };
        let from = length
            .number("gte")
            .map(|n| n.saturating_mul(times).saturating_sub(1));
        from.or_else(|| Some(length.number("gt")?.saturating_mul(times)))
    };
    item.object("conditions").and_then(bound).unwrap_or(0)
}
