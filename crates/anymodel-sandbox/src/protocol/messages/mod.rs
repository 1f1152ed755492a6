//! Anthropic's Messages: the server's side.
//!
//! - `request` and `turns` decode, `answer` encodes a whole message, `stream` a streamed one.

mod answer;
mod request;
mod stream;
mod turns;

pub(crate) use answer::{Content, StopReason, body, input, tool_use, usage_of};
pub use answer::{answer, token_count};
pub use request::{read, read_to_count};
pub use stream::MessageStream;
