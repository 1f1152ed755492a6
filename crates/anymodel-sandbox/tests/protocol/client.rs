//! The client at the other end: what it asks is read, and what is written it understands. Both sides share no code.

use std::sync::{Arc, Mutex};

use anymodel::{Client, FinishReason, Image, Message, Reply, ToolSpec};
use anymodel_sandbox::protocol::chat::{self, ChatStream};
use anymodel_sandbox::protocol::messages::{self, MessageStream};
use anymodel_sandbox::protocol::{AnswerHead, Decoded, ErrorBody, StreamWriter, ToolCallDelta};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header::CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::support::{reply, tokens};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Protocol {
    Chat,
    Messages,
}

/// A server that speaks a protocol, gives one answer, and keeps what it was asked.
#[derive(Clone)]
struct Server {
    protocol: Protocol,
    answer: Result<Reply, ErrorBody>,
    asked: Arc<Mutex<Option<Decoded>>>,
}

impl Server {
    /// Starts it; the client of its protocol asks it.
    async fn start(protocol: Protocol, answer: Result<Reply, ErrorBody>) -> (Self, Client) {
        let server = Self {
            protocol,
            answer,
            asked: Arc::default(),
        };
        let app = Router::new().fallback(respond).with_state(server.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async { axum::serve(listener, app).await });
        let platform = match protocol {
            Protocol::Chat => "openai",
            Protocol::Messages => "anthropic",
        };
        let client = Client::builder().platform(platform).retries(0);
        let client = client.base_url(format!("http://{address}/v1"));
        (
            server,
            client.key("sk-0123456789abcdef0123456789").build().unwrap(),
        )
    }

    fn stream(&self, asked: &Decoded) -> String {
        let head = AnswerHead::new("id-1", 1_764_547_200, "m");
        let mut writer: Box<dyn StreamWriter> = match self.protocol {
            Protocol::Chat => Box::new(ChatStream::new(head, asked.include_usage)),
            Protocol::Messages => Box::new(MessageStream::new(head, "req-1")),
        };
        let mut sent = writer.ping();
        let answer = match &self.answer {
            Ok(answer) => answer,
            Err(error) => return sent + &writer.text("Good ") + &writer.error(error),
        };
        sent += &writer.reasoning(answer.reasoning.as_deref().unwrap_or_default());
        let (first, second) = answer.text.split_at(answer.text.len() / 2);
        sent += &writer.text(first);
        sent += &writer.text(second);
        for (index, call) in answer.tool_calls.iter().enumerate() {
            for (at, letter) in call.arguments.char_indices() {
                sent += &writer.tool_call(&ToolCallDelta {
                    index,
                    id: (at == 0).then_some(&call.id),
                    name: (at == 0).then_some(&call.name),
                    arguments: &call.arguments[at..at + letter.len_utf8()],
                });
            }
        }
        writer.usage(answer.usage.unwrap());
        sent + &writer.finish(answer.finish_reason.as_ref().unwrap())
    }
}

async fn respond(State(server): State<Server>, body: Bytes) -> Response {
    let read = match server.protocol {
        Protocol::Chat => chat::read(&body),
        Protocol::Messages => messages::read(&body),
    };
    let asked = match read {
        Ok(asked) => asked,
        Err(invalid) => return (StatusCode::BAD_REQUEST, invalid.message).into_response(),
    };
    *server.asked.lock().unwrap() = Some(asked.clone());
    if asked.stream {
        let kind = [(CONTENT_TYPE, "text/event-stream")];
        return (kind, server.stream(&asked)).into_response();
    }
    let head = AnswerHead::new("id-1", 1_764_547_200, "m");
    let body = match (&server.answer, server.protocol) {
        (Ok(answer), Protocol::Chat) => chat::answer(answer, &head),
        (Ok(answer), Protocol::Messages) => messages::answer(answer, &head),
        (Err(error), protocol) => {
            let status = StatusCode::from_u16(error.status).unwrap();
            let body = match protocol {
                Protocol::Chat => error.openai(),
                Protocol::Messages => error.anthropic("req-1"),
            };
            return (status, axum::Json(body)).into_response();
        }
    };
    axum::Json(body).into_response()
}

