//! What moves a chain on to the next model, and what does not.

use anymodel::prelude::*;
use serde_json::json;

use crate::support::{Play, Server, answer, json as reply, respond};

/// A chain of two models, of which the first is refused so.
async fn second(first: Play) -> (anymodel::Result<Reply>, usize) {
    let server = Server::play([first, reply(200, &answer("Hello."))]);
    let result = server.client().ask(["acme/one", "acme/two"], "Hi").await;
    (result, server.requests().len())
}

fn error(status: u16, message: &str) -> Play {
    reply(
        status,
        &json!({ "error": { "message": message } }).to_string(),
    )
}

/// Groq's 498: <https://github.com/laravel/ai/pull/925>.
#[tokio::test]
async fn no_capacity_by_any_status_asks_the_next_model_at_once() {
    for status in [409, 423, 425, 498, 503, 529] {
        let (result, requests) = second(error(status, "no room now")).await;
        let reply = result.unwrap();
        assert_eq!((reply.text.as_str(), requests), ("Hello.", 2), "{status}");
        let failure = reply.trail.iter().next().unwrap().failure;
        assert_eq!(failure, Some(ErrorKind::Overloaded), "{status}");
    }
    for status in [424, 499] {
        let server = Server::play([
            error(status, "gone"),
            error(status, "gone"),
            reply(200, &answer("Hello.")),
        ]);
        let reply = server
            .client()
            .ask(["acme/one", "acme/two"], "Hi")
            .await
            .unwrap();
        assert_eq!(reply.text, "Hello.", "{status}");
    }
}

#[tokio::test]
async fn a_request_too_large_asks_the_next_model_whoever_says_so() {
    let page =
        "<html><head><title>413 Request Entity Too Large</title></head><body>nginx</body></html>";
    for (first, kind) in [
        (
            respond(413, "content-type: text/html\r\n", page),
            ErrorKind::InvalidRequest,
        ),
        (
            error(413, "Request payload too large"),
            ErrorKind::InvalidRequest,
        ),
        (
            respond(
                413,
                "content-type: text/plain\r\n",
                "the prompt exceeds model context window",
            ),
            ErrorKind::ContextTooLong,
        ),
    ] {
        let reply = second(first.clone()).await.0.unwrap();
        let failure = reply.trail.iter().next().unwrap().failure;
        assert_eq!((reply.text.as_str(), failure), ("Hello.", Some(kind)));
        let server = Server::play([first.clone(), first]);
        let error = server.client().ask("acme/one", "Hi").await.unwrap_err();
        assert_eq!((error.kind(), server.requests().len()), (kind, 1));
        assert!(error.hint().unwrap().contains("name a"), "{error:?}");
    }
}

#[tokio::test]
async fn more_than_a_minutes_allowance_is_a_rate_limit_that_no_wait_mends() {
    let groq = json!({ "error": {
        "message": "Request too large for model `m` in organization `o` on tokens per minute (TPM): Limit 6000, Requested 9021, please reduce your message size and try again.",
        "type": "tokens", "code": "rate_limit_exceeded",
    } });
    for status in [413, 429] {
        let first = reply(status, &groq.to_string());
        let (result, _) = second(first.clone()).await;
        let failure = result.unwrap().trail.iter().next().unwrap().failure;
        assert_eq!(failure, Some(ErrorKind::RateLimited), "{status}");
        let server = Server::play([first.clone(), first.clone(), first]);
        let error = server.client().ask("acme/one", "Hi").await.unwrap_err();
        assert_eq!(
            (error.kind(), server.requests().len()),
            (ErrorKind::RateLimited, 1),
            "{status}"
        );
    }
}

/// <https://github.com/cline/cline/issues/5140>, <https://github.com/BerriAI/litellm/pull/21647>
#[tokio::test]
async fn too_long_is_heard_in_every_vendors_words() {
    for words in [
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
        "Your input exceeds the context window of this model. Please adjust your input and try again.",
        "prompt is too long: 210094 tokens > 200000 maximum",
        "input length and `max_tokens` exceed context limit: 90402 + 116650 > 204648",
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        "Input is too long for requested model.",
        "Please reduce the length of the messages or completion.",
        "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
        "Prompt contains 40960 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
        "too many tokens: total number of tokens in the prompt exceeds the limit of 4081",
        "Invalid request: Your request exceeded model token limit: 8192",
        "invalid params, context window exceeds limit (2013)",
        "Prompt exceeds max length",
        "Range of input length should be [1, 30720]",
        "The total length of all messages is too long",
        "`inputs` tokens + `max_new_tokens` must be <= 8192",
        "`inputs` must have less than 4095 tokens. Given: 5000",
        "the request exceeds the available context size, try increasing it",
        "Context size has been exceeded.",
        "Requested tokens (5210) exceed context window of 4096",
        "The number of tokens to keep from the initial prompt is greater than the context length.",
        "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens",
        "the input length exceeds the context length",
        "prompt too long; exceeded max context length by 20 tokens",
        "The prompt (total length 9000) is longer than the maximum model length of 8192.",
        "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
        "The context of this request exceeds model context window",
    ] {
        for body in [
            json!({ "error": { "message": words } }),
            json!({ "detail": words }),
            json!({ "message": words }),
        ] {
            let reply = second(reply(400, &body.to_string())).await.0.unwrap();
            let failure = reply.trail.iter().next().unwrap().failure;
            assert_eq!(failure, Some(ErrorKind::ContextTooLong), "{body}");
        }
    }
}

