//! A kernel's process.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::OnceLock;

use jupyter_protocol::{ConnectionInfo, Transport};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::client::PATIENCE;
use crate::keyless::keyless;

/// The folder of the whole project.
pub fn root() -> &'static str {
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    above.nth(2).and_then(Path::to_str).unwrap()
}

/// A kernel without a client.
pub struct Process {
    pub child: Child,
    pub info: ConnectionInfo,
    /// The folder of this kernel alone.
    pub folder: PathBuf,
    pub cache: PathBuf,
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
            .args(["kernel", "start", "--crate-path", root()])
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
            .args(["kernel", "install", "--crate-path", root()])
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
