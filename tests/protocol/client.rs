//! A kernel's process and a client that holds all its channels.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use jupyter_protocol::{
    ConnectionInfo, ExecuteRequest, JupyterMessage, JupyterMessageContent, Transport,
};
use jupyter_zmq_client::{
    ClientControlConnection, ClientIoPubConnection, ClientShellConnection, ClientStdinConnection,
};
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::keyless::keyless;

/// No step of a test takes longer, or the kernel hangs.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A kernel without a client.
pub struct Process {
    pub child: Child,
    pub info: ConnectionInfo,
    /// The folder of this kernel alone.
    pub folder: PathBuf,
    pub cache: PathBuf,
}

/// A kernel and a client that is connected to it.
pub struct Kernel {
    pub process: Process,
    pub shell: ClientShellConnection,
    pub iopub: ClientIoPubConnection,
    pub control: ClientControlConnection,
    pub stdin: ClientStdinConnection,
}

/// What came of one request.
#[derive(Debug)]
pub struct Ran {
    /// The content of the reply.
    pub reply: Value,
    /// Type and content of everything published for it, states included.
    pub shown: Vec<(String, Value)>,
}

impl Ran {
    /// What was published with this type.
    pub fn all(&self, msg_type: &str) -> Vec<&Value> {
        let of_type = self.shown.iter().filter(|(found, _)| found == msg_type);
        of_type.map(|(_, content)| content).collect()
    }

    /// All text on one stream.
    pub fn text(&self, name: &str) -> String {
        let streams = self.all("stream").into_iter();
        let of_name = streams.filter(|content| content["name"] == name);
        of_name
            .map(|content| content["text"].as_str().unwrap())
            .collect()
    }
}

/// Whether a message was caused by the request with this id.
pub fn is_answer_to(message: &JupyterMessage, id: &str) -> bool {
    let parent = message.parent_header.as_ref();
    parent.is_some_and(|header| header.msg_id == id)
}

pub fn content(message: &JupyterMessage) -> Value {
    serde_json::to_value(&message.content).unwrap()
}

impl Process {
    /// The command that starts a kernel with this cache, and what it will listen on.
    pub async fn command(
        folder: &Path,
        cache: &Path,
        key: &str,
    ) -> (std::process::Command, ConnectionInfo) {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let (ports, held) = jupyter_zmq_client::peek_ports_with_listeners(loopback, 5)
            .await
            .unwrap();
        drop(held);
        let info = ConnectionInfo {
            ip: loopback.to_string(),
            transport: Transport::TCP,
            shell_port: ports[0],
            iopub_port: ports[1],
            stdin_port: ports[2],
            control_port: ports[3],
            hb_port: ports[4],
            key: key.to_owned(),
            signature_scheme: "hmac-sha256".to_owned(),
            kernel_name: None,
        };
        let file = folder.join("connection.json");
        fs::write(&file, serde_json::to_string(&info).unwrap()).unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_anymodel"));
        command
            .args([
                "kernel",
                "start",
                "--crate-path",
                env!("CARGO_MANIFEST_DIR"),
            ])
            .arg("--control_file")
            .arg(file)
            .env("ANYMODEL_CACHE_DIR", cache)
            .env_remove("JPY_PARENT_PID")
            .stdin(Stdio::null());
        keyless(&mut command);
        (command, info)
    }

    /// A kernel that can run cells.
    pub async fn start(key: &str) -> Process {
        let (folder, cache) = (folder(), installed());
        let (command, info) = Process::command(&folder, &cache, key).await;
        Process::run(command, info, folder, cache)
    }

    /// A kernel that has its cache folder for itself, and nothing in it: it answers, but a cell would
    /// take minutes.
    pub async fn bare() -> Process {
        let folder = folder();
        let cache = folder.join("cache");
        let (command, info) = Process::command(&folder, &cache, "a key").await;
        Process::run(command, info, folder, cache)
    }

    pub fn run(
        command: std::process::Command,
        info: ConnectionInfo,
        folder: PathBuf,
        cache: PathBuf,
    ) -> Process {
        let child = Command::from(command).kill_on_drop(true).spawn().unwrap();
        Process {
            child,
            info,
            folder,
            cache,
        }
    }

    /// Waits for the end of the process.
    pub async fn end(&mut self) -> ExitStatus {
        timeout(PATIENCE, self.child.wait())
            .await
            .expect("the kernel ends")
            .unwrap()
    }

