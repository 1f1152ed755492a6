//! English politeness: words around a question that are polite, or tell a story first.

use super::english::List;
use super::text::{COMMA, STOP, Token};

/// Removes polite words; returns whether the question was put into such words.
pub(super) fn polite(words: &mut Vec<Token>, list: &List) -> bool {
    let mut told = false;
    loop {
        let marks = words.iter().take_while(|word| is_mark(word)).count();
        words.drain(..marks);
        let begins = Begins::of(words, list);
        match begins {
            Begins::Nothing => break,
            Begins::Polite(n) => {
                words.drain(..n);
                told = true;
            }
            Begins::Open(n) => {
                words.drain(..n);
            }
            // *Explain photosynthesis*: the word itself says what is asked.
            Begins::Tell(n) => {
                words.drain(..n);
                break;
            }
        }
    }
    while let Some(n) = tail(words, list) {
        words.truncate(words.len() - n);
    }
    told
}

/// What a question begins with, and how many words of it may go.
enum Begins {
    Nothing,
    Open(usize),
    /// A question may follow in the order of a statement.
    Polite(usize),
    Tell(usize),
}

impl Begins {
    fn of(words: &[Token], list: &List) -> Self {
        let polite = list
            .polite
            .find(words, 0)
            .map(|(_, n)| n)
            .filter(|n| words.len() > *n);
        // *Do you know how to …* asks how, though *do you know* is politeness.
        let asks = list.ask.find(words, 0).is_some_and(|(name, n)| {
            name == "how" && n > 2 || list.polite.find(words, 0).is_some_and(|(_, m)| n > m)
        });
        if asks {
            return Begins::Nothing;
        }
        if let Some(n) = polite {
            let next = words[n].text.as_str();
            let last = words[n - 1].text.as_str();
            // *Explain* tells what is asked only before a question.
            let tells = ["explain", "describe", "understand", "to"].contains(&last)
                && !QUESTION.contains(&next)
                && next != STOP;
            let question = last == "question" && ![STOP, COMMA].contains(&next);
            return match tells || question {
                true => Begins::Tell(n - 1),
                false => Begins::Polite(n + usize::from(next == STOP)),
            };
        }
        if let Some((_, n)) = list.open.find(words, 0)
            && words.len() > n
            && (n > 1 || !MAY_COUNT.contains(&words[0].text.as_str()) || is_mark(&words[1]))
        {
            return Begins::Open(n);
        }
        if let Some((_, n)) = list.order.find(words, 0)
            && let Some(verb) = words.get(n)
            && ORDERS.contains(&verb.text.as_str())
        {
            return Begins::Open(n + usize::from(verb.text == "to"));
        }
        Begins::Nothing
    }
}

fn is_mark(word: &Token) -> bool {
    word.text == COMMA || word.text == STOP
}

/// How many words at the end say nothing.
fn tail(words: &[Token], list: &List) -> Option<usize> {
    if words.last().is_some_and(is_mark) {
        return Some(1);
    }
    (1..=5).rev().find(|n| {
        let found = words.len().checked_sub(*n).filter(|at| *at > 1);
        found.is_some_and(|at| list.tail.find(words, at).is_some_and(|(_, m)| m == *n))
    })
}

const QUESTION: [&str; 12] = [
    "how", "what", "why", "when", "where", "who", "which", "whether", "if", "whose", "whom", "in",
];

/// Words that open a sentence only where a comma follows.
const MAY_COUNT: [&str; 6] = ["well", "right", "just", "and", "so", "also"];

/// Verbs of orders to an assistant: *can you translate this* is *translate this*.
const ORDERS: [&str; 26] = [
    "to",
    "explain",
    "translate",
    "write",
    "list",
    "summarize",
    "summarise",
    "recommend",
    "suggest",
    "convert",
    "tell",
    "give",
    "show",
    "describe",
    "compare",
    "name",
    "define",
    "calculate",
    "draft",
    "compose",
    "check",
    "help",
    "generate",
    "rewrite",
    "correct",
    "proofread",
];

/// *I lost my card, what should I do?* is two sentences.
pub(super) fn question_apart(words: &mut [Token], list: &List) {
    let at = (2..words.len()).find(|at| {
        words[*at].text == COMMA && list.ask.find(words, at + 1).is_some_and(|(_, n)| n > 1)
    });
    if let Some(at) = at {
        words[at].text = STOP.into();
    }
}

/// *Tell me where the station is* is *where is the station*.
pub(super) fn statement_order(words: &mut Vec<Token>, told: bool, list: &List) {
    if told
        && words
            .first()
            .is_some_and(|word| ["whether", "if"].contains(&word.text.as_str()))
    {
        words.remove(0);
        // *Whether cats can eat cheese* is *can cats eat cheese*.
        let modal = (1..words.len().min(5)).find(|at| {
            ["can", "could", "should", "must", "is", "are"].contains(&words[*at].text.as_str())
        });
        if let Some(at) = modal {
            words[..=at].rotate_right(1);
        }
        return;
    }
    let is = |word: Option<&Token>, among: &[&str]| {
        word.is_some_and(|word| among.contains(&word.text.as_str()))
    };
    const BE: [&str; 4] = ["is", "are", "was", "were"];
    const MODAL: [&str; 6] = ["can", "could", "should", "must", "may", "will"];
    const ONE: [&str; 4] = ["i", "we", "you", "one"];
    let come = is(words.first(), &["how"]) && is(words.get(1), &["come"]);
    if !told && !come {
        return;
    }
    if come {
        words.remove(0);
        words[0].text = "why".into();
    }
    let asks = list.ask.find(words, 0).map_or(0, |(_, n)| n.min(2));
    for at in 0..=asks.max(1) {
        if is(words.get(at), &ONE) && is(words.get(at + 1), &MODAL)
            || come && at == 1 && is(words.get(at + 1), &BE)
        {
            words.swap(at, at + 1);
            return;
        }
    }
    let wh = if is(words.first(), &QUESTION) {
        1
    } else {
        return;
    };
    let stop = words
        .iter()
        .position(|word| word.text == STOP)
        .unwrap_or(words.len());
    let verb = (wh..stop).find(|at| is(words.get(*at), &BE));
    if let Some(at) = verb
        && at + 1 == stop
        && at > wh
    {
        let be = words.remove(at);
        words.insert(wh, be);
    }
}
