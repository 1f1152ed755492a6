//! Prebuilt dependencies (the template): everything that a lesson depends on, compiled at installation, and again
//! when it is missing or out of date.
//!
//! ```text
//! CACHE/kernel/template-CRATE/       one folder for each checkout of the crate
//!   lock                             held by the process that builds
//!   build-TIME-PROCESS/              one build; kernels use it in place and never write into it
//!     in-use                         kernels hold a shared lock on it while they live
//!     Cargo.toml, Cargo.lock, src/   a package that depends on what lessons use
//!     target/                        Cargo's output
//!     lib/                           the libraries that every cell links, and the runner
//!     template.json                  written last; a folder without it is an incomplete build
//! ```
//!
//! A newer build is written beside the older one, so that a running kernel keeps what it loaded.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use fnv::FnvHasher;
use serde::{Deserialize, Serialize};

use super::build::{self, BuildProgress};
use super::cell_toolchain::{self, CellToolchain};
use super::hardlink_copy::clone_dir;
use super::preflight::disk;
use super::toolchain::Toolchain;
use super::{paths, preflight};
use crate::notebook::Result;
use crate::notebook::document::write_whole;

const MANIFEST: &str = "template.json";
const IN_USE: &str = "in-use";

/// The manifest of a build: its inputs and its outputs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    crate_root: PathBuf,
    toolchain: String,
    /// A hash of the runtime crates and of [`build::recipe`].
    #[serde(default)]
    runtime: String,
    /// Each file that the compiled crate depends on, with a hash of its content.
    files: BTreeMap<PathBuf, String>,
    /// Time of the build, in seconds since 1970.
    built: u64,
    /// The toolchain that compiles and runs cells.
    pub tools: CellToolchain,
}

/// Whether the prebuilt dependencies are up to date with the crate and the toolchain.
#[derive(Debug, Clone)]
pub enum TemplateState {
    /// They do not exist.
    Missing,
    /// They can be used.
    Fresh,
    /// They must be built again, because of these changes.
    Stale(Vec<String>),
}

/// Prebuilt dependencies of one crate, whether or not they exist.
#[derive(Debug, Clone)]
pub struct PrebuiltDeps {
    root: PathBuf,
    dir: PathBuf,
}

/// A shared lock on one build. No process removes the build while this value lives.
#[derive(Debug)]
pub struct BuildLock {
    /// The toolchain of the build.
    pub tools: CellToolchain,
    /// The folder of the build.
    pub dir: PathBuf,
    _lock: Option<File>,
}

impl PrebuiltDeps {
    /// The prebuilt dependencies of the crate at `root`, in the user's cache.
    ///
    /// # Errors
    /// When the cache folder is not known.
    pub fn of(root: &Path) -> Result<PrebuiltDeps> {
        Ok(PrebuiltDeps::at(&paths::template_dir(root)?, root))
    }

    /// The prebuilt dependencies of the crate at `root` that are kept in `dir`.
    pub fn at(dir: &Path, root: &Path) -> PrebuiltDeps {
        PrebuiltDeps {
            root: root.to_owned(),
            dir: dir.to_owned(),
        }
    }

    /// Their folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Compares the newest build with the crate and the toolchain as they are now.
    pub fn state(&self) -> TemplateState {
        match self.newest() {
            Some((_, manifest)) => {
                let own = || Toolchain::version_of(&manifest.tools.rustc);
                let now = match paths::shared_of(&self.root) {
                    // A shared build does not depend on one user's PATH.
                    Some(_) => own(),
                    None => Toolchain::find(&self.root)
                        .map_or_else(|_| own(), |found| Ok(found.version)),
                };
                self.compare(&manifest, now)
            }
            None => TemplateState::Missing,
        }
    }

