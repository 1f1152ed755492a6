//! The state of a circuit breaker.

crate::words::english! {
    /// The state of a circuit breaker.
    HealthWords {
        is_asked = "is asked",
        is_left_alone(seconds) = "is left alone for {seconds:.1} s",
        is_probed_by_one_request = "is probed by one request",
        requests_failed(failures, requests) = "; {failures} of {requests} requests failed",
        last_failure(reason) = ", the last: {reason}",
    }
}
