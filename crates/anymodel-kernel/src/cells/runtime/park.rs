//! Thread suspension: stops for ever the thread of a cell that does not end by itself.
//!
//! A thread cannot be ended from outside, so it is stopped for ever: a signal sends it into a handler that
//! does not return. Wherever it stood, it keeps the locks that it held, and a process without them may
//! deadlock. The lock of the allocator it never keeps: inside it, the thread goes on until it leaves it
//! ([`allocator`]). Whether it holds another lock shows when another thread prints and starts a thread. If
//! that one has to wait for a lock, the cell's thread is let go on for a moment and stopped again.
//!
//! A busy machine makes all of this slow and nothing else: what decides is whether a thread waits, not how
//! long it takes.

use std::backtrace::Backtrace;
use std::ffi::c_int;
use std::fs::File;
use std::io::{stderr, stdout};
use std::os::unix::fs::FileExt;
use std::os::unix::thread::JoinHandleExt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

use super::allocator;

unsafe extern "C" {
    fn pthread_self() -> usize;
    fn pthread_kill(thread: usize, signal: c_int) -> c_int;
    fn signal(signal: c_int, handler: usize) -> usize;
    fn pause() -> c_int;
    fn usleep(microseconds: u32) -> c_int;
    #[cfg_attr(target_os = "macos", link_name = "__error")]
    #[cfg_attr(not(target_os = "macos"), link_name = "__errno_location")]
    fn errno() -> *mut c_int;
}

const PARK: c_int = if cfg!(target_os = "macos") { 31 } else { 12 }; // SIGUSR2

/// The thread that runs cells, as the system names it; 0 when it is stopped for ever.
static CELL_THREAD: AtomicUsize = AtomicUsize::new(0);
/// What the thread is to do: to go on, or to stop for the test of this number.
static ORDER: AtomicU64 = AtomicU64::new(GO);
const GO: u64 = 0;
/// The order that it obeys.
static OBEYED: AtomicU64 = AtomicU64::new(GO);

/// Makes ready for `park`. The thread that tests the process must be there before it is needed.
pub fn prepare() {
    // SAFETY: the handler touches atomics and sleeps, which is allowed in a handler. A call of the system
    // that the signal interrupts goes on after it.
    unsafe { signal(PARK, handler as *const () as usize) };
    let tester = thread::spawn(test);
    let _ = TESTER.set(tester.thread().clone());
}

/// Names the thread that `park` stops.
pub fn can_be_parked(thread: &JoinHandle<()>) {
    CELL_THREAD.store(thread.as_pthread_t() as usize, Ordering::SeqCst);
}

/// How an attempt to park the thread ended.
pub enum End {
    /// It is parked, and the process is well.
    Parked,
    /// What it ran has ended before.
    Over,
    /// It cannot be parked without harm.
    Unwell,
}

/// Parks the thread for ever, unless `is_over` says that what it ran has ended.
pub fn park(until: Instant, is_over: impl Fn() -> bool) -> End {
    let mut looks = LOOKS;
    while let Some(test) = Test::begin(until) {
        if !obeys(test.0, until) {
            break;
        }
        if is_over() {
            ORDER.store(GO, Ordering::SeqCst);
            return End::Over;
        }
        if test.is_passed(looks, until) {
            // In this order: it goes on only when it is told so and is the thread that runs cells.
            CELL_THREAD.store(0, Ordering::SeqCst);
            ORDER.store(GO, Ordering::SeqCst);
            return End::Parked;
        }
        if !obeys(GO, until) {
            break;
        }
        looks += 2;
        // Not always the same time, or a regular loop would be met at the same place.
        thread::sleep(Duration::from_micros(100 + test.0 * 7919 % 800));
    }
    End::Unwell
}

/// Gives the thread an order; says whether it obeyed.
fn obeys(order: u64, until: Instant) -> bool {
    ORDER.store(order, Ordering::SeqCst);
    if order != GO {
        // SAFETY: the thread lives: a cell is running on it.
        unsafe { pthread_kill(CELL_THREAD.load(Ordering::SeqCst), PARK) };
    }
    wait(until, || OBEYED.load(Ordering::SeqCst) == order)
}

extern "C" fn handler(_signal: c_int) {
    if is_wanted() && !allocator::is_inside() {
        stop();
    }
}

/// Whether the calling thread is to stop.
pub fn is_wanted() -> bool {
    ORDER.load(Ordering::SeqCst) != GO && is_cell_thread()
}

fn is_cell_thread() -> bool {
    // SAFETY: asks for the thread's own name.
    CELL_THREAD.load(Ordering::SeqCst) == unsafe { pthread_self() }
}

