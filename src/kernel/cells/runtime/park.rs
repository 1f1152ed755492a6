//! Stopping the thread of a cell that does not end by itself.
//!
//! A thread cannot be ended from outside, so it is parked for ever: a signal sends it into a handler that
//! does not return. Wherever it stood, it keeps the locks that it held. If one of them is the system's, say
//! that of the memory it was just asking for, the process is not well any more. So the thread is only
//! parked for good where another thread can still print, allocate and start threads; elsewhere it is let
//! go on for a moment and stopped again. A loop that allocates is soon met outside of the allocator.

use std::backtrace::Backtrace;
use std::ffi::c_int;
use std::io::{Write, stderr, stdout};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

unsafe extern "C" {
    fn pthread_self() -> usize;
    fn pthread_kill(thread: usize, signal: c_int) -> c_int;
    #[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
    fn signal(signal: c_int, handler: usize) -> usize;
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    fn sigaction(signal: c_int, action: *const Action, before: *mut Action) -> c_int;
    fn pause() -> c_int;
    fn usleep(microseconds: u32) -> c_int;
    #[cfg_attr(target_os = "macos", link_name = "__error")]
    #[cfg_attr(not(target_os = "macos"), link_name = "__errno_location")]
    fn errno() -> *mut c_int;
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn mallinfo() -> Counts;
}

/// What the allocator counts.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[repr(C)]
struct Counts {
    all: [c_int; 10],
}

/// How a signal is answered, as the system's library has it.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[repr(C)]
struct Action {
    handler: usize,
    mask: [u64; 16],
    flags: c_int,
    restorer: usize,
}

const PARK: c_int = if cfg!(target_os = "macos") { 31 } else { 12 }; // SIGUSR2

/// How long all attempts may take together.
const PATIENCE: Duration = Duration::from_millis(400);
/// How long a thread has to reach the handler.
const REACHED: Duration = Duration::from_millis(60);
/// How long a healthy process needs at most, in the first attempt; each further one waits longer.
const HEALTHY: Duration = Duration::from_millis(10);

/// The thread that runs cells, as the system names it.
static CELL_THREAD: AtomicUsize = AtomicUsize::new(0);
/// What the handler is to do.
static ORDER: AtomicU32 = AtomicU32::new(GO);
const GO: u32 = 0;
const HOLD: u32 = 1;
const STAY: u32 = 2;
/// Whether a thread is in the handler.
static PARKED: AtomicBool = AtomicBool::new(false);

/// Makes ready for `park`. The thread that tests the process must be there before it is needed.
pub fn prepare() {
    listen();
    let tester = thread::spawn(test);
    let _ = TESTER.set(tester.thread().clone());
}

/// Sends the signal to the handler. A call of the system that it interrupts goes on after it.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn listen() {
    const WITH_CONTEXT: c_int = 4;
    const GOES_ON: c_int = 0x1000_0000;
    let action = Action {
        handler: handler_with_context as *const () as usize,
        mask: [0; 16],
        flags: WITH_CONTEXT | GOES_ON,
        restorer: 0,
    };
    // SAFETY: the handler touches atomics and sleeps, which is allowed in a handler.
    unsafe { sigaction(PARK, &action, std::ptr::null_mut()) };
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let is_library = |line: &&str| line.contains(" r-xp ") && line.contains("/libc");
    let line = maps.lines().find(is_library).unwrap_or_default();
    let (range, _) = line.split_once(' ').unwrap_or_default();
    let (start, end) = range.split_once('-').unwrap_or_default();
    let number = |text: &str| usize::from_str_radix(text, 16).unwrap_or(0);
    LIBRARY.0.store(number(start), Ordering::SeqCst);
    LIBRARY.1.store(number(end), Ordering::SeqCst);
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn listen() {
    // SAFETY: the handler touches atomics and sleeps, which is allowed in a handler.
    unsafe { signal(PARK, handler as *const () as usize) };
}

