//! Task classifier: what kind of question is it, and how hard? It runs here, without a request to a model.
//!
//! It was trained on questions written for it, in English and Chinese. They stand in the repository, in
//! `crates/anymodel-client/tests/data`, with their origin and the accuracy. `cargo run --release --example train_tasks` trains it anew and prints the figures. The model is
//! linear: each run of characters and each word adds a little for or against each kind, so a result can be explained in
//! the question's own words. It knows no other language than these two.
//!
//! - this file: [`classify`], [`Task`], [`Kind`], [`Difficulty`]
//! - `text`: a question's characters, normalised
//! - `features`: the features of a question, as numbers
//! - `surface_features`: length, scripts, marks
//! - `classifier`: the learned weights, and their file format
//! - `explanation`: the reason, in the question's own words

mod classifier;
mod explanation;
mod features;
mod surface_features;
mod text;

use std::fmt;
use std::sync::LazyLock;

use anymodel_types::{Language, words};
pub use classifier::{Calibration, Classifier, Scores};
pub use features::{Feature, features};

/// Kind of question: what it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Code, tools, errors, how software is built.
    Programming,
    /// A text to be written or made better.
    Writing,
    /// Something to be calculated, proved, or understood in mathematics.
    Mathematics,
    /// From one human language to another.
    Translation,
    /// Knowledge about the world.
    Facts,
    /// Small talk, feelings, advice, and everything else.
    Conversation,
}

impl Kind {
    /// All kinds. A model's weights stand in this order.
    pub const ALL: [Kind; 6] = [
        Kind::Programming,
        Kind::Writing,
        Kind::Mathematics,
        Kind::Translation,
        Kind::Facts,
        Kind::Conversation,
    ];

    /// The kind in one word for programs, such as `programming`: always in English.
    pub fn name(self) -> &'static str {
        self.name_in(Language::English)
    }

    /// The kind in one word for people. A `Kind` displays as the one in the language of the process.
    pub fn name_in(self, language: Language) -> &'static str {
        let words = &language.words().tasks;
        match self {
            Kind::Programming => words.programming(),
            Kind::Writing => words.writing(),
            Kind::Mathematics => words.mathematics(),
            Kind::Translation => words.translation(),
            Kind::Facts => words.facts(),
            Kind::Conversation => words.conversation(),
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name_in(Language::current()))
    }
}

/// Difficulty: how much a question asks of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Difficulty {
    /// A small model answers it well.
    Simple,
    /// It takes several steps, or knowledge of a field; or the difficulty is uncertain.
    Hard,
}

impl fmt::Display for Difficulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Difficulty::Simple => words::tasks().simple(),
            Difficulty::Hard => words::tasks().hard(),
        })
    }
}

/// Task: the classification of a question. It displays as one line.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Task {
    /// The most likely kind.
    pub kind: Kind,
    /// The probability of that kind, from 0 to 1: of the answers with 0.8, about eight in ten are right.
    pub confidence: f32,
    /// The kind is a guess. Routers then ask the model of [`otherwise`](crate::ByKind::otherwise).
    pub unsure: bool,
    /// Why this kind, in words from the question.
    pub because: String,
    /// What a model needs. A question that may be hard is called hard.
    pub difficulty: Difficulty,
    /// The probability that the question is hard, from 0 to 1.
    pub chance_hard: f32,
    /// Why this difficulty, in words from the question.
    pub difficulty_because: String,
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.because, self.difficulty_because)
    }
}

/// Classifies a question by kind and difficulty, in well under a millisecond. Nothing is sent anywhere.
///
/// ```
/// use anymodel::task::{Difficulty, Kind, classify};
///
/// let task = classify("用 Python 写一个快速排序函数");
/// assert_eq!(task.kind, Kind::Programming);
/// println!("{}", task.because); // looks like programming (0.98): “Python”, “函数”, …
///
/// // Not a matter of single words.
/// assert_eq!(classify("Write a poem about Python, my pet snake.").kind, Kind::Writing);
/// assert_eq!(classify("What is the capital of France?").difficulty, Difficulty::Simple);
/// ```
pub fn classify(question: &str) -> Task {
    SHIPPED.classify(question)
}

static SHIPPED: LazyLock<Classifier> = LazyLock::new(|| {
    // A test reads the file, so it is intact. A model that knows nothing is unsure about everything.
    Classifier::read(include_bytes!("model.bin")).unwrap_or_default()
});

impl Classifier {
    /// The same as [`classify`], with this model.
    pub fn classify(&self, question: &str) -> Task {
        let features = features(question);
        let scores = self.scores(&features);
        let (kind, confidence) = scores.best();
        let unsure = question.trim().is_empty() || confidence < self.calibration().unsure_below;
        let difficulty = if scores.hard >= self.calibration().hard_from {
            Difficulty::Hard
        } else {
            Difficulty::Simple
        };
        Task {
            kind,
            confidence,
            unsure,
            because: explanation::kind(self, question, &features, &scores, unsure),
            difficulty,
            chance_hard: scores.hard,
            difficulty_because: explanation::difficulty(
                self, question, &features, &scores, difficulty,
            ),
        }
    }
}
