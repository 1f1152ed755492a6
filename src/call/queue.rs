//! Who is asked next: the entries of a chain in their order, except those that cannot do what is asked, and those that a
//! client has learned to leave alone.
//!
//! What an entry cannot do is known before its request is written. An entry whose circuit is open is
//! passed over, which makes no HTTP attempt but is told in the trail. When nobody else is left, the one of them that reopens
//! first is asked all the same, once: a model that may be down is better than no answer.

use std::collections::VecDeque;
use std::time::Duration;

use super::Entry;
use super::health::{Health, Pass, is_free};
use super::judge::SHORT_WAIT;
use crate::error::{Error, Result};
use crate::trail::{Trail, Why};

pub(super) struct Queue<'a> {
    health: &'a Health,
    rest: VecDeque<Place<'a>>,
    /// Those that were passed over; none any more, after one of them was asked.
    passed_over: Option<Vec<&'a Entry>>,
    /// Of the first entry that cannot do what is asked.
    cannot: Option<Error>,
}

struct Place<'a> {
    entry: &'a Entry,
    can: Can,
}

/// Whether an entry can do what is asked.
enum Can {
    /// It was not checked yet.
    Unknown,
    Yes,
    No(Error),
}

impl Place<'_> {
    fn may(&self) -> bool {
        !matches!(self.can, Can::No(_))
    }
}

impl<'a> Queue<'a> {
    pub fn new(entries: &'a [Entry], health: &'a Health) -> Self {
        let place = |entry| Place {
            entry,
            can: Can::Unknown,
        };
        Queue {
            health,
            rest: entries.iter().map(place).collect(),
            passed_over: Some(Vec::new()),
            cannot: None,
        }
    }

    /// The next entry that can do what is asked, as `check` tells, and the leave to ask it.
    pub fn next(
        &mut self,
        trail: &mut Trail,
        check: impl Fn(&Entry) -> Result<()>,
    ) -> Option<(&'a Entry, Pass<'a>)> {
        while let Some(Place { entry, can }) = self.rest.pop_front() {
            let can = match can {
                Can::No(error) => Err(error),
                Can::Yes => Ok(()),
                Can::Unknown => check(entry),
            };
            if let Err(error) = can {
                self.cannot(entry, error, trail);
                continue;
            }
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

    /// Finds out whether anybody is left who can do what is asked. It is told in the trail when its turn comes.
    pub fn look_ahead(&mut self, check: impl Fn(&Entry) -> Result<()>) {
        for place in &mut self.rest {
            if let Can::Unknown = place.can {
                place.can = match check(place.entry) {
                    Ok(()) => Can::Yes,
                    Err(error) => Can::No(error),
                };
            }
            if place.may() {
                return;
            }
        }
    }

    /// An entry cannot do what is asked: it is passed over.
    pub fn cannot(&mut self, entry: &Entry, error: Error, trail: &mut Trail) {
        pass_over(entry, Why::CannotDoIt, trail);
        if let Some(skipped) = trail.last_skipped() {
            skipped.message = Some(error.to_string());
        }
        self.cannot.get_or_insert(error);
    }

    /// What the first entry could not do that was passed over for it.
    pub fn what_it_cannot(self) -> Option<Error> {
        self.cannot
    }

    /// Drops the entries that cannot do better.
    pub fn retain(&mut self, may_do: impl Fn(&Entry) -> bool) {
        self.rest.retain(|place| may_do(place.entry));
        if let Some(others) = &mut self.passed_over {
            others.retain(|entry| may_do(entry));
        }
    }

    /// Whether nobody is left, as far as was [looked ahead](Self::look_ahead).
    pub fn is_empty(&self) -> bool {
        !self.rest.iter().any(Place::may) && self.passed_over.as_ref().is_none_or(Vec::is_empty)
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
        let mut others = self.rest.iter().filter(|place| place.may());
        match others.all(|place| shares(place.entry)) {
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
