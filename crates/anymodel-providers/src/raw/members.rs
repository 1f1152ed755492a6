//! Members of a JSON object: where their values stand in its text, and new values in their places.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A member of an object: its name, and the place of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub name: String,
    pub value: Range<usize>,
}

/// The members of the object in `json`, in order; a name may come more than once.
///
/// # Errors
/// When it is no JSON object.
pub(super) fn members(json: &[u8]) -> serde_json::Result<Vec<Member>> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let members = reader.deserialize_map(Members { json })?;
    reader.end()?;
    Ok(members)
}

struct Members<'a> {
    json: &'a [u8],
}

impl<'a> Visitor<'a> for Members<'a> {
    type Value = Vec<Member>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Vec<Member>, A::Error> {
        let mut members = Vec::new();
        while let Some((name, value)) = map.next_entry::<Cow<'a, str>, &'a RawValue>()? {
            let value = value.get();
            // A raw value is a part of the text.
            let start = value.as_ptr().addr().checked_sub(self.json.as_ptr().addr());
            let start = start.ok_or_else(|| A::Error::custom("a value outside of the text"))?;
            members.push(Member {
                name: name.into_owned(),
                value: start..start + value.len(),
            });
        }
        Ok(members)
    }
}

/// The object without some of its members: those that stay, joined by commas, each with all its bytes.
pub(super) fn without(
    json: &[u8],
    members: &[Member],
    is_left_out: impl Fn(&Member) -> bool,
) -> Vec<u8> {
    let mut written = vec![b'{'];
    let mut before = json
        .iter()
        .position(|byte| *byte == b'{')
        .map_or(0, |at| at + 1);
    for member in members {
        let whole = json.get(before..member.value.end).unwrap_or_default();
        before = member.value.end;
        if is_left_out(member) {
            continue;
        }
        if written.len() > 1 {
            written.push(b',');
        }
        // From its name on.
        let name = whole.iter().position(|byte| *byte == b'"').unwrap_or(0);
        written.extend_from_slice(whole.get(name..).unwrap_or_default());
    }
    written.push(b'}');
    written
}

/// New values for some members of an object. All other bytes stay.
pub(super) struct Edits<'a> {
    json: &'a [u8],
    replaced: Vec<(Range<usize>, String)>,
    added: Vec<(&'static str, String)>,
}

impl<'a> Edits<'a> {
    /// No edits yet of this object.
    pub fn of(json: &'a [u8]) -> Self {
        Edits {
            json,
            replaced: Vec::new(),
            added: Vec::new(),
        }
    }

    /// Gives each of these members its new value, which is made of its old one, and adds the member `name`, made of no
    /// bytes, when there is none. `None` leaves the value as it is.
    pub fn set<'m>(
        &mut self,
        named: impl Iterator<Item = &'m Member>,
        name: &'static str,
        value: impl Fn(&[u8]) -> Option<String>,
    ) {
        let mut is_there = false;
        for member in named {
            is_there = true;
            self.replace(member, &value);
        }
        if let (false, Some(value)) = (is_there, value(b"")) {
            self.insert(name, value);
        }
    }

    /// Gives a member a new value, made of its old one, or leaves it.
    pub fn replace(&mut self, member: &Member, value: impl Fn(&[u8]) -> Option<String>) {
        let old = self.json.get(member.value.clone()).unwrap_or_default();
        if let Some(value) = value(old) {
            self.replaced.push((member.value.clone(), value));
        }
    }

    /// Adds a member at the end.
    pub fn insert(&mut self, name: &'static str, value: String) {
        self.added.push((name, value));
    }

    /// The object with its new values.
    ///
    /// # Errors
    /// When it is no text, which the reader of its members excludes.
    pub fn apply(mut self) -> serde_json::Result<String> {
        self.replaced.sort_by_key(|(place, _)| place.start);
        let end = self.json.iter().rposition(|byte| *byte == b'}');
        let end = end.unwrap_or(self.json.len());
        let mut written = Vec::with_capacity(self.json.len() + 64);
        let mut at = 0;
        for (place, value) in &self.replaced {
            written.extend_from_slice(self.json.get(at..place.start).unwrap_or_default());
            written.extend_from_slice(value.as_bytes());
            at = place.end;
        }
        written.extend_from_slice(self.json.get(at..end).unwrap_or_default());
        for (name, value) in &self.added {
            let is_first = written.trim_ascii_end().ends_with(b"{");
            let comma = if is_first { "" } else { "," };
            written.extend_from_slice(format!("{comma}\"{name}\":{value}").as_bytes());
        }
        written.extend_from_slice(self.json.get(end..).unwrap_or_default());
        String::from_utf8(written).map_err(serde::ser::Error::custom)
    }
}
