//! Are the models that a program names still there? One that has vanished is noticed before a call fails on it.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::recommend::SOON;
use super::{Capability, Day, Model, Models, UseCase, catalogue, nearest};

/// What became of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Availability {
    /// It can be asked.
    There,
    /// It can be asked until that day, which comes within 30 days.
    Ending(Day),
    /// It was retired on that day.
    Retired(Day),
    /// It is not in the list.
    Gone,
}

impl Availability {
    /// Whether a call to it would succeed, as far as the list tells.
    pub fn can_be_asked(self) -> bool {
        matches!(self, Availability::There | Availability::Ending(_))
    }
}

/// A name, and what became of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AvailabilityCheck {
    /// The name.
    pub name: String,
    /// What became of it.
    pub presence: Availability,
    /// For one that is gone or will be: the nearest model that is there.
    pub instead: Option<String>,
}

/// Names, and what became of them.
#[derive(Clone, Debug)]
pub struct AvailabilityReport {
    pub(crate) list: Vec<AvailabilityCheck>,
    pub(crate) provenance: String,
}

impl AvailabilityReport {
    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = &AvailabilityCheck> {
        self.list.iter()
    }

    /// Whether each of them can be asked.
    pub fn all_there(&self) -> bool {
        self.list.iter().all(|one| one.presence.can_be_asked())
    }
}

impl Models {
    /// Looks for these names: which are there, which end soon, which are gone, and what to take instead.
    ///
    /// ```
    /// use anymodel::model::Models;
    ///
    /// let checks = Models::built_in().check(["openai/gpt-4o-mini", "openai/gpt-4o-mimi"]);
    /// assert!(!checks.all_there());
    /// for one in checks.iter() {
    ///     println!("{}: {:?}, instead {:?}", one.name, one.presence, one.instead);
    /// }
    /// ```
    pub fn check<S: AsRef<str>>(&self, names: impl IntoIterator<Item = S>) -> AvailabilityReport {
        let checked = |name: &str| {
            let presence = self.presence(name);
            let instead = match presence {
                Availability::There => None,
                _ => self.replacement(name).map(|model| model.id.clone()),
            };
            AvailabilityCheck {
                name: name.to_owned(),
                presence,
                instead,
            }
        };
        AvailabilityReport {
            list: names
                .into_iter()
                .map(|name| checked(name.as_ref()))
                .collect(),
            provenance: self.provenance(),
        }
    }

    fn presence(&self, name: &str) -> Availability {
        let Some(model) = self.get(name) else {
            return Availability::Gone;
        };
        match model.ends() {
            Some(end) if end <= self.today() => Availability::Retired(end),
            Some(end) if self.today().days_until(end) <= SOON => Availability::Ending(end),
            _ => Availability::There,
        }
    }

    /// The nearest model that is there and stays: it is free if the other one was, it can what the other could, and it is
    /// of the same family, or at least of a like price and context.
    ///
    /// What the other one was is looked up in this list and in the built-in catalogue. Of a name that nobody knows, the
    /// spelling tells.
    pub fn replacement(&self, name: &str) -> Option<&Model> {
        let name = name.trim();
        let was_free = name.ends_with(":free");
        let stays = |model: &&Model| {
            let ends_soon = model
                .ends()
                .is_some_and(|end| self.today().days_until(end) <= SOON);
            !ends_soon && model.answers_in_text() && (!was_free || model.is_free())
        };
        let known = self.get(name).or_else(|| catalogue().get(name));
        // A free offer that ended leaves the paid model behind: what it can is what the free one could.
        let known = known.or_else(|| catalogue().get(name.strip_suffix(":free")?));
        let Some(known) = known else {
            let names = self.iter().filter(stays).map(|model| model.id.as_str());
            let near = nearest(name, 1, names).first().copied();
            return near.and_then(|near| self.get(near)).or_else(|| {
                let free = self.free();
                let best = free.recommend(UseCase::General);
                let id = best.best().map(|one| one.model.id.clone())?;
                self.iter().find(|model| model.id == id)
            });
        };
        let others = self
            .iter()
            .filter(stays)
            .filter(|model| model.id != known.id);
        others.min_by_key(|model| difference(known, model))
    }
}

/// How far `other` is from what `known` was; the parts that matter more come first.
fn difference(known: &Model, other: &Model) -> (u64, u64) {
    let missing = |weight: u64, is_missing: bool| u64::from(is_missing) * weight;
    let lacks: u64 = Capability::ALL
        .into_iter()
        .filter(|can| known.can(*can) && !other.can(*can))
        .count() as u64;
    let far = missing(300, known.family() != other.family())
        + missing(100, known.author() != other.author())
        + 200 * lacks
        + ratio(price(known), price(other)).min(300)
        + ratio(tokens(known), tokens(other)).min(300)
        // The newer of two is the better replacement.
        + missing(50, other.created < known.created);
    let spelling = other.id.len().abs_diff(known.id.len()) as u64;
    (far, spelling)
}

/// A hundred for each doubling from one to the other.
fn ratio(one: f64, other: f64) -> u64 {
    (100.0 * (one.max(1.0) / other.max(1.0)).log2().abs()) as u64
}

fn price(model: &Model) -> f64 {
    // A thousand millionth of a dollar is the unit, so that what is free is near to what is nearly free.
    let blended = model.pricing.blended().max(Decimal::ZERO);
    blended.to_f64().unwrap_or(0.0) * 1e9
}

fn tokens(model: &Model) -> f64 {
    model.context_length.unwrap_or(1) as f64
}
