//! The normal form of an English question.

use super::english_moves::{adverbs_last, particle_first, place_last};
use super::english_order::{fronted_last, owned_first};
use super::english_polite::{polite, question_apart, statement_order};
use super::english_words::{drop_do, lemma, numbers};
use super::kinds;
use super::synonyms::{Phrases, entries};
use super::text::{COMMA, OWNS, STOP, Token, tokens};
use std::sync::LazyLock;

/// The list, indexed for look-up.
#[derive(Debug, Default)]
pub(super) struct List {
    pub polite: Phrases,
    pub open: Phrases,
    pub order: Phrases,
    pub tail: Phrases,
    pub ask: Phrases,
    pub same: Phrases,
    pub drop: Phrases,
    pub inner: Phrases,
    pub noun: Phrases,
    pub capital: Phrases,
}

pub(super) static LIST: LazyLock<List> = LazyLock::new(List::read);

impl List {
    fn read() -> Self {
        let mut list = List::default();
        for (class, name, phrases) in entries(include_str!("english.txt")) {
            for phrase in phrases {
                let words = tokens(phrase);
                match class {
                    "polite" => list.polite.add(&words, "polite"),
                    "open" => list.open.add(&words, "open"),
                    "order" => list.order.add(&words, "order"),
                    "tail" => list.tail.add(&words, "tail"),
                    "ask" => list.ask.add(&bare(words), name),
                    "same" => list
                        .same
                        .add(&words.into_iter().map(lemma).collect::<Vec<_>>(), name),
                    "drop" => list.drop.add(&words, name),
                    "inner" => list.inner.add(&words, name),
                    "capital" => list.capital.add(&words, name),
                    _ => list.noun.add(&words, name),
                }
            }
        }
        list
    }
}

/// The normal form of a question.
pub(super) fn form(text: &str) -> String {
    let list = &*LIST;
    let mut words = tokens(text);
    let of_word = super::of_words(&words);
    // *…, how?*
    if let [.., comma, how] = &words[..]
        && comma.text == COMMA
        && how.text == "how"
    {
        words.truncate(words.len() - 2);
        words.splice(0..0, [Token::plain("how"), Token::plain("to")]);
    }
    let told = polite(&mut words, list);
    fronted_last(&mut words, |words, at| list.ask.find(words, at).is_some());
    polite(&mut words, list);
    question_apart(&mut words, list);
    // *How do you store my data?* asks of others, *how do you store coffee?* of anyone.
    let mine = ["my", "our", "me", "us", "your", "i", "we"];
    let mine = words.iter().any(|word| mine.contains(&word.text.as_str()));
    // *What is a planet?* and *what are the planets?*
    let one = words.len() > 3
        && words[0].text == "what"
        && words[1].text == "is"
        && ["a", "an"].contains(&words[2].text.as_str())
        && !words.iter().any(|word| word.text == OWNS);
    let mut words = bare(owned_first(words));
    statement_order(&mut words, told, list);
    let mut sentences: Vec<Vec<Token>> = words
        .split(|word| word.text == STOP)
        .map(|part| sentence(part, mine, of_word, list))
        .collect();
    sentences.retain(|sentence| !sentence.is_empty());
    if sentences.len() > 1 {
        sentences.retain(|sentence| sentence.len() > 1 || sentence[0].text != "explain");
    }
    // *My printer is offline. What should I do?* is *What should I do if my printer is offline?*
    if let [story, cope] = &sentences[..]
        && cope.len() == 1
        && cope[0].text == "<cope>"
    {
        let mut joined = vec![cope[0].clone(), Token::plain("if")];
        joined.extend(story.iter().cloned());
        sentences = vec![joined];
    }
    let parts: Vec<String> = sentences.into_iter().map(finish).collect();
    let form = parts.join(" . ");
    match one && form.starts_with("<what> be ") {
        true => form + " @one",
        false => form,
    }
}

