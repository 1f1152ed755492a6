//! Upstream: real answers for offline lessons. The request goes to an OpenAI-compatible server on this machine (Ollama,
//! llama.cpp). Its answer is sent in the sandbox's format, with the sandbox's model names, prices and faults.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::error_response::ErrorResponse;
use super::request::SandboxRequest;
use super::server::ServerState;
use super::tools::SandboxToolCall;

/// Local models on small machines are slow.
const TIMEOUT: Duration = Duration::from_secs(300);

/// The answer of the upstream server.
pub(super) struct UpstreamAnswer {
    pub text: String,
    pub calls: Vec<SandboxToolCall>,
    pub finish: &'static str,
    /// Tokens of the prompt and of the answer, when the server reported them.
    pub tokens: Option<(u64, u64)>,
}

/// An HTTP client for a local server. It has its own cryptography, because the process may have none installed.
pub(super) fn client() -> Result<reqwest::Client, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .timeout(TIMEOUT)
        .build()
        .map_err(|error| error.to_string())
}

/// Sends a request to the server at `address` (its `/v1`), without streaming.
pub(super) async fn ask(
    shared: &ServerState,
    address: &str,
    request: &SandboxRequest,
) -> Result<UpstreamAnswer, ErrorResponse> {
    let address = address.trim_end_matches('/');
    let client = shared.http.as_ref().map_err(|why| failed(address, why))?;
    let mut body = json!({ "model": model(client, address, request).await, "stream": false });
    for field in [
        "messages",
        "temperature",
        "top_p",
        "max_tokens",
        "stop",
        "seed",
        "tools",
        "tool_choice",
        "response_format",
    ] {
        if let Some(value) = request.raw.get(field) {
            body[field] = value.clone();
        }
    }
    if let Some(most) = request.max_tokens {
        body["max_tokens"] = json!(most);
    }
    let sent = client
        .post(format!("{address}/chat/completions"))
        .json(&body)
        .send()
        .await;
    let response = sent.map_err(|error| failed(address, &error.to_string()))?;
    let status = response.status();
    let text = response
        .text()
        .await
        .map_err(|error| failed(address, &error.to_string()))?;
    if !status.is_success() {
        return Err(failed(
            address,
            &format!("it answered {status}: {}", text.trim()),
        ));
    }
    let said: Value = serde_json::from_str(&text)
        .map_err(|error| failed(address, &format!("its answer is no JSON: {error}")))?;
    read(&said).ok_or_else(|| failed(address, "its answer has no choices"))
}

/// The model of the server; it rarely has the requested one.
async fn model(client: &reqwest::Client, address: &str, request: &SandboxRequest) -> String {
    let asked = request.model.clone().unwrap_or_default();
    let Ok(response) = client.get(format!("{address}/models")).send().await else {
        return asked;
    };
    let Ok(list) = response.json::<Value>().await else {
        return asked;
    };
    let first = list.pointer("/data/0/id").and_then(Value::as_str);
    first.map_or(asked, str::to_owned)
}

fn read(said: &Value) -> Option<UpstreamAnswer> {
    let choice = said.pointer("/choices/0")?;
    let text = choice.pointer("/message/content").and_then(Value::as_str);
    let calls = choice
        .pointer("/message/tool_calls")
        .and_then(Value::as_array);
    let calls: Vec<SandboxToolCall> = calls
        .into_iter()
        .flatten()
        .enumerate()
        .filter_map(|(at, call)| {
            let id = call.get("id").and_then(Value::as_str);
            Some(SandboxToolCall {
                id: id.map_or_else(|| format!("call_sandbox_{}", at + 1), str::to_owned),
                name: call.pointer("/function/name")?.as_str()?.to_owned(),
                arguments: call.pointer("/function/arguments")?.as_str()?.to_owned(),
            })
        })
        .collect();
    let finish = match choice.get("finish_reason").and_then(Value::as_str) {
        _ if !calls.is_empty() => "tool_calls",
        Some("length") => "length",
        Some("content_filter") => "content_filter",
        _ => "stop",
    };
    let count = |key: &str| {
        said.pointer(&format!("/usage/{key}"))
            .and_then(Value::as_u64)
    };
    Some(UpstreamAnswer {
        text: text.unwrap_or_default().to_owned(),
        calls,
        finish,
        tokens: count("prompt_tokens").zip(count("completion_tokens")),
    })
}

fn failed(address: &str, why: &str) -> ErrorResponse {
    let mut failure = ErrorResponse::new(502, "provider_unavailable", "Provider returned error");
    let raw = format!("The server behind the sandbox, {address}, failed: {why}");
    failure.metadata.insert("raw".into(), raw.into());
    failure
        .metadata
        .insert("provider_name".into(), "upstream".into());
    failure
}
