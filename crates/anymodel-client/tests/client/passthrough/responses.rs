//! OpenAI's Responses: whole, streamed, cut and failed.

use anymodel::prelude::*;
use anymodel::{FinishReason, RawApi};

use super::{client, path, raw, sent, watch};
use crate::support::{Server, answer, events, json};

const BODY: &str =
    r#"{"model":"m","input":[{"type":"x_new","y":1.0}],"max_output_tokens":9000,"store":false}"#;
const STREAM: &str = r#"{"model":"m","input":"Hi","stream":true}"#;
const USAGE: &str = r#""usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":15}"#;

fn whole(status: &str, output: &str) -> String {
    format!(
        r#"{{"id":"resp_1","object":"response","status":"{status}","error":null,"model":"gpt-4o-mini","output":[{output}],{USAGE},"x":1.0}}"#
    )
}

fn event(kind: &str, fields: &str) -> String {
    format!("event: {kind}\ndata: {{\"type\":\"{kind}\",{fields}}}\n\n")
}

const MESSAGE: &str = r#"{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}]},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"你好","annotations":[]}]}"#;
const CALL: &str =
    r#"{"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":"{\"a\":1}"}"#;

#[tokio::test]
async fn a_whole_response_passes_with_its_text_calls_tokens_and_end_read() {
    for (output, text, calls, end) in [
        (MESSAGE, "你好", 0, FinishReason::Stop),
        (CALL, "", 1, FinishReason::ToolCalls),
        // A call of a kind that this crate does not know.
        (
            r#"{"type":"local_shell_call","call_id":"c","action":{}}"#,
            "",
            1,
            FinishReason::ToolCalls,
        ),
        (
            r#"{"type":"image_generation_call","id":"ig","result":"aGk="}"#,
            "",
            0,
            FinishReason::Stop,
        ),
    ] {
        for platform in ["openai", "openrouter", "azure"] {
            let body = whole("completed", output);
            let server = Server::play([json(200, &body)]);
            let client = client(platform, &server).build().unwrap();
            let asked = client.chat("gpt-4o-mini").user("Hi").max_tokens(100);
            let reply = asked
                .raw(raw(RawApi::Responses, BODY))
                .send()
                .await
                .unwrap();
            assert_eq!(reply.raw.as_deref(), Some(body.as_bytes()));
            assert_eq!(path(&server, 0), "/v1/responses");
            let expected = BODY
                .replace(r#""m""#, r#""gpt-4o-mini""#)
                .replace("9000", "100");
            assert_eq!(sent(&server, 0), expected);
            assert_eq!((reply.text.as_str(), reply.tool_calls.len()), (text, calls));
            assert_eq!(reply.finish_reason, Some(end.clone()), "{output}");
            let usage = reply.usage.unwrap();
            assert_eq!((usage.prompt_tokens, usage.cached_tokens), (10, Some(4)));
            assert_eq!(
                (usage.completion_tokens, usage.reasoning_tokens),
                (5, Some(2))
            );
        }
    }
}

#[tokio::test]
async fn a_response_that_failed_or_was_left_empty_is_followed_by_the_next_model() {
    let failed = r#"{"id":"r","status":"failed","error":{"code":"server_error","message":"broke"},"output":[]}"#;
    for bad in [
        failed,
        &whole("completed", ""),
        &whole("in_progress", ""),
        &answer("Hi"),
    ] {
        let good = whole("completed", MESSAGE);
        let server = Server::play([json(200, bad), json(200, &good)]);
        let client = client("openai", &server).build().unwrap();
        let asked = client.chat(["a", "b"]).user("Hi");
        let reply = asked
            .raw(raw(RawApi::Responses, BODY))
            .send()
            .await
            .unwrap();
        assert_eq!(reply.trail.len(), 2, "{bad}");
        assert_eq!(reply.raw.as_deref(), Some(good.as_bytes()));
    }
}

#[tokio::test]
async fn a_streamed_response_passes_event_by_event() {
    let response = |status: &str, output: &str| format!("\"response\":{}", whole(status, output));
    let body = [
        event("response.created", &response("in_progress", "")),
        event("response.output_item.added", r#""output_index":0,"item":{"type":"reasoning","summary":[]}"#),
        event("response.reasoning_summary_text.delta", r#""output_index":0,"delta":"hm""#),
        event("response.output_text.delta", r#""output_index":1,"delta":"你""#),
        event("response.x_new.delta", r#""y":1.0"#),
        event("response.mcp_call.failed", r#""output_index":2"#),
        event("response.output_text.delta", r#""output_index":1,"delta":"好""#),
        event("response.output_item.added", r#""output_index":3,"item":{"type":"function_call","call_id":"call_1","name":"f","arguments":""}"#),
        event("response.function_call_arguments.delta", r##""output_index":3,"delta":"{\"a\"""##),
        event("response.function_call_arguments.delta", r#""output_index":3,"delta":":1}""#),
        event("response.completed", &response("completed", &format!("{MESSAGE},{CALL}"))),
    ]
    .concat();
    for end in ["", "data: [DONE]\n\n"] {
        let body = format!("{body}{end}");
        let server = Server::play([events(&body)]);
        let client = client("openrouter", &server).build().unwrap();
        let seen = watch(
            client
                .chat("m")
                .user("Hi")
                .raw(raw(RawApi::Responses, STREAM)),
        )
        .await;
        assert_eq!(String::from_utf8(seen.raw).unwrap(), body);
        let reply = seen.end.unwrap();
        assert_eq!(
            (reply.text.as_str(), reply.reasoning.as_deref()),
            ("你好", Some("hm"))
        );
        assert_eq!(reply.tool_calls[0].arguments, r#"{"a":1}"#);
        assert_eq!(reply.finish_reason, Some(FinishReason::ToolCalls));
        assert_eq!(reply.usage.unwrap().cached_tokens, Some(4));
        assert!(server.body(0).get("stream_options").is_none());
    }
}

#[tokio::test]
async fn a_streamed_response_may_be_cut_or_fail_before_or_after_its_first_word() {
    let created = event(
        "response.created",
        r#""response":{"id":"r","status":"in_progress","output":[]}"#,
    );
    let word = event(
        "response.output_text.delta",
        r#""output_index":0,"delta":"Hi""#,
    );
    let failed = event(
        "response.failed",
        r#""response":{"id":"r","status":"failed","error":{"code":"rate_limit_exceeded","message":"slow down"},"output":[]}"#,
    );
    let error = event(
        "error",
        r#""code":"server_error","message":"broke","param":null"#,
    );
    let cut = event(
        "response.incomplete",
        &format!(
            r#""response":{{"id":"r","status":"incomplete","incomplete_details":{{"reason":"max_output_tokens"}},"output":[{MESSAGE}],{USAGE}}}"#
        ),
    );
    let good = [created.as_str(), &word, &cut].concat();
    for bad in [&failed, &error] {
        let before = [created.as_str(), bad].concat();
        let server = Server::play([events(&before), events(&good)]);
        let openai = client("openai", &server).build().unwrap();
        let seen = watch(
            openai
                .chat(["a", "b"])
                .user("Hi")
                .raw(raw(RawApi::Responses, STREAM)),
        )
        .await;
        assert_eq!(String::from_utf8(seen.raw).unwrap(), good);
        let reply = seen.end.unwrap();
        assert_eq!(reply.finish_reason, Some(FinishReason::Length));
        assert_eq!(reply.trail.len(), 2);
        let after = [created.as_str(), &word, bad].concat();
        let server = Server::play([events(&after), events(&good)]);
        let openai = client("openai", &server).build().unwrap();
        let seen = watch(
            openai
                .chat(["a", "b"])
                .user("Hi")
                .raw(raw(RawApi::Responses, STREAM)),
        )
        .await;
        assert_eq!(
            String::from_utf8(seen.raw).unwrap(),
            [created.as_str(), &word].concat()
        );
        assert_eq!(seen.end.unwrap_err().partial(), Some("Hi"));
    }
}

#[tokio::test]
async fn a_platform_without_responses_is_passed_over_unless_a_translation_will_do() {
    let server = Server::play([json(200, &answer("Hi"))]);
    let client = client("deepseek", &server).build().unwrap();
    let ask = |raw| client.chat("deepseek-chat").user("Hello").raw(raw).send();
    let error = ask(raw(RawApi::Responses, BODY)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("Responses"), "{error}");
    let reply = ask(raw(RawApi::Responses, BODY).translated(true))
        .await
        .unwrap();
    assert_eq!((reply.text.as_str(), reply.raw), ("Hi", None));
    assert_eq!(server.body(0)["messages"][0]["content"], "Hello");
}