/// Without commas and articles.
fn bare(words: Vec<Token>) -> Vec<Token> {
    // *A few* are more than *few*.
    let some = |at: usize| {
        words
            .get(at + 1)
            .is_some_and(|next: &Token| ["few", "little"].contains(&next.text.as_str()))
    };
    // *My blood type* is not *a blood type*, nor why my baby cries why babies cry.
    let why = words.first().is_some_and(|word| word.text == "why");
    let mine = |at: usize| {
        ["my", "our"].contains(&words[at].text.as_str())
            && (why || at == 2 && words[0].text == "what")
    };
    let kept: Vec<bool> = (0..words.len())
        .map(|at| words[at].text == "a" && some(at) || mine(at))
        .collect();
    let mut kept = kept.into_iter();
    let words = words.into_iter().filter(|word| {
        kept.next() == Some(true)
            || !matches!(
                word.text.as_str(),
                COMMA | "a" | "an" | "the" | "my" | "our"
            )
    });
    words.collect()
}

/// One sentence, its kind of question first.
fn sentence(words: &[Token], mine: bool, of_word: bool, list: &List) -> Vec<Token> {
    let mut words = words.to_vec();
    let mut out: Vec<Token> = Vec::with_capacity(words.len());
    // *If my baby has a fever, when …* stands last by now.
    if let Some((name, n)) = list.ask.find(&words, 0) {
        let name = match name {
            "how_you" if mine && words[2].text == "you" => None,
            "how_you" => Some("how"),
            "how_come" => Some("why"),
            "in_what_way" => {
                words.drain(..n);
                out.push(Token::plain("how"));
                None
            }
            name => Some(name),
        };
        if let Some(name) = name {
            out.extend(name.split(' ').enumerate().map(|(at, word)| match at {
                0 => Token::plain(&format!("<{word}>")),
                _ => Token::plain(word),
            }));
            words.drain(..n);
        }
    }
    let mut words = inner(words, list);
    drop_do(&mut words);
    // *The plural of child* is not *the plural of kid*.
    if of_word {
        out.extend(words);
        return out;
    }
    let words = numbers(words);
    let mut words: Vec<Token> = words.into_iter().map(lemma).collect();
    particle_first(&mut words);
    let mut at = 0;
    while at < words.len() {
        if list.drop.find(&words, at).is_some_and(|_| words.len() > 1) && !words[at].name {
            at += 1;
            continue;
        }
        match list.same.find(&words, at) {
            Some((name, n)) => {
                out.push(Token {
                    text: name.to_owned(),
                    name: words[at].name,
                });
                at += n;
            }
            None => {
                out.push(inflected(&words[at], list));
                at += 1;
            }
        }
    }
    out
}

/// Rewrites what a question says of obligation and permission, wherever it stands.
fn inner(words: Vec<Token>, list: &List) -> Vec<Token> {
    let mut out = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        if let Some((name, n)) = list.inner.find(&words, at) {
            out.extend(name.split(' ').map(Token::plain));
            at += n;
        } else {
            out.push(words[at].clone());
            at += 1;
        }
    }
    out
}

/// A form with -ed or -ing of a word that the list knows.
fn inflected(word: &Token, list: &List) -> Token {
    for end in ["ed", "ing"] {
        let Some(base) = word
            .text
            .strip_suffix(end)
            .filter(|base| base.len() > 2 && base.is_ascii())
        else {
            continue;
        };
        let half = &base[..base.len() - 1];
        let doubled = base.ends_with(&base[base.len() - 1..].repeat(2));
        let mut bases = vec![base.to_owned(), format!("{base}e")];
        if doubled {
            bases.push(half.to_owned());
        }
        if base.ends_with('i') {
            bases.push(format!("{half}y"));
        }
        if let Some(name) = bases.iter().find_map(|base| list.same.name(base)) {
            return Token {
                text: format!("{name}+{end}"),
                name: word.name,
            };
        }
    }
    word.clone()
}

/// Rewrites what depends on the whole sentence, and returns the sentence as text.
fn finish(mut words: Vec<Token>) -> String {
    kinds::settle(&mut words);
    place_last(&mut words);
    adverbs_last(&mut words);
    super::synonyms::joined(&words)
}
