//! What a question asks, word order and wording aside.
//!
//! The guard compares gists, not texts: content words under one key for all words that say the same, numbers, units, negation,
//! what is asked for, and what stands on either side of a *from … to*.

use super::counted::{NumberWord, number_at};
use super::form;
use super::lexicon::{Content, lexicon};
use super::markers::{Markers, Turn};
use super::words::{Script, Token, Words, is_han, stem};
use super::{hash, mix};

/// Questions of more tokens than this are not compared: a difference could hide anywhere in them.
const MOST_TOKENS: usize = 160;

/// A question as the guard sees it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gist {
    /// In their order.
    pub content: Box<[Word]>,
    /// Sorted.
    pub numbers: Box<[u64]>,
    pub asks: u32,
    pub units: u128,
    pub amounts: u8,
    pub times: u8,
    pub negations: u8,
    /// What is negated: the first content word after each *not*.
    pub negated: Box<[u32]>,
    /// Whether Chinese stands in it.
    pub han: bool,
    pub too_long: bool,
    /// Says who does it only after *by*.
    pub passive: bool,
    pub subject: Subject,
    /// Something is done to the one who asks.
    pub to_me: bool,
    /// Where it first speaks of the one who asks, and of somebody else.
    pub me: Option<u8>,
    pub other: Option<u8>,
    pub turn: Option<Turn>,
    /// What stands before and after *when*, *if*, *about*.
    pub clause: Option<Turn>,
    /// Its normal form as one number; 0 where it says nothing.
    pub form: u64,
}

/// Who does what is asked about, as far as a *do*, *can* or *will* tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Subject {
    #[default]
    Unknown,
    /// Comes next.
    Next,
    /// *I*, *you*, *one*.
    Anyone,
    Word(u32),
}

/// A content word, or a Chinese character that belongs to no known word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Word {
    /// The same for all words that say the same.
    pub key: u32,
    /// The same for words of one family: `delete`, `deletion`. 0 where that means nothing.
    pub root: u32,
    /// In tenths of an ordinary word.
    pub weight: u8,
    pub name: bool,
    /// Turns the sense of the rest.
    pub turns: bool,
    pub number: bool,
}

const DURATION: u32 = 1 << 3;
const OFTEN: u32 = 1 << 4;
const WHOM: u32 = 1 << 24;
const WORD: u8 = 10;
const LIGHT: u8 = 3;
const HAN: u8 = 5;
const NAME: u8 = 13;

/// Words after which comes who does it.
const AUXILIARIES: [&str; 13] = [
    "do", "does", "did", "can", "could", "will", "would", "should", "shall", "may", "might",
    "must", "cannot",
];

/// Words that begin a clause of their own, unless the question begins with them.
const CLAUSES: [&str; 15] = [
    "when",
    "if",
    "while",
    "because",
    "about",
    "until",
    "once",
    "before",
    "after",
    "以后",
    "之后",
    "之前",
    "以前",
    "的时候",
    "期间",
];

