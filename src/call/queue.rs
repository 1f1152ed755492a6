//! Who is asked next: the entries of a chain in their order, except those that a client has learned to leave alone.
//!
//! An entry whose circuit is open is passed over, which makes no HTTP attempt but is told in the trail. When nobody else is
//! left, the one of them that reopens first is asked all the same, once: a model that may be down is better than no answer.

use std::collections::VecDeque;
use std::time::Duration;

use super::Entry;
use super::health::{Health, Pass, is_free};
use super::judge::SHORT_WAIT;
use crate::trail::{Trail, Why};

pub(super) struct Queue<'a> {
    health: &'a Health,
    rest: VecDeque<&'a Entry>,
    /// Those that were passed over; none any more, after one of them was asked.
    passed_over: Option<Vec<&'a Entry>>,
}

impl<'a> Queue<'a> {
    pub fn new(entries: &'a [Entry], health: &'a Health) -> Self {
        Queue {
            health,
            rest: entries.iter().collect(),
            passed_over: Some(Vec::new()),
        }
    }

    /// The next entry, and the leave to ask it.
    pub fn next(&mut self, trail: &mut Trail) -> Option<(&'a Entry, Pass<'a>)> {
        while let Some(entry) = self.rest.pop_front() {
            match self.health.admit(entry) {
                Ok(pass) => return Some((entry, pass)),
                Err(why) => {
                    pass_over(entry, why, trail);
                    if let Some(others) = &mut self.passed_over {
                        others.push(entry);
                    }
                }
            }
        }
        let entry = self
            .passed_over
            .take()?
            .into_iter()
            .min_by_key(|entry| self.health.reopens(entry))?;
        Some((entry, self.health.admit_anyway(entry)))
    }

    /// Drops the entries that cannot do better.
    pub fn retain(&mut self, may_do: impl Fn(&Entry) -> bool) {
        self.rest.retain(|entry| may_do(entry));
        if let Some(others) = &mut self.passed_over {
            others.retain(|entry| may_do(entry));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty() && self.passed_over.as_ref().is_none_or(Vec::is_empty)
    }

    /// How long to wait for money that other calls may give back: while there is time, or a moment if somebody is left who
    /// may cost less.
    pub fn wait(&self, remaining: Duration) -> Duration {
        match self.is_empty() {
            true => remaining,
            false => remaining.min(SHORT_WAIT),
        }
    }

    /// How long to wait for leave to ask `entry`: while there is time, or a moment if somebody is left who needs no such
    /// leave.
    pub fn patience(&self, entry: &Entry, remaining: Duration) -> Duration {
        let shares =
            |other: &Entry| is_free(other) && other.platform.base_url == entry.platform.base_url;
        match self.rest.iter().all(|other| shares(other)) {
            true => remaining,
            false => remaining.min(SHORT_WAIT),
        }
    }
}

/// Tells in the trail of a request that was not made.
pub(super) fn pass_over(entry: &Entry, why: Why, trail: &mut Trail) {
    if let Some(watch) = &entry.watch {
        watch.passed_over(why);
    }
    trail.pass_over(&entry.candidate.model, &entry.platform.name, why);
}
