//! Where a question says *from*, *to*, *than* and *when*: what stands on either side.

use super::words::is_han;

/// Where, among the content words, the two sides of a *from A to B* or of *A than B* begin and end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Turn {
    pub source: (u8, u8),
    pub target: (u8, u8),
}
/// Words that mark where something comes from, where it goes, and what it is compared with.
const SOURCES: [&str; 5] = ["from", "从", "由", "把", "将"];
const TARGETS: [&str; 11] = [
    "into", "onto", "to", "到", "往", "去", "至", "成", "为", "给", "转",
];
const THAN: [&str; 4] = ["than", "instead of", "rather than", "比"];

/// What has been seen of them, by how many content words stand before.
#[derive(Default)]
pub(super) struct Markers {
    pub clause: Option<usize>,
    pub once_after: Option<usize>,
    pub source: Option<usize>,
    pub target: Option<usize>,
    pub than: Option<usize>,
}
impl Markers {
    /// Notes a phrase of `n` tokens after which `content` content words have been seen.
    pub fn see(&mut self, written: &str, n: usize, content: usize) {
        let ends_in = |marks: &[&str]| match n {
            1 => marks.contains(&written),
            _ => written.chars().all(is_han) && marks.iter().any(|mark| written.ends_with(mark)),
        };
        if n == 1 && SOURCES.contains(&written) {
            self.source.get_or_insert(content);
        } else if THAN.contains(&written) {
            self.than = Some(content);
        } else if ends_in(&TARGETS) {
            // The first after a *from*, else the last.
            if self.source.is_none() || self.target.is_none_or(|at| Some(at) <= self.source) {
                self.target = Some(content);
            }
        }
    }

    /// What stands before and after the beginning of a clause; a question that begins with one has its main part after it.
    pub fn clause_at(&self, at: usize, all: usize) -> Turn {
        let span = |from: usize, to: usize| (from.min(255) as u8, to.min(255) as u8);
        let end = if at == 0 { all.min(3) } else { all };
        Turn {
            source: if at == 0 { span(end, all) } else { span(0, at) },
            target: span(at, end),
        }
    }

    /// The two sides, of at most `reach` content words each.
    pub fn turn(&self, all: usize, reach: usize) -> Option<Turn> {
        let span = |from: usize, to: usize| (from.min(255) as u8, to.min(255) as u8);
        let before = |at: usize| span(at.saturating_sub(reach), at);
        let after = |at: usize, stop: Option<usize>| {
            let end = stop.filter(|stop| *stop > at).unwrap_or(all);
            span(at, end.min(at + reach))
        };
        match (self.than, self.source, self.target) {
            (Some(than), ..) => Some(Turn {
                source: span(than.saturating_sub(reach * 2), than),
                target: after(than, None),
            }),
            (_, Some(source), Some(target)) => Some(Turn {
                source: after(source, Some(target)),
                target: after(target, Some(source)),
            }),
            (_, Some(source), None) => Some(Turn {
                source: after(source, None),
                target: before(source),
            }),
            (_, None, Some(target)) => Some(Turn {
                source: before(target),
                target: after(target, None),
            }),
            _ => None,
        }
    }
}
