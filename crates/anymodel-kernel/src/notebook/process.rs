//! Process groups: ending a process and all its children.
//!
//! A kernel starts compilers and the process that runs the cells. Killing the kernel alone would leave
//! a hanging cell running. So each kernel gets its own process group, and the group
//! is ended: first with SIGTERM, then with SIGKILL.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};

/// The time that a process has to clean up after SIGTERM.
const PATIENCE: Duration = Duration::from_secs(5);

/// A process group and its leader. Dropping it kills the group.
#[derive(Debug)]
pub struct ProcessGroup {
    child: tokio::process::Child,
    id: Option<u32>,
}

impl ProcessGroup {
    /// Starts `command` as the leader of a new group.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn spawn(command: &mut Command) -> io::Result<ProcessGroup> {
        forget_cargo(command);
        #[cfg(unix)]
        command.process_group(0);
        let child = command.kill_on_drop(true).spawn()?;
        Ok(ProcessGroup {
            id: child.id(),
            child,
        })
    }

    /// The leader's standard input, when it was piped; can be taken once.
    pub fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// The leader's standard output, when it was piped; can be taken once.
    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// The leader's standard error, when it was piped; can be taken once.
    pub fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// Lowers the priority of this group, for background work. Does
    /// nothing where that is not supported.
    pub fn yield_to_others(&self) {
        #[cfg(unix)]
        if let Some(id) = self.id.and_then(|id| i32::try_from(id).ok()) {
            let _ = rustix::process::setpriority_process(rustix::process::Pid::from_raw(id), 10);
        }
    }

    /// Waits until the leader ends.
    ///
    /// # Errors
    /// When the system cannot report it.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Asks the group to end, waits a while for its leader, and kills what is left.
    pub async fn end(mut self) {
        signal(self.id, Signal::End);
        let _ = tokio::time::timeout(PATIENCE, self.child.wait()).await;
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        signal(self.id, Signal::Kill);
    }
}

/// Removes the variables that `cargo run` and `cargo test` set; a compiler in the group would take them for its own.
/// Build scripts such as ring's run again when `CARGO_PKG_NAME` changes. So a kernel that was started without it would
/// compile half of the prebuilt dependencies again.
fn forget_cargo(command: &mut Command) {
    const OF_THE_RUNNING_PROGRAM: [&str; 4] = [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
    ];
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let is_set = command.as_std().get_envs().any(|(set, _)| set == name);
        let is_told = OF_THE_RUNNING_PROGRAM
            .iter()
            .any(|start| text.starts_with(start));
        if is_told && !is_set {
            command.env_remove(&name);
        }
    }
}

#[derive(Clone, Copy)]
enum Signal {
    End,
    Kill,
}

/// Errors are ignored: a group that has already ended is the wanted state.
fn signal(group: Option<u32>, signal: Signal) {
    #[cfg(unix)]
    {
        let signal = match signal {
            Signal::End => rustix::process::Signal::TERM,
            Signal::Kill => rustix::process::Signal::KILL,
        };
        let group = group
            .and_then(|id| i32::try_from(id).ok())
            .and_then(rustix::process::Pid::from_raw);
        if let Some(group) = group {
            let _ = rustix::process::kill_process_group(group, signal);
        }
    }
    #[cfg(not(unix))]
    let _ = (group, signal);
}
