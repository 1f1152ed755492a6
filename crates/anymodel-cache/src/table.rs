//! Table of cache savings.

use std::fmt;

use super::CacheStatistics;
use anymodel_display::{Show, Table};
use anymodel_types::{captioned, usd, words};

impl CacheStatistics {
    /// One row for each result of a cache lookup, and one for the savings.
    pub fn table(&self) -> Table {
        let caption = words::cache().what_the_cache_did(
            &self.hits(),
            &self.questions(),
            &(100.0 * self.hit_rate()),
        );
        let caption = captioned(&caption, self.simulated);
        let mut table = Table::new(caption, ["", words::cache().questions(), ""]).right_align(&[1]);
        let mut row = |what: &str, count: u64, words: String| {
            table.push([what.to_owned(), count.to_string(), words]);
        };
        row(words::cache().same_question(), self.exact, String::new());
        row(
            words::cache().asked_at_the_same_moment(),
            self.in_flight,
            String::new(),
        );
        row(
            words::cache().asked_in_other_words(),
            self.semantic,
            String::new(),
        );
        row(words::cache().not_known(), self.misses, self.lost());
        let reasons = self.bypassed.iter();
        let reasons: Vec<String> = reasons
            .map(|(why, count)| format!("{why} {count}"))
            .collect();
        let bypassed = self.bypassed.iter().map(|(_, count)| count).sum();
        row(words::cache().always_asked(), bypassed, reasons.join(", "));
        table.push([
            words::cache().saved().to_owned(),
            usd(self.saved),
            self.savings(),
        ]);
        if let Some(trouble) = &self.trouble {
            table.push([
                words::cache().trouble().to_owned(),
                String::new(),
                trouble.clone(),
            ]);
        }
        table
    }

    /// The number of kept answers, and of those not kept, by reason.
    fn lost(&self) -> String {
        let counts = [
            (self.not_kept, words::cache().not_kept()),
            (self.evicted, words::cache().pushed_out()),
            (self.expired, words::cache().too_old()),
        ];
        let mut parts = vec![words::cache().kept(&self.entries)];
        let some = counts.iter().filter(|(count, _)| *count > 0);
        parts.extend(some.map(|(count, words)| format!("{count} {words}")));
        parts.join(", ")
    }

    fn savings(&self) -> String {
        let tokens =
            words::cache().tokens(&self.prompt_tokens_saved, &self.completion_tokens_saved);
        match self.unpriced {
            0 => tokens,
            unpriced => words::cache().tokens_and_unpriced_hits(&tokens, &unpriced),
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
