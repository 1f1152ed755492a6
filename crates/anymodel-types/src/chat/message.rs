//! Message: one message of a conversation, with its pictures and tool calls.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Role of a message: system, user, assistant or tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The system prompt.
    System,
    /// The person who asks.
    User,
    /// The model, in an earlier turn.
    Assistant,
    /// The result of a function that the model called.
    Tool,
}

impl Role {
    /// The word on the wire, such as `user`.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::Tool => "tool",
        }
    }
}

/// One message of a conversation.
///
/// ```
/// use anymodel::{Image, Message};
///
/// let plain = Message::user("What is recursion?");
/// let with_picture = Message::user("What is in the picture?").image(Image::url("https://example.org/cat.png"));
/// assert_eq!(with_picture.images.len(), 1);
/// # let _ = plain;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The role of its author.
    pub role: Role,
    /// The text.
    pub content: String,
    /// Pictures that go with the text of a user.
    pub images: Vec<Image>,
    /// The functions that the model called in this turn.
    pub tool_calls: Vec<ToolCall>,
    /// In a message of [`Role::Tool`]: the id of the call that it answers.
    pub tool_call_id: Option<String>,
    /// Data that the vendor wants back unchanged: signed reasoning and the like.
    pub state: Option<Value>,
    /// The origin of the message. The state is sent back to that platform and model alone.
    pub origin: Option<MessageOrigin>,
}

/// Origin of a message: one vendor refuses what another has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageOrigin {
    /// The platform's name in trails.
    pub platform: String,
    /// Its address, as [`Attempt::place`](crate::Attempt) has it: another server may have the same name.
    pub place: u64,
    /// The model that was asked.
    pub model: String,
}

impl Message {
    /// A system prompt, such as "Answer in one sentence."
    pub fn system(content: impl Into<String>) -> Self {
        Message::new(Role::System, content)
    }

    /// A question or statement of the person who asks.
    pub fn user(content: impl Into<String>) -> Self {
        Message::new(Role::User, content)
    }

    /// The model's answer in an earlier turn.
    pub fn assistant(content: impl Into<String>) -> Self {
        Message::new(Role::Assistant, content)
    }

    /// The result of a function; `call` is the [`ToolCall::id`] that it answers.
    pub fn tool(call: impl Into<String>, content: impl Into<String>) -> Self {
        Message {
            tool_call_id: Some(call.into()),
            ..Message::new(Role::Tool, content)
        }
    }

    /// Adds a picture.
    pub fn image(mut self, image: Image) -> Self {
        self.images.push(image);
        self
    }

    fn new(role: Role, content: impl Into<String>) -> Self {
        Message {
            role,
            content: content.into(),
            images: Vec::new(),
            tool_calls: Vec::new(),
            tool_call_id: None,
            state: None,
            origin: None,
        }
    }
}

/// A picture in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    /// The model's host fetches it from this address.
    Url(String),
    /// The bytes are part of the request.
    Data {
        /// Such as `image/png`.
        media_type: String,
        /// The file, in Base64.
        base64: String,
    },
}

impl Image {
    /// A picture at an address.
    pub fn url(url: impl Into<String>) -> Self {
        Image::Url(url.into())
    }

    /// A picture as bytes: its media type, such as `image/png`, and the bytes of the file. Where the bytes show another
    /// type, that type counts: screenshots are named `.png` and are JPEG, and hosts refuse a picture of the wrong type.
    pub fn data(media_type: impl Into<String>, bytes: &[u8]) -> Self {
        Image::Data {
            media_type: kind_of(bytes).map_or_else(|| media_type.into(), str::to_owned),
            base64: STANDARD.encode(bytes),
        }
    }

    /// The address, or the whole picture as a `data:` address.
    pub fn to_url(&self) -> String {
        match self {
            Image::Url(url) => url.clone(),
            Image::Data { media_type, base64 } => format!("data:{media_type};base64,{base64}"),
        }
    }
}

/// Tool call: a function that the model asks to run.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolCall {
    /// The platform's id of this call; its result carries the same.
    pub id: String,
    /// The function.
    pub name: String,
    /// Its arguments, as the JSON text that the model wrote, which may be invalid.
    pub arguments: String,
    /// Data that the vendor wants back unchanged with this call.
    pub state: Option<Value>,
}

impl ToolCall {
    /// A call as it might have come from a model.
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        arguments: impl Into<String>,
    ) -> Self {
        ToolCall {
            id: id.into(),
            name: name.into(),
            arguments: arguments.into(),
            state: None,
        }
    }
}

/// The media type that the first bytes of a picture show: that of PNG, JPEG, GIF or WebP.
fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("image/webp"),
        _ => None,
    }
}
