//! Takes the runner's output apart: text, and frames that only the crate and the engine can write.
//!
//! ```text
//! 0x1E MARK 0x1F JSON 0x1E
//! ```
//!
//! The mark is a secret of this kernel. So whatever a model says, it is text; and a byte that
//! only looks like the start of a frame is text, too.

use serde_json::Value;

const START: u8 = 0x1e;
const MIDDLE: u8 = 0x1f;
/// A frame that does not end is not one.
const LONGEST: usize = 64 << 20;

/// A piece of output.
#[derive(Debug, Clone, PartialEq)]
pub enum OutputPart {
    /// What the cell printed.
    Text(String),
    /// What the crate or the engine says.
    Frame(Value),
}

/// Reads a stream of bytes that comes in pieces.
#[derive(Debug)]
pub struct OutputDecoder {
    head: Vec<u8>,
    held: Vec<u8>,
    /// How much of the frame at the start of `held` is known not to end it.
    searched: usize,
}

impl OutputDecoder {
    /// A decoder that believes frames with this mark.
    pub fn new(mark: &str) -> OutputDecoder {
        let mut head = vec![START];
        head.extend_from_slice(mark.as_bytes());
        head.push(MIDDLE);
        OutputDecoder {
            head,
            held: Vec::new(),
            searched: 0,
        }
    }

    /// Takes the next bytes and returns what is complete.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<OutputPart> {
        self.searched = self.held.len();
        self.held.extend_from_slice(bytes);
        let mut pieces = Vec::new();
        loop {
            match self.step() {
                DecodeStep::Text(length) => text(&mut pieces, self.held.drain(..length).collect()),
                DecodeStep::Frame(length) => {
                    let json = &self.held[self.head.len()..length - 1];
                    if let Ok(value) = serde_json::from_slice(json) {
                        pieces.push(OutputPart::Frame(value));
                    }
                    self.held.drain(..length);
                }
                DecodeStep::Wait => return pieces,
            }
            self.searched = 0;
        }
    }

    /// What is left when the stream ends.
    pub fn end(&mut self) -> Vec<OutputPart> {
        let mut pieces = Vec::new();
        text(&mut pieces, std::mem::take(&mut self.held));
        pieces
    }

    fn step(&self) -> DecodeStep {
        let Some(start) = self.held.iter().position(|byte| *byte == START) else {
            return self.text(self.held.len());
        };
        if start > 0 {
            return self.text(start);
        }
        let known = self.held.len().min(self.head.len());
        if self.held[..known] != self.head[..known] {
            return DecodeStep::Text(1);
        }
        if known < self.head.len() {
            return DecodeStep::Wait;
        }
        let body = &self.held[self.head.len()..];
        // A large picture comes in many pieces; none is searched twice.
        let from = self.searched.saturating_sub(self.head.len());
        match body[from..].iter().position(|byte| *byte == START) {
            Some(end) => DecodeStep::Frame(self.head.len() + from + end + 1),
            None if body.len() > LONGEST => DecodeStep::Text(self.held.len()),
            None => DecodeStep::Wait,
        }
    }

    /// Text up to `length`, but for a character at its end that is not complete yet.
    fn text(&self, length: usize) -> DecodeStep {
        let is_all = length == self.held.len();
        let cut = if is_all {
            unfinished(&self.held[..length])
        } else {
            0
        };
        match length - cut {
            0 => DecodeStep::Wait,
            length => DecodeStep::Text(length),
        }
    }
}

enum DecodeStep {
    Text(usize),
    Frame(usize),
    Wait,
}

fn text(pieces: &mut Vec<OutputPart>, bytes: Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let text = String::from_utf8_lossy(&bytes);
    match pieces.last_mut() {
        Some(OutputPart::Text(before)) => before.push_str(&text),
        _ => pieces.push(OutputPart::Text(text.into_owned())),
    }
}

/// How many bytes at the end are the beginning of a character.
fn unfinished(bytes: &[u8]) -> usize {
    for back in 1..=bytes.len().min(3) {
        let byte = bytes[bytes.len() - back];
        let length = match byte {
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf7 => 4,
            0x80..=0xbf => continue,
            _ => 1,
        };
        return if length > back { back } else { 0 };
    }
    0
}
