//! English word moves: single words that may stand elsewhere: particles, adverbs, the names of tools.

use super::english::LIST;
use super::english_order::{ENDS, is};
use super::text::{STOP, Token};

/// *Turn the light off* is *turn off the light*.
pub(super) fn particle_first(words: &mut Vec<Token>) {
    const VERBS: [&str; 22] = [
        "turn", "switch", "put", "take", "shut", "set", "cut", "back", "clean", "fill", "pick",
        "throw", "wake", "give", "send", "bring", "cool", "heat", "look", "plug", "write", "call",
    ];
    const PARTICLES: [&str; 6] = ["on", "off", "up", "down", "out", "back"];
    let Some(verb) = words
        .iter()
        .position(|word| VERBS.contains(&word.text.as_str()))
    else {
        return;
    };
    if is(words.get(verb + 1), &PARTICLES) {
        return;
    }
    let last = (verb + 2..words.len().min(verb + 7)).find(|at| {
        is(words.get(*at), &PARTICLES)
            && !is(words.get(at - 1), &["carry", "add", "log", "sign"])
            && (*at + 1 == words.len()
                || is(
                    words.get(at + 1),
                    &[
                        "in", "at", "for", "when", "if", "from", "after", "before", "during",
                        "with", "without", STOP, "to",
                    ],
                ) && !is(words.get(*at), &["on"])
                || is(words.get(at + 1), &["in", "at", "on", "for", "when", "if"]))
    });
    if let Some(at) = last {
        let particle = words.remove(at);
        words.insert(verb + 1, particle);
    }
}

/// *Vertically centre a div* is *centre a div vertically*.
pub(super) fn adverbs_last(words: &mut Vec<Token>) {
    const NONE: [&str; 26] = [
        "only",
        "early",
        "family",
        "reply",
        "apply",
        "supply",
        "fly",
        "daily",
        "weekly",
        "july",
        "italy",
        "monthly",
        "yearly",
        "butterfly",
        "assembly",
        "multiply",
        "belly",
        "jelly",
        "ally",
        "bully",
        "rally",
        "rely",
        "ugly",
        "friendly",
        "anomaly",
        "elderly",
    ];
    let moves = |word: &Token| {
        word.text.len() > 4
            && word.text.ends_with("ly")
            && !NONE.contains(&word.text.as_str())
            && !word.name
    };
    let plain = !words.iter().any(|word| {
        ["if", "when", "and", "or", "but", "not", "that"].contains(&word.text.as_str())
    });
    if plain && words.iter().any(moves) {
        let (mut last, rest): (Vec<Token>, Vec<Token>) =
            std::mem::take(words).into_iter().partition(moves);
        last.sort_by(|a, b| a.text.cmp(&b.text));
        *words = rest.into_iter().chain(last).collect();
    }
}

/// *A Python list* and *a list in Python*, *Slack notifications* and *the notifications in Slack*: where one thing of that
/// kind is named, and no other name stands in the question.
pub(super) fn place_last(words: &mut Vec<Token>) {
    let known = |word: &Token| {
        LIST.noun.name(&word.text).is_some() || word.name && LIST.capital.name(&word.text).is_some()
    };
    let names = words.iter().filter(|word| word.name || known(word)).count();
    let Some(at) = words
        .iter()
        .position(known)
        .filter(|at| names == 1 && *at > 0)
    else {
        return;
    };
    let free = |word: Option<&Token>| {
        word.is_none_or(|word| {
            ENDS.contains(&word.text.as_str())
                || word.text.starts_with(|c: char| !c.is_alphanumeric())
        })
    };
    let before = is(
        words.get(at - 1),
        &["in", "on", "inside", "using", "with", "use"],
    );
    // *Send Slack an email* has lost its article by now.
    if is(words.get(at - 1), &["send", "give", "tell", "show"]) {
        return;
    }
    let from = if before && free(words.get(at + 1)) {
        at - 1
    } else if !free(words.get(at + 1))
        && !before
        && words[at + 1].text.chars().all(char::is_alphabetic)
    {
        at
    } else {
        return;
    };
    let name = words.drain(from..=at).next_back();
    if let Some(name) = name {
        words.push(Token::plain("@"));
        words.push(name);
    }
}
