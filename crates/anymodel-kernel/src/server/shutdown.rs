//! When a kernel ends though nobody asked it to, and what else the system tells it.

use std::sync::Arc;
#[cfg(unix)]
use std::time::Duration;

use super::kernel_state::KernelState;

/// How often to look whether the parent is still there.
#[cfg(unix)]
const LOOK: Duration = Duration::from_secs(1);

/// Waits until the system asks this process to end.
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
        // The system's own way to end a process remains.
        _ => std::future::pending().await,
    }
}

/// There are no such signals here.
#[cfg(not(unix))]
pub(super) async fn told_to_end() {
    std::future::pending().await
}

/// Takes the signal that Ctrl-C sends for a request to interrupt, for ever.
pub(super) async fn interrupts(session: Arc<KernelState>) {
    while tokio::signal::ctrl_c().await.is_ok() {
        session.interrupt();
    }
    std::future::pending().await
}

/// Waits until the process is gone that this kernel belongs to: the one that Jupyter names in
/// `JPY_PARENT_PID`, or else the one that started it.
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
            // A process between the two, such as a shell, may come and go.
            Some(named) => test_kill_process(named) != Err(rustix::io::Errno::SRCH),
            // An orphan gets another parent.
            None => getppid() == parent,
        };
        if !is_there {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The launcher has to end the kernel here.
#[cfg(not(unix))]
pub(super) async fn orphaned() {
    std::future::pending().await
}
