//! What cells link: the template, and crates that a `:dep` line adds to it.
//!
//! The first added crate makes a private copy of the template's package; files that never change are
//! shared with it. All added crates go into one more dynamic library, so that they too exist once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, bail};

use crate::kernel::build::{self, Progress};
use crate::kernel::clone::clone_dir;
use crate::kernel::template::Held;
use crate::kernel::tools::{self, Tools};
use crate::notebook::Result;

/// The library that holds added crates.
const BUNDLE: &str = "lesson";

/// What cells link.
#[derive(Debug)]
pub struct Linked {
    /// What compiles and runs a cell.
    pub tools: Tools,
    template: Held,
    /// Added crates by their name in a manifest, with what stands behind it.
    added: BTreeMap<String, String>,
}

/// What became of a `:dep` line.
#[derive(Debug, PartialEq, Eq)]
pub enum Added {
    /// It was there already.
    Nothing,
    /// Cells can use it now.
    Crate,
    /// And the runner must start again, because a crate that it has loaded was compiled anew.
    Everything,
}

impl Linked {
    /// What the template holds.
    pub fn new(template: Held) -> Linked {
        Linked {
            tools: template.tools.clone(),
            template,
            added: BTreeMap::new(),
        }
    }

    /// Crates that types may name and cells may not.
    pub fn hidden_crates(&self) -> BTreeSet<String> {
        self.tools.hidden.keys().cloned().collect()
    }

    /// The library of the crate `anymodel`, which the first cell will need.
    pub fn anymodel(&self) -> Option<&Path> {
        Some(&self.tools.crates.get("anymodel")?.path)
    }

    /// The compiler's arguments for a cell.
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments = self.tools.linking();
        arguments.extend(self.tools.externs());
        for (name, path) in &self.tools.hidden {
            arguments.extend([
                "--extern".to_owned(),
                format!("noprelude:{name}={}", path.display()),
            ]);
        }
        arguments
    }

    /// The line that makes a cell use the library of added crates, if it mentions one.
    pub fn bundle(&self, mentioned: &BTreeSet<&str>) -> &'static str {
        let is_used = self
            .added
            .keys()
            .any(|name| mentioned.contains(name.replace('-', "_").as_str()));
        if is_used {
            "extern crate lesson as _;\n"
        } else {
            ""
        }
    }

    /// The added crates, as lines of a manifest.
    pub fn list(&self) -> Vec<String> {
        self.added
            .iter()
            .map(|(name, what)| format!("{name} = {what}"))
            .collect()
    }

    /// Adds a crate: `line` is what stands behind `:dep`.
    ///
    /// # Errors
    /// When the line cannot be read, and when the crate cannot be found or compiled; then everything
    /// is as it was.
    pub async fn add(
        &mut self,
        line: &str,
        root: &Path,
        folder: &Path,
        progress: &mut Progress<'_>,
    ) -> Result<Added> {
        let (name, what) = parse(line)?;
        if self.is_there(&name, &what, root) {
            return Ok(Added::Nothing);
        }
        let mut added = self.added.clone();
        added.insert(name.clone(), absolute(&what)?);
        let dir = folder.join("package");
        if !dir.exists() {
            progress("copying the template", None);
            clone_dir(&self.template.dir, &dir)?;
            trust(&dir.join("target"))?;
        }
        let mut lines = build::dependencies(root);
        lines.retain(|line| !added.contains_key(line.split(' ').next().unwrap_or_default()));
        lines.extend(added.iter().map(|(name, what)| format!("{name} = {what}")));
        build::write_package(&dir, root, &lines)?;
        let uses: String = added
            .keys()
            .filter(|name| !build::GIVEN.contains(&name.as_str()))
            .map(|name| format!("pub use ::{};\n", name.replace('-', "_")))
            .collect();
        std::fs::write(dir.join("src/lib.rs"), uses)?;
        let compiled = build::cargo(&dir, progress)
            .await
            .with_context(|| format!("`{name}` cannot be added"))?;

        let is_new = build::GIVEN.iter().any(|name| compiled.is_new(name));
        let mut tools = if is_new {
            tools::compile(&dir, &compiled).await?
        } else {
            self.tools.clone()
        };
        for name in added
            .keys()
            .map(|name| name.replace('-', "_"))
            .chain([BUNDLE.to_owned()])
        {
            if let Some(known) = compiled.crates.get(&name) {
                tools.hidden.remove(&name);
                tools.crates.insert(name, known.clone());
            }
        }
        if !is_new {
            // The same crates under two paths would be two candidates for one name.
            tools.search = compiled.search.clone();
            tools.search.push(tools.lib.clone());
            for (name, known) in &mut tools.crates {
                if let Some(now) = compiled.crates.get(name) {
                    known.path.clone_from(&now.path);
                }
            }
        }
        tools.hidden = compiled.hidden(&tools.crates);
        self.tools = tools;
        self.added = added;
        Ok(if is_new {
            Added::Everything
        } else {
            Added::Crate
        })
    }

    /// Whether the template or an earlier line already gives what this line asks for.
    fn is_there(&self, name: &str, what: &str, root: &Path) -> bool {
        if absolute(what).is_ok_and(|what| self.added.get(name) == Some(&what)) {
            return true;
        }
        if self.added.contains_key(name) {
            return false;
        }
        let Some(known) = self.tools.crates.get(name) else {
            return false;
        };
        let features = features(what);
        let has_all = features
            .iter()
            .all(|wanted| known.features.contains(wanted));
        match name {
            // A notebook that was copied elsewhere still says where the crate stood; it means this one.
            "anymodel" => path(what).is_some_and(|path| {
                let is_crate = path.join("Cargo.toml").exists();
                let is_own = path.canonicalize().is_ok_and(|path| path == root);
                has_all && (is_own || !is_crate)
            }),
            _ => has_all && path(what).is_none() && !what.contains("git"),
        }
    }
}

