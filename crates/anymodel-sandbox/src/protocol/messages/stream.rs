//! Encoding of a streamed message: content blocks that start, grow and stop.

use anymodel_types::{FinishReason, Usage};
use serde_json::{Value, json};

use super::answer::{StopReason, opening, stop_reason, tool_use, usage};
use crate::protocol::block_order::{Block, BlockOrder, Step};
use crate::protocol::stream_writer::named;
use crate::protocol::{AnswerHead, ErrorBody, StreamWriter, ToolCallDelta};

/// Stream writer for Messages.
#[derive(Debug)]
pub struct MessageStream {
    head: AnswerHead,
    request_id: String,
    /// The usage as this protocol has it; `None` leaves it out.
    usage: Option<Value>,
    blocks: BlockOrder,
    /// The index of the open block, or of the next one.
    index: usize,
    open: Option<Block>,
    started: bool,
    stopped: bool,
    ended: bool,
    out: Vec<Value>,
}

impl MessageStream {
    /// A stream; the id of the request is part of an error.
    pub fn new(head: AnswerHead, request_id: impl Into<String>) -> Self {
        Self {
            head,
            request_id: request_id.into(),
            usage: Some(usage(&Usage::default())),
            blocks: BlockOrder::default(),
            index: 0,
            open: None,
            started: false,
            stopped: false,
            ended: false,
            out: Vec::new(),
        }
    }

    /// The same with this usage in the protocol's own format, or none.
    pub(crate) fn with_usage(mut self, usage: Option<Value>) -> Self {
        self.usage = usage;
        self
    }

    /// The events since the last call.
    pub(crate) fn take(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.out)
    }

    pub(crate) fn begin(&mut self) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        let mut message = opening(&self.head);
        if let Some(told) = &self.usage {
            let mut told = told.clone();
            if told.is_object() {
                told["output_tokens"] = json!(1);
            }
            message["usage"] = told;
        }
        self.out
            .push(json!({ "type": "message_start", "message": message }));
    }

    pub(crate) fn write_text(&mut self, piece: &str) {
        let steps = self.blocks.text(piece);
        self.write(steps);
    }

    pub(crate) fn write_reasoning(&mut self, piece: &str) {
        let steps = self.blocks.reasoning(piece);
        self.write(steps);
    }

    /// The signature of the reasoning that is open.
    pub(crate) fn write_signature(&mut self, signature: &str) {
        if self.open == Some(Block::Reasoning) {
            self.grow(json!({ "type": "signature_delta", "signature": signature }));
        }
    }

    pub(crate) fn write_call(&mut self, delta: &ToolCallDelta<'_>) {
        let steps = self.blocks.call(delta);
        self.write(steps);
    }

    pub(crate) fn write_ping(&mut self) {
        self.begin();
        self.out.push(json!({ "type": "ping" }));
    }

    /// The stop reason, once.
    pub(crate) fn write_stop(&mut self, stop: StopReason) {
        let steps = self.blocks.end();
        self.write(steps);
        if std::mem::replace(&mut self.stopped, true) {
            return;
        }
        let mut event = json!({
            "type": "message_delta",
            "delta": { "stop_reason": stop.reason, "stop_sequence": stop.sequence },
        });
        if let Some(told) = &self.usage {
            event["usage"] = final_usage(told);
        }
        self.out.push(event);
    }

    pub(crate) fn write_end(&mut self) {
        self.out.push(json!({ "type": "message_stop" }));
    }

    fn write(&mut self, steps: Vec<Step>) {
        self.begin();
        for step in steps {
            match step {
                Step::Open(block) => {
                    let content = match &block {
                        Block::Text => json!({ "type": "text", "text": "" }),
                        Block::Reasoning => {
                            json!({ "type": "thinking", "thinking": "", "signature": "" })
                        }
                        Block::Call { id, name } => tool_use(id, name, json!({})),
                    };
                    self.out.push(json!({
                        "type": "content_block_start", "index": self.index, "content_block": content,
                    }));
                    let calls = matches!(block, Block::Call { .. });
                    self.open = Some(block);
                    if calls {
                        // The vendor begins with an empty piece.
                        self.grow(json!({ "type": "input_json_delta", "partial_json": "" }));
                    }
                }
                Step::Grow(piece) => self.grow(match self.open {
                    Some(Block::Reasoning) => {
                        json!({ "type": "thinking_delta", "thinking": piece })
                    }
                    Some(Block::Call { .. }) => {
                        json!({ "type": "input_json_delta", "partial_json": piece })
                    }
                    _ => json!({ "type": "text_delta", "text": piece }),
                }),
                Step::Close => {
                    self.open = None;
                    self.out
                        .push(json!({ "type": "content_block_stop", "index": self.index }));
                    self.index += 1;
                }
            }
        }
    }

    fn grow(&mut self, delta: Value) {
        self.out
            .push(json!({ "type": "content_block_delta", "index": self.index, "delta": delta }));
    }

    /// The events since the last call, as text.
    fn sent(&mut self) -> String {
        named(&self.take())
    }
}

/// The usage at the end, without what it has at the start alone.
fn final_usage(told: &Value) -> Value {
    let mut told = told.clone();
    if let Some(fields) = told.as_object_mut() {
        fields.retain(|name, _| name.ends_with("_tokens"));
    }
    told
}

impl StreamWriter for MessageStream {
    fn start(&mut self) -> String {
        if !self.ended {
            self.begin();
        }
        self.sent()
    }

    fn text(&mut self, piece: &str) -> String {
        if !self.ended {
            self.write_text(piece);
        }
        self.sent()
    }

    fn reasoning(&mut self, piece: &str) -> String {
        if !self.ended {
            self.write_reasoning(piece);
        }
        self.sent()
    }

    fn tool_call(&mut self, delta: &ToolCallDelta<'_>) -> String {
        if !self.ended {
            self.write_call(delta);
        }
        self.sent()
    }

    fn usage(&mut self, tokens: Usage) {
        self.usage = Some(usage(&tokens));
    }

    fn finish(&mut self, reason: &FinishReason) -> String {
        if !std::mem::replace(&mut self.ended, true) {
            self.write_stop(stop_reason(reason));
            self.write_end();
        }
        self.sent()
    }

    fn error(&mut self, error: &ErrorBody) -> String {
        if std::mem::replace(&mut self.ended, true) {
            return String::new();
        }
        let event = error.anthropic(&self.request_id);
        self.out.push(event);
        self.sent()
    }

    fn ping(&mut self) -> String {
        if !self.ended {
            self.write_ping();
        }
        self.sent()
    }
}