impl Gist {
    /// Reads a question.
    pub fn of(text: &str) -> Self {
        let words = Words::of(text);
        let mut gist = Gist {
            too_long: words.tokens.len() > MOST_TOKENS,
            ..Gist::default()
        };
        if gist.too_long {
            return gist;
        }
        gist.han = words.text.chars().any(is_han);
        let lexicon = lexicon(gist.han);
        let mut content = Vec::with_capacity(words.tokens.len());
        let mut found = Vec::new();
        let mut negated = Vec::new();
        let mut markers = Markers::default();
        let mut at = 0;
        while at < words.tokens.len() {
            let phrase = lexicon.find(&words, at);
            if let Some((n, entry)) = phrase {
                let written = words.slice(at, at + n - 1);
                let clause = (at > 0 || written == "if") && CLAUSES.contains(&written);
                // *when* within a question says when, it does not ask it.
                gist.asks |= match written {
                    _ if clause => 0,
                    // `法官任命谁` asks whom, `谁任命法官` who.
                    "谁" if at > 0 && at + 1 == words.tokens.len() => WHOM,
                    _ => entry.asks,
                };
                markers.clause = if clause {
                    Some(content.len())
                } else {
                    markers.clause
                };
                if entry.not {
                    gist.negations = gist.negations.saturating_add(1);
                    negated.push(content.len());
                }
                gist.units |= entry.unit;
                gist.amounts |= entry.amounts;
                gist.times |= entry.times;
                let (key, weight) = match entry.content {
                    Content::Nothing => (0, 0),
                    Content::Light(key) => (key, LIGHT),
                    Content::Same(key) => (key, WORD),
                };
                if weight > 0 || entry.turns {
                    let key = if weight > 0 { key } else { hash(stem(written)) };
                    let weight = if entry.turns { WORD } else { weight };
                    content.push(Word {
                        key,
                        root: 0,
                        weight,
                        name: false,
                        turns: entry.turns,
                        number: false,
                    });
                    gist.seen(&content);
                }
                if gist.asks & DURATION != 0 && matches!(written, "一次" | "一回" | "一遍") {
                    markers.once_after = Some(at);
                }
                let last = written.rsplit(' ').next().unwrap_or(written);
                gist.subject = match gist.subject {
                    Subject::Unknown | Subject::Next
                        if matches!(last, "i" | "we" | "you" | "one") =>
                    {
                        Subject::Anyone
                    }
                    Subject::Unknown if AUXILIARIES.contains(&last) => Subject::Next,
                    known => known,
                };
                let here = at.min(255) as u8;
                if matches!(last, "i" | "my" | "me" | "mine" | "我" | "我的")
                    || written.starts_with("i ")
                    || last.starts_with('我')
                {
                    gist.me.get_or_insert(here);
                }
                if matches!(
                    written,
                    "别人"
                        | "其他人"
                        | "他人"
                        | "somebody"
                        | "someone"
                        | "else"
                        | "other"
                        | "others"
                        | "another"
                ) {
                    gist.other.get_or_insert(here);
                }
                gist.to_me |= matches!(last, "me" | "us");
                gist.passive ^= matches!(written, "by" | "被");
                markers.see(written, n, content.len());
                at += n;
            } else if at + 2 < words.tokens.len()
                && words.slice(at + 1, at + 1) == "不"
                && words.slice(at, at) == words.slice(at + 2, at + 2)
            {
                // `辣不辣` asks whether.
                content.push(word(&words, &words.tokens[at], gist.han));
                at += 3;
            } else if let Some((n, number)) = number_at(&words, at) {
                match (number, found.last_mut()) {
                    // `1 kilometre` and `a kilometre`.
                    (NumberWord::Plain(1.0) | NumberWord::None, _) => {}
                    // `two hundred`, `twenty five`.
                    (NumberWord::Scale(value), Some((last, next))) if *next == at => {
                        *last *= value;
                        *next += n;
                    }
                    (NumberWord::Plain(value), Some((last, next)))
                        if *next == at && *last >= 20.0 && value < 10.0 =>
                    {
                        *last += value;
                        *next += n;
                    }
                    (NumberWord::Scale(value) | NumberWord::Plain(value), _) => {
                        found.push((value, at + n));
                        // It stands in the order of things, too; which number it is, is compared apart.
                        let key = mix(value.to_bits()) as u32;
                        content.push(Word {
                            key,
                            root: 0,
                            weight: LIGHT,
                            name: false,
                            turns: false,
                            number: true,
                        });
                    }
                }
                at += n;
            } else {
                content.push(word(&words, &words.tokens[at], gist.han));
                gist.seen(&content);
                at += 1;
            }
        }
        // `多久洗一次` asks how often, `洗一次要多久` how long it takes.
        if gist.asks & DURATION != 0 && markers.once_after.is_some() {
            gist.asks = gist.asks & !DURATION | OFTEN;
        }
        gist.clause = markers
            .clause
            .map(|at| markers.clause_at(at, content.len()));
        gist.turn = markers.turn(content.len(), if gist.han { 6 } else { 3 });
        let mut numbers: Vec<u64> = found
            .into_iter()
            .map(|(number, _)| number.to_bits())
            .collect();
        numbers.sort_unstable();
        gist.numbers = numbers.into();
        gist.negated = negated
            .into_iter()
            .filter_map(|at| Some(content.get(at)?.key))
            .collect();
        gist.content = content.into();
        gist.form = form::seal(text);
        gist
    }

    /// The first content word after *does* is who does it.
    fn seen(&mut self, content: &[Word]) {
        if let (Subject::Next, Some(last)) = (self.subject, content.last().filter(|_| !self.han)) {
            self.subject = Subject::Word(last.key);
        }
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.content.len() * size_of::<Word>()
            + self.numbers.len() * size_of::<u64>()
            + self.negated.len() * size_of::<u32>()
    }
}

/// A word that no list knows.
fn word(words: &Words, token: &Token, han: bool) -> Word {
    let written = &words.text[token.start..token.end];
    if token.script == Script::Han {
        return Word {
            key: hash(written),
            root: 0,
            weight: HAN,
            name: false,
            turns: false,
            number: false,
        };
    }
    let base = stem(written);
    let root = if base.is_ascii() && base.len() >= 5 {
        hash(&base[..5])
    } else {
        0
    };
    // A Latin word in a Chinese question is a name: of a command, a product, a unit.
    let name = token.name || han && token.script == Script::Latin;
    Word {
        key: hash(base),
        root,
        weight: if name { NAME } else { WORD },
        name,
        turns: false,
        number: false,
    }
}
