//! Live display of a streamed answer.

use super::ReplyStream;
use crate::call::Event;
use anymodel_display::StreamingText;
use anymodel_types::{Error, ErrorKind, Reply, Result, words};

/// Shows a streamed answer while it arrives, and returns the whole reply.
///
/// The text grows like a [`StreamingText`]. [`restart_on_break`](crate::Chat::restart_on_break) allows a broken answer to
/// begin again; a notebook then removes the old text. A terminal cannot remove it, so a line says that it is void.
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
/// As the stream's own: the text of a broken answer stays visible, and the error says that it is incomplete and contains it
/// in [`partial`](Error::partial).
pub async fn stream(mut stream: ReplyStream) -> Result<Reply> {
    let mut answer = StreamingText::new();
    while let Some(event) = stream.next().await {
        match event? {
            Event::Text(piece) => answer.push(&piece),
            Event::Restarted { model, reason, .. } => {
                answer.restart(&words::requests().begins_anew(&reason, &model));
            }
            Event::Finished(reply) => return Ok(*reply),
            _ => {}
        }
    }
    Err(Error::new(
        ErrorKind::BrokenStream,
        words::requests().this_stream_was_read_to_its_end_before(),
    ))
}
