//! The template: a build folder in which the dependencies of a lesson are compiled.
//!
//! It is made by running the engine on the cells that every lesson runs. Beside the folder's own
//! files stands `template.json`, written last, which says what the template was made from; a folder
//! without it is not a template.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use jupyter_protocol::JupyterKernelspec;
use jupyter_zmq_client::KernelspecDir;
use serde::{Deserialize, Serialize};

use super::workspace::{Workspace, dependencies};
use super::{ENGINE_ARGUMENT, launch, places, preflight};
use crate::notebook::Result;
use crate::notebook::cell;
use crate::notebook::document::write_whole;
use crate::notebook::session::Session;

const MANIFEST: &str = "template.json";
/// A first build on a slow machine takes many minutes.
const PATIENCE: Duration = Duration::from_secs(3600);

/// What a template was made from.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Manifest {
    crate_root: PathBuf,
    toolchain: String,
    /// Each file that the compiled crate depends on, and a hash of what it held.
    files: BTreeMap<PathBuf, String>,
    /// Seconds since 1970.
    built: u64,
}

/// How a template stands to the crate and the toolchain of today.
#[derive(Debug, Clone)]
pub enum State {
    /// There is none.
    Missing,
    /// It can be used as it is.
    Fresh,
    /// It can be used, but something will be compiled again: what changed.
    Stale(Vec<String>),
}

/// A template that may or may not be there.
#[derive(Debug, Clone)]
pub struct Template {
    root: PathBuf,
    workspace: Workspace,
}

impl Template {
    /// The template for the crate at `root`.
    ///
    /// # Errors
    /// When the cache folder is not known.
    pub fn of(root: &Path) -> Result<Template> {
        let dir = places::template_dir(root)?;
        Ok(Template {
            root: root.to_owned(),
            workspace: Workspace::at(&dir),
        })
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        self.workspace.dir()
    }

    /// Compares it with the crate and the toolchain of today.
    pub fn state(&self) -> State {
        let Some(manifest) = self.manifest() else {
            return State::Missing;
        };
        let mut changes = Vec::new();
        match preflight::toolchain() {
            Ok(now) if now == manifest.toolchain => {}
            _ => changes.push("the toolchain is another one".to_owned()),
        }
        for (path, hash) in &manifest.files {
            if hash_file(path).as_ref() != Some(hash) {
                let shown = path.strip_prefix(&self.root).unwrap_or(path);
                changes.push(format!("{} changed", shown.display()));
            }
        }
        if changes.is_empty() {
            State::Fresh
        } else {
            State::Stale(changes)
        }
    }

    /// How long ago it was made.
    pub fn age(&self) -> Option<Duration> {
        let built = UNIX_EPOCH + Duration::from_secs(self.manifest()?.built);
        SystemTime::now().duration_since(built).ok()
    }

    /// How many bytes it takes on disk.
    pub fn size(&self) -> u64 {
        size(self.dir())
    }

    /// Builds it anew, while the old one stays in use until the new one is complete.
    ///
    /// # Errors
    /// When a cell of the set-up fails, or the folder cannot be written.
    pub async fn build(&self) -> Result<()> {
        let dir = self.dir();
        let beside = dir.with_extension(format!("new-{}", std::process::id()));
        let built = self.build_in(&Workspace::at(&beside)).await;
        let placed = built.and_then(|()| {
            remove(dir)?;
            fs::rename(&beside, dir).with_context(|| format!("{} cannot be written", dir.display()))
        });
        if placed.is_err() {
            let _ = remove(&beside);
        }
        placed
    }

