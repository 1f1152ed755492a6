//! YAML decoder: reads the tree of a configuration file field by field, and collects the errors.

use std::path::Path;

use super::Settings;
use super::source::Source;
use super::value::{looks_secret, shown};
use super::yaml::{Field, Position, YamlNode, YamlValue};
use anymodel_catalog::model::nearest;
use anymodel_types::{Error, ErrorKind, words};

/// A group of settings, with its known fields.
pub(super) struct SettingGroup {
    /// Its name in messages: `the file`, `routing`.
    pub name: fn() -> &'static str,
    pub fields: &'static [&'static str],
}

/// Parts of field names that hold secrets.
const SECRET_NAMES: [&str; 6] = [
    "key",
    "secret",
    "password",
    "credential",
    "authorization",
    "bearer",
];

pub(super) struct YamlDecoder<'a> {
    path: &'a Path,
    groups: &'static [SettingGroup],
    pub settings: &'a mut Settings,
    /// The errors so far, in order.
    pub problems: Vec<Error>,
}

impl<'a> YamlDecoder<'a> {
    pub fn new(
        path: &'a Path,
        groups: &'static [SettingGroup],
        settings: &'a mut Settings,
    ) -> Self {
        YamlDecoder {
            path,
            groups,
            settings,
            problems: Vec::new(),
        }
    }

    pub fn problem(&mut self, at: Position, what: impl AsRef<str>, hint: impl Into<String>) {
        let place = format!("{}:{}:{}", self.path.display(), at.line, at.column);
        let error = Error::new(ErrorKind::Config, format!("{place}: {}", what.as_ref()));
        self.problems.push(error.with_hint(hint));
    }

    pub fn source(&self, at: Position) -> Source {
        Source::File {
            path: self.path.to_owned(),
            line: at.line,
        }
    }

