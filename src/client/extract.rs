//! A text with JSON in it → a value.
//!
//! A model that was asked for JSON alone may still put a fence around it, say "Here you are:" before it, or think aloud. All
//! that is passed over. What the JSON says is not: a value that does not fit is an error that names the field.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Deserializer, StreamDeserializer};

use crate::platform::surrogates::mended;

/// So many places in a text are looked at where JSON might begin.
const MOST_PLACES: usize = 400;

/// What a value without an object around it is wrapped in: see [`super::schema::WRAP`].
#[derive(Deserialize)]
struct Wrapped<T> {
    value: T,
}

/// Reads the JSON in a text as `T`.
///
/// # Errors
/// What is wrong with it, for people and models: the field, what is there, and what was expected.
pub(super) fn read<T: DeserializeOwned>(text: &str, wrapped: bool) -> Result<T, String> {
    let mut first = None;
    let Found { pieces, cut } = find(text);
    for json in pieces {
        match parse(json, wrapped) {
            Ok(value) => return Ok(value),
            Err(misfit) => first = first.or(Some(misfit)),
        }
    }
    Err(first.unwrap_or_else(|| match text.trim().is_empty() {
        true => "it is empty".to_owned(),
        false if cut => "the JSON in it breaks off".to_owned(),
        false => "there is no whole JSON in it".to_owned(),
    }))
}

fn parse<T: DeserializeOwned>(json: &str, wrapped: bool) -> Result<T, String> {
    if !wrapped {
        return typed(json);
    }
    // The object around the value may be forgotten by a model that was asked in words alone.
    typed::<Wrapped<T>>(json)
        .map(|outer| outer.value)
        .or_else(|misfit| typed(json).map_err(|_| misfit))
}

/// Reads JSON; the error names the field.
pub(super) fn typed<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    // Half a character in a text is no reason to ask again.
    let json = mended(json);
    let mut reader = Deserializer::from_str(&json);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        // Line and column are of a text that nobody sees as a whole.
        let mut words = error.into_inner().to_string();
        if let Some(at) = words.rfind(" at line ") {
            words.truncate(at);
        }
        match path.as_str() {
            "." | "?" => words,
            _ => format!("{path}: {words}"),
        }
    })?;
    match reader.end() {
        Ok(()) => Ok(value),
        Err(_) => Err("there is more text after the JSON".to_owned()),
    }
}

/// What was found in a text.
#[derive(Default)]
struct Found<'a> {
    /// The whole of it, else the objects and lists in it, the longest first.
    pieces: Vec<&'a str>,
    /// Whether JSON began and did not end. What lies inside of it is a part, and nobody asked for a part.
    cut: bool,
}

fn find(text: &str) -> Found<'_> {
    let whole = text.trim();
    let mut found = Found::default();
    if is_json(whole) {
        found.pieces.push(whole);
        return found;
    }
    // Some local models think aloud at the beginning.
    let said = match whole.rsplit_once("</think>") {
        Some((_, said)) if said.contains(['{', '[']) => said,
        _ => whole,
    };
    let mut from = 0;
    for _ in 0..MOST_PLACES {
        let Some(at) = said[from..].find(['{', '[']).map(|at| from + at) else {
            break;
        };
        let mut stream: StreamDeserializer<'_, _, &RawValue> =
            Deserializer::from_str(&said[at..]).into_iter();
        match stream.next() {
            Some(Ok(raw)) => {
                found.pieces.push(raw.get());
                from = at + raw.get().len();
            }
            Some(Err(error)) if error.is_eof() => {
                found.cut = true;
                break;
            }
            _ => from = at + 1,
        }
    }
    if found.pieces.is_empty() {
        found.pieces.extend(fenced(said));
    }
    found
        .pieces
        .sort_by_key(|json| std::cmp::Reverse(json.len()));
    found
}

/// A text, number or word that stands alone in a fence.
fn fenced(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("```")?;
    let (_, rest) = rest.split_once('\n')?;
    let (inside, _) = rest.split_once("```")?;
    Some(inside.trim()).filter(|inside| is_json(inside))
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
            "[{}\\[\\]`\"\\\\ ]{0,6}".prop_map(Value::from),
        ];
        let inner = leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map("[a-z{]{1,5}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        });
        inner.prop_map(|inner| json!({ "answer": inner }))
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Kept {
        answer: Value,
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,200}", wrapped: bool) {
            let _ = read::<Kept>(&text, wrapped);
            let _ = read::<Vec<u8>>(&text, wrapped);
        }

        #[test]
        fn any_heap_of_brackets_and_quotes_is_read_or_refused(text in "[\\[{}\\]\",:`\\\\1a \n]{0,400}") {
            if let Err(misfit) = read::<Kept>(&text, false) {
                prop_assert!(!misfit.is_empty());
            }
        }

        #[test]
        fn a_value_is_found_in_a_fence_in_prose_and_alone(
            value in value(), before in "[^{\\[`\"]{0,60}", after in "[^{\\[`\"]{0,60}", pretty: bool,
        ) {
            let json = match pretty {
                true => format!("{value:#}"),
                false => value.to_string(),
            };
            for text in [
                json.clone(),
                format!("```json\n{json}\n```"),
                format!("{before}{json}{after}"),
                format!("{before}\n```\n{json}\n```\n{after}"),
                format!("<think>perhaps {{\"answer\": 1}}, but no</think>{before}{json}{after}"),
            ] {
                let read: Result<Kept, String> = read(&text, false);
                prop_assert_eq!(&read.map(|kept| kept.answer), &Ok(value["answer"].clone()), "{}", text);
            }
        }

        #[test]
        fn a_text_cut_at_any_place_is_never_read_as_the_whole(cut in 0_usize..63) {
            let whole = r#"{"answer": {"steps": [1, 2, 3], "note": "so \" it } is, 你好"}}"#;
            let cut: String = whole.chars().take(cut.min(whole.chars().count() - 1)).collect();
            prop_assert!(read::<Kept>(&cut, false).is_err());
        }
    }

    #[test]
    fn a_hundred_thousand_brackets_take_no_time() {
        let begun = std::time::Instant::now();
        for text in ["[".repeat(100_000), "{\"".repeat(100_000)] {
            assert!(read::<Kept>(&text, true).is_err());
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(5));
    }

    #[test]
    fn the_field_that_does_not_fit_is_named() {
        #[derive(Debug, Deserialize)]
        struct Recipe {
            #[allow(dead_code)]
            steps: Vec<Step>,
        }
        #[derive(Debug, Deserialize)]
        struct Step {
            #[allow(dead_code)]
            minutes: u32,
        }
        let misfit = read::<Recipe>(r#"{"steps":[{"minutes":5},{"minutes":"ten"}]}"#, false);
        assert_eq!(
            misfit.unwrap_err(),
            r#"steps[1].minutes: invalid type: string "ten", expected u32"#
        );
        let misfit = read::<Vec<u8>>(r#"{"value":[1,300]}"#, true).unwrap_err();
        assert_eq!(
            misfit,
            "value[1]: invalid value: integer `300`, expected u8"
        );
    }
}
