//! A client that holds all channels of a kernel.

use std::time::Duration;

use jupyter_protocol::{ExecuteRequest, JupyterMessage, JupyterMessageContent};
use jupyter_zmq_client::{
    ClientControlConnection, ClientIoPubConnection, ClientShellConnection, ClientStdinConnection,
};
use serde_json::Value;
use tokio::time::timeout;

use crate::process::Process;

/// No step of a test takes longer, or the kernel hangs.
pub const PATIENCE: Duration = Duration::from_secs(60);

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

    /// Waits until the cell of this request prints: then it runs.
    pub async fn runs(&mut self, id: &str) {
        loop {
            let message = self.shown().await;
            if is_answer_to(&message, id) && message.header.msg_type == "stream" {
                return;
            }
        }
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
