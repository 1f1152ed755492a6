//! Windows of budgets in words, for pages.

use anymodel_types::Language;
use rust_decimal::RoundingStrategy;

use crate::model::Window;
use crate::money::Usd;

/// Digits behind the point of an amount on a page.
const DIGITS: u32 = 6;

/// The window that is now: *today*.
pub(crate) const fn current(window: Window, language: Language) -> &'static str {
    match (language, window) {
        (Language::English, Window::Hour) => "This hour",
        (Language::English, Window::Day) => "Today",
        (Language::English, Window::Week) => "This week",
        (Language::English, Window::Month) => "This month",
        (Language::English, Window::Total) => "This term",
        (Language::Chinese, Window::Hour) => "本小时",
        (Language::Chinese, Window::Day) => "今日",
        (Language::Chinese, Window::Week) => "本周",
        (Language::Chinese, Window::Month) => "本月",
        (Language::Chinese, Window::Total) => "本学期",
    }
}

/// A limit of each such window: *$0.50 a day*.
pub(crate) fn each(window: Window, limit: Usd, language: Language) -> String {
    let limit = spent(limit);
    match (language, window) {
        (Language::English, Window::Hour) => format!("{limit} an hour"),
        (Language::English, Window::Day) => format!("{limit} a day"),
        (Language::English, Window::Week) => format!("{limit} a week"),
        (Language::English, Window::Month) => format!("{limit} a month"),
        (Language::English, Window::Total) => format!("{limit} in all"),
        (Language::Chinese, Window::Hour) => format!("每小时 {limit}"),
        (Language::Chinese, Window::Day) => format!("每天 {limit}"),
        (Language::Chinese, Window::Week) => format!("每周 {limit}"),
        (Language::Chinese, Window::Month) => format!("每月 {limit}"),
        (Language::Chinese, Window::Total) => format!("总共 {limit}"),
    }
}

/// An amount that was spent, `$0.0012`, rounded up: a call that cost something never shows as free.
pub(crate) fn spent(amount: Usd) -> String {
    rounded(amount, RoundingStrategy::AwayFromZero)
}

/// An amount that is left, rounded down.
pub(crate) fn left(amount: Usd) -> String {
    rounded(amount, RoundingStrategy::ToZero)
}

fn rounded(amount: Usd, strategy: RoundingStrategy) -> String {
    let rounded = amount.to_decimal().round_dp_with_strategy(DIGITS, strategy);
    let rounded = rounded.normalize();
    match rounded.scale() {
        // Cents are written whole: $0.50.
        1 => format!("${rounded}0"),
        _ => format!("${rounded}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_is_rounded_up_and_what_is_left_down() {
        let amount = Usd::from_units(1_500_000_400_000);
        assert_eq!(
            (spent(amount), left(amount)),
            ("$1.500001".into(), "$1.50".into())
        );
        assert_eq!(
            (spent(Usd::ZERO), left(Usd::from_units(1))),
            ("$0".into(), "$0".into())
        );
    }
}
