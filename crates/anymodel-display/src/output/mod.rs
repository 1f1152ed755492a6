//! Where output goes: a terminal, or a notebook on the course's kernel or on evcxr's own.
//!
//! - this file: which of them it is; showing and asking there
//! - `kernel_channel`: the course's kernel: frames out, questions in
//! - `live_region`: one thing that changes while it is shown
//! - `sanitize`: foreign text, made harmless
//!
//! evcxr runs cells in a child process and speaks with it in lines on stdout: a line that begins a block of some MIME
//! type, a line that asks for input, a line that ends a cell. Two things follow. What we print there is always whole
//! lines, because a line without an end would hide the one after it. And the words of a model are never printed as they
//! are: a model that says `EVCXR_…` would be talking to the kernel.
//! Source: `evcxr` 0.22, `child_process.rs` and `runtime.rs`.

mod kernel_channel;
mod live_region;
mod sanitize;

use std::io::{self, BufRead, IsTerminal, Write};

use kernel_channel::KernelChannel;
pub use live_region::{LiveRegion, Stream, print_piece};
pub use sanitize::escape;
pub use sanitize::sanitize;

/// Where this code runs.
pub enum OutputTarget {
    /// In a cell on the course's kernel.
    Course(KernelChannel),
    /// In a cell on evcxr's own kernel.
    Stock,
    /// In a program: its output is a terminal, a file or a pipe.
    Terminal,
}

impl OutputTarget {
    /// What the environment says.
    pub fn here() -> Self {
        match KernelChannel::from_env() {
            Some(session) => OutputTarget::Course(session),
            None if std::env::var_os("EVCXR_IS_RUNTIME").is_some() => OutputTarget::Stock,
            None => OutputTarget::Terminal,
        }
    }

    pub fn is_notebook(&self) -> bool {
        !matches!(self, OutputTarget::Terminal)
    }
}

/// Tells the person one line: on stderr, or under the notebook cell.
pub fn notify(line: &str) {
    // A person who has closed the pipe does not want to hear it, so a failed write is no failure of the call.
    if OutputTarget::here().is_notebook() {
        let _ = writeln!(io::stdout(), "{}", sanitize(line));
    } else {
        let _ = writeln!(io::stderr(), "{line}");
    }
}

/// Asks for a secret without showing what is typed; `None` when there is nobody to ask.
///
/// # Errors
/// When the notebook's kernel is gone.
pub fn ask_hidden(prompt: &str) -> io::Result<Option<String>> {
    match OutputTarget::here() {
        OutputTarget::Course(session) => session.ask_hidden(prompt),
        OutputTarget::Stock => {
            println!("EVCXR_INPUT_REQUEST_PASSWORD:{}", sanitize(prompt));
            let mut answer = String::new();
            // The kernel closes the pipe, or sends an empty line, when nobody can be asked.
            let _ = io::stdin().lock().read_line(&mut answer);
            Ok(Some(answer))
        }
        OutputTarget::Terminal if !io::stdin().is_terminal() => Ok(None),
        // Without a terminal to write the prompt to there is nobody either.
        OutputTarget::Terminal => Ok(rpassword::prompt_password(prompt).ok()),
    }
}

/// Shows HTML with a text twin under the notebook cell, for front ends that have no HTML. In a terminal it is the text.
pub fn show(html: &str, text: &str) {
    match OutputTarget::here() {
        OutputTarget::Course(session) => session.display(html, text, None),
        OutputTarget::Stock => show_block(html, text),
        OutputTarget::Terminal => println!("{text}"),
    }
}

/// Takes away what the cell showed so far, where that can be.
pub fn clear() {
    if let OutputTarget::Course(session) = OutputTarget::here() {
        session.clear();
    }
}

/// What a cell shows on evcxr's own kernel. It is one print, so that another thread cannot cut in between.
fn show_block(html: &str, text: &str) {
    println!(
        "EVCXR_BEGIN_CONTENT text/html\n{}\nEVCXR_END_CONTENT\nEVCXR_BEGIN_CONTENT text/plain\n{}\nEVCXR_END_CONTENT",
        sanitize(html),
        sanitize(text)
    );
}

/// The width to wrap at: what a terminal says of itself, else the usual 80; a pipe and a notebook take what reads well.
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
