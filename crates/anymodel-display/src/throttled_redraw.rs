//! Paints something that changes faster than anybody can look.
//!
//! A model gives a hundred pieces a second, and a notebook that draws each has time for nothing else. So a state is
//! painted at once, and then there is a rest. What came during the rest is painted after it, by a thread, because the
//! program may be busy with something else: what people see for longer than a rest is never an old state.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The rest after painting: at most 20 paintings a second.
pub const REST: Duration = Duration::from_millis(50);

/// A state that can be painted.
pub trait Redraw: Send + 'static {
    /// Paints the state as it is, and tells how long to rest before the next time.
    fn paint(&mut self) -> Duration;

    /// The last state has been painted.
    fn end(&mut self);
}

/// Keeps a state, and sees to it that people see it.
pub struct ThrottledRedraw<S: Redraw> {
    shared: Arc<SharedFrame<S>>,
    /// `None`: the last state alone is painted.
    thread: Option<JoinHandle<()>>,
}

struct SharedFrame<S> {
    easel: Mutex<RedrawState<S>>,
    changed: Condvar,
}

struct RedrawState<S> {
    state: S,
    /// Changed since it was painted.
    is_new: bool,
    /// `None` before the first time.
    rests_until: Option<Instant>,
    is_over: bool,
}

impl<S: Redraw> RedrawState<S> {
    fn paint(&mut self) {
        self.is_new = false;
        let rest = self.state.paint();
        self.rests_until = Some(Instant::now() + rest);
    }

    /// What is left of the rest.
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
    /// Paints as the state changes when `is_live`, else the last state alone. Nothing is painted before the first
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
        // A machine that has no thread to spare shows the last state alone.
        let thread = is_live.then(|| std::thread::Builder::new().spawn(paint).ok());
        ThrottledRedraw {
            shared,
            thread: thread.flatten(),
        }
    }

    /// Changes the state. The first is painted before this returns, so that it stands where it was made.
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
        // The program may have painted it meanwhile.
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
            // It ends only when it is told to, and has nothing to report.
            let _ = thread.join();
        }
        let mut easel = self.shared.lock();
        if easel.is_new {
            easel.paint();
        }
        easel.state.end();
    }
}
