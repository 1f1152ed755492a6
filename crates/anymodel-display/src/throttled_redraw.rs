//! Throttled redraw: draws a fast-changing state at most 20 times a second.
//!
//! A model sends a hundred pieces a second, and a notebook that draws each of them can do nothing else. So a state is
//! drawn at once, and then there is a pause. A change during the pause is drawn after it, by a thread, because the
//! program may be busy. So no old state is visible for longer than one pause.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The pause after a redraw: at most 20 redraws a second.
pub const REST: Duration = Duration::from_millis(50);

/// A state that can be drawn.
pub trait Redraw: Send + 'static {
    /// Draws the state as it is, and returns the pause before the next redraw.
    fn paint(&mut self) -> Duration;

    /// Called after the last state was drawn.
    fn end(&mut self);
}

/// A state with throttled redraw.
pub struct ThrottledRedraw<S: Redraw> {
    shared: Arc<SharedFrame<S>>,
    /// `None`: only the last state is drawn.
    thread: Option<JoinHandle<()>>,
}

struct SharedFrame<S> {
    easel: Mutex<RedrawState<S>>,
    changed: Condvar,
}

struct RedrawState<S> {
    state: S,
    /// Changed since the last redraw.
    is_new: bool,
    /// `None` before the first redraw.
    rests_until: Option<Instant>,
    is_over: bool,
}

impl<S: Redraw> RedrawState<S> {
    fn paint(&mut self) {
        self.is_new = false;
        let rest = self.state.paint();
        self.rests_until = Some(Instant::now() + rest);
    }

    /// The rest of the pause.
    fn rest(&self) -> Duration {
        self.rests_until.map_or(Duration::ZERO, |end| {
            end.saturating_duration_since(Instant::now())
        })
    }
}

impl<S> SharedFrame<S> {
    fn lock(&self) -> MutexGuard<'_, RedrawState<S>> {
        self.easel.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Redraw> ThrottledRedraw<S> {
    /// Draws while the state changes when `is_live`, else only the last state. Nothing is drawn before the first
    /// [`change`](Self::change).
    pub fn new(state: S, is_live: bool) -> Self {
        let shared = Arc::new(SharedFrame {
            easel: Mutex::new(RedrawState {
                state,
                is_new: false,
                rests_until: None,
                is_over: false,
            }),
            changed: Condvar::new(),
        });
        let theirs = Arc::clone(&shared);
        let paint = move || paint_until_over(&theirs);
        // When no thread can be started, only the last state is drawn.
        let thread = is_live.then(|| std::thread::Builder::new().spawn(paint).ok());
        ThrottledRedraw {
            shared,
            thread: thread.flatten(),
        }
    }

    /// Changes the state. The first change is drawn before this returns, so that it appears at its place in the output.
    pub fn change(&self, change: impl FnOnce(&mut S)) {
        let mut easel = self.shared.lock();
        change(&mut easel.state);
        easel.is_new = true;
        if self.thread.is_none() {
            return;
        }
        if easel.rest().is_zero() {
            easel.paint()
        } else {
            self.shared.changed.notify_one()
        }
    }
}

fn paint_until_over<S: Redraw>(shared: &SharedFrame<S>) {
    let mut easel = shared.lock();
    while !easel.is_over {
        easel = shared
            .changed
            .wait_while(easel, |easel| !easel.is_new && !easel.is_over)
            .unwrap_or_else(PoisonError::into_inner);
        let rest = easel.rest();
        (easel, _) = shared
            .changed
            .wait_timeout_while(easel, rest, |easel| !easel.is_over)
            .unwrap_or_else(PoisonError::into_inner);
        // The program may have drawn it meanwhile.
        if easel.is_new {
            easel.paint();
        }
    }
}

impl<S: Redraw> Drop for ThrottledRedraw<S> {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // The thread ends only when it is told to, and returns nothing.
            let _ = thread.join();
        }
        let mut easel = self.shared.lock();
        if easel.is_new {
            easel.paint();
        }
        easel.state.end();
    }
}
