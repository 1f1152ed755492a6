//! What holds the words of a question together.
//!
//! The same words can ask something else: *is butter made of milk?* and *is milk made of butter?*, *who can I call?* and *who
//! can call me?* So a frame keeps a question whole. Every word stands in it, in its order: the content words under one key for
//! all that say the same, and prepositions, auxiliaries, persons, quantifiers, participles each as themselves. An unknown word
//! counts as itself. Only two frames that are equal may share an answer. That is strict by design: what is left out of a frame
//! is written down here, and everything else counts.
//!
//! Left out: politeness, articles and Chinese particles of mood, *do* and *does*, and from where in the question *how*, *why*,
//! *when* or *may I* is said (not that it is said). Two parts may change places where that changes nothing: a phrase of time,
//! place or condition before the question word may follow at the end, and *the difference between A and B* is that between B
//! and A.

use super::lexicon::{ASKS, Content, Entry};
use super::words::{is_han, stem};
use super::{hash, mix};

/// The words of a question in their order, while it is read.
#[derive(Debug, Default)]
pub(super) struct Frame {
    words: Vec<u32>,
    /// How it is asked, wherever that stands.
    asks: Vec<u32>,
    /// How many words stand before the first of `asks`.
    before: Option<usize>,
    /// The content words as they are written, whatever else says the same, and how much they are: 2 a word, 1 a character.
    letters: u64,
    content: u8,
    /// Begins with a phrase of time, place or condition.
    located: bool,
    /// Where `由谁` stands.
    agent: Option<usize>,
    han: bool,
    /// Whether the last word is one that the lexicon knows.
    ends_known: bool,
}

/// Said in any question and changing none.
const EMPTY: &[&str] = &[
    "a",
    "an",
    "the",
    "do",
    "does",
    "please",
    "kindly",
    "hello",
    "hi",
    "hey",
    "thanks",
    "thank you in advance",
    "just",
    "really",
    "actually",
    "so",
    "i want to",
    "i would like to",
    "i would like",
    "i am trying to",
    "i wish to",
    "can you explain",
    "can you tell me",
    "could you tell me",
    "please tell me",
    "tell me",
    "do you know",
    "i wonder",
    "i was wondering",
    "请",
    "请问",
    "麻烦",
    "你好",
    "您好",
    "谢谢你",
    "谢谢您",
    "想知道",
    "告诉我",
    "能告诉我",
    "请告诉我",
    "吗",
    "呢",
    "吧",
    "啊",
    "呀",
    "嘛",
    "么",
    "哦",
    "到底",
    "究竟",
    "的",
];

/// What stands for a word that holds others together and has several forms.
const FORMS: [(&str, &[&str]); 9] = [
    ("be", &["am", "is", "are", "be", "was", "were"]),
    ("have", &["have", "has", "had", "having"]),
    ("get", &["get", "gets", "got", "getting", "gotten"]),
    ("one", &["i", "we", "you", "one"]),
    ("me", &["me", "us"]),
    ("my", &["my", "our"]),
    ("把", &["把", "将"]),
    ("里", &["里", "里面", "中"]),
    ("和", &["和", "与", "跟", "同", "以及", "及"]),
];

/// Words that begin a phrase of time, place or condition.
const LOCATING: [&str; 17] = [
    "in", "on", "at", "for", "when", "if", "after", "before", "during", "while", "within",
    "without", "under", "with", "as", "because", "until",
];

impl Frame {
    /// An empty frame; whether Chinese stands in the question.
    pub fn new(han: bool) -> Self {
        Frame {
            han,
            ..Frame::default()
        }
    }

    /// Adds a phrase that the lexicon knows.
    pub fn known(&mut self, written: &str, entry: &Entry, clause: bool) {
        if EMPTY.contains(&written) || self.goes_without_saying(written) {
            return;
        }
        if entry.asks != 0 && !clause {
            self.ask(written, entry.asks);
            return;
        }
        self.begin(written);
        self.spell(written, matches!(entry.content, Content::Same(_)));
        let form = FORMS.iter().find(|(_, forms)| forms.contains(&written));
        let key = match (form, entry.content) {
            (Some((form, _)), _) => hash(form),
            (None, Content::Same(key) | Content::Light(key)) => key,
            (None, Content::Nothing) => hash(stem(written)),
        };
        self.ends_known = matches!(entry.content, Content::Same(_));
        self.words.push(key);
        self.participle(written);
    }

    /// What may be left out at its place: the `我` and `在` at the beginning, and `来` after *who*; *that* after *what is the
    /// reason*.
    fn goes_without_saying(&self, written: &str) -> bool {
        match written {
            "我" | "我们" | "在" => self.words.is_empty(),
            "来" => self.words.last() == Some(&hash("who")),
            "that" => self.words.is_empty() && self.asks == [hash("why")],
            _ => false,
        }
    }

