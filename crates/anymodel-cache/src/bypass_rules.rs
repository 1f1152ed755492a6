//! Bypass rules: which questions are never answered from the cache, by their words.
//!
//! The lists stand in `bypass_rules.txt`, in English and Chinese, to be read and added to; the head of the file explains
//! them. A word list cannot understand a question. It is made to err on the side of asking again: that costs a request,
//! while an old answer to "what time is it?" is wrong.
//!
//! - [`BypassRules`]: the built-in lists, and a user's own
//! - [`pattern`](super::pattern): one line of them
//! - [`pii`](super::pii): numbers and addresses that belong to a person, by their form

use std::collections::HashMap;
use std::sync::LazyLock;

use super::pattern::{Pattern, STOP, words};
use super::pii::is_pii;
use super::statistics::BypassReason;
use anymodel_types::{ChatRequest, Role};

static BUILT_IN: LazyLock<BypassRules> =
    LazyLock::new(|| BypassRules::read(include_str!("bypass_rules.txt")));

/// The bytes that are read at the beginning and at the end of a longer message. The question stands there, and a text to
/// be translated or summed up may say "today" without being about today.
const READ: usize = 600;

/// Bypass rules: patterns, each with its reason.
#[derive(Clone, Debug, Default)]
pub(super) struct BypassRules {
    /// By a word that each begins with.
    patterns: HashMap<String, Vec<(Because, Pattern)>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Because {
    /// The question asks what something is.
    General,
    /// The question names a day that moves: then what something is may change, too.
    Moving,
    /// The question only sounds like something that changes.
    Except,
    /// The answer is kept, whatever else the question says.
    Always,
    Never(BypassReason),
}

impl BypassRules {
    fn read(text: &str) -> Self {
        let mut lists = BypassRules::default();
        let mut because = Because::Except;
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match line
                .strip_prefix('[')
                .and_then(|line| line.strip_suffix(']'))
            {
                Some("general") => because = Because::General,
                Some("moving") => because = Because::Moving,
                Some(name) => {
                    because = BypassReason::named(name).map_or(Because::Except, Because::Never)
                }
                None => lists.add(because, line),
            }
        }
        lists
    }

    fn add(&mut self, because: Because, line: &str) {
        let Some(pattern) = Pattern::read(line) else {
            return;
        };
        for first in pattern.begins_with() {
            let same = self.patterns.entry(first).or_default();
            same.push((because, pattern.clone()));
        }
    }

    /// Adds a line of the user's own list.
    pub fn bypass_when(&mut self, line: &str) {
        self.add(Because::Never(BypassReason::OwnList), line);
    }

    /// Adds a line that overrides all others.
    pub fn cache_when(&mut self, line: &str) {
        self.add(Because::Always, line);
    }

    /// Why the answer to this text is not to be kept.
    pub fn check(&self, text: &str) -> Option<BypassReason> {
        let read = ends_of(text);
        let mut words = words(&read);
        if self.find(&words, Because::is_always).is_some() {
            return None;
        }
        if let Some((because, _)) = self.find(&words, Because::is_never) {
            return because.reason();
        }
        // An address may stand anywhere in the text, and would be written to disk.
        if is_pii(text) {
            return Some(BypassReason::Personal);
        }
        // Data about a person is personal, whatever is asked about it.
        let is_personal = |because: &Because| *because == Because::Never(BypassReason::Personal);
        if BUILT_IN.find(&words, is_personal).is_some() {
            return Some(BypassReason::Personal);
        }
        BUILT_IN.take_out_exceptions(&mut words);
        let (because, _) = BUILT_IN.find(&words, Because::is_never)?;
        because.reason()
    }

    /// Whether the text of a system prompt holds personal data.
    fn has_pii(&self, text: &str) -> bool {
        is_pii(text) && self.find(&words(text), Because::is_always).is_none()
    }

    /// The first pattern of a kind that is found, and its place.
    fn find(
        &self,
        words: &[String],
        kind: fn(&Because) -> bool,
    ) -> Option<(Because, std::ops::Range<usize>)> {
        words.iter().enumerate().find_map(|(at, word)| {
            let candidates = self.patterns.get(word)?;
            let mut of_kind = candidates.iter().filter(|(because, _)| kind(because));
            of_kind.find_map(|(because, pattern)| Some((*because, at..pattern.end(words, at)?)))
        })
    }

    /// Blanks the words of exceptions.
    fn take_out_exceptions(&self, words: &mut [String]) {
        for sentence in words.split_mut(|word| word == STOP) {
            if self
                .find(sentence, |because| *because == Because::General)
                .is_none()
            {
                continue;
            }
            // "What is the difference between today's and yesterday's rate?" asks for the rates.
            let mut left = sentence.to_vec();
            self.take_out_phrases(&mut left);
            if self
                .find(&left, |because| *because == Because::Moving)
                .is_none()
            {
                sentence.iter_mut().for_each(String::clear);
            }
        }
        self.take_out_phrases(words);
    }

    fn take_out_phrases(&self, words: &mut [String]) {
        while let Some((_, range)) = self.find(words, |because| *because == Because::Except) {
            for word in &mut words[range] {
                word.clear();
            }
        }
    }
}

impl Because {
    fn is_always(&self) -> bool {
        *self == Because::Always
    }

    fn is_never(&self) -> bool {
        matches!(self, Because::Never(_))
    }

    fn reason(self) -> Option<BypassReason> {
        match self {
            Because::Never(why) => Some(why),
            _ => None,
        }
    }
}

/// Why the answer to a request is not to be kept, by the user's messages in it: the last one, and the earlier ones, because
/// "and in Bergen?" goes on about the weather.
pub(super) fn check(request: &ChatRequest, own: &BypassRules) -> Option<BypassReason> {
    let mut said = request.messages.iter().rev();
    said.find_map(|message| match message.role {
        Role::User => own.check(&message.content),
        Role::System => own
            .has_pii(&message.content)
            .then_some(BypassReason::Personal),
        Role::Assistant | Role::Tool => None,
    })
}

/// The beginning and the end of a long text; a short one whole.
fn ends_of(text: &str) -> String {
    if text.len() <= 2 * READ {
        return text.to_owned();
    }
    let beginning = &text[..text.floor_char_boundary(READ)];
    let end = &text[text.ceil_char_boundary(text.len() - READ)..];
    format!("{beginning}\n{end}")
}
