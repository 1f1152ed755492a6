//! Conversion of text positions: byte offsets here, lines and columns in LSP.

/// The unit of columns, agreed on at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    /// The encoding that every language server supports.
    Utf16,
}

/// The last character boundary at or before `offset`.
pub(super) fn floor(source: &str, offset: usize) -> usize {
    source.floor_char_boundary(offset)
}

/// The line and the column of a byte, both counted from 0.
pub(super) fn position(source: &str, offset: usize, encoding: Encoding) -> (usize, usize) {
    let before = &source[..floor(source, offset)];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = match encoding {
        Encoding::Utf8 => before.len() - start,
        Encoding::Utf16 => before[start..].encode_utf16().count(),
    };
    (before.matches('\n').count(), column)
}

/// The byte at a line and a column; a column after the end of the line is the end.
pub(super) fn offset(source: &str, line: usize, column: usize, encoding: Encoding) -> usize {
    let mut start = 0;
    let mut text = "";
    for (number, piece) in source.split_inclusive('\n').enumerate() {
        if number == line {
            text = piece;
            break;
        }
        start += piece.len();
    }
    let within = match encoding {
        Encoding::Utf8 => floor(text, column),
        Encoding::Utf16 => {
            let mut units = 0;
            let past = text.char_indices().find(|(_, c)| {
                units += c.len_utf16();
                units > column
            });
            past.map_or(text.len(), |(at, _)| at)
        }
    };
    start + within
}

/// Whether a character can be part of a name.
pub(super) fn in_name(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The start of the name that ends at `offset`.
pub(super) fn name_start(source: &str, offset: usize) -> usize {
    let before = &source[..offset];
    before.trim_end_matches(in_name).len()
}

/// Whether `offset` is in a name or at either end of one.
pub(super) fn at_name(source: &str, offset: usize) -> bool {
    let (before, after) = source.split_at(offset);
    before.ends_with(in_name) || after.starts_with(in_name)
}

/// A position in the name of the called function when `offset` is between the brackets of its call, in one statement.
///
/// Brackets in strings count as well: then the answer is about another function or empty, which does
/// no harm.
pub(super) fn called(source: &str, offset: usize) -> Option<usize> {
    let mut open = 0usize;
    for (at, c) in source[..offset].char_indices().rev() {
        match c {
            ')' | ']' => open += 1,
            ';' | '{' | '}' => return None,
            '[' => open = open.checked_sub(1)?,
            '(' if open > 0 => open -= 1,
            '(' => {
                let name = source[..at].trim_end_matches('!').trim_end();
                return name
                    .ends_with(in_name)
                    .then(|| name_start(name, name.len()));
            }
            _ => {}
        }
    }
    None
}
