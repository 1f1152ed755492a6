//! LSP framing: a header with the length, an empty line, a message in JSON.

use serde_json::Value;

/// The largest message that is read, in bytes. Real messages are far smaller.
const LONGEST: usize = 64 << 20;
/// The largest header that is read, in bytes.
const LONGEST_HEADER: usize = 4 << 10;
const BLANK: &[u8] = b"\r\n\r\n";

/// Encodes a message.
pub fn encode(message: &Value) -> Vec<u8> {
    let body = message.to_string();
    format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Decoder of LSP messages from bytes that arrive in pieces of any size.
#[derive(Debug, Default)]
pub struct LspDecoder {
    bytes: Vec<u8>,
}

/// Invalid bytes; no byte after them can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameError(&'static str);

impl std::fmt::Display for FrameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the language server's words cannot be read: {}", self.0)
    }
}

impl std::error::Error for FrameError {}

impl LspDecoder {
    /// Adds received bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next complete message; `None` when it needs more bytes.
    ///
    /// # Errors
    /// When the bytes are invalid. This decoder cannot be used after that.
    pub fn pull(&mut self) -> Result<Option<Value>, FrameError> {
        let header = self.bytes.windows(BLANK.len()).position(|at| at == BLANK);
        let Some(header) = header else {
            return match self.bytes.len() {
                0..=LONGEST_HEADER => Ok(None),
                _ => Err(FrameError("a header has no end")),
            };
        };
        let length = length(&self.bytes[..header])?;
        let start = header + BLANK.len();
        let Some(body) = self.bytes.get(start..start + length) else {
            return Ok(None);
        };
        let message =
            serde_json::from_slice(body).map_err(|_| FrameError("a message is no JSON"))?;
        self.bytes.drain(..start + length);
        Ok(Some(message))
    }
}

fn length(header: &[u8]) -> Result<usize, FrameError> {
    let header = std::str::from_utf8(header).map_err(|_| FrameError("a header is no text"))?;
    let length = header.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let told = name.trim().eq_ignore_ascii_case("content-length");
        told.then(|| value.trim().parse().ok()).flatten()
    });
    match length {
        Some(length) if length <= LONGEST => Ok(length),
        Some(_) => Err(FrameError("a message is too long")),
        None => Err(FrameError("a header does not tell the length")),
    }
}
