//! What a learner asks an editor for: words that can follow, and what a name means.
//!
//! The answers come from rust-analyzer, a component of the toolchain (`rustup component add
//! rust-analyzer`), as an ordinary process that is spoken to over the Language Server Protocol. It is
//! never in the way of a cell: it is no part of running one, works on one thread with a low priority,
//! and is started by the first question or by [`Assistant::warm`]. Without it, or while it loads, the
//! names in the text itself are offered.
//!
//! What one has to know to change this room:
//!
//! - The engine makes one whole file of a session; that file is the root of a crate of its own, beside
//!   the crates a lesson speaks of. They stand in a `rust-project.json`, so no Cargo project has to be
//!   loaded and nothing is built ([`project`]).
//! - Memory decides what is loaded. Measured on two quiet cores with rust-analyzer 1.95: the resident
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
//!   our choice, with the time that Cargo takes to name the crates (0.2–0.6 s); the other lines need
//!   another list in [`project`]. Beside four compilations the first answer takes 4–9 s, for it gives
//!   way to them. A later question takes about 10 ms. `lru.capacity` and `numThreads` change neither
//!   figure; the trait implementations of `core` alone are 170 MB. So the process is ended when nobody
//!   asked for ten minutes, and started again by the next question.
//! - It dies with the kernel: its group is killed when the [`Assistant`] is dropped, and when the
//!   kernel itself is killed it sees the end of its input and leaves within a second.
//!
//! Parts: [`project`], [`frames`] (the bytes on the wire), `client` (one process), `worker` (the queue,
//! restarts), `answers` (what it says, put into our words), `text` (places in a text), `fallback`.

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

/// How long a question may take before the fallback answers it.
pub const PATIENCE: Duration = Duration::from_secs(8);

/// What can stand at a place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completions {
    /// What can stand there, the likeliest first.
    pub matches: Vec<Match>,
    /// The first byte of the text that a match replaces.
    pub start: usize,
    /// The byte after the last one that a match replaces.
    pub end: usize,
}

/// One thing that can stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// What is put into the text.
    pub text: String,
    /// What it is.
    pub kind: SymbolKind,
    /// The declaration of a function, the type of a value; empty when not known.
    pub signature: String,
}

/// What a name stands for.
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
    /// A word of the language.
    Keyword,
    /// A name of which no more is known.
    Name,
}

impl SymbolKind {
    /// The word for it in `_jupyter_types_experimental`, by which JupyterLab chooses icon and colour.
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

/// How much of the documentation is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Up to the first heading: Jupyter's level 0.
    Brief,
    /// All of it: level 1.
    Full,
}

/// What a name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// For a terminal: the declaration, then the documentation.
    pub plain: String,
    /// The same as Markdown.
    pub markdown: String,
}

/// Answers questions about a text. Dropping it ends the process behind it.
#[derive(Debug)]
pub struct Assistant {
    questions: mpsc::UnboundedSender<QueuedRequest>,
    work: JoinHandle<()>,
}

impl Assistant {
    /// Gets ready to answer for the crate `anymodel` in the folder `root`; `folder` is made when it is
    /// not there, and must be this assistant's own. Needs a tokio runtime. Starts no process yet.
    pub fn start(root: &Path, folder: &Path) -> Assistant {
        let (questions, queue) = mpsc::unbounded_channel();
        let worker = Worker::new(root.to_owned(), folder.to_owned(), queue);
        Assistant {
            questions,
            work: tokio::spawn(worker.run()),
        }
    }

    /// Starts the process in the background and lets it read the crates, so that the first question is
    /// answered at once. Takes the memory also from those who will never ask.
    pub fn warm(&self) {
        let _nobody_waits = self.put(AssistRequest::Warm, "", 0);
    }

    /// What can stand at the byte `offset` of the file `source`. Takes [`PATIENCE`] at most.
    ///
    /// Names that begin with `__` are the engine's own and are left out.
    pub async fn complete(&self, source: &str, offset: usize) -> Completions {
        let offset = text::floor(source, offset);
        match self.ask(AssistRequest::Complete, source, offset).await {
            Some((answer, encoding)) => answers::completions(&answer, source, offset, encoding),
            None => fallback::completions(source, offset),
        }
    }

    /// What the name at the byte `offset` of the file `source` means; between the brackets of a call,
    /// what the called function does. Takes [`PATIENCE`] at most.
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

    /// Ends the process and waits until it was killed.
    pub async fn end(&self) {
        self.work.abort();
        while !self.work.is_finished() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// `None` when there is no answer in time, or nobody who could give one.
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
        // When nobody takes it, the reply is dropped, and the answer is none.
        let _ = self.questions.send(QueuedRequest { about, reply });
        answer
    }
}

impl Drop for Assistant {
    fn drop(&mut self) {
        self.work.abort();
    }
}
