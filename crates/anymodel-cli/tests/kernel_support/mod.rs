//! A kernel for tests: installed into folders below the target folder, with one template that lasts,
//! so that only the first run pays for it.
// Each test binary uses a part of this.
#![allow(dead_code)]

#[path = "../../../../tests/support/keyless.rs"]
mod keyless;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use keyless::keyless;
use serde_json::{Value, json};

/// The folder of the whole project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap()
}

/// An installed kernel. Holding it keeps other tests from starting kernels: each takes a gigabyte and
/// all cores.
pub struct Kernel {
    pub cache: PathBuf,
    pub jupyter: PathBuf,
    _alone: MutexGuard<'static, ()>,
}

impl Kernel {
    pub fn installed() -> Kernel {
        static ALONE: Mutex<()> = Mutex::new(());
        static INSTALLED: OnceLock<()> = OnceLock::new();
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kernel");
        let kernel = Kernel {
            cache: folder.join("cache"),
            jupyter: folder.join("jupyter"),
            _alone: alone,
        };
        INSTALLED.get_or_init(|| {
            let output = kernel.command(&["kernel", "install"]).output().unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
        });
        kernel
    }

    /// The program with these arguments, for the folders of this kernel.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anymodel"));
        command.args(arguments).current_dir(root());
        self.furnish(&mut command);
        command
    }

    /// Lets any program find this kernel, and no key.
    pub fn furnish(&self, command: &mut Command) {
        command
            .env("ANYMODEL_CACHE_DIR", &self.cache)
            .env("JUPYTER_DATA_DIR", &self.jupyter)
            .env_remove("JUPYTER_PATH")
            .env("NO_COLOR", "1");
        keyless(command);
    }

    /// An empty folder of this name.
    pub fn scratch(&self, name: &str) -> PathBuf {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("scratch")
            .join(name);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        dir
    }

    /// The folders of the template's builds.
    pub fn builds(&self) -> Vec<PathBuf> {
        let below = |dir: PathBuf| fs::read_dir(dir).into_iter().flatten().flatten();
        below(self.cache.join("kernel"))
            .flat_map(|template| below(template.path()))
            .map(|build| build.path())
            .filter(|build| build.join("template.json").exists())
            .collect()
    }

    /// Another cache folder with the same templates, so that nothing else runs from it. What a template
    /// consists of is named there by its whole path, so the record is enough.
    pub fn cache_of_its_own(&self, name: &str) -> PathBuf {
        let cache = self.scratch(name);
        for build in self.builds() {
            let copy = cache.join(build.strip_prefix(&self.cache).unwrap());
            fs::create_dir_all(&copy).unwrap();
            for file in ["template.json", "in-use"] {
                fs::copy(build.join(file), copy.join(file)).unwrap();
            }
        }
        cache
    }

    /// Runs one notebook and returns whether it passed and what was printed.
    pub fn run(&self, path: &Path, options: &[&str]) -> (bool, String) {
        let output = self
            .command(&["run"])
            .args(options)
            .arg(path)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        (output.status.success(), format!("{text}{words}"))
    }
}

/// A cell with one tag.
pub fn tagged<'a>(source: &'a str, tag: &'a str) -> (&'a str, &'a str) {
    (source, tag)
}

/// Writes a notebook of plain code cells followed by tagged ones.
pub fn notebook(path: &Path, plain: &[&str], with_tags: &[(&str, &str)]) {
    let plain = plain.iter().map(|source| (*source, None));
    let with_tags = with_tags.iter().map(|(source, tag)| (*source, Some(*tag)));
    let cells: Vec<Value> = plain
        .chain(with_tags)
        .enumerate()
        .map(|(position, (source, tag))| {
            let metadata = tag.map_or(json!({}), |tag| json!({ "tags": [tag] }));
            json!({
                "cell_type": "code", "execution_count": null, "id": format!("cell-{position}"),
                "metadata": metadata, "outputs": [], "source": source,
            })
        })
        .collect();
    let notebook = json!({
        "cells": cells, "nbformat": 4, "nbformat_minor": 5,
        "metadata": { "kernelspec": { "display_name": "Rust", "language": "rust", "name": "anymodel" } },
    });
    fs::write(path, notebook.to_string()).unwrap();
}

/// Waits until something holds, at most so long; says whether it did.
pub fn wait_for(patience: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    loop {
        if holds() {
            return true;
        }
        if started.elapsed() > patience {
            return false;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The processes whose environment or arguments name `text`, by their ids (Linux).
pub fn processes_with(text: &str) -> Vec<u32> {
    let own = std::process::id();
    let ids = fs::read_dir("/proc").unwrap().flatten();
    ids.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|id| *id != own)
        .filter(|id| {
            let read = |file: &str| fs::read(format!("/proc/{id}/{file}")).unwrap_or_default();
            let all = [read("environ"), read("cmdline")].concat();
            String::from_utf8_lossy(&all).contains(text)
        })
        .collect()
}

/// The child of `parent` that launches a kernel.
pub fn launcher_of(parent: u32) -> Option<u32> {
    processes_with("--crate-path").into_iter().find(|id| {
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        status
            .lines()
            .any(|line| line.split_whitespace().eq(["PPid:", &parent.to_string()]))
    })
}

/// Kills a process without a chance to clean up.
pub fn kill(id: u32) {
    let done = Command::new("kill")
        .args(["-KILL", &id.to_string()])
        .status()
        .unwrap();
    assert!(done.success());
}
