//! Input history of this session, for the arrow keys and the search of a console.
//!
//! History is not stored: earlier sessions have no entries.

use jupyter_protocol::{HistoryEntry, HistoryReply, HistoryRequest};

/// The number of the only session; requests may also call it 0, "the current one".
const SESSION: i32 = 1;

/// The input history: the inputs of this session and the text of their results.
#[derive(Debug, Default)]
pub(super) struct InputHistory {
    lines: Vec<HistoryLine>,
}

#[derive(Debug)]
struct HistoryLine {
    count: usize,
    input: String,
    output: String,
}

impl InputHistory {
    /// Adds the `count`th cell.
    pub(super) fn add(&mut self, count: usize, input: &str) {
        self.lines.push(HistoryLine {
            count,
            input: input.to_owned(),
            output: String::new(),
        });
    }

    /// Stores the result of the `count`th cell.
    pub(super) fn set_output(&mut self, count: usize, output: String) {
        if let Some(line) = self.lines.iter_mut().rfind(|line| line.count == count) {
            line.output = output;
        }
    }

    /// Answers a `history_request`.
    pub(super) fn answer(&self, request: &HistoryRequest) -> HistoryReply {
        let (lines, with_output) = match request {
            HistoryRequest::Range {
                session,
                start,
                stop,
                output,
                ..
            } => (self.range(session.unwrap_or(0), *start, *stop), *output),
            HistoryRequest::Tail { n, output, .. } => {
                (last(self.lines.iter().collect(), *n), *output)
            }
            HistoryRequest::Search {
                pattern,
                unique,
                output,
                n,
                ..
            } => (last(self.search(pattern, *unique), *n), *output),
        };
        let entry = |line: &HistoryLine| {
            let (session, count) = (SESSION.unsigned_abs() as usize, line.count);
            if with_output {
                let both = (line.input.clone(), line.output.clone());
                HistoryEntry::InputOutput(session, count, both)
            } else {
                HistoryEntry::Input(session, count, line.input.clone())
            }
        };
        HistoryReply::new(lines.into_iter().map(entry).collect())
    }

    /// The cells from `start` up to `stop`, exclusive; a `stop` of zero or less means no end.
    fn range(&self, session: i32, start: i32, stop: i32) -> Vec<&HistoryLine> {
        if session != 0 && session != SESSION {
            return Vec::new();
        }
        let start = usize::try_from(start).unwrap_or(0);
        let stop = usize::try_from(stop).ok().filter(|stop| *stop > 0);
        let stop = stop.unwrap_or(usize::MAX);
        let lines = self.lines.iter();
        lines
            .filter(|line| (start..stop).contains(&line.count))
            .collect()
    }

    /// The cells whose input matches a pattern; with `unique`, only the latest of equal inputs.
    fn search(&self, pattern: &str, unique: bool) -> Vec<&HistoryLine> {
        let pattern: Vec<char> = pattern.chars().collect();
        let mut found: Vec<&HistoryLine> = Vec::new();
        for line in self.lines.iter().filter(|line| fits(&pattern, &line.input)) {
            if unique {
                found.retain(|earlier| earlier.input != line.input);
            }
            found.push(line);
        }
        found
    }
}

/// The last `n` lines; none when `n` is negative.
fn last(mut lines: Vec<&HistoryLine>, n: i32) -> Vec<&HistoryLine> {
    let n = usize::try_from(n).unwrap_or(0);
    lines.split_off(lines.len().saturating_sub(n))
}

/// Whether a whole text matches a pattern, in which `*` stands for any text and `?` for one character.
fn fits(pattern: &[char], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut next) = (0, 0);
    // Where to continue when the text after the last `*` does not match: one character later.
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(next) {
            Some('*') => {
                retry = Some((next + 1, at + 1));
                next += 1;
            }
            Some(wanted) if *wanted == '?' || *wanted == text[at] => {
                at += 1;
                next += 1;
            }
            _ => match retry {
                Some((after_star, from)) => {
                    (next, at) = (after_star, from);
                    retry = Some((after_star, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[next..].iter().all(|rest| *rest == '*')
}
