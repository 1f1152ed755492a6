//! Line splitter: cuts lines out of arriving bytes. Each byte is read once, however long a line is.

use bytes::Bytes;
use memchr::memchr2;

/// Some servers send it first.
pub(super) const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// The received bytes, and the position of the next line. A line ends in LF, CR or both; the last one may lack its end.
#[derive(Debug, Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
    /// Where the next line begins.
    at: usize,
    /// A line that begins at `at` does not end before here.
    scanned: usize,
    /// The previous line ended in CR: an LF now belongs to it.
    after_return: bool,
    ended: bool,
    /// Where the bytes begin that [`read_so_far`](Self::read_so_far) has not returned; `None` when it is never asked.
    unreturned: Option<usize>,
}

impl Lines {
    /// Lines whose bytes are wanted as they came, too.
    pub fn exact() -> Self {
        Lines {
            unreturned: Some(0),
            ..Lines::default()
        }
    }

    pub fn is_exact(&self) -> bool {
        self.unreturned.is_some()
    }

    /// Takes more bytes.
    pub fn take(&mut self, bytes: &[u8]) {
        // Read bytes are dropped when they are more than half: moving the rest costs little then.
        let read = self.unreturned.unwrap_or(self.at);
        if read > self.bytes.len() / 2 {
            self.bytes.drain(..read);
            self.scanned -= read;
            self.at -= read;
            self.unreturned = self.unreturned.map(|_| 0);
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The body has ended.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// The next line, without its end and without a leading byte order mark. [`next`](Self::next) moves on.
    pub fn peek(&mut self) -> Option<&[u8]> {
        if self.after_return && self.at < self.bytes.len() {
            self.after_return = false;
            if self.bytes[self.at] == b'\n' {
                self.at += 1;
                self.scanned = self.scanned.max(self.at);
            }
        }
        let unread = self.bytes.get(self.scanned..).unwrap_or_default();
        match memchr2(b'\n', b'\r', unread) {
            Some(found) => self.scanned += found,
            None => self.scanned = self.bytes.len(),
        }
        // Whether an LF follows a CR is known with the next byte, and the line's bytes are to be all of them.
        let is_half =
            self.is_exact() && !self.ended && self.bytes.get(self.scanned..) == Some(b"\r");
        let is_whole = self.scanned < self.bytes.len() && !is_half;
        let is_last = self.ended && self.at < self.bytes.len();
        let mut line = &self.bytes[self.at..self.scanned];
        while let Some(behind) = line.strip_prefix(BYTE_ORDER_MARK) {
            line = behind;
        }
        (is_whole || is_last).then_some(line)
    }

    /// The bytes of the lines before the next one, since this was asked last.
    pub fn read_so_far(&mut self) -> Option<Bytes> {
        let from = self.unreturned?;
        if self.after_return && self.bytes.get(self.at) == Some(&b'\n') {
            self.after_return = false;
            self.at += 1;
            self.scanned = self.scanned.max(self.at);
        }
        self.unreturned = Some(self.at);
        let read = self.bytes.get(from..self.at).unwrap_or_default();
        (!read.is_empty()).then(|| Bytes::copy_from_slice(read))
    }

    /// All bytes since then, after the last line.
    pub fn rest(&mut self) -> Option<Bytes> {
        let from = self.unreturned.replace(self.bytes.len())?;
        let rest = self.bytes.get(from..).unwrap_or_default();
        (!rest.is_empty()).then(|| Bytes::copy_from_slice(rest))
    }

    /// Moves to the line after the peeked one.
    pub fn next(&mut self) {
        self.after_return = self.bytes.get(self.scanned) == Some(&b'\r');
        self.at = (self.scanned + 1).min(self.bytes.len());
        self.scanned = self.at;
    }
}
