//! Retry policy: decides what follows a failed attempt: the same model again, the next one of the chain, or the end.
//!
//! | failure | another is left | it was the last |
//! |---|---|---|
//! | rate limited, with `Retry-After` of at most 3 s | wait and ask the same again, once; then the next | wait and try again |
//! | rate limited: more than a minute's allowance at once (Groq's 413) | the next, at once | stop |
//! | no capacity (409, 423, 425, 498, 503, 529), rate limited otherwise, unreadable or cut off | the next, at once | wait and try again |
//! | server error (other 5xx, 424, 499), no connection | the same again, once; then the next | wait and try again |
//! | timeout of ours | the next | stop: waiting once more would double the wait |
//! | an unknown finish reason | the next | stop: it would be paid for again |
//! | model not found (404, 410) | the next | stop |
//! | context too long, in any words | the next that is not known to read no more | stop |
//! | request too large (413) | the next | stop |
//! | credit (402) | the next that costs less, or whose price is not known, or on another platform | stop |
//! | key, forbidden | the next on another platform | stop |
//! | budget (nothing was sent) | the next: a cheaper one may fit | stop |
//! | any other invalid request, content refused | stop | stop |
//!
//! A streamed answer that broke after text was sent stops the call, unless its caller accepts a restart.
//!
//! A wait is what the server asked for, else half a second doubled each time, up to 8 seconds. A random part of it is
//! taken off, so that many clients do not come back together. A wait that exceeds the time left is not begun.

use std::time::Duration;

use anymodel_providers::PlatformError;
use anymodel_types::ErrorKind;

/// How another endpoint compares with one that failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alternative {
    pub same_platform: bool,
    /// Whether its context is known to be no longer than that of the endpoint that failed.
    pub reads_no_more: bool,
    /// Whether it is known to cost as much for this request, or more.
    pub costs_no_less: bool,
}

/// Whether another endpoint may succeed where one failed.
///
/// A key that was refused is refused for every model of that platform. An account without credit may have enough for a model
/// that costs less: OpenRouter's 402 speaks of the price of the very request ("can only afford 700 tokens").
pub(super) fn may_succeed(failure: &PlatformError, other: Alternative) -> bool {
    use ErrorKind::*;
    match failure.kind {
        ContextTooLong => !other.reads_no_more,
        PaymentRequired => !other.same_platform || !other.costs_no_less,
        KeyMissing | KeyMalformed | KeyRefused | Forbidden => !other.same_platform,
        _ => true,
    }
}

const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// A rate limit this short is waited out even when another model is left: waiting is faster than a cold model.
pub(super) const SHORT_WAIT: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RetryDecision {
    Retry(Duration),
    Next,
    Stop,
}

pub(super) struct AttemptContext {
    /// Whether another endpoint is left for which this failure may not occur.
    pub another: bool,
    pub retries_left: u32,
    /// How often this endpoint was asked again already.
    pub retried: u32,
    pub remaining: Duration,
    /// Whether the caller has text of an answer that broke, and accepts no restart.
    pub final_words: bool,
    /// Whether the credentials can be renewed.
    pub renewed: bool,
}

pub(super) fn decide(failure: &PlatformError, now: &AttemptContext) -> RetryDecision {
    use ErrorKind::*;
    if now.final_words {
        return RetryDecision::Stop;
    }
    let (moves_on, may_retry, first_again) = match failure.kind {
        RateLimited => (
            true,
            true,
            failure.retry_after.is_some_and(|wait| wait <= SHORT_WAIT),
        ),
        Overloaded | BadReply | BrokenStream => (true, true, false),
        Server | Network => (
            true,
            true,
            failure.retry_after.is_none_or(|wait| wait <= SHORT_WAIT),
        ),
        // A timeout that the platform reports came quickly; our own timeout did not.
        Timeout => (
            true,
            failure.status.is_some_and(|status| status >= 400),
            false,
        ),
        ModelNotFound | ContextTooLong => (true, false, false),
        KeyRefused if now.renewed => return RetryDecision::Retry(Duration::ZERO),
        KeyMissing | KeyMalformed | KeyRefused | PaymentRequired | Forbidden => {
            (true, false, false)
        }
        // The last three are decided before an attempt, never after one.
        // Another server may take a request that is too large for this one.
        InvalidRequest => (failure.status == Some(413), false, false),
        ContentRefused | Config | SchemaMismatch | ToolLoop | BudgetExceeded => {
            (false, false, false)
        }
    };
    // OpenAI and others say so themselves when the same request can only fail again (`x-should-retry: false`).
    let may_retry = may_retry && now.retries_left > 0 && failure.may_retry != Some(false);
    let wait = failure.retry_after.unwrap_or_else(|| back_off(now.retried));
    let fits = wait < now.remaining;
    let again = may_retry && fits && (!now.another || (first_again && now.retried == 0));
    if again {
        return RetryDecision::Retry(wait);
    }
    // Without time left, the next attempt would only fail for a reason that hides this one.
    if moves_on && now.another && !now.remaining.is_zero() {
        RetryDecision::Next
    } else {
        RetryDecision::Stop
    }
}

