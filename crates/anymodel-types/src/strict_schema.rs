//! Strict schema check: the JSON schemas that OpenAI's strict mode accepts. Both the request encoder and the sandbox use it.
//!
//! A schema that is wrongly marked strict makes the API refuse the request. So a schema that is not known to be accepted is
//! sent without `strict`.
//! Source: OpenAI's guide "Structured model outputs", section "Supported schemas", as public clients and reports quote it
//! (November 2026); the words are those of its API's refusals in such reports.

use std::fmt;

use serde_json::{Map, Value};

/// Keywords that strict mode allows.
const KNOWN: [&str; 21] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "const",
    "anyOf",
    "$ref",
    "$defs",
    "definitions",
    "title",
    "description",
    "$schema",
    "pattern",
    "format",
    "multipleOf",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
];
/// Keywords of arrays.
const OF_LISTS: [&str; 2] = ["minItems", "maxItems"];

/// String formats that strict mode allows.
pub const FORMATS: [&str; 9] = [
    "date-time",
    "time",
    "date",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "uuid",
];

/// Limits: the nesting of objects, and the numbers of fields and fixed values.
const DEEPEST: usize = 10;
const MOST_FIELDS: usize = 5000;
const MOST_VALUES: usize = 1000;

/// A violation of strict mode: its place and its reason.
#[derive(Debug, PartialEq, Eq)]
pub struct SchemaViolation {
    path: Vec<String>,
    words: String,
}

/// In OpenAI's words: `In context=('properties', 'home'), 'default' is not permitted.`
impl fmt::Display for SchemaViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<String> = self.path.iter().map(|step| format!("'{step}'")).collect();
        let comma = if steps.len() == 1 { "," } else { "" };
        write!(
            f,
            "In context=({}{comma}), {}",
            steps.join(", "),
            self.words
        )
    }
}

/// Checks whether strict mode accepts a schema.
///
/// # Errors
/// The first violation.
pub fn check(schema: &Value) -> Result<(), SchemaViolation> {
    let mut check = SchemaCheck::default();
    let object = schema
        .as_object()
        .filter(|map| map.get("type") == Some(&Value::from("object")));
    if object.is_none_or(|map| map.contains_key("anyOf") || map.contains_key("$ref")) {
        let kind = schema["type"].as_str().unwrap_or("None");
        let words =
            format!("schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'.");
        return Err(check.loose(words));
    }
    check.schema(schema, 0)
}

/// Whether a schema accepts objects, alone or beside null.
pub fn takes_objects(schema: &Map<String, Value>) -> bool {
    object_at(schema).is_some()
}

/// The position of the type `object`: alone, or its index in a list of types.
fn object_at(schema: &Map<String, Value>) -> Option<Option<usize>> {
    match schema.get("type")? {
        Value::String(kind) => (kind == "object").then_some(None),
        Value::Array(kinds) => kinds.iter().position(|kind| kind == "object").map(Some),
        _ => None,
    }
}

#[derive(Default)]
struct SchemaCheck {
    path: Vec<String>,
    fields: usize,
    values: usize,
}

impl SchemaCheck {
    fn loose(&self, words: impl Into<String>) -> SchemaViolation {
        SchemaViolation {
            path: self.path.clone(),
            words: words.into(),
        }
    }

    /// Checks the schema at this path.
    fn at(&mut self, steps: &[&str], part: &Value, depth: usize) -> Result<(), SchemaViolation> {
        self.path
            .extend(steps.iter().map(|step| (*step).to_owned()));
        self.schema(part, depth)?;
        self.path.truncate(self.path.len() - steps.len());
        Ok(())
    }

