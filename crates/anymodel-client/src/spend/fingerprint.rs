//! Fingerprint: a hash that distinguishes questions without revealing them.

use std::fmt;

use ring::digest::{Context, SHA256};

use anymodel_types::{ChatRequest, Image, ResponseFormat, ToolChoice};

/// Fingerprint of a question: a hash of 128 bits, equal for equal questions.
///
/// It is the first half of a SHA-256 over everything that is said (roles, texts, pictures, functions, the form of the
/// answer), with every run of white space made one space. Sampling settings (temperature, seed, length) and the model are
/// no part of the question. The question cannot be read from it, but a guess of the question can be confirmed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    pub(crate) fn of(request: &ChatRequest) -> Self {
        let mut digest = Digest(Context::new(&SHA256));
        for message in &request.messages {
            digest.part(message.role.as_str());
            digest.part(&message.content);
            for image in &message.images {
                match image {
                    Image::Url(url) => digest.part(url),
                    Image::Data { media_type, base64 } => {
                        digest.part(media_type);
                        digest.part(base64);
                    }
                }
            }
            for call in &message.tool_calls {
                digest.part(&call.name);
                digest.part(&call.arguments);
            }
        }
        for tool in &request.tools {
            digest.part(&tool.name);
            digest.part(&tool.description);
            digest.part(&tool.parameters.to_string());
        }
        match &request.tool_choice {
            ToolChoice::Auto => {}
            other => digest.part(&format!("{other:?}")),
        }
        match &request.response_format {
            ResponseFormat::Text => {}
            ResponseFormat::JsonObject => digest.part("json"),
            ResponseFormat::JsonSchema { schema, .. } => digest.part(&schema.to_string()),
        }
        let whole = digest.0.finish();
        let mut half = [0; 16];
        half.copy_from_slice(&whole.as_ref()[..16]);
        Fingerprint(half)
    }

    /// The sixteen bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// From sixteen bytes that were stored.
    #[cfg(feature = "ledger")]
    pub(super) fn from_bytes(bytes: [u8; 16]) -> Self {
        Fingerprint(bytes)
    }
}

/// In hexadecimal digits; `{:.8}` gives the first eight.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        f.pad(&text)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self:.8}…)")
    }
}

struct Digest(Context);

impl Digest {
    /// Adds a text, and where it ends: `ab`, `c` is not `a`, `bc`.
    fn part(&mut self, text: &str) {
        for (place, word) in text.split_whitespace().enumerate() {
            if place > 0 {
                self.0.update(b" ");
            }
            self.0.update(word.as_bytes());
        }
        self.0.update(&[0]);
    }
}

/// The last question, for callers that keep its text.
pub(crate) fn question(request: &ChatRequest) -> &str {
    let asked = request.messages.iter().rev();
    let mut asked = asked.filter(|message| message.role == anymodel_types::Role::User);
    asked.next().map_or("", |message| message.content.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use anymodel_types::Message;

    fn of(messages: &[Message]) -> Fingerprint {
        Fingerprint::of(&ChatRequest {
            messages: messages.to_vec(),
            ..ChatRequest::default()
        })
    }

    #[test]
    fn white_space_and_the_way_of_choosing_make_no_other_question() {
        let plain = of(&[Message::user("What is recursion?")]);
        assert_eq!(plain, of(&[Message::user("  What is\n recursion? ")]));
        let warm = ChatRequest {
            messages: vec![Message::user("What is recursion?")],
            temperature: Some(1.0),
            max_tokens: Some(5),
            ..ChatRequest::default()
        };
        assert_eq!(plain, Fingerprint::of(&warm));
    }

    #[test]
    fn other_words_other_roles_and_other_ends_of_words_make_another() {
        let all = [
            of(&[Message::user("ab"), Message::user("c")]),
            of(&[Message::user("a"), Message::user("bc")]),
            of(&[Message::user("abc")]),
            of(&[Message::system("abc")]),
            of(&[Message::user("Abc")]),
            of(&[Message::user("a bc")]),
        ];
        for (place, one) in all.iter().enumerate() {
            assert!(!all[..place].contains(one), "{place}");
        }
        assert_eq!(format!("{:.8}", all[2]).len(), 8);
        assert_eq!(all[2].to_string().len(), 32);
    }
}