fn back_off(retried: u32) -> Duration {
    let wait = FIRST_WAIT
        .saturating_mul(2_u32.saturating_pow(retried))
        .min(LONGEST_WAIT);
    // Jitter: clients that failed together must not come back together.
    wait.mul_f64(1.0 - 0.25 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn situation(another: bool) -> AttemptContext {
        AttemptContext {
            another,
            retries_left: 3,
            retried: 0,
            remaining: Duration::from_secs(10),
            final_words: false,
            renewed: false,
        }
    }

    fn failure(kind: ErrorKind) -> PlatformError {
        PlatformError::new(kind, "")
    }

    #[test]
    fn a_back_off_doubles_up_to_eight_seconds_and_is_never_more() {
        for retried in 0..40 {
            let full = FIRST_WAIT
                .saturating_mul(2_u32.saturating_pow(retried))
                .min(LONGEST_WAIT);
            let wait = back_off(retried);
            assert!(
                wait <= full && wait >= full.mul_f64(0.75),
                "{retried}: {wait:?}"
            );
        }
    }

    #[test]
    fn a_hint_is_obeyed_only_when_it_fits_the_time_left() {
        let mut limited = failure(ErrorKind::RateLimited);
        limited.retry_after = Some(Duration::from_secs(2));
        assert_eq!(
            decide(&limited, &situation(false)),
            RetryDecision::Retry(Duration::from_secs(2))
        );
        limited.retry_after = Some(Duration::from_secs(60));
        assert_eq!(decide(&limited, &situation(false)), RetryDecision::Stop);
    }

    #[test]
    fn a_short_rate_limit_is_waited_out_once_and_a_long_one_moves_on() {
        let mut limited = failure(ErrorKind::RateLimited);
        assert_eq!(decide(&limited, &situation(true)), RetryDecision::Next);
        limited.retry_after = Some(Duration::from_secs(2));
        assert_eq!(
            decide(&limited, &situation(true)),
            RetryDecision::Retry(Duration::from_secs(2))
        );
        let again = AttemptContext {
            retried: 1,
            ..situation(true)
        };
        assert_eq!(decide(&limited, &again), RetryDecision::Next);
        limited.retry_after = Some(Duration::from_secs(4));
        assert_eq!(decide(&limited, &situation(true)), RetryDecision::Next);
    }

    #[test]
    fn a_server_error_is_tried_once_more_before_the_next_model() {
        let broken = failure(ErrorKind::Server);
        assert!(matches!(
            decide(&broken, &situation(true)),
            RetryDecision::Retry(_)
        ));
        let again = AttemptContext {
            retried: 1,
            ..situation(true)
        };
        assert_eq!(decide(&broken, &again), RetryDecision::Next);
    }

    #[test]
    fn a_server_that_says_not_to_come_back_is_not_asked_again() {
        let mut limited = failure(ErrorKind::RateLimited);
        limited.may_retry = Some(false);
        assert_eq!(decide(&limited, &situation(false)), RetryDecision::Stop);
        assert_eq!(decide(&limited, &situation(true)), RetryDecision::Next);
    }

    #[test]
    fn words_that_were_given_are_never_followed_by_others() {
        let given = AttemptContext {
            final_words: true,
            ..situation(true)
        };
        assert_eq!(
            decide(&failure(ErrorKind::BrokenStream), &given),
            RetryDecision::Stop
        );
    }

    #[test]
    fn what_no_other_model_can_mend_stops_the_call() {
        for kind in [ErrorKind::InvalidRequest, ErrorKind::ContentRefused] {
            assert_eq!(
                decide(&failure(kind), &situation(true)),
                RetryDecision::Stop
            );
        }
        for kind in [ErrorKind::KeyRefused, ErrorKind::PaymentRequired] {
            assert_eq!(
                decide(&failure(kind), &situation(false)),
                RetryDecision::Stop
            );
        }
    }

    #[test]
    fn credit_that_is_short_may_do_for_a_model_that_costs_less_or_nobody_knows_what() {
        let other = |same_platform, costs_no_less| Alternative {
            same_platform,
            costs_no_less,
            reads_no_more: false,
        };
        let broke = failure(ErrorKind::PaymentRequired);
        assert!(may_succeed(&broke, other(true, false)));
        assert!(may_succeed(&broke, other(false, true)));
        assert!(!may_succeed(&broke, other(true, true)));
        assert!(!may_succeed(
            &failure(ErrorKind::KeyRefused),
            other(true, false)
        ));
    }

    #[test]
    fn our_own_timeout_is_not_repeated_on_the_same_model() {
        assert_eq!(
            decide(&failure(ErrorKind::Timeout), &situation(false)),
            RetryDecision::Stop
        );
    }

    #[test]
    fn no_retry_is_made_beyond_the_allowance() {
        let spent = AttemptContext {
            retries_left: 0,
            ..situation(false)
        };
        assert_eq!(
            decide(&failure(ErrorKind::Server), &spent),
            RetryDecision::Stop
        );
    }
}
