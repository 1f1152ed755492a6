//! The environment and the nearest `.env` file, as one map of names.
//!
//! The file is read into a map, never into the environment of the process: child processes do not inherit the key.

use std::collections::HashMap;
use std::io::ErrorKind as Io;
use std::path::{Path, PathBuf};

use super::dot_env;
use super::source::Source;
use anymodel_types::{Error, ErrorKind, Result, words};

/// Values by the names of their variables, each with its source.
#[derive(Default)]
pub(super) struct EnvironmentVariables(HashMap<String, (String, Source)>);

impl EnvironmentVariables {
    /// The nearest `.env` file, from the current folder upwards, overridden by the process environment. A variable that
    /// `matters` and is not valid Unicode is an error.
    pub fn of_process(matters: impl Fn(&str) -> bool) -> Result<Self> {
        let mut variables = match find_dot_env() {
            Some(path) => Self::of_file(&path, &matters)?,
            None => EnvironmentVariables::default(),
        };
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else {
                continue;
            };
            match value.into_string() {
                Ok(value) => {
                    let source = Source::Environment(name.clone());
                    variables.0.insert(name, (value, source));
                }
                Err(_) if matters(&name) => {
                    return Err(Error::new(
                        ErrorKind::Config,
                        words::settings_files().is_not_text_in_utf_8(&name),
                    )
                    .with_hint(words::settings_files().set_once_more(&name)));
                }
                Err(_) => {}
            }
        }
        Ok(variables)
    }

    /// One file in the format of `.env`. Invalid entries of other programs are skipped; for a variable that `matters` they
    /// are an error.
    pub fn of_file(path: &Path, matters: impl Fn(&str) -> bool) -> Result<Self> {
        let failed = |what: String, hint: &str| {
            Error::new(
                ErrorKind::Config,
                words::settings_files().cannot_read(&path.display(), &what),
            )
            .with_hint(hint)
        };
        let bytes = read_bytes(path, words::settings_files().env_has_to_be_a_text_file())?;
        let text = dot_env::text(&bytes);
        let entries = dot_env::entries(&text, &matters).map_err(|broken| {
            // The line itself may contain a key, so only its number is shown.
            failed(
                words::settings_files().value_in_line_cannot_be_read(&broken.name, &broken.line),
                words::settings_files().write_name_value_on_one_line(),
            )
        })?;
        let mut variables = EnvironmentVariables::default();
        for (name, value) in entries {
            let source = Source::DotEnv {
                path: path.to_owned(),
                line: line_of(&text, &name),
            };
            variables.0.insert(name, (value, source));
        }
        Ok(variables)
    }

    /// These names from any source.
    pub fn of_lookup(
        get: impl Fn(&str) -> Option<String>,
        names: impl Iterator<Item = String>,
    ) -> Self {
        let known = names.filter_map(|name| {
            let value = get(&name)?;
            let source = Source::Environment(name.clone());
            Some((name, (value, source)))
        });
        EnvironmentVariables(known.collect())
    }

    /// The value, trimmed; an empty one counts as unset.
    pub fn get(&self, name: &str) -> Option<(&str, Source)> {
        let (value, source) = self.0.get(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| (value, source.clone()))
    }

    /// The first of these variables that is set.
    pub fn first<'n>(&self, names: &[&'n str]) -> Option<(&'n str, &str, Source)> {
        names.iter().find_map(|name| {
            let (value, source) = self.get(name)?;
            Some((*name, value, source))
        })
    }
}

/// Reads a text file; `wanted` names the expected file in the error for a folder of that name.
#[cfg(feature = "config")]
pub(super) fn read(path: &Path, wanted: &str) -> Result<String> {
    read_with(|path| std::fs::read_to_string(path), path, wanted)
}

fn read_bytes(path: &Path, wanted: &str) -> Result<Vec<u8>> {
    read_with(|path| std::fs::read(path), path, wanted)
}

fn read_with<T>(
    read: impl Fn(&Path) -> std::io::Result<T>,
    path: &Path,
    wanted: &str,
) -> Result<T> {
    read(path).map_err(|error| {
        let (what, hint) = match error.kind() {
            Io::PermissionDenied => (
                words::settings_files().permission_denied().to_owned(),
                words::settings_files().make_the_file_readable_for_yourself(),
            ),
            Io::NotFound => (
                words::settings_files().there_is_no_such_file().to_owned(),
                words::settings_files().check_the_path(),
            ),
            Io::InvalidData => (
                words::settings_files().it_is_not_text_in_utf_8().to_owned(),
                words::settings_files().save_the_file_again_as_utf_8_text(),
            ),
            Io::IsADirectory => (words::settings_files().it_is_a_folder().to_owned(), wanted),
            other => (other.to_string(), words::settings_files().repair_the_file()),
        };
        Error::new(
            ErrorKind::Config,
            words::settings_files().cannot_read(&path.display(), &what),
        )
        .with_hint(hint)
    })
}

fn find_dot_env() -> Option<PathBuf> {
    let own = PathBuf::from(".env");
    // A folder of that name is a virtual environment of Python.
    if own.is_file() {
        return Some(own);
    }
    let here = std::env::current_dir().ok()?;
    here.ancestors()
        .map(|folder| folder.join(".env"))
        .find(|path| std::fs::File::open(path).is_ok() && path.is_file())
}

/// The last line that sets `name`: the effective one.
fn line_of(text: &str, name: &str) -> Option<u64> {
    let sets = |line: &str| {
        let line = line.trim_start();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        let rest = line.strip_prefix(name);
        rest.is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let numbered = (1..).zip(text.lines()).filter(|(_, line)| sets(line));
    numbered.last().map(|(number, _)| number)
}
