//! Signals, and the detection of a parent process that ended.

use std::sync::Arc;
#[cfg(unix)]
use std::time::Duration;

use super::kernel_state::KernelState;

/// The interval of the check for the parent.
#[cfg(unix)]
const LOOK: Duration = Duration::from_secs(1);

/// Waits for a signal that asks this process to end.
#[cfg(unix)]
pub(super) async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let both = (
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
    );
    match both {
        (Ok(mut terminate), Ok(mut hang_up)) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
        }
        // The system's default handling still ends the process.
        _ => std::future::pending().await,
    }
}

/// This system has no such signals.
#[cfg(not(unix))]
pub(super) async fn told_to_end() {
    std::future::pending().await
}

/// Handles SIGINT (Ctrl-C) as an interrupt request, until the task is dropped.
pub(super) async fn interrupts(session: Arc<KernelState>) {
    while tokio::signal::ctrl_c().await.is_ok() {
        session.interrupt();
    }
    std::future::pending().await
}

/// Waits until the parent process has ended: the one that Jupyter names in
/// `JPY_PARENT_PID`, or else the one that started this kernel.
#[cfg(unix)]
pub(super) async fn orphaned() {
    use rustix::process::{Pid, getppid, test_kill_process};
    let parent = getppid();
    let named = std::env::var("JPY_PARENT_PID").ok();
    let named = named
        .and_then(|id| id.parse().ok())
        .and_then(Pid::from_raw)
        .filter(|named| Some(*named) != parent);
    loop {
        let is_there = match named {
            // A process between the two, such as a shell, may end earlier.
            Some(named) => test_kill_process(named) != Err(rustix::io::Errno::SRCH),
            // The system gives an orphan another parent.
            None => getppid() == parent,
        };
        if !is_there {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// On this system the launcher has to end the kernel.
#[cfg(not(unix))]
pub(super) async fn orphaned() {
    std::future::pending().await
}
