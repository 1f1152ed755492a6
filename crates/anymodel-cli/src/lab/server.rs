//! JupyterLab server process: its settings, its port, and its shutdown.
//!
//! All its folders are private. Settings and layout are kept between runs, the rest is removed at the end. So the
//! user's own JupyterLab is neither read nor changed.

mod settings;

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::process::{ChildStdin, Command};

use super::api::Api;
use super::environment::{Environment, last_lines};
use super::instance_dir::InstanceDir;
use anymodel::Language;
use anymodel_kernel::notebook::Result;
use anymodel_kernel::notebook::process::ProcessGroup;
use anymodel_kernel::paths;
use anymodel_kernel::preflight::Missing;
use anymodel_kernel::progress::StepProgress;

/// The default port of JupyterLab.
pub const USUAL_PORT: u16 = 8888;
/// The number of ports to try after that one.
const TRIES: u16 = 50;
const START: &str = include_str!("start.py");
/// The timeout of a start: on a slow disk a cold start reads thousands of small files.
const PATIENCE: Duration = Duration::from_secs(120);
/// The timeout of a shutdown: JupyterLab ends its kernels at the same time, which may take some seconds.
const END: Duration = Duration::from_secs(20);

/// Options of the server.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// The root folder in JupyterLab.
    pub folder: PathBuf,
    /// The notebook to open, below that folder.
    pub first: String,
    /// The language of JupyterLab's interface.
    pub language: Language,
    /// The port; by default [`USUAL_PORT`] or the next free one.
    pub port: Option<u16>,
    /// Whether to open the browser.
    pub browser: bool,
    /// Whether lessons use the sandbox when there is no key, instead of asking for one.
    pub sandbox: bool,
}

/// A running JupyterLab server. Dropping it kills the process; [`Server::end`] shuts it down.
#[derive(Debug)]
pub struct Server {
    group: ProcessGroup,
    /// Closed to tell JupyterLab to end. The system closes it when this process is killed.
    alive: Option<ChildStdin>,
    api: Api,
    token: String,
    first: String,
    private: InstanceDir,
}

impl Server {
    /// Starts JupyterLab and waits until it answers.
    ///
    /// # Errors
    /// When the port is taken or JupyterLab does not start; the message holds the end of its log.
    pub async fn start(
        environment: &Environment,
        wish: &ServerOptions,
        steps: &StepProgress,
    ) -> Result<Server> {
        let port = free_port(wish.port)?;
        if wish.port.is_none() && port != USUAL_PORT {
            steps.skip(
                "The port",
                &format!("{USUAL_PORT} is in use by another program, {port} is free and is taken"),
            );
        }
        let private = InstanceDir::create()?;
        let token = uuid::Uuid::new_v4().simple().to_string();
        settings::write(private.dir(), wish, port, &token)?;
        let log = private.dir().join("jupyterlab.log");
        let mut command = command(environment, &private, &log)?;
        if wish.sandbox {
            command.env("LLM", "sandbox");
        }
        let mut group = ProcessGroup::spawn(&mut command).context("JupyterLab does not start")?;
        let alive = group.take_stdin();
        let mut server = Server {
            group,
            alive,
            api: Api::new(port, &token)?,
            token,
            first: wish.first.clone(),
            private,
        };
        let up = server.come_up(&log);
        steps.run("JupyterLab starts", "3 s", || None, up).await?;
        Ok(server)
    }

    async fn come_up(&mut self, log: &Path) -> Result<()> {
        let words = || last_lines(&fs::read_to_string(log).unwrap_or_default(), 12);
        let api = self.api.clone();
        let up = async move {
            while !api.is_up().await {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::select! {
            up = tokio::time::timeout(PATIENCE, up) => match up {
                Ok(()) => Ok(()),
                Err(_) => bail!("JupyterLab does not answer after {} s; its last words:\n{}", PATIENCE.as_secs(), words()),
            },
            status = self.group.wait() => bail!("JupyterLab ended while starting ({}); its last words:\n{}", status?, words()),
        }
    }

    /// Its API client.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// The URL to open in a browser. It holds the token, with which any client can run code as this user.
    pub fn url(&self) -> String {
        format!(
            "{}/lab/tree/{}?token={}",
            self.api.address(),
            self.first,
            self.token
        )
    }

    /// Waits until JupyterLab ends by itself, for example by *File → Shut Down*.
    ///
    /// # Errors
    /// When it ends with a failure.
    pub async fn wait(&mut self) -> Result<()> {
        let status = self.group.wait().await?;
        if status.success() {
            return Ok(());
        }
        let log = self.private.dir().join("jupyterlab.log");
        let words = fs::read_to_string(log).unwrap_or_default();
        bail!(
            "JupyterLab ended ({status}); its last words:\n{}",
            last_lines(&words, 12)
        )
    }

    /// Ends JupyterLab and its kernels, and removes the files of this run.
    pub async fn end(mut self) {
        drop(self.alive.take());
        let _ = tokio::time::timeout(END, self.group.wait()).await;
        self.group.end().await;
        drop(self.private);
    }
}

fn command(environment: &Environment, private: &InstanceDir, log: &Path) -> Result<Command> {
    let lasting = paths::lab_dir()?;
    let script = private.dir().join("start.py");
    fs::write(&script, START)?;
    let words = File::create(log)?;
    let mut command = Command::new(environment.python());
    command
        .arg("-I")
        .arg(&script)
        .env("JUPYTER_CONFIG_DIR", private.dir())
        .env("JUPYTER_RUNTIME_DIR", private.dir().join("runtime"))
        .env("JUPYTER_DATA_DIR", private.dir().join("data"))
        .env("JUPYTERLAB_SETTINGS_DIR", lasting.join("settings"))
        .env("JUPYTERLAB_WORKSPACES_DIR", lasting.join("layout"))
        .env("IPYTHONDIR", lasting.join("ipython"))
        .env("JUPYTER_PREFER_ENV_PATH", "1")
        .env("VIRTUAL_ENV", environment.dir())
        .stdin(Stdio::piped())
        .stdout(words.try_clone()?)
        .stderr(words);
    for name in [
        "JUPYTER_PATH",
        "JUPYTER_CONFIG_PATH",
        "PYTHONHOME",
        "PYTHONPATH",
    ] {
        command.env_remove(name);
    }
    Ok(command)
}

/// The requested port, or the first free one.
///
/// # Errors
/// When the requested port is taken, or none is free.
pub fn free_port(asked: Option<u16>) -> Result<u16> {
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    if let Some(port) = asked {
        if is_free(port) {
            return Ok(port);
        }
        return Err(Missing::new(
            format!(
                "port {port} cannot be used: another program listens there, or the system keeps it"
            ),
            "JupyterLab needs a port of its own on this machine",
            "name another one (`--port 8899`), or leave `--port` out and a free one is found; \
             `ss -ltnp` (macOS: `lsof -iTCP -sTCP:LISTEN`) tells which program it is",
        )
        .into());
    }
    (USUAL_PORT..=USUAL_PORT + TRIES)
        .find(|port| is_free(*port))
        .with_context(|| {
            format!(
                "no port from {USUAL_PORT} to {} is free\nhint: name one with `--port`",
                USUAL_PORT + TRIES
            )
        })
}
