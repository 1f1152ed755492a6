//! The normal form of a Chinese question.

use super::chinese_order::{Asked, arrange};
use super::numbers;
use super::synonyms::{Phrases, entries};
use super::text::{COMMA, STOP, Token, tokens};
use std::sync::LazyLock;

/// The list, indexed for look-up: each phrase with its class.
#[derive(Debug, Default)]
struct List {
    asks: Phrases,
    phrases: Phrases,
    verbs: Phrases,
    nouns: Phrases,
}

static LIST: LazyLock<List> = LazyLock::new(List::read);

/// The names of phrases that say nothing, and of phrases that stand for themselves.
const NOTHING: &str = "";
const ITSELF: &str = "=";

impl List {
    fn read() -> Self {
        let mut list = List::default();
        let all = || entries(include_str!("chinese.txt"));
        // Phrases that stand for themselves come last: any other meaning of a phrase goes before.
        let last = |class: &str| ["word", "verb", "noun"].contains(&class);
        let lines = all()
            .filter(|(class, ..)| !last(class))
            .chain(all().filter(|(class, ..)| last(class)));
        for (class, name, phrases) in lines {
            for phrase in phrases {
                let words = tokens(phrase);
                match class {
                    "drop" => list.phrases.add(&words, NOTHING),
                    "word" => list.phrases.add(&words, ITSELF),
                    "verb" => {
                        list.verbs.add(&[Token::plain(phrase)], ITSELF);
                        list.phrases.add(&words, ITSELF);
                    }
                    "noun" => {
                        list.nouns.add(&[Token::plain(phrase)], ITSELF);
                        list.phrases.add(&words, ITSELF);
                    }
                    "same" => list.phrases.add(&words, name),
                    _ => list.asks.add(&words, name),
                }
            }
        }
        list
    }
}

/// Whether a word says what is done.
pub(super) fn is_verb(word: &str) -> bool {
    LIST.verbs.name(word).is_some()
}

/// Whether a word names a program.
pub(super) fn is_program(word: &str) -> bool {
    let latin = word.chars().next().is_some_and(char::is_alphabetic) && word.is_ascii();
    latin || LIST.nouns.name(word).is_some()
}

/// The normal form of a question.
pub(super) fn form(text: &str) -> String {
    let words = figures(tokens(text));
    let of_word = super::of_words(&words);
    let parts: Vec<String> = words
        .split(|word| word.text == STOP)
        .map(|part| sentence(part, of_word))
        .filter(|part| !part.is_empty())
        .collect();
    if let [first, rest @ ..] = &parts[..]
        && rest.iter().all(|part| part == "<def>")
    {
        return first.clone();
    }
    parts.join("。")
}

fn sentence(words: &[Token], of_word: bool) -> String {
    let words: Vec<Token> = words
        .iter()
        .filter(|word| word.text != COMMA)
        .cloned()
        .collect();
    let mut asked = Asked::default();
    let mut at = 0;
    while at < words.len() {
        // `辣不辣` asks whether.
        if at + 2 < words.len()
            && words[at + 1].text == "不"
            && words[at].text == words[at + 2].text
        {
            at += 2;
            continue;
        }
        let known = LIST.phrases.find(&words, at);
        if let Some((kind, n)) = LIST.asks.find(&words, at)
            && known.is_none_or(|(_, other)| other <= n)
        {
            asked.kind(kind);
            at += n;
            continue;
        }
        if ["我", "我们", "咱们"].contains(&words[at].text.as_str()) && asked.is_empty() {
            at += 1;
            continue;
        }
        // `Python中`, `期限内`; but `中场`.
        if ["中", "内"].contains(&words[at].text.as_str())
            && known.is_none_or(|(_, n)| n == 1)
            && ends_place(&words, at)
        {
            asked.word("里");
            at += 1;
            continue;
        }
        match known {
            Some((name, n)) => {
                match name {
                    NOTHING => {}
                    ITSELF => {
                        asked.word(&super::synonyms::joined(&words[at..at + n]).replace(' ', ""))
                    }
                    // `开心的近义词` is not `高兴的近义词`.
                    name if !of_word || ASKING.contains(&name) => asked.word(name),
                    _ => asked.word(&super::synonyms::joined(&words[at..at + n]).replace(' ', "")),
                }
                at += n;
            }
            None => {
                asked.word(&words[at].text);
                at += 1;
            }
        }
    }
    arrange(asked)
}

/// Words that do not name what is asked about.
const ASKING: [&str; 6] = ["能", "要", "什么", "多少", "哪个", "是"];

/// Whether a place ends here: after a Latin name, or before what is asked.
fn ends_place(words: &[Token], at: usize) -> bool {
    let latin = at > 0 && words[at - 1].text.is_ascii();
    let asks = LIST.asks.find(words, at + 1).is_some();
    let can = LIST
        .phrases
        .find(words, at + 1)
        .is_some_and(|(name, _)| ["能", "什么", "多少"].contains(&name));
    at > 0 && (latin || asks || can || at + 1 == words.len())
}

/// Measure words: a numeral before one of these characters counts.
const MEASURED: &str = "个位名条只本张次年月日天岁元块斤克米里度号点分秒小层楼种件部台级章节页倍人口杯瓶碗双套辆家间座句首篇份段封步周公厘毫英平立千万亿%期届代寸匹两升吨亩兆瓦折的";

/// Chinese numerals as figures, where they count: `三本` becomes `3本`, and `一个` is left out.
fn figures(words: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let known = LIST.phrases.find(&words, at).filter(|(_, n)| *n > 1);
        if let Some((_, n)) = known {
            out.extend_from_slice(&words[at..at + n]);
            at += n;
            continue;
        }
        let n = words[at..]
            .iter()
            .take_while(|word| {
                word.text.chars().count() == 1 && word.text.chars().all(numbers::is_numeral)
            })
            .count();
        let next = words.get(at + n).map_or("", |word| word.text.as_str());
        let counts = n > 1 || n == 1 && !next.is_empty() && MEASURED.contains(next);
        if n == 0 || !counts {
            out.push(words[at].clone());
            at += 1;
            continue;
        }
        let run: String = words[at..at + n]
            .iter()
            .map(|word| word.text.as_str())
            .collect();
        if run == "一" && "个份封篇段条张种件位名本家台款首部只场块块名".contains(next)
        {
            at += 2;
            continue;
        }
        match numbers::chinese(&run) {
            Some(value) => out.push(Token::plain(&value.to_string())),
            None => out.extend_from_slice(&words[at..at + n]),
        }
        at += n;
        if next == "个" {
            at += 1;
        }
    }
    out
}
