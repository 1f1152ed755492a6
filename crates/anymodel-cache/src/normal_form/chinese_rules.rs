//! Chinese rewrite rules: drop words that the question's kind implies, and sort interchangeable parts.

use super::chinese::{is_program, is_verb};

/// `螃蟹和柿子能一起吃` and `柿子和螃蟹能一起吃`.
pub(super) fn together(words: &mut Vec<String>) {
    let at = |known: &str| words.iter().position(|word| word == known);
    if let (Some(and), Some(can), Some(_)) = (at("和"), at("能"), at("一起"))
        && and < can
    {
        let rest = words.split_off(can);
        *words = [sorted(std::mem::take(words), &["和"]), rest].concat();
    }
}

/// Removes words that say nothing beside the kind of question.
pub(super) fn settle_words(kind: &str, pre: &mut Vec<String>, post: &mut Vec<String>) {
    if ["how", "where"].contains(&kind) && pre.len() > 1 && pre[0] == "想" {
        pre.remove(0);
    }
    if kind == "how"
        && post.len() == 1
        && post[0] == "制作"
        && pre.len() > 1
        && pre.first().is_some_and(|word| is_verb(word))
    {
        post.clear();
    }
    if kind == "why" {
        pre.pop_if(|word| word == "要");
        if post.len() > 1 && post[0] == "要" {
            post.remove(0);
        }
    }
    if kind == "how" && pre.iter().chain(post.iter()).any(|word| word == "选择") {
        pre.retain(|word| word != "合适");
        post.retain(|word| word != "合适");
    }
    // `补办遗失的医保卡` and `医保卡遗失怎么补办`.
    if kind == "how" && pre.is_empty() && post.len() > 2 && post[1] == "丢失" {
        post.remove(1);
        post.push("丢失".into());
    }
    // `谁发明了造纸术` and `造纸术是谁发明的`; `谁是作者` and `作者是谁`.
    if kind == "who" {
        post.retain(|word| word != "了");
        post.pop_if(|word| word == "是");
        if post.first().is_some_and(|word| word == "是") {
            post.remove(0);
        }
        pre.pop_if(|word| word == "是");
    }
}

/// Words for a property of a thing: `有哪些规则` and `规则是什么`.
pub(super) const OF_A_THING: [&str; 15] = [
    "规则", "好处", "坏处", "条件", "特点", "作用", "症状", "危害", "意义", "内容", "功能", "区别",
    "步骤", "流程", "后果",
];

/// `修剪月季的最佳时间是什么时候` and `什么时候修剪月季最合适`; returns whether it was the first.
pub(super) fn settle_when(pre: &mut Vec<String>, post: &mut Vec<String>) -> bool {
    let best = pre.iter().any(|word| word == "最好时间");
    for words in [pre, post] {
        words.retain(|word| !["最好时间", "最合适", "合适"].contains(&word.as_str()));
    }
    best
}

/// `作者是谁` and `谁写的`.
pub(super) fn written(pre: &mut Vec<String>, post: &mut Vec<String>) -> bool {
    let author = pre.last().is_some_and(|word| word == "作者") && post.is_empty()
        || post.first().is_some_and(|word| word == "作者");
    let some = pre.len() + post.len() > 1;
    let wrote = post.first().is_some_and(|word| word == "写");
    if some && (author || wrote) {
        for words in [pre, post] {
            words.retain(|word| !["作者", "写", "了", "是"].contains(&word.as_str()));
        }
    }
    some && (author || wrote)
}

/// The verb stands before its object: `把密码修改` is `修改密码`, `给自行车换内胎` is `换自行车内胎`.
pub(super) fn object_last(mut post: Vec<String>) -> Vec<String> {
    let verb_after = |post: &[String], marker: &str| {
        let verb = post.iter().position(|word| is_verb(word));
        verb.filter(|at| *at > 1 && post[0] == marker)
    };
    if let Some(verb) = verb_after(&post, "把") {
        post.remove(0);
        post.rotate_left(verb - 1);
    }
    if let Some(verb) = verb_after(&post, "给") {
        post.remove(0);
        post[..verb].rotate_right(1);
    }
    post
}

/// A and B in one order, whichever was written.
pub(super) fn sorted(words: Vec<String>, between: &[&str]) -> Vec<String> {
    let and: Vec<usize> = words
        .iter()
        .enumerate()
        .filter(|(_, word)| between.contains(&word.as_str()))
        .map(|(at, _)| at)
        .collect();
    let [at] = and[..] else { return words };
    let (a, b) = (words[..at].to_vec(), words[at + 1..].to_vec());
    let and = vec!["和".to_owned()];
    if a.concat() <= b.concat() {
        [a, and, b].concat()
    } else {
        [b, and, a].concat()
    }
}

/// Takes out the place: `在Python里`, `用Python`, or a single Latin name before the question.
pub(super) fn place(pre: &mut Vec<String>, post: &mut Vec<String>, kind: &str) -> Option<String> {
    const IN: [&str; 3] = ["在", "用", "使用"];
    const WITHIN: [&str; 6] = ["里", "上", "下", "语言", "系统", "最近"];
    let latin = |word: &String| is_program(word);
    let names = pre
        .iter()
        .chain(post.iter())
        .filter(|word| latin(word))
        .count();
    // `怎么修改微信密码` and `微信怎么修改密码`.
    if kind == "how"
        && names == 1
        && pre.is_empty()
        && post.len() > 2
        && is_verb(&post[0])
        && latin(&post[1])
    {
        return Some(post.remove(1));
    }
    let mut first = true;
    for words in [pre, post] {
        let from = usize::from(
            words
                .first()
                .is_some_and(|word| IN.contains(&word.as_str())),
        );
        let topic = kind == "how" && first && words.len() == from + 1;
        first = false;
        if (names == 1 || names == 2 && topic) && words.get(from).is_some_and(latin) {
            let mut end = from + 1;
            while words
                .get(end)
                .is_some_and(|word| WITHIN.contains(&word.as_str()))
            {
                end += 1;
            }
            let marked = from > 0 || end > from + 1;
            if (marked || end < words.len() || kind == "how")
                && (end < words.len() || kind != "def")
            {
                let place = words[from].clone();
                words.drain(..end);
                return Some(place);
            }
        }
        // `在手机里`.
        if words.first().is_some_and(|word| word == "在")
            && let Some(end) = words
                .iter()
                .take(6)
                .position(|word| word == "里")
                .filter(|end| *end > 1)
        {
            words.remove(end);
            words.remove(0);
        }
    }
    None
}
