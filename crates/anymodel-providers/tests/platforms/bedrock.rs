//! Amazon Bedrock: Converse whole and streamed, its errors, its signatures, its OpenAI-compatible surface.

use std::collections::HashMap;

use anymodel::prelude::*;
use anymodel::{
    ClientBuilder, Event, FinishReason, Image, Reasoning, Settings, ToolChoice, ToolSpec,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::event_stream;
use crate::support::{Play, Server, answer, json as json_reply, respond};

const MODEL: &str = "anthropic.claude-x-20260101-v1:0";
const PLAIN: &str = include_str!("bedrock/plain.json");
const TOOL_CALL: &str = include_str!("bedrock/tool_call.json");
const STREAMED: &str = include_str!("bedrock/streamed.jsonl");
const STREAMED_TOOL_CALL: &str = include_str!("bedrock/streamed_tool_call.jsonl");
const ERRORS: &str = include_str!("bedrock/errors.json");

const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "a-session-token/that+opens=nothing";
const SIGNED: [(&str, &str); 3] = [
    ("AWS_REGION", "eu-west-1"),
    ("AWS_ACCESS_KEY_ID", ID),
    ("AWS_SECRET_ACCESS_KEY", SECRET),
];
const BEARER: (&str, &str) = ("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-0123456789");

fn settings(platform: &str, variables: &[(&str, &str)]) -> Settings {
    let settings = Settings::from_variables(|asked| match asked {
        "LLM" => Some(platform.to_owned()),
        _ => variables
            .iter()
            .find(|(name, _)| *name == asked)
            .map(|(_, value)| (*value).to_owned()),
    });
    settings.unwrap()
}

fn client_of(server: &Server, platform: &str, variables: &[(&str, &str)]) -> Client {
    ClientBuilder::from(settings(platform, variables))
        .base_url(server.url())
        .build()
        .unwrap()
}

fn client(server: &Server) -> Client {
    client_of(server, "bedrock", &SIGNED)
}

/// A response whose body is these frames, cut after so many bytes.
fn frames(frames: &[Vec<u8>], bytes: usize) -> Play {
    let body = frames.concat();
    let body = &body[..bytes.min(body.len())];
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    Play::Bytes([head.as_bytes(), body].concat())
}

fn streamed(lines: &str) -> Play {
    frames(&event_stream::fixture(lines), usize::MAX)
}

fn refusal(kind: &str, status: u16, message: &str) -> Play {
    let headers = format!("content-type: application/json\r\nx-amzn-errortype: {kind}\r\n");
    respond(status, &headers, &json!({ "message": message }).to_string())
}

fn weather() -> ToolSpec {
    let city = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
    ToolSpec::new("weather", "The weather of a city.", city)
}

/// The headers of a request, in lower case.
fn headers(request: &str) -> HashMap<String, String> {
    let (head, _) = request.split_once("\r\n\r\n").unwrap();
    head.lines()
        .skip(1)
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect()
}

#[tokio::test]
async fn an_answer_comes_back_with_usage_that_counts_the_cache() {
    let server = Server::play([json_reply(200, PLAIN)]);
    let chat = client(&server)
        .chat(MODEL)
        .system("Be brief.")
        .user("What is recursion?")
        .temperature(0.25)
        .max_tokens(64)
        .top_p(0.5)
        .stop("##");
    let preview = chat.preview().unwrap();
    let reply = chat.send().await.unwrap();
    assert_eq!(reply.text, "Recursion is when a function calls itself.");
    assert_eq!(reply.model, MODEL);
    assert_eq!(reply.finish_reason, Some(FinishReason::Stop));
    assert_eq!(reply.cost, None);
    // 12 tokens fresh, 500 read from the cache, 12 written to it.
    let usage = reply.usage.unwrap();
    assert_eq!((usage.prompt_tokens, usage.completion_tokens), (524, 9));
    assert_eq!((usage.total_tokens, usage.cached_tokens), (533, Some(500)));

    let request = &server.requests()[0];
    let path = "/v1/model/anthropic.claude-x-20260101-v1%3A0/converse";
    assert!(
        request.starts_with(&format!("POST {path} HTTP/1.1")),
        "{request}"
    );
    let expected = json!({
        "messages": [{ "role": "user", "content": [{ "text": "What is recursion?" }] }],
        "system": [{ "text": "Be brief." }],
        "inferenceConfig": { "maxTokens": 64, "temperature": 0.25, "topP": 0.5, "stopSequences": ["##"] },
    });
    assert_eq!(server.body(0), expected);
    assert_eq!(preview.body, expected, "the preview is what is sent");
    assert!(preview.url.ends_with(path));
}

#[tokio::test]
async fn a_call_of_a_tool_and_its_signed_thought_go_back_as_they_came() {
    let server = Server::play([json_reply(200, TOOL_CALL), json_reply(200, PLAIN)]);
    let client = client(&server);
    let question = Message::user("Do I need an umbrella?");
    let reply = client
        .chat(MODEL)
        .message(question.clone())
        .tool_spec(weather())
        .send()
        .await;
    let reply = reply.unwrap();
    assert_eq!(reply.finish_reason, Some(FinishReason::ToolCalls));
    assert_eq!(reply.reasoning.as_deref(), Some("The weather decides."));
    let call = &reply.tool_calls[0];
    assert_eq!(
        (call.id.as_str(), call.name.as_str()),
        ("tooluse_kZJMlvQmRJ6eAyJE5GIl7Q", "weather")
    );
    let arguments: Value = serde_json::from_str(&call.arguments).unwrap();
    assert_eq!(arguments, json!({ "city": "Zürich", "days": 2 }));

    let history = [
        question,
        reply.to_message(),
        Message::tool(&call.id, "rain"),
    ];
    let chat = client.chat(MODEL).history(history).user("And tomorrow?");
    chat.tool_spec(weather()).send().await.unwrap();
    let sent: Value = serde_json::from_str(TOOL_CALL).unwrap();
    assert_eq!(
        server.body(1)["messages"],
        json!([
            { "role": "user", "content": [{ "text": "Do I need an umbrella?" }] },
            sent["output"]["message"],
            { "role": "user", "content": [
                { "toolResult": { "toolUseId": call.id, "content": [{ "text": "rain" }] } },
                { "text": "And tomorrow?" },
            ] },
        ])
    );
    assert_eq!(
        server.body(1)["toolConfig"],
        json!({
            "tools": [{ "toolSpec": {
                "name": "weather", "description": "The weather of a city.", "inputSchema": { "json": weather().parameters },
            } }],
            "toolChoice": { "auto": {} },
        })
    );
}

#[tokio::test]
async fn a_stream_comes_word_by_word_and_ends_with_its_usage() {
    let server = Server::play([streamed(STREAMED)]);
    let mut stream = client(&server).chat(MODEL).user("Say it").stream();
    let mut seen = Vec::new();
    while let Some(event) = stream.next().await {
        match event.unwrap() {
            Event::Started { model, platform } => seen.push(format!("started {model} {platform}")),
            Event::Text(text) => seen.push(text),
            Event::Usage { usage, .. } => {
                seen.push(format!("{} {:?}", usage.prompt_tokens, usage.cached_tokens))
            }
            Event::Finished(reply) => {
                assert_eq!(reply.text, "Zwölf Boxkämpfer 你好 🦀");
                assert_eq!(reply.finish_reason, Some(FinishReason::Stop));
            }
            other => panic!("{other:?}"),
        }
    }
    let started = format!("started {MODEL} bedrock");
    assert_eq!(
        seen,
        [
            started.as_str(),
            "Zwölf Boxkämpfer ",
            "你好 🦀",
            "512 Some(500)"
        ]
    );
    let request = &server.requests()[0];
    assert!(
        request.starts_with("POST /v1/model/anthropic.claude-x-20260101-v1%3A0/converse-stream ")
    );
    assert!(headers(request)["accept"].contains("application/vnd.amazon.eventstream"));
}

#[tokio::test]
async fn a_streamed_call_of_a_tool_is_put_together_with_its_thought() {
    let server = Server::play([streamed(STREAMED_TOOL_CALL), json_reply(200, PLAIN)]);
    let client = client(&server);
    let reply = client
        .chat(MODEL)
        .user("Umbrella?")
        .tool_spec(weather())
        .stream()
        .final_reply()
        .await
        .unwrap();
    assert_eq!(reply.text, "I look it up.");
    assert_eq!(reply.reasoning.as_deref(), Some("The weather decides."));
    assert_eq!(reply.finish_reason, Some(FinishReason::ToolCalls));
    assert_eq!(reply.tool_calls.len(), 1);
    assert_eq!(reply.tool_calls[0].arguments, r#"{"city": "Zürich"}"#);

    let result = Message::tool(&reply.tool_calls[0].id, "rain");
    let chat = client
        .chat(MODEL)
        .history([Message::user("Umbrella?"), reply.to_message(), result]);
    chat.tool_spec(weather()).send().await.unwrap();
    let thought =
        json!({ "text": "The weather decides.", "signature": "c2lnbmVkLWJ5LXRoZS1tb2RlbA==" });
    assert_eq!(
        server.body(1)["messages"][1]["content"],
        json!([
            { "reasoningContent": { "reasoningText": thought } },
            { "text": "I look it up." },
            { "toolUse": {
                "toolUseId": "tooluse_kZJMlvQmRJ6eAyJE5GIl7Q", "name": "weather", "input": { "city": "Zürich" },
            } },
        ])
    );
}

#[tokio::test]
async fn each_error_gets_its_class_by_the_name_that_aws_gives_it() {
    let errors: Vec<Value> = serde_json::from_str(ERRORS).unwrap();
    for error in errors {
        let text = |field: &str| error[field].as_str().unwrap();
        let status = u16::try_from(error["status"].as_u64().unwrap()).unwrap();
        let server = Server::play([refusal(text("type"), status, text("message"))]);
        let chat = client(&server).chat(MODEL).user("Hi").retries(0);
        let failed = chat.send().await.unwrap_err();
        assert_eq!(failed.kind().as_str(), text("kind"), "{error}");
        assert_eq!(failed.status(), Some(status));
        assert!(failed.to_string().contains(text("message")), "{failed}");
        assert!(failed.hint().is_some());
    }
}

#[tokio::test]
async fn a_stream_that_fails_in_the_middle_never_looks_whole() {
    let all = event_stream::fixture(STREAMED);
    let exception = event_stream::exception("modelStreamErrorException", "The model stumbled.");
    let failing = [&all[..2], &[exception]].concat();
    let cut = all[..2].concat().len() + 20;
    let ways = [
        (frames(&failing, usize::MAX), ErrorKind::Server),
        (frames(&all, cut), ErrorKind::BrokenStream),
        (frames(&all[..2], usize::MAX), ErrorKind::BrokenStream),
    ];
    for (way, kind) in ways {
        let server = Server::play([way.clone()]);
        let mut stream = client(&server)
            .chat(MODEL)
            .user("Say it")
            .retries(0)
            .stream();
        let mut last = None;
        while let Some(event) = stream.next().await {
            last = Some(event);
        }
        let error = last.unwrap().unwrap_err();
        assert_eq!(error.kind(), kind, "{error:?}");
        assert_eq!(error.partial(), Some("Zwölf Boxkämpfer "));

        // Whoever wants the whole answer gets it from the next model.
        let server = Server::play([way, Play::Hang, streamed(STREAMED)]);
        let chain = [MODEL, "eu.amazon.nova-x-v1:0"];
        let reply = client(&server)
            .chat(chain)
            .user("Say it")
            .stream()
            .final_reply()
            .await
            .unwrap();
        assert_eq!(reply.text, "Zwölf Boxkämpfer 你好 🦀");
    }
}

#[tokio::test]
async fn pictures_tools_and_thinking_go_out_in_the_words_of_converse() {
    let server = Server::play([json_reply(200, PLAIN)]);
    let chat = client(&server)
        .chat(MODEL)
        .user("What colour is it?")
        .image(Image::data("image/png", b"no real picture"))
        .reasoning(Reasoning::Low)
        .tool_spec(weather())
        .tool_choice(ToolChoice::Named("weather".to_owned()));
    chat.send().await.unwrap();
    let body = server.body(0);
    assert_eq!(
        body["messages"][0]["content"][1],
        json!({ "image": { "format": "png", "source": { "bytes": STANDARD.encode("no real picture") } } })
    );
    assert_eq!(
        body["additionalModelRequestFields"],
        json!({ "thinking": { "type": "enabled", "budget_tokens": 1024 } })
    );
    assert_eq!(
        body["toolConfig"]["toolChoice"],
        json!({ "tool": { "name": "weather" } })
    );
}

#[tokio::test]
async fn what_converse_cannot_do_is_said_before_anything_is_sent() {
    let server = Server::play([]);
    let client = client(&server);
    let ask = || client.chat(MODEL).user("Hi");
    let mut called = Message::assistant("");
    called
        .tool_calls
        .push(anymodel::ToolCall::new("1", "weather", "{}"));
    let cases = [
        (ask().seed(1), "knows no seed"),
        (ask().frequency_penalty(0.5), "knows no frequency penalty"),
        (ask().temperature(1.5), "takes a temperature from 0 to 1"),
        (
            ask().image(Image::url("https://example.org/cat.png")),
            "fetches no pictures",
        ),
        (
            ask().image(Image::data("image/tiff", b"x")),
            "takes no pictures of the kind image/tiff",
        ),
        (
            ask().reasoning(Reasoning::High).max_tokens(100),
            "lets Claude think with 1024 tokens",
        ),
        (
            client
                .chat("vendor.other")
                .user("Hi")
                .reasoning(Reasoning::Low),
            "no common word for reasoning",
        ),
        (
            client.chat(Prefer::Cheapest).user("Hi"),
            "does not choose a model by itself",
        ),
        (
            ask()
                .message(called)
                .message(Message::tool("1", "12 degrees"))
                .tool_spec(weather())
                .tool_choice(ToolChoice::None),
            "cannot forbid tools",
        ),
    ];
    for (chat, words) in cases {
        let error = chat.send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.hint().is_some(), "{error}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_bedrock_key_goes_as_a_bearer_and_wins_over_an_access_key() {
    let server = Server::play([json_reply(200, PLAIN)]);
    let variables = [&SIGNED[..], &[BEARER]].concat();
    client_of(&server, "bedrock", &variables)
        .ask(MODEL, "Hi")
        .await
        .unwrap();
    let headers = headers(&server.requests()[0]);
    assert_eq!(headers["authorization"], format!("Bearer {}", BEARER.1));
    assert!(!headers.contains_key("x-amz-date"));
}

/// A private endpoint in the configuration file, with the credentials in the environment.
#[tokio::test]
async fn a_model_of_the_configuration_file_is_asked_with_a_signature_too() {
    let server = Server::play([json_reply(200, PLAIN)]);
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("bedrock-private.yaml");
    let text = format!(
        "models:\n  claude:\n    provider: bedrock\n    model: {MODEL}\n    endpoint: {}\n",
        server.url()
    );
    std::fs::write(&path, text).unwrap();
    let settings = Settings::from_config_and(&path, |asked| {
        let found = SIGNED.iter().find(|(name, _)| *name == asked)?;
        Some(found.1.to_owned())
    });
    let client = ClientBuilder::from(settings.unwrap()).build().unwrap();
    client.ask("claude", "Hi").await.unwrap();
    let headers = headers(&server.requests()[0]);
    let signature = &headers["authorization"];
    assert!(signature.contains("/eu-west-1/bedrock/aws4_request"));
}

#[tokio::test]
async fn the_openai_compatible_surface_takes_either_proof() {
    let server = Server::play([
        json_reply(200, &answer("Hello.")),
        json_reply(200, &answer("Hello.")),
    ]);
    let signed = client_of(&server, "bedrock-compatible", &SIGNED);
    signed.ask("openai.gpt-oss-120b-1:0", "Hi").await.unwrap();
    let bearer = client_of(&server, "bedrock-compatible", &[SIGNED[0], BEARER]);
    bearer.ask("openai.gpt-oss-120b-1:0", "Hi").await.unwrap();
    let [first, second] = [0, 1].map(|number| headers(&server.requests()[number]));
    let scope =
        "/eu-west-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=";
    assert!(first["authorization"].contains(scope), "{first:?}");
    assert_eq!(second["authorization"], format!("Bearer {}", BEARER.1));
}

#[test]
fn a_missing_variable_is_named() {
    let failed = |platform: &str, variables: &[(&str, &str)]| {
        ClientBuilder::from(settings(platform, variables))
            .build()
            .unwrap_err()
    };
    for platform in ["bedrock", "bedrock-compatible"] {
        let no_region = failed(platform, &SIGNED[1..]);
        assert_eq!(no_region.kind(), ErrorKind::Config);
        assert!(
            no_region
                .hint()
                .unwrap()
                .contains("AWS_REGION or AWS_DEFAULT_REGION")
        );
        let no_region = failed(platform, &[BEARER]);
        assert!(no_region.hint().unwrap().contains("AWS_REGION"));
        let no_key = failed(platform, &SIGNED[..1]);
        assert_eq!(no_key.kind(), ErrorKind::KeyMissing);
        assert!(no_key.to_string().contains("AWS_ACCESS_KEY_ID"), "{no_key}");
        let half = failed(platform, &SIGNED[..2]);
        assert_eq!(half.kind(), ErrorKind::KeyMissing);
        assert!(
            half.to_string().contains("AWS_SECRET_ACCESS_KEY is not"),
            "{half}"
        );
    }
    let client = ClientBuilder::from(settings("bedrock", &SIGNED))
        .build()
        .unwrap();
    assert_eq!(
        client.base_url(),
        "https://bedrock-runtime.eu-west-1.amazonaws.com"
    );
}

#[tokio::test]
async fn the_secret_is_seen_nowhere() {
    let server = Server::play([refusal(
        "UnrecognizedClientException",
        403,
        "The security token is invalid.",
    )]);
    let settings = settings(
        "bedrock",
        &[&SIGNED[..], &[("AWS_SESSION_TOKEN", TOKEN)]].concat(),
    );
    let mut shown = format!("{settings:?}");
    let client = ClientBuilder::from(settings)
        .base_url(server.url())
        .build()
        .unwrap();
    let chat = client.chat(MODEL).user("Hi");
    shown += &format!("{client:?} {:?} {}", chat, chat.preview().unwrap());
    let error = chat.send().await.unwrap_err();
    shown += &format!("{error} {error:?} {}", error.trail());
    assert!(!shown.contains(SECRET) && !shown.contains(TOKEN), "{shown}");
    let sent = &server.requests()[0];
    assert!(!sent.contains(SECRET));
    assert_eq!(headers(sent)["x-amz-security-token"], TOKEN);
}

/// AWS's own client library signs the same requests, and reads the same fixtures.
#[cfg(feature = "online-tests")]
#[tokio::test]
async fn botocore_agrees_with_requests_signatures_and_fixtures() {
    use std::path::Path;
    use std::process::Command;

    use crate::python;

    let server = Server::play([
        json_reply(200, TOOL_CALL),
        json_reply(200, PLAIN),
        json_reply(200, PLAIN),
    ]);
    let with_token = [&SIGNED[..], &[("AWS_SESSION_TOKEN", TOKEN)]].concat();
    let client = client_of(&server, "bedrock", &with_token);
    let question = Message::user("Grüße: brauche ich einen Schirm?");
    let chat = client
        .chat(MODEL)
        .system("Be brief.")
        .message(question.clone());
    let reply = chat
        .max_tokens(2000)
        .tool_spec(weather())
        .send()
        .await
        .unwrap();
    let result = Message::tool(&reply.tool_calls[0].id, "rain");
    let chat = client
        .chat(MODEL)
        .history([question, reply.to_message(), result]);
    let picture = Image::data("image/webp", b"no real picture");
    chat.tool_spec(weather())
        .user("And this?")
        .image(picture)
        .send()
        .await
        .unwrap();
    // A model is named by its ARN, slashes and all, and nothing is said of a session.
    let arn = "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-x-v1:0";
    client_of(&server, "bedrock", &SIGNED)
        .ask(arn, "Hi")
        .await
        .unwrap();

    let requests: Vec<_> = server
        .requests()
        .iter()
        .map(|request| {
            let headers = headers(request);
            let path = request.split(' ').nth(1).unwrap();
            json!({
                "method": "POST",
                "url": format!("http://{}{path}", server.address()),
                "token": headers.get("x-amz-security-token"),
                "headers": headers,
                "body": request.split_once("\r\n\r\n").unwrap().1,
                "id": ID, "secret": SECRET, "region": "eu-west-1",
            })
        })
        .collect();
    let stream = |lines: &str, text: &str| {
        let frames = event_stream::fixture(lines).concat();
        json!({ "frames": STANDARD.encode(frames), "text": text })
    };
    let seen = json!({
        "requests": requests,
        "answers": [
            { "body": PLAIN, "text": "Recursion is when a function calls itself." },
            { "body": TOOL_CALL, "text": "I look it up." },
        ],
        "streams": [
            stream(STREAMED, "Zwölf Boxkämpfer 你好 🦀"),
            stream(STREAMED_TOOL_CALL, "I look it up."),
        ],
    });
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("seen-by-botocore.json");
    std::fs::write(&place, seen.to_string()).unwrap();
    let interpreter = python::python("botocore-venv", "tests/platforms/bedrock/botocore.txt");
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platforms/bedrock/botocore_agrees.py");
    let said = python::run(
        Command::new(interpreter)
            .arg(script)
            .arg(&place)
            .env("PYTHONIOENCODING", "utf-8"),
        "botocore does not agree",
    );
    assert_eq!(said.trim(), "agreed on 3 2 2");
}
