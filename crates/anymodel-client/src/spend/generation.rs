//! Generation record: OpenRouter's own record of one answer.
//!
//! It is written some time after the answer, and the account is charged by it: it settles a stream that was cut off, an
//! answer whose usage never arrived, or a discount.
//! Source: OpenRouter's reference "get a generation", read in August 2026.

use std::time::Duration;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use anymodel_types::Usage;

/// Generation record: the final charge of an answer. Made by [`Client::generation`](crate::Client::generation).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Generation {
    /// The id of the answer, as in [`Reply::id`](anymodel_types::Reply::id).
    pub id: String,
    /// The model that answered.
    pub model: Option<String>,
    /// The host: the company whose machines served it.
    pub provider: Option<String>,
    /// US dollars charged.
    pub cost: Option<Decimal>,
    /// Tokens as the model's own tokenizer counts them; they are what is charged.
    pub usage: Option<Usage>,
    /// Until the first token.
    pub time_to_first_token: Option<Duration>,
    /// From the first token to the last.
    pub generation_time: Option<Duration>,
    /// Why the model stopped, in the platform's word.
    pub finish_reason: Option<String>,
    /// Whether it was streamed.
    pub streamed: Option<bool>,
    /// Whether the caller closed the connection before the end.
    pub cancelled: Option<bool>,
}

impl Generation {
    /// Reads the record leniently; `None` when it is none.
    pub(crate) fn read(body: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(body).ok()?;
        let record = &value["data"];
        let word = |field: &str| record[field].as_str().map(str::to_owned);
        let count = |field: &str| record[field].as_u64();
        let time = |field: &str| {
            let ms = record[field].as_f64().filter(|ms| (0.0..1e9).contains(ms));
            ms.map(|ms| Duration::from_secs_f64(ms / 1000.0))
        };
        let prompt = count("native_tokens_prompt").or(count("tokens_prompt"));
        let completion = count("native_tokens_completion").or(count("tokens_completion"));
        let usage = prompt.zip(completion).map(|(prompt, completion)| Usage {
            prompt_tokens: prompt,
            completion_tokens: completion,
            total_tokens: prompt.saturating_add(completion),
            reasoning_tokens: count("native_tokens_reasoning"),
            cached_tokens: count("native_tokens_cached"),
            cache_write_tokens: None,
        });
        Some(Generation {
            id: word("id")?,
            model: word("model"),
            provider: word("provider_name"),
            cost: charged(body),
            usage,
            time_to_first_token: time("latency"),
            generation_time: time("generation_time"),
            finish_reason: word("finish_reason"),
            streamed: record["streamed"].as_bool(),
            cancelled: record["cancelled"].as_bool(),
        })
    }
}

/// The cost, read from the digits in the body: it is never a float on the way.
fn charged(body: &str) -> Option<Decimal> {
    #[derive(Deserialize)]
    struct Body<'a> {
        #[serde(borrow)]
        data: Record<'a>,
    }
    #[derive(Deserialize)]
    struct Record<'a> {
        #[serde(borrow)]
        total_cost: &'a RawValue,
    }
    let body: Body<'_> = serde_json::from_str(body).ok()?;
    let digits = body.data.total_cost.get().trim_matches('"');
    let plain = digits.parse().or_else(|_| Decimal::from_scientific(digits));
    plain.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_keeps_every_digit_and_a_missing_field_spoils_nothing() {
        let record = Generation::read(
            r#"{"data":{"id":"gen-1","total_cost":1.71e-5,"native_tokens_prompt":21,"tokens_prompt":20,
               "native_tokens_completion":3,"latency":640,"generation_time":null,"streamed":true,"model":7}}"#,
        )
        .unwrap();
        assert_eq!(
            record.cost.map(|cost| cost.to_string()).as_deref(),
            Some("0.0000171")
        );
        assert_eq!(record.usage.unwrap().prompt_tokens, 21);
        assert_eq!(record.time_to_first_token, Some(Duration::from_millis(640)));
        assert_eq!((record.model, record.generation_time), (None, None));
    }

    #[test]
    fn what_is_no_record_is_none() {
        for body in [
            "",
            "[]",
            "{}",
            r#"{"data":null}"#,
            r#"{"data":{"id":5}}"#,
            "<html>",
        ] {
            assert_eq!(Generation::read(body), None, "{body}");
        }
    }
}
