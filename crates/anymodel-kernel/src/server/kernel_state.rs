//! What the parts of a running kernel share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::history::InputHistory;
use super::iopub::Iopub;
use crate::cells::{Interrupter, Outline};

/// One run of a kernel.
pub(super) struct KernelState {
    /// The channel that everybody sees.
    pub(super) iopub: Iopub,
    history: Mutex<InputHistory>,
    outline: Mutex<Outline>,
    /// There is one as soon as the engine is ready.
    interrupter: Mutex<Option<Interrupter>>,
    /// How often somebody interrupted.
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

    /// What was run so far.
    pub(super) fn history(&self) -> MutexGuard<'_, InputHistory> {
        held(&self.history)
    }

    /// What the cells so far declared.
    pub(super) fn outline(&self) -> Outline {
        held(&self.outline).clone()
    }

    pub(super) fn set_outline(&self, outline: Outline) {
        *held(&self.outline) = outline;
    }

    pub(super) fn set_interrupter(&self, interrupter: Interrupter) {
        *held(&self.interrupter) = Some(interrupter);
    }

    /// Stops the running cell, and whatever waits for the engine or for an answer.
    pub(super) fn interrupt(&self) {
        self.interrupts.send_modify(|count| *count += 1);
        if let Some(interrupter) = held(&self.interrupter).as_ref() {
            interrupter.interrupt();
        }
    }

    /// Tells of the interrupts from now on.
    pub(super) fn interrupts(&self) -> watch::Receiver<u64> {
        self.interrupts.subscribe()
    }

    /// Ends the kernel.
    pub(super) fn end(&self) {
        self.ending.send_replace(true);
    }

    /// Waits until somebody ends the kernel.
    pub(super) async fn ended(&self) {
        // It cannot fail: the sender is part of this session.
        let _ = self.ending.subscribe().wait_for(|ending| *ending).await;
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
