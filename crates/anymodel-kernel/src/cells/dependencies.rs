//! Linked crates of a session: the prebuilt dependencies, and the crates that `:dep` lines add.
//!
//! The first added crate makes a private copy of the prebuilt package; files that never change are hard links.
//! For each addition, Cargo compiles there what is new, and one more dynamic library (`added_1`, `added_2`, …)
//! is linked. It holds what is new, and links the libraries before it. A cell that names any crate links the
//! newest. So each crate exists once, and loaded libraries and variables stay valid.
//!
//! A crate that changed (a folder under development, or a crate with more features) is another crate to the compiler:
//! it has another hash, in its file name and in its symbols. The old one stays loaded beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use anyhow::Context;

use super::dependency_errors;
use super::items::words;
use super::path_dependencies::PathDependencies;
use super::requirement::Requirement;
use crate::artifacts::CompiledCrate;
use crate::build::{self, BuildProgress};
use crate::cell_toolchain::{self, CellToolchain, Extern, Library};
use crate::hardlink_copy::clone_dir;
use crate::notebook::Result;
use crate::prebuilt_deps::BuildLock;
use crate::preflight::network;
use crate::toolchain::Toolchain;

/// The crates and libraries that cells link.
#[derive(Debug)]
pub struct Linked {
    /// The toolchain that compiles and runs cells.
    pub tools: CellToolchain,
    template: BuildLock,
    /// The added crates, by their name in a manifest.
    added: BTreeMap<String, Requirement>,
    /// Local crates, with hashes of their source files.
    local: PathDependencies,
    /// The number of libraries so far, for a unique name and folder each.
    begun: usize,
}

/// The effect of `:dep` lines.
#[derive(Debug, PartialEq, Eq)]
pub enum Added {
    /// No change: all crates were linked already.
    Nothing,
    /// Cells can use the crates now. The crates in this set existed before and were replaced.
    Crates(BTreeSet<String>),
    /// The runner must also restart, because a crate below the lessons was compiled again.
    Everything,
}

impl Linked {
    /// The linked crates of a session without `:dep`.
    pub fn new(template: BuildLock) -> Linked {
        Linked {
            tools: template.tools.clone(),
            template,
            added: BTreeMap::new(),
            local: PathDependencies::default(),
            begun: 0,
        }
    }

    /// Whether the files that cells link still exist.
    pub fn is_whole(&self) -> bool {
        let tools = &self.tools;
        [&tools.library.path, &tools.runner]
            .iter()
            .all(|file| file.exists())
    }

    /// The folder of the package whose manifest lists all crates that cells can name.
    pub fn package(&self) -> Option<&Path> {
        self.tools.library.path.parent()?.parent()
    }

    /// Crates that appear in types but that a cell cannot name.
    pub fn hidden_crates(&self) -> BTreeSet<String> {
        self.tools.hidden.keys().cloned().collect()
    }

    /// Own names of renamed crates, which the compiler would write and cells do not know.
    pub fn renamed(&self) -> Vec<String> {
        let names = self.added.values().map(Requirement::rust_name);
        let is_renamed = |name: &String| {
            let known = self.tools.crates.get(name);
            known.is_some_and(|known| !known.is_macro && known.name() != *name)
        };
        names.filter(is_renamed).collect()
    }

    /// The compiler's arguments for a cell with this text.
    ///
    /// Of the crates that only the engine may name, those are passed that the text names: the compiler would open and
    /// check each of the hundred others, which takes 3 % of a cell's time.
    pub fn arguments(&self, text: &str) -> Vec<String> {
        let named: BTreeSet<&str> = words(text).collect();
        let mut arguments = self.tools.linking();
        arguments.extend(self.tools.externs());
        arguments.extend(self.tools.library_extern());
        let hidden = self.tools.hidden.iter();
        for (name, path) in hidden.filter(|(name, _)| named.contains(name.as_str())) {
            arguments.extend([
                "--extern".to_owned(),
                format!("noprelude:{name}={}", path.display()),
            ]);
        }
        arguments
    }

    /// The line that makes a generated file link the library of all crates, if it names one of them.
    pub fn bundle(&self, text: &str) -> String {
        let is_named =
            |word: &str| word != cell_toolchain::STORE && self.tools.crates.contains_key(word);
        if text.contains("extern crate ") || words(text).any(is_named) {
            format!("extern crate {} as _;\n", self.tools.library.name)
        } else {
            String::new()
        }
    }

    /// Whether a word is the name of a crate that cells can link, except those that all cells link.
    pub fn names(&self, word: &str) -> bool {
        let is_own = cell_toolchain::RUNTIME
            .iter()
            .any(|(name, _)| *name == word);
        self.tools.crates.contains_key(word) && !is_own
    }

    /// The added crates, as lines of a manifest.
    pub fn list(&self) -> Vec<String> {
        self.added.values().map(Requirement::line).collect()
    }

