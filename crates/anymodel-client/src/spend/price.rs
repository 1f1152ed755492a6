//! Price × usage: the estimated cost of an answer, by the catalogue.
//!
//! It is used where a platform reports no cost, and beside the reported cost as a check. The prices are those of the
//! catalogue's day at the model's first host, so the result is an estimate and is shown as one.

use rust_decimal::Decimal;

use anymodel_catalog::model::{Model, Pricing, catalogue};
use anymodel_types::Usage;

/// Platforms that serve one author's models under names without the author, and that author in the catalogue.
const AUTHORS: [(&str, &str); 8] = [
    ("openai", "openai"),
    ("azure", "openai"),
    ("anthropic", "anthropic"),
    ("gemini", "google"),
    ("vertex", "google"),
    ("deepseek", "deepseek"),
    ("qwen", "qwen"),
    ("glm", "z-ai"),
];

/// Servers on the user's own machine, which have no price in a catalogue.
const LOCAL: [&str; 2] = ["ollama", "llamacpp"];

/// US dollars for these tokens of this model; `None` when the catalogue has no price for it.
pub(super) fn estimate(platform: &str, model: &str, usage: &Usage) -> Option<Decimal> {
    Some(charge(&priced(platform, model)?.pricing, usage))
}

/// Price × usage; tokens read from a cache or written to it have their own price.
pub(super) fn charge(price: &Pricing, usage: &Usage) -> Decimal {
    let whole = price.cost(usage.prompt_tokens, usage.completion_tokens);
    let cached = usage.cached_tokens.unwrap_or(0).min(usage.prompt_tokens);
    let saved = price.input_cache_read.map_or(Decimal::ZERO, |cheap| {
        (price.prompt - cheap).max(Decimal::ZERO) * Decimal::from(cached)
    });
    let written = usage.cache_write_tokens.unwrap_or(0);
    let written = Decimal::from(written.min(usage.prompt_tokens - cached));
    let dearer = price
        .input_cache_write
        .map_or(Decimal::ZERO, |dear| (dear - price.prompt) * written);
    (whole - saved + dearer).normalize()
}

/// Whether the platform is a server on the user's own machine.
pub(super) fn is_local(platform: &str) -> bool {
    LOCAL.contains(&kind(platform))
}

/// The platform without the mark of the sandbox or of an API format.
fn kind(platform: &str) -> &str {
    let kind = platform.strip_prefix("sandbox:").unwrap_or(platform);
    kind.split('-').next().unwrap_or(kind)
}

/// The model in the catalogue, by the name that this platform uses.
pub(super) fn priced(platform: &str, model: &str) -> Option<&'static Model> {
    let kind = kind(platform);
    if LOCAL.contains(&kind) {
        return None;
    }
    let author = AUTHORS.iter().find(|(name, _)| *name == kind);
    let known = |name: &str| {
        catalogue().get(name).or_else(|| {
            let (_, author) = author?;
            // Anthropic writes claude-sonnet-4-5 where the catalogue has claude-sonnet-4.5.
            let wanted = format!("{author}/{name}").replace('.', "-");
            catalogue()
                .models()
                .find(|model| model.id.replace('.', "-").eq_ignore_ascii_case(&wanted))
        })
    };
    let undated = undated(model);
    let found = known(model).or_else(|| (undated != model).then(|| known(undated))?)?;
    // A router has no price: the model that it chose has one.
    (!found.is_router()).then_some(found)
}

/// Whether two names mean one model: equal but for a date, or two names of one entry of the catalogue.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    let entry = |name| catalogue().get(name).map(|model| &model.id);
    undated(one) == undated(other) || entry(one).is_some_and(|id| Some(id) == entry(other))
}

/// A model's name without the date of its snapshot: `gpt-4o-mini` of `gpt-4o-mini-2024-07-18`.
fn undated(model: &str) -> &str {
    for date in ["-0000-00-00", "-00000000"] {
        let Some(start) = model.len().checked_sub(date.len()) else {
            continue;
        };
        let fits = |(is, wanted): (u8, u8)| match wanted {
            b'0' => is.is_ascii_digit(),
            mark => is == mark,
        };
        if model.is_char_boundary(start) && model.bytes().skip(start).zip(date.bytes()).all(fits) {
            return &model[..start];
        }
    }
    model
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(prompt: u64, completion: u64, cached: u64) -> Usage {
        Usage {
            prompt_tokens: prompt,
            completion_tokens: completion,
            total_tokens: prompt + completion,
            reasoning_tokens: None,
            cached_tokens: Some(cached),
            cache_write_tokens: None,
        }
    }

    #[test]
    fn a_price_is_found_by_the_name_each_platform_uses() {
        let tokens = usage(1_000_000, 0, 0);
        for (platform, model, dollars) in [
            ("openrouter", "openai/gpt-4o-mini", "0.15"),
            ("openai", "gpt-4o-mini", "0.15"),
            ("openai", "gpt-4.1-mini-2025-04-14", "0.4"),
            ("azure-legacy", "gpt-4o", "2.5"),
            ("anthropic", "claude-sonnet-4-5-20250929", "3"),
            ("sandbox:anthropic", "claude-sonnet-4.5", "3"),
            ("gemini", "gemini-2.5-flash", "0.3"),
            ("glm", "glm-4.6", "0.6"),
        ] {
            let cost = estimate(platform, model, &tokens).map(|cost| cost.to_string());
            assert_eq!(cost.as_deref(), Some(dollars), "{platform} {model}");
        }
    }

    #[test]
    fn what_has_no_price_is_not_guessed() {
        let tokens = usage(1000, 1000, 0);
        for (platform, model) in [
            ("ollama", "openai/gpt-oss-20b"),
            ("openrouter", "openrouter/auto"),
            ("openai", "gpt-99"),
            ("openrouter", "gpt-4o-mini"),
        ] {
            assert_eq!(
                estimate(platform, model, &tokens),
                None,
                "{platform} {model}"
            );
        }
    }

    #[test]
    fn cached_tokens_are_cheaper_and_long_questions_dearer() {
        let cost = |model, usage: Usage| estimate("openrouter", model, &usage).unwrap().to_string();
        assert_eq!(cost("openai/gpt-4o-mini", usage(1000, 0, 400)), "0.00012");
        assert_eq!(
            cost("google/gemini-2.5-pro", usage(300_000, 1000, 0)),
            "0.765"
        );
        let written = Usage {
            cache_write_tokens: Some(1000),
            ..usage(3000, 0, 2000)
        };
        assert_eq!(cost("anthropic/claude-sonnet-4.5", written), "0.00435");
    }

    #[test]
    fn a_dated_name_is_the_same_model_and_a_numbered_one_is_not() {
        assert!(is_same("gpt-4o-mini", "gpt-4o-mini-2024-07-18"));
        assert!(is_same("claude-sonnet-4-5", "claude-sonnet-4-5-20250929"));
        assert!(is_same(
            "deepseek/deepseek-chat",
            "deepseek/deepseek-chat-v3"
        ));
        assert!(is_same("openai/gpt-4o:nitro", "openai/gpt-4o"));
        assert!(!is_same("gpt-4", "gpt-4-32"));
        assert!(!is_same("qwen3-8b", "qwen3-30b"));
        assert!(!is_same("qwen/qwen3-8b:free", "qwen/qwen3-8b"));
    }
}
