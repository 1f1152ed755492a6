//! Settings: from the environment and a `.env` file to one value.
//!
//! | variable | meaning |
//! |---|---|
//! | `LLM` | the platform: `openrouter` (default), another of [`presets`](crate::presets), or `sandbox` |
//! | `OPENROUTER_API_KEY` | the key; without one the built-in sandbox answers |
//! | `OPENROUTER_BASE_URL` | another server that speaks the same protocol |
//! | `OPENROUTER_MODEL` | the model asked by [`Target::Default`](crate::Target::Default) |
//! | `TEMPERATURE` | 0 to 2 |
//! | `MAX_TOKENS` | the longest answer |
//! | `DISABLE_THINKING` | `true`: reasoning models answer without thinking first |
//! | `ANYMODEL_SANDBOX_TIME_SCALE` | how fast the sandbox's clock runs: 1 looks real, 0 never waits |
//!
//! A variable of the process wins over the same name in `.env`. The file is looked for in the current folder and then
//! in each folder above it. It is read into a map, never into the environment of the process: programs that are started
//! from here do not inherit the key.

use std::collections::HashMap;
use std::io::ErrorKind as Io;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::preset::{Preset, presets};

/// The platform inside this crate, as `LLM` and trails name it.
pub(crate) const SANDBOX: &str = "sandbox";

const NAMES: [&str; 6] = [
    "LLM",
    "OPENROUTER_MODEL",
    "TEMPERATURE",
    "MAX_TOKENS",
    "DISABLE_THINKING",
    "ANYMODEL_SANDBOX_TIME_SCALE",
];

/// What the environment says of one platform, unchecked: a bad key of a platform that nobody asks must not be in the way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Credentials {
    key: Option<(&'static str, SecretString)>,
    base_url: Option<(&'static str, String)>,
    /// What fills the words in braces of its address.
    pub places: Vec<(&'static str, String)>,
    /// What else may prove who asks, by the names of the variables.
    pub proof: Vec<(&'static str, SecretString)>,
}

impl Credentials {
    /// Its key.
    pub fn key(&self) -> Result<Option<SecretString>> {
        let key = self.key.as_ref();
        key.map(|(name, raw)| clean_key(raw.expose_secret(), name))
            .transpose()
    }

    /// Another address than the platform's own.
    pub fn base_url(&self) -> Result<Option<String>> {
        let url = self.base_url.as_ref();
        url.map(|(name, url)| check_url(url, name)).transpose()
    }
}

/// What the environment says, checked.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Settings {
    /// `LLM`, in lower case.
    pub platform: Option<String>,
    /// The key of that platform. `Debug` does not show it.
    pub key: Option<SecretString>,
    /// `OPENROUTER_BASE_URL`, without a slash at its end.
    pub base_url: Option<String>,
    /// `OPENROUTER_MODEL`.
    pub model: Option<String>,
    /// `TEMPERATURE`, 0 to 2.
    pub temperature: Option<f64>,
    /// `MAX_TOKENS`, at least 1.
    pub max_tokens: Option<u32>,
    /// `DISABLE_THINKING`.
    pub disable_thinking: bool,
    /// `ANYMODEL_SANDBOX_TIME_SCALE`.
    pub sandbox_time_scale: Option<f64>,
    /// What is set for each platform, by its name.
    pub(crate) credentials: HashMap<&'static str, Credentials>,
}

impl Settings {
    /// Reads the process environment and the nearest `.env` file.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when `.env` cannot be read or a value cannot be used, [`ErrorKind::KeyMalformed`] when the
    /// key cannot be one. No message repeats a value that may be secret.
    pub fn from_env() -> Result<Self> {
        let mut variables = match find_dot_env() {
            Some(path) => read_dot_env(&path)?,
            None => HashMap::new(),
        };
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else {
                continue;
            };
            match value.into_string() {
                Ok(value) => _ = variables.insert(name, value),
                Err(_) if is_ours(&name) => {
                    return Err(Error::new(
                        ErrorKind::Config,
                        format!("{name} is not text in UTF-8"),
                    )
                    .with_hint(format!("set {name} once more, or unset it")));
                }
                Err(_) => {}
            }
        }
        Self::from_variables(|name| variables.get(name).cloned())
    }

    /// Reads one file in the form of `.env`, and nothing else.
    ///
    /// # Errors
    /// As [`from_env`](Self::from_env); a file that is not there is an error too.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        let variables = read_dot_env(path.as_ref())?;
        Self::from_variables(|name| variables.get(name).cloned())
    }

    /// Reads the same names from anywhere.
    ///
    /// ```
    /// let settings = anymodel::Settings::from_variables(|name| match name {
    ///     "TEMPERATURE" => Some("0.2".to_owned()),
    ///     _ => None,
    /// })?;
    /// assert_eq!(settings.temperature, Some(0.2));
    /// # Ok::<(), anymodel::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`from_env`](Self::from_env).
    pub fn from_variables(get: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let get = |name: &str| {
            get(name)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        };
        let platform = get("LLM").map(|name| name.to_lowercase());
        let credentials: HashMap<_, _> = presets()
            .iter()
            .map(|preset| (preset.name, credentials(preset, &get)))
            .collect();
        // The sandbox needs no key, and a key or an address is for the platform that it is named after.
        let chosen = credentials
            .get(platform.as_deref().unwrap_or("openrouter"))
            .cloned()
            .unwrap_or_default();
        Ok(Settings {
            key: chosen.key()?,
            base_url: chosen.base_url()?,
            credentials,
            platform,
            model: get("OPENROUTER_MODEL"),
            temperature: number(&get, "TEMPERATURE", "a number from 0 to 2", |t: &f64| {
                (0.0..=2.0).contains(t)
            })?,
            max_tokens: number(
                &get,
                "MAX_TOKENS",
                "a whole number, 1 or more",
                |n: &u32| *n > 0,
            )?,
            disable_thinking: flag(&get, "DISABLE_THINKING")?,
            sandbox_time_scale: number(
                &get,
                "ANYMODEL_SANDBOX_TIME_SCALE",
                "a number from 0 to 100",
                |s: &f64| (0.0..=100.0).contains(s),
            )?,
        })
    }
}