    fn compare(&self, manifest: &Manifest, toolchain: Result<String>) -> TemplateState {
        let mut changes = Vec::new();
        match toolchain {
            Ok(now) if now == manifest.toolchain => {}
            _ => changes.push("the toolchain is another one".to_owned()),
        }
        if manifest.runtime != runtime() {
            changes.push("the kernel's own libraries changed".to_owned());
        }
        for (path, hash) in &manifest.files {
            if hash_file(path).as_ref() != Some(hash) {
                let shown = path.strip_prefix(&self.root).unwrap_or(path);
                changes.push(format!("{} changed", shown.display()));
            }
        }
        let tools = &manifest.tools;
        for file in [&tools.rustc, &tools.runner] {
            if !file.exists() {
                changes.push(format!("{} is gone", file.display()));
            }
        }
        if changes.is_empty() {
            TemplateState::Fresh
        } else {
            TemplateState::Stale(changes)
        }
    }

    /// The newest build if it is up to date, locked against removal.
    pub fn hold(&self) -> Option<BuildLock> {
        let (dir, manifest) = self.newest()?;
        // Locked first: a build that is being removed cannot be locked.
        let lock = File::open(dir.join(IN_USE)).ok();
        if let Some(lock) = &lock {
            lock.try_lock_shared().ok()?;
        }
        // A kernel uses the compiler of the build, whatever toolchain the notebook's folder asks for.
        match self.compare(&manifest, Toolchain::version_of(&manifest.tools.rustc)) {
            TemplateState::Fresh => Some(BuildLock {
                tools: manifest.tools,
                dir,
                _lock: lock,
            }),
            _ => None,
        }
    }

    /// The age of the newest build.
    pub fn age(&self) -> Option<Duration> {
        let built = UNIX_EPOCH + Duration::from_secs(self.newest()?.1.built);
        SystemTime::now().duration_since(built).ok()
    }

    /// Their size on disk, in bytes.
    pub fn size(&self) -> u64 {
        disk::size(&self.dir)
    }

    /// Builds them again. The old build stays in use until the new one is complete.
    ///
    /// # Errors
    /// When the crate does not compile, or the folder cannot be written.
    pub async fn build(&self, progress: &mut BuildProgress<'_>) -> Result<()> {
        let toolchain = Toolchain::find(&self.root)?;
        let lock = self.lock(progress).await?;
        let built = self.build_locked(&toolchain, progress).await;
        drop(lock);
        built
    }

    /// Builds them if they are missing or out of date. When several kernels start at the same time, one of them
    /// builds and the others wait for it.
    ///
    /// # Errors
    /// As [`PrebuiltDeps::build`].
    pub async fn hold_or_build(&self, progress: &mut BuildProgress<'_>) -> Result<BuildLock> {
        if let Some(held) = self.hold() {
            return Ok(held);
        }
        let lock = self.lock(progress).await;
        let lock = lock.map_err(|error| self.explain(error))?;
        // Another process may have built it during the wait.
        if let Some(held) = self.hold() {
            return Ok(held);
        }
        let before = self.newest();
        let before = before.and_then(|(_, manifest)| Toolchain::of(&manifest.tools.rustc).ok());
        let toolchain = before.map_or_else(|| Toolchain::find(&self.root), Ok)?;
        preflight::can_build(&toolchain)?;
        self.build_locked(&toolchain, progress).await?;
        drop(lock);
        self.hold()
            .context("the crate changed while its template was built; start the kernel again")
    }

