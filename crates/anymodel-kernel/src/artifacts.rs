//! Compiled artifacts, from Cargo's JSON messages: which file is which crate, and the name that cells use for it.
//!
//! Cargo reports each file with the package it belongs to; the name of a crate in a manifest may be another one
//! (`rand8 = { package = "rand", … }`). `cargo metadata` knows both.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::build::PREPARED;
use super::cell_toolchain::{self, Extern};
use super::metadata::Metadata;
use super::toolchain::Toolchain;
use crate::notebook::Result;

/// The compiled artifacts of one build.
#[derive(Debug, Default)]
pub struct CompiledCrate {
    /// The crates that the package names, by the names it gives them.
    pub named: BTreeMap<String, Extern>,
    /// Every crate by its own name.
    pub crates: BTreeMap<String, Extern>,
    /// Folders that hold crates.
    pub search: Vec<PathBuf>,
    /// The system libraries that crates link: their folders and names.
    pub native: Vec<String>,
    /// The local packages except the compiled one: their ids and folders.
    pub local: Vec<(String, PathBuf)>,
    /// Cargo's target folder for this platform.
    target: PathBuf,
    /// The library of each package.
    packages: BTreeMap<String, Extern>,
    /// Files that this build wrote. All other files were up to date.
    new: BTreeSet<PathBuf>,
    /// Crates of which there are two versions.
    ambiguous: BTreeSet<String>,
}

impl CompiledCrate {
    /// An empty set of artifacts, for Cargo's target folder `target` and the platform `host`.
    pub(super) fn in_folder(target: &Path, host: &str) -> CompiledCrate {
        let own = target.join(host);
        CompiledCrate {
            search: vec![own.join("debug/deps"), target.join("debug/deps")],
            target: own,
            ..CompiledCrate::default()
        }
    }

    /// Reads one of Cargo's messages; returns the name and version of the crate that it announces.
    pub(super) fn note(&mut self, line: &str) -> Option<(String, String)> {
        let message: Value = serde_json::from_str(line).ok()?;
        if message["reason"] == "build-script-executed" {
            self.note_native(&message);
        }
        if message["reason"] != "compiler-artifact" {
            return None;
        }
        let name = message["target"]["name"].as_str()?.replace('-', "_");
        let id = message["package_id"].as_str()?.to_owned();
        let kinds: Vec<&str> = texts(&message["target"]["kind"]).collect();
        let is_macro = kinds.contains(&"proc-macro");
        let is_library = kinds
            .iter()
            .any(|kind| !["custom-build", "bin"].contains(kind));
        let files = texts(&message["filenames"]).map(PathBuf::from);
        // Build scripts and macros are compiled into another folder, and cells do not link what those use.
        let fits = |file: &PathBuf| is_macro || file.starts_with(&self.target);
        if is_library && let Some(path) = files.filter(fits).min_by_key(|file| rank(file)) {
            if message["fresh"] == false {
                self.new.insert(path.clone());
            }
            let found = Extern {
                path,
                version: version(&id),
                features: texts(&message["features"]).map(str::to_owned).collect(),
                is_macro,
            };
            self.packages.insert(id.clone(), found.clone());
            if let Some(other) = self.crates.insert(name.clone(), found)
                && other.path != self.crates[&name].path
            {
                self.ambiguous.insert(name.clone());
            }
        }
        Some((id, name))
    }

    /// Reads the linker arguments that a build script prints.
    fn note_native(&mut self, message: &Value) {
        for path in texts(&message["linked_paths"]) {
            let (kind, path) = path.split_once('=').unwrap_or(("native", path));
            if kind == "native" || kind == "all" {
                self.native
                    .extend(["-L".to_owned(), format!("native={path}")]);
                self.native.push(format!("-Clink-arg=-Wl,-rpath,{path}"));
            }
        }
        for library in texts(&message["linked_libs"]) {
            let (kind, name) = library.split_once('=').unwrap_or(("dylib", library));
            if kind.split(':').next() == Some("dylib") {
                // Linked even when the crate itself calls none of its functions, because a cell may call one.
                self.native.push(if cfg!(target_os = "linux") {
                    format!("-Clink-arg=-Wl,--push-state,--no-as-needed,-l{name},--pop-state")
                } else {
                    format!("-Clink-arg=-l{name}")
                });
            }
        }
    }

