//! Table of cache savings.

use std::fmt;

use super::CacheStatistics;
use anymodel_display::{Show, Table};
use anymodel_types::{captioned, usd};

impl CacheStatistics {
    /// One row for each result of a cache lookup, and one for the savings.
    pub fn table(&self) -> Table {
        let caption = format!(
            "What the cache did: {} of {} questions answered without asking ({:.0} %)",
            self.hits(),
            self.questions(),
            100.0 * self.hit_rate()
        );
        let caption = captioned(&caption, self.simulated);
        let mut table = Table::new(caption, ["", "questions", ""]).right_align(&[1]);
        let mut row = |what: &str, count: u64, words: String| {
            table.push([what.to_owned(), count.to_string(), words]);
        };
        row("the same question", self.exact, String::new());
        row("asked at the same moment", self.in_flight, String::new());
        row("asked in other words", self.semantic, String::new());
        row("not known, asked", self.misses, self.lost());
        let reasons = self.bypassed.iter();
        let reasons: Vec<String> = reasons
            .map(|(why, count)| format!("{why} {count}"))
            .collect();
        let bypassed = self.bypassed.iter().map(|(_, count)| count).sum();
        row("always asked", bypassed, reasons.join(", "));
        table.push(["saved".to_owned(), usd(self.saved), self.savings()]);
        if let Some(trouble) = &self.trouble {
            table.push(["trouble".to_owned(), String::new(), trouble.clone()]);
        }
        table
    }

    /// The number of kept answers, and of those not kept, by reason.
    fn lost(&self) -> String {
        let counts = [
            (self.not_kept, "not kept"),
            (self.evicted, "pushed out"),
            (self.expired, "too old"),
        ];
        let mut parts = vec![format!("{} kept", self.entries)];
        let some = counts.iter().filter(|(count, _)| *count > 0);
        parts.extend(some.map(|(count, words)| format!("{count} {words}")));
        parts.join(", ")
    }

    fn savings(&self) -> String {
        let tokens = format!(
            "{} → {} tokens",
            self.prompt_tokens_saved, self.completion_tokens_saved
        );
        match self.unpriced {
            0 => tokens,
            unpriced => format!("{tokens}; of {unpriced} hits nobody knows the cost"),
        }
    }
}

impl Show for CacheStatistics {
    fn to_html(&self) -> String {
        self.table().to_html()
    }
}

impl fmt::Display for CacheStatistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}