    /// Removes it; returns whether there was one.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(&self) -> Result<bool> {
        let there = self.dir().exists();
        remove(self.dir())?;
        Ok(there)
    }

    async fn build_in(&self, workspace: &Workspace) -> Result<()> {
        workspace.create(&self.root)?;
        workspace.configure(false)?;
        let engine = engine(workspace)?;
        // Dropping the start ends the kernel that is starting.
        let mut session = tokio::select! {
            session = Session::start(engine, &self.root, PATIENCE) => session?,
            _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        };
        let outcome = tokio::select! {
            outcome = self.compile(&mut session) => outcome,
            _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
        };
        session.shut_down().await;
        outcome?;

        let files = self.files(workspace)?;
        tidy(&workspace.cells().join("target"))?;
        workspace.configure(true)?;
        let manifest = Manifest {
            crate_root: self.root.clone(),
            toolchain: preflight::toolchain()?,
            files,
            built: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |time| time.as_secs()),
        };
        let text = serde_json::to_string_pretty(&manifest)?;
        write_whole(&workspace.dir().join(MANIFEST), text.as_bytes())
    }

    /// Runs what every lesson runs: the dependencies, an `.await`, a `?` and a variable.
    async fn compile(&self, session: &mut Session) -> Result<()> {
        let [own, tokio] = dependencies(&self.root);
        let set_up = format!(":dep {own}\n:dep {tokio}\nextern crate anymodel;");
        let cells = [
            set_up.as_str(),
            "tokio::time::sleep(std::time::Duration::from_millis(1)).await;",
            "let number: i32 = \"7\".parse::<i32>()?;",
        ];
        for (position, source) in cells.into_iter().enumerate() {
            let (outputs, trouble) = cell::run(session, source, position + 1, PATIENCE).await?;
            if let Some(trouble) = trouble {
                bail!(
                    "the set-up cell fails ({trouble}):\n{source}\n{}",
                    cell::words(&outputs)
                );
            }
        }
        Ok(())
    }

    /// The files that the compiled crate depends on, as the compiler listed them, and the two that
    /// choose its dependencies.
    fn files(&self, workspace: &Workspace) -> Result<BTreeMap<PathBuf, String>> {
        let mut paths = vec![self.root.join("Cargo.toml"), self.root.join("Cargo.lock")];
        let mut lists = Vec::new();
        find(&workspace.cells().join("target"), &mut lists, &|name| {
            name.starts_with("anymodel") && name.ends_with(".d")
        });
        for list in lists {
            let text = fs::read_to_string(&list)
                .with_context(|| format!("{} cannot be read", list.display()))?;
            let sources = text.lines().filter_map(|line| line.strip_suffix(':'));
            paths.extend(sources.map(|path| self.root.join(path.replace("\\ ", " "))));
        }
        Ok(paths
            .into_iter()
            .filter_map(|path| hash_file(&path).map(|hash| (path, hash)))
            .collect())
    }

    fn manifest(&self) -> Option<Manifest> {
        let text = fs::read_to_string(self.dir().join(MANIFEST)).ok()?;
        let manifest: Manifest = serde_json::from_str(&text).ok()?;
        (manifest.crate_root == self.root).then_some(manifest)
    }
}

/// The engine as a kernel that builds in `workspace`.
fn engine(workspace: &Workspace) -> Result<KernelspecDir> {
    let program = std::env::current_exe()?.display().to_string();
    let env = launch::engine_environment(workspace);
    Ok(KernelspecDir {
        kernel_name: "anymodel".to_owned(),
        path: workspace.dir().to_owned(),
        kernelspec: JupyterKernelspec {
            argv: vec![
                program,
                ENGINE_ARGUMENT.to_owned(),
                "{connection_file}".to_owned(),
            ],
            display_name: "Rust (anymodel)".to_owned(),
            language: "rust".to_owned(),
            metadata: None,
            interrupt_mode: Some("message".to_owned()),
            env: Some(
                env.into_iter()
                    .map(|(name, path)| (name.to_owned(), path.display().to_string()))
                    .collect(),
            ),
        },
    })
}

/// Takes away what belongs to the cells that were run: their libraries and half-finished states.
fn tidy(target: &Path) -> Result<()> {
    let mut cells = Vec::new();
    find(target, &mut cells, &|name| {
        name.starts_with("libcode_") || name.starts_with("libctx")
    });
    for file in cells {
        fs::remove_file(&file).with_context(|| format!("{} cannot be removed", file.display()))?;
    }
    let mut states = Vec::new();
    find_dirs(target, "incremental", &mut states);
    states.iter().try_for_each(|dir| remove(dir))
}

fn find(dir: &Path, found: &mut Vec<PathBuf>, wanted: &dyn Fn(&str) -> bool) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            find(&path, found, wanted);
        } else if wanted(&entry.file_name().to_string_lossy()) {
            found.push(path);
        }
    }
}

fn find_dirs(dir: &Path, name: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().is_dir())
    {
        if entry.file_name() == name {
            found.push(entry.path());
        } else {
            find_dirs(&entry.path(), name, found);
        }
    }
}

fn size(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => size(&entry.path()),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}

fn remove(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", dir.display()))
        }
        _ => Ok(()),
    }
}

/// A hash that notices changes (FNV-1a, 64 bits); nobody has a reason to forge one.
fn hash_file(path: &Path) -> Option<String> {
    let bytes = fs::read(path).ok()?;
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    Some(format!("{hash:016x}"))
}
