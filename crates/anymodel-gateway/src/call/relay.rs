//! Relay: a streamed answer on its way to the caller, event by event.
//!
//! The head is held back until the first content, or until the first sign of life is due: until then a failure is a real
//! status. Events of a platform that speaks the caller's protocol pass as they are; others are translated.

use std::time::Duration;

use anymodel_client::{Event, ReplyStream};
use anymodel_sandbox::protocol::{ErrorBody, StreamWriter, ToolCallDelta};
use anymodel_types::{Error, FinishReason, Language, Reply, Result};
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::stream::unfold;
use serde_json::{Map, Value};

use super::record::CallRecord;
use super::{Admitted, Protocol, failed};
use crate::model::Outcome;
use crate::refusal::Refusal;

/// A stream that is being relayed.
struct Relay {
    /// Dropped first: a caller that left ends the request to the provider.
    events: ReplyStream,
    record: CallRecord,
    protocol: Protocol,
    writer: Option<Box<dyn StreamWriter>>,
    include_usage: bool,
    echo: Map<String, Value>,
    is_raw: bool,
    language: Language,
    ping: Duration,
    /// An event that came while the head was held back.
    first: Option<Result<Event>>,
    /// The end markers of a stream that passes through. They wait for the settling: a caller may leave when it has them.
    end: Vec<u8>,
    /// Whether the head was held back until a sign of life was due.
    is_late: bool,
    is_over: bool,
}

/// Sends a request whose answer is streamed.
pub(super) async fn stream(asked: Admitted, mut record: CallRecord) -> Response {
    record.sent(true);
    let ping = Duration::from_secs(record.ping_seconds());
    let mut relay = Relay {
        events: asked.chat.stream(),
        record,
        protocol: asked.protocol,
        writer: None,
        include_usage: asked.include_usage,
        echo: asked.echo,
        is_raw: false,
        language: asked.language,
        ping,
        first: None,
        end: Vec::new(),
        is_late: false,
        is_over: false,
    };
    match tokio::time::timeout(ping, relay.events.next()).await {
        Ok(Some(Err(error))) => {
            return failed(relay.protocol, relay.language, &mut relay.record, &error).await;
        }
        Ok(first) => relay.first = first,
        Err(_) => relay.is_late = true,
    }
    if let Some(Ok(Event::Started { model, platform })) = &relay.first {
        relay.record.started(model, platform);
    }
    relay.response()
}

impl Relay {
    fn response(self) -> Response {
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        self.record.describe_head(&mut response);
        let pieces = unfold(self, |mut relay| async move {
            let piece = relay.next().await?;
            Some((Ok::<_, std::convert::Infallible>(piece), relay))
        });
        *response.body_mut() = Body::from_stream(pieces);
        response
    }

