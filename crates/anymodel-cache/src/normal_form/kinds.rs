//! Question kinds: English questions that are asked in several constructions.

use super::english_verbs::{from_doing, going_on, not_last, passive};
use super::stem::stem;
use super::text::Token;

fn texts(words: &[Token]) -> Vec<&str> {
    words.iter().map(|word| word.text.as_str()).collect()
}

/// Words that may follow a noun that ends the question.
const AFTER: [&str; 14] = [
    "in",
    "on",
    "at",
    "for",
    "when",
    "if",
    "from",
    "to",
    "during",
    "after",
    "before",
    "with",
    "without",
    "per_month",
];

/// Brings a sentence to the one construction for what it asks.
pub(super) fn settle(words: &mut Vec<Token>) {
    if let Some(settled) = meaning(&texts(words))
        .or_else(|| price(&texts(words)))
        .or_else(|| difference(&texts(words)))
        .or_else(|| maker(&texts(words)))
        .or_else(|| measure(&texts(words)))
        .or_else(|| allowed(&texts(words)))
        .or_else(|| superlative(&texts(words)))
        .or_else(|| tool(&texts(words)))
        .or_else(|| safe(&texts(words)))
    {
        let names: Vec<String> = words
            .iter()
            .filter(|word| word.name)
            .map(|word| word.text.clone())
            .collect();
        *words = settled
            .into_iter()
            .map(|text| Token {
                name: names.contains(&text),
                text,
            })
            .collect();
    }
    if let [first, me, _, ..] = &texts(words)[..]
        && *me == "me"
        && ["write", "recommend", "give", "show"].contains(first)
    {
        words.remove(1);
    }
    not_last(words);
    from_doing(words);
    passive(words);
    // After *how do I* the verb counts without its ending: *the way of renaming*.
    if words.len() > 1 && words[0].text == "<how>" {
        let verb = words[1].text.split('+').next().unwrap_or_default();
        words[1].text = stem(verb).to_owned();
    }
    if words.first().is_some_and(|word| word.text == "<cope>")
        && words.get(1).is_some_and(|word| word.text == "when")
    {
        words[1].text = "if".into();
    }
    if words.first().is_some_and(|word| word.text == "<why>") {
        going_on(words);
    }
    if let [why, will, .., not] = &texts(words)[..]
        && (*why, *will, *not) == ("<why>", "will", "not")
    {
        words.remove(1);
    }
}

fn said(kind: &str, parts: &[&[&str]]) -> Option<Vec<String>> {
    let words = parts
        .iter()
        .flat_map(|part| part.iter().map(|word| (*word).to_owned()));
    Some(std::iter::once(kind.to_owned()).chain(words).collect())
}

/// *What does X mean?*, *what is the meaning of X?*, *define X*.
fn meaning(words: &[&str]) -> Option<Vec<String>> {
    match words {
        ["explain", rest @ ..] if !rest.is_empty() => said("<what>", &[&["be"], rest]),
        [
            "<mean>",
            "word" | "term" | "phrase" | "abbreviation" | "acronym",
            rest @ ..,
        ] if !rest.is_empty() => said("<mean>", &[rest]),
        ["<how_many>", "people", "live", "in", rest @ ..] if !rest.is_empty() => {
            said("<what>", &[&["be"], rest, &["population"]])
        }
        ["<how_many>", noun, "be", "in", rest @ ..] if !rest.is_empty() => {
            said("<how_many>", &[&[noun, "in"], rest])
        }
        ["<mean>", rest @ .., "mean"] if !rest.is_empty() => said("<mean>", &[rest]),
        ["<what>", "be", rest @ .., "definition"] if !rest.is_empty() => {
            said("<what>", &[&["be"], rest])
        }
        ["<what>", "be", rest @ .., "meaning"] if !rest.is_empty() => said("<mean>", &[rest]),
        ["<what>", rest @ .., "mean"] if !rest.is_empty() && rest[0] != "be" => {
            said("<mean>", &[rest])
        }
        ["<what>", rest @ .., "mean", "in", place] if !rest.is_empty() && rest[0] != "be" => {
            said("<mean>", &[rest, &["in", place]])
        }
        _ => None,
    }
}

/// *How much does X cost?*, *what is the price of X?*
fn price(words: &[&str]) -> Option<Vec<String>> {
    let at = words
        .iter()
        .position(|word| ["cost", "price"].contains(word))?;
    let ends = words
        .get(at + 1)
        .is_none_or(|next| AFTER.contains(next) || next.starts_with("per_"));
    match words {
        ["<how_much>", _, ..] if words[at] == "cost" && at > 1 && ends => {
            said("<price>", &[&words[1..at], &words[at + 1..]])
        }
        ["<what>", "be", ..] if at > 2 && ends => {
            said("<price>", &[&words[2..at], &words[at + 1..]])
        }
        ["<what>", _, ..] if words[1] != "be" && words[at] == "cost" && at > 1 && ends => {
            said("<price>", &[&words[1..at], &words[at + 1..]])
        }
        _ => None,
    }
}

