//! Streamed message encoder: OpenRouter's chunks → content blocks that start, grow and stop.

use serde_json::Value;

use super::Service;
use super::answer::{SIGNATURE, call_id, error, head, stop, usage};
use crate::protocol::ToolCallDelta;
use crate::protocol::messages::MessageStream;
use crate::reply::SandboxReply;
use crate::sse_writer::SseEvent;
use crate::vendor_apis::parts::text;

pub(super) fn events(
    service: Service,
    reply: &SandboxReply,
    events: Vec<SseEvent>,
    request_id: &str,
) -> Vec<SseEvent> {
    let chunks = || events.iter().filter_map(chunk);
    // This protocol reports the usage in two places.
    let told = chunks().find_map(|chunk| chunk.get("usage")).map(usage);
    let first = head(service, chunks().next().unwrap_or(&Value::Null));
    let mut writer = Writer {
        reply,
        request_id,
        stream: MessageStream::new(first, request_id).with_usage(told),
    };
    let mut out = Vec::new();
    for event in events {
        match event {
            // A keep-alive is an event of its own in this protocol.
            SseEvent::Comment(_) => writer.stream.write_ping(),
            SseEvent::Chunk(chunk) => out.extend(writer.chunk(&chunk).map(SseEvent::Chunk)),
            SseEvent::Half(chunk) => {
                let events: Vec<Value> = writer.chunk(&chunk).collect();
                out.extend(events.into_iter().map(SseEvent::Half));
            }
            SseEvent::Done => {
                writer.stream.write_stop(Default::default());
                writer.stream.write_end();
            }
            rest @ (SseEvent::Error(_) | SseEvent::Pause(_) | SseEvent::Cut | SseEvent::Reset) => {
                out.push(rest)
            }
        }
        out.extend(writer.stream.take().into_iter().map(SseEvent::Chunk));
    }
    out
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
    stream: MessageStream,
}

impl Writer<'_> {
    /// The events for a chunk.
    fn chunk(&mut self, chunk: &Value) -> std::vec::IntoIter<Value> {
        let choice = &chunk["choices"][0];
        if let Some(failed) = chunk.get("error").or(choice.get("error")) {
            return vec![error(failed, self.request_id)].into_iter();
        }
        self.stream.begin();
        let delta = &choice["delta"];
        if let Some(thinking) = delta["reasoning"].as_str() {
            self.stream.write_reasoning(thinking);
            self.stream.write_signature(SIGNATURE);
        }
        self.stream.write_text(&text(delta.get("content")));
        for call in delta["tool_calls"].as_array().into_iter().flatten() {
            self.call(call);
        }
        if !choice["finish_reason"].is_null() {
            self.stream
                .write_stop(stop(self.reply, &choice["finish_reason"]));
        }
        self.stream.take().into_iter()
    }

    fn call(&mut self, call: &Value) {
        let id = call["id"].is_string().then(|| call_id(&call["id"]));
        let index = call["index"].as_u64().unwrap_or_default();
        let function = &call["function"];
        self.stream.write_call(&ToolCallDelta {
            index: usize::try_from(index).unwrap_or_default(),
            id: id.as_deref(),
            name: function["name"].as_str(),
            arguments: function["arguments"].as_str().unwrap_or_default(),
        });
    }
}
