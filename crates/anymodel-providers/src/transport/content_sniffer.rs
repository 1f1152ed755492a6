//! Content sniffer: decides by the first bytes whether a body is events or one whole answer.
//!
//! The header is only a hint: gateways send events as `application/json`, and an error or a whole answer as
//! `text/event-stream`.

use reqwest::header::{CONTENT_TYPE, HeaderMap};

use super::json_extent::{Extent, JsonBalance};
use super::line::BYTE_ORDER_MARK;
use crate::Framing;

/// Prefixes of a line of server-sent events.
const FIELDS: [&[u8]; 6] = [b"data:", b"event:", b"id:", b"retry:", b"error:", b":"];

/// The result: the kind of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyKind {
    /// More bytes are needed.
    Unclear,
    /// One JSON value, which is an answer or an error if nothing follows it.
    OneValue,
    /// One text, to be decoded when all of it came.
    Whole,
    Events,
}

/// The beginning of a body, until its kind is known.
pub(super) struct ContentSniffer {
    framing: Framing,
    /// Whether the header declares events; `None` when it does not tell.
    declared: Option<bool>,
    asked_for_events: bool,
    pub bytes: Vec<u8>,
    /// Whether all bytes are kept, white space before the answer too.
    pub is_exact: bool,
    balance: JsonBalance,
}

impl ContentSniffer {
    pub fn new(framing: Framing, headers: &HeaderMap, asked_for_events: bool) -> Self {
        ContentSniffer {
            framing,
            declared: comes_in_events(headers),
            asked_for_events,
            bytes: Vec::new(),
            is_exact: false,
            balance: JsonBalance::default(),
        }
    }

    /// Takes more bytes. Leading white space may be a keep-alive, and decides nothing.
    pub fn add(&mut self, bytes: Vec<u8>) {
        if !self.is_exact && start(&self.bytes).is_empty() {
            self.bytes.clear();
        }
        match self.bytes.is_empty() {
            true => self.bytes = bytes,
            false => self.bytes.extend_from_slice(&bytes),
        }
    }

    /// The received bytes, without leading white space.
    pub fn all(&self) -> &[u8] {
        start(&self.bytes)
    }

    /// Whether the header declares events.
    pub fn declares_events(&self) -> bool {
        self.declared == Some(true)
    }

    /// Whether the connection may stay open after one value.
    pub fn may_stay_open(&self) -> bool {
        self.declared != Some(false)
    }

    /// The kind of the body, as far as it is known; `is_over` means that no more bytes come.
    pub fn look(&mut self, is_over: bool) -> BodyKind {
        let bytes = start(&self.bytes);
        let expected = match self.declared.unwrap_or(self.asked_for_events) {
            true => BodyKind::Events,
            false => BodyKind::Whole,
        };
        let may_be_json = bytes.is_empty() || bytes.starts_with(b"{") || bytes.starts_with(b"[");
        let may_be_mark = bytes.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(bytes);
        if may_be_mark && !bytes.is_empty() && !is_over {
            return BodyKind::Unclear;
        }
        match self.framing {
            // In this framing an event is a JSON value, too: only a declared one counts as an event.
            Framing::Lines if expected == BodyKind::Events => BodyKind::Events,
            Framing::AwsEventStream if !may_be_json => BodyKind::Events,
            _ if bytes.is_empty() && is_over => expected,
            _ if bytes.is_empty() => BodyKind::Unclear,
            _ if may_be_json => self.look_at_json(is_over),
            _ if bytes.starts_with(b"<") || self.framing == Framing::Lines => BodyKind::Whole,
            _ if self.declares_events() => BodyKind::Events,
            _ if FIELDS.iter().any(|field| bytes.starts_with(field)) => BodyKind::Events,
            _ if FIELDS.iter().any(|field| field.starts_with(bytes)) && !is_over => {
                BodyKind::Unclear
            }
            _ => expected,
        }
    }

    fn look_at_json(&mut self, is_over: bool) -> BodyKind {
        let json = start(&self.bytes);
        match self.balance.feed(json) {
            Extent::More if self.framing != Framing::AwsEventStream => BodyKind::Events,
            Extent::Whole if !is_over => BodyKind::OneValue,
            _ if is_over => BodyKind::Whole,
            _ => BodyKind::Unclear,
        }
    }
}

/// The bytes after white space and byte order marks.
fn start(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes.trim_ascii_start();
    while let Some(behind) = rest.strip_prefix(BYTE_ORDER_MARK) {
        rest = behind.trim_ascii_start();
    }
    rest
}

/// Whether the headers say that the answer comes in events.
fn comes_in_events(headers: &HeaderMap) -> Option<bool> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let kind = kind.to_ascii_lowercase();
    if kind.contains("event") || kind.contains("ndjson") {
        return Some(true);
    }
    (kind.contains("json") || kind.contains("html")).then_some(false)
}

#[cfg(all(test, feature = "bedrock"))]
impl ContentSniffer {
    /// For a body that is to be cut in this framing, whatever its bytes look like.
    pub fn of_events(framing: Framing) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            reqwest::header::HeaderValue::from_static("text/event-stream"),
        );
        ContentSniffer::new(framing, &headers, true)
    }
}
