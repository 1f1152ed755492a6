//! Setting sources: the layer that each setting came from.

use anymodel_types::words;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// The source of a setting, lowest layer first: a later one overrides an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The default value.
    #[default]
    Default,
    /// The configuration file.
    File {
        /// Its path.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
    },
    /// The nearest `.env` file.
    DotEnv {
        /// Its path.
        path: PathBuf,
        /// Counted from 1; unknown when the file was not parsed by lines.
        line: Option<u64>,
    },
    /// An environment variable of the process.
    Environment(String),
    /// An option of the command line, such as `--model`.
    CommandLine(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Default => f.write_str(words::settings().default()),
            Source::File { path, line } => write!(f, "{}:{line}", path.display()),
            Source::DotEnv { path, line } => match line {
                Some(line) => write!(f, "{}:{line}", path.display()),
                None => write!(f, "{}", path.display()),
            },
            Source::Environment(name) => f.write_str(&words::settings().environment(&name)),
            Source::CommandLine(word) => f.write_str(&words::settings().command_line(&word)),
        }
    }
}

/// The source of each setting that was set.
#[derive(Clone, Debug, Default)]
pub(super) struct Sources(BTreeMap<String, Source>);

impl Sources {
    pub fn set(&mut self, setting: &str, source: Source) {
        self.0.insert(setting.to_owned(), source);
    }

    pub fn forget(&mut self, setting: &str) {
        self.0.remove(setting);
    }

    pub fn get(&self, setting: &str) -> Source {
        self.0.get(setting).cloned().unwrap_or_default()
    }
}

/// One line of `anymodel config show`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Setting {
    /// The name in the configuration file, such as `max_tokens` or `models.qwen.timeout`.
    pub name: String,
    /// For display: with its unit; for a secret only its length. `None` without a value and without a default.
    pub value: Option<String>,
    /// The source of the value.
    pub source: Source,
    /// Whether this version uses it; an unused setting is kept and shown.
    pub is_used: bool,
}
