//! Model recommendations: models for a use case, each with its reason in words.
//!
//! A list of models contains no quality. So its facts are scored: capabilities, context, price, age, the number of weights,
//! and parts of the name. All points are on this page, and their words become the reason that is shown. Retired models are
//! never recommended.

use std::cmp::Reverse;
use std::sync::Arc;

use super::scoring::Facts;
use super::{Day, Model, Models, UseCase, grouped};
use anymodel_types::words;

/// A model that ends within so many days is recommended after the others.
pub(super) const SOON: i64 = 30;
/// The number of parts in a shown reason.
const TOLD: usize = 3;

/// Recommended models for one use case, best first.
#[derive(Clone, Debug)]
pub struct Recommendations {
    /// The use case.
    pub wanted: UseCase,
    pub(crate) list: Vec<Recommendation>,
    pub(crate) provenance: String,
}

/// A recommended model with its reason.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recommendation {
    /// The model.
    pub model: Arc<Model>,
    /// The reason, in words.
    pub because: String,
    points: f64,
}

impl Recommendations {
    /// All recommendations, best first.
    pub fn iter(&self) -> impl Iterator<Item = &Recommendation> {
        self.list.iter()
    }

    /// The best; `None` when no model is suitable.
    pub fn best(&self) -> Option<&Recommendation> {
        self.list.first()
    }

    /// The number of recommendations.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether no model is suitable.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The first `n` recommendations.
    #[must_use]
    pub fn first(mut self, n: usize) -> Self {
        self.list.truncate(n);
        self
    }

