//! Tokenizer of the normal form: nothing that could distinguish two questions is lost.
//!
//! Signs count (`C#` is not `C++`, `-5` not `5`), commas and ends of sentences are kept until they have been used, and a
//! possessive stays one.

/// Token: a word, a Chinese character, a number, a sign, a comma or the end of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub text: String,
    /// Written with a capital within a sentence, or with capitals only.
    pub name: bool,
}

/// The end of a sentence.
pub(super) const STOP: &str = ".";
pub(super) const COMMA: &str = ",";
/// The possessive mark, after the owner: `the dog 's tail`.
pub(super) const OWNS: &str = "'s";

/// Splits a text into tokens.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut all: Vec<Token> = Vec::with_capacity(24);
    let letters: Vec<char> = text.chars().map(plain).collect();
    let mut at = 0;
    while at < letters.len() {
        let c = letters[at];
        let next = letters.get(at + 1).copied().unwrap_or(' ');
        let first = all.last().is_none_or(|last| last.text == STOP);
        if is_han(c) {
            push(&mut all, c.to_string(), false);
            at += 1;
        } else if c.is_alphanumeric()
            || c == '_'
            || c == '.' && next.is_alphanumeric() && first_of_word(&letters, at)
        {
            let end = at
                + 1
                + letters[at + 1..]
                    .iter()
                    .zip(at + 1..)
                    .take_while(|(c, i)| inside(&letters, *i, **c))
                    .count();
            word(&mut all, &letters[at..end], first);
            at = end;
        } else {
            sign(&mut all, &letters, at);
            at += 1;
        }
    }
    while all
        .last()
        .is_some_and(|last| [STOP, COMMA].contains(&last.text.as_str()))
    {
        all.pop();
    }
    all
}

fn push(all: &mut Vec<Token>, text: String, name: bool) {
    all.push(Token { text, name });
}

/// Half width, one kind of apostrophe and dash.
fn plain(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\t' | '\u{a0}' => ' ',
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{2010}'..='\u{2014}' | '\u{2212}' => '-',
        _ => c,
    }
}

fn first_of_word(letters: &[char], at: usize) -> bool {
    at.checked_sub(1)
        .is_none_or(|before| letters[before] == ' ')
}

/// Whether a character is part of a word: a point or a comma between digits, a point within `node.js`, an apostrophe between
/// letters.
fn inside(letters: &[char], at: usize, c: char) -> bool {
    let before = letters[at - 1];
    let after = letters.get(at + 1).copied().unwrap_or(' ');
    let latin = |c: char| c.is_alphanumeric() && !is_han(c);
    match c {
        ',' => before.is_ascii_digit() && after.is_ascii_digit(),
        '.' => latin(before) && latin(after),
        '\'' => before.is_alphabetic() && after.is_alphabetic(),
        '_' => true,
        _ => latin(c),
    }
}

fn sign(all: &mut Vec<Token>, letters: &[char], at: usize) {
    let c = letters[at];
    let before = at.checked_sub(1).map_or(' ', |at| letters[at]);
    let after = letters.get(at + 1).copied().unwrap_or(' ');
    match c {
        ' ' | '"' | '\'' | '(' | ')' | '[' | ']' | '{' | '}' | '\u{201c}' | '\u{201d}'
        | '\u{300a}' | '\u{300b}' | '\u{3008}' | '\u{3009}' | '\u{300c}' | '\u{300d}'
        | '\u{3010}' | '\u{3011}' | '\u{2026}' | '`' | '\u{b7}' => {
            // The plural's possessive: `the users' data`.
            if c == '\'' && before == 's' && after == ' ' {
                push(all, OWNS.into(), false);
            }
        }
        '.' | '?' | '!' | ';' | ':' | '\u{3002}' | '\n' | '\r' => {
            let between = c == ':' && before.is_ascii_digit() && after.is_ascii_digit();
            if between {
                push(all, ":".into(), false);
            } else if all.last().is_some_and(|last| last.text != STOP) {
                if all.last().is_some_and(|last| last.text == COMMA) {
                    all.pop();
                }
                push(all, STOP.into(), false);
            }
        }
        ',' | '\u{3001}' => push(all, COMMA.into(), false),
        // `well-known` is two words; `-5` has a sign.
        '-' if before != ' ' || !after.is_ascii_digit() => {
            let dash =
                before == ' ' && after == ' ' && all.last().is_some_and(|last| last.text != STOP);
            if dash {
                push(all, COMMA.into(), false);
            }
        }
        _ => push(all, c.to_string(), false),
    }
}

