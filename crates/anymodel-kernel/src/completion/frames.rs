//! The bytes on the wire: a header that tells the length, an empty line, a message in JSON.

use serde_json::Value;

/// No message of a session comes near it; a larger one is not read.
const LONGEST: usize = 64 << 20;
/// The same for a header.
const LONGEST_HEADER: usize = 4 << 10;
const BLANK: &[u8] = b"\r\n\r\n";

/// A message as bytes.
pub fn encode(message: &Value) -> Vec<u8> {
    let body = message.to_string();
    format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Puts messages together from bytes that come in any pieces.
#[derive(Debug, Default)]
pub struct LspDecoder {
    bytes: Vec<u8>,
}

/// What came is not a message, and nothing after it can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameError(&'static str);

impl std::fmt::Display for FrameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the language server's words cannot be read: {}", self.0)
    }
}

impl std::error::Error for FrameError {}

impl LspDecoder {
    /// Takes in what came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole message; `None` when more bytes must come first.
    ///
    /// # Errors
    /// When the bytes are no message. After that this decoder is of no use.
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