/// Whether a variable of this name is read here.
fn is_ours(name: &str) -> bool {
    let of = |preset: &Preset| {
        let places = preset.places.iter().flat_map(|place| place.variables);
        let all = preset.key_variables.iter().chain(preset.url_variables);
        all.chain(places).any(|variable| *variable == name)
    };
    NAMES.contains(&name) || presets().iter().any(of)
}

/// What is set for one platform.
fn credentials(preset: &Preset, get: &impl Fn(&str) -> Option<String>) -> Credentials {
    let first = |variables: &[&'static str]| {
        variables
            .iter()
            .find_map(|name| get(name).map(|value| (*name, value)))
    };
    Credentials {
        key: first(preset.key_variables).map(|(name, raw)| (name, SecretString::from(raw))),
        base_url: first(preset.url_variables),
        places: preset
            .places
            .iter()
            .filter_map(|place| Some((place.word, first(place.variables)?.1)))
            .collect(),
        proof: preset
            .auth
            .variables()
            .iter()
            .filter_map(|name| Some((*name, SecretString::from(get(name)?))))
            .collect(),
    }
}

/// Takes the dirt off a pasted key (spaces around it, quotes, a leading `Bearer`), and refuses what cannot be a key.
///
/// # Errors
/// [`ErrorKind::KeyMalformed`]; the message says what is wrong and where, and never shows the key.
pub(crate) fn clean_key(raw: &str, variable: &str) -> Result<SecretString> {
    let is_quote = |c: char| "\"'`“”‘’".contains(c);
    let around = |c: char| c.is_whitespace() || is_quote(c);
    let key = raw.trim_matches(around);
    let key = match key.split_once(char::is_whitespace) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim_matches(around),
        _ => key,
    };
    let wrong = if key.is_empty() {
        "is empty between its quotes".to_owned()
    } else if let Some(position) = key.chars().position(char::is_whitespace) {
        format!(
            "has white space or a line break in it, after {position} of its {} characters",
            key.chars().count()
        )
    } else if let Some(position) = key
        .chars()
        .position(|c| !c.is_ascii_graphic() || is_quote(c))
    {
        format!(
            "has a character in it that no key has, after {position} of its {} characters",
            key.chars().count()
        )
    } else if key.to_lowercase().contains("xxxxx") || key.to_uppercase().contains("YOUR_") {
        "is the placeholder of an example, not a key".to_owned()
    } else {
        return Ok(SecretString::from(key));
    };
    Err(
        Error::new(ErrorKind::KeyMalformed, format!("{variable} {wrong}")).with_hint("copy the key once more, whole and on one line; or set LLM=sandbox to work with the built-in sandbox"),
    )
}

