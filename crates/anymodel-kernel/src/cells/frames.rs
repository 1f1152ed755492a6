//! Decoder of the runner's output: text, and frames that only the crate and the engine can write.
//!
//! ```text
//! 0x1E MARK 0x1F JSON 0x1E
//! ```
//!
//! The mark is a secret of this kernel. So any output of a model is text, and a byte that
//! only looks like the start of a frame is text, too.

use serde_json::Value;

const START: u8 = 0x1e;
const MIDDLE: u8 = 0x1f;
/// The size limit of a frame; longer data is text.
const LONGEST: usize = 64 << 20;

/// A decoded part of the output.
#[derive(Debug, Clone, PartialEq)]
pub enum OutputPart {
    /// Text that the cell printed.
    Text(String),
    /// A frame from the crate or the engine.
    Frame(Value),
}

/// Decoder of a stream of bytes that arrives in pieces.
#[derive(Debug)]
pub struct OutputDecoder {
    head: Vec<u8>,
    held: Vec<u8>,
    /// The length of the prefix of `held` that was already searched for the frame's end.
    searched: usize,
}

impl OutputDecoder {
    /// A decoder that accepts frames with this mark.
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

    /// Adds the next bytes and returns the complete parts.
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

    /// The remaining parts when the stream ends.
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
        // A large picture arrives in many pieces; each is searched once.
        let from = self.searched.saturating_sub(self.head.len());
        match body[from..].iter().position(|byte| *byte == START) {
            Some(end) => DecodeStep::Frame(self.head.len() + from + end + 1),
            None if body.len() > LONGEST => DecodeStep::Text(self.held.len()),
            None => DecodeStep::Wait,
        }
    }

    /// Text up to `length`, without an incomplete character at its end.
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

/// The number of bytes at the end that are an incomplete character.
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
