//! Completion and hover for notebook cells, through a rust-analyzer process (LSP).
//!
//! rust-analyzer is a component of the toolchain (`rustup component add rust-analyzer`) and runs as an ordinary
//! process that speaks the Language Server Protocol. It never delays a cell: cells run without it, it works on one
//! thread with a low priority, and it is started by the first question or by [`Assistant::warm`]. Without it, or
//! while it loads, the names in the text itself are offered.
//!
//! Facts to know before changing this module:
//!
//! - The engine makes one whole file of a session. That file is the root of its own crate, beside
//!   the crates that lessons use. They are listed in a `rust-project.json`, so no Cargo project has to be
//!   loaded and nothing is built ([`project`]).
//! - Memory decides what is loaded. Measured on two idle cores with rust-analyzer 1.95: the resident
//!   set of the process after some questions, and the time from its start to the first answer.
//!
//!   | crates | memory | first answer |
//!   |---|---|---|
//!   | the standard library alone | 338 MB | 3.2 s |
//!   | with `anymodel` | 346 MB | 2.9 s |
//!   | with `tokio` also | 390 MB | 2.9 s |
//!   | the eight of [`project`] | 414 MB | 2.6 s |
//!   | the eight, one arena for `malloc`: **as here** | 370–380 MB | 2.3 s |
//!   | 16: the web crates also, two arenas or more | 468 MB | 5.8 s |
//!   | the same 16, the standard library read through Cargo | 640 MB | 4.9 s |
//!   | the 190 that are linked | 1153 MB | 11 s |
//!
//!   `cargo test -p anymodel-kernel --test assist figures -- --ignored --nocapture` prints the line of
//!   the chosen list, with the time that Cargo takes to name the crates (0.2–0.6 s); the other lines need
//!   another list in [`project`]. While four compilations run, the first answer takes 4–9 s, because
//!   they have priority. A later question takes about 10 ms. `lru.capacity` and `numThreads` change neither
//!   figure; the trait implementations of `core` alone are 170 MB. So the process is ended after ten
//!   minutes without a question, and started again by the next one.
//! - The process ends with the kernel: its group is killed when the [`Assistant`] is dropped. When the
//!   kernel itself is killed, the process reads the end of its input and exits within a second.
//!
//! Parts: [`project`], [`frames`] (LSP framing), `client` (one process), `worker` (the queue,
//! restarts), `answers` (conversion of answers), `text` (positions in a text), `fallback`.

mod answers;
mod client;
mod fallback;
pub mod frames;
pub mod project;
mod text;
mod worker;

use std::path::Path;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use worker::{About, AssistAnswer, AssistRequest, QueuedRequest, Worker};

/// The timeout of a question. After it the fallback answers.
pub const PATIENCE: Duration = Duration::from_secs(8);

/// A completion result: the matches at a position, and the range that they replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completions {
    /// The matches, the likeliest first.
    pub matches: Vec<Match>,
    /// The first byte of the text that a match replaces.
    pub start: usize,
    /// The byte after the last one that a match replaces.
    pub end: usize,
}

/// One completion item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The text to insert.
    pub text: String,
    /// The kind of symbol.
    pub kind: SymbolKind,
    /// The declaration of a function, the type of a value; empty when not known.
    pub signature: String,
}

/// The kind of symbol that a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SymbolKind {
    /// A field.
    Property,
    /// A function, a method or a macro.
    Function,
    /// A variable, a constant, a variant.
    Instance,
    /// A type or a trait.
    Class,
    /// A module or a crate.
    Module,
    /// A keyword.
    Keyword,
    /// A name of unknown kind.
    Name,
}

impl SymbolKind {
    /// The kind's name in `_jupyter_types_experimental`, by which JupyterLab chooses icon and colour.
    pub fn word(self) -> &'static str {
        match self {
            SymbolKind::Property => "property",
            SymbolKind::Function => "function",
            SymbolKind::Instance => "instance",
            SymbolKind::Class => "class",
            SymbolKind::Module => "module",
            SymbolKind::Keyword => "keyword",
            SymbolKind::Name => "text",
        }
    }
}

/// How much documentation a hover returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The text up to the first heading: Jupyter's level 0.
    Brief,
    /// The whole text: level 1.
    Full,
}

/// A hover result: the declaration and documentation of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// Plain text for a terminal: the declaration, then the documentation.
    pub plain: String,
    /// The same as Markdown.
    pub markdown: String,
}

/// The completion assistant: answers questions about a text. Dropping it ends its process.
#[derive(Debug)]
pub struct Assistant {
    questions: mpsc::UnboundedSender<QueuedRequest>,
    work: JoinHandle<()>,
}

impl Assistant {
    /// Prepares to answer for the crate `anymodel` in the folder `root`. `folder` is created when it does
    /// not exist, and no other assistant may use it. Needs a tokio runtime. Starts no process yet.
    pub fn start(root: &Path, folder: &Path) -> Assistant {
        let (questions, queue) = mpsc::unbounded_channel();
        let worker = Worker::new(root.to_owned(), folder.to_owned(), queue);
        Assistant {
            questions,
            work: tokio::spawn(worker.run()),
        }
    }

    /// Starts the process in the background and loads the crates, so that the first question is
    /// answered at once. It costs the memory even when no question follows.
    pub fn warm(&self) {
        let _nobody_waits = self.put(AssistRequest::Warm, "", 0);
    }

    /// The completions at the byte `offset` of the file `source`. Takes [`PATIENCE`] at most.
    ///
    /// Names that begin with `__` belong to the engine and are left out.
    pub async fn complete(&self, source: &str, offset: usize) -> Completions {
        let offset = text::floor(source, offset);
        match self.ask(AssistRequest::Complete, source, offset).await {
            Some((answer, encoding)) => answers::completions(&answer, source, offset, encoding),
            None => fallback::completions(source, offset),
        }
    }

    /// The meaning of the name at the byte `offset` of the file `source`; between the brackets of a call, the
    /// documentation of the called function. Takes [`PATIENCE`] at most.
    pub async fn inspect(&self, source: &str, offset: usize, detail: Detail) -> Option<Hover> {
        let offset = text::floor(source, offset);
        let mut places = [Some(offset), text::called(source, offset)];
        if !text::at_name(source, offset) {
            places.reverse(); // a bracket tells the type of what stands between it and the other
        }
        let look = async {
            for place in places.into_iter().flatten() {
                let (answer, _) = self.ask(AssistRequest::Hover, source, place).await?;
                if let Some(hover) = answers::hover(&answer, detail) {
                    return Some(hover);
                }
            }
            None
        };
        tokio::time::timeout(PATIENCE, look).await.ok().flatten()
    }

    /// Kills the process and waits for its end.
    pub async fn end(&self) {
        self.work.abort();
        while !self.work.is_finished() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// `None` when no answer comes in time, or no process can answer.
    async fn ask(&self, wish: AssistRequest, source: &str, offset: usize) -> Option<AssistAnswer> {
        let answer = self.put(wish, source, offset);
        tokio::time::timeout(PATIENCE, answer).await.ok()?.ok()
    }

    fn put(
        &self,
        wish: AssistRequest,
        source: &str,
        offset: usize,
    ) -> oneshot::Receiver<AssistAnswer> {
        let (reply, answer) = oneshot::channel();
        let source = source.to_owned();
        let about = About {
            wish,
            source,
            offset,
        };
        // When the worker is gone, the reply is dropped, and there is no answer.
        let _ = self.questions.send(QueuedRequest { about, reply });
        answer
    }
}

impl Drop for Assistant {
    fn drop(&mut self) {
        self.work.abort();
    }
}