    /// What is left in the folder for running kernels.
    pub fn left_behind(&self) -> usize {
        let running = fs::read_dir(self.cache.join("kernel/running"));
        running.map_or(0, |entries| entries.count())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The cache folder with a template, which lasts from one run of the tests to the next.
pub fn installed() -> PathBuf {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    let install = || {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kernel");
        let cache = folder.join("cache");
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_anymodel"));
        command
            .args([
                "kernel",
                "install",
                "--crate-path",
                env!("CARGO_MANIFEST_DIR"),
            ])
            .env("ANYMODEL_CACHE_DIR", &cache)
            .env("JUPYTER_DATA_DIR", folder.join("jupyter"));
        let output = keyless(&mut command).output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words}");
        cache
    };
    INSTALLED.get_or_init(install).clone()
}

/// An empty folder.
pub fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("protocol")
        .join(uuid::Uuid::new_v4().to_string());
    fs::create_dir_all(&folder).unwrap();
    folder
}

impl Kernel {
    pub async fn start() -> Kernel {
        Kernel::of(Process::start("a key").await).await
    }

    pub async fn bare() -> Kernel {
        Kernel::of(Process::bare().await).await
    }

    /// Connects to a kernel, and waits until nothing that it publishes is missed.
    pub async fn of(process: Process) -> Kernel {
        let (info, id) = (&process.info, uuid::Uuid::new_v4().to_string());
        let identity = jupyter_zmq_client::peer_identity_for_session(&id).unwrap();
        let mut iopub = jupyter_zmq_client::create_client_iopub_connection(info, "", &id)
            .await
            .unwrap();
        let welcome = jupyter_zmq_client::wait_for_iopub_welcome(&mut iopub, PATIENCE);
        assert_eq!(welcome.await.unwrap().as_deref(), Some(""));
        let shell = jupyter_zmq_client::create_client_shell_connection_with_identity(
            info,
            &id,
            identity.clone(),
        )
        .await
        .unwrap();
        let control = jupyter_zmq_client::create_client_control_connection(info, &id)
            .await
            .unwrap();
        let stdin =
            jupyter_zmq_client::create_client_stdin_connection_with_identity(info, &id, identity)
                .await
                .unwrap();
        Kernel {
            process,
            shell,
            iopub,
            control,
            stdin,
        }
    }

    /// Sends a request on `shell` and returns its id.
    pub async fn send(&mut self, content: impl Into<JupyterMessageContent>) -> String {
        let message = JupyterMessage::new(content, None);
        let id = message.header.msg_id.clone();
        self.shell.send(message).await.unwrap();
        id
    }

    /// The reply to the request with this id; replies to others are passed over.
    pub async fn reply(&mut self, id: &str) -> Value {
        let reply = async {
            loop {
                let message = self.shell.read().await.unwrap();
                if is_answer_to(&message, id) {
                    return content(&message);
                }
            }
        };
        timeout(PATIENCE, reply).await.expect("a reply")
    }

    /// The next thing that is published.
    pub async fn shown(&mut self) -> JupyterMessage {
        let message = timeout(PATIENCE, self.iopub.read()).await;
        message.expect("something is published").unwrap()
    }

    /// Sends a request on `shell`, and waits for the reply and for everything published.
    pub async fn ask(&mut self, content: impl Into<JupyterMessageContent>) -> Ran {
        let id = self.send(content).await;
        self.finish(&id).await
    }

    /// Waits for the reply to a request and for everything published for it.
    pub async fn finish(&mut self, id: &str) -> Ran {
        let reply = self.reply(id).await;
        let mut shown = Vec::new();
        loop {
            let message = self.shown().await;
            if !is_answer_to(&message, id) {
                continue;
            }
            let content = content(&message);
            let is_idle = content["execution_state"] == "idle";
            shown.push((message.header.msg_type, content));
            if is_idle {
                return Ran { reply, shown };
            }
        }
    }

    /// Runs a cell.
    pub async fn run(&mut self, code: &str) -> Ran {
        self.ask(ExecuteRequest::new(code.to_owned())).await
    }

    /// Sends a request on `control` and returns the reply.
    pub async fn control(&mut self, content: impl Into<JupyterMessageContent>) -> Value {
        let message = JupyterMessage::new(content, None);
        let id = message.header.msg_id.clone();
        self.control.send(message).await.unwrap();
        let reply = async {
            loop {
                let message = self.control.read().await.unwrap();
                if is_answer_to(&message, &id) {
                    return self::content(&message);
                }
            }
        };
        timeout(PATIENCE, reply).await.expect("a reply")
    }
}