/// Stops the calling thread until it is told to go on.
pub fn stop() {
    // SAFETY: the number of the last error is the thread's own; what was interrupted may be about to read it.
    let before = unsafe { *errno() };
    loop {
        let order = ORDER.load(Ordering::SeqCst);
        while !is_cell_thread() {
            // SAFETY: waits, which is allowed in a handler. Another signal may end it.
            unsafe { pause() };
        }
        OBEYED.store(order, Ordering::SeqCst);
        if order == GO {
            break;
        }
        // SAFETY: as above.
        unsafe { usleep(200) };
    }
    // SAFETY: as above.
    unsafe { *errno() = before };
}

// The test of the process ----------------------------------------------------------------------

/// How often in a row the tester is found waiting for a lock before the cell's thread counts as the one that
/// has it, in the first attempt; it may be another one. Each further attempt looks more often.
const LOOKS: u32 = 6;

static TESTER: OnceLock<Thread> = OnceLock::new();
/// What the system says of the tester, where it does.
static STATE: OnceLock<File> = OnceLock::new();
/// The numbers of the last test that was asked for, that has the locks of what is printed, that was told to
/// give them back, and that was passed.
static ASKED: AtomicU64 = AtomicU64::new(0);
static BEGUN: AtomicU64 = AtomicU64::new(0);
static RELEASED: AtomicU64 = AtomicU64::new(0);
static PASSED: AtomicU64 = AtomicU64::new(0);

/// Whether other threads can work while one is stopped. Takes no lock itself, and asks for no memory.
struct Test(u64);

impl Test {
    /// Lets the tester take the locks of what is printed: a thread that is stopped now has none of them.
    fn begin(until: Instant) -> Option<Test> {
        let test = Test(ASKED.fetch_add(1, Ordering::SeqCst) + 1);
        wake_tester();
        wait(until, || BEGUN.load(Ordering::SeqCst) == test.0).then_some(test)
    }

    /// Lets it give them back and go on with all others.
    fn is_passed(&self, looks: u32, until: Instant) -> bool {
        self.release();
        let mut in_a_row = 0;
        let is_decided = || {
            in_a_row = if tester_waits() { in_a_row + 1 } else { 0 };
            PASSED.load(Ordering::SeqCst) == self.0 || in_a_row > looks
        };
        wait(until, is_decided) && PASSED.load(Ordering::SeqCst) == self.0
    }

    fn release(&self) {
        RELEASED.store(self.0, Ordering::SeqCst);
        wake_tester();
    }
}

impl Drop for Test {
    fn drop(&mut self) {
        self.release();
    }
}

fn wake_tester() {
    if let Some(tester) = TESTER.get() {
        tester.unpark();
    }
}

/// Whether the tester waits for something, rather than works or waits for a core.
fn tester_waits() -> bool {
    let mut line = [0; 64];
    let length = STATE.get().and_then(|state| state.read_at(&mut line, 0).ok());
    // `17 (name) S …`. Where the system does not say, only time tells.
    let behind_name = line.windows(2).position(|pair| pair == b") ");
    match (length, behind_name) {
        (Some(_), Some(at)) => line.get(at + 2) == Some(&b'S'),
        _ => true,
    }
}

fn test() {
    if let Ok(state) = File::open("/proc/thread-self/stat") {
        let _ = STATE.set(state);
    }
    let waits_for = |number: &AtomicU64, least: u64| {
        while number.load(Ordering::SeqCst) < least {
            thread::park();
        }
    };
    for number in 1.. {
        waits_for(&ASKED, number);
        let printed = (stdout().lock(), stderr().lock());
        BEGUN.store(number, Ordering::SeqCst);
        waits_for(&RELEASED, number);
        drop(printed);
        take_locks();
        PASSED.store(number, Ordering::SeqCst);
    }
}

/// Takes every other lock of the process that all cells need, and gives it back.
fn take_locks() {
    let memory: Vec<Vec<u8>> = (0..64).map(|size| vec![1; size * 1024]).collect();
    drop(std::hint::black_box(memory));
    drop(std::env::var_os("PATH"));
    // The list of libraries, and what a panic needs.
    drop(Backtrace::force_capture());
    anymodel_cell::take_locks();
    if let Ok(thread) = thread::Builder::new().spawn(|| ()) {
        // To join it at once would look like waiting for a lock.
        while !thread.is_finished() {
            thread::yield_now();
        }
        let _ = thread.join();
    }
}

/// Waits until something holds; says whether it does.
pub fn wait(until: Instant, mut holds: impl FnMut() -> bool) -> bool {
    while !holds() {
        if Instant::now() > until {
            return false;
        }
        thread::sleep(Duration::from_micros(500));
    }
    true
}
