//! Lenient deserialization: fields whose type never makes decoding fail.
//!
//! The type of nearly every field differs between servers. A field that carries a part of the answer is read from any type
//! ([`list`], [`object`], [`word`]), in one pass. In any other ([`lenient`]) a value of the wrong type counts as absent.

use std::borrow::Cow;
use std::collections::HashMap;
use std::marker::PhantomData;

use rust_decimal::Decimal;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Number;
use serde_json::value::RawValue;

/// The deepest level that is searched for repeated fields: JSON may be nested deeper than the stack allows.
const DEEPEST: usize = 64;

/// Parses JSON. Of a repeated field the non-empty value counts; `NaN` and its like count as null.
pub(super) fn read<T: DeserializeOwned>(json: &str) -> Option<T> {
    let strict = serde_json::from_str(json).ok();
    strict.or_else(|| {
        let mut once = String::with_capacity(json.len());
        write_once(json, DEEPEST, &mut once)?;
        serde_json::from_str(&once).ok()
    })
}

/// Rewrites a JSON text without repeated fields; `None` when it is no JSON.
fn write_once(json: &str, deepest: usize, once: &mut String) -> Option<()> {
    let json = json.trim_ascii();
    match json.as_bytes().first()? {
        _ if deepest == 0 => once.push_str(json),
        b'{' => {
            let Fields(fields) = serde_json::from_str(json).ok()?;
            once.push('{');
            for (number, (name, value)) in fields.iter().enumerate() {
                if number > 0 {
                    once.push(',');
                }
                once.push_str(&serde_json::to_string(name).ok()?);
                once.push(':');
                write_once(value.get(), deepest - 1, once)?;
            }
            once.push('}');
        }
        b'[' => {
            let list: Vec<&RawValue> = serde_json::from_str(json).ok()?;
            once.push('[');
            for (number, value) in list.into_iter().enumerate() {
                if number > 0 {
                    once.push(',');
                }
                write_once(value.get(), deepest - 1, once)?;
            }
            once.push(']');
        }
        _ => match serde_json::from_str::<serde_json::Value>(json) {
            Ok(_) => once.push_str(json),
            Err(_) => {
                // A number too large for any type is still JSON. Text that is no JSON stays unread.
                serde_json::from_str::<&RawValue>(json).ok()?;
                once.push_str("null");
            }
        },
    }
    Some(())
}

/// The fields of an object, without repetitions.
struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields: Vec<(Cow<'de, str>, &'de RawValue)> = Vec::new();
                let mut places = HashMap::new();
                while let Some((name, value)) = map.next_entry::<Cow<'de, str>, &'de RawValue>()? {
                    match places
                        .get(&name)
                        .and_then(|place: &usize| fields.get_mut(*place))
                    {
                        // The earlier value has at least as much content.
                        Some(_) if matches!(value.get(), "null" | "\"\"") => {}
                        Some((_, known)) => *known = value,
                        None => {
                            places.insert(name.clone(), fields.len());
                            fields.push((name, value));
                        }
                    }
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// A value of the wrong type counts as absent.
pub(super) fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    Ok(read::<Option<T>>(raw.get()).flatten())
}

/// A list, or a single element in its place. Elements of the wrong type are left out.
pub(super) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    deserializer.deserialize_any(ListReader(PhantomData))
}

/// As [`list`], for objects that may be written as strings.
pub(super) fn list_of_texts<'de, D: Deserializer<'de>, T: Deserialize<'de> + From<String>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    let all = match Any::<T>::deserialize(deserializer)? {
        Any::List(list) => list,
        Any::Nothing => return Ok(None),
        one => vec![one],
    };
    let read = |one: Any<T>| match one {
        Any::Word(text) => Some(T::from(text)),
        other => other.objects().pop(),
    };
    Ok(Some(all.into_iter().filter_map(read).collect()))
}

/// An object, or the only element of a list.
pub(super) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    match Any::<T>::deserialize(deserializer)? {
        Any::Object(one) => Ok(Some(one)),
        list @ Any::List(_) => Ok(list.objects().into_iter().next()),
        Any::Word(_) | Any::Number(_) | Any::Nothing => Ok(None),
    }
}

