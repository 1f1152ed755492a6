//! Dependency requirement of a `:dep` line, in the form of a manifest.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::cell_toolchain::Extern;
use crate::notebook::Result;

/// A dependency requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The name in the manifest.
    pub name: String,
    /// The value in the manifest: a version, or an inline table.
    pub what: String,
}

impl Requirement {
    /// Parses the text after `:dep`: `rand = "0.9"`, `rand` and `rand@0.9` all name a crate. A relative path is relative to
    /// the notebook's folder; Cargo would use its own manifest's.
    ///
    /// # Errors
    /// When the line names no crate, or a folder that does not exist.
    pub fn read(line: &str, root: &Path) -> Result<Requirement> {
        let line = line.trim();
        let (name, what) = match line.split_once('=') {
            Some((name, what)) => (name.trim(), what.trim().to_owned()),
            None => match line.split_once('@') {
                Some((name, version)) => (name.trim(), format!("{:?}", version.trim())),
                None => (line, "\"*\"".to_owned()),
            },
        };
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(fits) || what.is_empty() {
            bail!("`:dep {line}` names no crate\nhint: `:dep rand = \"0.9\"`");
        }
        let mut read = Requirement {
            name: name.to_owned(),
            what,
        };
        if let Some(path) = read.path() {
            let whole = read.folder(&path, root)?;
            let (old, new) = (quoted_path(&read.what, &path), whole.display().to_string());
            read.what = read.what.replacen(&old, &format!("{new:?}"), 1);
        }
        Ok(read)
    }

    /// The folder that is meant. A copied notebook still holds the old path of the lessons' crate.
    fn folder(&self, path: &Path, root: &Path) -> Result<PathBuf> {
        if self.name == "anymodel" && !path.join("Cargo.toml").exists() {
            return Ok(root.to_owned());
        }
        let whole = path
            .canonicalize()
            .with_context(|| format!("the folder {} does not exist", path.display()))?;
        if !whole.join("Cargo.toml").exists() {
            bail!(
                "the folder {} holds no crate: there is no Cargo.toml",
                path.display()
            );
        }
        Ok(whole)
    }

    /// The crate's name in Rust code.
    pub fn rust_name(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The line of a manifest.
    pub fn line(&self) -> String {
        format!("{} = {}", self.name, self.what)
    }

    /// Whether a linked crate of this name meets the requirement.
    pub fn is_met_by(&self, known: &Extern, root: &Path) -> bool {
        let has_all = self
            .list("features")
            .iter()
            .all(|wanted| known.features.contains(wanted));
        let is_plain = ["git", "package", "registry"]
            .iter()
            .all(|key| self.value(key).is_none());
        let place = match self.path() {
            Some(path) => self.name == "anymodel" && path == root,
            None => self.name != "anymodel",
        };
        let version = self.version();
        has_all && is_plain && place && version.is_none_or(|wanted| fits(&wanted, &known.version))
    }

    /// The folder that it names.
    pub fn path(&self) -> Option<PathBuf> {
        self.value("path").map(|path| PathBuf::from(unquoted(path)))
    }

    fn version(&self) -> Option<String> {
        match self.what.starts_with('{') {
            true => self.value("version").map(unquoted),
            false => Some(unquoted(&self.what)),
        }
    }

    fn list(&self, key: &str) -> Vec<String> {
        let list = self.value(key).unwrap_or_default();
        let words = list.trim_matches(['[', ']']).split(',').map(unquoted);
        words.filter(|word| !word.is_empty()).collect()
    }

    /// The value of a key in an inline table.
    fn value(&self, key: &str) -> Option<&str> {
        let inside = self.what.strip_prefix('{')?.trim_end().strip_suffix('}')?;
        let (mut quote, mut depth) = (None, 0);
        let ends = |c: char| {
            match (quote, c) {
                (Some(open), _) if open == c => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, '[' | '{') => depth += 1,
                (None, ']' | '}') => depth -= 1,
                _ => {}
            }
            c == ',' && quote.is_none() && depth == 0
        };
        let mut entries = inside.split(ends).filter_map(|entry| entry.split_once('='));
        let (_, value) = entries.find(|(name, _)| unquoted(name) == key)?;
        Some(value.trim())
    }
}

fn unquoted(text: &str) -> String {
    text.trim().trim_matches(['"', '\'']).to_owned()
}

/// The path as it stands in the line, with its quotation marks.
fn quoted_path(what: &str, path: &Path) -> String {
    let path = path.display();
    let single = format!("'{path}'");
    if what.contains(&single) {
        single
    } else {
        format!("\"{path}\"")
    }
}

/// Whether a simple requirement (`1`, `^0.9.2`, `*`) allows a version. In doubtful cases Cargo decides.
fn fits(wanted: &str, version: &str) -> bool {
    if wanted == "*" {
        return true;
    }
    let numbers = |text: &str| -> Option<Vec<u64>> {
        text.trim()
            .split('.')
            .map(|part| part.parse().ok())
            .collect()
    };
    let plain = version.split(['-', '+']).next().unwrap_or_default();
    let (Some(wanted), Some(version)) = (numbers(wanted.trim_start_matches('^')), numbers(plain))
    else {
        return false;
    };
    let leading = wanted.iter().position(|number| *number != 0);
    let same = leading.map_or(wanted.len(), |at| at + 1);
    wanted.iter().take(same).eq(version.iter().take(same)) && wanted <= version
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Requirement {
        Requirement::read(line, Path::new("/")).unwrap()
    }

    #[test]
    fn a_key_is_found_where_it_is_one_and_not_inside_a_text() {
        let git = read(
            r#"tool = { git = "https://host/path=1/x", features = ["a", 'b'], package = "p" }"#,
        );
        assert_eq!(git.value("git"), Some(r#""https://host/path=1/x""#));
        assert_eq!(git.path(), None);
        assert_eq!(git.list("features"), ["a", "b"]);
    }

    #[test]
    fn a_version_that_is_there_fits_only_what_cargo_would_take_it_for() {
        let all = [
            ("1", true),
            ("^1.4", true),
            ("1.9", false),
            ("2", false),
            ("*", true),
            ("0.9", false),
            (">=1", false),
        ];
        for (wanted, is_met) in all {
            assert_eq!(fits(wanted, "1.4.2"), is_met, "{wanted}");
        }
        assert!(fits("0.9", "0.9.4") && !fits("0.9", "0.10.1") && fits("0.0.3", "0.0.3"));
    }
}
