//! A question taken apart into words.
//!
//! Latin words, Chinese characters and numbers become tokens over one normalised text: lower case, half width, contractions
//! written out, one space between Latin words and none between Chinese characters. A phrase is then a slice of that text, so
//! that looking one up copies nothing.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    Latin,
    Han,
    Number,
    /// `%`, `$` and the like.
    Sign,
}

/// A word, a Chinese character, a number or a sign.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub start: usize,
    pub end: usize,
    pub script: Script,
    /// Looks like a name: a capital within the sentence, a digit or an underscore within the word.
    pub name: bool,
}

/// A normalised text and its tokens.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub text: String,
    pub tokens: Vec<Token>,
}

impl Words {
    /// Takes a text apart.
    pub fn of(text: &str) -> Self {
        let mut words = Words {
            text: String::with_capacity(text.len() + 16),
            tokens: Vec::new(),
        };
        let mut first = true;
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let c_half = half_width(c);
            if is_han(c) {
                words.push(&rest[..c.len_utf8()], Script::Han, false);
                rest = &rest[c.len_utf8()..];
                first = false;
            } else if c_half.is_alphanumeric() {
                let end = word_end(rest);
                words.latin(&rest[..end], first);
                rest = &rest[end..];
                first = false;
            } else {
                if "%$€£¥".contains(c_half) {
                    words.push(c_half.encode_utf8(&mut [0; 4]), Script::Sign, false);
                }
                first |= ".?!。？！:：".contains(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        words
    }

    /// The words from one token to another, that one included.
    pub fn slice(&self, from: usize, to: usize) -> &str {
        &self.text[self.tokens[from].start..self.tokens[to].end]
    }

    /// One written word: a contraction becomes two, `50mm` a number and a unit.
    fn latin(&mut self, raw: &str, first: bool) {
        let low: String = raw
            .chars()
            .map(half_width)
            .flat_map(char::to_lowercase)
            .collect();
        let low = low.replace('\u{2019}', "'");
        let digits = low.len()
            - low
                .trim_start_matches(|c: char| c.is_ascii_digit() || ".,".contains(c))
                .len();
        if digits == low.len() {
            self.push(&low.replace(',', ""), Script::Number, false);
        } else if digits > 0 && UNITS_WRITTEN_CLOSE.contains(&&low[digits..]) {
            self.push(&low[..digits].replace(',', ""), Script::Number, false);
            self.push(&low[digits..], Script::Latin, false);
        } else if let Some((word, rest)) = contraction(&low) {
            self.push(word, Script::Latin, false);
            self.push(rest, Script::Latin, false);
        } else {
            let word = low.strip_suffix("'s").unwrap_or(&low).replace('\'', "");
            let mut letters = raw.chars();
            let capital = letters.next().is_some_and(char::is_uppercase);
            let shouted = capital && letters.any(char::is_uppercase);
            let odd = digits > 0 || word.contains(|c: char| c == '_' || c.is_ascii_digit());
            let name = odd || shouted || capital && !first && word != "i";
            self.push(&word, Script::Latin, name);
        }
    }

    fn push(&mut self, word: &str, script: Script, name: bool) {
        let together =
            script == Script::Han && self.tokens.last().is_some_and(|t| t.script == Script::Han);
        if !self.text.is_empty() && !together {
            self.text.push(' ');
        }
        let start = self.text.len();
        self.text.push_str(word);
        self.tokens.push(Token {
            start,
            end: self.text.len(),
            script,
            name,
        });
    }
}

/// Units that are often written without a space after the number.
const UNITS_WRITTEN_CLOSE: [&str; 22] = [
    "mm", "cm", "m", "km", "g", "kg", "mg", "ml", "l", "ms", "s", "min", "h", "kb", "mb", "gb",
    "tb", "w", "kw", "kwh", "v", "hz",
];

/// Where the word ends that the text begins with: a point or a comma belongs to it between digits only, an apostrophe between
/// letters.
fn word_end(text: &str) -> usize {
    let mut before = ' ';
    let mut letters = text.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        let c = half_width(c);
        let after = letters.peek().map_or(' ', |(_, c)| half_width(*c));
        let inside = match c {
            '.' | ',' => before.is_ascii_digit() && after.is_ascii_digit(),
            '\'' | '\u{2019}' => before.is_alphabetic() && after.is_alphabetic(),
            '_' => true,
            _ => c.is_alphanumeric() && !is_han(c),
        };
        if !inside {
            return at;
        }
        before = c;
    }
    text.len()
}

/// `don't` is `do not`.
fn contraction(word: &str) -> Option<(&str, &'static str)> {
    Some(match word {
        "can't" => ("can", "not"),
        "won't" => ("will", "not"),
        "shan't" => ("shall", "not"),
        "let's" => ("let", "us"),
        "what's" | "who's" | "where's" | "how's" | "when's" | "why's" | "it's" | "that's"
        | "there's" | "he's" | "she's" => (&word[..word.len() - 2], "is"),
        _ => {
            let (at, full) = [
                ("n't", "not"),
                ("'m", "am"),
                ("'re", "are"),
                ("'ve", "have"),
                ("'ll", "will"),
                ("'d", "would"),
            ]
            .into_iter()
            .find_map(|(end, full)| Some((word.strip_suffix(end)?, full)))?;
            (at, full)
        }
    })
}

/// A full-width letter, digit or sign as its half-width twin.
fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// Whether a character is Chinese.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{f900}'..='\u{faff}')
}

/// An English word without its ending: `changing`, `changes` and `changed` are one word.
pub(super) fn stem(word: &str) -> &str {
    if !word.is_ascii() || word.len() < 4 {
        return word;
    }
    const ENDINGS: [(&str, usize); 16] = [
        ("ations", 4),
        ("ation", 4),
        ("ingly", 4),
        ("ments", 4),
        ("ment", 4),
        ("ions", 4),
        ("ion", 4),
        ("ings", 3),
        ("ing", 3),
        ("ies", 3),
        ("ied", 3),
        ("ed", 3),
        ("es", 3),
        ("s", 3),
        ("ly", 4),
        ("al", 5),
    ];
    let mut cut = word;
    for (end, at_least) in ENDINGS {
        let Some(base) = word.strip_suffix(end) else {
            continue;
        };
        let spoken = base.contains(['a', 'e', 'i', 'o', 'u', 'y']);
        if base.len() >= at_least && spoken && !(end == "s" && base.ends_with('s')) {
            cut = base;
            break;
        }
    }
    let bytes = cut.as_bytes();
    let n = bytes.len();
    // `stopp` from `stopped`, `chang` and `change` alike.
    if cut.len() < word.len()
        && n > 3
        && bytes[n - 1] == bytes[n - 2]
        && !b"lsz".contains(&bytes[n - 1])
    {
        return &cut[..n - 1];
    }
    if n > 3 && (cut.ends_with('e') || cut.ends_with('y') || cut.ends_with('i')) {
        &cut[..n - 1]
    } else {
        cut
    }
}
