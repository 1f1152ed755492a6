//! Channel between a cell and the course's kernel.
//!
//! **Out**: structured output travels inside the printed text, so that the order is kept. A frame is
//! `0x1E MARK 0x1F JSON 0x1E`. MARK is a secret of the kernel's session, so no text of a model can be a frame.
//! JSON is one line whose control characters are escaped, so no text inside a frame can end it.
//!
//! **In**: a request for input goes over a socket of the kernel, and standard input stays free.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

use super::sanitize;

/// Variable that holds the mark of this session, a secret of 32 hex digits.
const MARK: &str = "ANYMODEL_CELL_MARK";
/// Variable that holds the address where the kernel takes requests for input.
const ADDRESS: &str = "ANYMODEL_CELL_ADDRESS";

/// The connect timeout. The kernel is on this machine, so it accepts at once or not at all.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest answer that is read, in bytes. A key has about a hundred.
const ANSWER: u64 = 1 << 20;

/// The kernel channel of a cell.
#[derive(Clone)]
pub struct KernelChannel {
    mark: String,
    address: String,
}

impl KernelChannel {
    /// The channel of the session that this process runs in, if it runs in one.
    pub fn from_env() -> Option<Self> {
        let mark = std::env::var(MARK).ok()?;
        let address = std::env::var(ADDRESS).ok()?;
        let is_mark = mark.len() == 32 && mark.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_mark.then_some(KernelChannel { mark, address })
    }

    /// Shows content at once. With an id it can be updated later.
    pub fn display(&self, html: &str, text: &str, id: Option<&str>) {
        self.frame(&json!({"display": {"data": content(html, text), "id": id}}));
    }

    /// Updates the display with this id.
    pub fn update(&self, html: &str, text: &str, id: &str) {
        self.frame(&json!({"update": {"data": content(html, text), "id": id}}));
    }

    /// Clears the cell's output so far.
    pub fn clear(&self) {
        self.frame(&json!({"clear": {"wait": false}}));
    }

    /// Writes and flushes a frame in one write under the lock, so that other threads' output cannot get inside it.
    fn frame(&self, frame: &Value) {
        let frame = format!("\u{1e}{}\u{1f}{frame}\u{1e}", self.mark);
        let mut out = io::stdout().lock();
        // When the kernel is gone, nothing can be shown, and that is not a failure of the cell.
        let _ = out.write_all(frame.as_bytes()).and_then(|()| out.flush());
    }

    /// Asks the learner for a secret, without a timeout. `None` when no client can answer.
    ///
    /// # Errors
    /// When the kernel is not there, or ends before it has answered.
    pub fn ask_hidden(&self, prompt: &str) -> io::Result<Option<String>> {
        let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        let address: SocketAddr = self
            .address
            .parse()
            .map_err(|_| wrong("its address is none"))?;
        let mut kernel = TcpStream::connect_timeout(&address, CONNECT)?;
        let question = json!({"prompt": prompt, "password": true});
        kernel.write_all(format!("{} input {question}\n", self.mark).as_bytes())?;
        let mut answer = String::new();
        BufReader::new(kernel.take(ANSWER)).read_line(&mut answer)?;
        if !answer.ends_with('\n') {
            return Err(wrong("it left before it answered"));
        }
        // The answer is a secret, so the error message of an invalid answer does not repeat it.
        let answer: Value =
            serde_json::from_str(&answer).map_err(|_| wrong("its answer cannot be read"))?;
        match (answer["value"].as_str(), answer.get("refused")) {
            (Some(typed), _) => Ok(Some(typed.to_owned())),
            (None, Some(_)) => Ok(None),
            (None, None) => Err(wrong("its answer cannot be read")),
        }
    }
}

fn content(html: &str, text: &str) -> Value {
    json!({"text/html": html, "text/plain": sanitize(text)})
}

/// A random display id. It is random because a process that replaces an earlier one must not update the displays
/// of that one.
pub(super) fn fresh_id() -> String {
    format!("{:032x}", fastrand::u128(..))
}
