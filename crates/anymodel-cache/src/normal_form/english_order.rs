//! English word order: phrases that may stand elsewhere in a question without changing it.

use super::text::{COMMA, OWNS, STOP, Token};

/// Words that begin a phrase of time, place or condition.
const LOCATING: [&str; 22] = [
    "in", "on", "at", "for", "when", "if", "after", "before", "during", "while", "within",
    "without", "under", "with", "as", "because", "until", "using", "once", "since", "inside",
    "from",
];

/// Words that end a noun phrase.
pub(super) const ENDS: [&str; 58] = [
    "in", "on", "at", "for", "when", "if", "after", "before", "during", "while", "within",
    "without", "under", "with", "as", "because", "until", "using", "once", "since", "inside",
    "from", "to", "into", "onto", "by", "than", "over", "that", "which", "who", "is", "are", "was",
    "were", "be", "do", "does", "did", "can", "could", "will", "would", "should", "must", "may",
    "have", "has", "had", "i", "we", "you", "between", "through", "via", "so", "but", "or",
];

pub(super) fn is(word: Option<&Token>, among: &[&str]) -> bool {
    word.is_some_and(|word| among.contains(&word.text.as_str()))
}

/// *In Git, how do I …?* is *How do I … in Git?*
pub(super) fn fronted_last(words: &mut Vec<Token>, asks: impl Fn(&[Token], usize) -> bool) {
    if !is(words.first(), &LOCATING)
        || asks(words, 0) && !is(words.first(), &["when"])
        || is(words.get(1), &["what", "which"])
    {
        return;
    }
    // *When should I …?* asks itself.
    if is(words.first(), &["when"])
        && is(
            words.get(1),
            &[
                "is", "are", "was", "were", "do", "does", "did", "can", "could", "will", "would",
                "should", "must", "may",
            ],
        )
    {
        return;
    }
    let stop = words
        .iter()
        .position(|word| word.text == STOP)
        .unwrap_or(words.len());
    let comma = words[..stop].iter().position(|word| word.text == COMMA);
    let aux = [
        "is", "are", "was", "were", "do", "does", "did", "can", "could", "will", "would", "should",
        "must", "may", "am", "has", "have", "list", "explain",
    ];
    let wh = ["how", "what", "why", "where", "who", "which", "when"];
    let at = match comma {
        Some(at)
            if asks(words, at + 1) || is(words.get(at + 1), &aux) || is(words.get(at + 1), &wh) =>
        {
            Some((at, 1))
        }
        Some(_) => None,
        None if is(
            words.first(),
            &["in", "on", "for", "with", "at", "using", "under"],
        ) =>
        {
            (2..stop.min(7))
                .find(|at| is(words.get(*at), &["how", "what", "why", "where", "who"]))
                .map(|at| (at, 0))
        }
        None => None,
    };
    if let Some((at, comma)) = at {
        let front: Vec<Token> = words
            .drain(..at + comma)
            .filter(|word| word.text != COMMA)
            .collect();
        let stop = words
            .iter()
            .position(|word| word.text == STOP)
            .unwrap_or(words.len());
        words.splice(stop..stop, front);
    }
}

/// *Of* after these words says how much or which, not whose.
const MEASURES: [&str; 102] = [
    "number",
    "kind",
    "sort",
    "type",
    "lot",
    "couple",
    "pair",
    "cup",
    "glass",
    "bottle",
    "piece",
    "way",
    "out",
    "most",
    "all",
    "some",
    "none",
    "one",
    "each",
    "any",
    "because",
    "instead",
    "best",
    "made",
    "consist",
    "consists",
    "think",
    "rid",
    "full",
    "middle",
    "end",
    "many",
    "much",
    "half",
    "both",
    "either",
    "two",
    "three",
    "afraid",
    "proud",
    "aware",
    "tired",
    "sick",
    "take",
    "care",
    "ahead",
    "lots",
    "kinds",
    "list",
    "overview",
    "definition",
    "explanation",
    "can",
    "bag",
    "box",
    "bowl",
    "slice",
    "loaf",
    "jar",
    "pack",
    "packet",
    "tin",
    "mug",
    "jug",
    "basket",
    "bucket",
    "tank",
    "carton",
    "barrel",
    "crate",
    "plate",
    "spoon",
    "tub",
    "sheet",
    "bar",
    "group",
    "team",
    "set",
    "pile",
    "stack",
    "mother",
    "secretary",
    "university",
    "college",
    "bank",
    "city",
    "church",
    "republic",
    "institute",
    "fear",
    "love",
    "hatred",
    "hate",
    "opinion",
    "view",
    "criticism",
    "memory",
    "memories",
    "knowledge",
    "dream",
    "phobia",
    "impression",
];

/// *For* after these words says of what: *the code for my locker*.
const NAMED_FOR: [&str; 36] = [
    "code",
    "recipe",
    "rule",
    "rules",
    "policy",
    "password",
    "price",
    "cost",
    "fee",
    "limit",
    "formula",
    "symbol",
    "schedule",
    "deadline",
    "penalty",
    "abbreviation",
    "requirements",
    "rate",
    "charge",
    "timetable",
    "allowance",
    "settings",
    "shortcut",
    "pin",
    "instructions",
    "treatment",
    "cure",
    "remedy",
    "symptoms",
    "limits",
    "costs",
    "fees",
    "etiquette",
    "contact",
    "statistics",
    "dosage",
];

/// *The area of a circle* and *a circle's area* are *circle area*.
pub(super) fn owned_first(mut words: Vec<Token>) -> Vec<Token> {
    let mut at = words.len();
    while at > 1 {
        at -= 1;
        let of = words[at].text == "of" && !is(words.get(at - 1), &MEASURES);
        let of = of || words[at].text == "for" && is(words.get(at - 1), &NAMED_FOR);
        if !of || at + 1 >= words.len() {
            continue;
        }
        let ends = |word: &Token| {
            ENDS.contains(&word.text.as_str())
                || [STOP, COMMA, "of", "and"].contains(&word.text.as_str())
        };
        let end = words[at + 1..]
            .iter()
            .position(ends)
            .map_or(words.len(), |n| at + 1 + n);
        if end == at + 1 {
            continue;
        }
        let article = (at.saturating_sub(4)..at)
            .rev()
            .take_while(|at| !ends(&words[*at]))
            .find(|at| is(words.get(*at), &["a", "an", "the", "my", "our"]));
        let begin = article.unwrap_or(at - 1);
        words.remove(at);
        words[begin..end - 1].rotate_left(at - begin);
        at = begin.max(1);
    }
    words.retain(|word| word.text != OWNS);
    words
}
