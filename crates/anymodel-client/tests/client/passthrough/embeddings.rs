//! Embeddings and the count of tokens: the answer is the caller's, tokens and cost are read.

use anymodel::prelude::*;
use anymodel::{Budget, RawApi};

use super::{client, path, raw, sent};
use crate::support::{Server, answer, json};

const BODY: &str = r#"{"model":"m","input":["Hi",[1,2]],"encoding_format":"base64","x":1.0}"#;
const ANSWER: &str = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":"AACAPw=="},{"object":"embedding","index":1,"embedding":[1.0,-1e-3]}],"model":"text-embedding-3-small","usage":{"prompt_tokens":4,"total_tokens":4,"cost":8e-8}}"#;

#[tokio::test]
async fn vectors_pass_in_both_forms_and_tokens_and_cost_are_booked() {
    for (platform, way) in [
        ("openai", "/v1/embeddings"),
        ("openrouter", "/v1/embeddings"),
    ] {
        let server = Server::play([json(200, ANSWER)]);
        let client = client(platform, &server).build().unwrap();
        let asked = client.chat("text-embedding-3-small").user("Hi");
        let reply = asked
            .raw(raw(RawApi::Embeddings, BODY))
            .send()
            .await
            .unwrap();
        assert_eq!(reply.raw.as_deref(), Some(ANSWER.as_bytes()));
        assert_eq!(path(&server, 0), way);
        let expected = BODY.replace(r#""m""#, r#""text-embedding-3-small""#);
        assert_eq!(sent(&server, 0), expected);
        let usage = reply.usage.unwrap();
        assert_eq!((usage.prompt_tokens, usage.completion_tokens), (4, 0));
        let attempt = reply.trail.last().unwrap();
        assert_eq!(attempt.cost.unwrap().to_string(), "0.00000008");
        assert_eq!(reply.text, "");
    }
}

#[tokio::test]
async fn under_a_budget_only_the_input_is_reserved_and_no_limit_is_sent() {
    let server = Server::play([json(200, ANSWER)]);
    // 4,096 tokens of output would cost 0.0025 dollars.
    let budget = Budget::new().per_call(0.0001);
    let client = client("openai", &server).budget(budget).build().unwrap();
    let asked = client.chat("gpt-4o-mini").user("Hi");
    asked
        .raw(raw(RawApi::Embeddings, BODY))
        .send()
        .await
        .unwrap();
    assert_eq!(sent(&server, 0), BODY.replace(r#""m""#, r#""gpt-4o-mini""#));
}

#[tokio::test]
async fn an_answer_without_vectors_is_followed_by_the_next_model() {
    for bad in [
        r#"{"object":"list","data":[]}"#,
        r#"{"error":{"message":"no capacity","code":503}}"#,
        &answer("Hi"),
        "{}",
    ] {
        let server = Server::play([json(200, bad), json(200, ANSWER)]);
        let client = client("openrouter", &server).build().unwrap();
        let asked = client.chat(["a", "b"]).user("Hi");
        let reply = asked
            .raw(raw(RawApi::Embeddings, BODY))
            .send()
            .await
            .unwrap();
        assert_eq!(reply.trail.len(), 2, "{bad}");
        assert_eq!(reply.raw.as_deref(), Some(ANSWER.as_bytes()));
    }
}

#[tokio::test]
async fn a_platform_without_embeddings_is_passed_over_and_named() {
    let server = Server::play([]);
    let client = client("anthropic", &server).build().unwrap();
    let asked = client.chat("claude-haiku-4-5").user("Hi");
    let error = asked
        .raw(raw(RawApi::Embeddings, BODY))
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("Embeddings"), "{error}");
    assert!(error.hint().unwrap().contains("openai"));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_count_of_tokens_passes_and_costs_nothing() {
    let body = r#"{"model":"m","messages":[{"role":"user","content":"Hi"}],"tools":[]}"#;
    let count = r#"{"input_tokens": 8, "x":1.0}"#;
    let server = Server::play([json(200, count), json(200, "{}"), json(404, "{}")]);
    let budget = Budget::new().total(0.0001);
    let client = client("anthropic", &server).budget(budget).build().unwrap();
    let ask = || {
        let asked = client.chat("claude-haiku-4-5").user("Hi");
        asked.raw(raw(RawApi::CountTokens, body)).send()
    };
    let reply = ask().await.unwrap();
    assert_eq!(reply.raw.as_deref(), Some(count.as_bytes()));
    assert!(path(&server, 0).ends_with("/messages/count_tokens"));
    assert_eq!(
        sent(&server, 0),
        body.replace(r#""m""#, r#""claude-haiku-4-5""#)
    );
    assert!(client.stats().total.unwrap().spent.is_zero());
    assert_eq!(ask().await.unwrap_err().kind(), ErrorKind::BadReply);
    assert_eq!(ask().await.unwrap_err().status(), Some(404));
}

#[tokio::test]
async fn a_count_of_tokens_is_not_asked_of_a_platform_without_it() {
    let server = Server::play([]);
    let client = client("openai", &server).build().unwrap();
    let asked = client.chat("gpt-4o-mini").user("Hi");
    let error = asked
        .raw(raw(RawApi::CountTokens, "{}"))
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.hint().unwrap().contains("anthropic"), "{error:?}");
}
