//! The control channel: interrupt and shutdown requests, which do not wait for a cell.

use std::sync::Arc;

use jupyter_protocol::{
    DebugReply, InterruptReply, JupyterMessage, JupyterMessageContent, ReplyStatus, ShutdownReply,
};
use serde_json::json;

use super::info;
use super::kernel_state::KernelState;
use super::wire::{ChannelReader, ChannelSender, answer, report};

/// Serves requests until the task is dropped.
pub(super) async fn serve(
    session: Arc<KernelState>,
    mut reader: ChannelReader,
    sender: ChannelSender,
) {
    loop {
        let request = reader.next().await;
        session.iopub.busy(&request).await;
        let content: Option<JupyterMessageContent> = match &request.content {
            JupyterMessageContent::InterruptRequest(_) => {
                session.interrupt();
                Some(InterruptReply::new().into())
            }
            JupyterMessageContent::ShutdownRequest(shutdown) => {
                shut_down(&session, &sender, &request, shutdown.restart).await;
                None
            }
            JupyterMessageContent::KernelInfoRequest(_) => Some(info::kernel_info().into()),
            JupyterMessageContent::DebugRequest(debug) => {
                // The content is a message of the Debug Adapter Protocol, and so is the answer.
                let content = json!({
                    "type": "response", "success": false, "seq": 0,
                    "request_seq": debug.content["seq"], "command": debug.content["command"],
                    "message": "this kernel has no debugger",
                });
                Some(DebugReply { content }.into())
            }
            other => {
                let kind = other.message_type();
                report(
                    "control",
                    &format!("{kind} is ignored: it is not known here"),
                );
                None
            }
        };
        if let Some(content) = content {
            sender.send(answer(content, Some(&request))).await;
        }
        session.iopub.idle(&request).await;
    }
}

/// Answers a request to shut down, publishes the shutdown to all clients, and ends the session.
pub(super) async fn shut_down(
    session: &KernelState,
    sender: &ChannelSender,
    request: &JupyterMessage,
    restart: bool,
) {
    let reply = ShutdownReply {
        restart,
        status: ReplyStatus::Ok,
        error: None,
    };
    session.iopub.publish(reply.clone(), Some(request)).await;
    sender.send(answer(reply, Some(request))).await;
    session.end();
}
