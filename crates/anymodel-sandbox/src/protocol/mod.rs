//! The server's side of three protocols: OpenAI's chat completions ([`chat`]), Anthropic's Messages ([`messages`]) and
//! OpenAI's Responses ([`responses`]).
//!
//! Each module has `read`, which decodes a request body into a [`ChatRequest`](anymodel_types::ChatRequest), `answer`, which
//! encodes a whole [`Reply`](anymodel_types::Reply), and a [`StreamWriter`], which encodes a streamed one. [`ErrorBody`]
//! encodes errors. There is no I/O here, so any server can use it.
//!
//! The clients' side, in `anymodel-providers`, shares no code with this one on purpose: a mistake in shared code would hide
//! in both.
//!
//! ```
//! use anymodel_sandbox::protocol::{AnswerHead, StreamWriter, chat};
//! use anymodel_types::FinishReason;
//!
//! let body = br#"{"model": "openai/gpt-4o", "stream": true, "messages": [{"role": "user", "content": "Hello"}]}"#;
//! let asked = chat::read(body).unwrap();
//! assert_eq!(asked.request.messages[0].content, "Hello");
//!
//! let head = AnswerHead::new("chatcmpl-1", 1_764_547_200, "openai/gpt-4o");
//! let mut stream = chat::ChatStream::new(head, asked.include_usage);
//! let mut sent = stream.text("Good day.");
//! sent += &stream.finish(&FinishReason::Stop);
//! assert!(sent.ends_with("data: [DONE]\n\n"));
//!
//! let refused = chat::read(br#"{"model": "openai/gpt-4o", "messages": "Hello"}"#).unwrap_err();
//! assert_eq!(refused.param.as_deref(), Some("messages"));
//! ```

pub mod chat;
pub mod messages;
pub mod responses;

mod block_order;
mod decoded;
mod error_body;
mod fields;
mod settings;
mod stream_writer;

pub use decoded::{Decoded, Invalid};
pub use error_body::ErrorBody;
pub(crate) use error_body::{anthropic, anthropic_type};
pub use stream_writer::{AnswerHead, StreamWriter, ToolCallDelta};
