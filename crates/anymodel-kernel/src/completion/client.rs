//! LSP client: one rust-analyzer process, and the part of the protocol that questions need.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use url::Url;

use super::frames::{self, LspDecoder};
use super::project::{self, Project};
use super::text::Encoding;
use crate::notebook::process::ProcessGroup;

/// How often a question is sent again after rust-analyzer dropped it because the text had changed.
const TRIES: usize = 4;
/// The LSP error codes of a dropped question.
const ASK_AGAIN: [i64; 2] = [-32801, -32802];
/// The number of messages that may wait to be read; when the queue is full, the process waits.
const WAITING: usize = 64;

/// The language server has exited, or sends invalid messages.
#[derive(Debug)]
pub(super) struct ServerExited;

/// A client of one running rust-analyzer. Dropping it kills the process.
#[derive(Debug)]
pub(super) struct LspClient {
    /// The unit of columns.
    pub encoding: Encoding,
    uri: String,
    /// The text that was sent to the process, once there is one.
    text: Option<String>,
    version: u64,
    asked: u64,
    loaded: bool,
    outgoing: mpsc::UnboundedSender<Vec<u8>>,
    incoming: mpsc::Receiver<Value>,
    _group: ProcessGroup,
}

impl LspClient {
    /// Starts a process for the crate in `root`, with its own files in `folder`, and waits until the crates
    /// are loaded.
    ///
    /// # Errors
    /// When rust-analyzer is not installed, or fails to load.
    pub async fn start(root: &Path, folder: &Path) -> Result<LspClient> {
        tokio::fs::create_dir_all(folder).await?;
        // The canonical path: rust-analyzer identifies files by path.
        let folder = tokio::fs::canonicalize(folder).await?;
        let source = folder.join("notebook.rs");
        tokio::fs::write(&source, "").await?;
        let project = project::describe(root, &source).await?;
        let described = folder.join("rust-project.json");
        tokio::fs::write(&described, project.json.to_string()).await?;

        let mut client = LspClient::spawn(&project, &folder, &source)?;
        client
            .begin(&uri(&folder)?, &described)
            .await
            .map_err(|ServerExited| anyhow!("rust-analyzer ended before it was ready"))?;
        Ok(client)
    }

    fn spawn(project: &Project, folder: &Path, source: &Path) -> Result<LspClient> {
        let mut command = Command::new(program(&project.sysroot));
        command
            .current_dir(folder)
            // One memory arena for all threads: others would stay half empty.
            .env("MALLOC_ARENA_MAX", "1")
            .env("RA_LOG", "off")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut group =
            ProcessGroup::spawn(&mut command).context("rust-analyzer does not start")?;
        group.yield_to_others();
        let pipes = group.take_stdin().zip(group.take_stdout());
        let (stdin, stdout) = pipes.context("rust-analyzer has no pipes")?;
        let (outgoing, to_write) = mpsc::unbounded_channel();
        let (read, incoming) = mpsc::channel(WAITING);
        // These tasks end with the pipes, and so with the process.
        tokio::spawn(write_all(stdin, to_write));
        tokio::spawn(read_all(stdout, read));
        Ok(LspClient {
            encoding: Encoding::Utf16,
            uri: uri(source)?,
            text: None,
            version: 0,
            asked: 0,
            loaded: false,
            outgoing,
            incoming,
            _group: group,
        })
    }

    async fn begin(&mut self, folder: &str, project: &Path) -> Result<(), ServerExited> {
        let answer = self
            .request("initialize", settings(folder, project))
            .await?;
        if answer["capabilities"]["positionEncoding"] == "utf-8" {
            self.encoding = Encoding::Utf8;
        }
        self.notify("initialized", json!({}))?;
        // After this it also reads the file that is not on the disk.
        self.show("")?;
        while !self.loaded {
            let message = self.incoming.recv().await.ok_or(ServerExited)?;
            self.take(&message)?;
        }
        Ok(())
    }

    /// Sends `source` as the text that questions are about.
    pub fn show(&mut self, source: &str) -> Result<(), ServerExited> {
        if self.text.as_deref() == Some(source) {
            return Ok(());
        }
        self.version += 1;
        let mut document = json!({"uri": self.uri, "version": self.version});
        match self.text {
            None => {
                document["languageId"] = json!("rust");
                document["text"] = json!(source);
                self.notify("textDocument/didOpen", json!({"textDocument": document}))?;
            }
            Some(_) => {
                let change =
                    json!({"textDocument": document, "contentChanges": [{"text": source}]});
                self.notify("textDocument/didChange", change)?;
            }
        }
        self.text = Some(source.to_owned());
        Ok(())
    }

