//! OpenAI's Responses: the server's side, without state. A request that continues a stored answer is refused.
//!
//! - `request` and `items` decode, `answer` encodes a whole response, `stream` a streamed one.

mod answer;
mod items;
mod request;
mod stream;

pub use answer::answer;
pub(crate) use answer::usage_of;
pub use request::read;
pub use stream::ResponseStream;
