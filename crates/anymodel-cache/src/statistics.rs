//! Cache statistics: hits, misses and savings, as plain data.

use std::fmt;

use anymodel_types::Language;
use rust_decimal::Decimal;

/// Bypass reason: why a question was asked without a look-up, and its answer not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum BypassReason {
    /// It asks for the time of day, or how something stands now.
    Time,
    /// It is about a day that moves: today, last week.
    Date,
    /// It asks for the weather.
    Weather,
    /// It asks what something costs.
    Prices,
    /// It asks for the latest.
    News,
    /// It wants chance to decide.
    Randomness,
    /// It wants another answer than before.
    Again,
    /// It is about a person.
    Personal,
    /// It is in the caller's own list: see [`Cache::bypass_when`](crate::Cache::bypass_when).
    OwnList,
    /// It offers functions that are run on the way to an answer, and running them may have effects.
    Functions,
    /// It asks for variety by a temperature above 1, without a seed.
    Temperature,
    /// It was asked with `Chat::no_cache`.
    OptedOut,
}

impl BypassReason {
    const ALL: [BypassReason; 12] = [
        BypassReason::Time,
        BypassReason::Date,
        BypassReason::Weather,
        BypassReason::Prices,
        BypassReason::News,
        BypassReason::Randomness,
        BypassReason::Again,
        BypassReason::Personal,
        BypassReason::OwnList,
        BypassReason::Functions,
        BypassReason::Temperature,
        BypassReason::OptedOut,
    ];

    /// The name for programs, a word or two such as `time`: always in English.
    pub fn as_str(self) -> &'static str {
        self.name_in(Language::English)
    }

    /// The name for people, in their language. A `BypassReason` displays as the one in the language of the process.
    pub fn name_in(self, language: Language) -> &'static str {
        let words = &language.words().bypass_reasons;
        match self {
            BypassReason::Time => words.time(),
            BypassReason::Date => words.date(),
            BypassReason::Weather => words.weather(),
            BypassReason::Prices => words.prices(),
            BypassReason::News => words.news(),
            BypassReason::Randomness => words.randomness(),
            BypassReason::Again => words.again(),
            BypassReason::Personal => words.personal_data(),
            BypassReason::OwnList => words.own_list(),
            BypassReason::Functions => words.functions(),
            BypassReason::Temperature => words.temperature_above_1(),
            BypassReason::OptedOut => words.opted_out(),
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        BypassReason::ALL
            .into_iter()
            .find(|why| why.as_str() == name)
    }
}

impl fmt::Display for BypassReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name_in(Language::current()))
    }
}

/// Cache statistics since the cache was made. Made by [`Cache::statistics`](crate::Cache::statistics); they display as a
/// table, in a terminal and in a notebook.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CacheStatistics {
    /// Exact hits: questions that had been answered before, to the last character.
    pub exact: u64,
    /// Single flight: questions that were being answered for another call at that moment.
    pub in_flight: u64,
    /// Semantic hits: questions that had been answered before in other words.
    pub semantic: u64,
    /// Misses: questions that were asked because no answer was known.
    pub misses: u64,
    /// Bypassed questions, whose answers are never kept: reason and count, the most frequent first.
    pub bypassed: Vec<(BypassReason, u64)>,
    /// Answers that were not kept: errors, cut texts, calls of functions, and texts too long to keep.
    pub not_kept: u64,
    /// Tokens sent that the hits would have taken, as far as platforms reported them.
    pub prompt_tokens_saved: u64,
    /// Tokens received that the hits would have taken.
    pub completion_tokens_saved: u64,
    /// US dollars that the hits would have cost: the cost of each original answer.
    pub saved: Decimal,
    /// Hits whose answers have no known cost: they are in `saved` with 0.
    pub unpriced: u64,
    /// Answers that are kept now.
    pub entries: usize,
    /// About the memory that they take, in bytes.
    pub bytes: usize,
    /// Evicted answers: the cache was full.
    pub evicted: u64,
    /// Expired answers: they were too old.
    pub expired: u64,
    /// Whether some of the hits are simulated answers, and with them a part of the savings.
    pub simulated: bool,
    /// What is wrong with the file, in words: it was damaged, or can no longer be written.
    pub trouble: Option<String>,
}

impl CacheStatistics {
    /// Questions that were answered without a request.
    pub fn hits(&self) -> u64 {
        self.exact + self.in_flight + self.semantic
    }

    /// All questions.
    pub fn questions(&self) -> u64 {
        let bypassed: u64 = self.bypassed.iter().map(|(_, count)| count).sum();
        self.hits() + self.misses + bypassed
    }

    /// Hit rate: the part of all questions that was answered without a request, 0 to 1; 0 when nothing was asked.
    pub fn hit_rate(&self) -> f64 {
        match self.questions() {
            0 => 0.0,
            questions => self.hits() as f64 / questions as f64,
        }
    }

    pub(super) fn bypass(&mut self, why: BypassReason) {
        match self.bypassed.iter_mut().find(|(known, _)| *known == why) {
            Some((_, count)) => *count += 1,
            None => self.bypassed.push((why, 1)),
        }
        self.bypassed
            .sort_by_key(|(why, count)| (std::cmp::Reverse(*count), *why));
    }
}
