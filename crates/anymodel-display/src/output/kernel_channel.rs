//! What the course's kernel and a cell say to each other.
//!
//! **Out**: structured output travels between the printed text, so that order is kept. A frame is
//! `0x1E MARK 0x1F JSON 0x1E`. MARK is a secret of the kernel's session, so no text that a model gives can be a frame;
//! JSON is one line whose control characters are escaped, so no text inside a frame can end it.
//!
//! **In**: a question to the person goes over a socket of the kernel, and standard input stays free.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

use super::sanitize;

/// The secret of this session, 32 hex digits.
const MARK: &str = "ANYMODEL_CELL_MARK";
/// Where the kernel takes questions to the person.
const ADDRESS: &str = "ANYMODEL_CELL_ADDRESS";

/// The kernel is on this machine: if it does not take the call at once, it will not.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest answer of a person that is read, in bytes. A key has about a hundred.
const ANSWER: u64 = 1 << 20;

/// A session of the course's kernel, seen from a cell.
#[derive(Clone)]
pub struct KernelChannel {
    mark: String,
    address: String,
}

impl KernelChannel {
    /// The session that this process runs in, if it does.
    pub fn from_env() -> Option<Self> {
        let mark = std::env::var(MARK).ok()?;
        let address = std::env::var(ADDRESS).ok()?;
        let is_mark = mark.len() == 32 && mark.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_mark.then_some(KernelChannel { mark, address })
    }

    /// Shows content at once. Under its name, if it has one, it can be changed later.
    pub fn display(&self, html: &str, text: &str, id: Option<&str>) {
        self.frame(&json!({"display": {"data": content(html, text), "id": id}}));
    }

    /// Changes what was shown under this name.
    pub fn update(&self, html: &str, text: &str, id: &str) {
        self.frame(&json!({"update": {"data": content(html, text), "id": id}}));
    }

    /// Takes away what the cell showed so far.
    pub fn clear(&self) {
        self.frame(&json!({"clear": {"wait": false}}));
    }

    /// One write under the lock, so that another thread cannot cut in, and out at once.
    fn frame(&self, frame: &Value) {
        let frame = format!("\u{1e}{}\u{1f}{frame}\u{1e}", self.mark);
        let mut out = io::stdout().lock();
        // A kernel that is gone shows nothing, and that is no failure of the cell.
        let _ = out.write_all(frame.as_bytes()).and_then(|()| out.flush());
    }

    /// Asks the person for a secret, and waits for as long as they need. `None` when nobody can be asked.
    ///
    /// # Errors
    /// When the kernel is not there, or leaves before it has answered.
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
        // What the person typed is a secret, so an answer that cannot be read is not repeated.
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

/// A name for something shown. It is drawn by lot: a process that takes the place of an earlier one must not change what
/// that one showed.
pub(super) fn fresh_id() -> String {
    format!("{:032x}", fastrand::u128(..))
}
