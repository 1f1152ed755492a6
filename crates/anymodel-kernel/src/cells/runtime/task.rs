//! Async runtime of cells: the crate `anymodel_task`, compiled once when the kernel is installed.
//!
//! It runs a cell's future on the one tokio that lives inside the library `lesson`, so that a connection
//! opened in one cell works in the next.

// Named so that this library takes tokio from there, and not a copy of its own.
extern crate lesson as _;

use std::any::Any;
use std::sync::OnceLock;

use anymodel_cell::{CellFuture, Interruptible, Stop};
use tokio::runtime::{Builder, Runtime};

/// Runs a cell's future to its end, or until it is interrupted.
pub fn block_on(task: CellFuture<'_>) -> Result<(), Stop> {
    runtime().block_on(Interruptible(task))
}

/// Makes the calling thread one on which tokio can be used, as long as what is returned lives: a cell that
/// awaits nothing may still start a task, or a runtime of its own.
pub fn enter() -> Box<dyn Any> {
    Box::new(runtime().enter())
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("task")
            .enable_all()
            .build();
        runtime.unwrap_or_else(|error| panic!("no threads can be started: {error}"))
    })
}
