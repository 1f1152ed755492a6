//! `tracing` spans of a call and its attempts.
//!
//! One span for the call and, in it, one for each attempt, with the names of OpenTelemetry's conventions for generative
//! AI (`gen_ai.*`), so that a collector can read them. Tokens and cost stand on the attempts alone, because each attempt
//! may be paid for: a collector that adds them up counts none twice. Never in a span: the question, the answer, a key,
//! or a server's message about a failure, which may repeat any of them.
//! Source: OpenTelemetry's semantic conventions for generative AI, read in August 2026.

use tracing::field::{Empty, debug, display};
use tracing::{Span, info_span};

use crate::config::SANDBOX;
use anymodel_types::{Attempt, ErrorKind, FinishReason, Reply, Result, is_simulated};

/// What a filter of a program names, whichever member the code is in.
const TARGET: &str = "anymodel";

/// The conventions' names of platforms, by the first word of our name.
const PROVIDERS: [(&str, &str); 4] = [
    ("azure", "azure.ai.openai"),
    ("bedrock", "aws.bedrock"),
    ("gemini", "gcp.gemini"),
    ("vertex", "gcp.vertex_ai"),
];

/// The span of a whole call. `model` is the first one asked.
pub(super) fn call(model: &str) -> Span {
    info_span!(
        target: TARGET,
        "call",
        "otel.name" = format!("chat {model}"),
        "otel.kind" = "internal",
        "otel.status_code" = Empty,
        "gen_ai.operation.name" = "chat",
        "gen_ai.request.model" = model,
        "gen_ai.provider.name" = Empty,
        "gen_ai.response.model" = Empty,
        "gen_ai.response.id" = Empty,
        "gen_ai.response.finish_reasons" = Empty,
        "error.type" = Empty,
        "anymodel.attempts" = Empty,
    )
}

/// The call is over. A call that is dropped before was cancelled, and its span has no end.
pub(super) fn call_ended(span: &Span, result: &Result<Reply>) {
    if span.is_disabled() {
        return;
    }
    let trail = match result {
        Ok(reply) => {
            span.record("gen_ai.provider.name", provider(&reply.platform));
            response(
                span,
                Some(&reply.model),
                reply.id.as_deref(),
                reply.finish_reason.as_ref(),
            );
            &reply.trail
        }
        Err(error) => {
            failed(span, error.kind());
            error.trail()
        }
    };
    span.record("anymodel.attempts", trail.len() as i64);
}

/// The span of one HTTP request.
pub(super) fn attempt(platform: &str, model: &str) -> Span {
    info_span!(
        target: TARGET,
        "attempt",
        "otel.name" = format!("chat {model}"),
        "otel.kind" = "client",
        "otel.status_code" = Empty,
        "gen_ai.operation.name" = "chat",
        "gen_ai.provider.name" = provider(platform),
        // The conventions' name before 2025; some collectors know no other.
        "gen_ai.system" = provider(platform),
        "gen_ai.request.model" = model,
        "gen_ai.response.model" = Empty,
        "gen_ai.response.id" = Empty,
        "gen_ai.response.finish_reasons" = Empty,
        "gen_ai.usage.input_tokens" = Empty,
        "gen_ai.usage.output_tokens" = Empty,
        "http.request.method" = "POST",
        "http.response.status_code" = Empty,
        "error.type" = Empty,
        "anymodel.platform" = platform,
        "anymodel.cost_usd" = Empty,
    )
}

/// The attempt is over. The id and the finish reason are those of its answer.
pub(super) fn attempt_ended(
    span: &Span,
    attempt: &Attempt,
    id: Option<&str>,
    finish: Option<&FinishReason>,
) {
    if span.is_disabled() {
        return;
    }
    response(span, attempt.model_answered.as_deref(), id, finish);
    if let Some(status) = attempt.status {
        span.record("http.response.status_code", i64::from(status));
    }
    if let Some(usage) = attempt.usage {
        span.record("gen_ai.usage.input_tokens", usage.prompt_tokens as i64);
        span.record("gen_ai.usage.output_tokens", usage.completion_tokens as i64);
    }
    if let Some(cost) = attempt.cost {
        span.record("anymodel.cost_usd", display(cost));
    }
    if let Some(kind) = attempt.failure {
        failed(span, kind);
    }
}

fn response(span: &Span, model: Option<&str>, id: Option<&str>, finish: Option<&FinishReason>) {
    if let Some(model) = model {
        span.record("gen_ai.response.model", model);
    }
    if let Some(id) = id {
        span.record("gen_ai.response.id", id);
    }
    if let Some(finish) = finish {
        span.record("gen_ai.response.finish_reasons", debug([finish.as_str()]));
    }
}

fn failed(span: &Span, kind: ErrorKind) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", kind.as_str().replace(' ', "_").as_str());
}

/// The platform in the conventions' words. The sandbox keeps its name, so that its answers are not taken for real ones.
fn provider(platform: &str) -> &str {
    if is_simulated(platform) {
        return SANDBOX;
    }
    let word = platform.split('-').next().unwrap_or(platform);
    let known = PROVIDERS.iter().find(|(name, _)| *name == word);
    match known {
        Some((_, provider)) => provider,
        // `anthropic-compatible` is Anthropic; an address stays as it is.
        None if anymodel_catalog::platform_spec::find(platform).is_some() => word,
        None => platform,
    }
}
