//! Load tracker: counts the calls in flight at each model, from the choice to the answer.
//!
//! A call counts as in flight from the moment of the choice, so that sixty-four tasks at once do not all choose the same
//! model. It moves along when another model is asked, and no longer counts when the call is over, however it ended.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use super::{ModelStats, lock};
use anymodel_types::{Attempt, Routed, SkipReason};

/// Load permit: one call, counted at the model that it is at.
#[derive(Debug)]
pub(crate) struct LoadPermit {
    memory: Arc<Mutex<ModelStats>>,
    /// The index of the model, and whether it was asked yet. Both change only while the statistics are locked.
    place: AtomicUsize,
    asked: AtomicBool,
    routed: Routed,
}

impl LoadPermit {
    /// The statistics have counted the call already.
    pub(super) fn new(memory: Arc<Mutex<ModelStats>>, place: usize, routed: Routed) -> Self {
        LoadPermit {
            memory,
            place: AtomicUsize::new(place),
            asked: AtomicBool::new(false),
            routed,
        }
    }
}

impl Drop for LoadPermit {
    fn drop(&mut self) {
        let was_asked = self.asked.load(Relaxed);
        lock(&self.memory).release(self.place.load(Relaxed), was_asked);
    }
}

/// Route observer: reports one model of a routed call to the router's statistics.
#[derive(Clone, Debug)]
pub(crate) struct RouteObserver {
    seat: Arc<LoadPermit>,
    place: usize,
}

impl RouteObserver {
    pub fn new(seat: &Arc<LoadPermit>, place: usize) -> Self {
        RouteObserver {
            seat: Arc::clone(seat),
            place,
        }
    }

    /// The router's strategy, and its reason.
    pub fn routed(&self) -> &Routed {
        &self.seat.routed
    }

    /// A request to this model begins. Its end is reported by [`ended`](Self::ended) or [`cancelled`](Self::cancelled).
    pub fn begin(&self) {
        let mut memory = lock(&self.seat.memory);
        let before = self.seat.place.swap(self.place, Relaxed);
        let was_asked = self.seat.asked.swap(true, Relaxed);
        // The choice has been counted at the first model already.
        if before != self.place || was_asked {
            memory.release(before, was_asked);
            memory.acquire(self.place);
        }
    }

    /// The request is over, with an answer or a failure.
    pub fn ended(&self, attempt: &Attempt) {
        lock(&self.seat.memory).learn(self.place, attempt);
    }

    /// The caller dropped the call while the request was in flight.
    pub fn cancelled(&self) {
        lock(&self.seat.memory).cancelled(self.place);
    }

    /// The model was skipped.
    pub fn passed_over(&self, why: SkipReason) {
        if let SkipReason::CircuitOpen { wait, .. } | SkipReason::LimitReached { wait, .. } = why {
            lock(&self.seat.memory).suspend(self.place, wait);
        }
    }
}