#[tokio::test]
async fn a_wrong_request_and_a_refused_one_stop_the_chain_as_before() {
    for (first, kind) in [
        (
            error(400, "temperature must be at most 2"),
            ErrorKind::InvalidRequest,
        ),
        (error(422, "no such field"), ErrorKind::InvalidRequest),
        (
            reply(
                400,
                r#"{"error":{"code":"content_policy_violation","message":"no"}}"#,
            ),
            ErrorKind::ContentRefused,
        ),
        (error(401, "no"), ErrorKind::KeyRefused),
        (error(403, "no"), ErrorKind::Forbidden),
    ] {
        let (result, requests) = second(first).await;
        assert_eq!((result.unwrap_err().kind(), requests), (kind, 1));
    }
}

/// OpenRouter's 402 speaks of this request's price: "can only afford 700 tokens".
#[tokio::test]
async fn credit_that_is_short_asks_what_costs_less_or_nobody_knows_what() {
    let broke = || {
        error(
            402,
            "This request requires more credits, or fewer max_tokens. You requested up to 4096 tokens, but can only afford 700.",
        )
    };
    let dear = "openai/gpt-4o";
    for (chain, answers) in [
        ([dear, "openai/gpt-4o-mini"], true),
        ([dear, "acme/nobody-knows"], true),
        ([dear, "qwen/qwen3-8b:free"], true),
        (["acme/nobody-knows", dear], true),
        (["openai/gpt-4o-mini", dear], false),
        ([dear, dear], false),
    ] {
        let server = Server::play([broke(), reply(200, &answer("Hello."))]);
        let result = server.client().ask(chain, "Hi").await;
        assert_eq!(result.is_ok(), answers, "{chain:?}");
        assert_eq!(server.requests().len(), if answers { 2 } else { 1 });
        if let Err(error) = result {
            assert_eq!(error.kind(), ErrorKind::PaymentRequired);
            assert!(error.to_string().contains("can only afford 700"), "{error}");
        }
    }
    // The dearer one in the middle is passed over.
    let server = Server::play([broke(), reply(200, &answer("Hello."))]);
    let chain = ["openai/gpt-4o-mini", dear, "acme/nobody-knows"];
    let reply = server.client().ask(chain, "Hi").await.unwrap();
    assert_eq!(reply.trail.last().unwrap().model_asked, "acme/nobody-knows");
    let server = Server::play([broke(), broke()]);
    let error = server
        .client()
        .ask([dear, "openai/gpt-4o-mini"], "Hi")
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), server.requests().len()),
        (ErrorKind::PaymentRequired, 2)
    );
}

#[tokio::test]
async fn a_hint_speaks_of_the_platform_that_was_asked() {
    use crate::field::players::Wire;
    for (wire, speaks) in [
        (Wire::OpenAi, "OpenAI-compatible"),
        (Wire::Anthropic, "Anthropic Messages"),
        (Wire::Gemini, "generateContent"),
    ] {
        let error = wire
            .hear(respond(200, "", "It works!"), false)
            .await
            .unwrap_err();
        let hint = error.hint().unwrap();
        assert!(hint.contains(speaks), "{hint}");
        assert_eq!(hint.contains("OpenAI"), wire == Wire::OpenAi, "{hint}");
    }
}

