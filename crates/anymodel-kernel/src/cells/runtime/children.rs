//! Child process cleanup: the processes that an interrupted cell started end with it, as those of a program in a
//! terminal do.
//!
//! Only those that were started after the cell began are ended: a server that an earlier cell started
//! goes on. Where the system has no list of a process's children, all go on.

use std::collections::BTreeSet;
use std::ffi::c_int;
use std::fs;
use std::ptr::null_mut;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

unsafe extern "C" {
    fn kill(process: c_int, signal: c_int) -> c_int;
    fn waitpid(process: c_int, status: *mut c_int, options: c_int) -> c_int;
}

const INTERRUPT: c_int = 2;
const KILL: c_int = 9;
const WITHOUT_WAITING: c_int = 1;
/// How long a process has to end by itself.
const PATIENCE: Duration = Duration::from_millis(500);

/// The children that were there when the cell began.
static BEFORE: Mutex<BTreeSet<c_int>> = Mutex::new(BTreeSet::new());

/// Remembers which children belong to earlier cells.
pub fn begin() {
    let children = children("self");
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = children;
}

/// Ends the children of the cell and what they started, in the background.
pub fn end() {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let own: Vec<c_int> = children("self").difference(&before).copied().collect();
    if !own.is_empty() {
        thread::spawn(move || end_all(&own));
    }
}

fn end_all(own: &[c_int]) {
    let all = with_below(own);
    send(&all, INTERRUPT);
    let started = Instant::now();
    while own.iter().any(|child| is_alive(*child)) {
        if started.elapsed() > PATIENCE {
            send(&with_below(own), KILL);
            // SAFETY: waits for children of this process; the thread that started them is parked.
            own.iter().for_each(|child| drop(unsafe { waitpid(*child, null_mut(), 0) }));
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a child is there still. One that ended is taken off the system's list: what started it will not.
fn is_alive(child: c_int) -> bool {
    // SAFETY: asks for a child of this process.
    unsafe { waitpid(child, null_mut(), WITHOUT_WAITING) == 0 }
}

fn send(processes: &[c_int], signal: c_int) {
    for process in processes {
        // SAFETY: a process that is gone already gives an error, which does not matter.
        unsafe { kill(*process, signal) };
    }
}

/// Processes and all that they started.
fn with_below(processes: &[c_int]) -> Vec<c_int> {
    let mut all = processes.to_vec();
    let mut next = 0;
    while let Some(process) = all.get(next) {
        let below = children(&process.to_string());
        all.extend(below);
        next += 1;
    }
    all
}

/// The children of a process.
fn children(process: &str) -> BTreeSet<c_int> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>())
        .collect()
}
