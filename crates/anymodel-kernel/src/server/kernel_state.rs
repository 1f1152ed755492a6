//! Shared state of a running kernel.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::history::InputHistory;
use super::iopub::Iopub;
use crate::cells::{Interrupter, Outline};

/// The state of one kernel process.
pub(super) struct KernelState {
    /// The channel that all clients see.
    pub(super) iopub: Iopub,
    history: Mutex<InputHistory>,
    outline: Mutex<Outline>,
    /// Set as soon as the engine is ready.
    interrupter: Mutex<Option<Interrupter>>,
    /// The number of interrupts so far.
    interrupts: watch::Sender<u64>,
    ending: watch::Sender<bool>,
}

impl KernelState {
    pub(super) fn new(iopub: Iopub) -> KernelState {
        KernelState {
            iopub,
            history: Mutex::default(),
            outline: Mutex::default(),
            interrupter: Mutex::default(),
            interrupts: watch::Sender::new(0),
            ending: watch::Sender::new(false),
        }
    }

    /// The input history.
    pub(super) fn history(&self) -> MutexGuard<'_, InputHistory> {
        held(&self.history)
    }

    /// The declarations and variables of the cells so far.
    pub(super) fn outline(&self) -> Outline {
        held(&self.outline).clone()
    }

    pub(super) fn set_outline(&self, outline: Outline) {
        *held(&self.outline) = outline;
    }

    pub(super) fn set_interrupter(&self, interrupter: Interrupter) {
        *held(&self.interrupter) = Some(interrupter);
    }

    /// Interrupts the running cell, and all requests that wait for the engine or for input.
    pub(super) fn interrupt(&self) {
        self.interrupts.send_modify(|count| *count += 1);
        if let Some(interrupter) = held(&self.interrupter).as_ref() {
            interrupter.interrupt();
        }
    }

    /// A receiver of future interrupts.
    pub(super) fn interrupts(&self) -> watch::Receiver<u64> {
        self.interrupts.subscribe()
    }

    /// Ends the kernel.
    pub(super) fn end(&self) {
        self.ending.send_replace(true);
    }

    /// Waits until the kernel is told to end.
    pub(super) async fn ended(&self) {
        // It cannot fail: this struct owns the sender.
        let _ = self.ending.subscribe().wait_for(|ending| *ending).await;
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
