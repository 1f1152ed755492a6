//! Model scoring: estimates of strength, speed and price from the facts of a list.
//!
//! These are estimates from published facts, not measurements, and they only order models. They use the number of weights
//! when the name or the maker publishes it, else the price.

use rust_decimal::prelude::ToPrimitive;

use super::{Day, Model, catalogue};

/// Weights in thousand millions, total and active for one token, for models whose names do not contain them. Source: their
/// makers' model cards.
const SIZES: [(&str, f64, f64); 10] = [
    ("deepseek-r1", 671.0, 37.0),
    ("deepseek-v3", 671.0, 37.0),
    ("deepseek-chat", 671.0, 37.0),
    ("glm-4.5-air", 106.0, 12.0),
    ("glm-4.5", 355.0, 32.0),
    ("glm-4.6", 355.0, 32.0),
    ("kimi-k2", 1000.0, 32.0),
    ("llama-4-maverick", 400.0, 17.0),
    ("gpt-oss-120b", 117.0, 5.1),
    ("gpt-oss-20b", 21.0, 3.6),
];

/// Parts of names of small models.
const SMALL: [&str; 6] = ["mini", "nano", "flash", "lite", "haiku", "small"];
/// Parts of names and descriptions of models for programming.
const CODE: [&str; 4] = ["coder", "codestral", "devstral", "codex"];
/// Parts of names of reasoning models.
const THINKERS: [&str; 5] = ["-r1", "qwq", "thinking", "reason", "magistral"];

/// The known or estimated facts of a model.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub model: &'a Model,
    /// Weights in thousand millions, when published.
    pub size: Option<f64>,
    /// US dollars for a million tokens, three of prompt to one of answer; `None` when unknown.
    pub price: Option<f64>,
    /// 0 to 40; a higher number is stronger.
    pub strength: f64,
    pub is_small: bool,
    pub is_for_code: bool,
    pub is_for_thinking: bool,
    /// Days since its release, when known.
    pub age: Option<i64>,
}

impl<'a> Facts<'a> {
    pub fn of(model: &'a Model, today: Day) -> Self {
        let slug = model.slug().to_lowercase();
        let has = |parts: &[&str]| parts.iter().any(|part| slug.contains(part));
        let weights = Weights::of(&slug);
        let price = in_dollars(model);
        let by_price = price.filter(|price| *price > 0.0).or_else(|| {
            // The free offer of a model that has a price elsewhere.
            let paid = catalogue().get(model.id.strip_suffix(":free")?)?;
            in_dollars(paid)
        });
        let has_small_name = slug
            .split(['-', '.', '_'])
            .any(|part| SMALL.contains(&part));
        let is_small = match (weights.size, weights.active) {
            (Some(size), active) => size <= 12.0 || active.is_some_and(|active| active <= 4.0),
            (None, _) => has_small_name || by_price.is_some_and(|price| price < 0.15),
        };
        let description = model.description.to_lowercase();
        Facts {
            size: weights.size,
            price,
            strength: strength(weights.worth(), by_price),
            is_small,
            is_for_code: has(&CODE)
                || description.contains("for programming")
                || description.contains("for coding"),
            is_for_thinking: has(&THINKERS),
            age: (model.created > 0).then(|| {
                let seconds = std::time::Duration::from_secs(model.created.min(1 << 40));
                Day::at(std::time::UNIX_EPOCH + seconds).days_until(today)
            }),
            model,
        }
    }

    pub fn context(&self) -> u64 {
        self.model.context_length.unwrap_or(0)
    }
}

fn in_dollars(model: &Model) -> Option<f64> {
    let known = model.pricing.is_known().then(|| model.pricing.blended())?;
    known.to_f64().map(|price| price * 1e6)
}

/// Twice the weights, or twice the price, adds so many points; an unknown value counts as middling.
fn strength(size: Option<f64>, price: Option<f64>) -> f64 {
    let points = match (size, price) {
        (Some(size), _) => 5.0 * size.max(1.0).log2(),
        (None, Some(price)) => 24.0 + 2.4 * (10.0 * price.max(0.01)).log2(),
        (None, None) => 20.0,
    };
    points.clamp(0.0, 40.0)
}

/// Weights in a name: `70b`, `8x7b`, `e4b`, and `a3b` for those that are active for one token.
#[derive(Debug, Default)]
struct Weights {
    size: Option<f64>,
    active: Option<f64>,
}

impl Weights {
    /// The size of an equally strong model with all weights active: by a rule of thumb, the geometric mean.
    fn worth(&self) -> Option<f64> {
        let size = self.size?;
        Some(self.active.map_or(size, |active| (size * active).sqrt()))
    }

    fn of(slug: &str) -> Self {
        let told = SIZES.iter().find(|(start, _, _)| slug.starts_with(start));
        if let Some((_, size, active)) = told {
            return Weights {
                size: Some(*size),
                active: Some(*active),
            };
        }
        let mut weights = Weights::default();
        for part in slug.split(['-', '_', ':']) {
            let Some(number) = part.strip_suffix('b') else {
                continue;
            };
            if let Some(active) = number.strip_prefix('a').and_then(read) {
                weights.active = Some(active);
            } else if let Some(size) = number.strip_prefix('e').unwrap_or(number).split_once('x') {
                let (experts, each) = size;
                weights.size = read(experts).zip(read(each)).map(|(n, each)| n * each);
            } else if let Some(size) = read(number.strip_prefix('e').unwrap_or(number)) {
                weights.size = Some(size);
            }
        }
        weights
    }
}

fn read(digits: &str) -> Option<f64> {
    let number: f64 = digits.parse().ok()?;
    (0.1..100_000.0).contains(&number).then_some(number)
}
