//! Schema sampler: generates values that a JSON schema accepts, for structured output and tool call arguments.
//!
//! It supports the keywords of structured output: types, `enum`, `const`, nested objects and arrays, lengths and ranges,
//! `$ref`, `anyOf`/`oneOf`/`allOf`. Where the schema allows it, the value comes from the question, so that the result reads
//! like an answer.

use std::cell::Cell;

use serde_json::{Map, Value, json};

use super::error_response::ErrorResponse;
use super::sample_values::{SampleValues, names, numbers};

/// `response_format`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Format {
    Text,
    JsonObject,
    Schema(Value),
}

impl Format {
    pub fn read(raw: &Map<String, Value>) -> Result<Self, ErrorResponse> {
        let format = match raw.get("response_format") {
            None | Some(Value::Null) => return Ok(Self::Text),
            Some(format) => format,
        };
        match format.get("type").and_then(Value::as_str) {
            Some("text" | "grammar" | "python") => Ok(Self::Text),
            Some("json_object") => Ok(Self::JsonObject),
            Some("json_schema") => match format.pointer("/json_schema/schema") {
                Some(schema) if schema.is_object() => Ok(Self::Schema(schema.clone())),
                _ => Err(ErrorResponse::invalid(
                    "response_format.json_schema.schema must be an object: the JSON schema of the answer",
                )),
            },
            _ => Err(ErrorResponse::invalid(
                "response_format.type must be text, json_object or json_schema",
            )),
        }
    }
}

/// The JSON schema in a message, which clients send where `response_format` does not support one: it follows the words "JSON
/// schema".
pub(super) fn schema_in_text<'a>(texts: impl Iterator<Item = &'a str>) -> Option<Value> {
    texts.into_iter().find_map(|text| {
        let at = text.to_ascii_lowercase().find("json schema")?;
        let at = at + text[at..].find('{')?;
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter();
        values.next()?.ok().filter(Value::is_object)
    })
}

/// The most values for one schema: a schema may contain itself.
const MOST_VALUES: u32 = 10_000;
/// Below this depth only `null`s and empty values are made: a schema may contain itself.
const DEEPEST: usize = 12;

/// Generates a value that the schema accepts.
pub(super) fn generate(schema: &Value, material: &SampleValues<'_>) -> Value {
    SchemaSampler {
        left: Cell::new(MOST_VALUES),
        root: schema,
        material,
        numbers: numbers(material.question),
        names: names(material.question),
    }
    .make(schema, "", 0, 0)
}

struct SchemaSampler<'a> {
    /// The number of values that may still be made.
    left: Cell<u32>,
    root: &'a Value,
    material: &'a SampleValues<'a>,
    numbers: Vec<f64>,
    names: Vec<&'a str>,
}

