//! Where output goes: a terminal, or a notebook on the evcxr kernel.
//!
//! evcxr runs cells in a child process and speaks with it in lines on stdout: a line that begins a block of some MIME
//! type, a line that asks for input, a line that ends a cell. Two things follow. What we print is always whole lines,
//! because a line without an end would hide the one after it. And the words of a model are never printed as they are:
//! a model that says `EVCXR_…` would be talking to the kernel.
//! Source: `evcxr` 0.22, `child_process.rs` and `runtime.rs`.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{BufRead, IsTerminal, Write};

/// What all lines that evcxr takes for its own have in common.
const MARK: &str = "EVCXR_";

/// Whether this code runs in a notebook cell.
pub(crate) fn is_notebook() -> bool {
    std::env::var_os("EVCXR_IS_RUNTIME").is_some()
}

/// Tells the person one line: on stderr, or under the notebook cell.
pub(crate) fn say(line: &str) {
    // A person who has closed the pipe does not want to hear it, so a failed write is no failure of the call.
    if is_notebook() {
        let _ = writeln!(std::io::stdout(), "{}", harmless(line));
    } else {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

/// Asks for a secret through the notebook's own input field; empty when the notebook has nobody at it.
pub(crate) fn ask_hidden(prompt: &str) -> String {
    println!("EVCXR_INPUT_REQUEST_PASSWORD:{}", harmless(prompt));
    let mut answer = String::new();
    // The kernel closes the pipe, or sends an empty line, when nobody can be asked.
    let _ = std::io::stdin().lock().read_line(&mut answer);
    answer.trim().to_owned()
}

/// Shows HTML with a text twin under the notebook cell, for front ends that have no HTML.
///
/// It is one print, so that another thread cannot cut in between.
pub(crate) fn show(html: &str, text: &str) {
    println!(
        "EVCXR_BEGIN_CONTENT text/html\n{}\nEVCXR_END_CONTENT\nEVCXR_BEGIN_CONTENT text/plain\n{}\nEVCXR_END_CONTENT",
        harmless(html),
        harmless(text)
    );
}

/// Makes what a model or a server has said harmless: the kernel's marker is broken, so that it is shown and not obeyed,
/// and control characters, which could drive a terminal, become their pictures (`␛`).
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let acts = |c: char| c.is_control() && c != '\n' && c != '\t';
    if !text.contains(MARK) && !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let pictured: String = text
        .chars()
        .map(|c| match u32::from(c) {
            _ if !acts(c) => c,
            0x7f => '\u{2421}',
            code => char::from_u32(0x2400 + code)
                .filter(|_| code < 0x20)
                .unwrap_or('\u{fffd}'),
        })
        .collect();
    Cow::Owned(pictured.replace(MARK, "EVCXR\u{2060}_"))
}

/// Text for HTML: nothing in it can act.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // A control character that HTML does not allow.
            c if c.is_control() && c != '\n' && c != '\t' => {
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// The width to wrap at: what a terminal says of itself, else the usual 80; a pipe and a notebook take what reads well.
pub(crate) fn width() -> usize {
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok());
    match columns {
        _ if !std::io::stdout().is_terminal() => 100,
        Some(columns) => usize::clamp(columns, 60, 160),
        None => 80,
    }
}
