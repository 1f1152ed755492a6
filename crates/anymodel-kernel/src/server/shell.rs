//! The shell channel: cells go to the queue, all other requests are answered at once.

use std::sync::Arc;
use std::time::Duration;

use jupyter_protocol::{
    CommClose, CommInfoReply, CompleteReply, ConnectionInfo, InspectReply, IsCompleteReply,
    JupyterMessage, JupyterMessageContent,
};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::completion;
use super::kernel_state::KernelState;
use super::wire::{ChannelReader, ChannelSender, answer, report};
use super::{control, info};
use crate::cells::{self, Completeness};
use crate::completion::Assistant;

/// The timeout of an analysis. After it the answer is empty.
const THINKING: Duration = Duration::from_secs(10);

/// The handler of one session's shell requests.
#[derive(Clone)]
pub(super) struct Shell {
    pub(super) session: Arc<KernelState>,
    pub(super) sender: ChannelSender,
    pub(super) assist: Arc<Assistant>,
    pub(super) info: Arc<ConnectionInfo>,
    /// The queue of requests to run cells.
    pub(super) queue: mpsc::UnboundedSender<JupyterMessage>,
}

impl Shell {
    /// Serves requests until the task is dropped.
    pub(super) async fn serve(self, mut reader: ChannelReader) {
        loop {
            let request = reader.next().await;
            match &request.content {
                JupyterMessageContent::ExecuteRequest(_) => {
                    // It fails only when the kernel ends.
                    let _ = self.queue.send(request);
                }
                JupyterMessageContent::CompleteRequest(_)
                | JupyterMessageContent::InspectRequest(_) => {
                    // The analysis may take long, and no other request must wait for it.
                    let shell = self.clone();
                    tokio::spawn(async move { shell.handle(&request).await });
                }
                _ => self.handle(&request).await,
            }
        }
    }

    async fn handle(&self, request: &JupyterMessage) {
        self.session.iopub.busy(request).await;
        if let Some(content) = self.answer(request).await {
            self.sender.send(answer(content, Some(request))).await;
        }
        self.session.iopub.idle(request).await;
    }

    async fn answer(&self, request: &JupyterMessage) -> Option<JupyterMessageContent> {
        Some(match &request.content {
            JupyterMessageContent::KernelInfoRequest(_) => info::kernel_info().into(),
            JupyterMessageContent::IsCompleteRequest(request) => {
                match cells::completeness(&request.code) {
                    Completeness::Complete => IsCompleteReply::complete(),
                    Completeness::Incomplete(indent) => IsCompleteReply::incomplete(indent),
                    Completeness::Invalid => IsCompleteReply::invalid(),
                }
                .into()
            }
            JupyterMessageContent::HistoryRequest(request) => {
                self.session.history().answer(request).into()
            }
            JupyterMessageContent::CommInfoRequest(_) => CommInfoReply::default().into(),
            JupyterMessageContent::CompleteRequest(request) => {
                let outline = self.session.outline();
                let complete = completion::complete(&self.assist, &outline, request);
                let reply = timeout(THINKING, complete).await;
                reply
                    .unwrap_or_else(|_| CompleteReply {
                        cursor_start: request.cursor_pos,
                        cursor_end: request.cursor_pos,
                        ..CompleteReply::default()
                    })
                    .into()
            }
            JupyterMessageContent::InspectRequest(request) => {
                let outline = self.session.outline();
                let inspect = completion::inspect(&self.assist, &outline, request);
                let reply = timeout(THINKING, inspect).await;
                reply.unwrap_or_else(|_| InspectReply::default()).into()
            }
            JupyterMessageContent::CommOpen(open) => {
                // Widgets are not supported, and the protocol requires an answer.
                let close = CommClose {
                    comm_id: open.comm_id.clone(),
                    ..CommClose::default()
                };
                self.session.iopub.publish(close, Some(request)).await;
                return None;
            }
            JupyterMessageContent::CommMsg(_) | JupyterMessageContent::CommClose(_) => return None,
            JupyterMessageContent::ShutdownRequest(shutdown) => {
                control::shut_down(&self.session, &self.sender, request, shutdown.restart).await;
                return None;
            }
            JupyterMessageContent::UnknownMessage(unknown)
                if unknown.msg_type == "connect_request" =>
            {
                unknown.reply(json!({
                    "shell_port": self.info.shell_port, "iopub_port": self.info.iopub_port,
                    "stdin_port": self.info.stdin_port, "hb_port": self.info.hb_port,
                    "control_port": self.info.control_port,
                }))
            }
            other => {
                let kind = other.message_type();
                report("shell", &format!("{kind} is ignored: it is not known here"));
                return None;
            }
        })
    }
}