/// Tells Cargo that the crate `anymodel` in a copied target folder is up to date.
///
/// Cargo goes by the time at which a source file changed, and a `git checkout` changes times alone. The template goes by
/// what the files hold, and was compared with them when this kernel started.
fn trust(target: &Path) -> Result<()> {
    for entry in std::fs::read_dir(target).into_iter().flatten().flatten() {
        let known = entry.path().join("debug/.fingerprint");
        for unit in std::fs::read_dir(known).into_iter().flatten().flatten() {
            let is_own = unit.file_name().to_string_lossy().starts_with("anymodel-");
            let files = std::fs::read_dir(unit.path())
                .into_iter()
                .flatten()
                .flatten();
            for file in files.filter(|_| is_own) {
                let file = File::options().write(true).open(file.path())?;
                file.set_modified(SystemTime::now())?;
            }
        }
    }
    Ok(())
}

/// `rand = "0.9"`, `rand` and `rand@0.9` all name a crate.
fn parse(line: &str) -> Result<(String, String)> {
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
    Ok((name.to_owned(), what))
}

/// The features that a line asks for.
fn features(what: &str) -> Vec<String> {
    let list = what
        .split_once("features")
        .and_then(|(_, rest)| rest.split_once('['));
    let list = list
        .and_then(|(_, rest)| rest.split_once(']'))
        .map_or("", |(list, _)| list);
    let words = list
        .split(',')
        .map(|word| word.trim().trim_matches('"').to_owned());
    words.filter(|word| !word.is_empty()).collect()
}

/// The folder that a line names.
fn path(what: &str) -> Option<PathBuf> {
    let (_, rest) = what.split_once("path")?;
    let (_, rest) = rest.split_once('"')?;
    Some(PathBuf::from(rest.split_once('"')?.0))
}

/// A relative folder means one beside the notebook, but Cargo would look beside its own manifest.
fn absolute(what: &str) -> Result<String> {
    let Some(path) = path(what).filter(|path| path.is_relative()) else {
        return Ok(what.to_owned());
    };
    let whole = path
        .canonicalize()
        .with_context(|| format!("the folder {} does not exist", path.display()))?;
    Ok(what.replace(
        &format!("{:?}", path.display().to_string()),
        &format!("{:?}", whole.display().to_string()),
    ))
}
