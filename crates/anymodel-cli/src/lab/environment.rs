//! Private Python environment with JupyterLab and its dependencies, at the versions of `requirements.txt`.
//!
//! The folder is named by a hash of its inputs, so another list of versions or another Python gets another
//! folder, and a second run finds the first one's. An environment contains its own path and cannot be moved, so it is
//! created in its final folder. The file `lab.json` is written last: a folder without it is incomplete and is
//! created again.

use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tokio::process::Command;

use super::instance_dir;
use super::python::Python;
use anymodel_kernel::{
    install::{self, Removed},
    notebook::{Result, document::write_whole, process::ProcessGroup},
    paths,
    preflight::{disk, network},
    progress::StepProgress,
};

/// The pinned requirements; the file says how it was made.
const REQUIREMENTS: &str = include_str!("requirements.txt");
const MARK: &str = "lab.json";
const LOG: &str = "install.log";
/// Disk space in bytes: 246 MB for the environment (`du -sm`, Python 3.11), plus pip's temporary files.
const NEEDS: u64 = 500_000_000;
/// Python's own variables that are removed, so that the environment is the same on every machine.
const FOREIGN: [&str; 6] = [
    "PYTHONHOME",
    "PYTHONPATH",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_USER",
    "VIRTUAL_ENV",
];

/// A Python environment that may not exist yet.
#[derive(Debug, Clone)]
pub struct Environment {
    dir: PathBuf,
    python: Python,
}

impl Environment {
    /// The environment that belongs to `python`.
    ///
    /// # Errors
    /// When the cache folder is not known.
    pub fn of(python: Python) -> Result<Environment> {
        let mut hasher = std::hash::DefaultHasher::new();
        (REQUIREMENTS, &python).hash(&mut hasher);
        let dir = paths::lab_dir()?.join(format!("venv-{:016x}", hasher.finish()));
        Ok(Environment { dir, python })
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The Python in it.
    pub fn python(&self) -> PathBuf {
        self.dir.join("bin/python")
    }

    /// Whether it exists and is complete.
    pub fn is_whole(&self) -> bool {
        // When the system removed a Python, its link points to nothing.
        self.dir.join(MARK).exists() && self.python().exists()
    }

    /// Checks the disk space for the environment, when it does not exist yet.
    ///
    /// # Errors
    /// When the space is too small.
    pub fn room(&self) -> Result<()> {
        if self.is_whole() {
            return Ok(());
        }
        disk::room_for("an environment with JupyterLab", NEEDS, &self.dir)
    }

    /// Creates it when it does not exist.
    ///
    /// # Errors
    /// When Python or pip fails; no incomplete environment stays.
    pub async fn make(&self, steps: &StepProgress) -> Result<()> {
        let name = format!("JupyterLab {}", jupyterlab());
        if self.is_whole() {
            steps.skip(&name, "there");
            return Ok(());
        }
        let lab = paths::lab_dir()?;
        fs::create_dir_all(&lab)
            .with_context(|| format!("the folder {} cannot be made", lab.display()))?;
        let lock = self.dir.with_extension("lock");
        let held =
            File::create(&lock).with_context(|| format!("{} cannot be written", lock.display()))?;
        let log = lab.join(LOG);
        let made = self.make_alone(&held, &log);
        steps
            .run(&name, "30 s, once", || progress(&log), made)
            .await?;
        self.remove_older()
    }

    /// Creates it under the lock, so that no other process does so at the same time.
    async fn make_alone(&self, held: &File, log: &Path) -> Result<()> {
        while held.try_lock().is_err() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        if self.is_whole() {
            return Ok(());
        }
        install::remove("", &self.dir)?;
        let half = Half(&self.dir);
        fs::create_dir_all(&self.dir)
            .with_context(|| format!("the folder {} cannot be made", self.dir.display()))?;
        let words = File::create(log)?;
        let program = &self.python.program;
        let mut venv = Command::new(program);
        venv.args(["-I", "-m", "venv"]).arg(&self.dir);
        call(venv, &words, log, "venv").await?;
        let list = self.dir.join("requirements.txt");
        fs::write(&list, REQUIREMENTS)?;
        let mut pip = Command::new(self.python());
        pip.args(["-I", "-m", "pip", "install", "--no-deps", "--no-input"])
            .args(["--disable-pip-version-check", "--progress-bar", "off", "-r"])
            .arg(&list);
        call(pip, &words, log, "pip").await?;
        let mark = json!({ "jupyterlab": jupyterlab(), "python": self.python.version });
        write_whole(&self.dir.join(MARK), mark.to_string().as_bytes())?;
        std::mem::forget(half);
        Ok(())
    }

    /// Removes the environments of earlier lists, unless a JupyterLab runs from one.
    fn remove_older(&self) -> Result<()> {
        if instance_dir::count()? == 0 {
            for old in kept()?.into_iter().filter(|old| old.dir != self.dir) {
                install::remove("", &old.dir)?;
                let _ = fs::remove_file(old.dir.with_extension("lock"));
            }
        }
        Ok(())
    }
}

/// Guard of an incomplete environment; dropping it removes the folder.
struct Half<'a>(&'a Path);

