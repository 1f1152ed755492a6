//! Typing variants: greetings, a lead-in, other small words, lower case, no question mark, a typing error.
//!
//! The variants do not change the meaning. Without them every topic would have a few wordings and an exact cache would hit
//! nearly always, unlike at a real help desk.

use super::chance::Chance;
use super::corpus::Tongue;

/// The probability of each variant in a typed question.
const GREETS: f64 = 0.30;
const LEADS_IN: f64 = 0.30;
const OTHER_WORDS: f64 = 0.40;
const THANKS: f64 = 0.25;
const CARELESS: f64 = 0.45;
const SLIPS: f64 = 0.12;

const GREETINGS: [&str; 8] = [
    "Hi, ",
    "Hello, ",
    "Hey, ",
    "Hi there! ",
    "Hello! ",
    "Good day, ",
    "Hi team, ",
    "Dear support, ",
];
const GREETINGS_ZH: [&str; 8] = [
    "你好，",
    "您好，",
    "您好！",
    "在吗？",
    "你好！",
    "客服你好，",
    "亲，",
    "打扰了，",
];

const LEADS: [&str; 16] = [
    "quick question: ",
    "sorry to bother you, but ",
    "I'm new here. ",
    "I looked through the menus and found nothing. ",
    "my boss wants to know: ",
    "one more thing: ",
    "we have just started. ",
    "maybe a silly question, but ",
    "I read the guide and still don't see it. ",
    "a colleague asked me: ",
    "for our team: ",
    "I need some help. ",
    "just wondering, ",
    "please tell me, ",
    "I'm a bit lost. ",
    "before we decide: ",
];
const LEADS_ZH: [&str; 16] = [
    "请问",
    "麻烦问一下，",
    "想咨询一下，",
    "我是新用户，",
    "菜单里找了一圈没找到，",
    "领导想知道，",
    "再问一个，",
    "我们刚开始用，",
    "问题可能有点傻，",
    "看了说明还是不明白，",
    "同事问我，",
    "帮忙看一下，",
    "想了解一下，",
    "不好意思，",
    "我有点懵，",
    "决定之前想问：",
];

const ENDS: [&str; 8] = [
    " Thanks!",
    " Thank you.",
    " Thanks in advance.",
    " Many thanks!",
    " Please help.",
    " Cheers",
    " Thx",
    " Thank you very much!",
];
const ENDS_ZH: [&str; 8] = [
    "谢谢",
    "谢谢！",
    "多谢",
    "麻烦了",
    "急",
    "求解答",
    "感谢！",
    "辛苦了",
];

/// Words that are exchanged without a change of meaning.
const SWAPS: [(&str, &[&str]); 14] = [
    (
        "How do I ",
        &["How can I ", "How do you ", "How would I ", "How to "],
    ),
    ("how do I ", &["how can I ", "how would I "]),
    (
        "Where do I ",
        &["Where can I ", "Where would I ", "Where exactly do I "],
    ),
    ("where do I ", &["where can I ", "where would I "]),
    (
        "Can I ",
        &[
            "Could I ",
            "May I ",
            "Am I able to ",
            "Is it possible that I ",
        ],
    ),
    (
        "I want to ",
        &["I'd like to ", "I would like to ", "I wish to "],
    ),
    (
        "Is there a way to ",
        &["Is there any way to ", "Is there an option to "],
    ),
    ("somebody", &["someone"]),
    ("the app ", &["your app ", "the application "]),
    ("our workspace", &["our work space", "the workspace"]),
    ("the workspace", &["our workspace", "your workspace"]),
    ("What is ", &["What's ", "Could you tell me what is "]),
    (
        ", what now?",
        &[", what can I do?", ", help!", ", what next?"],
    ),
    ("e-mail", &["email", "mail"]),
];
const SWAPS_ZH: [(&str, &[&str]); 10] = [
    ("怎么", &["如何", "怎样", "该怎么", "要怎么"]),
    ("在哪里", &["在哪儿", "在什么地方", "在哪"]),
    ("可以", &["能", "能够"]),
    ("吗？", &["么？", "吗", "不？"]),
    ("多少钱", &["价格多少", "什么价"]),
    ("为什么", &["为啥", "为何"]),
    ("想把", &["打算把", "希望把"]),
    ("怎么办？", &["咋办？", "该怎么办？", "如何处理？"]),
    ("你们", &["贵公司", "咱们这边"]),
    ("应用", &["软件", "程序", "App"]),
];

/// A wording as a person would type it.
pub(super) fn typed(wording: &str, tongue: Tongue, chance: &mut Chance) -> String {
    let mut text = wording.to_owned();
    if chance.happens(OTHER_WORDS) {
        text = match tongue {
            Tongue::English => swapped(&text, &SWAPS, chance),
            Tongue::Chinese => swapped(&text, &SWAPS_ZH, chance),
        };
    }
    if chance.happens(SLIPS) {
        text = slip(&text, tongue, chance);
    }
    let careless = chance.happens(CARELESS);
    if careless {
        text = text
            .trim_end_matches(['?', '.', '？', '。', '！'])
            .to_owned();
        if chance.happens(0.5) {
            text = text.to_lowercase();
        }
    }
    let (greetings, leads, ends): (&[&str], &[&str], &[&str]) = match tongue {
        Tongue::English => (&GREETINGS, &LEADS, &ENDS),
        Tongue::Chinese => (&GREETINGS_ZH, &LEADS_ZH, &ENDS_ZH),
    };
    if chance.happens(LEADS_IN) {
        let lead = *chance.one(leads);
        text = format!("{}{text}", capital(lead));
    }
    if chance.happens(GREETS) {
        text = format!("{}{text}", chance.one(greetings));
    }
    if chance.happens(THANKS) {
        let stop = match tongue {
            Tongue::Chinese if text.ends_with(|c: char| c.is_alphanumeric()) => "，",
            _ => "",
        };
        text = format!("{text}{stop}{}", chance.one(ends));
    }
    text
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// One matching exchange, made once. (怎么办 is one word, in which 怎么 stays as it is.)
fn swapped(text: &str, swaps: &[(&str, &[&str])], chance: &mut Chance) -> String {
    let fits: Vec<_> = swaps
        .iter()
        .filter(|(from, _)| text.contains(from) && !text.contains(&format!("{from}办")))
        .collect();
    if fits.is_empty() {
        return text.to_owned();
    }
    let &(from, to) = *chance.one(&fits);
    let to = *chance.one(to);
    text.replacen(from, to, 1)
}

/// A typing error: in English two letters change places or one is missing, in Chinese a character is doubled. Names and
/// numbers are left out, because people check these.
fn slip(text: &str, tongue: Tongue, chance: &mut Chance) -> String {
    let letters: Vec<char> = text.chars().collect();
    let inner = |at: usize| {
        let near = letters.get(at.saturating_sub(3)..at + 3);
        near.is_some_and(|near| near.iter().all(|c| c.is_lowercase()))
    };
    let hanzi = |at: usize| ('\u{4E00}'..='\u{9FFF}').contains(&letters[at]);
    let places: Vec<usize> = (0..letters.len())
        .filter(|at| match tongue {
            Tongue::English => *at > 3 && inner(*at),
            Tongue::Chinese => hanzi(*at),
        })
        .collect();
    if places.is_empty() {
        return text.to_owned();
    }
    let at = *chance.one(&places);
    let mut letters = letters;
    match tongue {
        Tongue::English if chance.happens(0.5) => letters.swap(at, at + 1),
        Tongue::English => {
            letters.remove(at);
        }
        Tongue::Chinese => letters.insert(at, letters[at]),
    }
    letters.into_iter().collect()
}
