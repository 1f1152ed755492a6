//! One turn of a conversation.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Who says a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// Standing orders for the model.
    System,
    /// The person who asks.
    User,
    /// The model, in an earlier turn.
    Assistant,
    /// A function that the model called: what it gave back.
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

/// One turn of a conversation.
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
#[non_exhaustive]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub content: String,
    /// Pictures that go with the text of a user.
    pub images: Vec<Image>,
    /// The functions that the model called in this turn.
    pub tool_calls: Vec<ToolCall>,
    /// In a turn of [`Role::Tool`]: which call this answers.
    pub tool_call_id: Option<String>,
    /// What the vendor wants back unchanged: signed thoughts and the like.
    pub(crate) state: Option<Value>,
    /// Whose words these are. A state goes back to them and to nobody else.
    pub(crate) origin: Option<MessageOrigin>,
}

/// Who said a message: what one vendor signs, another refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MessageOrigin {
    /// The platform's name in trails.
    pub platform: String,
    /// Its address, as [`Attempt::place`](crate::Attempt) has it: another server may have the same name.
    pub place: u64,
    /// The model that was asked.
    pub model: String,
}

impl Message {
    /// Standing orders for the model, such as "Answer in one sentence."
    pub fn system(content: impl Into<String>) -> Self {
        Message::new(Role::System, content)
    }

    /// A question or statement of the person who asks.
    pub fn user(content: impl Into<String>) -> Self {
        Message::new(Role::User, content)
    }

    /// What the model said in an earlier turn.
    pub fn assistant(content: impl Into<String>) -> Self {
        Message::new(Role::Assistant, content)
    }

    /// What a function gave back; `call` is the [`ToolCall::id`] that it answers.
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
#[non_exhaustive]
pub enum Image {
    /// The model's host fetches it from this address.
    Url(String),
    /// It goes with the request.
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

    /// A picture at hand: what kind it is, such as `image/png`, and the bytes of the file. Where the bytes say what kind it
    /// is, they count: screenshots are named `.png` and are JPEG, and hosts refuse what is not what it is called.
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

/// A function that the model wants called.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ToolCall {
    /// The platform's number for this call; the answer to it carries the same.
    pub id: String,
    /// The function.
    pub name: String,
    /// Its arguments, as the JSON text that the model wrote: it need not be valid.
    pub arguments: String,
    /// What the vendor wants back unchanged with this call.
    pub(crate) state: Option<Value>,
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

/// The media type that the first bytes of a picture tell: that of PNG, JPEG, GIF or WebP.
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
