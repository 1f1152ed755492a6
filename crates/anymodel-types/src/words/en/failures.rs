//! Names of the classes of failure.

crate::words::english! {
    /// Names of the classes of failure.
    FailuresWords {
        key_missing = "key missing",
        key_malformed = "key malformed",
        key_refused = "key refused",
        payment_required = "no credit",
        forbidden = "forbidden",
        model_not_found = "model not found",
        invalid_request = "invalid request",
        context_too_long = "context too long",
        content_refused = "content refused",
        rate_limited = "rate limited",
        overloaded = "overloaded",
        server = "server error",
        timeout = "timeout",
        network = "no connection",
        bad_reply = "unreadable answer",
        broken_stream = "answer cut off",
        schema_mismatch = "answer does not fit",
        tool_loop = "no end of tool calls",
        budget_exceeded = "over budget",
        config = "bad settings",
    }
}
