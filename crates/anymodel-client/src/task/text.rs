//! Text normalisation of a question: lower case, one kind of digit, one kind of question mark.

/// Marks the beginning and the end of a question.
const START: char = '\u{2}';
const END: char = '\u{3}';

/// So many characters are read at the beginning of a question, and so many at its end. The first lines of a pasted file of
/// a thousand lines show what it is, and the question often stands in the last.
const HEAD: usize = 200;
const TAIL: usize = 100;

/// A character of the question as the classifier sees it, with its position.
#[derive(Clone, Copy, Debug)]
pub(super) struct Letter {
    /// Lower case; every digit is a `0`; Chinese punctuation as its Latin twin.
    pub shown: char,
    /// As it was written.
    pub written: char,
    /// Its first byte in the question.
    pub from: usize,
    /// The byte after it.
    pub to: usize,
}

impl Letter {
    pub fn is_chinese(&self) -> bool {
        is_chinese(self.shown)
    }

    /// Belongs to a word as Latin, Greek or Cyrillic have them. `c++`, `c#` and `don't` are words.
    pub fn is_in_word(&self) -> bool {
        let letter = self.shown;
        !is_chinese(letter) && (letter.is_alphanumeric() || "+#'_".contains(letter))
    }
}

pub(super) fn is_chinese(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2fa1f}')
}

/// The letters between a start mark and an end mark. White space of any length is one space.
pub(super) fn letters(question: &str) -> Vec<Letter> {
    let count = question.chars().count();
    let end = question.len();
    let mut letters = vec![mark(START, 0)];
    let mut space = true;
    for (place, (from, written)) in question.char_indices().enumerate() {
        if place >= HEAD && place + TAIL < count {
            continue;
        }
        if written.is_whitespace() && space {
            continue;
        }
        space = written.is_whitespace();
        letters.push(Letter {
            shown: alike(written),
            written,
            from,
            to: from + written.len_utf8(),
        });
    }
    if space && letters.len() > 1 {
        letters.pop();
    }
    letters.push(mark(END, end));
    letters
}

fn mark(shown: char, place: usize) -> Letter {
    Letter {
        shown,
        written: shown,
        from: place,
        to: place,
    }
}

fn alike(letter: char) -> char {
    match letter {
        letter if letter.is_whitespace() => ' ',
        letter if letter.is_numeric() && !is_chinese(letter) && letter.is_ascii() => '0',
        '？' => '?',
        '！' => '!',
        '，' | '、' => ',',
        '。' => '.',
        '：' => ':',
        '；' => ';',
        '（' => '(',
        '）' => ')',
        '“' | '”' | '「' | '」' | '『' | '』' | '«' | '»' => '"',
        '’' | '‘' => '\'',
        letter => letter.to_lowercase().next().unwrap_or(letter),
    }
}
