//! Surface features of a question, for the classifier: its length, and which scripts, punctuation marks and mathematical
//! operators are in it.

use super::text::{Letter, is_chinese};

/// Names the features that are there, each once.
pub(super) fn shape(letters: &[Letter], mut name: impl FnMut(&str)) {
    let count = |is: fn(&Letter) -> bool| letters.iter().filter(|letter| is(letter)).count();
    let has = |text: &str| {
        let wanted: Vec<char> = text.chars().collect();
        letters.windows(wanted.len().max(1)).any(|run| {
            run.iter()
                .zip(&wanted)
                .all(|(letter, wanted)| letter.shown == *wanted)
        })
    };

    let chinese = count(|letter| letter.is_chinese());
    let latin = count(|letter| letter.written.is_ascii_alphabetic());
    // A Chinese character says about as much as three Latin letters.
    let length = latin + 3 * chinese;
    name(match length {
        0..12 => "very short",
        12..30 => "short",
        30..60 => "middling",
        60..110 => "longish",
        110..180 => "long",
        _ => "very long",
    });
    if chinese > 0 {
        name("chinese");
        name(if latin > 0 {
            "chinese and latin"
        } else {
            "chinese alone"
        });
    }

    // A script other than that of the question itself often marks the text to be translated.
    for (script, is) in SCRIPTS {
        if letters.iter().any(|letter| is(letter.shown)) {
            name(script);
            name("foreign letters");
        }
    }

    let digits = count(|letter| letter.shown == '0');
    match digits {
        0 => name("no digits"),
        1..=2 => name("few digits"),
        _ => name("many digits"),
    }
    if letters.windows(3).any(is_sum) {
        name("a sum");
    }
    if letters
        .iter()
        .any(|letter| "=+*^√∫∑²³×÷±≤≥≠∞π%∠°Σ|→∂".contains(letter.written))
    {
        name("operators");
    }
    if letters
        .iter()
        .any(|letter| "√∫∑²³×÷≤≥∞πΣⁿ₁ₙ".contains(letter.written))
    {
        name("mathematical letters");
    }

    let mut code = 0;
    for mark in [
        "{", "}", "()", "();", "::", "->", "=>", "==", "!=", "&&", "[]", "`", "</", "/>", "__",
        "//", "\\", "$",
    ] {
        if has(mark) {
            code += 1;
        }
    }
    if letters.windows(3).any(is_name_in_code) {
        name("a name as in code");
        code += 1;
    }
    match code {
        0 => {}
        1 => name("a code mark"),
        _ => name("code marks"),
    }

    let last = letters
        .iter()
        .rev()
        .nth(1)
        .map_or(' ', |letter| letter.shown);
    match last {
        '?' => name("ends with a question mark"),
        '.' => name("ends with a full stop"),
        '!' => name("ends with an exclamation mark"),
        _ => name("ends without a mark"),
    }
    if count(|letter| letter.shown == '"') >= 2 {
        name("quotes");
    }
    if has("《") {
        name("a title");
    }
    if has("___") || has("...") || has("…") {
        name("an ellipsis");
    }
    let stops = count(|letter| ".?!;".contains(letter.shown));
    let commas = count(|letter| letter.shown == ',');
    name(match stops {
        0..=1 => "one sentence",
        2 => "two sentences",
        _ => "many sentences",
    });
    name(match commas {
        0 => "no commas",
        1..=2 => "few commas",
        _ => "many commas",
    });
}

type Is = fn(char) -> bool;
const SCRIPTS: [(&str, Is); 6] = [
    (
        "accents",
        |letter| matches!(letter, '\u{e0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' | '¿' | '¡'),
    ),
    ("cyrillic", |letter| matches!(letter, '\u{400}'..='\u{52f}')),
    ("kana", |letter| matches!(letter, '\u{3041}'..='\u{30ff}')),
    (
        "hangul",
        |letter| matches!(letter, '\u{ac00}'..='\u{d7af}' | '\u{1100}'..='\u{11ff}'),
    ),
    ("arabic or hebrew", |letter| {
        matches!(letter, '\u{590}'..='\u{6ff}')
    }),
    ("thai or indian", |letter| {
        matches!(letter, '\u{900}'..='\u{eff}')
    }),
];

/// `3+4`, `2x`, `x = `: a digit or a single letter beside an operator.
fn is_sum(run: &[Letter]) -> bool {
    let [a, b, c] = run else { return false };
    let side = |letter: &Letter| {
        letter.shown == '0' || letter.shown.is_ascii_alphabetic() || "() ".contains(letter.shown)
    };
    "+-*/^=×÷".contains(b.shown) && side(a) && side(c) && (a.shown == '0' || c.shown == '0')
}

/// `snake_case`, `camelCase` or `a.b(`.
fn is_name_in_code(run: &[Letter]) -> bool {
    let [a, b, c] = run else { return false };
    let small = |letter: &Letter| letter.written.is_ascii_lowercase();
    (small(a) && b.written.is_ascii_uppercase() && c.written.is_ascii_lowercase())
        || (small(a) && "_.".contains(b.shown) && small(c) && !is_chinese(b.shown))
}
