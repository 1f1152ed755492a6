//! Host quotes parser: the hosts of one model, from OpenRouter's `/models/{author}/{slug}/endpoints`.

use std::time::Duration;

use super::fields::Fields;
use super::{cut, prices, tokens};
use crate::model::{HostQuote, Pricing};

const LONGEST: usize = 100;
const MOST: usize = 500;
/// A time to first token above this is in milliseconds, one below in seconds: no host needs a minute, and none answers
/// within a millisecond. The reference says one unit and shows the other.
const SECONDS_AT_MOST: f64 = 60.0;

/// Reads the page; `None` when the text is none.
pub fn offers(text: &str) -> Option<Vec<HostQuote>> {
    let whole = Fields::read(text.trim_start_matches('\u{feff}').trim())?;
    let rows = whole.object("data")?.list("endpoints")?;
    Some(
        rows.into_iter()
            .take(MOST)
            .filter_map(|row| offer(&Fields::read(row)?))
            .collect(),
    )
}

fn offer(row: &Fields<'_>) -> Option<HostQuote> {
    let short = |key: &str| row.text(key).map(|text| cut(&text, LONGEST));
    let tag = short("tag");
    let provider = short("provider_name").or_else(|| tag.clone())?;
    let middle = |key: &str| middle(row, key).filter(|number| number.is_finite() && *number > 0.0);
    Some(HostQuote {
        tag: tag.unwrap_or_else(|| provider.to_lowercase()),
        provider,
        quantization: short("quantization").filter(|text| text != "unknown"),
        context_length: tokens(row, &["context_length"]),
        max_completion_tokens: tokens(row, &["max_completion_tokens"]),
        pricing: prices::read(row).unwrap_or_else(Pricing::unknown),
        first_token: middle("latency_last_30m")
            .map(|number| {
                if number > SECONDS_AT_MOST {
                    number / 1000.0
                } else {
                    number
                }
            })
            .filter(|seconds| *seconds < 3600.0)
            .map(Duration::from_secs_f64),
        tokens_per_second: middle("throughput_last_30m").filter(|speed| *speed < 1e6),
        uptime: row
            .float("uptime_last_30m")
            .filter(|percent| (0.0..=100.0).contains(percent)),
    })
}

/// The median of a measurement: a number, or an object of percentiles.
fn middle(row: &Fields<'_>, key: &str) -> Option<f64> {
    row.float(key).or_else(|| row.object(key)?.float("p50"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_is_read_in_either_unit() {
        let page = |latency: &str| {
            format!(
                r#"{{"data": {{"endpoints": [{{"provider_name": "A", "latency_last_30m": {latency}}}]}}}}"#
            )
        };
        for (wire, read) in [
            (r#"{"p50": 0.4}"#, Some(400)),
            (r#"{"p50": 400}"#, Some(400)),
            ("1.5", Some(1500)),
            ("null", None),
            (r#"{"p50": -1}"#, None),
            (r#"{"p50": 1e300}"#, None),
        ] {
            let offers = offers(&page(wire)).unwrap();
            let first = offers[0].first_token.map(|span| span.as_millis());
            assert_eq!(first, read, "{wire}");
        }
        assert!(offers("[]").is_none() && offers("").is_none());
    }
}
