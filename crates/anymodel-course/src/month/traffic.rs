//! Traffic: a month of calls to a help desk, each with the answer that is right for it.
//!
//! | share of a day's calls | kind | reason for the share |
//! |---|---|---|
//! | 10 % | one feature that repeats the same question | the article's 200 of 2,000 calls |
//! | 46.8 % | knowledge-base questions, topics by Zipf's law | 52 % of people's; in a published log of 100,000 questions to a help desk 65 % had been asked before, 18 % word by word |
//! | 27 % | new questions, each asked once | in that log 35 % were new; with the two rows below it is 48 % of people's |
//! | 9 % | about the current moment: outages, queues, offers | each has another answer each time it is asked |
//! | 7.2 % | about one's own order, invoice or ticket | each number has its own answer |
//!
//! Of the knowledge-base questions 15 % are clicks on a button of the help page, with exactly its words. The others are
//! typed: one of the wordings, changed by [`typed`]. Together about a fifth of people's questions repeats an earlier one
//! word by word, near the 18 % of that log. Hard are the topics and new questions that are marked so in their files: half of
//! the new ones, because rare questions are rarely simple. With the hard topics this is about one question in six.
//!
//! The topics are difficult for a cache: plans, systems, tools and roles make families of questions that differ in one
//! name, and many topics have a neighbour in nearly the same words (turn on and off, upload and download, 401 and 403).
//!
//! Every question has the id of its right answer, in its language. Questions about one's own affairs and about the moment
//! each have an answer that no other question has.

use std::collections::{HashMap, HashSet};

use super::chance::{Chance, Zipf};
use super::corpus::{Corpus, Tongue, Topic};
use super::dress::typed;

/// Share of all calls: those of the feature that repeats one question.
const FEATURE: f64 = 0.10;
/// Share of people's calls: questions from the knowledge base, …
pub(super) const KNOWN: f64 = 0.52;
/// … about the current moment, and about one's own affairs; the others are new.
const NOW: f64 = 0.10;
const OWN: f64 = 0.08;
/// Share of the knowledge-base questions: clicks on a button.
const TAPS: f64 = 0.15;
/// Share of the new questions: hard ones.
const HARD: f64 = 0.50;
/// The exponent of Zipf's law; 1 is the original law.
const STEEPNESS: f64 = 1.0;
/// Share of the calls: those between eight and eighteen o'clock.
const OFFICE_HOURS: f64 = 0.8;

/// The question of the feature, sent each time a start page is opened.
pub(super) const FEATURE_ASKS: &str =
    "Write one friendly sentence that welcomes a visitor to our help pages.";

/// The kind of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Known,
    Fresh,
    Now,
    Own,
    /// The feature, not a person.
    Feature,
}

/// One call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub text: String,
    /// The number of the right answer: equal numbers are equal answers.
    pub wants: u32,
    pub kind: Kind,
    pub hard: bool,
    /// The second of the day.
    pub second: u32,
}

/// The parameters of a month.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TrafficSettings {
    pub seed: u64,
    pub days: usize,
    pub calls: usize,
    pub tongues: Vec<Tongue>,
    /// Share of people's calls, see [`KNOWN`].
    pub known: f64,
}

/// A month of calls, in order.
#[derive(Debug)]
pub(super) struct Month {
    pub days: Vec<Vec<Call>>,
    /// The right answer for each text, without those about the current moment.
    pub wants: HashMap<String, u32>,
}

impl Month {
    pub fn calls(&self) -> usize {
        self.days.iter().map(Vec::len).sum()
    }
}

/// Draws a month.
pub(super) fn month(corpus: &Corpus, settings: &TrafficSettings) -> Month {
    let mut chance = Chance::new(settings.seed);
    // The most frequent topics are random as well, so that the easy ones cannot be chosen.
    let mut ranks: Vec<usize> = (0..corpus.known.len()).collect();
    chance.shuffle(&mut ranks);
    let mut draw = Draw {
        corpus,
        zipf: Zipf::new(ranks.len(), STEEPNESS),
        ranks,
        easy: corpus.fresh.iter().filter(|topic| !topic.hard).collect(),
        hard: corpus.fresh.iter().filter(|topic| topic.hard).collect(),
        names: HashMap::new(),
        wants: HashMap::new(),
        asked: HashSet::new(),
        chance,
        alone: u32::MAX,
    };
    let days = (0..settings.days).map(|_| draw.day(settings)).collect();
    Month {
        days,
        wants: draw.wants,
    }
}

/// The state of drawing a month.
struct Draw<'a> {
    corpus: &'a Corpus,
    zipf: Zipf,
    ranks: Vec<usize>,
    easy: Vec<&'a Topic>,
    hard: Vec<&'a Topic>,
    names: HashMap<String, u32>,
    wants: HashMap<String, u32>,
    /// New questions so far.
    asked: HashSet<String>,
    chance: Chance,
    /// Counts down: the number of an answer for only one call.
    alone: u32,
}

