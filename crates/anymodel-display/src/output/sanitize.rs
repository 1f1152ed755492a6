//! Sanitizing of foreign text for terminals, notebooks and HTML.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::OutputTarget;

/// The prefix of all lines that evcxr takes as commands.
const MARK: &str = "EVCXR_";

/// Sanitizes the text of a model or a server. Control characters, which could control a terminal, become their
/// pictures (`␛`). Lines end in a line feed alone. evcxr's marker is broken up, so that it is shown and not executed.
///
/// The course's kernel does not use that marker, so there the text stays unchanged.
pub fn sanitize(text: &str) -> Cow<'_, str> {
    let speaks = text.contains(MARK) && !matches!(OutputTarget::here(), OutputTarget::Course(_));
    if !speaks && !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    // Windows line ends, which models write too.
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

/// The picture of a control character; any other character unchanged.
fn pictured(c: char) -> char {
    match u32::from(c) {
        _ if !acts(c) => c,
        0x7f => '\u{2421}',
        code => char::from_u32(0x2400 + code)
            .filter(|_| code < 0x20)
            .unwrap_or('\u{fffd}'),
    }
}

/// Escapes text for HTML.
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
