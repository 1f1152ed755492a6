//! Router statistics: how the models of a router fare, as plain data.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::ser::{Serialize, SerializeStruct, Serializer};
use tokio::time::Instant;

use anymodel_types::ErrorKind;

/// Router statistics: how the models of a router fare.
///
/// It displays as a table, in a terminal and in a notebook, and can be serialised. Made by
/// [`Router::statistics`](super::Router::statistics).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RouterStatistics {
    /// The strategy in words, such as `round robin`.
    pub strategy: &'static str,
    /// The models, in the order in which they were named.
    pub models: Vec<RouteStatistics>,
}

/// Route statistics: how one model of a router fares.
///
/// ```
/// # use anymodel::prelude::*;
/// # use anymodel::Router;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anymodel::Result<()> {
/// # let client = Client::builder().platform("sandbox").sandbox_time_scale(0.0).build()?;
/// let router = Router::new(["sandbox/down", "sandbox/echo"]);
/// client.ask(&router, "Hello").await?;
/// let down = &router.statistics().models[0];
/// assert_eq!(down.success_rate(), Some(0.0));
/// assert_eq!(down.last_failure, Some(ErrorKind::Overloaded));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RouteStatistics {
    /// The model's name, as the router was given it.
    pub model: Arc<str>,
    /// Requests that are over: successes, failures and cancelled ones.
    pub requests: u64,
    /// Whole answers.
    pub successes: u64,
    /// Requests that failed.
    pub failures: u64,
    /// Requests that the caller cancelled, which says nothing of the model.
    pub cancelled: u64,
    /// Calls that are at this model right now.
    pub in_flight: u64,
    /// The class of its latest failure.
    pub last_failure: Option<ErrorKind>,
    /// The time of its latest failure.
    pub last_failed: Option<SystemTime>,
    /// The time of all its answers together.
    pub(super) answering: Duration,
    /// Whether the sandbox answered for it.
    pub(super) simulated: bool,
    /// Until when it is left alone, as far as the router knows.
    pub(super) alone_until: Option<Instant>,
}

impl RouteStatistics {
    pub(super) fn new(model: Arc<str>) -> Self {
        RouteStatistics {
            model,
            requests: 0,
            successes: 0,
            failures: 0,
            cancelled: 0,
            in_flight: 0,
            last_failure: None,
            last_failed: None,
            answering: Duration::ZERO,
            simulated: false,
            alone_until: None,
        }
    }

    /// Updates this copy from the same model. A new copy would touch the reference count of its name, with each choice.
    pub(super) fn refresh(&mut self, now: &RouteStatistics) {
        let RouteStatistics {
            model: _,
            requests,
            successes,
            failures,
            cancelled,
            in_flight,
            last_failure,
            last_failed,
            answering,
            simulated,
            alone_until,
        } = *now;
        self.requests = requests;
        self.successes = successes;
        self.failures = failures;
        self.cancelled = cancelled;
        self.in_flight = in_flight;
        self.last_failure = last_failure;
        self.last_failed = last_failed;
        self.answering = answering;
        self.simulated = simulated;
        self.alone_until = alone_until;
    }

    /// Statistics with these counts: for the checker of an exercise.
    #[cfg(feature = "sandbox")]
    pub fn as_if(model: &str, (successes, failures): (u64, u64), in_flight: u64) -> Self {
        RouteStatistics {
            requests: successes + failures,
            successes,
            failures,
            in_flight,
            ..RouteStatistics::new(model.into())
        }
    }

    /// Success rate, 0 to 1; requests that the caller cancelled do not count. `None` before any has ended.
    pub fn success_rate(&self) -> Option<f64> {
        let all = self.successes + self.failures;
        (all > 0).then(|| self.successes as f64 / all as f64)
    }

    /// Mean time from request to whole answer. `None` before it has answered.
    pub fn mean_time(&self) -> Option<Duration> {
        let nanos = self
            .answering
            .as_nanos()
            .checked_div(self.successes.into())?;
        Some(Duration::from_nanos(nanos.try_into().unwrap_or(u64::MAX)))
    }

    /// How much longer it is left alone, because its circuit is open or a limit of its platform is reached; `None` when it
    /// may be asked.
    pub fn suspended_for(&self) -> Option<Duration> {
        let left = self.alone_until?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// Whether its answers came from the sandbox.
    pub fn is_simulated(&self) -> bool {
        self.simulated
    }
}

impl Serialize for RouterStatistics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("RouterStatistics", 2)?;
        fields.serialize_field("strategy", self.strategy)?;
        fields.serialize_field("models", &self.models)?;
        fields.end()
    }
}

/// Times are in seconds; `last_failed` counts from 1970.
impl Serialize for RouteStatistics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let since_1970 = |at: SystemTime| at.duration_since(SystemTime::UNIX_EPOCH).ok();
        let last_failed = self.last_failed.and_then(since_1970);
        let seconds = |span: Option<Duration>| span.map(|span| span.as_secs_f64());
        let mut fields = serializer.serialize_struct("RouteStatistics", 12)?;
        fields.serialize_field("model", &*self.model)?;
        fields.serialize_field("requests", &self.requests)?;
        fields.serialize_field("successes", &self.successes)?;
        fields.serialize_field("failures", &self.failures)?;
        fields.serialize_field("cancelled", &self.cancelled)?;
        fields.serialize_field("in_flight", &self.in_flight)?;
        fields.serialize_field("success_rate", &self.success_rate())?;
        fields.serialize_field("mean_time", &seconds(self.mean_time()))?;
        fields.serialize_field("last_failure", &self.last_failure.map(ErrorKind::as_str))?;
        fields.serialize_field("last_failed", &seconds(last_failed))?;
        fields.serialize_field("simulated", &self.simulated)?;
        fields.serialize_field("left_alone", &seconds(self.suspended_for()))?;
        fields.end()
    }
}
