//! After a failure: the same model again, the next model, or stop.
//!
//! | failure | another model is left | it was the last |
//! |---|---|---|
//! | rate limited, overloaded, server error, no connection, unreadable answer | next model, at once | wait and try again |
//! | timeout | next model | stop: waiting once more would double the wait |
//! | model not found, context too long | next model | stop |
//! | key, credit, forbidden, invalid request, content refused | stop | stop |
//!
//! A wait is what the server asked for, else half a second doubled each time, up to 8 seconds and a little at random
//! less, so that many clients do not come back together. A wait that does not fit into the time left is not begun.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use crate::failure::ErrorKind;
use crate::platform::Failure;

const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(8);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Retry(Duration),
    NextModel,
    Stop,
}

pub(super) struct Situation {
    pub another_model: bool,
    pub retries_left: u32,
    /// How often this model was asked again already.
    pub retried: u32,
    pub remaining: Duration,
}

pub(super) fn judge(failure: &Failure, now: &Situation) -> Verdict {
    use ErrorKind::*;
    let (moves_on, may_retry) = match failure.kind {
        RateLimited | Overloaded | Server | Network | BadReply => (true, true),
        // A platform that reports a timeout answered quickly; our own clock did not.
        Timeout => (true, failure.status.is_some()),
        ModelNotFound | ContextTooLong => (true, false),
        KeyMissing | KeyMalformed | KeyRefused | PaymentRequired | Forbidden | InvalidRequest
        | ContentRefused | Config => (false, false),
    };
    if moves_on && now.another_model {
        // Without time left, the next attempt would only fail for a reason that hides this one.
        return if now.remaining.is_zero() {
            Verdict::Stop
        } else {
            Verdict::NextModel
        };
    }
    if !may_retry || now.retries_left == 0 {
        return Verdict::Stop;
    }
    let wait = failure.retry_after.unwrap_or_else(|| back_off(now.retried));
    if wait < now.remaining {
        Verdict::Retry(wait)
    } else {
        Verdict::Stop
    }
}

fn back_off(retried: u32) -> Duration {
    let wait = FIRST_WAIT
        .saturating_mul(2_u32.saturating_pow(retried))
        .min(LONGEST_WAIT);
    // A fresh RandomState is seeded at random: enough for jitter, and no dependency.
    let random = RandomState::new().hash_one(retried) % 1000;
    wait.mul_f64(1.0 - 0.25 * random as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn situation(another_model: bool) -> Situation {
        Situation {
            another_model,
            retries_left: 3,
            retried: 0,
            remaining: Duration::from_secs(10),
        }
    }

    fn failure(kind: ErrorKind) -> Failure {
        Failure::new(kind, "")
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
            judge(&limited, &situation(false)),
            Verdict::Retry(Duration::from_secs(2))
        );
        limited.retry_after = Some(Duration::from_secs(60));
        assert_eq!(judge(&limited, &situation(false)), Verdict::Stop);
    }

    #[test]
    fn another_model_is_asked_at_once_whatever_the_hint_says() {
        let mut limited = failure(ErrorKind::RateLimited);
        limited.retry_after = Some(Duration::from_secs(2));
        assert_eq!(judge(&limited, &situation(true)), Verdict::NextModel);
    }

    #[test]
    fn what_no_other_model_can_mend_stops_the_call() {
        for kind in [
            ErrorKind::KeyRefused,
            ErrorKind::PaymentRequired,
            ErrorKind::InvalidRequest,
        ] {
            assert_eq!(judge(&failure(kind), &situation(true)), Verdict::Stop);
        }
    }

    #[test]
    fn our_own_timeout_is_not_repeated_on_the_same_model() {
        assert_eq!(
            judge(&failure(ErrorKind::Timeout), &situation(false)),
            Verdict::Stop
        );
    }

    #[test]
    fn no_retry_is_made_beyond_the_allowance() {
        let spent = Situation {
            retries_left: 0,
            ..situation(false)
        };
        assert_eq!(judge(&failure(ErrorKind::Server), &spent), Verdict::Stop);
    }
}
