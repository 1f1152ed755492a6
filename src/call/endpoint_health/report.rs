//! What a client remembers, for people to read.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::EndpointHealth;
use super::circuit_breaker::BreakerState;
use crate::failure::ErrorKind;
use anymodel_display::output::sanitize;

/// How a model fares, as this client has seen it. Listed by [`Client::endpoint_health`](crate::Client::health).
///
/// It displays as one line.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Circuit {
    /// Who serves the model.
    pub platform: String,
    /// The model, as it was asked for.
    pub model: String,
    /// Whether it is asked.
    pub state: CircuitState,
    /// Requests of the last 30 s that failed in a way which tells something about the model.
    pub failures: usize,
    /// All requests of the last 30 s that tell something about it.
    pub samples: usize,
    /// The class of the latest of these failures.
    pub reason: Option<ErrorKind>,
}

/// Whether a model is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CircuitState {
    /// It is.
    Closed,
    /// It failed again and again, and is left alone for so long.
    Open(Duration),
    /// One request is to find out whether it is well again.
    HalfOpen,
}

impl EndpointHealth {
    /// Every model that was asked, by name.
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
            CircuitState::Closed => f.write_str("is asked")?,
            CircuitState::Open(left) => {
                write!(f, "is left alone for {:.1} s", left.as_secs_f64())?;
            }
            CircuitState::HalfOpen => f.write_str("is probed by one request")?,
        }
        if self.failures > 0 {
            write!(f, "; {} of {} requests failed", self.failures, self.samples)?;
        }
        match self.reason {
            Some(reason) => write!(f, ", the last: {reason}"),
            None => Ok(()),
        }
    }
}
