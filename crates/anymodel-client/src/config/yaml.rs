//! YAML tree: each node has its line and column.
//!
//! The tree is parsed as a whole and decoded afterwards, by `file`. So an error message can name the place of a wrong value,
//! and repeats the value only when it cannot be a secret.

use std::fmt;

use anymodel_types::words;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Error, Spanned};

/// A place in a file, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub line: u64,
    pub column: u64,
}

/// A node: a value and its place.
#[derive(Clone, Debug)]
pub(super) struct YamlNode {
    pub at: Position,
    pub value: YamlValue,
}

/// The value of a YAML node.
#[derive(Clone, Debug)]
pub(super) enum YamlValue {
    /// No value after the colon, or `null`.
    Nothing,
    Flag(bool),
    Number(f64),
    Text(String),
    List(Vec<YamlNode>),
    /// In the order of the file.
    Fields(Vec<Field>),
}

/// A field: its name and its value.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub name: String,
    pub at: Position,
    pub node: YamlNode,
}

impl YamlValue {
    /// The type name, for "that is not a number".
    pub fn kind(&self) -> &'static str {
        match self {
            YamlValue::Nothing => words::settings_files().nothing(),
            YamlValue::Flag(_) => words::settings_files().true_or_false(),
            YamlValue::Number(_) => words::settings_files().number(),
            YamlValue::Text(_) => words::settings_files().text(),
            YamlValue::List(_) => words::settings_files().list(),
            YamlValue::Fields(_) => words::settings_files().group_of_fields(),
        }
    }
}

/// A YAML error: its reason, what to do, and the place when it is known.
#[derive(Debug)]
pub(super) struct YamlError {
    pub what: String,
    pub hint: &'static str,
    pub at: Option<Position>,
}

/// Parses one document. An empty one is `Nothing`.
pub(super) fn parse(text: &str) -> Result<YamlNode, YamlError> {
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::Error,
        // A snippet of the file could show a secret.
        with_snippet: false,
    };
    let read: Result<Spanned<YamlValue>, Error> =
        serde_saphyr::from_str_with_options(text, options);
    match read {
        Ok(root) => Ok(root.into()),
        Err(Error::Eof { .. }) => Ok(YamlNode {
            at: Position { line: 1, column: 1 },
            value: YamlValue::Nothing,
        }),
        Err(error) => Err(broken(&error)),
    }
}

fn broken(error: &Error) -> YamlError {
    let at = error.location().map(|location| Position {
        line: location.line(),
        column: location.column(),
    });
    let (what, hint) = match error {
        Error::DuplicateMappingKey { .. } => (
            words::settings_files().field_stands_there_for_the_second_time(),
            words::settings_files().keep_one_of_them(),
        ),
        Error::MultipleDocuments { .. } => (
            words::settings_files().second_document_begins_there(),
            words::settings_files().configuration_is_one_document(),
        ),
        Error::UnknownAnchor { .. } => (
            words::settings_files().alias_names_an_anchor_that_is_not_there(),
            words::settings_files().write_the_value_itself(),
        ),
        Error::NonFiniteFloat { .. } => (
            words::settings_files().number_stands_there_that_is_not_finite(),
            words::settings_files().write_a_plain_number(),
        ),
        // The parser's messages may repeat text of the file.
        Error::QuotingRequired { .. }
        | Error::SerdeInvalidType { .. }
        | Error::SerdeInvalidValue { .. }
        | Error::HookError { .. } => (
            words::settings_files().value_stands_there_that_cannot_be_used(),
            words::settings_files().put_it_between_quotes(),
        ),
        other => {
            // The place stands at the beginning, as in compiler messages.
            let words = other.to_string();
            let words = words.split(" at line ").next().unwrap_or_default();
            return YamlError {
                what: words::settings_files().this_is_no_yaml(&words),
                hint: words::settings_files().write_name_and_value(),
                at,
            };
        }
    };
    YamlError {
        what: what.to_owned(),
        hint,
        at,
    }
}

impl From<Spanned<YamlValue>> for YamlNode {
    fn from(spanned: Spanned<YamlValue>) -> Self {
        YamlNode {
            at: Position {
                line: spanned.referenced.line(),
                column: spanned.referenced.column(),
            },
            value: spanned.value,
        }
    }
}

impl<'de> Deserialize<'de> for YamlValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = YamlValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(words::settings_files().value())
    }

    fn visit_unit<E>(self) -> Result<YamlValue, E> {
        Ok(YamlValue::Nothing)
    }

    fn visit_none<E>(self) -> Result<YamlValue, E> {
        Ok(YamlValue::Nothing)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<YamlValue, D::Error> {
        YamlValue::deserialize(deserializer)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<YamlValue, E> {
        Ok(YamlValue::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<YamlValue, E> {
        Ok(YamlValue::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<YamlValue, E> {
        Ok(YamlValue::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<YamlValue, E> {
        Ok(YamlValue::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<YamlValue, E> {
        Ok(YamlValue::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<YamlValue, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element::<Spanned<YamlValue>>()? {
            nodes.push(node.into());
        }
        Ok(YamlValue::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<YamlValue, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = map.next_key::<Spanned<String>>()? {
            let node: YamlNode = map.next_value::<Spanned<YamlValue>>()?.into();
            fields.push(Field {
                at: Position {
                    line: name.referenced.line(),
                    column: name.referenced.column(),
                },
                name: name.value,
                node,
            });
        }
        Ok(YamlValue::Fields(fields))
    }
}
