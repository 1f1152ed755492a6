//! Server-sent events (SSE) parser, lenient about malformed streams.
//!
//! Many servers and gateways break the specification: some separate events by one line end, some leave out the last blank
//! line, some put a bare JSON error between them. So data that is a complete JSON object or list is an event, whatever
//! follows it, and JSON without a field name is data, too. Everything else follows the specification: other data is joined
//! with the next line's, comments and unknown fields are ignored.
//!
//! Source: <https://html.spec.whatwg.org/multipage/server-sent-events.html>, read in November 2026.

use serde_json::{Value, json};

use super::RawFrame;
use super::json_extent::{Extent, JsonBalance};
use super::line::Lines;

/// The most characters that are kept of an unknown line.
const LONGEST_STRANGE: usize = 400;

/// Parses events out of bytes.
#[derive(Debug, Default)]
pub(super) struct Sse {
    lines: Lines,
    event: SseFields,
    ended: bool,
    /// Whether an event was found.
    any: bool,
}

impl Sse {
    /// A parser that keeps the bytes of each event: [`raw`](Self::raw). It waits for the blank line after an event, and
    /// gives comments and empty events with empty data.
    pub fn exact() -> Self {
        Sse {
            lines: Lines::exact(),
            ..Sse::default()
        }
    }

    /// The bytes of the event that was given last, as they came.
    pub fn raw(&mut self) -> Option<Box<RawFrame>> {
        let bytes = self.lines.read_so_far()?;
        let is_whole = !self.ended || ends_blank(&bytes);
        Some(Box::new(RawFrame { bytes, is_whole }))
    }

    /// The bytes after the last event.
    pub fn rest(&mut self) -> Option<Box<RawFrame>> {
        let bytes = self.lines.rest()?;
        let is_whole = false;
        Some(Box::new(RawFrame { bytes, is_whole }))
    }

    /// Takes more bytes.
    pub fn take(&mut self, bytes: &[u8]) {
        self.lines.take(bytes);
    }

    /// The body has ended.
    pub fn end(&mut self) {
        self.lines.end();
        self.ended = true;
    }

    /// Moves to the next complete event: its name, which may be empty, and its data. `None` while it is incomplete.
    pub fn next(&mut self) -> Option<(&str, &[u8])> {
        loop {
            self.event.clear_given();
            let Some(line) = self.lines.peek() else {
                break;
            };
            let read = self.event.read(line);
            if read != Read::WholeBefore {
                self.lines.next();
            }
            if read != Read::More {
                self.event.given = true;
                // An empty event is a keep-alive.
                if !self.event.data.is_empty() {
                    return self.give();
                }
                if self.lines.is_exact() {
                    return Some(("", b""));
                }
            }
        }
        // The blank line may come late, or never: a complete event does not wait for it.
        let may_wait = self.lines.is_exact() && !self.ended;
        let is_whole = match self.event.extent() {
            _ if may_wait => false,
            Extent::Whole | Extent::More => true,
            Extent::Other => self.ended,
            _ => false,
        };
        match is_whole {
            true => self.give(),
            false => None,
        }
    }

    fn give(&mut self) -> Option<(&str, &[u8])> {
        self.any = true;
        self.event.given = true;
        Some((&self.event.name, &self.event.data))
    }

    /// Whether an event was found.
    pub fn had_any(&self) -> bool {
        self.any
    }

    /// The unknown line that came without any event, or after the last one.
    pub fn strange(&self) -> Option<&str> {
        let begun = || (self.event.is_bare).then(|| str::from_utf8(&self.event.data).ok());
        let line = self.event.strange.as_deref();
        match self.any {
            true => line,
            false => line.or_else(|| begun().flatten()),
        }
    }
}

/// Whether the last line of these bytes is blank.
fn ends_blank(bytes: &[u8]) -> bool {
    let line_end = |bytes: &[u8]| -> Option<usize> {
        let ends: [&[u8]; 3] = [b"\r\n", b"\n", b"\r"];
        let end = ends.iter().find(|end| bytes.ends_with(end))?;
        Some(bytes.len() - end.len())
    };
    let before = line_end(bytes).and_then(|before| bytes.get(..before));
    before.is_some_and(|before| before.is_empty() || line_end(before).is_some())
}

/// The effect of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    /// The event is incomplete.
    More,
    /// The event is complete with this line.
    Whole,
    /// The event was complete before this line, which belongs to the next one.
    WholeBefore,
}

/// The event that is being parsed.
#[derive(Debug, Default)]
struct SseFields {
    name: String,
    /// A name after the data: it belongs to this event when a blank line follows, else to the next one.
    later_name: Option<String>,
    data: Vec<u8>,
    has_data: bool,
    balance: JsonBalance,
    /// Its data came without a field name.
    is_bare: bool,
    /// It was returned to the caller, and has to be cleared.
    given: bool,
    /// Whether its name is cleared with it. Without a blank line the name may also be the next event's.
    drops_name: bool,
    /// The first unknown line since the last event, reported when no other event follows.
    strange: Option<String>,
}