fn look() -> ToolSpec {
    let schema = json!({ "type": "object", "properties": { "q": { "type": "string" } } });
    ToolSpec::new("look_up", "Looks a word up.", schema)
}

#[tokio::test]
async fn the_client_is_understood_and_understands_the_answer() {
    let mut wanted = reply();
    wanted.finish_reason = Some(FinishReason::ToolCalls);
    for protocol in [Protocol::Chat, Protocol::Messages] {
        let (server, client) = Server::start(protocol, Ok(wanted.clone())).await;
        let chat = || {
            let picture = Image::data("image/png", &[0x89, b'P', b'N', b'G']);
            let first = client
                .chat("m")
                .system("Be brief.")
                .message(Message::user("What is this?").image(picture));
            let mut called = Message::assistant("I look.");
            called.tool_calls = reply().tool_calls;
            first
                .message(called)
                .message(Message::tool("call_1", "a city"))
                .user("So?")
                .tool_spec(look())
                .temperature(0.5)
                .max_tokens(77)
                .stop("END")
        };
        for streamed in [false, true] {
            let heard = match streamed {
                false => chat().send().await.unwrap(),
                true => chat().stream().final_reply().await.unwrap(),
            };
            assert_eq!(heard.text, wanted.text, "{protocol:?} {streamed}");
            assert_eq!(heard.reasoning, wanted.reasoning, "{protocol:?} {streamed}");
            assert_eq!(
                heard.tool_calls, wanted.tool_calls,
                "{protocol:?} {streamed}"
            );
            assert_eq!(heard.finish_reason, wanted.finish_reason);
            assert_eq!(
                (heard.model.as_str(), heard.id.as_deref()),
                ("m", Some("id-1"))
            );
            let usage = heard.usage.unwrap();
            assert_eq!(
                (
                    usage.prompt_tokens,
                    usage.completion_tokens,
                    usage.cached_tokens,
                    usage.cache_write_tokens
                ),
                (100, 20, Some(60), Some(10)),
                "{protocol:?} {streamed}"
            );

            let asked = server.asked.lock().unwrap().take().unwrap();
            let request = &asked.request;
            assert_eq!((asked.names(), asked.stream), (vec!["m"], streamed));
            let said: Vec<&str> = request
                .messages
                .iter()
                .map(|m| m.content.as_str())
                .collect();
            assert_eq!(
                said,
                ["Be brief.", "What is this?", "I look.", "a city", "So?"]
            );
            assert_eq!(request.messages[1].images.len(), 1);
            assert_eq!(request.messages[2].tool_calls, reply().tool_calls);
            assert_eq!(request.messages[3].tool_call_id.as_deref(), Some("call_1"));
            assert_eq!(request.tools, [look()]);
            assert_eq!(
                (request.temperature, request.max_tokens),
                (Some(0.5), Some(77))
            );
            assert_eq!(request.stop, ["END"]);
        }
    }
}

#[tokio::test]
async fn the_client_knows_an_error_by_its_body_and_a_broken_stream_by_its_event() {
    for protocol in [Protocol::Chat, Protocol::Messages] {
        let error = ErrorBody::new(503, "The house is full.").with_code("overloaded");
        let (_, client) = Server::start(protocol, Err(error)).await;
        for streamed in [false, true] {
            let chat = client.chat("m").user("Hello").retries(0);
            let failed = match streamed {
                false => chat.send().await.unwrap_err(),
                true => chat.stream().final_reply().await.unwrap_err(),
            };
            assert!(
                failed.to_string().contains("The house is full."),
                "{protocol:?} {streamed}: {failed}"
            );
        }
    }
}

#[tokio::test]
async fn the_tokens_of_a_stream_are_those_of_the_whole_answer() {
    let mut short = Reply::new("Good day.");
    (short.usage, short.finish_reason) = (Some(tokens()), Some(FinishReason::Stop));
    for protocol in [Protocol::Chat, Protocol::Messages] {
        let (_, client) = Server::start(protocol, Ok(short.clone())).await;
        let ask = || client.chat("m").user("Hello");
        let whole = ask().send().await.unwrap();
        let streamed = ask().stream().final_reply().await.unwrap();
        assert_eq!(whole.usage, streamed.usage, "{protocol:?}");
        assert_eq!(whole.text, streamed.text, "{protocol:?}");
    }
}
