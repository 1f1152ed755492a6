//! Kernel session: a kernel found by name, started, used over ZeroMQ, and always shut down.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use jupyter_protocol::{
    ConnectionInfo, ExecuteRequest, ExecutionState, InterruptRequest, JupyterMessage,
    JupyterMessageContent, ReplyStatus, ShutdownRequest, Transport,
};
use jupyter_zmq_client::{
    ClientControlConnection, ClientIoPubConnection, ClientShellConnection, KernelspecDir,
    RuntimeError,
};
use tokio::time::{Instant, timeout, timeout_at};

use super::Result;
use super::connection::{connect, is_answer_to, write_connection_file};
use super::outputs::Outputs;
use super::process::ProcessGroup;

/// A running kernel that answers requests.
pub struct KernelSession {
    group: ProcessGroup,
    shell: ClientShellConnection,
    iopub: ClientIoPubConnection,
    control: ClientControlConnection,
    connection_file: PathBuf,
    needs_probe: bool,
}

/// The result of one request to run code.
#[derive(Debug)]
pub enum KernelAnswer {
    /// The kernel finished, with or without success.
    Done {
        /// The kernel's status, which is not reliable for panics and `?`.
        says_ok: bool,
        /// The outputs.
        outputs: Outputs,
    },
    /// The kernel did not finish in time; its outputs so far.
    TimedOut(Outputs),
    /// The kernel's process ended; its outputs so far, and its exit status.
    Died(Outputs, String),
}

/// Finds a kernelspec in Jupyter's folders.
///
/// # Errors
/// When there is none of that name; the message lists the existing ones.
pub async fn find_kernel(name: &str) -> Result<KernelspecDir> {
    let mut known = Vec::new();
    for dir in data_dirs() {
        for spec in jupyter_zmq_client::read_kernelspec_jsons(&dir).await {
            if spec.kernel_name == name {
                return Ok(spec);
            }
            known.push(spec.kernel_name);
        }
    }
    if let Ok(spec) = jupyter_zmq_client::find_kernelspec_with_jupyter_paths(name).await {
        return Ok(spec);
    }
    let known = if known.is_empty() {
        "none".to_owned()
    } else {
        known.join(", ")
    };
    bail!(
        "there is no Jupyter kernel named `{name}` (found: {known})\n\
         hint: `anymodel kernel install` installs the course's kernel; `--kernel NAME` chooses another"
    );
}

/// Jupyter's data folders in Jupyter's order of preference.
fn data_dirs() -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> = Vec::new();
    if let Some(paths) = std::env::var_os("JUPYTER_PATH") {
        dirs.extend(std::env::split_paths(&paths));
    }
    dirs.extend(user_data_dir());
    if let Some(prefix) = std::env::var_os("VIRTUAL_ENV") {
        dirs.push(PathBuf::from(prefix).join("share/jupyter"));
    }
    dirs.extend(jupyter_zmq_client::system_data_dirs());
    dirs
}

/// The user's own Jupyter data folder: `JUPYTER_DATA_DIR`, or the platform's usual place.
pub fn user_data_dir() -> Option<PathBuf> {
    match std::env::var_os("JUPYTER_DATA_DIR") {
        Some(dir) if !dir.is_empty() => Some(PathBuf::from(dir)),
        _ => jupyter_zmq_client::user_data_dir().ok(),
    }
}

impl KernelSession {
    /// Starts a kernel in the folder `cwd` and waits, at most `patience`, until it answers.
    ///
    /// # Errors
    /// When the program cannot be started, ends before it answers, or does not answer in time.
    /// No process is left running then.
    pub async fn start(
        kernel: KernelspecDir,
        cwd: &Path,
        patience: Duration,
    ) -> Result<KernelSession> {
        let deadline = Instant::now() + patience;
        let mut attempts = 0;
        loop {
            attempts += 1;
            // A free port is chosen, but the kernel binds it a moment later, and another
            // program may have taken it by then. Then other ports are tried.
            match KernelSession::start_once(kernel.clone(), cwd, deadline).await {
                Err(error) if attempts < 3 && Instant::now() < deadline && !cannot_run(&error) => {
                    eprintln!("{error:#}; trying again");
                }
                outcome => return outcome,
            }
        }
    }

