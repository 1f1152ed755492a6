//! Latency quantiles: median and 95th percentile of times, in bounded memory.
//!
//! The last 1,024 times are kept as they are, so the quantiles are those of recent work and exact for it: the nearest
//! rank, that is a time that was really measured. Older times stay in the count and in the sum.

use std::collections::VecDeque;
use std::time::Duration;

/// The most times that are kept: 16 KB for a model that is used a lot.
const REMEMBERED: usize = 1024;

/// Latency window: the last times of one model.
#[derive(Clone, Debug, Default)]
pub(super) struct LatencyWindow {
    recent: VecDeque<Duration>,
    count: u64,
    sum: Duration,
}

impl LatencyWindow {
    pub fn add(&mut self, time: Duration) {
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back(time);
        self.count += 1;
        self.sum = self.sum.saturating_add(time);
    }

    /// `None` when nothing was measured.
    pub fn spread(&self) -> Option<LatencySummary> {
        let mut sorted: Vec<Duration> = self.recent.iter().copied().collect();
        sorted.sort_unstable();
        Some(LatencySummary {
            median: nearest_rank(&sorted, 50)?,
            p95: nearest_rank(&sorted, 95)?,
            count: self.count,
            sum: self.sum,
        })
    }
}

/// The smallest time that at least `percent` of all times do not exceed.
fn nearest_rank(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

/// Latency summary: median, 95th percentile, count and sum of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LatencySummary {
    /// Half of the last 1,024 times were at most this.
    pub median: Duration,
    /// 95 of 100 of the last 1,024 times were at most this.
    pub p95: Duration,
    /// How many times were measured in all.
    pub count: u64,
    /// All of them together.
    pub sum: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(milliseconds: impl IntoIterator<Item = u64>) -> LatencySummary {
        let mut times = LatencyWindow::default();
        for ms in milliseconds {
            times.add(Duration::from_millis(ms));
        }
        times.spread().unwrap()
    }

    #[test]
    fn a_quantile_is_a_time_that_was_measured() {
        let spread = times((1..=100).rev());
        assert_eq!(spread.median, Duration::from_millis(50));
        assert_eq!(spread.p95, Duration::from_millis(95));
        let one = times([7]);
        assert_eq!((one.median, one.p95), (one.sum, one.sum));
        assert_eq!(LatencyWindow::default().spread(), None);
    }

    #[test]
    fn only_the_last_1024_times_decide_and_all_are_counted() {
        let spread = times((0..5000).map(|n| if n < 5000 - 1024 { 9_000 } else { 10 }));
        assert_eq!(spread.p95, Duration::from_millis(10));
        assert_eq!(spread.count, 5000);
        assert_eq!(
            spread.sum,
            Duration::from_millis((5000 - 1024) * 9_000 + 1024 * 10)
        );
    }
}
