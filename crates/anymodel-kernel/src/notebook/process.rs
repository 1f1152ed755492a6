//! Ending a process and everything it started.
//!
//! A kernel starts compilers and the process that runs the cells; killing the kernel alone leaves
//! a cell that hangs running for ever. So a kernel gets a process group of its own, and the group
//! is ended: politely, and after a while without asking.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};

/// How long a process may take to clean up after it was asked to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// A process at the head of a group of its own. Dropping it kills the group.
#[derive(Debug)]
pub struct ProcessGroup {
    child: tokio::process::Child,
    id: Option<u32>,
}

impl ProcessGroup {
    /// Starts `command` as the head of a new group.
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

    /// The standard input of the head, when it was piped; can be taken once.
    pub fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// The standard output of the head, when it was piped; can be taken once.
    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// The standard error of the head, when it was piped; can be taken once.
    pub fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// Lets the system prefer other processes to this group: for work that nobody waits for. Does
    /// nothing where that is not known.
    pub fn yield_to_others(&self) {
        #[cfg(unix)]
        if let Some(id) = self.id.and_then(|id| i32::try_from(id).ok()) {
            let _ = rustix::process::setpriority_process(rustix::process::Pid::from_raw(id), 10);
        }
    }

    /// Waits until the head of the group ends.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Asks the group to end, waits a while for its head, and kills what is left.
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

/// Takes away what `cargo run` and `cargo test` tell the programs they start; the compilers below would take it for
/// theirs. Build scripts such as ring's are run again when `CARGO_PKG_NAME` changes, so a template that was built with
/// it would be half compiled anew by a kernel that was started without.
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

/// A group that is gone already is what we want, so errors do not matter here.
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
