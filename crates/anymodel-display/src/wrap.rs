//! Text wrapping: breaks long text into lines that fit a column.
//!
//! `textwrap` fills the lines. This module decides where a line may break: Chinese has no spaces and may break between
//! any two characters, but not before a closing mark or after an opening one. (`textwrap`'s own feature for that links the
//! break tables of all scripts, five crates more in every notebook.)

use textwrap::core::{Word, display_width};
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};
use unicode_width::UnicodeWidthChar;

/// Marks that never begin a line.
const CLOSING: &str = "，。；：？！、）》”’…」』】〉〕％·～";
/// Marks that never end a line.
const OPENING: &str = "（《“‘「『【〈〔";

/// Breaks `text` into lines of at most `width` columns. A word is cut only when it is longer than a whole line.
pub(super) fn wrap(text: &str, width: usize) -> String {
    let options = Options::new(width)
        .word_separator(WordSeparator::Custom(words))
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    let lines = text.lines().flat_map(|line| textwrap::wrap(line, &options));
    lines.collect::<Vec<_>>().join("\n")
}

/// The unbreakable parts of a text: words with the space after them, and single wide characters.
fn words(text: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let pairs = text.char_indices().zip(text.chars().skip(1));
    let breaks = pairs
        .filter(|((_, before), after)| may_break(*before, *after))
        .map(|((at, before), _)| at + before.len_utf8());
    let mut start = 0;
    Box::new(breaks.chain([text.len()]).map(move |end| {
        let word = &text[start..end];
        start = end;
        Word::from(word)
    }))
}

fn may_break(before: char, after: char) -> bool {
    let is_wide = |c: char| c.width() == Some(2);
    let after_space = before == ' ' && after != ' ';
    let in_chinese = is_wide(before) || is_wide(after);
    after_space
        || (in_chinese && after != ' ' && !CLOSING.contains(after) && !OPENING.contains(before))
}

/// The width of a text's longest line, in columns.
pub(super) fn columns(text: &str) -> usize {
    text.lines().map(display_width).max().unwrap_or(0)
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

    #[test]
    fn no_chinese_line_begins_with_a_closing_mark_or_ends_with_an_opening_one() {
        assert_eq!(wrap("它叫「递归」，", 7), "它叫\n「递\n归」，");
        assert_eq!(
            wrap("见【第三课】和〈附录〉", 8),
            "见【第三\n课】和\n〈附录〉"
        );
        assert_eq!(wrap("便宜了五十％吗", 10), "便宜了五\n十％吗");
    }

    #[test]
    fn a_wide_character_wider_than_the_column_still_has_a_line() {
        assert_eq!(wrap("一二", 1), "一\n二");
        assert_eq!(wrap("", 5), "");
    }
}
