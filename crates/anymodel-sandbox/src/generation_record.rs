//! Generation record: the data of an answer that `/generation` returns afterwards.

use axum::http::HeaderMap;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer_builder::AnswerSource;
use super::host_selection::json_number;
use super::reply::SandboxReply;
use super::request::SandboxRequest;

/// The record of this answer for `/generation`.
pub(super) fn generation(
    reply: &SandboxReply,
    request: &SandboxRequest,
    speaker: &AnswerSource<'_>,
    headers: &HeaderMap,
) -> Value {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let (latency, time) = match speaker {
        AnswerSource::Model(pick) => {
            let first = pick.host.ttft_ms;
            (
                first,
                first + reply.usage.completion * 1000 / pick.host.tokens_per_second.max(1),
            )
        }
        AnswerSource::Fault { .. } => (200, 200 + 15 * reply.usage.completion),
    };
    let cost = json_number(reply.usage.cost());
    let mut told = json!({
        "id": reply.id, "model": reply.model, "provider_name": reply.provider, "api_type": "completions",
        "created_at": timestamp(reply.created), "total_cost": cost, "usage": cost, "upstream_inference_cost": 0,
        "tokens_prompt": reply.usage.prompt, "tokens_completion": reply.usage.completion,
        "native_tokens_prompt": reply.usage.prompt, "native_tokens_completion": reply.usage.completion,
        "native_tokens_reasoning": reply.usage.reasoning, "native_tokens_cached": 0,
        "latency": latency, "generation_time": time,
        "finish_reason": reply.finish, "native_finish_reason": reply.finish, "streamed": request.stream,
        "cancelled": false, "is_byok": false, "external_user": request.raw.get("user"), "data_region": "global",
        "origin": header("http-referer").unwrap_or_default(), "http_referer": header("http-referer"),
        "user_agent": header("user-agent"), "session_id": request.session_id,
    });
    for name in NEVER_HERE {
        told[name] = Value::Null;
    }
    told
}

/// Fields of `/generation` that the sandbox does not have.
const NEVER_HERE: [&str; 16] = [
    "cache_discount",
    "native_tokens_completion_images",
    "num_fetches",
    "num_input_audio_prompt",
    "num_media_completion",
    "num_media_prompt",
    "num_search_results",
    "moderation_latency",
    "service_tier",
    "upstream_id",
    "router",
    "app_id",
    "preset_id",
    "workspace_id",
    "provider_responses",
    "web_search_engine",
];

/// `2026-11-20T08:00:00.000Z` from unix seconds.
pub(super) fn timestamp(seconds: u64) -> String {
    let moment = Timestamp::from_second(seconds.cast_signed()).unwrap_or(Timestamp::MAX);
    format!("{moment:.3}")
}