    /// The names of the best `n`, as a fallback chain.
    ///
    /// A host that is down or rate-limited is often so for all its models. So the chain takes one model of each author
    /// before a second one of any author.
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anymodel::Result<()> {
    /// use anymodel::model::UseCase;
    ///
    /// let client = Client::sandbox()?;
    /// let chain = client.models().await?.free().recommend(UseCase::General).chain(3);
    /// let reply = client.ask(chain, "What is recursion?").await?;
    /// # assert!(reply.cost.unwrap().is_zero());
    /// # Ok(())
    /// # }
    /// ```
    pub fn chain(&self, n: usize) -> Vec<String> {
        let mut authors: Vec<&str> = Vec::new();
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for one in &self.list {
            let author = one.model.author();
            if authors.contains(&author) {
                second.push(one.model.id.clone())
            } else {
                first.push(one.model.id.clone())
            }
            authors.push(author);
        }
        first.extend(second);
        first.truncate(n);
        first
    }
}

impl Models {
    /// Recommends models for this use case, best first, each with its reason in words.
    ///
    /// ```
    /// use anymodel::model::{Models, UseCase};
    ///
    /// let for_programs = Models::built_in().free().recommend(UseCase::Programming);
    /// for one in for_programs.iter().take(3) {
    ///     println!("{}: {}", one.model.id, one.because);
    /// }
    /// # assert!(for_programs.best().unwrap().because.contains("program"));
    /// ```
    pub fn recommend(&self, wanted: UseCase) -> Recommendations {
        let mut list: Vec<Recommendation> = self
            .list
            .iter()
            .filter(|model| model.answers_in_text() && !model.is_retired(self.today()))
            .filter_map(|model| recommendation(model, wanted, self.today()))
            .collect();
        list.sort_by(|one, other| other.points.total_cmp(&one.points));
        Recommendations {
            wanted,
            list,
            provenance: self.provenance(),
        }
    }
}

/// The points for one fact, and its words.
type Point = (f64, String);

fn recommendation(model: &Arc<Model>, wanted: UseCase, today: Day) -> Option<Recommendation> {
    let facts = Facts::of(model, today);
    if wanted == UseCase::Reasoning && !model.supports_reasoning() {
        return None;
    }
    let mut points = points(&facts, wanted);
    points.extend(ending(model, today));
    points.push(price(&facts, wanted));
    let total = points.iter().map(|(points, _)| points).sum();
    let mut told: Vec<&Point> = points
        .iter()
        .filter(|(points, words)| *points > 0.0 && !words.is_empty())
        .collect();
    told.sort_by_key(|(points, _)| Reverse((points * 100.0) as i64));
    told.truncate(TOLD);
    let warned = points
        .iter()
        .filter(|(points, words)| *points < 0.0 && !words.is_empty());
    let words: Vec<&str> = told
        .into_iter()
        .chain(warned)
        .map(|(_, words)| &**words)
        .collect();
    Some(Recommendation {
        model: Arc::clone(model),
        because: if words.is_empty() {
            words::recommendations()
                .nothing_speaks_against_it()
                .to_owned()
        } else {
            words.join("; ")
        },
        points: total,
    })
}

/// The points for and against the model.
fn points(facts: &Facts<'_>, wanted: UseCase) -> Vec<Point> {
    let words = words::recommendations();
    let model = facts.model;
    let mut points = Vec::new();
    let mut add = |holds: bool, worth: f64, words: &str| {
        if holds {
            points.push((worth, words.to_owned()));
        }
    };
    let talks_at_once = !model.supports_reasoning();
    match wanted {
        UseCase::General => {
            add(model.supports_tools(), 6.0, words.calls_functions());
            add(model.accepts_images(), 3.0, words.reads_pictures());
            add(
                facts.is_for_code,
                -15.0,
                words.made_for_programs_rather_than_for_everything(),
            );
            add(
                facts.is_for_thinking,
                -8.0,
                words.thinks_before_every_answer(),
            );
        }
        UseCase::Reasoning => {
            add(true, 6.0, words.reasons_before_it_answers());
            add(facts.is_for_thinking, 10.0, words.made_for_reasoning());
            add(model.supports_tools(), 2.0, words.calls_functions());
        }
        UseCase::Programming => {
            add(facts.is_for_code, 38.0, words.made_for_programs());
            add(
                model.supports_tools(),
                8.0,
                words.calls_functions_as_programming_agents_need(),
            );
            add(
                model.supports_reasoning(),
                4.0,
                words.reasons_through_a_program_first(),
            );
        }
        UseCase::Conversation => {
            add(talks_at_once, 14.0, words.begins_to_answer_at_once());
            add(model.supports_tools(), 2.0, words.calls_functions());
            add(
                facts.is_for_code,
                -20.0,
                words.made_for_programs_rather_than_for_talk(),
            );
            add(
                facts.is_for_thinking,
                -8.0,
                words.keeps_people_waiting_while_it_thinks(),
            );
        }
        UseCase::Quick => {
            add(facts.is_small, 25.0, words.small_so_it_writes_quickly());
            add(talks_at_once, 15.0, words.begins_to_answer_at_once());
            add(
                facts.is_for_code,
                -15.0,
                words.made_for_programs_rather_than_for_everything(),
            );
            add(
                facts.is_for_thinking,
                -15.0,
                words.keeps_people_waiting_while_it_thinks(),
            );
        }
    }
    points.extend([strength(facts, wanted), context(facts, wanted), age(facts)]);
    points
}

fn strength(facts: &Facts<'_>, wanted: UseCase) -> Point {
    let words = words::recommendations();
    let weight = match wanted {
        UseCase::Reasoning => 1.4,
        UseCase::General | UseCase::Programming => 1.0,
        UseCase::Conversation => 0.7,
        UseCase::Quick => 0.3,
    };
    let words = match facts.size {
        _ if wanted == UseCase::Quick => String::new(),
        Some(size) if size >= 100.0 => words.large(&size),
        Some(size) if size >= 20.0 => words.of_middle_size(&size),
        Some(_) => String::new(),
        None if facts.strength >= 34.0 => words.in_the_highest_price_class().to_owned(),
        None if facts.strength >= 27.0 => words.in_the_middle_price_class().to_owned(),
        None => String::new(),
    };
    (weight * facts.strength, words)
}

fn context(facts: &Facts<'_>, wanted: UseCase) -> Point {
    let words = words::recommendations().reads_tokens(&grouped(facts.context()));
    match (facts.context(), wanted) {
        (100_000.., UseCase::Quick) => (1.0, String::new()),
        (100_000.., _) => (6.0, words),
        (32_000.., UseCase::Quick) => (1.0, String::new()),
        (32_000.., _) => (3.0, words),
        (1..16_000, _) => (
            -6.0,
            words::recommendations().reads_only_tokens(&grouped(facts.context())),
        ),
        _ => (0.0, String::new()),
    }
}

/// Up to six points for a new model, none after two years.
fn age(facts: &Facts<'_>) -> Point {
    let years = facts.age.map_or(2.0, |days| days.max(0) as f64 / 365.0);
    let points = (6.0 - 3.0 * years).max(0.0);
    let words = if points > 4.0 {
        words::recommendations().new_model()
    } else {
        ""
    };
    (points, words.to_owned())
}

fn price(facts: &Facts<'_>, wanted: UseCase) -> Point {
    let weight = match wanted {
        UseCase::Reasoning => 0.3,
        UseCase::Programming => 0.7,
        UseCase::General => 1.0,
        UseCase::Conversation => 1.2,
        UseCase::Quick => 1.5,
    };
    let price = match facts.price {
        Some(price) => price,
        // The price is unknown, so it counts as high.
        None => {
            return (
                -15.0 * weight,
                words::recommendations().its_price_is_not_known().to_owned(),
            );
        }
    };
    // Ten times the price costs about twelve points.
    let points = -12.0 * weight * (1.0 + 10.0 * price).log10();
    (points, String::new())
}

fn ending(model: &Model, today: Day) -> Option<Point> {
    let end = model.ends()?;
    let left = today.days_until(end);
    (left <= SOON).then(|| (-30.0, words::recommendations().ends_on(&end)))
}