/// An object, or a string in its place.
pub(super) fn object_or_text<'de, D: Deserializer<'de>, T: Deserialize<'de> + From<String>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    match Any::<T>::deserialize(deserializer)? {
        Any::Object(one) => Ok(Some(one)),
        list @ Any::List(_) => Ok(list.objects().into_iter().next()),
        Any::Word(text) => Ok(Some(T::from(text))),
        Any::Number(number) => Ok(Some(T::from(number.to_string()))),
        Any::Nothing => Ok(None),
    }
}

/// Whether there is a value, and one with content in it.
pub(super) fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    Ok(!matches!(
        raw.get(),
        "null" | "[]" | "{}" | "false" | "\"\""
    ))
}

/// A string; a number is converted to one.
pub(super) fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Any::<IgnoredAny>::deserialize(deserializer)? {
        Any::Word(word) => Ok(Some(word)),
        Any::Number(number) => Ok(Some(number.to_string())),
        Any::Object(_) | Any::List(_) | Any::Nothing => Ok(None),
    }
}

/// A finish reason: a string, the `type` of an object, or the first element of a list; `false` and the like mean none.
pub(super) fn reason<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let value: Option<serde_json::Value> = lenient(deserializer)?;
    Ok(value.as_ref().and_then(said_reason))
}

fn said_reason(value: &serde_json::Value) -> Option<String> {
    use serde_json::Value;
    match value {
        Value::String(word) => Some(word.clone()),
        Value::Number(number) => (number.as_u64() != Some(0)).then(|| number.to_string()),
        Value::Object(fields) => ["type", "reason", "finish_reason"]
            .iter()
            .find_map(|name| said_reason(fields.get(*name)?)),
        Value::Array(list) => list.iter().find_map(said_reason),
        Value::Null | Value::Bool(_) => None,
    }
}

impl<T> Any<T> {
    /// The objects of the value, in order.
    fn objects(self) -> Vec<T> {
        let mut objects = Vec::new();
        self.add_to(&mut objects);
        objects
    }

    fn add_to(self, objects: &mut Vec<T>) {
        match self {
            Any::Object(one) => push(objects, one),
            Any::List(list) => list.into_iter().for_each(|one| one.add_to(objects)),
            Any::Word(_) | Any::Number(_) | Any::Nothing => {}
        }
    }
}

/// Adds to a list that nearly always keeps one element. A vector first allocates room for four, and an element may be
/// large.
fn push<T>(list: &mut Vec<T>, one: T) {
    if list.is_empty() {
        list.reserve_exact(1);
    }
    list.push(one);
}

/// A JSON value of any type; its objects are read as `T`.
enum Any<T> {
    Nothing,
    Word(String),
    Number(Number),
    Object(T),
    List(Vec<Any<T>>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Any<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyReader(PhantomData))
    }
}

struct AnyReader<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for AnyReader<T> {
    type Value = Any<T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("anything")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Any::Word(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Any::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Any::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Number::from_f64(value).map_or(Any::Nothing, Any::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Any::Word(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Any::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element::<Any<T>>()? {
            list.push(element);
        }
        Ok(Any::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Any::Object)
    }
}

/// Reads the objects of a list, or a single one, directly into their place: each event of a stream has such a list.
struct ListReader<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListReader<T> {
    type Value = Option<Vec<T>>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("anything")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element::<Any<T>>()? {
            element.add_to(&mut list);
        }
        Ok(Some(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let one = T::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Some(vec![one]))
    }
}

/// A token count; some servers write `21.0`, some a string.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number = match Any::<IgnoredAny>::deserialize(deserializer)? {
        Any::Number(number) => number.as_f64(),
        Any::Word(text) => text.trim().parse().ok(),
        Any::Object(_) | Any::List(_) | Any::Nothing => None,
    };
    Ok(number
        .filter(|n| (0.0..9e15).contains(n))
        .map(|n| n.round() as u64))
}

/// The highest cost of one answer that is accepted, in US dollars.
const MOST: u32 = 1_000_000;

/// An amount of money, parsed from its digits, never through a float.
pub(super) fn money<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Decimal>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    let digits = raw.get().trim_matches('"');
    let amount = digits
        .parse()
        .or_else(|_| Decimal::from_scientific(digits))
        .ok();
    // A higher amount is an error of the server, and could overflow a sum.
    Ok(amount.filter(|amount: &Decimal| (Decimal::ZERO..=Decimal::from(MOST)).contains(amount)))
}