/// Checks a base URL and takes the slash off its end, because paths are joined with one.
pub(crate) fn check_url(url: &str, name: &str) -> Result<String> {
    let Some(parsed) = reqwest::Url::parse(url)
        .ok()
        .filter(|parsed| matches!(parsed.scheme(), "http" | "https") && parsed.has_host())
    else {
        return Err(not_an_address(name));
    };
    // What stands there would be shown wherever the address is, and paths could not be joined to it.
    let has_more = parsed.password().is_some()
        || !parsed.username().is_empty()
        || parsed.query().is_some()
        || parsed.fragment().is_some();
    if has_more {
        return Err(Error::new(
            ErrorKind::Config,
            format!("{name} holds a user name, a password, a query or a fragment"),
        )
        .with_hint("write the address alone; a key belongs into OPENROUTER_API_KEY"));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

fn not_an_address(name: &str) -> Error {
    Error::new(ErrorKind::Config, format!("{name} is not a web address"))
        .with_hint("write it whole, such as https://openrouter.ai/api/v1")
}

fn number<T: std::str::FromStr>(
    get: &impl Fn(&str) -> Option<String>,
    name: &str,
    wanted: &str,
    fits: impl Fn(&T) -> bool,
) -> Result<Option<T>> {
    let Some(text) = get(name) else {
        return Ok(None);
    };
    match text.parse() {
        Ok(value) if fits(&value) => Ok(Some(value)),
        _ => Err(not_usable(name, &text, wanted)),
    }
}

fn flag(get: &impl Fn(&str) -> Option<String>, name: &str) -> Result<bool> {
    let Some(text) = get(name) else {
        return Ok(false);
    };
    match text.to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(not_usable(name, &text, "true or false")),
    }
}

fn not_usable(name: &str, text: &str, wanted: &str) -> Error {
    let shown: String = text.chars().take(40).collect();
    Error::new(
        ErrorKind::Config,
        format!("{name} is {shown:?}, which is not {wanted}"),
    )
    .with_hint(format!(
        "set {name} to {wanted}, or unset it; look in `.env` too"
    ))
}

fn find_dot_env() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors()
        .map(|folder| folder.join(".env"))
        .find(|path| path.exists())
}

fn read_dot_env(path: &Path) -> Result<HashMap<String, String>> {
    let failed = |what: String, hint: &str| {
        Error::new(
            ErrorKind::Config,
            format!("cannot read {}: {what}", path.display()),
        )
        .with_hint(hint)
    };
    let io = |error: &std::io::Error| match error.kind() {
        Io::PermissionDenied => failed(
            "permission denied".to_owned(),
            "make the file readable for yourself, or move it away",
        ),
        Io::NotFound => failed("there is no such file".to_owned(), "check the path"),
        Io::InvalidData => failed(
            "it is not text in UTF-8".to_owned(),
            "save the file again as UTF-8 text",
        ),
        Io::IsADirectory => failed(
            "it is a folder".to_owned(),
            "`.env` has to be a text file with one NAME=value a line",
        ),
        other => failed(other.to_string(), "repair the file, or move it away"),
    };
    let lines = dotenvy::from_path_iter(path).map_err(|error| match error {
        dotenvy::Error::Io(error) => io(&error),
        _ => failed(
            "it cannot be opened".to_owned(),
            "repair the file, or move it away",
        ),
    })?;
    let mut variables = HashMap::new();
    for (number, line) in lines.enumerate() {
        // The line itself may hold a key, so only its place is told.
        let (name, value) = line.map_err(|error| match error {
            dotenvy::Error::Io(error) => io(&error),
            _ => failed(
                format!("entry {} is not NAME=value", number + 1),
                "write one NAME=value a line, and quote a value with spaces: NAME=\"two words\"",
            ),
        })?;
        variables.insert(name, value);
    }
    Ok(variables)
}