    fn schema(&mut self, schema: &Value, depth: usize) -> Result<(), SchemaViolation> {
        let Some(map) = schema.as_object() else {
            return Err(self.loose("schema must be an object."));
        };
        self.words(map)?;
        if let Some(place) = object_at(map) {
            self.path.extend(
                place
                    .into_iter()
                    .flat_map(|at| ["type".to_owned(), at.to_string()]),
            );
            self.object(map, depth)?;
            self.path
                .truncate(self.path.len() - 2 * usize::from(place.is_some()));
        }
        for (name, part) in named(map, "properties") {
            self.at(&["properties", name], part, depth + 1)?;
        }
        for word in ["$defs", "definitions"] {
            for (name, part) in named(map, word) {
                self.at(&[word, name], part, depth)?;
            }
        }
        let options = map.get("anyOf").and_then(Value::as_array);
        for (at, part) in options.into_iter().flatten().enumerate() {
            self.at(&["anyOf", &at.to_string()], part, depth)?;
        }
        match map.get("items") {
            Some(items) => self.at(&["items"], items, depth),
            None if takes(map, "array") => Err(self.loose("array schema missing items.")),
            None => Ok(()),
        }
    }

    /// Checks the keywords of one schema.
    fn words(&mut self, map: &Map<String, Value>) -> Result<(), SchemaViolation> {
        let known =
            |word: &str| KNOWN.contains(&word) || (OF_LISTS.contains(&word) && takes(map, "array"));
        if let Some(unknown) = map.keys().find(|word| !known(word)) {
            return Err(self.loose(format!("'{unknown}' is not permitted.")));
        }
        if map.contains_key("$ref") {
            let beside = map
                .keys()
                .find(|word| !matches!(word.as_str(), "$ref" | "$defs" | "definitions"));
            return match beside {
                Some(word) => Err(self.loose(format!("$ref cannot have keywords {{'{word}'}}."))),
                None => Ok(()),
            };
        }
        if !["type", "anyOf", "enum", "const"]
            .iter()
            .any(|word| map.contains_key(*word))
        {
            return Err(self.loose("schema must have a 'type' key."));
        }
        if let Some(format) = map
            .get("format")
            .and_then(Value::as_str)
            .filter(|format| !FORMATS.contains(format))
        {
            return Err(self.loose(format!("'{format}' is not a valid format.")));
        }
        self.values += map
            .get("enum")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        if self.values > MOST_VALUES {
            return Err(self.loose(format!(
                "Expected at most {MOST_VALUES} enum values in total within a schema."
            )));
        }
        Ok(())
    }

    /// Checks an object: it must require all its fields, and allow no others.
    fn object(&mut self, map: &Map<String, Value>, depth: usize) -> Result<(), SchemaViolation> {
        if depth >= DEEPEST {
            return Err(self.loose(format!(
                "{} levels of nesting exceeds limit of {DEEPEST}.",
                depth + 1
            )));
        }
        if map.get("additionalProperties") != Some(&Value::Bool(false)) {
            return Err(
                self.loose("'additionalProperties' is required to be supplied and to be false.")
            );
        }
        let required = map
            .get("required")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        for (name, _) in named(map, "properties") {
            self.fields += 1;
            if !required.iter().any(|other| other == name) {
                return Err(self.loose(format!(
                    "'required' is required to be supplied and to be an array including every key in properties. Missing '{name}'."
                )));
            }
        }
        if let Some(extra) = required
            .iter()
            .find(|name| name.as_str().is_none_or(|name| !has(map, name)))
        {
            return Err(self.loose(format!("'required' is required to be supplied and to be an array including every key in properties. Extra required key {extra} supplied.")));
        }
        match self.fields > MOST_FIELDS {
            true => Err(self.loose(format!(
                "Expected at most {MOST_FIELDS} object properties total within a schema."
            ))),
            false => Ok(()),
        }
    }
}

fn named<'a>(
    map: &'a Map<String, Value>,
    word: &str,
) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let named = map.get(word).and_then(Value::as_object);
    named
        .into_iter()
        .flatten()
        .map(|(name, part)| (name.as_str(), part))
}

