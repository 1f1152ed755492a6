//! Live region: a part of the output that is updated in place.

use std::io::{self, IsTerminal, Write};

use super::kernel_channel::{KernelChannel, fresh_id};
use super::{OutputTarget, sanitize, show_block};

/// The rows of a terminal that does not report its size.
const ROWS: usize = 24;

/// The stream for a live region outside of a notebook.
#[derive(Clone, Copy)]
pub enum Stream {
    /// Standard output: the program's data.
    Out,
    /// Standard error: messages about the program.
    Err,
}

/// A live region: shows one content, and later the next in its place.
pub struct LiveRegion(RegionKind);

enum RegionKind {
    /// The course's kernel updates a display by its id.
    Course {
        session: KernelChannel,
        id: String,
        is_shown: bool,
    },
    /// evcxr keeps the last display of a cell, and shows it when the cell has ended.
    Stock,
    /// A terminal's lines can be redrawn. A file's cannot, so it gets the last state alone.
    Lines {
        to: Stream,
        is_screen: bool,
        drawn: Option<usize>,
        last: Option<String>,
    },
}

impl LiveRegion {
    /// An empty region: in the notebook when this is one, else on a stream.
    pub fn new(to: Stream) -> Self {
        LiveRegion(match OutputTarget::here() {
            OutputTarget::Course(session) => RegionKind::Course {
                session,
                id: fresh_id(),
                is_shown: false,
            },
            OutputTarget::Stock => RegionKind::Stock,
            OutputTarget::Terminal => RegionKind::Lines {
                to,
                is_screen: to.is_screen(),
                drawn: None,
                last: None,
            },
        })
    }

    /// A region for text. On evcxr's own kernel the text is printed when it is complete, because there a display would
    /// replace any other display of its cell.
    pub fn for_words(to: Stream) -> Self {
        match OutputTarget::here() {
            OutputTarget::Stock => LiveRegion(RegionKind::Lines {
                to: Stream::Out,
                is_screen: false,
                drawn: None,
                last: None,
            }),
            _ => LiveRegion::new(to),
        }
    }

    /// Whether an update is visible at once, so that more than one update makes sense.
    pub fn is_live(&self) -> bool {
        match &self.0 {
            RegionKind::Course { .. } => true,
            RegionKind::Stock => false,
            RegionKind::Lines { is_screen, .. } => *is_screen,
        }
    }

    /// Whether it is in a notebook, where HTML is shown.
    pub fn is_notebook(&self) -> bool {
        !matches!(self.0, RegionKind::Lines { .. })
    }

    /// Replaces the content.
    pub fn set(&mut self, html: &str, text: &str) {
        match &mut self.0 {
            RegionKind::Course {
                session,
                id,
                is_shown,
            } => match std::mem::replace(is_shown, true) {
                false => session.display(html, text, Some(id)),
                true => session.update(html, text, id),
            },
            RegionKind::Stock => show_block(html, text),
            RegionKind::Lines {
                to,
                is_screen,
                drawn,
                last,
            } => {
                if *is_screen {
                    let rows: Vec<&str> = text.lines().take(rows() - 1).collect();
                    // Long rows are cut at the edge: if they wrapped, the start of the region would be unknown.
                    let page = format!("{}\u{1b}[?7l{}\u{1b}[?7h", back(*drawn), rows.join("\n"));
                    to.write(&page);
                    *drawn = Some(rows.len());
                }
                *last = Some(text.to_owned());
            }
        }
    }

    /// Keeps the last state, complete.
    pub fn end(&mut self) {
        if let RegionKind::Lines {
            to, drawn, last, ..
        } = &mut self.0
            && let Some(text) = last.take()
        {
            to.write(&format!("{}{text}\n", back(drawn.take())));
        }
    }
}

/// The control sequence that moves the cursor up by so many rows and erases them.
fn back(drawn: Option<usize>) -> String {
    match drawn {
        None => String::new(),
        Some(0 | 1) => "\r\u{1b}[J".to_owned(),
        Some(rows) => format!("\r\u{1b}[{}A\u{1b}[J", rows - 1),
    }
}

fn rows() -> usize {
    let rows = std::env::var("LINES").ok();
    let rows = rows.and_then(|rows| rows.parse().ok());
    rows.unwrap_or(ROWS).max(2)
}

impl Stream {
    /// Whether the stream is a terminal that can redraw lines.
    fn is_screen(self) -> bool {
        let is_terminal = match self {
            Stream::Out => io::stdout().is_terminal(),
            Stream::Err => io::stderr().is_terminal(),
        };
        is_terminal && std::env::var_os("TERM").is_none_or(|name| name != "dumb")
    }

    fn write(self, text: &str) {
        // A write error is ignored: the reader has closed the pipe.
        let _ = match self {
            Stream::Out => {
                let mut out = io::stdout().lock();
                out.write_all(text.as_bytes()).and_then(|()| out.flush())
            }
            Stream::Err => io::stderr().lock().write_all(text.as_bytes()),
        };
    }
}

/// Prints a part of a line and flushes.
pub(crate) fn print_piece(piece: &str) {
    Stream::Out.write(&sanitize(piece));
}
