//! Connection to a kernel: the connection file, and the ZeroMQ channels.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use jupyter_protocol::{
    ConnectionInfo, ExecutionState, JupyterMessage, JupyterMessageContent, KernelInfoRequest,
};
use jupyter_zmq_client::{
    ClientControlConnection, ClientIoPubConnection, ClientShellConnection, RuntimeError,
};
use tokio::time::timeout;

use super::Result;

/// The channels to a kernel, and its reported name.
pub(super) struct Connected {
    pub shell: ClientShellConnection,
    pub iopub: ClientIoPubConnection,
    pub control: ClientControlConnection,
    pub implementation: String,
}

/// Connects the three channels and waits for the kernel's first message on two of them.
pub(super) async fn connect(info: &ConnectionInfo, id: &str) -> Result<Connected> {
    let identity = jupyter_zmq_client::peer_identity_for_session(id)?;
    let mut iopub = jupyter_zmq_client::create_client_iopub_connection(info, "", id)
        .await
        .context("its output channel cannot be reached")?;
    let mut shell =
        jupyter_zmq_client::create_client_shell_connection_with_identity(info, id, identity)
            .await
            .context("its shell channel cannot be reached")?;
    let control = jupyter_zmq_client::create_client_control_connection(info, id)
        .await
        .context("its control channel cannot be reached")?;
    loop {
        let request: JupyterMessage = KernelInfoRequest {}.into();
        let asked = request.header.msg_id.clone();
        shell.send(request).await?;
        // The reply may leave fields out; its arrival is enough.
        let implementation = match shell.read().await {
            Ok(JupyterMessage {
                content: JupyterMessageContent::KernelInfoReply(reply),
                ..
            }) => reply.implementation,
            Ok(_) | Err(RuntimeError::ParseError { .. }) => String::new(),
            Err(error) => return Err(error.into()),
        };
        // Outputs arrive only after the subscription; until then the request is repeated.
        let subscribed = timeout(Duration::from_secs(1), async {
            while let Ok(message) = iopub.read().await {
                if is_answer_to(&message, &asked)
                    && matches!(&message.content,
                    JupyterMessageContent::Status(status) if status.execution_state == ExecutionState::Idle)
                {
                    break;
                }
            }
        });
        if subscribed.await.is_ok() {
            return Ok(Connected {
                shell,
                iopub,
                control,
                implementation,
            });
        }
    }
}

/// Whether a message belongs to the request with this id.
pub(super) fn is_answer_to(message: &JupyterMessage, id: &str) -> bool {
    message
        .parent_header
        .as_ref()
        .is_some_and(|header| header.msg_id == id)
}

/// The file holds the kernel's key, so only its owner may read it.
pub(super) fn write_connection_file(info: &ConnectionInfo, id: &str) -> Result<PathBuf> {
    let dir = std::env::var_os("JUPYTER_RUNTIME_DIR")
        .map(PathBuf::from)
        .unwrap_or_else(std::env::temp_dir);
    std::fs::create_dir_all(&dir)
        .with_context(|| format!("the folder {} cannot be made", dir.display()))?;
    let path = dir.join(format!("anymodel-kernel-{id}.json"));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options
        .open(&path)
        .with_context(|| format!("the connection file {} cannot be written", path.display()))?;
    serde_json::to_writer(file, info)?;
    Ok(path)
}
