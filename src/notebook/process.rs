//! Ending a process and everything it started.
//!
//! A kernel starts compilers and the process that runs the cells; killing the kernel alone leaves
//! a cell that hangs running for ever. So a kernel gets a process group of its own, and the group
//! is ended: politely, and after a while without asking.

use std::io;
use std::time::Duration;

use tokio::process::{Child, Command};

/// How long a process may take to clean up after it was asked to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts `command` as the head of a new process group.
///
/// # Errors
/// When the program cannot be started.
pub fn spawn_group(command: &mut Command) -> io::Result<Child> {
    #[cfg(unix)]
    command.process_group(0);
    command.kill_on_drop(true).spawn()
}

/// Ends the group of `child`, which [`spawn_group`] started, and waits until `child` is gone.
pub async fn end_group(child: &mut Child) {
    let Some(id) = child.id() else {
        return; // it ended by itself, and was waited for
    };
    signal_group(id, Signal::End);
    if tokio::time::timeout(PATIENCE, child.wait()).await.is_err() {
        signal_group(id, Signal::Kill);
        let _ = child.kill().await;
    }
    // What the head of the group left behind.
    signal_group(id, Signal::Kill);
}

/// Kills at once the process group that this process heads, and itself with it.
pub fn kill_own_group() {
    signal_group(std::process::id(), Signal::Kill);
}

/// Whether a process with this id exists.
pub fn is_alive(id: u32) -> bool {
    #[cfg(unix)]
    {
        let pid = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw);
        pid.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
    }
    #[cfg(not(unix))]
    {
        let _ = id;
        false
    }
}

#[derive(Clone, Copy)]
enum Signal {
    End,
    Kill,
}

/// A group that is gone already is what we want, so errors do not matter here.
fn signal_group(id: u32, signal: Signal) {
    #[cfg(unix)]
    {
        let signal = match signal {
            Signal::End => rustix::process::Signal::TERM,
            Signal::Kill => rustix::process::Signal::KILL,
        };
        if let Some(pid) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(pid, signal);
        }
    }
    #[cfg(not(unix))]
    let _ = (id, signal);
}
