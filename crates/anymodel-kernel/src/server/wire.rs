//! The wire protocol of a kernel: five ZeroMQ sockets, and the encoding of messages.
//!
//! The connection file, which Jupyter writes, names the ports and holds the key that signs
//! every message. Raw frames are read from the sockets and parsed here rather than by
//! `jupyter-zmq-client`, for two reasons: an invalid message must never end the kernel, and
//! clients leave out fields that the message types of `jupyter-protocol` require ([`lenient`]).

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use jupyter_protocol::{ConnectionInfo, Header, JupyterMessage, JupyterMessageContent};
use jupyter_zmq_client::{
    KernelHeartbeatConnection, KernelIoPubXPubConnection, RawMessage, RouterRecvConnection,
    RouterSendConnection,
};
use serde_json::Value;
use tokio::sync::Mutex;
use zeromq::{SocketRecv, SocketSend};

use super::{info, lenient};
use crate::notebook::Result;

/// The pause after a socket reported an error, so that a broken socket does not occupy a core.
const REST: Duration = Duration::from_millis(50);

/// The bound sockets of one kernel.
pub struct Sockets {
    /// The content of the connection file.
    pub info: ConnectionInfo,
    /// Requests that are answered in order.
    pub(super) shell: (ChannelReader, ChannelSender),
    /// Urgent requests: interrupt, shutdown.
    pub(super) control: (ChannelReader, ChannelSender),
    /// Input requests to the learner, and the answers.
    pub(super) stdin: (ChannelReader, ChannelSender),
    /// States and outputs, for all clients.
    pub(super) iopub: KernelIoPubXPubConnection,
    /// The heartbeat.
    pub(super) heartbeat: KernelHeartbeatConnection,
}

impl Sockets {
    /// Reads the connection file and listens on all five ports.
    ///
    /// # Errors
    /// When the file cannot be read or a port is not available.
    pub async fn bind(connection_file: &Path) -> Result<Sockets> {
        let file = connection_file.display();
        let text = std::fs::read_to_string(connection_file)
            .with_context(|| format!("the connection file {file} cannot be read"))?;
        let info: ConnectionInfo = serde_json::from_str(&text)
            .with_context(|| format!("{file} is not a connection file of Jupyter"))?;
        if !info.key.is_empty() && info.signature_scheme != "hmac-sha256" {
            bail!(
                "{file} asks for messages signed by {:?}\nhint: this kernel signs with hmac-sha256, \
                 which is Jupyter's default (`Session.signature_scheme`)",
                info.signature_scheme
            );
        }
        let session = uuid::Uuid::new_v4().to_string();
        let taken = || format!("a port that {file} names cannot be had");
        let shell = jupyter_zmq_client::create_kernel_shell_connection(&info, &session)
            .await
            .with_context(taken)?;
        let control = jupyter_zmq_client::create_kernel_control_connection(&info, &session)
            .await
            .with_context(taken)?;
        let stdin = jupyter_zmq_client::create_kernel_stdin_connection(&info, &session)
            .await
            .with_context(taken)?;
        let iopub = jupyter_zmq_client::create_kernel_iopub_xpub_connection(&info, &session)
            .await
            .with_context(taken)?;
        let heartbeat = jupyter_zmq_client::create_kernel_heartbeat_connection(&info)
            .await
            .with_context(taken)?;
        Ok(Sockets {
            info,
            shell: halves(shell.split(), "shell"),
            control: halves(control.split(), "control"),
            stdin: halves(stdin.split(), "stdin"),
            iopub,
            heartbeat,
        })
    }
}

fn halves(
    (sender, reader): (RouterSendConnection, RouterRecvConnection),
    channel: &'static str,
) -> (ChannelReader, ChannelSender) {
    let sender = ChannelSender {
        connection: Arc::new(Mutex::new(sender)),
        channel,
    };
    let reader = ChannelReader {
        connection: reader,
        channel,
    };
    (reader, sender)
}

/// The receiving half of a channel.
pub(super) struct ChannelReader {
    connection: RouterRecvConnection,
    channel: &'static str,
}

impl ChannelReader {
    /// The next valid message; invalid ones are reported and skipped.
    pub(super) async fn next(&mut self) -> JupyterMessage {
        loop {
            let frames = match self.connection.socket.recv().await {
                Ok(frames) => frames,
                Err(error) => {
                    report(self.channel, &error.to_string());
                    tokio::time::sleep(REST).await;
                    continue;
                }
            };
            let raw = RawMessage::from_multipart(frames, &self.connection.mac)
                .map_err(|error| format!("it is no message of Jupyter or not signed: {error}"));
            match raw.and_then(parse) {
                Ok(message) => return message,
                Err(why) => report(self.channel, &format!("a message is ignored: {why}")),
            }
        }
    }
}

/// The sending half of a channel; clones send on the same one.
#[derive(Clone)]
pub(super) struct ChannelSender {
    connection: Arc<Mutex<RouterSendConnection>>,
    channel: &'static str,
}

impl ChannelSender {
    /// Sends to the peer that the message names; returns whether that peer is connected.
    pub(super) async fn send(&self, message: JupyterMessage) -> bool {
        let kind = message.header.msg_type.clone();
        match self.connection.lock().await.send(message).await {
            Ok(()) => true,
            Err(error) => {
                report(self.channel, &format!("{kind} cannot be sent: {error}"));
                false
            }
        }
    }
}

/// Parses a message whose signature is valid.
fn parse(raw: RawMessage) -> std::result::Result<JupyterMessage, String> {
    let [header, parent, metadata, content, buffers @ ..] = &raw.jparts[..] else {
        return Err("it has too few parts".to_owned());
    };
    let header: Header =
        serde_json::from_slice(header).map_err(|error| format!("its header: {error}"))?;
    let content: Value = serde_json::from_slice(content)
        .map_err(|error| format!("the content of {}: {error}", header.msg_type))?;
    let content = lenient::completed(&header.msg_type, content);
    let content = JupyterMessageContent::from_type_and_content(&header.msg_type, content)
        .map_err(|error| format!("the content of {}: {error}", header.msg_type))?;
    Ok(JupyterMessage {
        header,
        // Without a parent the field is `{}`, which is not a header.
        parent_header: serde_json::from_slice(parent).ok(),
        metadata: serde_json::from_slice(metadata).unwrap_or_default(),
        content,
        buffers: buffers.to_vec(),
        channel: None,
        zmq_identities: raw.zmq_identities,
    })
}

/// A message of this kernel, with the parent `parent` and addressed to its sender.
pub(super) fn answer(
    content: impl Into<JupyterMessageContent>,
    parent: Option<&JupyterMessage>,
) -> JupyterMessage {
    let mut message = JupyterMessage::new(content, parent);
    "kernel".clone_into(&mut message.header.username);
    info::PROTOCOL.clone_into(&mut message.header.version);
    message
}

/// Echoes every heartbeat message, which shows that this process lives, until the task is dropped.
pub(super) async fn beat(mut heartbeat: KernelHeartbeatConnection) {
    loop {
        let echoed = async {
            let bytes = heartbeat.socket.recv().await?;
            heartbeat.socket.send(bytes).await
        };
        if let Err(error) = echoed.await {
            // The peer disconnected between the two calls.
            report("heartbeat", &error.to_string());
            tokio::time::sleep(REST).await;
        }
    }
}

/// Writes one line to the log, on the kernel's standard error.
pub(super) fn report(channel: &str, what: &str) {
    eprintln!("anymodel kernel: {channel}: {what}");
}
