//! English verb forms that say the same, as far as the whole sentence tells.

use super::stem::stem;
use super::text::Token;

/// *Why isn't it charging?* and *why is it not charging?*, where *not* can only say not of the whole.
pub(super) fn not_last(words: &mut Vec<Token>) {
    const ELSEWHERE: [&str; 22] = [
        "if", "when", "that", "because", "but", "and", "or", "so", "all", "each", "only", "always",
        "both", "who", "which", "while", "after", "before", "to", "any", "many", "much",
    ];
    let nots = words.iter().filter(|word| word.text == "not").count();
    if nots == 1
        && !words
            .iter()
            .any(|word| ELSEWHERE.contains(&word.text.as_str()))
    {
        words.retain(|word| word.text != "not");
        words.push(Token::plain("not"));
    }
}

/// *Why is my dog eating grass?* is *why does my dog eat grass?*
pub(super) fn going_on(words: &mut Vec<Token>) {
    let going = words
        .iter()
        .position(|word| word.text.len() > 5 && word.text.ends_with("ing"));
    if let Some(at) = going
        && at > 2
        && words[1].text == "be"
        && ![
            "of", "for", "from", "by", "be", "in", "with", "without", "after", "before", "when",
            "while",
        ]
        .contains(&words[at - 1].text.as_str())
    {
        words.remove(1);
    }
    for word in words.iter_mut().skip(1).filter(|word| !word.name) {
        let verb = word.text.split('+').next().unwrap_or_default();
        word.text = if word.text.ends_with("ed") && !word.text.ends_with("eed") {
            word.text.clone()
        } else {
            stem(verb).to_owned()
        };
    }
}

/// Verbs of things that are done the same way whatever the subject; *how are passwords stored?* asks of others.
const DONE: [&str; 12] = [
    "calculate+ed",
    "measured",
    "made",
    "written",
    "cooked",
    "treated",
    "converted",
    "convert+ed",
    "pronounced",
    "defined",
    "prepared",
    "baked",
];

/// *How is X calculated?* is *how do I calculate X?*
pub(super) fn passive(words: &mut Vec<Token>) {
    let n = words.len();
    let how = |text: &str| text == "how" || text == "<how>";
    if n > 3 && how(&words[0].text) && words[1].text == "be" {
        let last = words[n - 1].text.as_str();
        let done = DONE.contains(&last);
        if done {
            words[0].text = "<how>".into();
            let verb = words[n - 1].clone();
            words[1..].rotate_right(1);
            words[1] = match verb.text.as_str() {
                "made" => Token::plain("make"),
                "written" => Token::plain("write"),
                _ => verb,
            };
            words.remove(2);
        }
    }
}

/// *Stop it from fogging*, *keep it from fogging* and *prevent it from fogging*.
pub(super) fn from_doing(words: &mut Vec<Token>) {
    let stops = words.len() > 4
        && words[0].text == "<how>"
        && ["stop", "prevent", "keep"].contains(&words[1].text.as_str());
    let from = words
        .windows(2)
        .position(|two| two[0].text == "from" && two[1].text.ends_with("ing"))
        .filter(|at| *at > 2);
    if let Some(from) = from.filter(|_| stops) {
        words.remove(from);
        words[1].text = "prevent".into();
    }
}
