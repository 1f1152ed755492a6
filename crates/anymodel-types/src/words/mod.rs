//! Table of words: every text of the library that people read, one table a language.
//!
//! A message that stands where it is used can be read in one language only. So code names a text, and the table of the
//! process's [`Language`] has it: `words::targets().no_default_model_is_set()`. A text with values is a method with
//! arguments, and each language puts them where its grammar wants them.
//!
//! **To add a text**, write it into its area in `en/`, under a name that says what it says, and call it by that name:
//!
//! ```text
//! model_of_the_target_has_an_empty_name(place) = "model {place} of the target has an empty name",
//! ```
//!
//! The English tables declare what there is. **To add a language**, write the same areas with its texts in a folder of its
//! own: a text that it lacks, or a value that does not exist, does not compile.
//!
//! What programs read stays out: names of settings, labels of metrics, SQL, JSON, the words of vendors.

mod en;

use crate::language::Language;

pub(crate) use en::ENGLISH;
pub use en::*;

impl Words {
    /// The table of the process's language.
    pub fn current() -> &'static Words {
        Language::current().words()
    }
}

/// Declares an area of the table from its English texts: the type, one method a text, and `ENGLISH`.
macro_rules! english {
    ($(#[$about:meta])* $area:ident { $($name:ident $(($($value:ident),+))? = $text:literal,)+ }) => {
        $(#[$about])*
        pub struct $area {
            $(pub(in crate::words) $name: $crate::words::text!($($($value)+)?),)+
        }

        impl $area {
            $($crate::words::method! { $name ($($($value)+)?) $text })+
        }

        pub(in crate::words) const ENGLISH: $area = $area {
            $($name: $crate::words::filled!(($($($value)+)?) $text),)+
        };
    };
}

/// The type of a text: a constant, or a function of its values.
macro_rules! text {
    () => { &'static str };
    ($($value:ident)+) => { fn($($crate::words::value!($value)),+) -> String };
}

macro_rules! value {
    ($value:ident) => {
        &dyn std::fmt::Display
    };
}

macro_rules! filled {
    (() $text:literal) => { $text };
    (($($value:ident)+) $text:literal) => {
        |$($value: &dyn std::fmt::Display),+| format!($text)
    };
}

/// The method that gives a text. Its documentation is the English text.
macro_rules! method {
    ($name:ident () $text:literal) => {
        #[doc = concat!("```text\n", $text, "\n```")]
        pub fn $name(&self) -> &'static str {
            self.$name
        }
    };
    ($name:ident ($($value:ident)+) $text:literal) => {
        #[doc = concat!("```text\n", $text, "\n```")]
        pub fn $name(&self, $($value: &dyn std::fmt::Display),+) -> String {
            (self.$name)($($value),+)
        }
    };
}

/// Declares the table of all areas, and for each a function with the words of the process's language.
macro_rules! areas {
    ($($(#[$about:meta])* $area:ident: $words:ident,)+) => {
        /// Every text of one language, by area.
        pub struct Words {
            $($(#[$about])* pub $area: $words,)+
        }

        /// The English texts.
        pub(crate) static ENGLISH: Words = Words {
            $($area: $area::ENGLISH,)+
        };

        $($(#[$about])*
        pub fn $area() -> &'static $words {
            &Words::current().$area
        })+
    };
}

use {areas, english, filled, method, text, value};
