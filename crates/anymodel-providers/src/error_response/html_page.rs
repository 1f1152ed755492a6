//! HTML error pages → text. An edge, a proxy or a wrong address answers with a page.

/// The most parts of a page that are kept: its title and first lines contain the cause.
const PARTS: usize = 8;
/// The most of a page that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// The readable parts of a page; `None` when the body is no page, or has no readable text.
pub(super) fn text(body: &str) -> Option<String> {
    if !is_page(body) {
        return None;
    }
    let mut parts: Vec<String> = Vec::new();
    let mut rest = &body[..body.floor_char_boundary(LONGEST)];
    while let Some(start) = rest.find('<') {
        add(&mut parts, &rest[..start]);
        let tag = &rest[start..];
        rest = after(tag)?;
    }
    add(&mut parts, rest);
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Whether this is HTML or XML.
pub(super) fn is_page(body: &str) -> bool {
    let mut start = body.trim_start().chars();
    start.next() == Some('<')
        && start
            .next()
            .is_some_and(|c| c.is_alphabetic() || matches!(c, '!' | '?'))
}

/// The text after a tag; after the whole element for a script or style.
fn after(tag: &str) -> Option<&str> {
    for (name, end) in [
        ("<script", "</script"),
        ("<style", "</style"),
        ("<!--", "-->"),
    ] {
        let begins = tag
            .get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name));
        if begins && let Some(at) = tag.to_ascii_lowercase().find(end) {
            let rest = &tag[at..];
            return Some(rest.find('>').map_or("", |end| &rest[end + 1..]));
        }
    }
    Some(tag.find('>').map_or("", |end| &tag[end + 1..]))
}

fn add(parts: &mut Vec<String>, text: &str) {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text, |text, (name, sign)| text.replace(name, sign));
    let says = text.chars().any(char::is_alphanumeric);
    if says && parts.len() < PARTS && !parts.contains(&text) {
        parts.push(text);
    }
}