    /// Gives crates the names that the package has for them.
    pub(super) fn name(&mut self, graph: &Graph) {
        let named = graph.named.iter().filter(|(name, _)| *name != PREPARED);
        let named =
            named.filter_map(|(name, id)| Some((name.clone(), self.packages.get(id)?.clone())));
        self.named = named.collect();
        self.local.clone_from(&graph.local);
    }

    /// The library of a package.
    pub fn package(&self, id: &str) -> Option<&Extern> {
        self.packages.get(id)
    }

    /// Whether a file was compiled just now.
    pub fn is_new(&self, file: &Path) -> bool {
        self.new.contains(file)
    }

    /// Crates that appear in types but that a cell cannot name: all but `visible`.
    pub fn hidden(&self, visible: &BTreeMap<String, Extern>) -> BTreeMap<String, PathBuf> {
        let hidden = self.crates.iter().filter(|(name, known)| {
            !visible.contains_key(*name)
                && !self.ambiguous.contains(*name)
                && ![cell_toolchain::LESSON, PREPARED].contains(&name.as_str())
                && !known.is_macro
        });
        hidden
            .map(|(name, known)| (name.clone(), known.path.clone()))
            .collect()
    }

    /// The source files of a crate, as the compiler listed them.
    ///
    /// # Errors
    /// When a list cannot be read.
    pub fn sources(&self, name: &str, root: &Path) -> Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for dir in &self.search {
            for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
                let file = entry.file_name().to_string_lossy().into_owned();
                let of_crate = |stem: &str| {
                    stem == name
                        || stem
                            .strip_prefix(name)
                            .is_some_and(|rest| rest.starts_with('-'))
                };
                if file.strip_suffix(".d").is_some_and(of_crate) {
                    let text = fs::read_to_string(entry.path())?;
                    let sources = text.lines().filter_map(|line| line.strip_suffix(':'));
                    paths.extend(sources.map(|path| root.join(path.replace("\\ ", " "))));
                }
            }
        }
        Ok(paths)
    }
}

/// Order of preference among the file types of one library; a crate may be compiled as a dynamic library as well.
fn rank(file: &Path) -> u8 {
    match file.extension().and_then(|end| end.to_str()) {
        Some("rlib") => 0,
        Some("so" | "dylib" | "dll") => 1,
        _ => 2,
    }
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// The version in a package's id: `registry+https://…#rand@0.9.2`, `path+file:///…/greeter#0.1.0`.
fn version(id: &str) -> String {
    let behind = id.rsplit('#').next().unwrap_or_default();
    behind.rsplit('@').next().unwrap_or_default().to_owned()
}

/// The dependency graph of a package.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// The direct dependencies: the names that the package gives them, and the ids of their packages.
    named: BTreeMap<String, String>,
    local: Vec<(String, PathBuf)>,
}

impl Graph {
    /// Asks Cargo about the package at `dir`, which was compiled before.
    ///
    /// # Errors
    /// When Cargo fails.
    pub async fn of(toolchain: &Toolchain, dir: &Path) -> Result<Graph> {
        let Metadata { packages, resolve } = Metadata::of(toolchain, dir).await?;
        let dir = dir.canonicalize()?;
        let is_root = |id: &String| Some(id) == resolve.root.as_ref();
        let node = resolve.nodes.into_iter().find(|node| is_root(&node.id));
        let named = node.into_iter().flat_map(|node| node.deps);
        let local = packages
            .into_iter()
            .filter(|package| package.source.is_none() && !package.manifest_path.starts_with(&dir));
        Ok(Graph {
            named: named.map(|dep| (dep.name, dep.pkg)).collect(),
            local: local
                .filter_map(|package| {
                    Some((package.id, package.manifest_path.parent()?.to_owned()))
                })
                .collect(),
        })
    }
}