    /// The known fields of a group that have a value. Messages call the group `place`.
    pub fn fields<'n>(
        &mut self,
        node: &'n YamlNode,
        place: &str,
        group: &SettingGroup,
    ) -> Vec<&'n Field> {
        let fields = match &node.value {
            YamlValue::Nothing => return Vec::new(),
            YamlValue::Fields(fields) => fields,
            other => {
                self.problem(
                    node.at,
                    words::settings_files().has_to_be_a_group(&place, &other.kind()),
                    words::settings_files().its_fields(&group.fields.join(", ")),
                );
                return Vec::new();
            }
        };
        let mut good = Vec::new();
        for field in fields {
            if group.fields.contains(&field.name.as_str()) {
                if !matches!(field.node.value, YamlValue::Nothing) {
                    good.push(field);
                }
            } else if !is_secret_name(&field.name) {
                self.unknown(field, place, group);
            }
        }
        good
    }

    fn unknown(&mut self, field: &Field, place: &str, group: &SettingGroup) {
        let name = &field.name;
        let elsewhere = self
            .groups
            .iter()
            .find(|other| other.fields.contains(&name.as_str()));
        let near = nearest(name, 1, group.fields.iter().copied());
        let hint = match (elsewhere, near.first()) {
            (Some(other), _) => words::settings_files().it_belongs_into(&(other.name)()),
            (None, Some(near)) => words::settings_files().did_you_mean(&near),
            (None, None) => words::settings_files().known_fields(&group.fields.join(", ")),
        };
        let shown = shown(name);
        self.problem(
            field.at,
            words::settings_files().has_no_field(&place, &shown),
            hint,
        );
    }

    /// Stores one value in the setting of that name.
    pub fn scalar(&mut self, field: &Field, setting: &str) {
        let Some(text) = self.text(field) else {
            return;
        };
        let (at, source) = (field.node.at, self.source(field.at));
        if let Source::File { line, .. } = self.settings.source(setting) {
            self.problem(
                field.at,
                words::settings_files().is_said_twice(&field.name),
                words::settings_files().another_line_says_the_same(&line),
            );
            return;
        }
        let name = format!("`{}`", field.name);
        if let Err(error) = self.settings.put(setting, &name, &text, source) {
            let hint = error.hint().unwrap_or_default().to_owned();
            self.problem(at, error.to_string(), hint);
        }
    }

    /// One value as text.
    pub fn text(&mut self, field: &Field) -> Option<String> {
        match &field.node.value {
            YamlValue::Text(text) if text.trim().is_empty() => {
                self.problem(
                    field.node.at,
                    words::settings_files().is_empty(&field.name),
                    words::settings_files().write_something(),
                );
                None
            }
            // It was already refused.
            YamlValue::Text(text) if looks_secret(text) => None,
            YamlValue::Text(text) => Some(text.trim().to_owned()),
            YamlValue::Number(number) => Some(number.to_string()),
            YamlValue::Flag(flag) => Some(flag.to_string()),
            other => {
                self.problem(
                    field.node.at,
                    words::settings_files().has_to_be_one_value(&field.name, &other.kind()),
                    words::settings_files().write_the_value_behind_the_colon(),
                );
                None
            }
        }
    }

    /// One number that `fits`.
    pub fn number<T>(
        &mut self,
        field: &Field,
        wanted: &str,
        fits: impl Fn(f64) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(field)?;
        let number = text.parse().ok().and_then(fits);
        if number.is_none() {
            self.problem(
                field.node.at,
                words::settings_files().is_not_what_is_wanted(&field.name, &shown(&text), &wanted),
                words::settings_files().write_it_or_leave_it_out(&wanted),
            );
        }
        number
    }

    /// A list of names.
    pub fn names(&mut self, field: &Field) -> Option<Vec<String>> {
        let wanted = words::settings_files().write_a_list();
        let YamlValue::List(nodes) = &field.node.value else {
            self.problem(
                field.node.at,
                words::settings_files().has_to_be_a_list(&field.name, &field.node.value.kind()),
                wanted,
            );
            return None;
        };
        let mut names = Vec::new();
        for node in nodes {
            match &node.value {
                YamlValue::Text(name) if !name.trim().is_empty() => {
                    names.push(name.trim().to_owned())
                }
                other => {
                    self.problem(
                        node.at,
                        words::settings_files()
                            .lists_and_takes_names_alone(&field.name, &other.kind()),
                        wanted,
                    );
                    return None;
                }
            }
        }
        self.settings
            .sources
            .set(&field.name, self.source(field.at));
        Some(names)
    }

    /// Refuses secrets. Keys come from the environment, so that a file can be shared.
    pub fn refuse_secrets(&mut self, node: &YamlNode) {
        match &node.value {
            YamlValue::Text(text) if looks_secret(text) => {
                self.no_secrets(node.at, words::settings_files().key_stands_there())
            }
            YamlValue::List(nodes) => nodes.iter().for_each(|node| self.refuse_secrets(node)),
            YamlValue::Fields(fields) => {
                for field in fields {
                    if is_secret_name(&field.name) && !looks_secret(&field.name) {
                        let what = words::settings_files().does_not_belong_into_a_file(&field.name);
                        self.no_secrets(field.at, &what);
                    } else if looks_secret(&field.name) {
                        self.no_secrets(field.at, words::settings_files().key_stands_there());
                    } else {
                        self.refuse_secrets(&field.node);
                    }
                }
            }
            _ => {}
        }
    }

    fn no_secrets(&mut self, at: Position, what: &str) {
        self.problem(at, what, words::settings_files().take_it_out());
    }
}

/// Whether a field of this name holds a secret.
fn is_secret_name(name: &str) -> bool {
    let name = name.to_lowercase();
    let is_token = name == "token" || (name.ends_with("_token") && !name.starts_with("max"));
    is_token || SECRET_NAMES.iter().any(|part| name.contains(part)) || looks_secret(&name)
}