    /// Adds crates: `lines` holds the text after `:dep`.
    ///
    /// # Errors
    /// When a line is invalid, or a crate cannot be found or compiled. Then nothing has changed.
    pub async fn add(
        &mut self,
        lines: &[String],
        root: &Path,
        folder: &Path,
        progress: &mut BuildProgress<'_>,
    ) -> Result<Added> {
        let mut added = self.added.clone();
        for line in lines {
            let wanted = Requirement::read(line, root)?;
            if !self.is_there(&wanted, root) {
                added.insert(wanted.name.clone(), wanted);
            }
        }
        let local = self.local.now();
        if added == self.added && local == self.local {
            return Ok(Added::Nothing);
        }
        let dir = folder.join("package");
        if !dir.exists() {
            progress("copying the template", None);
            clone_dir(&self.template.dir, &dir)?;
        }
        let mut manifest = build::dependencies(root);
        manifest.retain(|line| !added.contains_key(line.split(' ').next().unwrap_or_default()));
        manifest.extend(added.values().map(Requirement::line));
        build::write_package(&dir, root, &manifest, &local.profiles())?;
        local.trust(&dir.join("target"), root)?;
        let toolchain = Toolchain::of(&self.tools.rustc)?;
        let compiled = compile(&toolchain, &dir, progress).await;
        let compiled = compiled.map_err(|error| {
            let names: Vec<&str> = added
                .values()
                .filter(|one| self.added.get(&one.name) != Some(one))
                .map(|one| one.name.as_str())
                .collect();
            let names = format!("`{}`", names.join("`, `"));
            anyhow::anyhow!(dependency_errors::explain(&names, &format!("{error:#}")))
        })?;
        progress("linking", None);
        self.begun += 1;
        let (tools, made) = self.link(&toolchain, &dir, &added, &compiled).await?;
        self.local = local.with(&compiled, root)?;
        self.tools = tools;
        self.added = added;
        Ok(made)
    }

    /// Whether the prebuilt dependencies or an earlier line already meet the requirement.
    fn is_there(&self, wanted: &Requirement, root: &Path) -> bool {
        if let Some(added) = self.added.get(&wanted.name) {
            return added == wanted;
        }
        let known = self.tools.crates.get(&wanted.rust_name());
        known.is_some_and(|known| wanted.is_met_by(known, root))
    }

    /// Links the compiled crates into a new library.
    async fn link(
        &self,
        toolchain: &Toolchain,
        dir: &Path,
        added: &BTreeMap<String, Requirement>,
        compiled: &CompiledCrate,
    ) -> Result<(CellToolchain, Added)> {
        let is_anew = self.is_anew(compiled);
        let mut tools = if is_anew {
            cell_toolchain::compile(
                toolchain,
                &dir.join(format!("lib-{}", self.begun)),
                compiled,
            )
            .await?
        } else {
            self.tools.clone()
        };
        let lib = dir.join("added");
        fs::create_dir_all(&lib).with_context(|| format!("{} cannot be written", lib.display()))?;
        // The same crates under two paths would be ambiguous.
        tools.search.clone_from(&compiled.search);
        tools.search.extend([tools.lib.clone(), lib.clone()]);
        tools.native.clone_from(&compiled.native);
        tools.crates.extend(compiled.named.clone());
        let library = Library::new(&lib, &format!("added_{}", self.begun));
        let is_linked = |name: &String| {
            compiled
                .named
                .get(name)
                .is_some_and(|known| !known.is_macro)
        };
        let mut names: Vec<String> = added.values().map(Requirement::rust_name).collect();
        names.retain(is_linked);
        names.push(tools.library.name.clone());
        tools.link(&lib, &library.name, &names).await?;
        tools.library = library;
        tools.hidden = compiled.hidden(&tools.crates);
        let made = if is_anew {
            Added::Everything
        } else {
            Added::Crates(self.changed(&tools))
        };
        Ok((tools, made))
    }

    /// Whether loaded libraries no longer fit: a crate below the lessons was replaced, or a file that was linked before
    /// was written again.
    fn is_anew(&self, compiled: &CompiledCrate) -> bool {
        let is_given_new = build::GIVEN.iter().any(|name| {
            let old = self
                .tools
                .crates
                .get(*name)
                .map(|known| known.path.file_name());
            old != compiled
                .named
                .get(*name)
                .map(|known| known.path.file_name())
        });
        let before: BTreeSet<&OsStr> = files(&self.tools).filter_map(|(_, file)| file).collect();
        let is_rewritten = |now: &Extern| {
            let file = now.path.file_name();
            compiled.is_new(&now.path) && file.is_some_and(|file| before.contains(file))
        };
        is_given_new || compiled.crates.values().any(is_rewritten)
    }

    /// The crates that existed before and were replaced.
    fn changed(&self, now: &CellToolchain) -> BTreeSet<String> {
        let now: BTreeMap<&str, Option<&OsStr>> = files(now).collect();
        let before = files(&self.tools);
        let changed = before.filter(|(name, file)| now.get(name).is_some_and(|now| now != file));
        changed.map(|(name, _)| name.to_owned()).collect()
    }
}

/// Compiles the package with Cargo. Fetched crates need no network, but Cargo tries to update the index first.
async fn compile(
    toolchain: &Toolchain,
    dir: &Path,
    progress: &mut BuildProgress<'_>,
) -> Result<CompiledCrate> {
    match build::cargo(toolchain, dir, &[], progress).await {
        Err(error) if network::is_to_blame(&format!("{error:#}")) => {
            let offline = build::cargo(toolchain, dir, &["--offline"], progress).await;
            offline.map_err(|_| error)
        }
        compiled => compiled,
    }
}

/// Each crate that types may name, with its file name.
fn files(tools: &CellToolchain) -> impl Iterator<Item = (&str, Option<&OsStr>)> {
    let named = tools.crates.iter().map(|(name, known)| (name, &known.path));
    let all = named.chain(&tools.hidden);
    all.map(|(name, path)| (name.as_str(), path.file_name()))
}