impl SseFields {
    fn clear_given(&mut self) {
        if !self.given {
            return;
        }
        self.given = false;
        if self.has_data {
            self.strange = None;
        }
        self.data.clear();
        self.has_data = false;
        self.is_bare = false;
        self.balance = JsonBalance::default();
        if let Some(later) = self.later_name.take() {
            self.name = later;
        } else if self.drops_name {
            self.name.clear();
        }
        self.drops_name = false;
    }

    fn extent(&mut self) -> Extent {
        match self.has_data {
            true => self.balance.feed(&self.data),
            false => Extent::Nothing,
        }
    }

    fn add(&mut self, line: &[u8]) {
        if self.has_data {
            self.data.push(b'\n');
        }
        self.has_data = true;
        self.data.extend_from_slice(line);
    }

    fn read(&mut self, line: &[u8]) -> Read {
        if line.is_empty() {
            return self.read_blank();
        }
        let (field, value) = match memchr::memchr(b':', line) {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &line[line.len()..]),
        };
        let mut value = value.strip_prefix(b" ").unwrap_or(value);
        // A gateway that wraps events in events writes the field name twice.
        while field == b"data"
            && let Some(inner) = value.strip_prefix(b"data:")
        {
            value = inner.strip_prefix(b" ").unwrap_or(inner);
        }
        match field {
            b"data" => self.read_data(value),
            b"event" => self.read_name(value),
            // llama.cpp before September 2025.
            b"error" if !value.trim_ascii().is_empty() => self.read_error(value),
            b"" | b"id" | b"retry" | b"error" => Read::More,
            _ => self.read_unknown(line),
        }
    }

    fn read_blank(&mut self) -> Read {
        // A JSON text without field names may contain blank lines.
        if self.is_bare && self.extent() == Extent::Begun {
            return Read::More;
        }
        if let Some(later) = self.later_name.take() {
            self.name = later;
        }
        self.drops_name = true;
        Read::Whole
    }

    fn read_data(&mut self, value: &[u8]) -> Read {
        let is_whole = matches!(self.extent(), Extent::Whole | Extent::More);
        if self.has_data && (self.is_bare || is_whole) {
            return Read::WholeBefore;
        }
        if let Some(later) = self.later_name.take() {
            self.name = later;
        }
        self.add(value);
        Read::More
    }

    fn read_name(&mut self, value: &[u8]) -> Read {
        let name = String::from_utf8_lossy(value);
        match self.has_data {
            true => self.later_name = Some(name.into_owned()),
            false => {
                self.name.clear();
                self.name.push_str(&name);
            }
        }
        Read::More
    }

    fn read_error(&mut self, value: &[u8]) -> Read {
        if self.has_data {
            return Read::WholeBefore;
        }
        let said = String::from_utf8_lossy(value);
        let said: Value = serde_json::from_str(&said).unwrap_or_else(|_| json!(said.trim()));
        let error = match said.get("error") {
            Some(_) => said,
            None => json!({ "error": said }),
        };
        "error".clone_into(&mut self.name);
        self.drops_name = true;
        self.add(error.to_string().as_bytes());
        Read::Whole
    }

    fn read_unknown(&mut self, line: &[u8]) -> Read {
        // One JSON text over several lines, of which only the first has a field name, or none has.
        if self.extent() == Extent::Begun {
            self.add(line);
        } else if let Some(line) = as_known(line) {
            return self.read(&line);
        } else if line.trim_ascii_start().starts_with(b"{")
            || line.trim_ascii_start().starts_with(b"[")
        {
            if self.has_data {
                return Read::WholeBefore;
            }
            self.is_bare = true;
            self.add(line);
        } else if matches!(self.extent(), Extent::Whole | Extent::More) {
            return Read::WholeBefore;
        } else if self.strange.is_none() && !is_nothing(line) {
            let line = String::from_utf8_lossy(line);
            self.strange = Some(line.chars().take(LONGEST_STRANGE).collect());
        }
        Read::More
    }
}

/// Whether the line is blank, an indented comment, or the beginning of a field name where the connection broke.
fn is_nothing(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let names = [&b"data"[..], b"event", b"retry", b"error"];
    line.starts_with(b":") || names.iter().any(|name| name.starts_with(line))
}

/// The line of a field whose name was indented, or written in capitals.
fn as_known(line: &[u8]) -> Option<Vec<u8>> {
    let trimmed = line.trim_ascii_start();
    let colon = memchr::memchr(b':', trimmed)?;
    let (name, value) = trimmed.split_at(colon);
    let name = name.to_ascii_lowercase();
    let is_known = [&b"data"[..], b"event", b"error"].contains(&name.as_slice());
    let is_other = name.len() + value.len() < line.len() || !line.starts_with(&name);
    (is_known && is_other).then(|| [&name, value].concat())
}
