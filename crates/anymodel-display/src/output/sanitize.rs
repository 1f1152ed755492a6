//! Foreign text, made harmless for where it goes.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::OutputTarget;

/// What all lines that evcxr takes for its own have in common.
const MARK: &str = "EVCXR_";

/// Makes what a model or a server has said harmless: control characters, which could drive a terminal, become their
/// pictures (`␛`), lines end in a line feed alone, and evcxr's marker is broken, so that it is shown and not obeyed.
///
/// The course's kernel does not listen to that marker, so there the text stays whole.
pub fn sanitize(text: &str) -> Cow<'_, str> {
    let speaks = text.contains(MARK) && !matches!(OutputTarget::here(), OutputTarget::Course(_));
    if !speaks && !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    // Windows ends its lines so, and models write for Windows.
    let pictured: String = text.replace("\r\n", "\n").chars().map(pictured).collect();
    if speaks {
        Cow::Owned(pictured.replace(MARK, "EVCXR\u{2060}_"))
    } else {
        Cow::Owned(pictured)
    }
}

fn acts(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t'
}

/// The picture of a character that would act; any other as it is.
fn pictured(c: char) -> char {
    match u32::from(c) {
        _ if !acts(c) => c,
        0x7f => '\u{2421}',
        code => char::from_u32(0x2400 + code)
            .filter(|_| code < 0x20)
            .unwrap_or('\u{fffd}'),
    }
}

/// Text for HTML: nothing in it can act.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let text = text.replace("\r\n", "\n");
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // A control character that HTML does not allow.
            c if acts(c) => {
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}
