//! Error codes of the vendors: code words, and texts where nothing else decides.
//!
//! The words are those of OpenRouter, OpenAI, Azure, Anthropic, Google, Groq, ZenMux, Qwen (Model Studio), llama.cpp, the
//! numbers of GLM (<https://docs.bigmodel.cn/cn/api/api-code>), and those of MiniMax's `base_resp`
//! (<https://platform.minimax.io/docs/api-reference/errorcode>); all in lower case.
//!
//! Messages for a prompt that is too long, one line a vendor, quoted from public reports and the servers' sources:
//!
//! | vendor | message |
//! |---|---|
//! | OpenAI, Azure, DeepSeek, OpenRouter, vLLM | `maximum context length is N tokens`; `exceeds the context window` |
//! | Anthropic | `prompt is too long: N tokens > M maximum`; `input length and max_tokens exceed context limit` |
//! | Google | `The input token count (N) exceeds the maximum number of tokens allowed` |
//! | Bedrock | `Input is too long for requested model.`; `too many input tokens` |
//! | Groq, Cerebras | `Please reduce the length of the messages or completion.` |
//! | xAI | `This model's maximum prompt length is N` |
//! | Mistral | `Prompt contains N tokens …, too large for model with M maximum context length` |
//! | Cohere | `too many tokens: total number of tokens in the prompt exceeds the limit`; `prompt is too long` |
//! | Moonshot | `Your request exceeded model token limit: N` |
//! | MiniMax | `context window exceeds limit (2013)` |
//! | GLM | `Prompt exceeds max length`, code 1261 |
//! | DashScope | `Range of input length should be [1, N]` |
//! | Perplexity | `The total length of all messages is too long` |
//! | GitHub Copilot | `prompt token count of N exceeds the limit of M` |
//! | Together | `inputs tokens + max_new_tokens must be <= N` |
//! | TGI | `` `inputs` must have less than N tokens `` |
//! | llama.cpp | `the request exceeds the available context size`; `context size has been exceeded` |
//! | llama-cpp-python | `Requested tokens (N) exceed context window of M` |
//! | LM Studio | `initial prompt is greater than the context length`; `context length of only N tokens` |
//! | Ollama | `input length exceeds the context length`; `prompt too long; exceeded max context length` |
//! | vLLM | `longer than the maximum model length of N`; SGLang: `is longer than the model's context length` |
//!
//! Sources: BerriAI/litellm#21647, cline/cline#5140, ggml-org/llama.cpp#16109, vllm-project/vllm#36197,
//! stackblitz/bolt.new#7414, refly-ai/refly#1177, read in November 2026; rows outside these sources are known from use, and
//! no page of the vendor was at hand.

use anymodel_types::ErrorKind;

