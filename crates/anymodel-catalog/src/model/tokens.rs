//! Token counts: exact for OpenAI's models, estimated for all others.
//!
//! - [`count`](fn@count): a conversation for one model, and whether the number is exact
//! - [`estimate`], [`estimate_messages`], [`pieces`]: a small, fast estimate for any text
//!
//! Each model family has its own tokenizer, and exact vocabularies weigh megabytes: those of OpenAI come with the feature
//! `tokens`, those of others are not available offline. The estimate splits text by a simple rule: up to six letters of a
//! word, up to three digits, one Chinese, Japanese or Korean character, one punctuation mark, each with the space before
//! it. For the course's own English and Chinese answers it is a fifth to a third above OpenAI's o200k vocabulary, so a
//! budget made with it holds; for other scripts and for code it is rough. Use the platform's usage for money, and this for
//! estimates before a request.

mod count;

pub use count::{TokenCount, count};

/// Tokens that a chat template adds around each message.
const PER_MESSAGE: u64 = 3;
/// Tokens that prime the answer.
const PER_ANSWER: u64 = 3;

/// The estimated number of tokens in `text`. The same text always gives the same number.
pub fn estimate(text: &str) -> u64 {
    pieces(text).count() as u64
}

/// The estimated number of tokens in a conversation of (role, text), with the chat template.
pub fn estimate_messages<'a>(messages: impl IntoIterator<Item = (&'a str, &'a str)>) -> u64 {
    messages
        .into_iter()
        .map(|(role, text)| PER_MESSAGE + estimate(role) + estimate(text))
        .sum::<u64>()
        + PER_ANSWER
}

/// Splits `text` into the pieces that [`estimate`] counts; joined, they are the text.
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = rest.split_at(first_piece(rest));
        rest = after;
        Some(piece)
    })
}

#[derive(PartialEq, Clone, Copy)]
enum Kind {
    Space,
    Letter,
    Digit,
    Alone,
}

fn kind(c: char) -> Kind {
    match c {
        c if c.is_whitespace() => Kind::Space,
        '0'..='9' => Kind::Digit,
        // From here on: scripts whose characters are words or syllables, and the emoji.
        '\u{2E80}'.. => Kind::Alone,
        c if c.is_alphabetic() => Kind::Letter,
        _ => Kind::Alone,
    }
}

/// The length of the first piece in bytes: one space may lead it, longer white space is a piece of its own.
fn first_piece(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    let mut end = 0;
    let mut spaces = 0;
    while let Some((at, c)) = chars.next_if(|(_, c)| kind(*c) == Kind::Space) {
        end = at + c.len_utf8();
        spaces += 1;
    }
    if spaces > 1 || (spaces == 1 && !text.starts_with(' ')) {
        return end;
    }
    let Some(&(_, first)) = chars.peek() else {
        return end;
    };
    let kind_of_piece = kind(first);
    let longest = match kind_of_piece {
        Kind::Letter => 6,
        Kind::Digit => 3,
        Kind::Alone | Kind::Space => 1,
    };
    for (at, c) in chars.take(longest) {
        if kind(c) != kind_of_piece {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}
