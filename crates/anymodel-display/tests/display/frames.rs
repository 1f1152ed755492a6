//! Reads what a cell sends to the course's kernel, as that kernel has to.

use serde_json::Value;

/// The secret of the session in these tests.
pub const MARK: &str = "0123456789abcdef0123456789abcdef";

/// A part of what a cell sent.
#[derive(Debug, PartialEq)]
pub enum Part {
    Text(String),
    Frame(Value),
}

/// Parts in order. A frame that cannot be read fails the test.
pub fn read(bytes: &[u8]) -> Vec<Part> {
    let start = format!("\u{1e}{MARK}\u{1f}");
    let mut rest = std::str::from_utf8(bytes).unwrap();
    let mut parts = Vec::new();
    while let Some((text, after)) = rest.split_once(&start) {
        let (frame, after) = after.split_once('\u{1e}').expect("a frame has an end");
        assert!(!frame.contains('\n'), "a frame is one line: {frame:?}");
        if !text.is_empty() {
            parts.push(Part::Text(text.to_owned()));
        }
        let frame = serde_json::from_str(frame).expect("a frame is JSON");
        parts.push(Part::Frame(frame));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    parts
}

/// One thing on the page: printed text, or the last state of something shown.
#[derive(Debug, PartialEq)]
pub enum Seen {
    Printed(String),
    Shown {
        html: String,
        text: String,
        /// How often it changed.
        updates: usize,
    },
}

/// What stands under the cell in the end, as a notebook would have it.
pub fn page(bytes: &[u8]) -> Vec<Seen> {
    let mut page: Vec<(Option<String>, Seen)> = Vec::new();
    for part in read(bytes) {
        let frame = match part {
            Part::Text(text) => {
                page.push((None, Seen::Printed(text)));
                continue;
            }
            Part::Frame(frame) => frame,
        };
        let (kind, body) = frame.as_object().unwrap().iter().next().unwrap();
        let content = |mime: &str| body["data"][mime].as_str().unwrap().to_owned();
        let id = body["id"].as_str().map(str::to_owned);
        match kind.as_str() {
            "display" => {
                let shown = Seen::Shown {
                    html: content("text/html"),
                    text: content("text/plain"),
                    updates: 0,
                };
                page.push((id, shown));
            }
            "update" => {
                let (_, changed) = page.iter_mut().find(|(known, _)| *known == id).unwrap();
                let Seen::Shown {
                    html,
                    text,
                    updates,
                } = changed
                else {
                    panic!("only what was shown can change");
                };
                (*html, *text) = (content("text/html"), content("text/plain"));
                *updates += 1;
            }
            "clear" => page.clear(),
            other => panic!("a cell's own code does not send {other}"),
        }
    }
    page.into_iter().map(|(_, seen)| seen).collect()
}

/// The text twins of what was shown, in order.
pub fn twins(page: &[Seen]) -> Vec<&str> {
    let twins = page.iter().filter_map(|seen| match seen {
        Seen::Shown { text, .. } => Some(text.as_str()),
        Seen::Printed(_) => None,
    });
    twins.collect()
}

/// The printed text, without what was shown in between.
pub fn printed(page: &[Seen]) -> String {
    let texts = page.iter().filter_map(|seen| match seen {
        Seen::Printed(text) => Some(text.as_str()),
        Seen::Shown { .. } => None,
    });
    texts.collect()
}
