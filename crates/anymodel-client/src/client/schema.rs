//! JSON schema: a Rust type → the schema that vendors accept.
//!
//! `schemars` makes good JSON schema from a type, and more of it than vendors support. So references are resolved where
//! the type does not contain itself, `oneOf` becomes `anyOf`, `const` becomes `enum`, formats that only Rust has are left
//! out, and for an answer every object requires all its fields and allows no others: OpenAI's strict mode asks for that.
//! A field that the type can do without may be null instead. A part that has no such form, such as a map with any keys,
//! stays as it is, and the schema is not called strict: [`strict_schema`](anymodel_types::strict_schema) decides.
//! Source: OpenAI's guide "Structured model outputs" and Google's "Structured output", read in November 2026.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use anymodel_types::{
    ResponseFormat,
    strict_schema::{FORMATS, takes_objects},
};

/// The field that wraps an answer that is not an object: vendors want an object at the top.
pub(super) const WRAP: &str = "value";

/// The schema of an answer.
#[derive(Debug)]
pub(super) struct OutputSchema {
    /// The name of the type, in the characters that vendors accept.
    pub name: String,
    pub schema: Value,
    /// Whether the answer is in the field [`WRAP`] of an object.
    pub wrapped: bool,
}

impl OutputSchema {
    /// The response format of a request for it.
    pub fn asked(&self) -> ResponseFormat {
        ResponseFormat::JsonSchema {
            name: self.name.clone(),
            schema: self.schema.clone(),
        }
    }
}

/// The schema of an answer.
pub(super) fn of_answer<T: JsonSchema>() -> OutputSchema {
    let mut schema = raw::<T>();
    let wrapped = !is_object(&schema);
    if wrapped {
        schema = wrap(schema);
    }
    tidy(&mut schema, true);
    OutputSchema {
        name: name(&T::schema_name()),
        schema,
        wrapped,
    }
}

/// The schema of a tool's arguments; `None` when they are not an object with named fields.
pub(super) fn of_arguments<T: JsonSchema>() -> Option<Value> {
    let mut schema = raw::<T>();
    tidy(&mut schema, false);
    is_object(&schema).then_some(schema)
}

fn raw<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

fn is_object(schema: &Value) -> bool {
    schema["type"] == "object" && schema.get("anyOf").is_none() && schema.get("oneOf").is_none()
}

/// Puts the schema below a field; the definitions that references point to stay at the top.
fn wrap(mut schema: Value) -> Value {
    let definitions = schema
        .as_object_mut()
        .and_then(|schema| schema.remove("$defs"));
    let mut object =
        json!({ "type": "object", "properties": { WRAP: schema }, "required": [WRAP] });
    if let Some(definitions) = definitions {
        object["$defs"] = definitions;
    }
    object
}

/// Letters, digits, `_` and `-`, at most 64: the name of a generic type has others.
fn name(of_type: &str) -> String {
    let known = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let name: String = of_type
        .chars()
        .map(|c| if known(c) { c } else { '_' })
        .take(64)
        .collect();
    match name.is_empty() {
        true => "answer".to_owned(),
        false => name,
    }
}

/// Keywords that not every vendor accepts: they go into the description instead.
const IN_WORDS: [&str; 5] = [
    "minLength",
    "maxLength",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// Brings a schema and all below it into the form that vendors accept.
fn tidy(schema: &mut Value, closed: bool) {
    if schema == &Value::Bool(true) {
        *schema = json!({});
    }
    let Some(map) = schema.as_object_mut() else {
        return;
    };
    if let Some(target) = map.get("$ref").cloned() {
        // No keyword may stand beside a reference.
        let definitions = map.remove("$defs");
        *map = Map::from_iter([("$ref".to_owned(), target)]);
        if let Some(definitions) = definitions {
            map.insert("$defs".to_owned(), definitions);
        }
    }
    for word in ["default", "examples", "deprecated", "readOnly", "writeOnly"] {
        map.remove(word);
    }
    if let Some(options) = map.remove("oneOf") {
        map.insert("anyOf".to_owned(), options);
    }
    if let Some(fixed) = map.remove("const") {
        map.insert("enum".to_owned(), json!([fixed]));
    }
    if map
        .get("format")
        .and_then(Value::as_str)
        // `uint32` and its like exist in Rust alone.
        .is_some_and(|format| !FORMATS.contains(&format))
    {
        map.remove("format");
    }
    if closed {
        say_in_words(map);
    }
    let optional = match takes_objects(map) {
        true => close(map, closed),
        false => Vec::new(),
    };
    for word in ["properties", "$defs"] {
        let named = map.get_mut(word).and_then(Value::as_object_mut);
        for (_, part) in named.into_iter().flatten() {
            tidy(part, closed);
        }
    }
    for word in ["anyOf", "allOf", "prefixItems"] {
        let listed = map.get_mut(word).and_then(Value::as_array_mut);
        for part in listed.into_iter().flatten() {
            tidy(part, closed);
        }
    }
    for word in ["items", "additionalProperties"] {
        if let Some(part) = map.get_mut(word).filter(|part| part.is_object()) {
            tidy(part, closed);
        }
    }
    for name in optional {
        map["properties"].get_mut(&name).map(make_nullable);
    }
}

/// Lets a value be null.
fn make_nullable(schema: &mut Value) {
    let Some(map) = schema.as_object_mut() else {
        return;
    };
    let null = || json!("null");
    if map.contains_key("$ref") {
        *schema = json!({ "anyOf": [schema.take(), { "type": "null" }] });
        return;
    }
    if let Some(Value::Array(fixed)) = map.get_mut("enum")
        && !fixed.contains(&Value::Null)
    {
        fixed.push(Value::Null);
    }
    let has_options = map.contains_key("anyOf");
    match (map.get_mut("type"), has_options) {
        (Some(Value::Array(kinds)), _) if !kinds.contains(&null()) => kinds.push(null()),
        (Some(kind @ Value::String(_)), _) if *kind != "null" => {
            *kind = Value::Array(vec![kind.take(), null()])
        }
        (None, true) => {
            let option = json!({ "type": "null" });
            if let Some(Value::Array(options)) = map.get_mut("anyOf")
                && !options.contains(&option)
            {
                options.push(option);
            }
        }
        _ => {}
    }
}

fn say_in_words(map: &mut Map<String, Value>) {
    let mut rules = Vec::new();
    for word in IN_WORDS {
        if let Some(value) = map.remove(word) {
            rules.push(format!("{word}: {value}"));
        }
    }
    if !rules.is_empty() {
        let said = map.get("description").and_then(Value::as_str);
        let said = said.map(|said| format!("{said} ")).unwrap_or_default();
        map.insert(
            "description".to_owned(),
            format!("{said}({})", rules.join(", ")).into(),
        );
    }
}

/// An object with no fields beside those it names. In an answer all of them are required, and those that were optional are
/// returned. One that is a map, with any keys, stays one.
fn close(map: &mut Map<String, Value>, all: bool) -> Vec<String> {
    if map.contains_key("additionalProperties") && !map.contains_key("properties") {
        return Vec::new();
    }
    let fields = map.entry("properties").or_insert_with(|| json!({}));
    let names: Vec<String> = fields
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
        .cloned()
        .collect();
    if !all {
        return Vec::new();
    }
    let required = map.insert("required".to_owned(), json!(names));
    map.entry("additionalProperties").or_insert(false.into());
    let needed = |name: &String| {
        required.as_ref().is_some_and(|required| {
            required
                .as_array()
                .is_some_and(|list| list.contains(&json!(name)))
        })
    };
    names.into_iter().filter(|name| !needed(name)).collect()
}
