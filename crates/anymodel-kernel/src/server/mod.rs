//! The kernel as Jupyter sees it: five sockets, and the protocol on them.
//!
//! The idea: nobody waits who need not. The sockets are bound and `kernel_info` is answered before
//! the engine is ready; cells wait in a queue of their own, so that completion, history, interrupt
//! and shutdown are answered while one runs. Each socket has one task that reads it, and all
//! outputs pass through one task that knows which cell they belong to.
//!
//! ```text
//!  shell ────> shell ──cells──> execute ──code──> engine (crate::cells)
//!                │                 │                 │ events
//!                ├──> assist       │              output ──questions──> stdin
//!  control ──> control             v                 v
//!                └─────────────> iopub <─────────────┘      heartbeat
//! ```
//!
//! Parts, from the sockets inwards:
//! - `wire`: the connection file, the sockets, messages in and out; `lenient`: fields that clients
//!   leave out
//! - `iopub`: what everybody sees, in one order
//! - `shell`, `control`, `stdin`: one channel each
//! - `execute`: the queue of cells
//! - `output`: the engine's events become messages
//! - `completion`: completion and help, asked of the kernel's assistant
//! - `history`, `info`: what was run, what this kernel is
//! - `kernel_state`: what the parts share
//! - `shutdown`: signals, and the parent's end

mod completion;
mod control;
mod execute;
mod history;
mod info;
mod iopub;
mod kernel_state;
mod lenient;
mod output;
mod shell;
mod shutdown;
mod stdin;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{anyhow, bail};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

pub use wire::Sockets;

use crate::cells::Engine;
use crate::completion::Assistant;
use crate::notebook::Result;

/// How long the last messages may take to leave: replies are written by tasks of the socket's own.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// Serves a kernel until it is shut down, told to end, or left alone by its parent.
///
/// `engine` is started at once and need not be ready soon.
///
/// # Errors
/// When a part of the kernel ends that should not.
pub async fn serve(
    sockets: Sockets,
    engine: impl Future<Output = Result<Engine>> + Send + 'static,
    assist: Arc<Assistant>,
) -> Result<()> {
    let engine = tokio::spawn(engine);
    let (iopub, publishing) = iopub::open(sockets.iopub);
    let session = Arc::new(kernel_state::KernelState::new(iopub));
    let (shell_reader, shell_sender) = sockets.shell;
    let (control_reader, control_sender) = sockets.control;
    let (stdin_reader, stdin_sender) = sockets.stdin;

    let stdin = stdin::Stdin::new(stdin_sender);
    let (output, pumping) = output::open(session.clone(), stdin.clone());
    let (queue, requests) = mpsc::unbounded_channel();
    let shell = shell::Shell {
        session: session.clone(),
        sender: shell_sender.clone(),
        assist,
        info: Arc::new(sockets.info),
        queue,
    };
    let runner = execute::CellQueue::new(session.clone(), output, shell_sender, engine);

    // Ends with the session; the others go on until they are dropped.
    let mut running = tokio::spawn(runner.serve(requests));
    let mut tasks = JoinSet::new();
    tasks.spawn(publishing);
    tasks.spawn(pumping);
    tasks.spawn(wire::beat(sockets.heartbeat));
    tasks.spawn(stdin.serve(stdin_reader));
    tasks.spawn(control::serve(
        session.clone(),
        control_reader,
        control_sender,
    ));
    tasks.spawn(shell.serve(shell_reader));
    tasks.spawn(shutdown::interrupts(session.clone()));

    let outcome = tokio::select! {
        // First, because the queue ends with the session too.
        biased;
        () = session.ended() => Ok(()),
        () = shutdown::told_to_end() => Ok(()),
        () = shutdown::orphaned() => {
            eprintln!("anymodel kernel: its parent is gone, so it ends");
            Ok(())
        }
        _ = tasks.join_next() => Err(anyhow!("a part of the kernel failed; its last words are above")),
        _ = &mut running => bail!("the queue of cells failed; its last words are above"),
    };
    session.end();
    let (ended, ()) = tokio::join!(running, tokio::time::sleep(LAST_WORDS));
    // Nobody holds the assistant any more when this returns.
    tasks.shutdown().await;
    ended?;
    outcome
}
