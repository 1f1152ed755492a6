//! Word order of the normal form of a Chinese question.

use super::chinese::is_verb;
use super::chinese_rules::{
    OF_A_THING, object_last, place, settle_when, settle_words, sorted, together, written,
};

/// The words of a question, and what it asks.
#[derive(Debug, Default)]
pub(super) struct Asked {
    words: Vec<String>,
    /// The kinds of question, and before which word each stands.
    kinds: Vec<(&'static str, usize)>,
}

impl Asked {
    pub fn word(&mut self, word: &str) {
        self.words.push(word.to_owned());
    }

    /// Whether there is no word yet.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub fn kind(&mut self, kind: &'static str) {
        self.kinds.push((kind, self.words.len()));
    }

    /// *Explain* says nothing where something is asked; a repeated word counts once.
    fn say_once(&mut self) {
        if self.kinds.len() < 2 {
            return;
        }
        let explains = |kind: &str| ["def", "tell"].contains(&kind);
        let others = self.kinds.iter().any(|(kind, _)| !explains(kind));
        let mut seen: Vec<&str> = Vec::new();
        self.kinds.retain(|(kind, _)| {
            let keeps = !(seen.contains(kind) || others && explains(kind));
            seen.push(kind);
            keeps
        });
        if self.kinds.iter().any(|(kind, _)| *kind == "def") {
            self.kinds.retain(|(kind, _)| *kind != "tell");
        }
    }
}

/// The sentence as text, its kind first.
pub(super) fn arrange(mut asked: Asked) -> String {
    asked.say_once();
    let [(kind, at)] = asked.kinds[..] else {
        return in_place(&asked);
    };
    let mut post = asked.words.split_off(at);
    let mut pre = asked.words;
    let kind = settle(kind, &mut pre, &mut post);
    let place = place(&mut pre, &mut post, kind);
    for words in [&mut pre, &mut post] {
        if words.len() > 1 && words[0] == "在" {
            words.remove(0);
        }
        words.retain(|word| word != "里");
    }
    let words = match kind {
        "how" | "where" | "who" if !post.is_empty() => {
            let mut post = object_last(post);
            // `红烧肉怎么做才不腻` and `怎么做红烧肉才不腻`.
            let then = post
                .iter()
                .position(|word| word == "才")
                .unwrap_or(post.len())
                .max(1);
            let rest = post.split_off(then);
            // `员工怎么投诉公司` is not `怎么投诉公司员工`.
            if post.len() > 1 && !pre.is_empty() {
                pre.insert(0, "|".into());
            }
            [
                post,
                pre,
                rest.into_iter().filter(|word| word != "才").collect(),
            ]
            .concat()
        }
        "when" if post.len() == 1 && is_verb(&post[0]) => [post, pre].concat(),
        "differ" => sorted([pre, post].concat(), &["和"]),
        "far" => {
            let mut words = [pre, post].concat();
            if words.first().is_some_and(|word| word == "从") {
                words.remove(0);
            }
            sorted(words, &["到", "离", "距", "距离", "和"])
        }
        _ => [pre, post].concat(),
    };
    let mut text = format!("<{kind}>{}", words.concat());
    if let Some(place) = place {
        text.push('@');
        text.push_str(&place);
    }
    text
}

/// The kind of question after a closer look, and without the words that say nothing beside it.
fn settle(kind: &'static str, pre: &mut Vec<String>, post: &mut Vec<String>) -> &'static str {
    let mut kind = if kind == "tell" { "def" } else { kind };
    let can = pre.iter().chain(post.iter()).any(|word| word == "能");
    if ["how", "cope", "why"].contains(&kind) || can {
        forget(pre, post, &["了"]);
    }
    // `离职手续怎么办` asks how.
    let papers = |word: &String| word.ends_with("手续") || word.ends_with("证") || word == "护照";
    if kind == "cope" && post.is_empty() && pre.last().is_some_and(papers) {
        kind = "how";
        post.push("办".into());
    }
    // `多久浇一次水` asks how often, `浇一次要多久` how long.
    let once = post
        .windows(2)
        .position(|two| two[0] == "1" && two[1] == "次");
    if let Some(once) = once.filter(|_| ["long", "often"].contains(&kind)) {
        post.drain(once..once + 2);
        kind = "often";
    }
    match kind {
        "often" => forget(pre, post, &["要", "应该"]),
        "why" => forget(pre, post, &["会"]),
        "how" | "where" => {
            post.retain(|word| word != "能");
            pre.pop_if(|word| ["能", "要", "应该"].contains(&word.as_str()));
            if post.first().is_some_and(|word| word == "要") {
                post.remove(0);
            }
        }
        _ => {}
    }
    settle_words(kind, pre, post);
    // `是如何计算的` and `如何计算`.
    if ["how", "why"].contains(&kind) && pre.last().is_some_and(|word| word == "是") {
        pre.pop();
    }
    if ["how", "cope", "can"].contains(&kind) {
        for words in [&mut *pre, &mut *post] {
            if words.len() > 1
                && words
                    .last()
                    .is_some_and(|word| word == "上" || word == "功能")
            {
                words.pop();
            }
        }
    }
    if ["how", "when", "often", "long", "where"].contains(&kind) {
        for words in [&mut *pre, &mut *post] {
            words.pop_if(|word| word == "最好");
        }
    }
    if kind.starts_with("when") && settle_when(pre, post) {
        kind = "when";
    }
    if kind == "who" && written(pre, post) {
        kind = "author";
    }
    if kind == "what 有"
        && pre
            .iter()
            .chain(post.iter())
            .next_back()
            .is_some_and(|word| OF_A_THING.contains(&word.as_str()))
    {
        kind = "def";
    }
    kind
}

fn forget(pre: &mut Vec<String>, post: &mut Vec<String>, words: &[&str]) {
    pre.retain(|word| !words.contains(&word.as_str()));
    post.retain(|word| !words.contains(&word.as_str()));
}

fn in_place(asked: &Asked) -> String {
    let mut asked = Asked {
        words: asked.words.clone(),
        kinds: asked.kinds.clone(),
    };
    together(&mut asked.words);
    let has = |known: &[&str]| {
        asked
            .words
            .iter()
            .any(|word| known.contains(&word.as_str()))
    };
    let can = asked.kinds.is_empty() && has(&["能"]);
    let what = has(&["什么", "多少"]);
    let mut text = String::new();
    for (at, word) in asked.words.iter().enumerate() {
        asked
            .kinds
            .iter()
            .filter(|(_, before)| *before == at)
            .for_each(|(kind, _)| text.push_str(&format!("<{kind}>")));
        let empty = can && word == "了"
            || what && word == "都"
            || has(&["多少"]) && word == "要"
            || word == "里"
            || at == 0 && word == "在" && asked.words.len() > 1;
        if !empty {
            text.push_str(word);
        }
    }
    asked
        .kinds
        .iter()
        .filter(|(_, before)| *before == asked.words.len())
        .for_each(|(kind, _)| text.push_str(&format!("<{kind}>")));
    text
}