/// Names the calling thread as the one that can be parked.
pub fn this_thread_can_be_parked() {
    // SAFETY: asks for the thread's own name.
    CELL_THREAD.store(unsafe { pthread_self() }, Ordering::SeqCst);
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
pub fn park(is_over: impl Fn() -> bool) -> End {
    let started = Instant::now();
    let (mut healthy, mut number) = (HEALTHY, 0);
    while started.elapsed() < PATIENCE {
        ORDER.store(HOLD, Ordering::SeqCst);
        PARKED.store(false, Ordering::SeqCst);
        call();
        if !wait(REACHED, || PARKED.load(Ordering::SeqCst)) {
            continue;
        }
        if is_over() {
            go_on();
            return End::Over;
        }
        number += 1;
        // The test takes its time. It is not worth it where it is most likely to fail.
        if (number % 6 == 0 || !is_in_library()) && is_well(healthy) {
            ORDER.store(STAY, Ordering::SeqCst);
            return End::Parked;
        }
        go_on();
        if number % 2 == 0 {
            healthy = healthy * 6 / 5;
        }
        // Not always the same time, or a regular loop would be met at the same place.
        thread::sleep(Duration::from_micros(100 + u64::from(started.elapsed().subsec_micros()) % 800));
    }
    End::Unwell
}

fn call() {
    // SAFETY: the thread lives: a cell is running on it.
    unsafe { pthread_kill(CELL_THREAD.load(Ordering::SeqCst), PARK) };
}

fn go_on() {
    ORDER.store(GO, Ordering::SeqCst);
    wait(REACHED, || !PARKED.load(Ordering::SeqCst));
}

/// Where the code of the system's library is, and where the thread stood in the handler.
static LIBRARY: (AtomicUsize, AtomicUsize) = (AtomicUsize::new(0), AtomicUsize::new(0));
static STOOD: AtomicUsize = AtomicUsize::new(0);

/// Whether the thread was stopped in the system's library, as the allocator is, and does not wait there.
fn is_in_library() -> bool {
    const SYSTEM_CALL: [u8; 2] = [0x0f, 0x05];
    let at = STOOD.load(Ordering::SeqCst);
    let (start, end) = (LIBRARY.0.load(Ordering::SeqCst), LIBRARY.1.load(Ordering::SeqCst));
    if at < start + 2 || at + 2 > end {
        return false;
    }
    // SAFETY: code of the library, which stays where it is.
    let code = |at: usize| unsafe { *(at as *const [u8; 2]) };
    code(at) != SYSTEM_CALL && code(at - 2) != SYSTEM_CALL
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
extern "C" fn handler_with_context(signal: c_int, _about: usize, context: *const u8) {
    /// Where the system keeps the place at which the thread goes on.
    const PLACE: usize = 168;
    // SAFETY: the system gives the context of the thread, which is longer than that.
    let place = unsafe { context.add(PLACE).cast::<usize>().read_unaligned() };
    if ORDER.load(Ordering::SeqCst) != GO {
        STOOD.store(place, Ordering::SeqCst);
    }
    handler(signal);
}

extern "C" fn handler(_signal: c_int) {
    // SAFETY: the number of the last error is the thread's own; what was interrupted may be about to read it.
    let before = unsafe { *errno() };
    if ORDER.load(Ordering::SeqCst) != GO {
        PARKED.store(true, Ordering::SeqCst);
    }
    loop {
        match ORDER.load(Ordering::SeqCst) {
            // SAFETY: waits, which is allowed in a handler.
            HOLD => drop(unsafe { usleep(200) }),
            STAY => loop {
                // SAFETY: as above. Another signal may end it, and the next order is for another thread.
                unsafe { pause() };
            },
            _ => break,
        }
    }
    PARKED.store(false, Ordering::SeqCst);
    // SAFETY: as above.
    unsafe { *errno() = before };
}

// The test of the process ----------------------------------------------------------------------

static TESTER: OnceLock<Thread> = OnceLock::new();
/// The number of tests that were asked for, and of the last one that was passed.
static ASKED: AtomicU64 = AtomicU64::new(0);
static PASSED: AtomicU64 = AtomicU64::new(0);

/// Whether other threads can work. Takes no lock itself, and asks for no memory.
fn is_well(patience: Duration) -> bool {
    let number = ASKED.fetch_add(1, Ordering::SeqCst) + 1;
    if let Some(tester) = TESTER.get() {
        tester.unpark();
    }
    wait(patience, || PASSED.load(Ordering::SeqCst) >= number)
}

fn test() {
    loop {
        let number = ASKED.load(Ordering::SeqCst);
        if PASSED.load(Ordering::SeqCst) >= number {
            thread::park();
            continue;
        }
        take_locks();
        PASSED.store(number, Ordering::SeqCst);
    }
}

/// Takes every lock of the process that all cells need, and gives it back.
fn take_locks() {
    // The memory of each thread has a lock of its own; this takes them all.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: only counts.
    std::hint::black_box(unsafe { mallinfo() }.all);
    let memory: Vec<Vec<u8>> = (0..64).map(|size| vec![1; size * 1024]).collect();
    drop(std::hint::black_box(memory));
    let _ = stdout().lock().flush();
    let _ = stderr().lock().flush();
    drop(std::env::var_os("PATH"));
    // The list of libraries, and what a panic needs.
    drop(Backtrace::force_capture());
    anymodel_cell::take_locks();
    if let Ok(thread) = thread::Builder::new().spawn(|| ()) {
        let _ = thread.join();
    }
}

/// Waits until something holds; says whether it does.
pub fn wait(patience: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    while !holds() {
        if started.elapsed() > patience {
            return false;
        }
        thread::sleep(Duration::from_micros(500));
    }
    true
}
