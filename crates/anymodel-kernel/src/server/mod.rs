//! The kernel's server side of Jupyter's messaging protocol, on five ZeroMQ sockets.
//!
//! No request waits without need. The sockets are bound and `kernel_info` is answered before
//! the engine is ready. Cells wait in their own queue, so completion, history, interrupt
//! and shutdown are answered while a cell runs. Each socket has one task that reads it. All
//! outputs pass through one task that knows to which cell they belong.
//!
//! ```text
//!  shell ────> shell ──cells──> execute ──code──> engine (crate::cells)
//!                │                 │                 │ events
//!                ├──> completion   │              output ──questions──> stdin
//!  control ──> control             v                 v
//!                └─────────────> iopub <─────────────┘      heartbeat
//! ```
//!
//! Parts, from the sockets inwards:
//! - `wire`: the connection file, the sockets, parsing and signing; `lenient`: fields that clients
//!   leave out
//! - `iopub`: states and outputs for all clients, in one order
//! - `shell`, `control`, `stdin`: one channel each
//! - `execute`: the queue of cells
//! - `output`: turns the engine's events into messages
//! - `completion`: completion and inspection, through the completion assistant
//! - `history`, `info`: the input history, the kernel info reply
//! - `kernel_state`: the shared state
//! - `shutdown`: signals, and the end of the parent process

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

/// The time for the last replies to leave: tasks of the socket library write them.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// Serves a kernel until it is shut down, gets a signal to end, or its parent process ends.
///
/// `engine` is started at once and need not be ready soon.
///
/// # Errors
/// When a task of the kernel ends before the session does.
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

    // This task ends with the session; the others run until they are dropped.
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
        // This branch is first, because the queue ends with the session too.
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
    // After this no task uses the assistant any more.
    tasks.shutdown().await;
    ended?;
    outcome
}
