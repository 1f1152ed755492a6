//! Calendar: when the windows of budgets begin and end, and the hours at which a key counts, in the gateway's time zone.

use std::str::FromStr;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, ZonedDateTime};

use crate::model::Window;

/// Time zone and first day of the week of a gateway.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// The zone.
    pub zone: TimeZone,
    /// The first day of a week.
    pub week_start: Weekday,
}

impl Calendar {
    /// When the window that holds `now` began: the epoch for [`Window::Total`].
    pub fn began(&self, window: Window, now: Timestamp) -> Timestamp {
        let here = now.to_zoned_datetime(self.zone.clone());
        let day = |date: Date| {
            // A day begins at its first moment: not all have a midnight.
            date.to_zoned_datetime(self.zone.clone())
                .map_or(now, |start| start.timestamp())
        };
        match window {
            Window::Hour => {
                // By the length of what has passed, and not by the clock: an hour that comes twice is two windows.
                let past = (here.minute(), here.second(), here.subsec_nanosecond());
                let past = i64::from(past.0) * 60 + i64::from(past.1);
                let whole = now.as_second() - past;
                Timestamp::from_second(whole).unwrap_or(now)
            }
            Window::Day => day(here.date()),
            Window::Week => day(self.week_of(here.date())),
            Window::Month => day(here.date().first_of_month()),
            Window::Total => Timestamp::UNIX_EPOCH,
        }
    }

    /// When the window that holds `now` ends; `None` for [`Window::Total`].
    pub fn resets_at(&self, window: Window, now: Timestamp) -> Option<Timestamp> {
        let here = now.to_zoned_datetime(self.zone.clone());
        let after = |date: Date, span: Span| {
            let next = date.checked_add(span).ok()?;
            Some(next.to_zoned_datetime(self.zone.clone()).ok()?.timestamp())
        };
        match window {
            Window::Hour => self.began(window, now).checked_add(1.hour()).ok(),
            Window::Day => after(here.date(), 1.day()),
            Window::Week => after(self.week_of(here.date()), 7.days()),
            Window::Month => after(here.date().first_of_month(), 1.month()),
            Window::Total => None,
        }
    }

    fn week_of(&self, date: Date) -> Date {
        let past = date.weekday().since(self.week_start);
        date.checked_sub(i64::from(past).days()).unwrap_or(date)
    }

    /// Whether one of these hours holds `now`; true where there are none.
    pub fn is_open(&self, hours: &[Hours], now: Timestamp) -> bool {
        let here = now.to_zoned_datetime(self.zone.clone());
        hours.is_empty() || hours.iter().any(|hours| hours.hold(&here))
    }

    /// When the next of these hours begins, within a week.
    pub fn opens_at(&self, hours: &[Hours], now: Timestamp) -> Option<Timestamp> {
        let here = now.to_zoned_datetime(self.zone.clone());
        let starts = (0..=7_i64).flat_map(|later| {
            let date = here.date().checked_add(later.days()).ok();
            hours.iter().filter_map(move |hours| {
                let date = date.filter(|date| hours.days[usize::from(index(date.weekday()))])?;
                Some(date.at(hours.from.hour(), hours.from.minute(), 0, 0))
            })
        });
        let zoned = starts.filter_map(|start| start.to_zoned_datetime(self.zone.clone()).ok());
        zoned
            .map(|start| start.timestamp())
            .filter(|start| *start > now)
            .min()
    }
}

/// Hours of the week: days, and a part of each, such as `mon-fri 08:00-12:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// From Monday on.
    days: [bool; 7],
    from: Time,
    /// `None` means the end of the day.
    until: Option<Time>,
}

impl Hours {
    fn hold(&self, here: &ZonedDateTime) -> bool {
        self.days[usize::from(index(here.weekday()))]
            && here.time() >= self.from
            && self.until.is_none_or(|until| here.time() < until)
    }
}

