//! Options: what a simulated month is made of, and what is refused.

use anymodel_catalog::model::catalogue;

use super::corpus::Tongue;

/// Parameters of a simulated month. Equal options give an equal month; only the times of cache hits are real.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Seed of the random numbers: another seed is another month by the same rules.
    pub seed: u64,
    /// Number of days, 1 to 365.
    pub days: usize,
    /// Calls a day, 10 to 100,000.
    pub calls: usize,
    /// Languages that people write, in equal parts.
    pub tongues: Vec<Tongue>,
    /// Models that answer.
    pub models: ModelPair,
}

/// Two models, each by its name in the built-in catalogue.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelPair {
    /// Answers everything unless there is a router.
    pub strong: String,
    /// Answers what the router finds simple.
    pub cheap: String,
}

impl ModelPair {
    /// A pair of a strong and a cheap model.
    pub fn new(strong: impl Into<String>, cheap: impl Into<String>) -> Self {
        ModelPair {
            strong: strong.into(),
            cheap: cheap.into(),
        }
    }
}

impl Default for Options {
    /// Thirty days of 2,000 calls in English and Chinese, answered by the lessons' pair of models.
    fn default() -> Self {
        Options {
            seed: 2026,
            days: 30,
            calls: 2000,
            tongues: vec![Tongue::English, Tongue::Chinese],
            models: ModelPair::new("openai/gpt-4o", "openai/gpt-4o-mini"),
        }
    }
}

impl Options {
    /// Refuses what cannot be simulated, in words: a number out of its range, no language, a model without a price.
    pub fn check(&self) -> Result<(), String> {
        within("days", self.days, 1, 365)?;
        within("calls a day", self.calls, 10, 100_000)?;
        if self.tongues.is_empty() {
            return Err("people write at least one language".to_owned());
        }
        priced("the strong model", &self.models.strong)?;
        priced("the cheap model", &self.models.cheap)
    }
}

fn within(name: &str, number: usize, least: usize, most: usize) -> Result<(), String> {
    if (least..=most).contains(&number) {
        return Ok(());
    }
    Err(format!("{name}: {least} to {most}, not {number}"))
}

/// A model with a known price and speed in the catalogue.
fn priced(name: &str, id: &str) -> Result<(), String> {
    match catalogue().get(id) {
        Some(model) if !model.hosts.is_empty() && !model.is_free() => Ok(()),
        Some(_) => Err(format!(
            "{name}: {id} has no price, so there is nothing to save"
        )),
        None => {
            let near = catalogue().nearest(id, 3).join(", ");
            Err(format!(
                "{name}: the catalogue has no {id:?}; near it are {near}"
            ))
        }
    }
}
