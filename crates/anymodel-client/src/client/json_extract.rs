//! JSON extraction: a text with JSON in it → a value.
//!
//! A model that was asked for JSON alone may still put a fence around it, write "Here you are:" before it, or think aloud.
//! All that is skipped. The JSON itself is not corrected: a value that does not fit is an error that names the field, and
//! between several different values that fit none is guessed.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Deserializer, StreamDeserializer, Value};

use super::lenient_json::{whole_numbers, without_nulls};
use anymodel_providers::surrogates::repair;

/// The most places in a text that are tried as a beginning of JSON.
const MOST_PLACES: usize = 400;

/// The wrapper of a value that is not an object: see [`super::schema::WRAP`].
#[derive(Deserialize)]
struct Wrapped<T> {
    value: T,
}

/// Reads the JSON in a text as `T`: where several values fit, they have to be the same.
///
/// # Errors
/// What is wrong with it, for people and models: the field, what is there, and what was expected.
pub(super) fn read<T: DeserializeOwned>(text: &str, wrapped: bool) -> Result<T, String> {
    choose(text, wrapped, |same| match same {
        true => Ok(()),
        false => Err(
            "it holds several values that fit and differ, and does not say which is meant"
                .to_owned(),
        ),
    })
}

/// As [`read`]. Where different values fit although the model was asked to choose, the last one counts: examples come
/// before the answer.
pub(super) fn read_last<T: DeserializeOwned>(text: &str, wrapped: bool) -> Result<T, String> {
    choose(text, wrapped, |_| Ok(()))
}

/// The last value that fits. `allowed` decides whether it counts, from whether all values that fit are the same.
fn choose<T: DeserializeOwned>(
    text: &str,
    wrapped: bool,
    allowed: impl Fn(bool) -> Result<(), String>,
) -> Result<T, String> {
    let JsonCandidate { pieces, cut } = find(text);
    let mut fits: Option<(T, &str)> = None;
    let mut same = true;
    let mut misfit: Option<(String, usize)> = None;
    for json in pieces {
        match parse(json, wrapped) {
            Ok(value) => {
                same &= fits.as_ref().is_none_or(|(_, other)| is_same(other, json));
                fits = Some((value, json));
            }
            // The longest is the likeliest to be meant.
            Err(words) => match &misfit {
                Some((_, length)) if *length >= json.len() => {}
                _ => misfit = Some((words, json.len())),
            },
        }
    }
    match (fits, misfit) {
        // A value that fits and stands before an answer that breaks off is an example.
        (Some(_), _) if cut => Err("the JSON in it breaks off".to_owned()),
        (Some((value, _)), _) => allowed(same).map(|()| value),
        (None, Some((words, _))) => Err(words),
        (None, None) if text.trim().is_empty() => Err("it is empty".to_owned()),
        (None, None) if cut => Err("the JSON in it breaks off".to_owned()),
        (None, None) => Err("there is no whole JSON in it".to_owned()),
    }
}

fn is_same(one: &str, other: &str) -> bool {
    let value = |json| serde_json::from_str::<Value>(&repair(json)).ok();
    value(one) == value(other)
}

/// The value asked for is always an object. A list would be read as the fields of one, and a text may hold lists that mean
/// something else, such as `[1]`.
fn parse<T: DeserializeOwned>(json: &str, wrapped: bool) -> Result<T, String> {
    let is_object = json.starts_with('{');
    if !wrapped {
        return match is_object {
            true => typed(json),
            false => Err("it is no object".to_owned()),
        };
    }
    // A model that was asked in words alone may forget the object around the value.
    match is_object {
        true => typed::<Wrapped<T>>(json)
            .map(|outer| outer.value)
            .or_else(|misfit| typed(json).map_err(|_| misfit)),
        false => typed(json),
    }
}

/// Reads JSON; the error names the field. A whole number may be written as `7e5` or `7.0`, and null stands for a field that
/// may be left out.
pub(super) fn typed<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    // An incomplete character in a text is no reason to ask again.
    let json = repair(json);
    exact(&json).or_else(|misfit| {
        let whole = whole_numbers(&json);
        let loosened = exact(&whole).or_else(|_| exact(&without_nulls(&whole)));
        loosened.map_err(|_| misfit)
    })
}

fn exact<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    let mut reader = Deserializer::from_str(json);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        // Line and column are of a text that no reader sees as a whole.
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

/// A JSON value that was found in a text.
#[derive(Default)]
struct JsonCandidate<'a> {
    /// The whole text, else the objects and lists in it, in their order.
    pieces: Vec<&'a str>,
    /// Whether JSON began and did not end. What lies inside of it is a part, and a part is not the answer.
    cut: bool,
}

