//! A day of the calendar, as catalogues write it: `YYYY-MM-DD`, counted in UTC.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::civil::{Date, date};

/// The day that [`SystemTime`] counts from.
const FIRST: Date = date(1970, 1, 1);

/// A day of the calendar, in UTC.
///
/// ```
/// use anymodel::model::Day;
///
/// let day = Day::read("2026-03-01").unwrap();
/// assert_eq!(day.to_string(), "2026-03-01");
/// assert_eq!(day.days_until(Day::read("2026-03-08").unwrap()), 7);
/// assert_eq!(Day::read("2026-02-30"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// The day at the beginning of `text`; text after it, such as a time, is ignored. `None` when there is none.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().get(..10)?;
        let day = Day(text.parse().ok()?);
        // The parser accepts other formats, which catalogues do not use.
        (day.to_string() == text).then_some(day)
    }

    /// The day of a moment; moments before 1970 count as its first day.
    pub fn at(moment: SystemTime) -> Self {
        let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
        Day(FIRST.saturating_add(since))
    }

    /// The first moment of the day; days before 1970 count as its first.
    pub fn begins(self) -> SystemTime {
        let since = Duration::try_from(self.0.duration_since(FIRST)).unwrap_or_default();
        UNIX_EPOCH + since
    }

    /// How many days later `other` is; negative when it is earlier.
    pub fn days_until(self, other: Day) -> i64 {
        (other.0 - self.0).get_days().into()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