    /// Asks about a position in the text; a refused answer is `null`. The future may be dropped at any time.
    pub async fn ask(
        &mut self,
        method: &str,
        place: (usize, usize),
    ) -> Result<Value, ServerExited> {
        let parameters = json!({
            "textDocument": {"uri": self.uri},
            "position": {"line": place.0, "character": place.1},
        });
        self.request(method, parameters).await
    }

    async fn request(&mut self, method: &str, parameters: Value) -> Result<Value, ServerExited> {
        for _ in 0..TRIES {
            self.asked += 1;
            let id = self.asked;
            self.send(
                &json!({"jsonrpc": "2.0", "id": id, "method": method, "params": parameters}),
            )?;
            let mut answer = loop {
                let message = self.incoming.recv().await.ok_or(ServerExited)?;
                let is_answer = message.get("method").is_none() && message["id"] == id;
                if is_answer {
                    break message;
                }
                self.take(&message)?;
            };
            let error = answer["error"]["code"].as_i64();
            if !error.is_some_and(|code| ASK_AGAIN.contains(&code)) {
                return Ok(answer["result"].take());
            }
        }
        Ok(Value::Null)
    }

    /// Handles a message that is no answer: notifications, and requests, which are all answered with nothing.
    fn take(&mut self, message: &Value) -> Result<(), ServerExited> {
        match (message["method"].as_str(), message.get("id")) {
            (Some("experimental/serverStatus"), None) => {
                self.loaded |= message["params"]["quiescent"] == true;
                Ok(())
            }
            (Some(_), Some(id)) => self.send(&json!({"jsonrpc": "2.0", "id": id, "result": null})),
            _ => Ok(()), // other news, and answers that came too late
        }
    }

    fn notify(&mut self, method: &str, parameters: Value) -> Result<(), ServerExited> {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": parameters}))
    }

    fn send(&mut self, message: &Value) -> Result<(), ServerExited> {
        let bytes = frames::encode(message);
        self.outgoing.send(bytes).map_err(|_| ServerExited)
    }
}

/// The rust-analyzer of the toolchain that compiles the cells; else the one on the PATH.
fn program(sysroot: &Path) -> PathBuf {
    let name = format!("rust-analyzer{}", std::env::consts::EXE_SUFFIX);
    let own = sysroot.join("bin").join(&name);
    if own.is_file() { own } else { name.into() }
}

/// The initialization options: capabilities, and no build, check or file watching.
fn settings(folder: &str, project: &Path) -> Value {
    json!({
        "processId": std::process::id(),
        "rootUri": folder,
        "capabilities": {
            "general": {"positionEncodings": ["utf-8", "utf-16"]},
            "textDocument": {
                "completion": {"completionItem": {
                    "snippetSupport": false,
                    // The documentation is left out: it is not shown for a list of matches.
                    "resolveSupport": {"properties": ["documentation"]},
                }},
                "hover": {"contentFormat": ["markdown"]},
            },
            "experimental": {"serverStatusNotification": true},
        },
        "initializationOptions": {
            "linkedProjects": [project],
            "cachePriming": {"enable": false},
            "cargo": {"buildScripts": {"enable": false}},
            "procMacro": {"enable": false},
            "checkOnSave": false,
            "diagnostics": {"enable": false},
            "files": {"watcher": "client"},
            "numThreads": 1,
            "completion": {
                "autoimport": {"enable": false},
                "postfix": {"enable": false},
                "callable": {"snippets": "none"},
                "fullFunctionSignatures": {"enable": true},
            },
            "hover": {
                "links": {"enable": false},
                "memoryLayout": {"enable": false},
                "dropGlue": {"enable": false},
            },
        },
    })
}

/// A path as a `file:` URI.
fn uri(path: &Path) -> Result<String> {
    let uri =
        Url::from_file_path(path).map_err(|()| anyhow!("{} is no whole path", path.display()));
    Ok(uri?.into())
}

async fn write_all(mut stdin: ChildStdin, mut messages: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(bytes) = messages.recv().await {
        if stdin.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

/// Reads messages until the output ends or is invalid. Dropping `messages` then ends its receiver.
async fn read_all(mut stdout: ChildStdout, messages: mpsc::Sender<Value>) {
    let mut decoder = LspDecoder::default();
    let mut buffer = vec![0; 64 << 10];
    while let Ok(length @ 1..) = stdout.read(&mut buffer).await {
        decoder.push(&buffer[..length]);
        loop {
            match decoder.pull() {
                Ok(Some(message)) => {
                    if messages.send(message).await.is_err() {
                        return;
                    }
                }
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
}
