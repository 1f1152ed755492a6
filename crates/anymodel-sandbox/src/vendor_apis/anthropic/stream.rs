//! Streamed message encoder: OpenRouter's chunks → content blocks that start, grow and stop.

use serde_json::{Value, json};

use super::answer::{SIGNATURE, error, opening, stop, tool_use, usage};
use crate::reply::SandboxReply;
use crate::sse_writer::SseEvent;
use crate::vendor_apis::parts::{count, text};

pub(super) fn events(
    reply: &SandboxReply,
    events: Vec<SseEvent>,
    request_id: &str,
) -> Vec<SseEvent> {
    let chunks = || events.iter().filter_map(chunk);
    let told = chunks().find_map(|chunk| chunk.get("usage")).cloned();
    let first = chunks().next().cloned();
    let mut writer = Writer {
        reply,
        request_id,
        told,
        first,
        out: Vec::new(),
        started: false,
        block: None,
        blocks: 0,
        stopped: false,
    };
    for event in events {
        let from = writer.out.len();
        match event {
            // A keep-alive is an event of its own in this protocol.
            SseEvent::Comment(_) => {
                writer.start();
                writer.say(json!({ "type": "ping" }));
            }
            SseEvent::Chunk(chunk) => writer.chunk(&chunk),
            SseEvent::Half(chunk) => {
                writer.chunk(&chunk);
                for event in writer.out.iter_mut().skip(from) {
                    if let SseEvent::Chunk(chunk) = event {
                        *event = SseEvent::Half(chunk.take());
                    }
                }
            }
            SseEvent::Done => {
                writer.stop(&Value::Null);
                writer.say(json!({ "type": "message_stop" }));
            }
            rest @ (SseEvent::Error(_) | SseEvent::Pause(_) | SseEvent::Cut | SseEvent::Reset) => {
                writer.out.push(rest)
            }
        }
    }
    writer.out
}

fn chunk(event: &SseEvent) -> Option<&Value> {
    match event {
        SseEvent::Chunk(chunk) | SseEvent::Half(chunk) => Some(chunk),
        _ => None,
    }
}

struct Writer<'a> {
    reply: &'a SandboxReply,
    request_id: &'a str,
    /// The usage, which this protocol reports in two places.
    told: Option<Value>,
    first: Option<Value>,
    out: Vec<SseEvent>,
    started: bool,
    /// The type of the open block.
    block: Option<&'static str>,
    blocks: usize,
    stopped: bool,
}

impl Writer<'_> {
    fn say(&mut self, event: Value) {
        self.out.push(SseEvent::Chunk(event));
    }

    fn start(&mut self) {
        if self.started {
            return;
        }
        self.started = true;
        let mut message = opening(self.first.as_ref().unwrap_or(&Value::Null));
        if let Some(told) = &self.told {
            let mut told = usage(told);
            if told.is_object() {
                told["output_tokens"] = json!(1);
            }
            message["usage"] = told;
        }
        self.say(json!({ "type": "message_start", "message": message }));
    }

    fn chunk(&mut self, chunk: &Value) {
        let choice = &chunk["choices"][0];
        if let Some(failed) = chunk.get("error").or(choice.get("error")) {
            let message = failed["message"]
                .as_str()
                .unwrap_or("Internal server error");
            return self.say(error("api_error", message, self.request_id));
        }
        self.start();
        let delta = &choice["delta"];
        if let Some(thinking) = delta["reasoning"].as_str() {
            self.open(
                "thinking",
                || json!({ "type": "thinking", "thinking": "", "signature": "" }),
            );
            self.grow(json!({ "type": "thinking_delta", "thinking": thinking }));
            self.grow(json!({ "type": "signature_delta", "signature": SIGNATURE }));
        }
        let said = text(delta.get("content"));
        if !said.is_empty() {
            self.open("text", || json!({ "type": "text", "text": "" }));
            self.grow(json!({ "type": "text_delta", "text": said }));
        }
        for call in delta["tool_calls"].as_array().into_iter().flatten() {
            let (id, function) = (&call["id"], &call["function"]);
            if id.is_string() {
                self.close();
                self.open("tool_use", || tool_use(id, &function["name"], json!({})));
            }
            self.grow(json!({ "type": "input_json_delta", "partial_json": function["arguments"] }));
        }
        if !choice["finish_reason"].is_null() {
            self.stop(&choice["finish_reason"]);
        }
    }

    /// Opens a block unless one of its type is open.
    fn open(&mut self, kind: &'static str, block: impl Fn() -> Value) {
        if self.block == Some(kind) {
            return;
        }
        self.close();
        self.block = Some(kind);
        self.say(json!({ "type": "content_block_start", "index": self.blocks, "content_block": block() }));
    }

    fn grow(&mut self, delta: Value) {
        self.say(json!({ "type": "content_block_delta", "index": self.blocks, "delta": delta }));
    }

    fn close(&mut self) {
        if self.block.take().is_some() {
            self.say(json!({ "type": "content_block_stop", "index": self.blocks }));
            self.blocks += 1;
        }
    }

    /// Sends the stop reason, once.
    fn stop(&mut self, finish: &Value) {
        self.start();
        self.close();
        if std::mem::replace(&mut self.stopped, true) {
            return;
        }
        let (reason, sequence) = stop(self.reply, finish);
        let mut event = json!({ "type": "message_delta", "delta": { "stop_reason": reason, "stop_sequence": sequence } });
        if let Some(told) = &self.told {
            event["usage"] = match told {
                Value::Null => Value::Null,
                told => json!({ "output_tokens": count(told, "/completion_tokens") }),
            };
        }
        self.say(event);
    }
}