/// Capitals that distinguish a word: `US` is not `us`.
const SHOUTED: [&str; 12] = [
    "us", "it", "who", "or", "in", "is", "am", "be", "can", "may", "will", "do",
];

fn word(all: &mut Vec<Token>, raw: &[char], first: bool) {
    let low: String = raw.iter().flat_map(|c| c.to_lowercase()).collect();
    let upper = |c: &char| c.is_uppercase();
    let shouted = raw.len() > 1 && raw.iter().filter(|c| upper(c)).count() > 1;
    let name =
        shouted || !first && raw.first().is_some_and(upper) && low != "i" && !low.starts_with("i'");
    let digits = low.len()
        - low
            .trim_start_matches(|c: char| c.is_ascii_digit() || ".,".contains(c))
            .len();
    if digits == low.len() {
        let figures = low.replace(',', "");
        let figures = match figures.split_once('.') {
            Some((whole, rest)) if rest.chars().all(|c| c == '0') && !rest.contains('.') => {
                whole.to_owned()
            }
            _ => figures,
        };
        push(all, figures, false);
    } else if digits > 0 && CLOSE.contains(&&low[digits..]) {
        push(all, low[..digits].replace(',', ""), false);
        push(all, low[digits..].to_owned(), false);
    } else if shouted && SHOUTED.contains(&low.as_str()) {
        push(all, low.to_uppercase(), true);
    } else if let Some((word, rest)) = contraction(&low) {
        push(all, word.to_owned(), false);
        push(all, rest.to_owned(), false);
    } else if let Some(word) = low.strip_suffix("'s") {
        push(all, word.to_owned(), name);
        push(all, OWNS.into(), false);
    } else {
        let meridiem = matches!(low.as_str(), "a.m" | "p.m" | "am" | "pm")
            && all
                .last()
                .is_some_and(|last| last.text.chars().all(|c| c.is_ascii_digit()));
        let low = if meridiem {
            format!("{}.m", &low[..1])
        } else {
            low.replace('\'', "")
        };
        push(all, low, name);
    }
}

/// Units that are often written without a space after the number.
const CLOSE: [&str; 25] = [
    "mm", "cm", "m", "km", "g", "kg", "mg", "ml", "l", "ms", "s", "min", "h", "kb", "mb", "gb",
    "tb", "w", "kw", "kwh", "v", "hz", "am", "pm", "lb",
];

/// `don't` is `do not`.
fn contraction(word: &str) -> Option<(&str, &'static str)> {
    Some(match word {
        "can't" | "cannot" => ("can", "not"),
        "won't" => ("will", "not"),
        "shan't" => ("shall", "not"),
        "let's" => ("let", "us"),
        "what's" | "who's" | "where's" | "how's" | "when's" | "why's" | "it's" | "that's"
        | "there's" | "he's" | "she's" => (&word[..word.len() - 2], "is"),
        "dont" => ("do", "not"),
        "doesnt" => ("does", "not"),
        "whats" => ("what", "is"),
        "wheres" => ("where", "is"),
        _ => [
            ("n't", "not"),
            ("'m", "am"),
            ("'re", "are"),
            ("'ve", "have"),
            ("'ll", "will"),
            ("'d", "would"),
        ]
        .into_iter()
        .find_map(|(end, full)| Some((word.strip_suffix(end)?, full)))?,
    })
}

/// Whether a character is Chinese.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{f900}'..='\u{faff}')
}

/// How many words and Chinese characters a text has.
pub(super) fn length(text: &str) -> usize {
    let (mut count, mut in_word) = (0, false);
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        if is_han(c) {
            count += 1;
            in_word = false;
        } else if c.is_alphanumeric() {
            count += usize::from(!in_word);
            in_word = true;
        } else {
            // `3.5`, `don't`, `node.js`, `file_name`.
            let inside = matches!(c, '.' | ',' | '\'' | '\u{2019}' | '_');
            let goes_on = letters
                .peek()
                .is_some_and(|next| next.is_alphanumeric() && !is_han(*next));
            in_word &= inside && goes_on;
        }
    }
    count
}

impl Token {
    /// A word that is no name.
    pub fn plain(text: &str) -> Self {
        Token {
            text: text.to_owned(),
            name: false,
        }
    }
}