impl Draw<'_> {
    fn day(&mut self, settings: &TrafficSettings) -> Vec<Call> {
        let feature = (settings.calls as f64 * FEATURE).round() as usize;
        let mut calls: Vec<Call> = (0..settings.calls)
            .map(|at| match at < feature {
                true => self.feature(),
                false => self.person(settings),
            })
            .collect();
        calls.sort_by_key(|call| call.second);
        calls
    }

    fn second(&mut self) -> u32 {
        let (from, hours) = match self.chance.happens(OFFICE_HOURS) {
            true => (8, 10),
            false => (0, 24),
        };
        (from * 3600 + self.chance.below(hours * 3600)) as u32
    }

    fn feature(&mut self) -> Call {
        Call {
            text: FEATURE_ASKS.to_owned(),
            wants: self.number("feature"),
            kind: Kind::Feature,
            hard: false,
            second: self.second(),
        }
    }

    fn person(&mut self, settings: &TrafficSettings) -> Call {
        let tongue = *self.chance.one(&settings.tongues);
        let second = self.second();
        let part = self.chance.part();
        let kind = match part {
            _ if part < settings.known => Kind::Known,
            _ if part < settings.known + NOW => Kind::Now,
            _ if part < settings.known + NOW + OWN => Kind::Own,
            _ => Kind::Fresh,
        };
        loop {
            let (name, text, hard) = match kind {
                Kind::Known => self.known(tongue),
                Kind::Now => self.now(tongue),
                Kind::Own => self.own(tongue),
                Kind::Fresh | Kind::Feature => self.fresh(tongue),
            };
            let wants = match kind {
                Kind::Now => {
                    self.alone -= 1;
                    self.alone
                }
                _ => self.number(&format!("{name} {tongue:?}")),
            };
            // A typing error may turn one question into the text of another. Its right answer would be unclear, so it is
            // drawn again.
            if kind == Kind::Now || *self.wants.entry(text.clone()).or_insert(wants) == wants {
                return Call {
                    text,
                    wants,
                    kind,
                    hard,
                    second,
                };
            }
        }
    }

    fn known(&mut self, tongue: Tongue) -> (String, String, bool) {
        let rank = self.zipf.draw(&mut self.chance);
        let topic = &self.corpus.known[self.ranks[rank]];
        let wordings = topic.wordings(tongue);
        let text = match self.chance.happens(TAPS) {
            true => wordings[0].clone(),
            false => {
                let wording: &String = self.chance.one(wordings);
                typed(wording, tongue, &mut self.chance)
            }
        };
        (topic.id.clone(), text, topic.hard)
    }

    fn now(&mut self, tongue: Tongue) -> (String, String, bool) {
        let topic = self.chance.one(&self.corpus.now);
        let wording: &String = self.chance.one(topic.wordings(tongue));
        let text = typed(wording, tongue, &mut self.chance);
        (topic.id.clone(), text, topic.hard)
    }

    fn own(&mut self, tongue: Tongue) -> (String, String, bool) {
        let topic = self.chance.one(&self.corpus.own);
        let hard = topic.hard;
        let (name, text) = self.filled(topic, tongue);
        (name, text, hard)
    }

    /// A new question, different from all earlier ones.
    fn fresh(&mut self, tongue: Tongue) -> (String, String, bool) {
        let hard = self.chance.happens(HARD);
        loop {
            let topic = match hard {
                true => *self.chance.one(&self.hard),
                false => *self.chance.one(&self.easy),
            };
            let (name, text) = self.filled(topic, tongue);
            if self.asked.insert(name.clone()) {
                return (name, text, hard);
            }
        }
    }

    /// One wording of a question, with its slots filled and typed, and the id of its answer.
    fn filled(&mut self, topic: &Topic, tongue: Tongue) -> (String, String) {
        let chance = &mut self.chance;
        let (name, wordings) = self.corpus.fill(topic, tongue, |slot, values| {
            let number = match slot {
                "id" => 10_000 + chance.below(90_000),
                _ => 3 + chance.below(400),
            };
            match values {
                [] => (number.to_string(), number.to_string(), number.to_string()),
                _ => {
                    let value = chance.one(values);
                    let (name, english, chinese) = (&value.name, &value.english, &value.chinese);
                    (name.clone(), english.clone(), chinese.clone())
                }
            }
        });
        let wording = chance.one(&wordings).clone();
        (name, typed(&wording, tongue, chance))
    }

    fn number(&mut self, name: &str) -> u32 {
        let next = self.names.len() as u32;
        *self.names.entry(name.to_owned()).or_insert(next)
    }
}
