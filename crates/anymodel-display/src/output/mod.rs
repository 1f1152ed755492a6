//! Output target: a terminal, or a notebook on the course's kernel or on evcxr's own.
//!
//! - this file: detection of the target; showing and asking there
//! - `kernel_channel`: the course's kernel: frames out, input in
//! - `live_region`: a part of the output that is updated in place
//! - `sanitize`: sanitizing of foreign text
//!
//! evcxr runs cells in a child process and speaks with it in lines on stdout: a line that begins a block of some MIME
//! type, a line that asks for input, a line that ends a cell. This has two consequences. This crate always prints whole
//! lines there, because an unfinished line would hide the next one. And a model's text is never printed
//! unchanged: a model that says `EVCXR_…` would send commands to the kernel.
//! Source: `evcxr` 0.22, `child_process.rs` and `runtime.rs`.

mod kernel_channel;
mod live_region;
mod sanitize;

use std::io::{self, BufRead, IsTerminal, Write};

use kernel_channel::KernelChannel;
pub(crate) use live_region::print_piece;
pub use live_region::{LiveRegion, Stream};
pub use sanitize::escape;
pub use sanitize::sanitize;

/// The output target of this process.
pub enum OutputTarget {
    /// In a cell on the course's kernel.
    Course(KernelChannel),
    /// In a cell on evcxr's own kernel.
    Stock,
    /// In a program: its output is a terminal, a file or a pipe.
    Terminal,
}

impl OutputTarget {
    /// Detects the target from the environment.
    pub fn here() -> Self {
        match KernelChannel::from_env() {
            Some(session) => OutputTarget::Course(session),
            None if std::env::var_os("EVCXR_IS_RUNTIME").is_some() => OutputTarget::Stock,
            None => OutputTarget::Terminal,
        }
    }

    /// Whether it is a notebook, where HTML is shown.
    pub fn is_notebook(&self) -> bool {
        !matches!(self, OutputTarget::Terminal)
    }
}

/// Shows one line to the user: on stderr, or under the notebook cell.
pub fn notify(line: &str) {
    // A failed write is not a failure of the call: the reader has closed the pipe.
    if OutputTarget::here().is_notebook() {
        let _ = writeln!(io::stdout(), "{}", sanitize(line));
    } else {
        let _ = writeln!(io::stderr(), "{line}");
    }
}

/// Asks for a secret without showing the input; `None` when no user can answer.
///
/// # Errors
/// When the notebook's kernel is gone.
pub fn ask_hidden(prompt: &str) -> io::Result<Option<String>> {
    match OutputTarget::here() {
        OutputTarget::Course(session) => session.ask_hidden(prompt),
        OutputTarget::Stock => {
            println!("EVCXR_INPUT_REQUEST_PASSWORD:{}", sanitize(prompt));
            let mut answer = String::new();
            // The kernel closes the pipe, or sends an empty line, when no user can answer.
            let _ = io::stdin().lock().read_line(&mut answer);
            Ok(Some(answer))
        }
        OutputTarget::Terminal if !io::stdin().is_terminal() => Ok(None),
        // Without a terminal for the prompt no user can answer either.
        OutputTarget::Terminal => Ok(rpassword::prompt_password(prompt).ok()),
    }
}

/// Shows HTML under the notebook cell, with plain text for front ends without HTML. In a terminal it prints the text.
pub fn show(html: &str, text: &str) {
    match OutputTarget::here() {
        OutputTarget::Course(session) => session.display(html, text, None),
        OutputTarget::Stock => show_block(html, text),
        OutputTarget::Terminal => println!("{text}"),
    }
}

/// Clears the cell's output so far, where the target supports that.
pub fn clear() {
    if let OutputTarget::Course(session) = OutputTarget::here() {
        session.clear();
    }
}

/// Shows a block on evcxr's own kernel. It is one print, so that another thread's output cannot get inside it.
fn show_block(html: &str, text: &str) {
    println!(
        "EVCXR_BEGIN_CONTENT text/html\n{}\nEVCXR_END_CONTENT\nEVCXR_BEGIN_CONTENT text/plain\n{}\nEVCXR_END_CONTENT",
        sanitize(html),
        sanitize(text)
    );
}

/// The width to wrap at: a terminal's `COLUMNS`, else the usual 80; a pipe and a notebook get a readable 100.
pub fn width() -> usize {
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok());
    match columns {
        _ if !io::stdout().is_terminal() => 100,
        Some(columns) => usize::clamp(columns, 60, 160),
        None => 80,
    }
}
