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
use anymodel_types::{Error, ErrorKind, Result, words};

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
            words::routes().weight_for_models(&weights.len(), &s, &models)
        } else if let Some(bad) = weights.iter().find(|w| !w.is_finite() || **w < 0.0) {
            words::routes().weight_is_no_chance(&bad)
        } else if weights.iter().sum::<f64>() <= 0.0 {
            words::routes().no_weight_above_0().to_owned()
        } else {
            return Ok(());
        };
        Err(Error::new(
            ErrorKind::InvalidRequest,
            words::routes().router_has(&wrong),
        )
        .with_hint(words::routes().give_weights_one_number_of_0_or_more()))
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
                (places, words::routes().next_in_turn().to_owned())
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
                (places, words::routes().drawn_by_lot().to_owned())
            }
            Strategy::Failover | Strategy::Own(_) => {
                let places = lowest(&memory.records, most, away);
                let because = match places.first() {
                    Some(0) | None => words::routes().first_in_order(),
                    Some(_) => words::routes().first_in_order_that_may_be_asked(),
                };
                (places, because.to_owned())
            }
        };
        let because = match alone {
            0 => because,
            _ => words::routes().some_left_alone(&because, &alone, &memory.records.len()),
        };
        (places, because)
    }
}

fn least_used(record: &ModelRecord) -> String {
    words::routes().asked_least(&record.seen.requests, &record.seen.in_flight)
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
        (Some(new), _) => (Some(new), words::routes().not_measured_yet().to_owned()),
        (None, Some((place, stale))) => {
            let rest = memory.turns - stale.turn;
            (Some(place), words::routes().measured_again(&rest))
        }
        _ => {
            let seconds = first(records, &places).and_then(|one| one.seconds);
            let because = match seconds {
                Some(seconds) => words::routes().it_took_of_late(&seconds),
                None => words::routes().nobody_is_measured_yet().to_owned(),
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
