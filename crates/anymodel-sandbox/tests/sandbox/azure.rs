//! Azure's face: OpenAI's shapes at Azure's addresses.

use serde_json::{Value, json};

use super::support::{Said, talk};

const HEADERS: [(&str, &str); 1] = [("api-key", "0123456789abcdef")];

fn question(stream: bool) -> Value {
    json!({ "stream": stream, "messages": [{ "role": "user", "content": "Explain recursion in one sentence." }] })
}

async fn ask(deployment: &str, body: &Value) -> Said {
    let path =
        format!("/azure/openai/deployments/{deployment}/chat/completions?api-version=2024-10-21");
    Said::by(talk().guest(&path, &HEADERS, body)).await.unwrap()
}

#[tokio::test]
async fn the_deployment_in_the_path_answers_without_openrouters_additions() {
    let body = ask("gpt-4o-mini", &question(false)).await.json();
    assert_eq!(body["model"], "gpt-4o-mini");
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
    assert!(body["prompt_filter_results"].is_array());
    for foreign in ["provider", "native_finish_reason", "cost", "reasoning"] {
        assert!(
            !body.to_string().contains(&format!("\"{foreign}\"")),
            "{body}"
        );
    }
    let both = ask(
        "gpt-4o-mini",
        &json!({ "model": "nobody/nothing", "messages": question(false)["messages"] }),
    )
    .await;
    assert_eq!(both.status, 200, "the model in the body counts for nothing");
}

#[tokio::test]
async fn a_stream_opens_with_the_prompts_filter_and_tells_usage_when_asked() {
    let said = ask("gpt-4o-mini", &question(true)).await;
    assert!(
        said.text.ends_with("data: [DONE]\n\n")
            && !said.text.contains("usage")
            && !said.text.contains("OPENROUTER")
    );
    let first: Value = serde_json::from_str(&said.events()[0].1).unwrap();
    assert_eq!(first["choices"], json!([]));
    assert!(first["prompt_filter_results"].is_array());
    let mut body = question(true);
    body["stream_options"] = json!({ "include_usage": true });
    let events = ask("gpt-4o-mini", &body).await.events();
    let last: Value = serde_json::from_str(&events[events.len() - 2].1).unwrap();
    assert_eq!(last["choices"], json!([]));
    assert!(
        last["usage"]["total_tokens"].as_u64() > Some(10) && last["usage"].get("cost").is_none()
    );
}

#[tokio::test]
async fn errors_have_azures_codes() {
    for (deployment, status, code) in [
        ("sandbox%2F401", 401, "401"),
        ("sandbox/429-always", 429, "429"),
        ("sandbox%2Fdown", 503, "503"),
        ("no-such-deployment", 404, "DeploymentNotFound"),
        ("sandbox%2F403-moderation", 400, "content_filter"),
        (
            "sandbox%2F400-context-length",
            400,
            "context_length_exceeded",
        ),
    ] {
        let said = ask(deployment, &question(false)).await;
        assert_eq!(
            (said.status, &said.json()["error"]["code"]),
            (status, &json!(code)),
            "{deployment}"
        );
    }
    let filtered = ask("sandbox%2F403-moderation", &question(false))
        .await
        .json();
    assert_eq!(
        filtered["error"]["innererror"]["code"],
        "ResponsibleAIPolicyViolation"
    );
    let hinted = ask("sandbox%2F429-retry-after", &question(false)).await;
    assert_eq!(
        (
            &hinted.headers["retry-after"],
            &hinted.headers["retry-after-ms"]
        ),
        (&"0".parse().unwrap(), &"0".parse().unwrap())
    );
    let foreign = ask(
        "gpt-4o-mini",
        &json!({ "models": ["a/b"], "messages": question(false)["messages"] }),
    )
    .await;
    assert!(
        foreign.json()["error"]["message"]
            .as_str()
            .unwrap()
            .contains("models")
    );
}

#[tokio::test]
async fn an_address_without_version_or_key_leads_nowhere() {
    let talk = talk();
    let path = "/azure/openai/deployments/gpt-4o-mini/chat/completions";
    assert_eq!(
        Said::by(talk.guest(path, &HEADERS, &question(false)))
            .await
            .unwrap()
            .status,
        404
    );
    let path = format!("{path}?api-version=2024-10-21");
    assert_eq!(
        Said::by(talk.guest(&path, &[], &question(false)))
            .await
            .unwrap()
            .status,
        401
    );
}
