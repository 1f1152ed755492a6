//! The same words on every wire: a server that answers as a test says, asked by each adapter over each transport.

use std::time::Duration;

use anymodel::prelude::*;
use serde_json::{Value, json};

use crate::support::{Play, Server, events, json as whole};

pub const KEY: &str = "sk-or-v1-test0123456789abcdef";

/// A way to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// OpenAI's form through `reqwest`.
    OpenRouter,
    /// OpenAI's form through `async-openai`.
    OpenAi,
    Anthropic,
    Gemini,
    /// Bedrock's own form.
    Converse,
}
use Wire::*;

/// Those whose streams are server-sent events.
pub const WITH_EVENTS: [Wire; 4] = [OpenRouter, OpenAi, Anthropic, Gemini];
pub const COMPATIBLE: [Wire; 2] = [OpenRouter, OpenAi];

/// Every adapter that this build has.
pub fn wires() -> Vec<Wire> {
    let mut all = WITH_EVENTS.to_vec();
    if cfg!(feature = "bedrock") {
        all.push(Converse);
    }
    all
}

impl Wire {
    pub fn client(self, server: &Server) -> Client {
        let builder = match self {
            OpenRouter => Client::builder().platform("openrouter"),
            OpenAi => Client::builder().platform("openai"),
            Anthropic => Client::builder().platform("anthropic"),
            Gemini => Client::builder().platform("gemini"),
            Converse => {
                let settings = anymodel::Settings::from_variables(|name| match name {
                    "LLM" => Some("bedrock".to_owned()),
                    "AWS_REGION" => Some("eu-west-1".to_owned()),
                    "AWS_BEARER_TOKEN_BEDROCK" => Some(KEY.to_owned()),
                    _ => None,
                });
                return anymodel::ClientBuilder::from(settings.unwrap())
                    .base_url(server.url())
                    .build()
                    .unwrap();
            }
        };
        let builder = builder.base_url(server.url()).key(KEY);
        builder.timeout(Duration::from_secs(5)).build().unwrap()
    }

    /// A whole answer with this text and this word for its end.
    pub fn answer(self, text: &str, end: &str) -> Value {
        match self {
            OpenRouter | OpenAi => {
                json!({ "choices": [{ "message": { "content": text }, "finish_reason": end }] })
            }
            Anthropic => {
                let content = match text {
                    "" => json!([]),
                    text => json!([{ "type": "text", "text": text }]),
                };
                json!({ "type": "message", "content": content, "stop_reason": end })
            }
            Gemini => {
                json!({ "candidates": [{ "content": { "parts": [{ "text": text }] }, "finishReason": end }] })
            }
            Converse => {
                let content = match text {
                    "" => json!([]),
                    text => json!([{ "text": text }]),
                };
                json!({ "output": { "message": { "content": content } }, "stopReason": end })
            }
        }
    }

    /// An event with a word of an answer.
    pub fn word(self, text: &str) -> String {
        match self {
            Anthropic => format!(
                "event: content_block_delta\n{}",
                data(
                    &json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": text } })
                )
            ),
            Gemini => {
                data(&json!({ "candidates": [{ "content": { "parts": [{ "text": text }] } }] }))
            }
            _ => data(
                &json!({ "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": null }] }),
            ),
        }
    }

    /// An event with the word for the end of an answer.
    pub fn end(self, word: &str) -> String {
        match self {
            Anthropic => format!(
                "event: message_delta\n{}",
                data(&json!({ "type": "message_delta", "delta": { "stop_reason": word } }))
            ),
            Gemini => data(&json!({ "candidates": [{ "finishReason": word }] })),
            _ => data(&json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": word }] })),
        }
    }

    /// What a call makes of this response; it is made once.
    pub async fn hear(self, play: Play, stream: bool) -> anymodel::Result<Reply> {
        let server = Server::play([play]);
        let chat = self.client(&server).chat("acme/one").user("Hi").retries(0);
        match stream {
            true => chat.stream().final_reply().await,
            false => chat.send().await,
        }
    }

    pub async fn hear_json(self, status: u16, body: &Value) -> anymodel::Result<Reply> {
        self.hear(whole(status, &body.to_string()), false).await
    }

    pub async fn hear_events(self, body: &str) -> anymodel::Result<Reply> {
        self.hear(events(body), true).await
    }
}

/// One event without a name.
pub fn data(event: &Value) -> String {
    format!("data: {event}\n\n")
}

/// How often a call asks, when it may ask again.
pub async fn asked(wire: Wire, body: &Value) -> (usize, anymodel::Error) {
    let server = Server::play((0..4).map(|_| whole(200, &body.to_string())));
    let chat = wire.client(&server).chat("acme/one").user("Hi").retries(3);
    let error = chat.send().await.expect_err("no answer");
    (server.requests().len(), error)
}
