//! Shell commands in a cell: `!ls`.

use std::process::Stdio;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::sync::watch;

use super::frames::{OutputDecoder, OutputPart};
use super::{CellError, CellEvent, EventSender};
use crate::notebook::process::ProcessGroup;

/// Runs a command and shows its output.
///
/// # Errors
/// When it fails or is interrupted; then all its child processes are ended.
pub async fn run(
    line: &str,
    events: &EventSender,
    interrupts: &mut watch::Receiver<u64>,
) -> std::result::Result<(), CellError> {
    let mut command = Command::new("sh");
    command
        .args(["-c", line])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let failed = |error: std::io::Error| CellError::plain("CommandError", error.to_string());
    let mut group = ProcessGroup::spawn(&mut command).map_err(failed)?;
    let (stdout, stderr) = (group.take_stdout(), group.take_stderr());
    let ended = async {
        tokio::join!(
            pass_on(stdout, |text| events.send(CellEvent::Stdout(text))),
            pass_on(stderr, |text| events.send(CellEvent::Stderr(text))),
        );
        group.wait().await
    };
    let status = tokio::select! {
        status = ended => status.map_err(failed)?,
        _ = interrupts.changed() => return Err(CellError::interrupted("")),
    };
    if status.success() {
        return Ok(());
    }
    Err(CellError::plain(
        "CommandError",
        format!("`{line}` failed ({status})"),
    ))
}

/// Shows a pipe's data as it arrives. The command does not know the decoder's mark, so all of it is text.
async fn pass_on<F: Future>(pipe: Option<impl AsyncRead + Unpin>, show: impl Fn(String) -> F) {
    let Some(mut pipe) = pipe else { return };
    let mut decoder = OutputDecoder::new(&uuid::Uuid::new_v4().simple().to_string());
    let mut buffer = vec![0; 8 << 10];
    while let Ok(length @ 1..) = pipe.read(&mut buffer).await {
        for piece in decoder.push(&buffer[..length]) {
            if let OutputPart::Text(text) = piece {
                show(text).await;
            }
        }
    }
}