type CodeTable = &'static [(ErrorKind, &'static [&'static str])];

/// Code words that decide alone, whatever the status. The first matching row counts.
pub(super) const WORDS: CodeTable = &[
    (
        ErrorKind::ContextTooLong,
        &[
            "context_length_exceeded",
            "token_limit_exceeded",
            "string_too_long",
            "exceed_context_size_error",
            "context_window_exceeded",
            "model_context_window_exceeded",
            "model_max_prompt_tokens_exceeded",
            "tokens_limit_reached",
            "1261",
        ],
    ),
    (
        ErrorKind::ContentRefused,
        &[
            "content_policy_violation",
            "refusal",
            "content_filter",
            "responsibleaipolicyviolation",
            "data_inspection_failed",
            "datainspectionfailed",
            "safety_check_failed",
            "sensitivecontentdetected",
            "1301",
            "base_resp 1026",
            "base_resp 1027",
        ],
    ),
    // Other calls hold the rest of the budget for a moment: the account is not empty.
    (ErrorKind::RateLimited, &["in_flight_budget_exhausted"]),
    // GLM's last three mean a plan that is used up or expired, not a limit to wait for.
    (
        ErrorKind::PaymentRequired,
        &[
            "insufficient_quota",
            "insufficient_credit",
            "insufficient_funds",
            "insufficient_user_quota",
            "pre_consume_token_quota_failed",
            "exceeded_current_quota_error",
            "billing_hard_limit_reached",
            "budget_exceeded",
            "accountoverdueerror",
            "allocationquota.freetieronly",
            "reject_no_credit",
            "quote_exceeded",
            "payment_required",
            "billing_error",
            "enforced_spend_limit_reached",
            "throttling.allocationquota",
            "arrearage",
            "base_resp 1008",
            "base_resp 2056",
            "1113",
            "1304",
            "1308",
            "1309",
            "1310",
        ],
    ),
    (
        ErrorKind::ModelNotFound,
        &[
            "model_not_found",
            "modelnotfound",
            "deploymentnotfound",
            "region_restricted",
            "invalid_model",
            "model_not_available",
            "model_not_supported",
            "model_decommissioned",
            "model_terms_required",
            "model_permission_blocked_project",
            "model_load_failed",
            "unknown_model",
            "1211",
        ],
    ),
    (
        ErrorKind::KeyRefused,
        &[
            "invalid_api_key",
            "invalidapikey",
            "api_key_invalid",
            "authentication",
            "authentication_error",
            "unauthenticated",
            "unauthorized",
            "access_denied",
            "base_resp 1004",
            "base_resp 2049",
            "1000",
            "1001",
            "1002",
            "1003",
            "1004",
        ],
    ),
    (ErrorKind::Forbidden, &["1110", "1111", "1112", "1121"]),
    (ErrorKind::Overloaded, &["1305"]),
    // Groq's codes for model output that cannot be parsed: a retry, or another model, may succeed.
    (
        ErrorKind::BadReply,
        &["tool_use_failed", "json_validate_failed"],
    ),
    // The server will never support this, so it is no temporary fault.
    (ErrorKind::InvalidRequest, &["not_supported_error"]),
];

/// Code words of an error inside a stream, which has no status.
pub(super) const WITHOUT_STATUS: CodeTable = &[
    (
        ErrorKind::RateLimited,
        &[
            "rate_limit_exceeded",
            "rate_limit_error",
            "rate_limit",
            "resource_exhausted",
            "throttling",
            "throttling.ratequota",
            "too_many_requests",
            "1302",
            "1303",
            "base_resp 1002",
            "base_resp 1039",
            "base_resp 1041",
        ],
    ),
    (
        ErrorKind::Overloaded,
        &[
            "provider_overloaded",
            "overloaded_error",
            "unavailable",
            "capacity_exceeded",
        ],
    ),
    (
        ErrorKind::Timeout,
        &[
            "timeout",
            "timeout_error",
            "deadline_exceeded",
            "base_resp 1001",
        ],
    ),
    (ErrorKind::ModelNotFound, &["not_found", "not_found_error"]),
    (
        ErrorKind::Forbidden,
        &["permission_error", "permission_denied", "accessdenied"],
    ),
    (
        ErrorKind::InvalidRequest,
        &[
            "invalid_request",
            "invalid_prompt",
            "invalid_request_error",
            "invalid_argument",
            "invalidparameter",
            "request_too_large",
            "badrequesterror",
            "bad_request",
            "base_resp 2013",
        ],
    ),
];

/// Messages for a prompt that is too long; the table above names the vendors.
pub(super) const TOO_LONG: &[&str] = &[
    "context length",
    "context limit",
    "context size",
    "exceeds the context window",
    "exceed context window",
    "exceeds model context window",
    "context window exceeds limit",
    "exceeds the maximum context",
    "range of input length",
    "prompt is too long",
    "prompt too long",
    "prompt exceeds max length",
    "maximum prompt length",
    "maximum model length",
    "input is too long",
    "length of all messages is too long",
    "exceeds the maximum number of tokens",
    "exceeded model token limit",
    "token count exceeds the limit",
    "prompt token count of",
    "too many tokens",
    "too many input tokens",
    "too large for model with",
    "reduce the length of the messages",
    "reduce the length of your prompt",
    "tokens + max_new_tokens",
    "tokens + `max_new_tokens`",
    "`inputs` must have less than",
    "tokens in request more than max tokens allowed",
];
/// Messages for a request that is larger than the tokens per minute allow: waiting alone does not help.
pub(super) const TOO_MUCH_AT_ONCE: &[&str] = &["tokens per minute", "tokens per min", "(tpm)"];

/// Errors that some platforms report only as text.
pub(super) const TEXTS: CodeTable = &[
    (
        ErrorKind::PaymentRequired,
        &[
            "credit balance is too low",
            "insufficient balance",
            "insufficient credit",
            "credits are depleted",
            "have any credits",
            "used all available credits",
            "balance is insufficient",
            "spending limit",
            "api usage limits",
            "余额不足",
            "欠费",
        ],
    ),
    (
        ErrorKind::ModelNotFound,
        &[
            "not a valid model",
            "model not found",
            "no such model",
            "model not exist",
            "model does not exist",
            "invalid model name",
            "model identifier is invalid",
        ],
    ),
    (
        ErrorKind::KeyRefused,
        &[
            "api key not valid",
            "api key expired",
            "invalid api key",
            "incorrect api key",
        ],
    ),
    // NVIDIA's message for a model whose machines are unhealthy.
    (ErrorKind::Overloaded, &["degraded function"]),
];

/// Errors that are reported only as text, without a status, as under HTTP 200.
pub(super) const TEXTS_WITHOUT_STATUS: CodeTable = &[
    (
        ErrorKind::KeyRefused,
        &[
            "login fail",
            "unauthorized",
            "authentication",
            "invalid token",
            "invalid access token",
            "api key is invalid",
        ],
    ),
    (
        ErrorKind::RateLimited,
        &[
            "rate limit",
            "too many requests",
            "request limit reached",
            "requests per",
        ],
    ),
    (
        ErrorKind::Overloaded,
        &["overloaded", "no capacity", "at capacity", "server is busy"],
    ),
    (ErrorKind::Forbidden, &["permission denied", "forbidden"]),
    (
        ErrorKind::InvalidRequest,
        &[
            "invalid parameter",
            "invalid param",
            "invalid request",
            "bad request",
            // LM Studio answers every URL with HTTP 200.
            "unexpected endpoint",
        ],
    ),
    (ErrorKind::Timeout, &["timed out"]),
];
