//! What an endpoint gets of the caller's JSON.

use anymodel::adapter::{Answer, PlatformRequest, PlatformResult, StreamDelta};
use anymodel::prelude::*;
use anymodel::{Adapter, Budget, RawApi, RawRequest};
use serde_json::Value;

use super::{chat, client, sent};
use crate::support::{Server, answer, json};

#[tokio::test]
async fn every_byte_but_the_models_name_reaches_a_platform_of_the_same_api() {
    let body = r#"{ "x_a": {"b": [1.0, 1e3, 123456789012345678901234567890, -0.0, null]},
        "model" : "alias", "messages":[{"role":"user","content":"你好 😀 \u00e9 \ud800","x":{}}],
        "temperature":0.70, "x_a": "again", "tools": [] , "\u006d\u006fdel":"other" }"#;
    for platform in ["openrouter", "openai", "deepseek", "azure"] {
        let server = Server::play([json(200, &answer("Hi"))]);
        let client = client(platform, &server).build().unwrap();
        let asked = client.chat("acme/new-1").user("Hi").raw(chat(body));
        asked.send().await.unwrap();
        let expected = body
            .replace(r#""alias""#, r#""acme/new-1""#)
            .replace(r#""other""#, r#""acme/new-1""#);
        assert_eq!(sent(&server, 0), expected, "{platform}");
    }
}

#[tokio::test]
async fn a_stream_always_asks_for_its_usage_and_keeps_the_callers_other_options() {
    let options = [
        (
            r#""x":1"#,
            r#""x":1,"stream_options":{"include_usage":true}"#,
        ),
        (
            r#""stream_options":null"#,
            r#""stream_options":{"include_usage":true}"#,
        ),
        (
            r#""stream_options":{"include_obfuscation":false, "y":1.0}"#,
            r#""stream_options":{"include_obfuscation":false, "y":1.0,"include_usage":true}"#,
        ),
        (
            r#""stream_options":{"include_usage" : false}"#,
            r#""stream_options":{"include_usage" : true}"#,
        ),
    ];
    for (given, expected) in options {
        let server = Server::play([json(200, &answer("Hi"))]);
        let client = client("openai", &server).build().unwrap();
        let body = |options: &str| format!(r#"{{"model":"m","stream":true,{options}}}"#);
        let asked = client.chat("m").user("Hi").raw(chat(&body(given)));
        asked.stream().final_reply().await.unwrap();
        assert_eq!(sent(&server, 0), body(expected));
    }
}

#[tokio::test]
async fn a_budget_sets_the_output_limit_that_the_caller_left_out_and_only_that() {
    let server = Server::play([json(200, &answer("Hi"))]);
    let budget = Budget::new().per_call(0.0005);
    let client = client("openai", &server).budget(budget).build().unwrap();
    let body = r#"{"model":"x","messages":[],"n":1}"#;
    client
        .chat("gpt-4o-mini")
        .user("Hi")
        .raw(chat(body))
        .send()
        .await
        .unwrap();
    let limit = server.body(0)["max_completion_tokens"].as_u64().unwrap();
    assert!((256..4096).contains(&limit), "{limit}");
    let expected =
        format!(r#"{{"model":"gpt-4o-mini","messages":[],"n":1,"max_completion_tokens":{limit}}}"#);
    assert_eq!(sent(&server, 0), expected);
}

#[tokio::test]
async fn an_output_limit_is_lowered_to_what_is_allowed_in_the_field_that_the_caller_uses() {
    for (given, expected) in [
        (r#""max_tokens":1e2"#, r#""max_tokens":1e2"#),
        (r#""max_tokens":501"#, r#""max_tokens":500"#),
        (
            r#""max_completion_tokens":9000"#,
            r#""max_completion_tokens":500"#,
        ),
        // What a lax platform may read as no limit is one.
        (r#""max_tokens":-1"#, r#""max_tokens":500"#),
        (r#""max_tokens":0"#, r#""max_tokens":500"#),
        (r#""max_tokens":null"#, r#""max_tokens":500"#),
        (r#""max_tokens":"9000""#, r#""max_tokens":500"#),
        (
            r#""max_tokens":1,"max_tokens":9000"#,
            r#""max_tokens":1,"max_tokens":500"#,
        ),
    ] {
        let server = Server::play([json(200, &answer("Hi"))]);
        let client = client("openrouter", &server).build().unwrap();
        let body = |limit: &str| format!(r#"{{"model":"m","messages":[],{limit}}}"#);
        let asked = client.chat("m").user("Hi").max_tokens(500);
        asked.raw(chat(&body(given))).send().await.unwrap();
        assert_eq!(sent(&server, 0), body(expected));
    }
}

#[tokio::test]
async fn the_limit_of_several_answers_holds_for_each_and_their_sum_is_paid_for() {
    let server = Server::play([json(200, &answer("Hi"))]);
    // 4 answers of 1,000 tokens at 0.6 dollars a million are 0.0024.
    let tight = client("openai", &server)
        .budget(Budget::new().per_call(0.002))
        .build()
        .unwrap();
    let body = r#"{"model":"m","messages":[],"n":4,"max_tokens":1000}"#;
    let ask = |client: &Client| {
        client
            .chat("gpt-4o-mini")
            .user("Hi")
            .max_tokens(1000)
            .raw(chat(body))
            .send()
    };
    let error = ask(&tight).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BudgetExceeded);
    let wide = client("openai", &server)
        .budget(Budget::new().per_call(0.003))
        .build()
        .unwrap();
    ask(&wide).await.unwrap();
    assert_eq!(server.body(0)["max_tokens"], 1000);
}

#[tokio::test]
async fn a_request_to_anthropic_gets_its_key_and_its_model_and_nothing_else() {
    let reply = r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":2},"x_new":1.0}"#;
    let server = Server::play([json(200, reply)]);
    let client = client("anthropic", &server).build().unwrap();
    let body = r#"{"model":"x","max_tokens":1e2,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"Hi"}]}"#;
    let raw = RawRequest::new(RawApi::Messages, body).unwrap();
    let asked = client
        .chat("claude-haiku-4-5")
        .user("Hi")
        .max_tokens(100)
        .raw(raw);
    let answered = asked.send().await.unwrap();
    assert_eq!(
        sent(&server, 0),
        body.replace(r#""x""#, r#""claude-haiku-4-5""#)
    );
    let head = server.requests()[0].to_lowercase();
    assert!(
        head.contains("x-api-key: sk-ours-0123456789abcdef"),
        "{head}"
    );
    assert_eq!(answered.raw.as_deref(), Some(reply.as_bytes()));
    assert_eq!(answered.usage.unwrap().prompt_tokens, 3);
}

#[tokio::test]
async fn a_platform_of_another_api_gets_the_translation() {
    let server = Server::play([json(200, &answer("Hi"))]);
    let client = client("openai", &server).build().unwrap();
    let raw = RawRequest::new(RawApi::Messages, r#"{"model":"x","x_new":1}"#).unwrap();
    let reply = client
        .chat("gpt-4o-mini")
        .user("Hello")
        .raw(raw)
        .send()
        .await
        .unwrap();
    assert_eq!((reply.text.as_str(), reply.raw), ("Hi", None));
    let body = server.body(0);
    assert_eq!(body["messages"][0]["content"], "Hello");
    assert!(body.get("x_new").is_none());
}

/// A platform that speaks no API but its own.
#[derive(Debug)]
struct Acme;

impl Adapter for Acme {
    fn url(&self, base_url: &str, _ask: &PlatformRequest<'_>) -> String {
        base_url.to_owned()
    }

    fn body(&self, ask: &PlatformRequest<'_>) -> anymodel::Result<Value> {
        Ok(ask.model.into())
    }

    fn answer(&self, _body: &str) -> PlatformResult<Answer> {
        Ok(Answer::default())
    }

    fn event(&self, _: &str, _: &str, _: &mut Vec<StreamDelta>) -> PlatformResult<()> {
        Ok(())
    }
}

#[tokio::test]
async fn what_cannot_be_translated_is_asked_of_the_next_model_that_speaks_the_api() {
    let server = Server::play([json(200, &answer("Hi"))]);
    let client = client("openai", &server)
        .adapter("acme", server.url(), None::<&str>, Acme)
        .build()
        .unwrap();
    let body = r#"{"model":"m","messages":[],"n":2}"#;
    let chain = ["acme::poet", "openai::gpt-4o-mini"];
    let asked = client.chat(chain).user("Hi").raw(chat(body));
    let reply = asked.send().await.unwrap();
    assert_eq!(
        reply.trail.skipped()[0].why,
        anymodel::SkipReason::CannotDoIt
    );
    assert_eq!(sent(&server, 0), body.replace(r#""m""#, r#""gpt-4o-mini""#));
    let asked = client.chat("acme::poet").user("Hi");
    let error = asked.raw(chat(body)).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_chat_without_words_is_for_the_platform_to_judge() {
    // A voice is no text and no picture: the decoded request says nothing.
    let server = Server::play([json(200, &answer("Hi"))]);
    let client = client("openai", &server).build().unwrap();
    let body = r#"{"model":"m","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"UklG","format":"wav"}}]}]}"#;
    client
        .chat("gpt-4o-mini")
        .raw(chat(body))
        .send()
        .await
        .unwrap();
    assert_eq!(
        server.body(0)["messages"][0]["content"][0]["type"],
        "input_audio"
    );
}

#[test]
fn a_body_that_is_no_json_object_is_refused_with_its_place() {
    for body in [
        "",
        "[]",
        "{\"a\":}",
        "{\"a\":1}x",
        "{\"a\":1",
        "\"model\"",
        "{\"a\":\"\u{1}\"}",
    ] {
        let error = RawRequest::new(RawApi::ChatCompletions, body).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{body}");
        assert!(
            error.to_string().contains("line") && error.hint().is_some(),
            "{error}"
        );
    }
    let bytes = b"{\"a\":\"\xff\"}".as_slice();
    assert!(RawRequest::new(RawApi::ChatCompletions, bytes).is_err());
}

#[tokio::test]
async fn of_the_callers_headers_only_those_of_the_api_are_passed_on() {
    let reply = r#"{"model":"m","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn"}"#;
    let server = Server::play([json(200, reply), json(200, &answer("Hi"))]);
    let headers = [
        ("authorization", "Bearer sk-of-the-caller"),
        ("X-Api-Key", "sk-of-the-caller"),
        ("cookie", "a=sk-of-the-caller"),
        ("x-forwarded-for", "10.0.0.1"),
        ("Anthropic-Version", "2024-01-01"),
        ("anthropic-beta", "one-1"),
        ("anthropic-beta", "two-2"),
        ("OpenAI-Beta", "responses=v1"),
        ("bad name", "x"),
    ];
    for (platform, api) in [
        ("anthropic", RawApi::Messages),
        ("openai", RawApi::ChatCompletions),
    ] {
        let raw = RawRequest::new(api, r#"{"model":"m","max_tokens":9}"#)
            .unwrap()
            .headers(headers);
        let client = client(platform, &server).build().unwrap();
        client.chat("m").user("Hi").raw(raw).send().await.unwrap();
    }
    for (number, request) in server
        .requests()
        .iter()
        .map(|one| one.to_lowercase())
        .enumerate()
    {
        assert!(
            !request.contains("of-the-caller") && !request.contains("10.0.0.1"),
            "{request}"
        );
        for passed in [
            "anthropic-version: 2024-01-01",
            "anthropic-beta: one-1",
            "anthropic-beta: two-2",
            "openai-beta: responses=v1",
        ] {
            assert_eq!(
                request.matches(passed).count(),
                1,
                "{number} {passed} {request}"
            );
        }
        assert!(!request.contains("2023-06-01"), "{request}");
    }
}

#[tokio::test]
async fn no_other_way_of_writing_a_field_gets_another_model_or_a_longer_answer() {
    let server = Server::play([json(200, &answer("Hi"))]);
    let client = client("openai", &server).build().unwrap();
    let body = r#"{"model":"m","Model":"dear","MODEL":7,"N":2,"max_tokens":9,"Max_Tokens":9000}"#;
    let asked = client.chat("cheap").user("Hi").max_tokens(50);
    asked.raw(chat(body)).send().await.unwrap();
    let expected =
        r#"{"model":"cheap","Model":"cheap","MODEL":"cheap","N":2,"max_tokens":9,"Max_Tokens":50}"#;
    assert_eq!(sent(&server, 0), expected);
}
