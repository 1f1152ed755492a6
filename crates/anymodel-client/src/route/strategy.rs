//! Routing strategies that use only the statistics of the models.
//!
//! Each gives every model a number, and the models with the lowest are asked, lowest first. Models that are left alone come
//! after all others, so that they are asked only when no other is left. No model is left out for good: round robin goes on,
//! use evens out, a random choice can fall on any, and the fastest-first strategy measures again.

use std::fmt;
use std::sync::Arc;

use tokio::time::Instant;

use super::model_stats::{ModelRecord, ModelStats};
use super::routing_context::{RoutingContext, RoutingDecision};
use super::select::no_models;
use anymodel_types::{Error, ErrorKind, Result};

/// One choice of so many measures again the model that was not asked for longest.
const MEASURE_AGAIN: u64 = 20;
/// The lowest success rate in the calculation: a model that always fails counts as one that succeeds this often.
const WORST_LUCK: f64 = 0.05;

type Own = dyn Fn(&RoutingContext<'_>) -> RoutingDecision + Send + Sync;

#[derive(Clone)]
pub(super) enum Strategy {
    RoundRobin,
    /// At random, each model with its weight; without weights, all alike.
    Random(Option<Arc<[f64]>>),
    LeastUsed,
    FastestFirst,
    Failover,
    Own(Arc<Own>),
}

impl Strategy {
    pub fn in_words(&self) -> &'static str {
        match self {
            Strategy::RoundRobin => "round robin",
            Strategy::Random(_) => "random",
            Strategy::LeastUsed => "least used",
            Strategy::FastestFirst => "fastest first",
            Strategy::Failover => "failover",
            Strategy::Own(_) => "own strategy",
        }
    }

    /// Whether it can choose among so many models.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when there are none, or its weights do not fit them.
    pub fn check(&self, models: usize) -> Result<()> {
        if models == 0 {
            return Err(no_models());
        }
        let Strategy::Random(Some(weights)) = self else {
            return Ok(());
        };
        let wrong = if weights.len() != models {
            let s = if weights.len() == 1 { "" } else { "s" };
            format!("{} weight{s} for {models} models", weights.len())
        } else if let Some(bad) = weights.iter().find(|w| !w.is_finite() || **w < 0.0) {
            format!("the weight {bad}, which is no chance")
        } else if weights.iter().sum::<f64>() <= 0.0 {
            "no weight above 0, so nobody can be drawn".to_owned()
        } else {
            return Ok(());
        };
        Err(
            Error::new(ErrorKind::InvalidRequest, format!("the router has {wrong}")).with_hint(
                "give .weights(…) one number of 0 or more for each model, such as [3, 1]: the first then gets 3 of 4 questions",
            ),
        )
    }

    /// The indices of at most `most` models, and why the first is the first.
    pub fn order(
        &self,
        memory: &mut ModelStats,
        most: usize,
        now: Instant,
    ) -> (Vec<usize>, String) {
        let alone = memory.readmit(now);
        let away = |record: &ModelRecord| record.is_suspended(now);
        let (places, because) = match self {
            Strategy::RoundRobin => {
                let places = lowest(&memory.records, most, |one| (away(one), one.turn));
                (places, "next in turn".to_owned())
            }
            Strategy::LeastUsed => {
                // Of two that were used equally often, the one that rested longer.
                let places = lowest(&memory.records, most, |one| (away(one), one.used, one.turn));
                let first = first(&memory.records, &places);
                (places.clone(), first.map_or_else(String::new, least_used))
            }
            Strategy::FastestFirst => fastest(memory, most, now),
            Strategy::Random(weights) => {
                let places = draw(memory, weights.as_deref(), most, now);
                (places, "drawn by lot".to_owned())
            }
            Strategy::Failover | Strategy::Own(_) => {
                let places = lowest(&memory.records, most, away);
                let because = match places.first() {
                    Some(0) | None => "the first in order",
                    Some(_) => "the first in order that may be asked",
                };
                (places, because.to_owned())
            }
        };
        let because = match alone {
            0 => because,
            _ => format!("{because}; {alone} of {} left alone", memory.records.len()),
        };
        (places, because)
    }
}

fn least_used(record: &ModelRecord) -> String {
    format!(
        "asked least: {} requests so far, {} under way",
        record.seen.requests, record.seen.in_flight
    )
}

