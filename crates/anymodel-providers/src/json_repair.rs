//! JSON repair: fixes `NaN`, raw control characters in texts, invalid escapes and trailing commas.
//!
//! Python's own writer emits `NaN` and `-Infinity` for log probabilities. Without repair, a field that is not needed here
//! would make the whole answer unreadable.

/// The repaired JSON, with `null` in place of `NaN` and its like; `None` when nothing needs repair.
pub(super) fn repair(json: &str) -> Option<String> {
    let mut mended = String::with_capacity(json.len() + 16);
    let mut rest = json;
    while let Some(quote) = rest.find('"') {
        let (outside, text) = rest.split_at(quote);
        add_outside(outside, &mut mended);
        rest = add_text(&text[1..], &mut mended);
    }
    add_outside(rest, &mut mended);
    (mended != json).then_some(mended)
}

/// Copies what stands between two strings: numbers, words and signs.
fn add_outside(outside: &str, mended: &mut String) {
    let mut rest = outside;
    while let Some(first) = rest.chars().next() {
        let word = rest.len()
            - rest
                .trim_start_matches(|c: char| c.is_ascii_alphabetic())
                .len();
        match (&rest[..word], first) {
            ("NaN" | "Infinity", _) => {
                let kept = mended.trim_end_matches('-').len();
                mended.truncate(kept);
                mended.push_str("null");
            }
            ("", '}' | ']') => {
                let before = mended.trim_end();
                if before.ends_with(',') {
                    mended.truncate(before.len() - 1);
                }
                mended.push(first);
            }
            ("", other) => mended.push(other),
            (word, _) => mended.push_str(word),
        }
        rest = &rest[word.max(first.len_utf8())..];
    }
}

/// Copies a string up to its end; returns the rest after it.
fn add_text<'a>(text: &'a str, mended: &mut String) -> &'a str {
    mended.push('"');
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => {
                mended.push('"');
                return &text[at + 1..];
            }
            '\\' => match chars.next() {
                Some((_, '\'')) => mended.push('\''),
                Some((_, next)) if "\"\\/bfnrtu".contains(next) => mended.extend(['\\', next]),
                Some((_, next)) => mended.extend(['\\', '\\', next]),
                None => mended.push('\\'),
            },
            control if control < ' ' => {
                mended.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => mended.push(other),
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn what_is_meant_is_read() {
        for (written, meant) in [
            (
                r#"{"a":NaN,"b":-Infinity,"c":[Infinity]}"#,
                json!({ "a": null, "b": null, "c": [null] }),
            ),
            (
                "{\"a\":\"one\ttwo\nthree\u{0}\"}",
                json!({ "a": "one\ttwo\nthree\u{0}" }),
            ),
            (
                r#"{"a":"C:\dir \'x\' \"NaN\""}"#,
                json!({ "a": "C:\\dir 'x' \"NaN\"" }),
            ),
            (r#"{"a":[1,2, ],}"#, json!({ "a": [1, 2] })),
            (r#"{"a":-1.5e3,"b":"é",,"c":1}"#, Value::Null),
        ] {
            let read = serde_json::from_str(&repair(written).unwrap_or_default());
            assert_eq!(read.unwrap_or(Value::Null), meant, "{written}");
        }
    }

    proptest! {
        #[test]
        fn json_stays_as_it_is(text in "\\PC{0,20}", number in any::<f64>(), spaced in any::<bool>()) {
            let json = json!({ "a": [text, { "b": number }], "c,]": [[], {}] });
            let written = if spaced { format!("{json:#}") } else { json.to_string() };
            prop_assert_eq!(repair(&written), None);
        }

        #[test]
        fn no_text_makes_it_fail(text in "[\\PC\\\\\"{}\\[\\],:aN\\n-]{0,40}") {
            let _ = repair(&text);
        }
    }
}
