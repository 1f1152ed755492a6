//! Path dependencies: local crates, which the learner may edit while the kernel runs.
//!
//! Cargo detects a change by the modification time, and compiles a changed crate under the same hash. Code that was linked
//! with the old crate would then find its functions in the new one, or the reverse. So a crate whose files changed
//! gets another codegen setting, which is a part of the hash and has no other effect.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::artifacts::CompiledCrate;
use crate::notebook::Result;
use crate::prebuilt_deps::hash_file;

/// The default number of codegen units; any larger number has the same effect.
const PARTS: usize = 256;

/// The local crates, by the ids of their packages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PathDependencies(BTreeMap<String, SourceFolder>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct SourceFolder {
    /// The crate's name in the names of files.
    name: String,
    /// A hash of each file.
    files: BTreeMap<PathBuf, Option<String>>,
    /// The number of changes so far.
    version: usize,
}

impl PathDependencies {
    /// These crates with the current hashes of their files.
    pub fn now(&self) -> PathDependencies {
        let mut now = self.clone();
        for folder in now.0.values_mut() {
            let held = read(folder.files.keys().cloned());
            if held != folder.files {
                folder.files = held;
                folder.version += 1;
            }
        }
        now
    }

    /// The crates of a build that just ended.
    ///
    /// # Errors
    /// When Cargo's list of their files cannot be read.
    pub fn with(&self, compiled: &CompiledCrate, root: &Path) -> Result<PathDependencies> {
        let mut all = BTreeMap::new();
        for (id, dir) in &compiled.local {
            // The members of the lessons' crate belong to it.
            let is_ours = dir == root || dir.starts_with(root.join("crates"));
            let Some(known) = compiled.package(id).filter(|_| !is_ours) else {
                continue;
            };
            let name = known.name();
            let mut files = compiled.sources(&name, dir)?;
            files.push(dir.join("Cargo.toml"));
            if dir.join("build.rs").exists() {
                files.extend(all_files(dir));
            }
            let folder = SourceFolder {
                files: read(files.into_iter()),
                version: self.0.get(id).map_or(0, |folder| folder.version),
                name,
            };
            all.insert(id.clone(), folder);
        }
        Ok(PathDependencies(all))
    }

    /// Manifest lines that give each changed crate its own hash.
    pub fn profiles(&self) -> String {
        let changed = self.0.iter().filter(|(_, folder)| folder.version > 0);
        let line = |(id, folder): (&String, &SourceFolder)| {
            let parts = PARTS + folder.version;
            format!("\n[profile.dev.package.{id:?}]\ncodegen-units = {parts}")
        };
        changed.map(line).collect()
    }

    /// Marks these crates, the one at `root` and its members as up to date in a target folder, where their files have not changed.
    ///
    /// A `git checkout` changes modification times alone. The prebuilt dependencies were compared by content when this
    /// kernel started.
    ///
    /// # Errors
    /// When the target folder cannot be written.
    pub fn trust(&self, target: &Path, root: &Path) -> Result<()> {
        let own = root.join("Cargo.toml");
        let own = own.exists().then(|| "anymodel".to_owned());
        // The members of the lessons' crate lie in folders of their names.
        let name_of =
            |folder: PathBuf| Some(folder.file_name()?.to_string_lossy().replace('-', "_"));
        let crates = root.join("crates");
        let members = below(&crates).filter_map(name_of);
        let names: Vec<String> = own
            .into_iter()
            .chain(members)
            .chain(self.0.values().map(|folder| folder.name.clone()))
            .collect();
        for entry in below(target) {
            for unit in below(&entry.join("debug/.fingerprint")) {
                let unit_name = unit.file_name().unwrap_or_default().to_string_lossy();
                let of = |name: &String| {
                    let rest = unit_name.replace('-', "_");
                    rest.strip_prefix(name.as_str())
                        .is_some_and(|rest| rest.len() == HASH && rest.starts_with('_'))
                };
                if names.iter().any(of) {
                    for file in below(&unit) {
                        let file = File::options().write(true).open(file)?;
                        file.set_modified(SystemTime::now())?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The length of `-0123456789abcdef` behind a name.
const HASH: usize = 17;

fn read(files: impl Iterator<Item = PathBuf>) -> BTreeMap<PathBuf, Option<String>> {
    files.map(|path| (path.clone(), hash_file(&path))).collect()
}

/// All files that a build script may read, except its own output.
fn all_files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in below(dir) {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with('.') || name == "target" || name.ends_with(".ipynb") {
            continue;
        }
        if path.is_dir() {
            found.extend(all_files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn below(dir: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.path())
}