    /// Adds a word that it does not know.
    pub fn unknown(&mut self, written: &str, key: u32) {
        self.begin(written);
        self.spell(written, true);
        self.ends_known = false;
        self.words.push(key);
        self.participle(written);
    }

    fn spell(&mut self, written: &str, content: bool) {
        self.letters = mix(self.letters ^ u64::from(hash(stem(written))));
        if content && !written.is_empty() {
            let one = written.chars().all(is_han) && written.chars().count() == 1;
            self.content = self.content.saturating_add(if one { 1 } else { 2 });
        }
    }

    /// *Feeds* and *is fed* are two things.
    fn participle(&mut self, written: &str) {
        if written.is_ascii() && (written.ends_with("ed") || written.ends_with("en")) {
            self.words.push(hash("-ed"));
        }
    }

    /// What a Chinese verb is done to may stand before it, where that is beyond doubt: `怎么把密码修改`, `密码怎么修改` and
    /// `怎么修改密码`; `裁判由谁选` and `谁选裁判`.
    fn move_object(&mut self) {
        let all = self.words.len();
        if let Some(at) = self.agent {
            self.words.rotate_left(at);
        } else if self.ends_known && all > 1 && self.asks == [hash("how")] {
            if self.words.first() == Some(&hash("把")) {
                self.words.remove(0);
                self.words.rotate_right(1);
            } else if self.before == Some(all - 1) && self.han {
                self.words.rotate_right(1);
            }
        }
    }

    fn begin(&mut self, written: &str) {
        self.located |= self.words.is_empty() && LOCATING.contains(&written);
    }

    fn ask(&mut self, written: &str, bits: u32) {
        // `是由谁选的` and `由谁选`, `是在哪年` and `在哪年`.
        if self.words.last() == Some(&hash("是")) {
            self.words.pop();
        }
        match Asked::of(written, bits) {
            Asked::Nothing => {}
            Asked::Anywhere(what, swallowed) => {
                let at = self.words.len();
                self.before.get_or_insert(at);
                self.asks.push(hash(what));
                if !swallowed.is_empty() {
                    self.words.push(hash(swallowed));
                }
            }
            Asked::Here(what) => {
                if written.starts_with("由") {
                    self.agent.get_or_insert(self.words.len());
                }
                self.words.push(hash(&what));
            }
        }
    }

    /// The frame as one number; equal frames have equal numbers.
    pub fn seal(mut self, times: u8) -> u64 {
        if let (true, Some(at)) = (self.located, self.before) {
            self.words.rotate_left(at);
        }
        self.move_object();
        if let [who, is, rest @ ..] = &self.words[..]
            && (*who, *is) == (hash("who"), hash("是"))
        {
            // `谁是作者` and `作者是谁`.
            self.words = rest.iter().copied().chain([*who]).collect();
        }
        if self.asks.contains(&hash("meaning")) {
            self.words.retain(|word| *word != hash("what"));
        }
        let and = [hash("and"), hash("和"), hash("from")];
        if self.asks.contains(&hash("difference"))
            && let [at] = self
                .words
                .iter()
                .enumerate()
                .filter(|(_, w)| and.contains(w))
                .map(|(at, _)| at)
                .collect::<Vec<_>>()[..]
        {
            let side = |words: &[u32]| -> Vec<u32> {
                let between = ["between", "what", "how", "be", "does"].map(hash);
                words
                    .iter()
                    .copied()
                    .filter(|word| !between.contains(word))
                    .collect()
            };
            let (one, other) = (side(&self.words[..at]), side(&self.words[at + 1..]));
            let (first, second) = if one <= other {
                (one, other)
            } else {
                (other, one)
            };
            self.words = [first, vec![and[0]], second].concat();
        }
        self.asks.sort_unstable();
        self.asks.dedup();
        let all = self.words.iter().chain([&0]).chain(&self.asks);
        // A single content word is too little to go by: then the rest has to be the same to the letter.
        let letters = if self.content < 4 { self.letters } else { 0 };
        all.fold(u64::from(times) ^ letters, |sum, word| {
            mix(sum ^ u64::from(*word))
        })
    }
}

/// What a phrase asks for, to the letter.
enum Asked {
    /// Only whether.
    Nothing,
    /// The same wherever it is said; and what the phrase says beside, as the `写` of `怎么写`.
    Anywhere(&'static str, &'static str),
    /// Of what stands next to it.
    Here(String),
}

