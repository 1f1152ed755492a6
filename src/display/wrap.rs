//! Long text in lines that fit a column.
//!
//! `tabled` can break at words too, but leaves the space at the start of the next line, and knows nothing of Chinese,
//! which has no spaces and may break between any two characters except before a closing mark.

use tabled::grid::util::string::{get_char_width, get_string_width};

/// Marks that never begin a line.
const CLOSING: &str = "，。；：？！、）》”’…";
/// Marks that never end a line.
const OPENING: &str = "（《“‘";

/// Breaks `text` into lines of at most `width` columns. A word is cut only when it is longer than a whole line.
pub(super) fn wrap(text: &str, width: usize) -> String {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for piece in pieces(paragraph) {
            if get_string_width(&line) + get_string_width(piece.trim_end()) > width {
                end(&mut line, &mut lines);
            }
            for c in piece.chars() {
                if !c.is_whitespace() && get_string_width(&line) + get_char_width(c) > width {
                    end(&mut line, &mut lines);
                }
                line.push(c);
            }
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

fn end(line: &mut String, lines: &mut Vec<String>) {
    if !line.is_empty() {
        lines.push(line.trim_end().to_owned());
        line.clear();
    }
}

/// The parts of a text that stay on one line: words with the space after them, and single wide characters.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        if before.is_some_and(|before| may_break(before, c)) {
            pieces.push(&text[start..at]);
            start = at;
        }
        before = Some(c);
    }
    pieces.push(&text[start..]);
    pieces
}

fn may_break(before: char, after: char) -> bool {
    let is_wide = |c: char| get_char_width(c) == 2;
    let after_space = before == ' ' && after != ' ';
    let in_chinese = is_wide(before) || is_wide(after);
    after_space
        || (in_chinese && after != ' ' && !CLOSING.contains(after) && !OPENING.contains(before))
}

/// The columns that the longest line of a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.lines().map(get_string_width).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_begin_with_none_of_the_space() {
        assert_eq!(wrap("one two three", 8), "one two\nthree");
        assert_eq!(wrap("one two", 7), "one two");
        assert_eq!(wrap("a\n\nb", 5), "a\n\nb");
    }

    #[test]
    fn a_word_longer_than_a_line_is_cut() {
        assert_eq!(wrap("to unbelievable", 6), "to\nunbeli\nevable");
    }

    #[test]
    fn chinese_breaks_between_characters_but_not_before_a_closing_mark() {
        assert_eq!(wrap("一二三四五", 6), "一二三\n四五");
        assert_eq!(wrap("一二三，四", 6), "一二\n三，四");
        assert_eq!(wrap("用 Rust 写", 7), "用 Rust\n写");
    }
}
