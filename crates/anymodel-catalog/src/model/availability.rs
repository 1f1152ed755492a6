//! Availability check: are the models that a program names still in the list? It finds a removed model before a call fails.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::recommend::SOON;
use super::{Capability, Day, Model, Models, UseCase, catalogue, nearest};

/// The availability of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Availability {
    /// It is available.
    There,
    /// It is available until that day, which is within 30 days.
    Ending(Day),
    /// It was retired on that day.
    Retired(Day),
    /// It is not in the list.
    Gone,
}

impl Availability {
    /// Whether a call to it would succeed, according to the list.
    pub fn can_be_asked(self) -> bool {
        matches!(self, Availability::There | Availability::Ending(_))
    }
}

/// One name with its availability, and a replacement.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AvailabilityCheck {
    /// The name.
    pub name: String,
    /// Its availability.
    pub presence: Availability,
    /// The nearest available model, for a name that is gone or ending.
    pub instead: Option<String>,
}

/// The availability of several names.
#[derive(Clone, Debug)]
pub struct AvailabilityReport {
    pub(crate) list: Vec<AvailabilityCheck>,
    pub(crate) provenance: String,
}

impl AvailabilityReport {
    /// All checks, in order.
    pub fn iter(&self) -> impl Iterator<Item = &AvailabilityCheck> {
        self.list.iter()
    }

    /// Whether all names are available.
    pub fn all_there(&self) -> bool {
        self.list.iter().all(|one| one.presence.can_be_asked())
    }
}

impl Models {
    /// Checks names: available, ending soon, retired or gone, each with a replacement.
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

    /// The nearest model that is available and stays. It is free if the other one was, has the same capabilities, and is of
    /// the same family, or at least of a similar price and context.
    ///
    /// The other model is looked up in this list and in the built-in catalogue. For an unknown name, the spelling decides.
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
        // After a free offer ended the paid model remains, and it has the same capabilities.
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

/// The distance between `other` and `known`; the more important parts come first.
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
    // The unit is a thousand millionth of a dollar, so that a free model is near to an almost free one.
    let blended = model.pricing.blended().max(Decimal::ZERO);
    blended.to_f64().unwrap_or(0.0) * 1e9
}

fn tokens(model: &Model) -> f64 {
    model.context_length.unwrap_or(1) as f64
}
