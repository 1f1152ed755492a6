//! Protocol: what a route speaks.

use anymodel_client::RawApi;
use anymodel_sandbox::protocol::{
    AnswerHead, Decoded, Invalid, StreamWriter, chat, messages, responses,
};
use anymodel_types::Reply;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::embeddings;
use crate::refusal::{ErrorFormat, Refusal};

/// The protocol of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// OpenAI's chat completions.
    Chat,
    /// OpenAI's Responses.
    Responses,
    /// Anthropic's Messages.
    Messages,
    /// OpenAI's embeddings.
    Embeddings,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Protocol; 4] = [
        Protocol::Chat,
        Protocol::Responses,
        Protocol::Messages,
        Protocol::Embeddings,
    ];

    /// The route.
    pub const fn route(self) -> &'static str {
        match self {
            Protocol::Chat => "/v1/chat/completions",
            Protocol::Responses => "/v1/responses",
            Protocol::Messages => "/v1/messages",
            Protocol::Embeddings => "/v1/embeddings",
        }
    }

    /// The format of its errors.
    pub const fn errors(self) -> ErrorFormat {
        match self {
            Protocol::Messages => ErrorFormat::Anthropic,
            _ => ErrorFormat::OpenAi,
        }
    }

    /// The API that passes its requests through.
    pub const fn raw_api(self) -> RawApi {
        match self {
            Protocol::Chat => RawApi::ChatCompletions,
            Protocol::Responses => RawApi::Responses,
            Protocol::Messages => RawApi::Messages,
            Protocol::Embeddings => RawApi::Embeddings,
        }
    }

    /// Reads a request.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with the field that is wrong.
    pub fn read(self, body: &[u8]) -> Result<Decoded, Refusal> {
        let read = match self {
            Protocol::Chat => chat::read(body),
            Protocol::Responses => responses::read(body),
            Protocol::Messages => messages::read(body),
            Protocol::Embeddings => embeddings::read(body),
        };
        read.map_err(|Invalid { message, param }| Refusal::Invalid(message, param))
    }

    /// Writes a whole answer. `echo` holds the fields of the request that an answer repeats.
    pub fn answer(self, reply: &Reply, id: &str, echo: &Map<String, Value>) -> Value {
        let head = self.head(&reply.model, reply.id.as_deref().unwrap_or(id));
        match self {
            Protocol::Chat => chat::answer(reply, &head),
            Protocol::Responses => responses::answer(reply, &head, echo),
            Protocol::Messages => messages::answer(reply, &head),
            // Platforms without embeddings are not asked, so there is nothing to translate.
            Protocol::Embeddings => json!({ "object": "list", "data": [], "model": reply.model }),
        }
    }

    /// Writes a streamed answer.
    pub fn writer(
        self,
        model: &str,
        id: &str,
        include_usage: bool,
        echo: &Map<String, Value>,
    ) -> Box<dyn StreamWriter> {
        let head = self.head(model, id);
        match self {
            Protocol::Responses => Box::new(responses::ResponseStream::new(head, echo.clone())),
            Protocol::Messages => Box::new(messages::MessageStream::new(head, id)),
            _ => Box::new(chat::ChatStream::new(head, include_usage)),
        }
    }

    fn head(self, model: &str, id: &str) -> AnswerHead {
        let created = u64::try_from(Timestamp::now().as_second()).unwrap_or(0);
        let prefix = match self {
            Protocol::Responses => "resp_",
            Protocol::Messages => "msg_",
            _ => "chatcmpl-",
        };
        let id = match id.strip_prefix("req_") {
            Some(plain) => format!("{prefix}{plain}"),
            None => id.to_owned(),
        };
        AnswerHead::new(id, created, model)
    }
}