    async fn start_once(
        kernel: KernelspecDir,
        cwd: &Path,
        deadline: Instant,
    ) -> Result<KernelSession> {
        let speaks_rust = kernel.kernelspec.language.eq_ignore_ascii_case("rust");
        let name = kernel.kernel_name.clone();
        let program = kernel.kernelspec.argv.first().cloned().unwrap_or_default();

        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let (ports, held) = jupyter_zmq_client::peek_ports_with_listeners(loopback, 5).await?;
        let [shell_port, iopub_port, stdin_port, control_port, hb_port] = ports[..] else {
            bail!("five free ports on 127.0.0.1 are needed to talk to a kernel");
        };
        let id = uuid::Uuid::new_v4().to_string();
        let info = ConnectionInfo {
            ip: loopback.to_string(),
            transport: Transport::TCP,
            shell_port,
            iopub_port,
            stdin_port,
            control_port,
            hb_port,
            key: uuid::Uuid::new_v4().to_string(),
            signature_scheme: "hmac-sha256".to_owned(),
            kernel_name: Some(name.clone()),
        };
        let connection_file = write_connection_file(&info, &id)?;

        // The kernel binds these ports itself. They are released before it starts, because a child shares
        // its parent's sockets for a moment, and a connection to one of those would break.
        drop(held);
        let mut command = kernel.command(&connection_file, Some(Stdio::inherit()), None)?;
        command.current_dir(cwd);
        let group = ProcessGroup::spawn(&mut command).with_context(|| {
            format!("the kernel `{name}` cannot be started: `{program}` does not run")
        });
        let mut group = match group {
            Ok(group) => group,
            Err(error) => {
                let _ = std::fs::remove_file(&connection_file);
                return Err(error);
            }
        };

        let connected = tokio::select! {
            connected = timeout_at(deadline, connect(&info, &id)) => match connected {
                Ok(connected) => connected,
                Err(_) => Err(anyhow!("the kernel `{name}` did not answer in time")),
            },
            status = group.wait() => Err(match status {
                Ok(status) if status.code().is_none() => Killed(format!("the kernel `{name}` was killed while starting ({status})")).into(),
                status => anyhow!("the kernel `{name}` ended while starting ({})", ending(status)),
            }),
        };
        match connected {
            Ok(connected) => Ok(KernelSession {
                group,
                shell: connected.shell,
                iopub: connected.iopub,
                control: connected.control,
                connection_file,
                needs_probe: speaks_rust && connected.implementation != "anymodel",
            }),
            Err(error) => {
                group.end().await;
                let _ = std::fs::remove_file(&connection_file);
                Err(error)
            }
        }
    }

    /// Whether this is a Rust kernel that calls a panic and an early `?` a success, as the stock kernel
    /// does.
    pub fn needs_probe(&self) -> bool {
        self.needs_probe
    }

    /// Runs `code` and waits, at most `patience`, until the kernel is idle again.
    ///
    /// A cell that asks for input gets an empty answer, because no user is present.
    ///
    /// # Errors
    /// When the connection to the kernel breaks.
    pub async fn execute(&mut self, code: &str, patience: Duration) -> Result<KernelAnswer> {
        let request: JupyterMessage = ExecuteRequest::new(code.to_owned()).into();
        let id = request.header.msg_id.clone();
        let deadline = Instant::now() + patience;
        self.shell.send(request).await?;

        let mut outputs = Outputs::default();
        let mut says_ok = None;
        let mut is_idle = false;
        loop {
            if let (Some(says_ok), true) = (says_ok, is_idle) {
                return Ok(KernelAnswer::Done { says_ok, outputs });
            }
            tokio::select! {
                reply = self.shell.read() => match reply {
                    Ok(message) if is_answer_to(&message, &id) => {
                        if let JupyterMessageContent::ExecuteReply(reply) = message.content {
                            says_ok = Some(reply.status == ReplyStatus::Ok);
                        }
                    }
                    Ok(_) => {}
                    // A kernel's reply without some fields: it is certainly not a plain success.
                    Err(RuntimeError::ParseError { msg_type, .. }) if msg_type == "execute_reply" => {
                        says_ok = Some(false);
                    }
                    Err(error) => return Ok(KernelAnswer::Died(outputs, error.to_string())),
                },
                shown = self.iopub.read() => match shown {
                    Ok(message) if is_answer_to(&message, &id) => match message.content {
                        JupyterMessageContent::Status(status) => {
                            is_idle = status.execution_state == ExecutionState::Idle;
                        }
                        content => outputs.take(content),
                    },
                    Ok(_) | Err(RuntimeError::ParseError { .. }) => {}
                    Err(error) => return Ok(KernelAnswer::Died(outputs, error.to_string())),
                },
                status = self.group.wait() => return Ok(KernelAnswer::Died(outputs, ending(status))),
                () = tokio::time::sleep_until(deadline) => return Ok(KernelAnswer::TimedOut(outputs)),
            }
        }
    }

    /// Ends the kernel and all its child processes, and removes its connection file.
    pub async fn shut_down(mut self) {
        // The interrupt comes first because it frees a kernel that is stuck in a cell.
        let _ = self.control.send(InterruptRequest::default().into()).await;
        let _ = self
            .control
            .send(ShutdownRequest { restart: false }.into())
            .await;
        let _ = timeout(Duration::from_secs(3), self.group.wait()).await;
        self.group.end().await;
        let _ = std::fs::remove_file(&self.connection_file);
    }
}

/// Whether the system refused to start the program, or a signal killed it: another try is not wanted.
fn cannot_run(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some() || error.downcast_ref::<Killed>().is_some()
}

/// A kernel that was killed from outside.
#[derive(Debug)]
struct Killed(String);

impl std::fmt::Display for Killed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Killed {}

fn ending(status: std::io::Result<std::process::ExitStatus>) -> String {
    match status {
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    }
}