/// The fastest of late first; before it one that has to be measured.
fn fastest(memory: &ModelStats, most: usize, now: Instant) -> (Vec<usize>, String) {
    let records = &memory.records;
    let mut places = lowest(records, most, |one| {
        let is_away = one.is_suspended(now);
        match one.seconds {
            Some(seconds) => (is_away, seconds / one.luck.max(WORST_LUCK), 0),
            // Its speed is not known: after those that are known, the one with the fewest calls first.
            None => (is_away, f64::INFINITY, one.seen.in_flight),
        }
    });
    let is_idle = |one: &ModelRecord| !one.is_suspended(now) && one.seen.in_flight == 0;
    let new = records.iter().position(|one| one.is_new() && is_idle(one));
    let is_time = memory.choices % MEASURE_AGAIN == MEASURE_AGAIN - 1;
    let stale = is_time.then(|| {
        let others = records.iter().enumerate();
        let others = others.filter(|(place, one)| is_idle(one) && places.first() != Some(place));
        others.min_by_key(|(_, one)| one.turn)
    });
    let (measured, because) = match (new, stale.flatten()) {
        (Some(new), _) => (Some(new), "not measured yet".to_owned()),
        (None, Some((place, stale))) => {
            let rest = memory.turns - stale.turn;
            (
                Some(place),
                format!("measured again after {rest} requests without it"),
            )
        }
        _ => {
            let seconds = first(records, &places).and_then(|one| one.seconds);
            let because = match seconds {
                Some(seconds) => format!("it took {seconds:.2} s of late"),
                None => "nobody is measured yet; it has the fewest calls".to_owned(),
            };
            (None, because)
        }
    };
    if let Some(place) = measured {
        places.retain(|other| *other != place);
        places.insert(0, place);
        places.truncate(most);
    }
    (places, because)
}

/// Draws one model after the other. Models that are left alone come after all others, and models of weight 0 come last.
fn draw(memory: &mut ModelStats, weights: Option<&[f64]>, most: usize, now: Instant) -> Vec<usize> {
    let chance = |place: usize| weights.map_or(1.0, |all| all.get(place).copied().unwrap_or(0.0));
    let mut drawn = Vec::with_capacity(most);
    for is_away in [false, true] {
        let here =
            |(place, record): (usize, &ModelRecord)| match record.is_suspended(now) == is_away {
                true => chance(place),
                false => 0.0,
            };
        let mut chances: Vec<f64> = memory.records.iter().enumerate().map(here).collect();
        while drawn.len() < most {
            let all: f64 = chances.iter().sum();
            let mut lot = memory.random() * all;
            let mut found = None;
            for (place, chance) in chances.iter_mut().enumerate() {
                if *chance <= 0.0 {
                    continue;
                }
                let is_it = lot < *chance;
                lot -= *chance;
                found = Some((place, chance));
                if is_it {
                    break;
                }
            }
            let Some((place, chance)) = found else { break };
            // No model is drawn twice.
            *chance = 0.0;
            drawn.push(place);
        }
        if drawn.len() == most {
            return drawn;
        }
    }
    let rest = lowest(&memory.records, memory.records.len(), |one| {
        one.is_suspended(now)
    });
    let rest = rest.into_iter().filter(|place| chance(*place) <= 0.0);
    drawn.extend(rest.take(most - drawn.len()));
    drawn
}

/// The indices of the `most` records with the lowest keys, lowest first; of equal keys, the earlier index.
fn lowest<K: PartialOrd + Copy>(
    records: &[ModelRecord],
    most: usize,
    key: impl Fn(&ModelRecord) -> K,
) -> Vec<usize> {
    let mut found: Vec<(K, usize)> = Vec::with_capacity(most + 1);
    for (place, record) in records.iter().enumerate() {
        let key = key(record);
        let is_full = found.len() == most;
        if is_full && found.last().is_some_and(|(last, _)| key >= *last) {
            continue;
        }
        let at = found.partition_point(|(other, _)| *other <= key);
        found.insert(at, (key, place));
        found.truncate(most);
    }
    found.into_iter().map(|(_, place)| place).collect()
}

fn first<'a>(records: &'a [ModelRecord], places: &[usize]) -> Option<&'a ModelRecord> {
    records.get(*places.first()?)
}

impl fmt::Debug for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.in_words())
    }
}
