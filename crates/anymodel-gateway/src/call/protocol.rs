//! Protocol: what a route speaks.

use anymodel_client::RawApi;
use anymodel_sandbox::protocol::{AnswerHead, Decoded, Invalid, StreamWriter, chat, messages};
use anymodel_types::Reply;
use jiff::Timestamp;
use serde_json::Value;

use crate::refusal::{ErrorFormat, Refusal};

/// The protocol of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// OpenAI's chat completions.
    Chat,
    /// Anthropic's Messages.
    Messages,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Protocol; 2] = [Protocol::Chat, Protocol::Messages];

    /// The route.
    pub const fn route(self) -> &'static str {
        match self {
            Protocol::Chat => "/v1/chat/completions",
            Protocol::Messages => "/v1/messages",
        }
    }

    /// The format of its errors.
    pub const fn errors(self) -> ErrorFormat {
        match self {
            Protocol::Chat => ErrorFormat::OpenAi,
            Protocol::Messages => ErrorFormat::Anthropic,
        }
    }

    /// The API that passes its requests through.
    pub const fn raw_api(self) -> RawApi {
        match self {
            Protocol::Chat => RawApi::ChatCompletions,
            Protocol::Messages => RawApi::Messages,
        }
    }

    /// Reads a request.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with the field that is wrong.
    pub fn read(self, body: &[u8]) -> Result<Decoded, Refusal> {
        let read = match self {
            Protocol::Chat => chat::read(body),
            Protocol::Messages => messages::read(body),
        };
        read.map_err(|Invalid { message, param }| Refusal::Invalid(message, param))
    }

    /// Writes a whole answer.
    pub fn answer(self, reply: &Reply, id: &str) -> Value {
        let head = self.head(&reply.model, reply.id.as_deref().unwrap_or(id));
        match self {
            Protocol::Chat => chat::answer(reply, &head),
            Protocol::Messages => messages::answer(reply, &head),
        }
    }

    /// Writes a streamed answer.
    pub fn writer(self, model: &str, id: &str, include_usage: bool) -> Box<dyn StreamWriter> {
        let head = self.head(model, id);
        match self {
            Protocol::Chat => Box::new(chat::ChatStream::new(head, include_usage)),
            Protocol::Messages => Box::new(messages::MessageStream::new(head, id)),
        }
    }

    fn head(self, model: &str, id: &str) -> AnswerHead {
        let created = u64::try_from(Timestamp::now().as_second()).unwrap_or(0);
        let prefix = match self {
            Protocol::Chat => "chatcmpl-",
            Protocol::Messages => "msg_",
        };
        let id = match id.strip_prefix("req_") {
            Some(plain) => format!("{prefix}{plain}"),
            None => id.to_owned(),
        };
        AnswerHead::new(id, created, model)
    }
}
