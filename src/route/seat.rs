//! The place of one call, from the choice to the answer.
//!
//! A call that was chosen for counts as under way from that moment, so that sixty-four tasks at once do not all choose the
//! same model. It moves along when another model is asked, and its place is free when the call is over, however it ended.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use super::{Memory, lock};
use crate::trail::{Attempt, Routed, Why};

/// The place of one call.
#[derive(Debug)]
pub(crate) struct Seat {
    memory: Arc<Mutex<Memory>>,
    /// At which model it is, and whether that one was asked yet. Both change only while the memory is locked.
    place: AtomicUsize,
    asked: AtomicBool,
    routed: Routed,
}

impl Seat {
    /// The memory has been told of it.
    pub(super) fn new(memory: Arc<Mutex<Memory>>, place: usize, routed: Routed) -> Self {
        Seat {
            memory,
            place: AtomicUsize::new(place),
            asked: AtomicBool::new(false),
            routed,
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let was_asked = self.asked.load(Relaxed);
        lock(&self.memory).stand_up(self.place.load(Relaxed), was_asked);
    }
}

/// One model of a call that a router chose for.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    seat: Arc<Seat>,
    place: usize,
}

impl Watch {
    pub fn new(seat: &Arc<Seat>, place: usize) -> Self {
        Watch {
            seat: Arc::clone(seat),
            place,
        }
    }

    /// Who chose, and why.
    pub fn routed(&self) -> &Routed {
        &self.seat.routed
    }

    /// A request to this model begins. Dropped before its end is told, it was cancelled.
    pub fn begin(&self) -> Underway {
        let mut memory = lock(&self.seat.memory);
        let before = self.seat.place.swap(self.place, Relaxed);
        let was_asked = self.seat.asked.swap(true, Relaxed);
        // The choice has been charged to the first model already.
        if before != self.place || was_asked {
            memory.stand_up(before, was_asked);
            memory.sit(self.place);
        }
        Underway {
            watch: self.clone(),
            is_over: false,
        }
    }

    /// The model was passed over.
    pub fn passed_over(&self, why: Why) {
        if let Why::CircuitOpen { wait, .. } | Why::LimitReached { wait, .. } = why {
            lock(&self.seat.memory).leave_alone(self.place, wait);
        }
    }
}

/// A request on its way. Made by [`Watch::begin`].
#[must_use = "a guard that is dropped at once counts a cancelled request"]
pub(crate) struct Underway {
    watch: Watch,
    is_over: bool,
}

impl Underway {
    /// The request is over, well or not.
    pub fn ended(mut self, attempt: &Attempt) {
        self.is_over = true;
        lock(&self.watch.seat.memory).learn(self.watch.place, attempt);
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        if !self.is_over {
            lock(&self.watch.seat.memory).cancelled(self.watch.place);
        }
    }
}