/// Words for what only another model mends, in statuses that say something else.
#[tokio::test]
async fn the_next_model_is_asked_for_what_only_this_one_cannot_do() {
    use ErrorKind::{BadReply, ContextTooLong, ModelNotFound, Overloaded, PaymentRequired};
    for (status, code, message, kind) in [
        // Groq: https://console.groq.com/docs/errors, https://console.groq.com/docs/deprecations
        (
            400,
            "tool_use_failed",
            "Failed to call a function. Please adjust your prompt.",
            BadReply,
        ),
        (
            400,
            "json_validate_failed",
            "Failed to generate JSON. Please adjust your prompt.",
            BadReply,
        ),
        (
            400,
            "model_decommissioned",
            "The model `m` has been decommissioned.",
            ModelNotFound,
        ),
        (
            400,
            "model_terms_required",
            "The model `m` requires terms acceptance.",
            ModelNotFound,
        ),
        (
            403,
            "model_permission_blocked_project",
            "The model `m` is blocked.",
            ModelNotFound,
        ),
        // DeepSeek, LiteLLM, SiliconFlow, GitHub, Bedrock, LM Studio
        (
            400,
            "invalid_request_error",
            "Model Not Exist",
            ModelNotFound,
        ),
        (
            400,
            "400",
            "/chat/completions: Invalid model name passed in model=m.",
            ModelNotFound,
        ),
        (
            400,
            "20012",
            "Model does not exist. Please check it carefully.",
            ModelNotFound,
        ),
        (400, "unknown_model", "Unknown model: m", ModelNotFound),
        (
            400,
            "",
            "The provided model identifier is invalid.",
            ModelNotFound,
        ),
        (
            400,
            "model_load_failed",
            "Failed to load model \"m\".",
            ModelNotFound,
        ),
        // GitHub Copilot and GitHub Models
        (
            400,
            "model_max_prompt_tokens_exceeded",
            "prompt token count of 9000 exceeds the limit of 8000",
            ContextTooLong,
        ),
        (
            400,
            "",
            "prompt token count of 9000 exceeds the limit of 8000",
            ContextTooLong,
        ),
        (
            413,
            "tokens_limit_reached",
            "Request body too large for m model. Max size: 8000 tokens.",
            ContextTooLong,
        ),
        // OpenAI, Moonshot, xAI, new-api, LiteLLM, Volcengine, SiliconFlow, DashScope, Anthropic, Fireworks
        (
            400,
            "billing_hard_limit_reached",
            "Billing hard limit has been reached",
            PaymentRequired,
        ),
        (
            429,
            "exceeded_current_quota_error",
            "Your account is suspended, please check your plan",
            PaymentRequired,
        ),
        (
            429,
            "",
            "Your team has either used all available credits or reached its limit.",
            PaymentRequired,
        ),
        (
            403,
            "",
            "Your newly created team doesn't have any credits yet.",
            PaymentRequired,
        ),
        (
            403,
            "insufficient_user_quota",
            "用户额度不足",
            PaymentRequired,
        ),
        (
            403,
            "pre_consume_token_quota_failed",
            "token quota is not enough",
            PaymentRequired,
        ),
        (
            400,
            "budget_exceeded",
            "Budget has been exceeded! Current cost: 1.2",
            PaymentRequired,
        ),
        (
            403,
            "AccountOverdueError",
            "your account has an overdue balance",
            PaymentRequired,
        ),
        (
            403,
            "30001",
            "Sorry, your account balance is insufficient",
            PaymentRequired,
        ),
        (
            403,
            "AllocationQuota.FreeTierOnly",
            "The free tier of the model has been exhausted.",
            PaymentRequired,
        ),
        (
            400,
            "invalid_request_error",
            "You have reached your specified API usage limits.",
            PaymentRequired,
        ),
        (
            412,
            "",
            "Account acme is suspended, possibly due to reaching the monthly spending limit",
            PaymentRequired,
        ),
        // NVIDIA
        (
            400,
            "",
            "Function id 'f': DEGRADED function cannot be invoked",
            Overloaded,
        ),
    ] {
        let body = json!({ "error": { "message": message, "code": code } });
        let reply = second(reply(status, &body.to_string())).await.0;
        let reply = reply.unwrap_or_else(|error| panic!("{message}: {error}"));
        let failure = reply.trail.iter().next().unwrap().failure;
        assert_eq!(
            (reply.text.as_str(), failure),
            ("Hello.", Some(kind)),
            "{message}"
        );
    }
}

/// A wait that stands in words alone is kept to: asking earlier only costs another refusal.
#[tokio::test]
async fn a_wait_that_is_told_in_words_is_heard() {
    use std::time::Duration;
    for (words, wait) in [
        (
            "Rate limit reached for m. Please try again in 6.5s. Visit the page.",
            Some(6.5),
        ),
        (
            "Limit 100000, Used 99000. Please try again in 1m2.5s.",
            Some(62.5),
        ),
        ("Please try again in 412ms.", Some(0.412)),
        (
            "Rate limit is exceeded. Try again in 32 seconds.",
            Some(32.0),
        ),
        (
            "reached max organization concurrency: 3, please try again after 1 seconds",
            Some(1.0),
        ),
        (
            "No deployments available for selected model, Try again in 5 seconds. Passed model=m.",
            Some(5.0),
        ),
        ("please retry after 2 minutes, 3 seconds", Some(123.0)),
        ("Please try again in 2h.", Some(7200.0)),
        ("Try again in a while.", None),
        ("Try again in 1.2.3s.", None),
        ("Try again in 7", None),
        ("Too many requests.", None),
    ] {
        let refused = error(429, words);
        let server = Server::play([refused.clone(), refused]);
        let asked = server
            .client()
            .chat("acme/one")
            .user("Hi")
            .retries(0)
            .send()
            .await;
        let error = asked.unwrap_err();
        assert_eq!(
            error.retry_after(),
            wait.map(Duration::from_secs_f64),
            "{words}"
        );
    }
    // A header is more exact than words.
    let body = r#"{"error":{"message":"Try again in 9 seconds."}}"#;
    let server = Server::play([respond(429, "retry-after: 4\r\n", body)]);
    let asked = server
        .client()
        .chat("acme/one")
        .user("Hi")
        .retries(0)
        .send()
        .await;
    assert_eq!(
        asked.unwrap_err().retry_after(),
        Some(Duration::from_secs(4))
    );
}
