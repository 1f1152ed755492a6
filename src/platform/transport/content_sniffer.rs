//! What a body is, told by its first bytes: events, or one whole answer.
//!
//! What its header says is a hint alone: gateways send events as `application/json`, and an error or a whole answer as
//! `text/event-stream`.

use reqwest::header::{CONTENT_TYPE, HeaderMap};

use super::json_extent::{Extent, JsonBalance};
use super::line::BYTE_ORDER_MARK;
use crate::platform::Framing;

/// How a line of server-sent events begins.
const FIELDS: [&[u8]; 6] = [b"data:", b"event:", b"id:", b"retry:", b"error:", b":"];

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// More of it has to come.
    Unclear,
    /// One JSON value, which is an answer or an error if nothing follows it.
    OneValue,
    /// To be read as one text when all of it came.
    Whole,
    Events,
}

/// The beginning of a body, until it is known what it is.
pub(super) struct ContentSniffer {
    framing: Framing,
    /// Whether it comes in events, by its header; `None` when that says nothing.
    declared: Option<bool>,
    asked_for_events: bool,
    pub bytes: Vec<u8>,
    balance: JsonBalance,
}

impl ContentSniffer {
    pub fn new(framing: Framing, headers: &HeaderMap, asked_for_events: bool) -> Self {
        ContentSniffer {
            framing,
            declared: comes_in_events(headers),
            asked_for_events,
            bytes: Vec::new(),
            balance: JsonBalance::default(),
        }
    }

    /// Takes more bytes. White space before everything else may be a sign of life, and says nothing.
    pub fn add(&mut self, bytes: Vec<u8>) {
        if start(&self.bytes).is_empty() {
            self.bytes.clear();
        }
        match self.bytes.is_empty() {
            true => self.bytes = bytes,
            false => self.bytes.extend_from_slice(&bytes),
        }
    }

    /// What came, without what says nothing before it.
    pub fn all(&self) -> &[u8] {
        start(&self.bytes)
    }

    /// Whether the header says that events come.
    pub fn declares_events(&self) -> bool {
        self.declared == Some(true)
    }

    /// Whether the end of one value need not be the end of the connection.
    pub fn may_stay_open(&self) -> bool {
        self.declared != Some(false)
    }

    /// What it is, as far as it can be told; all of it came when it `is_over`.
    pub fn look(&mut self, is_over: bool) -> Look {
        let bytes = start(&self.bytes);
        let expected = match self.declared.unwrap_or(self.asked_for_events) {
            true => Look::Events,
            false => Look::Whole,
        };
        let may_be_json = bytes.is_empty() || bytes.starts_with(b"{") || bytes.starts_with(b"[");
        let may_be_mark = bytes.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(bytes);
        if may_be_mark && !bytes.is_empty() && !is_over {
            return Look::Unclear;
        }
        match self.framing {
            // Each line is a JSON value: only what is declared as one is one.
            Framing::Lines if expected == Look::Events => Look::Events,
            Framing::AwsEventStream if !may_be_json => Look::Events,
            _ if bytes.is_empty() && is_over => expected,
            _ if bytes.is_empty() => Look::Unclear,
            _ if may_be_json => self.look_at_json(is_over),
            _ if bytes.starts_with(b"<") || self.framing == Framing::Lines => Look::Whole,
            _ if self.declares_events() => Look::Events,
            _ if FIELDS.iter().any(|field| bytes.starts_with(field)) => Look::Events,
            _ if FIELDS.iter().any(|field| field.starts_with(bytes)) && !is_over => Look::Unclear,
            _ => expected,
        }
    }

    fn look_at_json(&mut self, is_over: bool) -> Look {
        let json = start(&self.bytes);
        match self.balance.feed(json) {
            Extent::More if self.framing != Framing::AwsEventStream => Look::Events,
            Extent::Whole if !is_over => Look::OneValue,
            _ if is_over => Look::Whole,
            _ => Look::Unclear,
        }
    }
}

/// What is left when white space and byte order marks are passed over.
fn start(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes.trim_ascii_start();
    while let Some(behind) = rest.strip_prefix(BYTE_ORDER_MARK) {
        rest = behind.trim_ascii_start();
    }
    rest
}

/// Whether the answer comes in events, by what the server says of it.
fn comes_in_events(headers: &HeaderMap) -> Option<bool> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let kind = kind.to_ascii_lowercase();
    if kind.contains("event") || kind.contains("ndjson") {
        return Some(true);
    }
    (kind.contains("json") || kind.contains("html")).then_some(false)
}

#[cfg(test)]
impl ContentSniffer {
    /// Of a body that is to be cut as this framing says, whatever its bytes look like.
    pub fn of_events(framing: Framing) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            reqwest::header::HeaderValue::from_static("text/event-stream"),
        );
        ContentSniffer::new(framing, &headers, true)
    }
}
