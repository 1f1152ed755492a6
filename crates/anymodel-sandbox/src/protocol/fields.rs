//! Typed fields of a JSON object. A field of the wrong type is an error with its path; a field that is `null` is not set.

use serde_json::{Map, Value};

use super::Invalid;

/// The fields of one object of a request, with the path to it.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    map: &'a Map<String, Value>,
    path: String,
    /// Whether the path of an item is `messages.0`, as Anthropic has it, and not `messages[0]`.
    dotted: bool,
}

/// Parses a request body, which must be an object.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Invalid> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Invalid::body("The request body must be a JSON object")),
        Err(error) => Err(Invalid::body(format!(
            "The request body is not valid JSON: {error}"
        ))),
    }
}

impl<'a> Fields<'a> {
    pub fn root(map: &'a Map<String, Value>) -> Self {
        Self {
            map,
            path: String::new(),
            dotted: false,
        }
    }

    /// The same with paths as Anthropic has them.
    pub fn dotted(mut self) -> Self {
        self.dotted = true;
        self
    }

    /// The path of this object.
    pub fn here(&self) -> &str {
        &self.path
    }

    /// The path of a field.
    pub fn path(&self, key: &str) -> String {
        match self.path.is_empty() {
            true => key.to_owned(),
            false => format!("{}.{key}", self.path),
        }
    }

    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    pub fn wrong(&self, key: &str, wanted: &str) -> Invalid {
        let found = self.map.get(key).map_or("nothing", type_of);
        Invalid::at(
            self.path(key),
            format_args!("must be {wanted}, not {found}"),
        )
    }

    pub fn missing(&self, key: &str) -> Invalid {
        Invalid::at(self.path(key), "Field required")
    }

    fn typed<T>(
        &self,
        key: &str,
        wanted: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Invalid> {
        match self.get(key) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| self.wrong(key, wanted)),
        }
    }

    pub fn string(&self, key: &str) -> Result<Option<&'a str>, Invalid> {
        self.typed(key, "a string", Value::as_str)
    }

    pub fn required_string(&self, key: &str) -> Result<&'a str, Invalid> {
        self.string(key)?.ok_or_else(|| self.missing(key))
    }

    pub fn owned_string(&self, key: &str) -> Result<Option<String>, Invalid> {
        Ok(self.string(key)?.map(str::to_owned))
    }

    pub fn flag(&self, key: &str) -> Result<Option<bool>, Invalid> {
        self.typed(key, "true or false", Value::as_bool)
    }

    /// A number within a range.
    pub fn number(&self, key: &str, low: f64, high: f64) -> Result<Option<f64>, Invalid> {
        let number = self.typed(key, "a number", Value::as_f64)?;
        match number {
            Some(number) if !(low..=high).contains(&number) => Err(Invalid::at(
                self.path(key),
                format_args!("must be from {low} to {high}, not {number}"),
            )),
            number => Ok(number),
        }
    }

    /// A number of tokens, above 0.
    pub fn count(&self, key: &str) -> Result<Option<u32>, Invalid> {
        let wanted = "a whole number above 0";
        let number = self.typed(key, wanted, Value::as_i64)?;
        number
            .map(|number| match u32::try_from(number) {
                Ok(count) if count > 0 => Ok(count),
                _ => Err(Invalid::at(
                    self.path(key),
                    format_args!("must be {wanted} and below 4294967296, not {number}"),
                )),
            })
            .transpose()
    }

    pub fn integer(&self, key: &str) -> Result<Option<i64>, Invalid> {
        self.typed(key, "a whole number", Value::as_i64)
    }

    pub fn array(&self, key: &str) -> Result<Option<&'a Vec<Value>>, Invalid> {
        self.typed(key, "an array", Value::as_array)
    }

    pub fn strings(&self, key: &str) -> Result<Vec<String>, Invalid> {
        let items = self.array(key)?.into_iter().flatten();
        items
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| Invalid::at(self.path(key), "must be an array of strings"))
    }

    /// One string, or an array of them.
    pub fn one_or_more(&self, key: &str) -> Result<Vec<String>, Invalid> {
        match self.get(key) {
            Some(Value::String(one)) => Ok(vec![one.clone()]),
            _ => self.strings(key),
        }
    }

    pub fn object(&self, key: &str) -> Result<Option<Fields<'a>>, Invalid> {
        let map = self.typed(key, "an object", Value::as_object)?;
        Ok(map.map(|map| Fields {
            map,
            path: self.path(key),
            dotted: self.dotted,
        }))
    }

    /// An array of objects; empty when it is not set.
    pub fn objects(&self, key: &str) -> Result<Vec<Fields<'a>>, Invalid> {
        let items = self.array(key)?.into_iter().flatten().enumerate();
        let dotted = self.dotted;
        items
            .map(|(at, item)| {
                let path = match dotted {
                    true => format!("{}.{at}", self.path(key)),
                    false => format!("{}[{at}]", self.path(key)),
                };
                match item.as_object() {
                    Some(map) => Ok(Fields { map, path, dotted }),
                    None => Err(Invalid::at(
                        path,
                        format_args!("must be an object, not {}", type_of(item)),
                    )),
                }
            })
            .collect()
    }
}

/// The type of a value, for messages. The value itself may be private.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a fraction",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
