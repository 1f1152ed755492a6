//! A day of the calendar, as catalogues write it: `YYYY-MM-DD`, counted in UTC.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SECONDS: u64 = 86_400;

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
pub struct Day(i64);

impl Day {
    /// The day at the beginning of `text`: what follows it, such as a time, is not looked at. `None` when there is none.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().get(..10)?;
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if (year.len(), month.len(), day.len()) != (4, 2, 2) {
            return None;
        }
        let read = Day::of(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
        // February 30 is another day than it says.
        (read.to_string() == text).then_some(read)
    }

    /// The day of a moment; moments before 1970 count as its first day.
    pub fn at(moment: SystemTime) -> Self {
        let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
        Day((since.as_secs() / SECONDS) as i64)
    }

    /// The first moment of the day; days before 1970 count as its first.
    pub fn begins(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.0.max(0) as u64 * SECONDS)
    }

    /// How many days later `other` is; negative when it is earlier.
    pub fn days_until(self, other: Day) -> i64 {
        other.0 - self.0
    }

    /// Counts days from a year's first of March, so that the leap day comes last.
    fn of(year: i64, month: i64, day: i64) -> Self {
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Day(era * 146_097 + day_of_era - 719_468)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.0 + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}
