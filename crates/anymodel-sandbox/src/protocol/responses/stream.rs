//! Encoding of a streamed response: events with a sequence number, of items that are added, grow and are done.

use anymodel_types::{FinishReason, Usage};
use serde_json::{Map, Value, json};

use super::answer::{Output, body, item, item_id, summary_part, text_part, usage};
use crate::protocol::block_order::{Block, BlockOrder, Step};
use crate::protocol::stream_writer::{PING, named};
use crate::protocol::{AnswerHead, ErrorBody, StreamWriter, ToolCallDelta};

/// Stream writer for Responses.
///
/// The last event repeats the whole answer, as the protocol wants it, so the writer keeps its text.
#[derive(Debug)]
pub struct ResponseStream {
    head: AnswerHead,
    echo: Map<String, Value>,
    blocks: BlockOrder,
    output: Output,
    open: Option<OpenItem>,
    sequence: u64,
    started: bool,
    ended: bool,
    out: Vec<Value>,
}

/// The item that is being sent.
#[derive(Debug)]
struct OpenItem {
    id: String,
    block: Block,
    content: String,
}

impl ResponseStream {
    /// A stream. `echo`: the fields of the request that a response repeats, as
    /// [`Decoded::echo`](crate::protocol::Decoded::echo) has them.
    pub fn new(head: AnswerHead, echo: Map<String, Value>) -> Self {
        Self {
            head,
            echo,
            blocks: BlockOrder::default(),
            output: Output {
                usage: usage(&Usage::default()),
                ..Output::default()
            },
            open: None,
            sequence: 0,
            started: false,
            ended: false,
            out: Vec::new(),
        }
    }

    /// The same with this usage in the protocol's own format.
    pub(crate) fn with_usage(mut self, usage: Value) -> Self {
        self.output.usage = usage;
        self
    }

    /// The events since the last call.
    pub(crate) fn take(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.out)
    }

    fn say(&mut self, kind: &str, mut event: Value) {
        event["type"] = json!(format!("response.{kind}"));
        event["sequence_number"] = json!(self.sequence);
        self.sequence += 1;
        self.out.push(event);
    }

    fn say_response(&mut self, kind: &str) {
        let response = body(&self.head, &self.echo, &self.output);
        self.say(kind, json!({ "response": response }));
    }

    pub(crate) fn begin(&mut self) {
        if !std::mem::replace(&mut self.started, true) {
            self.say_response("created");
            self.say_response("in_progress");
        }
    }

    pub(crate) fn write_text(&mut self, piece: &str) {
        let steps = self.blocks.text(piece);
        self.write(steps);
    }

    pub(crate) fn write_reasoning(&mut self, piece: &str) {
        let steps = self.blocks.reasoning(piece);
        self.write(steps);
    }

    pub(crate) fn write_call(&mut self, delta: &ToolCallDelta<'_>) {
        let steps = self.blocks.call(delta);
        self.write(steps);
    }

    pub(crate) fn write_end(&mut self, reason: &FinishReason) {
        let steps = self.blocks.end();
        self.write(steps);
        self.output.finish = Some(reason.clone());
        match reason {
            FinishReason::Stop | FinishReason::ToolCalls => self.say_response("completed"),
            _ => self.say_response("incomplete"),
        }
    }

    pub(crate) fn write_error(&mut self, code: &str, message: &str) {
        self.begin();
        let mut response = body(&self.head, &self.echo, &self.output);
        response["status"] = json!("failed");
        response["error"] = json!({ "code": code, "message": message });
        self.say("failed", json!({ "response": response }));
    }

    fn write(&mut self, steps: Vec<Step>) {
        self.begin();
        for step in steps {
            match step {
                Step::Open(block) => self.add(block),
                Step::Grow(piece) => self.grow(&piece),
                Step::Close => self.close(),
            }
        }
    }

    fn add(&mut self, block: Block) {
        let at = self.output.items.len();
        let id = item_id(&self.head, at, &block);
        let item = item(&id, &block, "", "in_progress");
        self.say(
            "output_item.added",
            json!({ "output_index": at, "item": item }),
        );
        let place = json!({ "item_id": id, "output_index": at });
        match block {
            Block::Text => self.say(
                "content_part.added",
                with(place, json!({ "content_index": 0, "part": text_part("") })),
            ),
            Block::Reasoning => self.say(
                "reasoning_summary_part.added",
                with(
                    place,
                    json!({ "summary_index": 0, "part": summary_part("") }),
                ),
            ),
            Block::Call { .. } => {}
        }
        self.open = Some(OpenItem {
            id,
            block,
            content: String::new(),
        });
    }

    fn grow(&mut self, piece: &str) {
        let at = self.output.items.len();
        let Some(open) = &mut self.open else {
            return;
        };
        open.content.push_str(piece);
        let place = json!({ "item_id": open.id, "output_index": at, "delta": piece });
        match open.block {
            Block::Text => self.say(
                "output_text.delta",
                with(place, json!({ "content_index": 0, "logprobs": [] })),
            ),
            Block::Reasoning => self.say(
                "reasoning_summary_text.delta",
                with(place, json!({ "summary_index": 0 })),
            ),
            Block::Call { .. } => self.say("function_call_arguments.delta", place),
        }
    }

    fn close(&mut self) {
        let at = self.output.items.len();
        let Some(OpenItem { id, block, content }) = self.open.take() else {
            return;
        };
        let place = json!({ "item_id": id, "output_index": at });
        match &block {
            Block::Text => {
                let place = with(place, json!({ "content_index": 0 }));
                let text = json!({ "text": content, "logprobs": [] });
                self.say("output_text.done", with(place.clone(), text));
                let part = json!({ "part": text_part(&content) });
                self.say("content_part.done", with(place, part));
            }
            Block::Reasoning => {
                let place = with(place, json!({ "summary_index": 0 }));
                let text = json!({ "text": content });
                self.say("reasoning_summary_text.done", with(place.clone(), text));
                let part = json!({ "part": summary_part(&content) });
                self.say("reasoning_summary_part.done", with(place, part));
            }
            Block::Call { name, .. } => {
                let call = json!({ "name": name, "arguments": content });
                self.say("function_call_arguments.done", with(place, call));
            }
        }
        let item = item(&id, &block, &content, "completed");
        self.say(
            "output_item.done",
            json!({ "output_index": at, "item": item }),
        );
        self.output.items.push(item);
    }

    /// The events since the last call, as text.
    fn sent(&mut self) -> String {
        named(&self.take())
    }
}

/// The fields of both objects.
fn with(mut event: Value, more: Value) -> Value {
    if let (Value::Object(fields), Value::Object(more)) = (&mut event, more) {
        fields.extend(more);
    }
    event
}

impl StreamWriter for ResponseStream {
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
        self.output.usage = usage(&tokens);
    }

    fn finish(&mut self, reason: &FinishReason) -> String {
        if !std::mem::replace(&mut self.ended, true) {
            self.write_end(reason);
        }
        self.sent()
    }

    fn error(&mut self, error: &ErrorBody) -> String {
        if !std::mem::replace(&mut self.ended, true) {
            self.write_error(error.code.as_deref().unwrap_or(&error.kind), &error.message);
        }
        self.sent()
    }

    fn ping(&mut self) -> String {
        match self.ended {
            true => String::new(),
            false => PING.to_owned(),
        }
    }
}