fn find(text: &str) -> JsonCandidate<'_> {
    let whole = text.trim();
    let mut found = JsonCandidate::default();
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
    let mut tried = 0;
    while tried < MOST_PLACES {
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
                found.cut = looks_like_json(&said[at..]);
                break;
            }
            _ => {
                tried += 1;
                from = at + 1;
            }
        }
    }
    if found.pieces.is_empty() {
        found.pieces.extend(fenced(said));
    }
    found
}

/// Whether the text that breaks off began like JSON, and is not merely a bracket in a sentence.
fn looks_like_json(text: &str) -> bool {
    let mut rest = text
        .trim_start_matches(['{', '[', ' ', '\n', '\r', '\t'])
        .chars();
    text.len() > 1
        && rest
            .next()
            .is_none_or(|c| matches!(c, '"' | '-' | '0'..='9' | '}' | ']' | 't' | 'f' | 'n'))
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
    use serde_json::json;

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
    struct Named {
        answer: Value,
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,200}", wrapped: bool) {
            let _ = read::<Named>(&text, wrapped);
            let _ = read::<Vec<u8>>(&text, wrapped);
        }

        #[test]
        fn any_heap_of_brackets_and_quotes_is_read_or_refused(text in "[\\[{}\\]\",:`\\\\1a \n]{0,400}") {
            if let Err(misfit) = read::<Named>(&text, false) {
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
                let read: Result<Named, String> = read(&text, false);
                prop_assert_eq!(&read.map(|kept| kept.answer), &Ok(value["answer"].clone()), "{}", text);
            }
        }

        #[test]
        fn a_text_cut_at_any_place_is_never_read_as_the_whole(cut in 0_usize..63) {
            let whole = r#"{"answer": {"steps": [1, 2, 3], "note": "so \" it } is, 你好"}}"#;
            let cut: String = whole.chars().take(cut.min(whole.chars().count() - 1)).collect();
            prop_assert!(read::<Named>(&cut, false).is_err());
        }
    }

    #[test]
    fn of_several_values_the_last_that_fits_counts_and_those_that_differ_are_asked_about() {
        let read_both = |text: &str| {
            let value = |read: Result<Named, String>| read.map(|kept| kept.answer.as_u64());
            (value(read(text, false)), value(read_last(text, false)))
        };
        let both = |value| (Ok(Some(value)), Ok(Some(value)));
        assert_eq!(
            read_both(r#"For example {"question": 1}. {"answer": 2} [3]"#),
            both(2)
        );
        assert_eq!(
            read_both(r#"{"answer": 2}, that is { "answer" : 2 }"#),
            both(2)
        );
        let (first, second) = read_both(r#"For example {"answer": 123456}. So: {"answer": 2}"#);
        assert!(first.unwrap_err().contains("fit and differ"));
        assert_eq!(second, Ok(Some(2)));
        let (first, second) = read_both(r#"For example {"answer": 1}. So: {"answer": "#);
        assert_eq!(
            (first.unwrap_err().as_str(), second.unwrap_err().as_str()),
            ("the JSON in it breaks off", "the JSON in it breaks off")
        );
        assert_eq!(read_both(r#"{"answer": 2} :-["#), both(2));
    }

    #[test]
    fn whole_numbers_are_read_however_they_are_written() {
        #[derive(Debug, Deserialize, PartialEq)]
        struct City {
            name: String,
            inhabitants: u64,
            #[serde(default)]
            twins: Vec<String>,
        }
        let city = |number: &str| {
            typed::<City>(&format!(
                r#"{{"name": "1.0 \" 7e5", "inhabitants": {number}}}"#
            ))
        };
        for (number, value) in [
            ("700000.0", 700_000),
            ("7e5", 700_000),
            ("7.00E+2", 700),
            ("0.0", 0),
            ("9007199254740993.0", 9_007_199_254_740_993),
        ] {
            let city = city(number).unwrap();
            assert_eq!(
                (city.inhabitants, city.name.as_str()),
                (value, "1.0 \" 7e5")
            );
        }
        for number in ["700000.5", "1e-2", "-1.0", "1e40", "9007199254740992.9999"] {
            assert!(city(number).is_err(), "{number}");
        }
        let absent = typed::<City>(r#"{"name": "Oslo", "inhabitants": 7.0, "twins": null}"#);
        assert_eq!(absent.unwrap().twins, Vec::<String>::new());
        let misfit = typed::<City>(r#"{"name": null, "inhabitants": 7}"#).unwrap_err();
        assert!(misfit.contains("name: invalid type: null"), "{misfit}");
    }

    #[test]
    fn a_hundred_thousand_brackets_take_no_time() {
        let begun = std::time::Instant::now();
        for text in ["[".repeat(100_000), "{\"".repeat(100_000)] {
            assert!(read::<Named>(&text, true).is_err());
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
