//! Where a setting came from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// Where a setting came from, lowest layer first: a later one wins over an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// Nobody said anything.
    #[default]
    Default,
    /// The configuration file.
    File {
        /// Its path, as it was found.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
    },
    /// The nearest `.env` file.
    DotEnv {
        /// Its path, as it was found.
        path: PathBuf,
        /// Counted from 1; unknown where the file was not read by its lines.
        line: Option<u64>,
    },
    /// This variable of the process.
    Environment(String),
    /// This word of the command line, such as `--model`.
    CommandLine(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Default => f.write_str("default"),
            Source::File { path, line } => write!(f, "{}:{line}", path.display()),
            Source::DotEnv { path, line } => match line {
                Some(line) => write!(f, "{}:{line}", path.display()),
                None => write!(f, "{}", path.display()),
            },
            Source::Environment(name) => write!(f, "environment {name}"),
            Source::CommandLine(word) => write!(f, "command line {word}"),
        }
    }
}

/// For each setting that somebody set: who did.
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

/// One line of what `anymodel config show` prints.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Setting {
    /// The name in the configuration file, such as `max_tokens` or `models.qwen.timeout`.
    pub name: String,
    /// For people: with its unit; of a secret only its length. `None` when nobody set it and there is no default.
    pub value: Option<String>,
    /// Who set it.
    pub source: Source,
    /// Whether this version acts on it; what it does not act on is kept and shown.
    pub is_used: bool,
}
