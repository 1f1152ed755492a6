//! A place for one thing that changes while it is shown.

use std::io::{self, IsTerminal, Write};

use super::kernel_channel::{KernelChannel, fresh_id};
use super::{OutputTarget, sanitize, show_block};

/// The rows of a terminal that does not say how many it has.
const ROWS: usize = 24;

/// Where something changing is drawn outside a notebook.
#[derive(Clone, Copy)]
pub enum Stream {
    /// What the program has to say.
    Out,
    /// What is said about the program.
    Err,
}

/// Shows one thing, and then the next in its place.
pub struct LiveRegion(RegionKind);

enum RegionKind {
    /// The course's kernel changes what it showed under a name.
    Course {
        session: KernelChannel,
        id: String,
        is_shown: bool,
    },
    /// evcxr keeps the last of what a cell shows, and shows that when the cell has ended.
    Stock,
    /// A terminal's lines can be written again; a file's cannot, and it gets the last state alone.
    Lines {
        to: Stream,
        is_screen: bool,
        drawn: Option<usize>,
        last: Option<String>,
    },
}

impl LiveRegion {
    /// An empty place: in the notebook when this is one, else on a stream.
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

    /// A place for words. On evcxr's own kernel they are printed when they are whole, because there a picture would take
    /// the place of any other picture of its cell.
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

    /// Whether what is set shows at once, so that drawing it more than once makes sense.
    pub fn is_live(&self) -> bool {
        match &self.0 {
            RegionKind::Course { .. } => true,
            RegionKind::Stock => false,
            RegionKind::Lines { is_screen, .. } => *is_screen,
        }
    }

    pub fn is_notebook(&self) -> bool {
        !matches!(self.0, RegionKind::Lines { .. })
    }

    /// Shows this instead of what was there.
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
                    // A row that is too long is cut at the edge: were it broken, there would be no telling where it began.
                    let page = format!("{}\u{1b}[?7l{}\u{1b}[?7h", back(*drawn), rows.join("\n"));
                    to.write(&page);
                    *drawn = Some(rows.len());
                }
                *last = Some(text.to_owned());
            }
        }
    }

    /// Leaves the last state standing, whole.
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

/// The way back to the start of so many rows, which are wiped.
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
    /// Whether a person reads it on a screen that can write a line again.
    fn is_screen(self) -> bool {
        let is_terminal = match self {
            Stream::Out => io::stdout().is_terminal(),
            Stream::Err => io::stderr().is_terminal(),
        };
        is_terminal && std::env::var_os("TERM").is_none_or(|name| name != "dumb")
    }

    fn write(self, text: &str) {
        // A person who has closed the pipe does not want to see it.
        let _ = match self {
            Stream::Out => {
                let mut out = io::stdout().lock();
                out.write_all(text.as_bytes()).and_then(|()| out.flush())
            }
            Stream::Err => io::stderr().lock().write_all(text.as_bytes()),
        };
    }
}

/// Prints a piece of a line, at once.
pub fn print_piece(piece: &str) {
    Stream::Out.write(&sanitize(piece));
}
