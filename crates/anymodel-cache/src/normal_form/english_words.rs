//! Single English words in normal form: plural, auxiliary, number.

use super::numbers;
use super::text::{OWNS, Token};

/// Words that end in s and are no plural.
const NO_PLURAL: [&str; 34] = [
    "news",
    "always",
    "this",
    "his",
    "hers",
    "its",
    "is",
    "was",
    "has",
    "does",
    "gas",
    "lens",
    "series",
    "species",
    "plus",
    "yes",
    "less",
    "across",
    "glasses",
    "customs",
    "goods",
    "clothes",
    "thanks",
    "physics",
    "yours",
    "ours",
    "theirs",
    "perhaps",
    "besides",
    "towards",
    "sometimes",
    "afterwards",
    "as",
    "us",
];
const IRREGULAR: [(&str, &str); 34] = [
    ("am", "be"),
    ("is", "be"),
    ("are", "be"),
    ("has", "have"),
    ("were", "was"),
    ("men", "man"),
    ("women", "woman"),
    ("feet", "foot"),
    ("teeth", "tooth"),
    ("mice", "mouse"),
    ("geese", "goose"),
    ("knives", "knife"),
    ("wives", "wife"),
    ("lives", "life"),
    ("leaves", "leaf"),
    ("shelves", "shelf"),
    ("loaves", "loaf"),
    ("halves", "half"),
    ("wolves", "wolf"),
    ("thieves", "thief"),
    ("potatoes", "potato"),
    ("tomatoes", "tomato"),
    ("heroes", "hero"),
    ("goes", "go"),
    ("does", "do"),
    ("buses", "bus"),
    ("viruses", "virus"),
    ("bonuses", "bonus"),
    ("criteria", "criterion"),
    ("bacteria", "bacterium"),
    ("indices", "index"),
    ("analyses", "analysis"),
    ("shoes", "shoe"),
    ("ties", "tie"),
];

/// Programs with a plural's name, where it is written with a capital: *how do I clean Windows?*
const PROGRAMS: [&str; 9] = [
    "windows", "teams", "pages", "numbers", "maps", "photos", "notes", "messages", "contacts",
];

/// A plural as its singular, *is* and *are* as *be*. Tense stays.
pub(super) fn lemma(word: Token) -> Token {
    let text = word.text.as_str();
    if let Some((_, base)) = IRREGULAR.iter().find(|(form, _)| *form == text) {
        return Token {
            text: (*base).to_owned(),
            name: word.name,
        };
    }
    let keeps = word.name && PROGRAMS.contains(&text)
        || !text.ends_with('s')
        || text.len() < 4
        || !text.is_ascii()
        || text == OWNS
        || NO_PLURAL.contains(&text)
        || ["ss", "us", "is", "ics"]
            .iter()
            .any(|end| text.ends_with(end));
    let text = match text {
        _ if keeps => american(text),
        _ if text.len() > 4 && text.ends_with("ies") => format!("{}y", &text[..text.len() - 3]),
        _ if ["sses", "shes", "ches", "xes", "zes"]
            .iter()
            .any(|end| text.ends_with(end)) =>
        {
            text[..text.len() - 2].to_owned()
        }
        _ => american(&text[..text.len() - 1]),
    };
    Token {
        text,
        name: word.name,
    }
}

/// `organise` is `organize`.
fn american(text: &str) -> String {
    for (british, end) in [
        ("ise", "ize"),
        ("ised", "ized"),
        ("ising", "izing"),
        ("isation", "ization"),
        ("yse", "yze"),
        ("ysed", "yzed"),
    ] {
        if let Some(base) = text.strip_suffix(british).filter(|base| base.len() > 4) {
            return format!("{base}{end}");
        }
    }
    text.to_owned()
}

/// *Do* and *does* where they only help to ask.
pub(super) fn drop_do(words: &mut Vec<Token>) {
    let helps = |at: usize| {
        let before = at.checked_sub(1).map_or("", |at| words[at].text.as_str());
        ["do", "does"].contains(&words[at].text.as_str())
            && at + 1 < words.len()
            && ![
                "i", "you", "we", "they", "to", "can", "could", "should", "must", "may", "will",
                "would", "and",
            ]
            .contains(&before)
    };
    if let Some(at) = (0..words.len()).find(|at| helps(*at)) {
        words.remove(at);
    }
}

/// Number words in figures; an ordinal stays one.
pub(super) fn numbers(words: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(words.len());
    // What the last token of `out` is worth while a number word may go on it.
    let mut open: Option<f64> = None;
    for word in words {
        let text = word.text.as_str();
        let spelled = if text.chars().all(char::is_alphabetic) {
            numbers::english(text)
        } else {
            None
        };
        let ordinal = text.ends_with("th") || ["second", "third"].contains(&text);
        match (spelled, open) {
            (Some(value), Some(before))
                if !ordinal
                    && (value >= 100.0 || (20.0..100.0).contains(&before) && value < 10.0) =>
            {
                let all = if value >= 100.0 {
                    before * value
                } else {
                    before + value
                };
                out.pop();
                out.push(Token::plain(&all.to_string()));
                open = Some(all);
            }
            (Some(value), _) if ordinal && text != "second" => {
                out.push(Token::plain(&format!("{value}th")));
                open = None;
            }
            (Some(value), _) if !ordinal => {
                out.push(Token::plain(&value.to_string()));
                open = Some(value);
            }
            _ => {
                open = text.parse().ok();
                let figure = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
                let ordered = !figure.is_empty()
                    && figure.chars().all(|c| c.is_ascii_digit())
                    && ["st", "nd", "rd", "th"].contains(&&text[figure.len()..]);
                if ordered {
                    out.push(Token::plain(&format!("{figure}th")));
                } else {
                    out.push(word);
                }
            }
        }
    }
    out
}