/// *What is the difference between A and B?*, *how do A and B differ?*
fn difference(words: &[&str]) -> Option<Vec<String>> {
    let sorted = |a: &[&str], b: &[&str]| {
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        if a.is_empty() {
            None
        } else {
            said("<differ>", &[a, &["and"], b])
        }
    };
    let split = |words: &[&str], at: &str| words.iter().position(|word| *word == at);
    match words {
        ["<differ>", rest @ .., "differ"] | ["<differ>", rest @ ..] => {
            let at = split(rest, "and").or_else(|| split(rest, "from"))?;
            sorted(&rest[..at], &rest[at + 1..])
        }
        ["<how>" | "how", rest @ .., "differ"] => {
            let at = split(rest, "and")?;
            sorted(&rest[..at], &rest[at + 1..])
        }
        ["<how>" | "how", "be", rest @ .., "different"] => {
            let at = split(rest, "and")?;
            sorted(&rest[..at], &rest[at + 1..])
        }
        ["<how>" | "how", rest @ ..] => {
            let rest = rest.strip_prefix(&["be"]).unwrap_or(rest);
            let at = rest
                .windows(2)
                .position(|two| ["differ", "different"].contains(&two[0]) && two[1] == "from")?;
            sorted(&rest[..at], &rest[at + 2..])
        }
        _ => None,
    }
}

/// *Who wrote X?*, *who is the author of X?*
fn maker(words: &[&str]) -> Option<Vec<String>> {
    const MAKERS: [(&str, &str); 8] = [
        ("wrote", "author"),
        ("invented", "inventor"),
        ("founded", "founder"),
        ("painted", "painter"),
        ("composed", "composer"),
        ("find_out+ed", "discoverer"),
        ("designed", "designer"),
        ("built", "builder"),
    ];
    match words {
        ["<who>", verb, rest @ ..]
            if !rest.is_empty() && MAKERS.iter().any(|(known, _)| known == verb) =>
        {
            said("<maker>", &[&[verb], rest])
        }
        ["<who>", "be" | "was", rest @ .., noun] if !rest.is_empty() => {
            let (verb, _) = MAKERS.iter().find(|(_, known)| known == noun)?;
            said("<maker>", &[&[verb], rest])
        }
        _ => None,
    }
}

/// *How tall is X?*, *what is the height of X?*
fn measure(words: &[&str]) -> Option<Vec<String>> {
    let ["<what>", "be", rest @ .., noun] = words else {
        return None;
    };
    let known = [
        "height", "depth", "width", "weight", "age", "length", "size", "purpose",
    ]
    .contains(noun);
    if known && !rest.is_empty() {
        said(&format!("<{noun}>"), &[rest])
    } else {
        None
    }
}

/// *Is X allowed to …?* is *can X …?*
fn allowed(words: &[&str]) -> Option<Vec<String>> {
    let ["be", rest @ ..] = words else {
        return None;
    };
    let at = rest
        .windows(2)
        .position(|two| {
            ["allowed", "allow+ed", "permitted", "able"].contains(&two[0]) && two[1] == "to"
        })
        .filter(|at| *at > 0)?;
    said("can", &[&rest[..at], &rest[at + 2..]])
}

/// *Which planet is the largest?* is *what is the largest planet?*
fn superlative(words: &[&str]) -> Option<Vec<String>> {
    let ["<what>", rest @ ..] = words else {
        return None;
    };
    let at = rest
        .iter()
        .position(|word| *word == "be")
        .filter(|at| (1..4).contains(at))?;
    let most = rest
        .get(at + 1)
        .filter(|word| word.len() > 4 && word.ends_with("est"))?;
    let ends = rest.get(at + 2).is_none_or(|next| AFTER.contains(next));
    if ends {
        said("<what>", &[&["be", most], &rest[..at], &rest[at + 2..]])
    } else {
        None
    }
}

/// *Use a whetstone to sharpen a knife* is *sharpen a knife with a whetstone*.
fn tool(words: &[&str]) -> Option<Vec<String>> {
    let ["<how>", "use", rest @ ..] = words else {
        return None;
    };
    let at = rest
        .iter()
        .position(|word| *word == "to")
        .filter(|at| (1..4).contains(at) && at + 1 < rest.len())?;
    said("<how>", &[&rest[at + 1..], &["with"], &rest[..at]])
}

/// *Are sprouted potatoes safe to eat?* is *is it safe to eat sprouted potatoes?*
fn safe(words: &[&str]) -> Option<Vec<String>> {
    match words {
        ["be", rest @ .., "safe", "to", verb] if !rest.is_empty() => {
            said("<safe>", &[&[verb], rest])
        }
        ["<what>", "city", "be", rest @ .., "capital"] => {
            said("<what>", &[&["be"], rest, &["capital"]])
        }
        _ => None,
    }
}
