//! OpenAI's chat completions: the server's side.
//!
//! - `request` and `message` decode, `answer` encodes a whole answer, `stream` a streamed one.

mod answer;
mod message;
mod request;
mod stream;

pub use answer::answer;
pub(crate) use answer::{chunk, completion, delta_choice, message_of, tool_call};
pub use request::read;
pub use stream::ChatStream;
