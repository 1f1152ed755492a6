//! Health report: the state of each circuit breaker, for people to read.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::EndpointHealth;
use super::circuit_breaker::BreakerState;
use anymodel_display::output::sanitize;
use anymodel_types::{ErrorKind, words};

/// The state of one circuit breaker: how a model fares for this client. Listed by [`Client::health`](crate::Client::health).
///
/// It displays as one line.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Circuit {
    /// The platform of the model.
    pub platform: String,
    /// The model, as it was asked for.
    pub model: String,
    /// Closed, open or half open.
    pub state: CircuitState,
    /// Failures of the last 30 s that say something about the model.
    pub failures: usize,
    /// All requests of the last 30 s that say something about the model.
    pub samples: usize,
    /// The class of the latest of these failures.
    pub reason: Option<ErrorKind>,
}

/// The state of a circuit breaker: whether a model is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CircuitState {
    /// The model is asked.
    Closed,
    /// The model failed many times, and is left alone for so long.
    Open(Duration),
    /// One request probes whether the model has recovered.
    HalfOpen,
}

impl EndpointHealth {
    /// All models that were asked, by name.
    pub fn circuits(&self) -> Vec<Circuit> {
        let now = Instant::now();
        let mut memory = self.memory();
        let mut circuits: Vec<_> = memory
            .routes
            .iter_mut()
            .map(|(platform, model, record)| {
                let state = match record.breaker.state(now) {
                    BreakerState::Open { until } if self.breaks => {
                        CircuitState::Open(until.saturating_duration_since(now))
                    }
                    BreakerState::HalfOpen { .. } if self.breaks => CircuitState::HalfOpen,
                    _ => CircuitState::Closed,
                };
                let (failures, samples) = record.breaker.counts();
                Circuit {
                    platform: platform.to_owned(),
                    model: model.to_owned(),
                    state,
                    failures,
                    samples,
                    reason: record.breaker.reason(),
                }
            })
            .collect();
        circuits.sort_by(|a, b| (&a.platform, &a.model).cmp(&(&b.platform, &b.model)));
        circuits
    }
}

impl fmt::Display for Circuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} ", sanitize(&self.platform), sanitize(&self.model))?;
        match self.state {
            CircuitState::Closed => f.write_str(words::health().is_asked())?,
            CircuitState::Open(left) => {
                f.write_str(&words::health().is_left_alone(&left.as_secs_f64()))?;
            }
            CircuitState::HalfOpen => f.write_str(words::health().is_probed_by_one_request())?,
        }
        if self.failures > 0 {
            f.write_str(&words::health().requests_failed(&self.failures, &self.samples))?;
        }
        match self.reason {
            Some(reason) => f.write_str(&words::health().last_failure(&reason)),
            None => Ok(()),
        }
    }
}