    /// Adds a hint to the error: most users cannot write a shared build.
    fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        if paths::shared_of(&self.root).is_none() {
            return error;
        }
        let why = match self.state() {
            TemplateState::Stale(changes) => changes.join(", "),
            _ => format!("{error:#}"),
        };
        let what = "the kernel that all users of this machine share has to be built again";
        let hint = "tell whoever installed it: `sudo anymodel kernel install --system`";
        preflight::Missing::new(what, why, hint).into()
    }

    async fn build_locked(
        &self,
        toolchain: &Toolchain,
        progress: &mut BuildProgress<'_>,
    ) -> Result<()> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let name = format!("build-{:012}-{}", now.as_secs(), std::process::id());
        let dir = self.dir.join(name);
        let built = self
            .build_in(&dir, now.as_secs(), toolchain, progress)
            .await;
        if built.is_err() {
            let _ = fs::remove_dir_all(&dir);
        } else {
            self.sweep(&dir);
        }
        built
    }

    async fn build_in(
        &self,
        dir: &Path,
        now: u64,
        toolchain: &Toolchain,
        progress: &mut BuildProgress<'_>,
    ) -> Result<()> {
        fs::create_dir_all(dir).with_context(|| unwritable(dir))?;
        File::create(dir.join(IN_USE)).with_context(|| unwritable(dir))?;
        if let Some((old, _)) = self.newest() {
            // Copied, so that Cargo does not compile again what did not change.
            let _ = clone_dir(&old.join("target"), &dir.join("target"));
        }
        preflight::disk::can_run_in(dir)?;
        let built = build::build(toolchain, dir, &self.root, progress).await?;
        let files = built
            .sources
            .into_iter()
            .filter_map(|path| hash_file(&path).map(|hash| (path, hash)))
            .collect();
        let manifest = Manifest {
            crate_root: self.root.clone(),
            toolchain: toolchain.version.clone(),
            runtime: runtime(),
            files,
            built: now,
            tools: built.tools,
        };
        let text = serde_json::to_string_pretty(&manifest)?;
        write_whole(&dir.join(MANIFEST), text.as_bytes())
    }

    /// Removes all builds; returns whether there were any. A running kernel keeps the libraries that it loaded
    /// but cannot compile another cell.
    ///
    /// # Errors
    /// When they cannot be removed.
    pub fn remove(&self) -> Result<bool> {
        match fs::remove_dir_all(&self.dir) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => {
                Err(error).with_context(|| format!("{} cannot be removed", self.dir.display()))
            }
        }
    }

    /// Waits until no other process builds.
    async fn lock(&self, progress: &mut BuildProgress<'_>) -> Result<File> {
        fs::create_dir_all(&self.dir).with_context(|| unwritable(&self.dir))?;
        let path = self.dir.join("lock");
        let file = File::create(&path).with_context(|| unwritable(&path))?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(fs::TryLockError::WouldBlock) => {
                    progress("another kernel builds the template", None);
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                Err(fs::TryLockError::Error(error)) => {
                    bail!("{} cannot be locked: {error}", path.display())
                }
            }
        }
    }

    /// Removes builds that are not in use, except `kept`.
    fn sweep(&self, kept: &Path) {
        for dir in builds(&self.dir).into_iter().filter(|dir| dir != kept) {
            let free = match File::open(dir.join(IN_USE)) {
                Ok(file) => file.try_lock().is_ok(),
                Err(_) => true,
            };
            if free {
                // The manifest is removed first: without it no process takes an incomplete build for a complete one.
                let _ = fs::remove_file(dir.join(MANIFEST));
                let _ = fs::remove_dir_all(&dir);
            }
        }
    }

    fn newest(&self) -> Option<(PathBuf, Manifest)> {
        let mut all = builds(&self.dir);
        all.sort();
        all.into_iter().rev().find_map(|dir| {
            let text = fs::read_to_string(dir.join(MANIFEST)).ok()?;
            let manifest: Manifest = serde_json::from_str(&text).ok()?;
            (manifest.crate_root == self.root).then_some((dir, manifest))
        })
    }
}

fn builds(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("build-"))
        .map(|entry| entry.path())
        .collect()
}

fn unwritable(path: &Path) -> String {
    format!("{} cannot be written", path.display())
}

fn runtime() -> String {
    let texts = cell_toolchain::RUNTIME
        .iter()
        .chain(&cell_toolchain::MODULES);
    let texts: Vec<&str> = texts.map(|(_, text)| *text).collect();
    let all = texts.concat() + &build::recipe();
    hash(all.as_bytes())
}

/// The hash of a file's content.
pub fn hash_file(path: &Path) -> Option<String> {
    Some(hash(&fs::read(path).ok()?))
}

/// A hash for detecting changes; not a cryptographic one.
fn hash(bytes: &[u8]) -> String {
    let mut hasher = FnvHasher::default();
    hasher.write(bytes);
    format!("{:016x}", hasher.finish())
}