impl FromStr for Hours {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` are no hours; write them as \"mon-fri 08:00-12:00\", \"sat 09:00-24:00\" or \"10:00-11:00\""
            )
        };
        let text = text.trim().to_ascii_lowercase();
        let (days, times) = match text.rsplit_once(char::is_whitespace) {
            Some((days, times)) => (self::days(days).ok_or_else(wrong)?, times),
            None => ([true; 7], text.as_str()),
        };
        let (from, until) = times.split_once('-').ok_or_else(wrong)?;
        let time = |text: &str| -> Option<Time> {
            let (hour, minute) = text.trim().split_once(':')?;
            Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
        };
        let from = time(from).ok_or_else(wrong)?;
        let until = match until.trim() {
            "24:00" => None,
            until => Some(time(until).ok_or_else(wrong)?),
        };
        if until.is_some_and(|until| until <= from) {
            return Err(wrong());
        }
        Ok(Hours { days, from, until })
    }
}

/// Days such as `mon-fri` or `mon,wed,sat-sun`.
fn days(text: &str) -> Option<[bool; 7]> {
    let mut days = [false; 7];
    for part in text.split([',', ' ']).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first)?, day(last)?);
        let mut at = first;
        loop {
            days[at] = true;
            if at == last {
                break;
            }
            at = (at + 1) % 7;
        }
    }
    Some(days)
}

fn day(name: &str) -> Option<usize> {
    let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    names.iter().position(|known| *known == name.trim())
}

fn index(day: Weekday) -> u8 {
    u8::try_from(day.to_monday_zero_offset()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn calendar(zone: &str) -> Calendar {
        Calendar {
            zone: TimeZone::get(zone).unwrap(),
            week_start: Weekday::Monday,
        }
    }

    #[test]
    fn a_day_begins_at_midnight_in_the_schools_zone_and_not_in_greenwich() {
        let here = calendar("Asia/Shanghai");
        let before = at("2026-12-01T15:59:59Z");
        assert_eq!(here.began(Window::Day, before), at("2026-11-30T16:00:00Z"));
        assert_eq!(
            here.resets_at(Window::Day, before),
            Some(at("2026-12-01T16:00:00Z"))
        );
        assert_eq!(
            here.began(Window::Day, at("2026-12-01T16:00:00Z")),
            at("2026-12-01T16:00:00Z")
        );
    }

    #[test]
    fn the_day_on_which_clocks_change_has_its_own_length() {
        let here = calendar("Europe/Vienna");
        let noon = at("2026-03-29T10:00:00Z");
        let length = here.resets_at(Window::Day, noon).unwrap().as_second()
            - here.began(Window::Day, noon).as_second();
        assert_eq!(length, 23 * 3600);
        // The hour that comes twice in October is two windows.
        let (first, second) = (at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z"));
        assert_ne!(
            here.began(Window::Hour, first),
            here.began(Window::Hour, second)
        );
    }

    #[test]
    fn a_week_begins_on_the_day_that_is_set() {
        let mut here = calendar("UTC");
        let tuesday = at("2026-12-01T12:00:00Z");
        assert_eq!(
            here.began(Window::Week, tuesday),
            at("2026-11-30T00:00:00Z")
        );
        here.week_start = Weekday::Sunday;
        assert_eq!(
            here.began(Window::Week, tuesday),
            at("2026-11-29T00:00:00Z")
        );
        assert_eq!(
            here.resets_at(Window::Week, tuesday),
            Some(at("2026-12-06T00:00:00Z"))
        );
    }

    #[test]
    fn a_lesson_is_open_at_its_hours_and_says_when_it_opens_next() {
        let here = calendar("UTC");
        let hours = vec!["mon-fri 08:00-12:00".parse::<Hours>().unwrap()];
        assert!(here.is_open(&hours, at("2026-12-01T08:00:00Z")));
        assert!(!here.is_open(&hours, at("2026-12-01T12:00:00Z")));
        let friday = at("2026-12-04T12:00:00Z");
        assert_eq!(
            here.opens_at(&hours, friday),
            Some(at("2026-12-07T08:00:00Z"))
        );
        for wrong in [
            "",
            "mon",
            "mon 8-12",
            "mon 12:00-08:00",
            "xyz 08:00-09:00",
            "mon 08:00-25:00",
        ] {
            assert!(wrong.parse::<Hours>().is_err(), "{wrong}");
        }
    }
}
