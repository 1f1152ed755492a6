//! The table of faults.

use std::time::Duration;

use super::status_faults::{RetryHint, StatusFault};
use super::{Fault, FaultKind, ResponseFault};
use crate::error_response::Code;

const fn fault(name: &'static str, status: u16, summary: &'static str, act: FaultKind) -> Fault {
    let status = if status == 0 { None } else { Some(status) };
    Fault {
        name,
        status,
        summary,
        act,
    }
}

const fn always(name: &'static str, summary: &'static str, refusal: StatusFault) -> Fault {
    fault(name, refusal.status, summary, FaultKind::Always(refusal))
}

const fn once(name: &'static str, summary: &'static str, refusal: StatusFault) -> Fault {
    fault(name, refusal.status, summary, FaultKind::Once(refusal))
}

const fn quirk(name: &'static str, summary: &'static str, quirk: ResponseFault) -> Fault {
    fault(name, 200, summary, FaultKind::Quirk(quirk))
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn limited() -> StatusFault {
    StatusFault::new(429, "rate_limit_exceeded", "Provider returned error").metadata(UPSTREAM)
}

const UPSTREAM: &str = r#"{"raw": "The provider has too many requests right now.", "provider_name": "Sandbox", "is_byok": false, "limit_source": "upstream_provider_shared_pool"}"#;

const fn overloaded() -> StatusFault {
    StatusFault::new(
        503,
        "provider_overloaded",
        "Service temporarily unavailable",
    )
    .metadata(r#"{"provider_name": "Sandbox"}"#)
}

const fn server() -> StatusFault {
    StatusFault::new(500, "server", "Internal Server Error")
}

const CONSTRAINT: &str = r#"{"code": "constraint_filtered", "retryable": false, "requested_models": ["sandbox/404-no-code"], "excluded_by": ["max_price"], "constraint": {"field": "max_price", "detail": "every host costs more"}, "docs_url": "https://openrouter.ai/docs/api-reference/errors"}"#;
const CAPACITY: &str = r#"{"code": "capacity_exhausted", "retryable": true, "requested_models": ["sandbox/429-hint-availability"], "docs_url": "https://openrouter.ai/docs/api-reference/errors"}"#;
const MODERATED: &str = r#"{"reasons": ["violence"], "flagged_input": "the beginning of the question", "provider_name": "Sandbox", "model_slug": "sandbox/403-moderation"}"#;

/// All faults: first those of the lessons, then in the order of the protocol notes.
// One fault a line, so that the table reads as a table.
#[rustfmt::skip]
pub(crate) static TABLE: &[Fault] = &[
    fault("echo", 200, "healthy: says the question back, at once", FaultKind::Echo),
    fault("steady-200ms", 200, "healthy: the whole answer after 200 milliseconds, for measurements", FaultKind::Steady(Duration::from_millis(200))),
    always("rate-limited", "429 every time, without a hint when to come back", limited()),
    fault("slow", 200, "20 seconds of silence, then headers and a good answer", FaultKind::SlowHeaders(seconds(20))),
    always("down", "503 every time", overloaded()),
    // The sixteen scenarios of public failover tests that the rows above do not cover.
    once("429-retry-after", "429 with Retry-After: 2, then one good answer, in turns", limited().hint(RetryHint::Header(2))),
    always("429-always", "429 every time, without a hint when to come back", limited()),
    once("500-once", "500, then one good answer, in turns", server()),
    once("503-once", "503, then one good answer, in turns", overloaded()),
    fault("connection-reset-once", 0, "a TCP reset before the first byte, then one good answer, in turns", FaultKind::Reset { once: true }),
    fault("connection-reset", 0, "a TCP reset before the first byte, every time", FaultKind::Reset { once: false }),
    fault("silence", 0, "the request is taken, then 120 seconds of nothing, then the connection closes", FaultKind::Silence(seconds(120))),
    fault("slow-first-token", 200, "headers at once, the first token after 20 seconds", FaultKind::SlowFirstToken(seconds(20))),
    quirk("stream-cut", "the connection closes after 40 of 60 words, with no ending", ResponseFault::StreamCut),
    quirk("stream-reset", "a TCP reset after 40 of 60 words", ResponseFault::StreamReset),
    quirk("stall", "20 words, then 30 seconds of silence, then the connection closes", ResponseFault::Stall),
    quirk("malformed-chunk", "the tenth event is no JSON, the rest is fine; without streaming the body ends too early", ResponseFault::MalformedChunk),
    quirk("no-done", "a whole answer without the final [DONE]", ResponseFault::NoDone),
    quirk("cut-after-finish", "the connection breaks after the finish reason: no usage, no [DONE]", ResponseFault::CutAfterFinish),
    fault("misfit", 200, "healthy, but answers in words where JSON was asked for", FaultKind::Misfit { once: false }),
    fault("misfit-once", 200, "healthy, but writes numbers out as words in its JSON until it is told so", FaultKind::Misfit { once: true }),
    fault("no-prefill", 200, "answers, but refuses a conversation that ends with the assistant's words (400)", FaultKind::NoPrefill(StatusFault::new(400, "invalid_request", "This model does not support assistant message prefill."))),
    fault("outage-60s", 503, "503 for the 60 seconds after a key's first request, then well for good", FaultKind::Outage(seconds(60), overloaded())),
    // The error table.
    always("400", "400, a parameter is wrong", StatusFault::new(400, "invalid_request", "Invalid request parameters")),
    always("400-invalid-prompt", "400, the prompt is wrong", StatusFault::new(400, "invalid_prompt", "Invalid prompt: the conversation cannot be read")),
    always("400-model-not-found", "400, no model of that name", StatusFault::new(400, "invalid_request", "sandbox/400-model-not-found is not a valid model ID").availability(r#"{"code": "model_not_found", "retryable": false, "requested_models": ["sandbox/400-model-not-found"], "fallback_models": ["sandbox/echo"], "docs_url": "https://openrouter.ai/docs/api-reference/errors"}"#)),
    always("400-context-length", "400, the conversation is too long for the model", StatusFault::new(400, "context_length_exceeded", "This endpoint's maximum context length is 8192 tokens. However, you requested about 9000 tokens.")),
    always("400-max-tokens", "400, more answer tokens asked for than the model can give", StatusFault::new(400, "max_tokens_exceeded", "max_tokens is larger than this model's limit of 4096")),
    always("400-string-too-long", "400, one text is too long", StatusFault::new(400, "string_too_long", "A message is longer than this model accepts")),
    always("400-content-policy", "400, the provider refuses the content and says why", StatusFault::new(400, "content_policy_violation", "Provider returned error").metadata(r#"{"raw": "The request was rejected by the safety system: violence.", "provider_name": "Sandbox"}"#)),
    always("400-refusal", "400, the model declines to answer", StatusFault::new(400, "refusal", "The model declined to answer this request")),
    always("400-invalid-image", "400, the picture cannot be read", StatusFault::new(400, "invalid_image", "The image could not be decoded")),
    always("400-image-too-large", "400, the picture is too big", StatusFault::new(400, "image_too_large", "The image is larger than the provider accepts")),
    always("404-image-not-found", "404, the picture's address leads nowhere", StatusFault::new(404, "image_not_found", "The image URL could not be found")),
    always("401", "401, the key is missing or refused", StatusFault::new(401, "authentication", "Missing Authentication header")),
    always("402", "402, no credit left", StatusFault::new(402, "payment_required", "Insufficient credits. Add credits to your account and try again.").metadata(r#"{"limit_source": "openrouter_credits"}"#)),
    always("402-key-limit", "402, this key's own limit is used up", StatusFault::new(402, "payment_required", "This key has reached its spending limit.").metadata(r#"{"limit_source": "openrouter_key_limit"}"#)),
    once("402-in-flight", "402 that passes: other calls hold the budget for 2 seconds", StatusFault::new(402, "in_flight_budget_exhausted", "Calls in flight hold the rest of the budget.").hint(RetryHint::Header(2))),
    always("403", "403, the key may not do this", StatusFault::new(403, "permission_denied", "Only management keys can perform this operation")),
    always("403-moderation", "403, the prompt was flagged, with the reasons", StatusFault::new(403, "permission_denied", "Request blocked: the input was flagged").metadata(MODERATED)),
    always("403-guardrail", "403, a guardrail's pattern was met", StatusFault::new(403, "permission_denied", "Request blocked: a guardrail matched").metadata(r#"{"patterns": ["credit card number"]}"#)),
    always("403-region", "403, not offered in this region", StatusFault::new(403, "permission_denied", "This model is not available in your region").availability(r#"{"code": "region_restricted", "retryable": false, "requested_models": ["sandbox/403-region"], "excluded_by": ["geo"], "docs_url": "https://openrouter.ai/docs/api-reference/errors"}"#)),
    always("404", "404, no host serves this model", StatusFault::new(404, "not_found", "No endpoints found for sandbox/404.")),
    always("404-privacy", "404, the account's privacy settings leave no host", StatusFault::new(404, "not_found", "No endpoints found matching your data policy").availability(r#"{"code": "privacy_restricted", "retryable": false, "requested_models": ["sandbox/404-privacy"], "excluded_by": ["data_policy:training"], "docs_url": "https://openrouter.ai/docs/api-reference/errors"}"#)),
    always("404-free-ended", "404, the free offer has ended", StatusFault::new(404, "not_found", "The free period for this model has ended.").availability(r#"{"code": "free_variant_ended", "retryable": false, "requested_models": ["sandbox/404-free-ended"], "fallback_models": ["sandbox/echo"], "docs_url": "https://openrouter.ai/docs/api-reference/errors"}"#)),
    always("404-deprecated", "404, the model was retired", StatusFault::new(404, "not_found", "This model is no longer available.").availability(r#"{"code": "model_deprecated", "retryable": false, "requested_models": ["sandbox/404-deprecated"], "fallback_models": ["sandbox/echo"], "docs_url": "https://openrouter.ai/docs/api-reference/errors"}"#)),
    always("408", "408, the operation took too long", StatusFault::new(408, "timeout", "Operation timed out. Please try again later.")),
    always("412", "412, a precondition does not hold", StatusFault::new(412, "precondition_failed", "Precondition failed")),
    always("413", "413, the request is too large", StatusFault::new(413, "payload_too_large", "Request payload too large")),
    always("422", "422, the request is well formed and makes no sense", StatusFault::new(422, "unprocessable", "Invalid argument")),
    always("500", "500 every time, the cause hidden", server()),
    always("502", "502 every time, the provider failed", StatusFault::new(502, "provider_unavailable", "Provider returned error").metadata(r#"{"provider_name": "Sandbox", "provider_code": "bad_gateway"}"#)),
    always("502-previous", "502 after the service tried two providers itself", StatusFault::new(502, "provider_unavailable", "Provider returned error").metadata(r#"{"previous_errors": [{"provider": "Sandbox", "code": "overloaded", "status": 503}, {"provider": "Sandbox Two", "code": "timeout", "status": 504}]}"#)),
    always("503", "503 every time", overloaded()),
    always("504", "504 every time, the provider took too long", StatusFault::new(504, "timeout", "Request timed out. Please try again later.")),
    always("524", "524 every time, the edge stopped waiting", StatusFault::new(524, "timeout", "Request timed out. Please try again later.")),
    always("529", "529 every time, the provider is overloaded", StatusFault::new(529, "provider_overloaded", "Provider returned error")),
    // The formats of other servers, and their errors for capacity and size.
    always("404-error-beside-detail", "404 whose cause stands in detail, beside an error that says nothing", StatusFault::new(404, "not_found", "No model of this name is loaded").body(r#"{"error": "Not Found", "detail": "No model of this name is loaded"}"#)),
    always("422-detail-list", "422 as FastAPI says it: a list of places and causes", StatusFault::new(422, "unprocessable", "Input should be less than or equal to 2").body(r#"{"detail": [{"type": "less_than_equal", "loc": ["body", "temperature"], "msg": "Input should be less than or equal to 2", "input": 3}]}"#)),
    always("413-tokens-per-minute", "413 as Groq says it: more tokens at once than a minute allows", StatusFault::new(413, "rate_limit_exceeded", "Request too large for model `sandbox` on tokens per minute (TPM): Limit 6000, Requested 9021, please reduce your message size and try again.").code(Code::Text)),
    always("498", "498 as Groq says it: no capacity now", StatusFault::new(498, "capacity_exceeded", "Flex tier capacity exceeded")),
    // The formats of error.code.
    always("500-text-code", "500 whose code is a string", StatusFault::new(500, "server_error", "Internal Server Error").code(Code::Text)),
    always("429-text-code", "429 whose code is a string", limited().code(Code::Text)),
    always("404-no-code", "404 without a code: error_type and http_status instead", StatusFault::new(404, "not_found", "No endpoints found matching your request").code(Code::Missing).availability(CONSTRAINT)),
    always("503-no-code", "503 without a code: error_type and http_status instead", overloaded().code(Code::Missing)),
    // Each place of a retry hint; all alternate with a good answer.
    once("429-hint-date", "429 whose Retry-After is a date 2 seconds ahead, then a good answer", limited().hint(RetryHint::Date(2))),
    once("429-hint-availability", "429 with error.availability.retry_after, then a good answer", limited().availability(CAPACITY).hint(RetryHint::Availability(2))),
    once("429-hint-metadata", "429 with error.metadata.retry_after_seconds, then a good answer", limited().hint(RetryHint::Metadata(2))),
    once("429-hint-metadata-header", "429 with Retry-After in error.metadata.headers, then a good answer", limited().hint(RetryHint::MetadataHeader(2))),
    once("429-hint-reset", "429 with X-RateLimit-Reset in unix milliseconds, then a good answer", limited().hint(RetryHint::ResetHeader(2))),
    once("429-hint-metadata-reset", "429 with X-RateLimit-Reset in error.metadata.headers, then a good answer", limited().hint(RetryHint::MetadataReset(2))),
    once("503-retry-after", "503 with Retry-After: 2, then a good answer", overloaded().hint(RetryHint::Header(2))),
    always("429-long-wait", "429 with Retry-After: 3600, longer than any call should wait", limited().hint(RetryHint::Header(3600))),
    always("429-free-per-day", "429, the day's free requests are used up", StatusFault::new(429, "rate_limit_exceeded", "Rate limit exceeded: free-models-per-day").hint(RetryHint::MetadataReset(43_200))),
    // Errors under status 200.
    quirk("error-mid-stream", "an error inside the stream after 40 words; without streaming inside the choice", ResponseFault::ErrorMidStream),
    quirk("error-mid-stream-no-choices", "the same with an empty list of choices", ResponseFault::ErrorMidStreamNoChoices),
    quirk("error-mid-stream-text-code", "the same with a string as its code", ResponseFault::ErrorMidStreamTextCode),
    quirk("error-in-choice", "half an answer and an error beside it in the choice", ResponseFault::ErrorInChoice),
    quirk("error-body", "status 200, and the body is nothing but an error", ResponseFault::ErrorBody),
    quirk("error-flat", "status 200, and the error stands in the body itself; in a stream in an event named error", ResponseFault::ErrorFlat),
    quirk("error-base-resp", "status 200 and no choices, but MiniMax's base_resp: the key is refused", ResponseFault::ErrorBaseResp),
    quirk("error-empty", "an empty error object beside a good answer", ResponseFault::ErrorEmpty),
    quirk("empty-completion", "no text, no tokens, no finish reason: the model is warming up", ResponseFault::EmptyCompletion),
    // Unusual, but valid for a robust client.
    quirk("comments", "many comment lines between the chunks; blank lines before the JSON", ResponseFault::Comments),
    quirk("leading-whitespace", "blank lines before the JSON and before the stream", ResponseFault::LeadingSpace),
    quirk("crlf", "lines end with CR LF", ResponseFault::Crlf),
    quirk("no-space", "no space after data:", ResponseFault::NoSpace),
    quirk("several-data-lines", "each event is spread over several data: lines", ResponseFault::SeveralLines),
    quirk("split-utf8", "bytes come five at a time, cutting characters apart", ResponseFault::Split),
    quirk("finish-null", "a whole answer whose finish reason is null", ResponseFault::FinishNull),
    quirk("finish-blank", "a whole answer whose finish reason is an empty string", ResponseFault::FinishBlank),
    quirk("finish-model-length", "an answer cut at the context's end, with Mistral's word for it", ResponseFault::FinishModelLength),
    quirk("finish-null-text", "the text null as finish reason, in each chunk of a stream that is then cut", ResponseFault::FinishNullText),
    quirk("finish-unknown", "an answer with a finish reason nobody knows, so perhaps not whole", ResponseFault::FinishUnknown),
    quirk("finish-error", "an answer that ends with the finish reason error and no error object", ResponseFault::FinishError),
    quirk("content-filter", "an answer cut by the provider's filter", ResponseFault::ContentFilter),
    quirk("usage-missing", "no usage anywhere", ResponseFault::UsageMissing),
    quirk("usage-null", "usage is null", ResponseFault::UsageNull),
    quirk("usage-old-form", "usage on a last chunk with one empty choice", ResponseFault::UsageOldForm),
    quirk("usage-on-finish", "usage on the chunk with the finish reason", ResponseFault::UsageOnFinish),
    quirk("usage-twice", "usage twice", ResponseFault::UsageTwice),
    quirk("cost-missing", "usage without a cost", ResponseFault::CostMissing),
    quirk("html", "status 200 and a web page instead of JSON", ResponseFault::Html),
    quirk("empty-body", "status 200 and nothing", ResponseFault::EmptyBody),
    quirk("broken-json", "status 200 and JSON that stops in the middle; in a stream every chunk", ResponseFault::BrokenJson),
    quirk("choices-empty", "an answer with an empty list of choices", ResponseFault::ChoicesEmpty),
    quirk("choices-missing", "an answer without choices", ResponseFault::ChoicesMissing),
    quirk("other-model", "another model answers than was asked", ResponseFault::OtherModel),
    quirk("foreign-id", "an id of another make: chatcmpl-…", ResponseFault::ForeignId),
    quirk("fields-missing", "no object, created, system_fingerprint or provider", ResponseFault::FieldsMissing),
    quirk("floats", "token counts written as floats", ResponseFault::Floats),
    quirk("tier-unknown", "a service tier nobody knows", ResponseFault::TierUnknown),
    quirk("content-after-finish", "more text after the finish reason", ResponseFault::ContentAfterFinish),
    quirk("content-parts", "content as a list of parts", ResponseFault::ContentParts),
    quirk("empty-data", "an empty data: between the events", ResponseFault::EmptyData),
    quirk("one-line-end", "events are parted by one line end alone", ResponseFault::OneLineEnd),
    quirk("no-blank-line", "the last event has no blank line after it, and no [DONE] follows", ResponseFault::NoBlankLine),
    quirk("byte-order-mark", "a byte order mark before everything else", ResponseFault::ByteOrderMark),
    quirk("lone-surrogates", "an emoji cut in two: each half is a lone surrogate in a chunk of its own; without streaming one half", ResponseFault::LoneSurrogates),
    quirk("events-as-json", "a stream that is labelled application/json", ResponseFault::EventsAsJson),
    quirk("json-as-events", "one whole JSON answer that is labelled text/event-stream", ResponseFault::JsonAsEvents),
    quirk("error-as-events", "a JSON error that is labelled text/event-stream, under status 200", ResponseFault::ErrorAsEvents),
    quirk("error-field", "an error in a stream as llama.cpp wrote it: in the field error:, and not in data:", ResponseFault::ErrorField),
    quirk("large-picture", "a picture of 8 MB in one line", ResponseFault::LargePicture),
    quirk("thought-parts", "thoughts as parts of the content", ResponseFault::ThoughtParts),
    quirk("calls-in-second-choice", "a call of a tool in the second choice", ResponseFault::CallsInSecondChoice),
    quirk("calls-under-one-index", "two sets of arguments under one index", ResponseFault::CallsUnderOneIndex),
    quirk("annotations", "annotations of a kind nobody knows", ResponseFault::Annotations),
];