impl SchemaSampler<'_> {
    /// `name` is the property's name, `nth` counts the items of an array.
    fn make(&self, schema: &Value, name: &str, nth: usize, depth: usize) -> Value {
        // A schema may contain itself without end; a value nested this deep is no longer useful.
        if depth > 4 * DEEPEST || self.left.get() == 0 {
            return Value::Null;
        }
        self.left.set(self.left.get() - 1);
        if let Some(fixed) = schema.get("const") {
            return fixed.clone();
        }
        if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
            return self.choose(choices, nth);
        }
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let found = target.strip_prefix('#').and_then(|p| self.root.pointer(p));
            return match found {
                Some(found) if depth < DEEPEST => self.make(found, name, nth, depth + 1),
                _ => Value::Null,
            };
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            return self.make(&merged(self.root, schema, parts), name, nth, depth + 1);
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(options) = schema.get(key).and_then(Value::as_array) {
                let is_null = |o: &&Value| o.get("type").and_then(Value::as_str) == Some("null");
                let option = match depth < DEEPEST {
                    true => options.iter().find(|o| !is_null(o)),
                    false => options.iter().find(is_null),
                };
                return option.map_or(Value::Null, |o| self.make(o, name, nth, depth + 1));
            }
        }
        match type_of(schema, depth) {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, name, depth),
            "string" => self.string(schema, name, nth).into(),
            "integer" => json!(self.number(schema, true, nth) as i64),
            "number" => {
                let number = self.number(schema, false, nth);
                match number.fract() == 0.0 && number.abs() < 9e15 {
                    true => json!(number as i64),
                    false => json!(number),
                }
            }
            "boolean" => true.into(),
            _ => Value::Null,
        }
    }

    /// The choice that the question names, else one by position.
    fn choose(&self, choices: &[Value], nth: usize) -> Value {
        let question = self.material.question.to_lowercase();
        let named = choices.iter().find(|choice| {
            choice
                .as_str()
                .is_some_and(|text| !text.is_empty() && question.contains(&text.to_lowercase()))
        });
        let at = nth % choices.len().max(1);
        named.or(choices.get(at)).cloned().unwrap_or(Value::Null)
    }

    fn object(&self, schema: &Value, depth: usize) -> Value {
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map_or_else(Vec::new, |all| {
                all.iter().filter_map(Value::as_str).collect()
            });
        let mut object = Map::new();
        let mut nth = 0;
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            for (name, property) in properties {
                // At this depth only required fields are made, so that a schema that contains itself comes to an end.
                if depth < DEEPEST / 2 || required.contains(&name.as_str()) {
                    object.insert(name.clone(), self.make(property, name, nth, depth + 1));
                    nth += 1;
                }
            }
        }
        let others = schema.get("additionalProperties").filter(|o| o.is_object());
        for name in required {
            if !object.contains_key(name) {
                let value = others.map_or_else(
                    || self.string(&Value::Null, name, nth).into(),
                    |other| self.make(other, name, nth, depth + 1),
                );
                object.insert(name.to_owned(), value);
            }
        }
        Value::Object(object)
    }

    fn array(&self, schema: &Value, name: &str, depth: usize) -> Value {
        let bound = |key| schema.get(key).and_then(Value::as_u64).map(|n| n as usize);
        let least = bound("minItems").unwrap_or(0);
        let most = bound("maxItems").unwrap_or(usize::MAX);
        let wanted = if depth < DEEPEST / 2 { 2 } else { 0 };
        let items = schema.get("items").unwrap_or(&Value::Null);
        let count = wanted.max(least).min(most).min(1000);
        (0..count)
            .map(|nth| self.make(items, name, nth, depth + 1))
            .collect()
    }

    fn string(&self, schema: &Value, name: &str, nth: usize) -> String {
        match schema.get("format").and_then(Value::as_str) {
            Some("date") => return format!("2026-01-{:02}", nth % 28 + 1),
            Some("date-time") => return format!("2026-01-{:02}T09:00:00Z", nth % 28 + 1),
            Some("time") => return "09:00:00Z".to_owned(),
            Some("email") => return format!("learner{}@example.com", nth + 1),
            Some("uri" | "url") => return format!("https://example.com/{}", nth + 1),
            Some("uuid") => return format!("00000000-0000-4000-8000-{:012}", nth + 1),
            Some("ipv4") => return "192.0.2.1".to_owned(),
            _ => {}
        }
        let text = self.words(&name.to_lowercase(), nth);
        let bound = |key| schema.get(key).and_then(Value::as_u64).map(|n| n as usize);
        let least = bound("minLength").unwrap_or(0);
        let most = bound("maxLength").unwrap_or(usize::MAX);
        let mut text: String = text.chars().take(most).collect();
        let missing = least.saturating_sub(text.chars().count()).min(100_000);
        text.extend(std::iter::repeat_n('.', missing));
        text
    }

    fn words(&self, name: &str, nth: usize) -> String {
        let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
        if says(&[
            "answer",
            "explanation",
            "summary",
            "definition",
            "description",
            "text",
            "content",
            "reply",
        ]) {
            return self.material.answer.to_owned();
        }
        if name == "q" || says(&["query", "question", "prompt", "search"]) {
            return self.material.question.to_owned();
        }
        if says(&[
            "city", "place", "location", "name", "country", "person", "title", "symbol",
        ]) && let Some(found) = self.names.get(nth).or(self.names.first())
        {
            return (*found).to_owned();
        }
        match name {
            "" => format!("sandbox value {}", nth + 1),
            name => format!("sandbox {name} {}", nth + 1),
        }
    }

    fn number(&self, schema: &Value, whole: bool, nth: usize) -> f64 {
        let bound = |key| schema.get(key).and_then(Value::as_f64);
        let step = bound("multipleOf").filter(|step| *step > 0.0);
        let smallest = if whole { 1.0 } else { 0.5 };
        let low = bound("minimum")
            .or_else(|| bound("exclusiveMinimum").map(|low| low + step.unwrap_or(smallest)));
        let high = bound("maximum")
            .or_else(|| bound("exclusiveMaximum").map(|high| high - step.unwrap_or(smallest)));
        let from_question = self.numbers.get(nth).or(self.numbers.first()).copied();
        let mut number = from_question.unwrap_or(nth as f64 + 1.0);
        number = number
            .max(low.unwrap_or(f64::MIN))
            .min(high.unwrap_or(f64::MAX));
        if let Some(step) = step {
            number = (number / step).ceil() * step;
            if number > high.unwrap_or(f64::MAX) {
                number -= step;
            }
        }
        if whole {
            number.ceil().min(high.map_or(f64::MAX, f64::floor))
        } else {
            number
        }
    }
}

/// The first type that is not null, or the type that the keywords imply.
fn type_of(schema: &Value, depth: usize) -> &str {
    match schema.get("type") {
        Some(Value::String(one)) => one,
        Some(Value::Array(several)) => {
            let types: Vec<&str> = several.iter().filter_map(Value::as_str).collect();
            if depth >= DEEPEST && types.contains(&"null") {
                return "null";
            }
            types
                .iter()
                .find(|t| **t != "null")
                .copied()
                .unwrap_or("null")
        }
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ if schema.get("minimum").or(schema.get("maximum")).is_some() => "number",
        _ => "string",
    }
}

/// The schema merged with the parts of its `allOf`.
fn merged(root: &Value, schema: &Value, parts: &[Value]) -> Value {
    let mut whole = schema.as_object().cloned().unwrap_or_default();
    whole.remove("allOf");
    for part in parts {
        let target = part.get("$ref").and_then(Value::as_str);
        let part = target
            .and_then(|t| root.pointer(t.strip_prefix('#')?))
            .unwrap_or(part);
        for (key, value) in part.as_object().into_iter().flatten() {
            match (whole.get_mut(key), value) {
                (Some(Value::Object(here)), Value::Object(more)) => here.extend(more.clone()),
                (Some(Value::Array(here)), Value::Array(more)) => here.extend(more.clone()),
                _ => {
                    whole.insert(key.clone(), value.clone());
                }
            }
        }
    }
    Value::Object(whole)
}
