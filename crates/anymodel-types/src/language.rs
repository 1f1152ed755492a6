//! Language in which anymodel talks to its user.
//!
//! One decision for the whole process, so that a program, its tables, its errors and the lessons never mix two languages.

use std::sync::OnceLock;

use crate::words::Words;

/// The variable that names the language.
const VARIABLE: &str = "ANYMODEL_LANG";
/// The variables of the locale, in the order in which the C library reads them.
const LOCALE: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

/// Language of messages, tables and lessons.
///
/// ```
/// use anymodel::Language;
///
/// let language = Language::of_environment(); // ANYMODEL_LANG, else the locale, else English
/// assert!(Language::ALL.contains(&language));
/// assert_eq!(Language::Chinese.code(), "zh");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// All languages, English first.
    pub const ALL: [Language; 2] = [Language::English, Language::Chinese];

    /// The language of the environment: `ANYMODEL_LANG` (`en`, `zh`, or longer, such as `zh_CN`), else the locale (`LC_ALL`,
    /// `LC_MESSAGES`, `LANG`), else English.
    ///
    /// It reads the environment each time. Messages use [`Language::current`].
    pub fn of_environment() -> Language {
        Self::chosen(|name| std::env::var(name).ok())
    }

    /// The language of this process: that of the environment when it was first asked for.
    pub fn current() -> Language {
        static CURRENT: OnceLock<Language> = OnceLock::new();
        *CURRENT.get_or_init(Language::of_environment)
    }

    /// The code of the language, which is also the name of its folder of lessons: `en` or `zh`.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh",
        }
    }

    /// The table of words: every text that people read. For Chinese it is the English table until the Chinese one is filled.
    pub fn words(self) -> &'static Words {
        match self {
            Language::English | Language::Chinese => &crate::words::ENGLISH,
        }
    }

    /// `read` gives the value of a variable. A value that names neither language counts as unset in `ANYMODEL_LANG`; in the
    /// locale, it means English.
    fn chosen(read: impl Fn(&str) -> Option<String>) -> Language {
        let named = read(VARIABLE).and_then(|name| Self::of_locale(&name));
        let locale = || {
            let set = |name: &&str| read(name).filter(|value| !value.is_empty());
            LOCALE.iter().find_map(set)
        };
        named
            .or_else(|| Self::of_locale(&locale()?))
            .unwrap_or(Language::English)
    }

    /// The language of a locale, such as `zh_CN.UTF-8`, `zh-Hans` or `en`.
    fn of_locale(locale: &str) -> Option<Language> {
        let code = locale.trim().split(['_', '-', '.', '@']).next()?;
        Self::ALL
            .into_iter()
            .find(|language| code.eq_ignore_ascii_case(language.code()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(variables: &[(&str, &str)]) -> Language {
        Language::chosen(|name| {
            let found = variables.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_variable_counts_more_than_the_locale() {
        for zh in ["zh", "zh_CN", "zh-Hans", "ZH", "zh_TW.UTF-8"] {
            let variables = [(VARIABLE, zh), ("LC_ALL", "en_US.UTF-8")];
            assert_eq!(chosen(&variables), Language::Chinese, "{zh}");
        }
        let variables = [(VARIABLE, "en"), ("LANG", "zh_CN.UTF-8")];
        assert_eq!(chosen(&variables), Language::English);
    }

    #[test]
    fn a_variable_that_names_no_known_language_leaves_the_choice_to_the_locale() {
        for other in ["", "fr", "english"] {
            let variables = [(VARIABLE, other), ("LANG", "zh_CN.UTF-8")];
            assert_eq!(chosen(&variables), Language::Chinese, "{other}");
        }
    }

    #[test]
    fn the_first_variable_of_the_locale_that_is_set_decides() {
        assert_eq!(chosen(&[]), Language::English);
        assert_eq!(chosen(&[("LANG", "zh_CN.UTF-8")]), Language::Chinese);
        let variables = [("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")];
        assert_eq!(chosen(&variables), Language::English);
        let variables = [("LC_ALL", ""), ("LC_MESSAGES", "zh_CN"), ("LANG", "de_DE")];
        assert_eq!(chosen(&variables), Language::Chinese);
    }
}
