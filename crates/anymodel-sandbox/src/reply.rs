//! A successful answer, encoded as one JSON body or as a stream of chunks.

use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::host_selection::json_number;
use super::protocol::{AnswerHead, chat};
use super::sse_writer::SseEvent;
use super::tools::SandboxToolCall;
use anymodel_catalog::model::{Pricing, tokens};

/// The content of an answer.
#[derive(Debug)]
pub(super) struct SandboxReply {
    pub id: String,
    pub created: u64,
    pub model: String,
    pub provider: String,
    pub text: String,
    pub reasoning: Option<String>,
    pub tool_calls: Vec<SandboxToolCall>,
    pub finish: &'static str,
    /// The stop sequence that ended the text.
    pub stopped_by: Option<String>,
    pub usage: SandboxUsage,
    pub metadata: Option<Value>,
}

/// Token counts and their price.
#[derive(Debug, Clone)]
pub(super) struct SandboxUsage {
    pub prompt: u64,
    pub completion: u64,
    pub reasoning: u64,
    pub prompt_cost: Decimal,
    pub completion_cost: Decimal,
}

/// The pace of an answer, in simulated time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pacing {
    pub first: Duration,
    pub each: Duration,
}

impl SandboxUsage {
    pub fn new(pricing: &Pricing, prompt: u64, completion: u64, reasoning: u64) -> Self {
        let (prompt_cost, completion_cost) = pricing.parts(prompt, completion);
        Self {
            prompt,
            completion,
            reasoning,
            prompt_cost,
            completion_cost,
        }
    }

    pub fn cost(&self) -> Decimal {
        self.prompt_cost + self.completion_cost
    }

    pub fn wire(&self) -> Value {
        json!({
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "total_tokens": self.prompt + self.completion,
            "cost": json_number(self.cost()),
            "is_byok": false,
            "prompt_tokens_details": { "cached_tokens": 0, "cache_write_tokens": 0, "audio_tokens": 0 },
            "completion_tokens_details": { "reasoning_tokens": self.reasoning },
            "cost_details": {
                "upstream_inference_cost": null,
                "upstream_inference_prompt_cost": json_number(self.prompt_cost),
                "upstream_inference_completions_cost": json_number(self.completion_cost),
            },
        })
    }
}

impl SandboxReply {
    fn native_finish(&self) -> &'static str {
        match self.finish {
            "length" => "max_tokens",
            "tool_calls" => "tool_use",
            "stop" => "end_turn",
            other => other,
        }
    }

    /// The duration of the whole answer.
    pub fn duration(&self, pace: Pacing) -> Duration {
        let tokens = u32::try_from(self.usage.completion).unwrap_or(u32::MAX);
        pace.first + pace.each.saturating_mul(tokens)
    }

    fn head(&self) -> AnswerHead {
        AnswerHead::new(&*self.id, self.created, &*self.model)
    }

    /// The answer as one JSON body.
    pub fn body(&self) -> Value {
        // A simulated model either calls tools or answers.
        let text = match self.tool_calls.is_empty() {
            true => self.text.as_str(),
            false => "",
        };
        let calls = self.tool_calls.iter().map(SandboxToolCall::wire);
        let mut message = chat::message_of(text, calls.collect());
        if let Some(reasoning) = &self.reasoning {
            add_reasoning(&mut message, reasoning);
        }
        let choice = json!({
            "index": 0, "finish_reason": self.finish, "native_finish_reason": self.native_finish(),
            "logprobs": null, "message": message,
        });
        let mut body = chat::completion(&self.head(), choice, self.usage.wire());
        body["provider"] = json!(self.provider);
        if let Some(metadata) = &self.metadata {
            body["openrouter_metadata"] = metadata.clone();
        }
        body
    }

    /// The answer as chunks, with pauses between them. `debug`: the request as the provider got it, on request.
    pub fn events(&self, pace: Pacing, debug: Option<Value>) -> Vec<SseEvent> {
        let mut events = vec![SseEvent::Comment("OPENROUTER PROCESSING")];
        if let Some(debug) = debug {
            let mut chunk = self.chunk(json!([]));
            chunk["debug"] = debug;
            events.push(SseEvent::Chunk(chunk));
        }
        events.push(SseEvent::Pause(pace.first));
        for (at, piece) in self.deltas().into_iter().enumerate() {
            let mut delta = piece;
            if at == 0 {
                delta["role"] = json!("assistant");
            } else {
                events.push(SseEvent::Pause(pace.each));
            }
            events.push(SseEvent::Chunk(self.choice(delta, None)));
        }
        let end = self.choice(json!({ "content": "" }), Some(self.finish));
        events.push(SseEvent::Chunk(end));
        let mut last = self.chunk(json!([]));
        last["usage"] = self.usage.wire();
        if let Some(metadata) = &self.metadata {
            last["openrouter_metadata"] = metadata.clone();
        }
        events.push(SseEvent::Chunk(last));
        events.push(SseEvent::Done);
        events
    }

    fn deltas(&self) -> Vec<Value> {
        let mut deltas = Vec::new();
        if let Some(reasoning) = &self.reasoning {
            let mut delta = json!({ "content": "" });
            add_reasoning(&mut delta, reasoning);
            deltas.push(delta);
        }
        for (index, call) in self.tool_calls.iter().enumerate() {
            // The arguments follow in fragments, as from real providers.
            deltas.push(json!({ "tool_calls": [
                { "index": index, "id": call.id, "type": "function", "function": { "name": call.name, "arguments": "" } }
            ]}));
            let fragments = tokens::pieces(&call.arguments);
            deltas.extend(fragments.map(|fragment| {
                json!({ "tool_calls": [{ "index": index, "function": { "arguments": fragment } }] })
            }));
        }
        if self.tool_calls.is_empty() {
            deltas.extend(words(&self.text).map(|word| json!({ "content": word })));
        }
        if deltas.is_empty() {
            deltas.push(json!({ "content": "" }));
        }
        deltas
    }

    fn chunk(&self, choices: Value) -> Value {
        let mut chunk = chat::chunk(&self.head(), choices);
        chunk["provider"] = json!(self.provider);
        chunk
    }

    fn choice(&self, delta: Value, finish: Option<&str>) -> Value {
        let mut choice = chat::delta_choice(delta, finish);
        choice["native_finish_reason"] = json!(finish.map(|_| self.native_finish()));
        self.chunk(json!([choice]))
    }
}

/// Adds the reasoning in OpenRouter's fields.
fn add_reasoning(message: &mut Value, reasoning: &str) {
    message["reasoning"] = json!(reasoning);
    message["reasoning_details"] =
        json!([{ "type": "reasoning.text", "text": reasoning, "format": "unknown", "index": 0 }]);
}

/// Splits text into deltas: English by words, Chinese by characters.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut pieces = tokens::pieces(rest);
        let mut end = pieces.next()?.len();
        for piece in pieces {
            // A piece that continues a word stays with the piece before it.
            if piece.starts_with(|c: char| c.is_whitespace() || c >= '\u{2E80}') {
                break;
            }
            end += piece.len();
        }
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}
