//! A streamed answer that people watch.

use super::StreamingText;
use crate::call::Event;
use crate::chat::Reply;
use crate::client::ReplyStream;
use crate::error::{Error, Result};
use crate::failure::ErrorKind;

/// Shows a streamed answer while it comes, and gives the whole reply.
///
/// The text grows as a [`StreamingText`] does. An answer that breaks and begins anew, as
/// [`restart_on_break`](crate::Chat::restart_on_break) allows, is taken back where that is possible: in a notebook. In a
/// terminal, where what was printed stays, a line says that it is void.
///
/// ```
/// use anymodel::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anymodel::Result<()> {
/// # let client = Client::builder().platform("sandbox").sandbox_time_scale(0.0).build()?;
/// let question = client.chat("openai/gpt-4o-mini").user("What is recursion?");
/// let reply = display::stream(question.stream()).await?;
/// println!("{}", reply.summary());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As the stream's own: an answer that broke off stays on the page, and the error says that it is not whole and holds its
/// text in [`partial`](Error::partial).
pub async fn stream(mut stream: ReplyStream) -> Result<Reply> {
    let mut answer = StreamingText::new();
    while let Some(event) = stream.next().await {
        match event? {
            Event::Text(piece) => answer.push(&piece),
            Event::Restarted { model, reason, .. } => {
                answer.restart(&format!("✗ {reason}: {model} begins anew"));
            }
            Event::Finished(reply) => return Ok(*reply),
            _ => {}
        }
    }
    Err(Error::new(
        ErrorKind::BrokenStream,
        "this stream was read to its end before",
    ))
}