impl Drop for Half<'_> {
    fn drop(&mut self) {
        // A folder that stays has no `lab.json`, so the next run removes it.
        let _ = fs::remove_dir_all(self.0);
    }
}

/// Runs one of Python's tools, with its output in the log.
async fn call(mut command: Command, words: &File, log: &Path, tool: &str) -> Result<()> {
    command
        .stdin(Stdio::null())
        .stdout(words.try_clone()?)
        .stderr(words.try_clone()?);
    for name in FOREIGN {
        command.env_remove(name);
    }
    let mut group =
        ProcessGroup::spawn(&mut command).with_context(|| format!("{tool} does not start"))?;
    if group.wait().await?.success() {
        return Ok(());
    }
    let text = fs::read_to_string(log).unwrap_or_default();
    if network::is_to_blame(&text) {
        return Err(network::missing(tool).into());
    }
    bail!(
        "{tool} failed; its last words (all of them are in {}):\n{}",
        log.display(),
        last_lines(&text, 12)
    )
}

/// The last lines of a text, indented.
pub(super) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let shown = &lines[lines.len().saturating_sub(count)..];
    shown.iter().map(|line| format!("    {line}\n")).collect()
}

/// The progress of pip in percent: it names each package when it fetches it, and then installs them all.
fn progress(log: &Path) -> Option<u8> {
    let text = fs::read_to_string(log).ok()?;
    if text.contains("Installing collected packages") {
        return Some(80);
    }
    let fetched = text
        .lines()
        .filter(|line| line.starts_with("Collecting "))
        .count();
    let all = REQUIREMENTS
        .lines()
        .filter(|line| line.contains("=="))
        .count();
    u8::try_from(fetched * 75 / all.max(1))
        .ok()
        .map(|percent| percent.min(75))
}

/// The pinned version of JupyterLab.
pub fn jupyterlab() -> &'static str {
    let line = REQUIREMENTS
        .lines()
        .find_map(|line| line.strip_prefix("jupyterlab=="));
    line.unwrap_or_default()
}

/// An existing environment.
#[derive(Debug, Clone)]
pub struct KeptEnvironment {
    /// Its folder.
    pub dir: PathBuf,
    /// JupyterLab's version.
    pub jupyterlab: String,
    /// Python's version.
    pub python: String,
    /// Its age.
    pub age: Duration,
    /// Whether it is the one that a run would use now.
    pub is_current: bool,
}

/// The complete environments on the disk.
///
/// # Errors
/// When the cache folder is not known.
pub fn kept() -> Result<Vec<KeptEnvironment>> {
    let now = Python::find(None).ok().map(Environment::of).transpose()?;
    let entries = fs::read_dir(paths::lab_dir()?).into_iter().flatten();
    let mut kept = Vec::new();
    for dir in entries.flatten().map(|entry| entry.path()) {
        let mark = dir.join(MARK);
        let Ok(text) = fs::read_to_string(&mark) else {
            continue;
        };
        let said: Value = serde_json::from_str(&text).unwrap_or_default();
        let word = |name: &str| said[name].as_str().unwrap_or("?").to_owned();
        let made = fs::metadata(&mark)?.modified()?;
        kept.push(KeptEnvironment {
            jupyterlab: word("jupyterlab"),
            python: word("python"),
            age: SystemTime::now().duration_since(made).unwrap_or_default(),
            is_current: now.as_ref().is_some_and(|now| now.dir == dir),
            dir,
        });
    }
    Ok(kept)
}

/// Removes everything that `cargo lab` made, except the learner's lessons.
///
/// # Errors
/// When a JupyterLab runs, or a folder cannot be removed.
pub fn remove_all() -> Result<Option<Removed>> {
    if instance_dir::count()? > 0 {
        bail!(
            "a JupyterLab that `cargo lab` started is running\nhint: end it with Ctrl-C, then try again"
        );
    }
    install::remove("JupyterLab of `cargo lab`", &paths::lab_dir()?)
}
