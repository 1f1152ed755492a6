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

use super::asking::Asked;
use super::lexicon::{Content, Entry};
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