impl Asked {
    /// Reads a phrase of the lexicon and what it asks for there, which is coarser.
    fn of(written: &str, bits: u32) -> Self {
        let named = |name: &str| {
            ASKS.iter()
                .position(|known| *known == name)
                .is_some_and(|at| bits & 1 << at != 0)
        };
        let has = |parts: &[&str]| parts.iter().any(|part| written.contains(part));
        let anywhere = |what| Asked::Anywhere(what, "");
        if named("howto") {
            return how(written);
        }
        if named("can")
            && (has(&[
                "can",
                "could",
                "may",
                "might",
                "possibl",
                "allowed",
                "permitted",
                "able",
                "all right",
                "能",
                "可",
                "行",
            ]))
        {
            return anywhere("can");
        }
        if named("should") {
            return anywhere(if has(&["should", "ought", "better", "good", "应", "该"]) {
                "should"
            } else if has(&["必须"]) {
                "must"
            } else {
                "need"
            });
        }
        if named("why") && !has(&["形成", "引起", "造成", "一到", "could"]) {
            return Asked::Anywhere(
                "why",
                if written.ends_with('会') || has(&["怎么会"]) {
                    "会"
                } else {
                    ""
                },
            );
        }
        if named("when") {
            return match written {
                _ if has(&["year", "年"]) => anywhere("year"),
                _ if has(&["month", "几月", "月份"]) => anywhere("month"),
                _ if has(&["day", "天", "几号", "date"]) => anywhere("day"),
                _ if has(&["when", "time", "时"]) => anywhere("when"),
                _ => Asked::Here(written.into()),
            };
        }
        if named("where") {
            return anywhere("where");
        }
        if named("often") && has(&["often", "frequent", "interval", "regularly", "隔", "频率"]) {
            return anywhere("often");
        }
        if named("meaning") && !has(&["内容", "概念", "explain", "解释", "stand for"]) {
            return anywhere("meaning");
        }
        if named("purpose")
            && has(&["purpose", "use of", "used for", "用", "干什么", "做什么"])
            && !has(&["时候"])
        {
            return anywhere("purpose");
        }
        if named("difference") && !has(&["not the same", "change", "用法"]) {
            return anywhere("difference");
        }
        if named("price") && !has(&["how much does", "how much would", "贵"]) {
            return anywhere("price");
        }
        if named("is") && !has(&["有", "会"]) {
            return Asked::Nothing;
        }
        // What it is said of stands next to it.
        if named("duration") && has(&["how long", "how much time", "久", "长时间", "多少时间"])
        {
            return Asked::Here("duration".into());
        }
        if named("who") && !has(&["whose", "找", "家"]) && !written.starts_with("which") {
            return Asked::Here("who".into());
        }
        if (named("which") || named("what"))
            && !has(&["kind", "sort", "type"])
            && written.is_ascii()
        {
            return Asked::Here("what".into());
        }
        if written.is_ascii() {
            return Asked::Here(if named("count") {
                "count".into()
            } else {
                written.into()
            });
        }
        let plain = written
            .replace('几', "多少")
            .replace("怎样", "怎么")
            .replace("如何", "怎么");
        let plain = plain
            .trim_start_matches(['是', '有', '在'])
            .trim_end_matches(['个', '位', '名']);
        Asked::Here(plain.into())
    }
}

/// *How do I?*, *what do I do?* and *where do I?*
fn how(written: &str) -> Asked {
    let has = |parts: &[&str]| parts.iter().any(|part| written.contains(part));
    if written.is_ascii() {
        let cope = written.ends_with(" do") && written.starts_with("what")
            || written == "how do i proceed";
        return match written {
            "how is" | "how are" => Asked::Anywhere("how", "be"),
            _ if written.starts_with("where") => Asked::Anywhere("where", ""),
            _ if cope => Asked::Anywhere("cope", ""),
            _ if has(&[
                "command", "code", "syntax", "sql", "formula", "function", "query", "setting",
                "click", "tap", "set", "press", "type",
            ]) =>
            {
                Asked::Here(written.into())
            }
            _ => Asked::Anywhere("how", ""),
        };
    }
    let rest = written.trim_start_matches(['应', '该', '当', '要']);
    match rest {
        "怎么" | "怎样" | "如何" | "怎么样才能" | "怎样才能" | "怎么才能" | "怎么才" => {
            Asked::Anywhere("how", "")
        }
        "怎么办" | "怎么处理" | "如何处理" | "怎么解决" => {
            Asked::Anywhere("cope", "")
        }
        "怎么用" => Asked::Anywhere("how", "用"),
        "怎么写" => Asked::Anywhere("how", "写"),
        _ if has(&["方法", "办法"]) && !has(&["哪个"]) => Asked::Anywhere("how", ""),
        _ => Asked::Here(rest.into()),
    }
}
