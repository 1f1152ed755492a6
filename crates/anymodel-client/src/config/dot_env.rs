//! Parser of `.env` files, entry by entry.
//!
//! The nearest such file may belong to another program, in a folder above, and its lines may have any format. So each entry
//! is parsed by itself: an invalid one is skipped, unless it sets a variable that this crate reads.

use std::borrow::Cow;

/// The error for an invalid entry of a variable that is read. Its value may be a key, so it is not kept.
pub(super) struct DotEnvError {
    pub name: String,
    /// Counted from 1.
    pub line: usize,
}

/// Decodes a file's bytes, also with a byte order mark, and in UTF-16.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    let utf16 = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units = bytes.as_chunks().0.iter().map(|unit| read(*unit));
        char::decode_utf16(units)
            .map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    };
    match bytes {
        [0xef, 0xbb, 0xbf, text @ ..] => String::from_utf8_lossy(text),
        [0xff, 0xfe, text @ ..] => Cow::Owned(utf16(text, u16::from_le_bytes)),
        [0xfe, 0xff, text @ ..] => Cow::Owned(utf16(text, u16::from_be_bytes)),
        text => String::from_utf8_lossy(text),
    }
}

/// The names and values of all valid entries.
pub(super) fn entries(
    text: &str,
    matters: impl Fn(&str) -> bool,
) -> Result<Vec<(String, String)>, DotEnvError> {
    let lines: Vec<&str> = text.lines().collect();
    // Parsed together, because a later value may refer to an earlier one.
    let mut good = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let name = name_of(line).filter(|name| matters(name));
        let rest = lines.get(at..).unwrap_or_default();
        let length = length_of(rest, &matters);
        let entry = rest
            .get(..length.unwrap_or(1))
            .unwrap_or_default()
            .join("\n");
        let is_text = !entry.contains(char::REPLACEMENT_CHARACTER);
        match (length, name) {
            (Some(_), _) if is_text => {
                good.push_str(&entry);
                good.push('\n');
            }
            (_, Some(name)) => {
                let name = name.to_owned();
                return Err(DotEnvError { name, line: at + 1 });
            }
            _ => {}
        }
        at += length.unwrap_or(1);
    }
    // Each entry was valid by itself, so this cannot fail.
    Ok(dotenvy::from_read_iter(good.as_bytes()).flatten().collect())
}

/// The number of lines of the entry that begins here; `None` when it is invalid. A quoted value may have several lines, and
/// none of them sets a variable that matters.
fn length_of(lines: &[&str], matters: impl Fn(&str) -> bool) -> Option<usize> {
    let first = lines.first()?;
    if is_entry(first) {
        return Some(1);
    }
    let (_, value) = first.split_once('=')?;
    let quote = value
        .trim_start()
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '\''))?;
    let mut entry = (*first).to_owned();
    for (number, line) in lines.iter().enumerate().skip(1) {
        if name_of(line).is_some_and(&matters) {
            return None;
        }
        entry.push('\n');
        entry.push_str(line);
        // The value can end only on a line with the quote.
        if line.contains(quote) && is_entry(&entry) {
            return Some(number + 1);
        }
    }
    None
}

fn is_entry(entry: &str) -> bool {
    dotenvy::from_read_iter(entry.as_bytes()).all(|entry| entry.is_ok())
}

/// The variable name at the beginning of a line.
fn name_of(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = line.find(|c| !is_part(c)).unwrap_or(line.len());
    line.get(..end).filter(|name| !name.is_empty())
}