    /// The next bytes for the caller; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.is_over {
                return None;
            }
            if std::mem::take(&mut self.is_late) {
                return Some(self.sign_of_life());
            }
            let event = match self.first.take() {
                Some(event) => Some(event),
                None => match tokio::time::timeout(self.ping, self.events.next()).await {
                    Ok(event) => event,
                    Err(_) => return Some(self.sign_of_life()),
                },
            };
            let bytes = match event {
                Some(Ok(Event::Finished(reply))) => self.finish(&reply).await,
                Some(Ok(event)) => self.write(event),
                Some(Err(error)) => self.cut(&error).await,
                None => return None,
            };
            if !bytes.is_empty() {
                return Some(bytes);
            }
        }
    }

    fn sign_of_life(&mut self) -> Bytes {
        match (self.is_raw, self.protocol, &mut self.writer) {
            (false, Protocol::Messages, Some(writer)) => writer.ping().into(),
            _ => Bytes::from_static(b": ping\n\n"),
        }
    }

    fn write(&mut self, event: Event) -> Bytes {
        match event {
            Event::Raw(frame) => {
                self.is_raw = true;
                self.record.received(frame.len());
                if is_end(&frame) {
                    self.end.extend_from_slice(&frame);
                    return Bytes::new();
                }
                return match self.include_usage || self.protocol != Protocol::Chat {
                    true => frame,
                    false => without_usage(frame),
                };
            }
            Event::Started { model, platform } => self.record.started(&model, &platform),
            _ if self.is_raw => {}
            Event::Text(piece) => {
                self.record.received(piece.len());
                return self.writer().text(&piece).into();
            }
            Event::Reasoning(piece) => {
                self.record.received(piece.len());
                return self.writer().reasoning(&piece).into();
            }
            Event::ToolCall {
                index,
                id,
                name,
                arguments,
            } => {
                self.record.received(arguments.len());
                let index = index.unwrap_or(0);
                let delta = ToolCallDelta {
                    index,
                    id: id.as_deref(),
                    name: name.as_deref(),
                    arguments: &arguments,
                };
                return self.writer().tool_call(&delta).into();
            }
            Event::Usage { usage, .. } => self.writer().usage(usage),
            _ => {}
        }
        Bytes::new()
    }

    fn writer(&mut self) -> &mut dyn StreamWriter {
        let Relay {
            writer,
            protocol,
            include_usage,
            echo,
            record,
            ..
        } = self;
        let make = || protocol.writer(record.model(), record.id(), *include_usage, echo);
        &mut **writer.get_or_insert_with(make)
    }

    async fn finish(&mut self, reply: &Reply) -> Bytes {
        self.is_over = true;
        self.record.answered(reply);
        self.record.finish(Outcome::Ok, 200, None).await;
        if self.is_raw {
            // Some servers send no end marker, which OpenAI's clients wait for.
            if self.end.is_empty() && self.protocol == Protocol::Chat {
                return Bytes::from_static(b"data: [DONE]\n\n");
            }
            return std::mem::take(&mut self.end).into();
        }
        let reason = reply.finish_reason.clone().unwrap_or(FinishReason::Stop);
        if let Some(usage) = reply.usage {
            self.writer().usage(usage);
        }
        self.writer().finish(&reason).into()
    }

    /// The answer broke off: an error event, and no end marker.
    async fn cut(&mut self, error: &Error) -> Bytes {
        self.is_over = true;
        let refusal = Refusal::of_error(error);
        self.record.failed(error);
        self.record
            .finish(Outcome::Cut, refusal.status(), Some(refusal.code()))
            .await;
        let body =
            ErrorBody::new(refusal.status(), refusal.text(self.language)).with_code(refusal.code());
        self.writer().error(&body).into()
    }
}

/// Whether this event is the last of its stream, in any of the protocols.
fn is_end(frame: &[u8]) -> bool {
    const NAMES: [&[u8]; 3] = [
        b"event: message_stop",
        b"event: response.completed",
        b"event: response.incomplete",
    ];
    frame.starts_with(b"data: [DONE]") || NAMES.iter().any(|name| frame.starts_with(name))
}

/// A chunk without the usage that the caller did not ask for: the chunk that holds nothing else is left out.
fn without_usage(frame: Bytes) -> Bytes {
    let Some(data) = frame
        .strip_prefix(b"data: ")
        .filter(|data| data.starts_with(b"{"))
    else {
        return frame;
    };
    let Ok(text) = std::str::from_utf8(data) else {
        return frame;
    };
    if !text.contains("\"usage\"") {
        return frame;
    }
    let Ok(chunk) = serde_json::from_str::<Value>(text.trim_end()) else {
        return frame;
    };
    let empty = chunk["choices"].as_array().is_some_and(Vec::is_empty);
    match &chunk["usage"] {
        Value::Object(_) if empty => Bytes::new(),
        Value::Null => Bytes::from(["data: ", &text.replacen(",\"usage\":null", "", 1)].concat()),
        _ => frame,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(frame: &'static str) -> String {
        String::from_utf8(without_usage(Bytes::from_static(frame.as_bytes())).to_vec()).unwrap()
    }

    #[test]
    fn usage_that_was_not_asked_for_is_taken_out_and_nothing_else() {
        assert_eq!(
            cleaned("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n"),
            ""
        );
        assert_eq!(
            cleaned("data: {\"x\":1.0,\"choices\":[{\"index\":0}],\"usage\":null}\n\n"),
            "data: {\"x\":1.0,\"choices\":[{\"index\":0}]}\n\n"
        );
        for kept in [
            "data: [DONE]\n\n",
            ": comment\n\n",
            "data: {\"choices\":[{\"delta\":{\"content\":\"\\\"usage\\\"\"}}]}\n\n",
        ] {
            assert_eq!(cleaned(kept), kept);
        }
    }
}