fn has(map: &Map<String, Value>, field: &str) -> bool {
    map.get("properties")
        .is_some_and(|fields| fields.get(field).is_some())
}

/// Whether a schema accepts values of this type.
fn takes(map: &Map<String, Value>, kind: &str) -> bool {
    match map.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(|other| other == kind),
        Some(one) => one == kind,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(field: Value) -> Value {
        json!({ "type": "object", "properties": { "home": field }, "required": ["home"], "additionalProperties": false })
    }

    #[test]
    fn what_openai_refuses_is_named_with_its_path() {
        for (schema, words) in [
            (
                json!({ "type": "string" }),
                "In context=(), schema must be a JSON Schema of 'type: \"object\"', got 'type: \"string\"'.",
            ),
            (
                json!({ "type": "object", "properties": {} }),
                "In context=(), 'additionalProperties' is required to be supplied and to be false.",
            ),
            (
                object(json!({ "type": ["object", "null"], "properties": {} })),
                "In context=('properties', 'home', 'type', '0'), 'additionalProperties' is required to be supplied and to be false.",
            ),
            (
                object(json!({ "type": "array", "items": { "type": "object" } })),
                "In context=('properties', 'home', 'items'), 'additionalProperties' is required to be supplied and to be false.",
            ),
            (
                object(json!({ "anyOf": [{ "type": "null" }, { "type": "object" }] })),
                "In context=('properties', 'home', 'anyOf', '1'), 'additionalProperties' is required to be supplied and to be false.",
            ),
            (
                object(json!({ "type": "object", "additionalProperties": { "type": "string" } })),
                "In context=('properties', 'home'), 'additionalProperties' is required to be supplied and to be false.",
            ),
            (
                object(json!({ "type": "string", "default": "x" })),
                "In context=('properties', 'home'), 'default' is not permitted.",
            ),
            (
                object(json!({ "type": "string", "format": "uri" })),
                "In context=('properties', 'home'), 'uri' is not a valid format.",
            ),
            (
                object(json!({ "type": "string", "minLength": 1 })),
                "In context=('properties', 'home'), 'minLength' is not permitted.",
            ),
            (
                object(json!({})),
                "In context=('properties', 'home'), schema must have a 'type' key.",
            ),
            (
                object(json!({ "type": "array" })),
                "In context=('properties', 'home'), array schema missing items.",
            ),
            (
                object(json!({ "$ref": "#/$defs/A", "description": "x" })),
                "In context=('properties', 'home'), $ref cannot have keywords {'description'}.",
            ),
            (
                object(
                    json!({ "type": "object", "properties": { "a": { "type": "null" } }, "required": [], "additionalProperties": false }),
                ),
                "In context=('properties', 'home'), 'required' is required to be supplied and to be an array including every key in properties. Missing 'a'.",
            ),
        ] {
            assert_eq!(check(&schema).unwrap_err().to_string(), words, "{schema}");
        }
        let nested = |levels: usize| {
            (1..levels).fold(object(json!({ "type": "null" })), |inner, _| object(inner))
        };
        assert_eq!(check(&nested(10)), Ok(()));
        assert!(
            check(&nested(11))
                .unwrap_err()
                .to_string()
                .contains("levels of nesting")
        );
    }

    #[test]
    fn what_openai_takes_is_strict() {
        for field in [
            json!({ "type": ["string", "null"], "format": "date", "pattern": "x" }),
            json!({ "type": "array", "items": { "type": "integer", "minimum": 0 }, "minItems": 1 }),
            json!({ "type": ["object", "null"], "properties": {}, "required": [], "additionalProperties": false }),
            json!({ "anyOf": [{ "$ref": "#" }, { "type": "null" }] }),
            json!({ "enum": ["a", "b"], "description": "Which." }),
        ] {
            assert_eq!(check(&object(field.clone())), Ok(()), "{field}");
        }
    }
}
