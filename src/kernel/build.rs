//! How a template is built: Cargo compiles what lessons depend on, and rustc the three small crates
//! in `cells/runtime/`.
//!
//! The crate is compiled as a dynamic library, with everything below it inside. So a cell links in
//! no time, and all cells share one copy of tokio and of every static.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;

use super::preflight;
use super::tools::{self, Extern, Tools};
use crate::notebook::Result;
use crate::notebook::process::Group;

/// Told what is being done, and how far it is: done and all.
pub type Progress<'a> = dyn FnMut(&str, Option<(usize, usize)>) + Send + 'a;

/// What came of a build.
pub struct Built {
    /// What compiles and runs cells.
    pub tools: Tools,
    /// The files that the compiled crate was made from.
    pub sources: Vec<PathBuf>,
}

/// Builds a template for the crate at `root` in the folder `dir`.
///
/// # Errors
/// When something does not compile, or the folder cannot be written.
pub async fn build(dir: &Path, root: &Path, progress: &mut Progress<'_>) -> Result<Built> {
    write_package(dir, root, &dependencies(root))?;
    let compiled = cargo(dir, progress).await?;
    progress("linking what every cell uses", None);
    let tools = tools::compile(dir, &compiled).await?;
    let mut sources = compiled.sources(root)?;
    sources.extend([root.join("Cargo.toml"), root.join("Cargo.lock")]);
    // What the package's own crate left behind is of no use to a cell.
    for profile in ["debug/incremental", "debug/examples"] {
        let _ = fs::remove_dir_all(compiled.target.join(profile));
    }
    Ok(Built { tools, sources })
}

/// The crates that every cell can name without asking for them.
pub const GIVEN: [&str; 5] = ["anymodel", "schemars", "serde", "serde_json", "tokio"];

/// [`GIVEN`], as lines of a manifest. What derives write names `serde` and `schemars`, so that they stand beside the crate
/// that has them inside, with the same features: nothing is compiled twice.
pub fn dependencies(root: &Path) -> Vec<String> {
    vec![
        format!("anymodel = {{ path = {:?} }}", root.display().to_string()),
        r#"schemars = { version = "1", default-features = false, features = ["std", "derive"] }"#
            .to_owned(),
        r#"serde = { version = "1", features = ["derive"] }"#.to_owned(),
        r#"serde_json = { version = "1", features = ["raw_value"] }"#.to_owned(),
        r#"tokio = { version = "1", features = ["rt-multi-thread", "macros", "time", "sync"] }"#
            .to_owned(),
    ]
}

/// Writes a package with these dependencies, and the versions of the crate's own lock file.
///
/// # Errors
/// When the folder cannot be written.
pub fn write_package(dir: &Path, root: &Path, dependencies: &[String]) -> Result<()> {
    let write = |path: &Path, text: &str| {
        fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
    };
    fs::create_dir_all(dir.join("src"))
        .with_context(|| format!("{} cannot be written", dir.display()))?;
    write(
        &dir.join("Cargo.toml"),
        &format!("{PACKAGE}{}\n", dependencies.join("\n")),
    )?;
    write(&dir.join("src/lib.rs"), "")?;
    let lock = root.join("Cargo.lock");
    if lock.exists() && !dir.join("Cargo.lock").exists() {
        fs::copy(&lock, dir.join("Cargo.lock"))
            .with_context(|| format!("{} cannot be copied", lock.display()))?;
    }
    Ok(())
}

const PACKAGE: &str = r#"[package]
name = "lesson"
version = "0.0.0"
edition = "2024"
publish = false

[workspace]

[lib]
crate-type = ["dylib"]

[profile.dev]
opt-level = 0
debug = false

[dependencies]
"#;

/// What Cargo compiled.
#[derive(Debug, Default)]
pub struct Compiled {
    /// Each crate by its name in Rust, as far as Cargo named it.
    pub crates: BTreeMap<String, Extern>,
    /// Cargo's target folder for this platform.
    pub target: PathBuf,
    /// Folders that hold crates.
    pub search: Vec<PathBuf>,
    /// Crates that were compiled just now, not found as they were.
    new: BTreeSet<String>,
    /// Crates of which there are two versions.
    ambiguous: BTreeSet<String>,
}

/// Runs Cargo in the package at `dir` and reports each crate that is done.
///
/// # Errors
/// When Cargo does not run, or something does not compile; with what it said.
pub async fn cargo(dir: &Path, progress: &mut Progress<'_>) -> Result<Compiled> {
    let host = preflight::host()?;
    let all = count_crates(dir).await;
    let mut command = Command::new("cargo");
    command
        .args(["build", "--message-format", "json-render-diagnostics"])
        .args(["--color", "never", "--target", &host])
        .current_dir(dir)
        .env("CARGO_TARGET_DIR", dir.join("target"))
        .env("CARGO_BUILD_BUILD_DIR", dir.join("target"))
        .env("RUSTFLAGS", "-Cprefer-dynamic")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTC_WRAPPER")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut group = Group::spawn(&mut command).context("cargo does not start")?;
    let (Some(stdout), Some(mut stderr)) = (group.take_stdout(), group.take_stderr()) else {
        bail!("cargo's output cannot be read");
    };
    let words = tokio::spawn(async move {
        let mut words = Vec::new();
        let _ = stderr.read_to_end(&mut words).await;
        String::from_utf8_lossy(&words).into_owned()
    });
    let mut compiled = Compiled {
        target: dir.join("target").join(&host),
        ..Compiled::default()
    };
    compiled.search = vec![
        compiled.target.join("debug/deps"),
        dir.join("target/debug/deps"),
    ];
    let mut done = BTreeSet::new();
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some((id, name)) = compiled.note(&line) {
            done.insert(id);
            progress(
                &format!("compiled {name}"),
                Some((done.len(), all.max(done.len()))),
            );
        }
    }
    let status = group.wait().await?;
    if !status.success() {
        let words = words.await.unwrap_or_default();
        let from = words.find("error").unwrap_or(0);
        bail!(
            "cargo could not compile the dependencies\n{}",
            words[from..].trim()
        );
    }
    Ok(compiled)
}

/// How many crates a package consists of; 0 when Cargo cannot say.
async fn count_crates(dir: &Path) -> usize {
    let mut command = Command::new("cargo");
    command
        .args([
            "tree",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .current_dir(dir)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    // A group, so that a build that is given up leaves no Cargo behind.
    let mut text = String::new();
    if let Ok(mut group) = Group::spawn(command.stdout(Stdio::piped()))
        && let Some(mut stdout) = group.take_stdout()
    {
        let _ = stdout.read_to_string(&mut text).await;
    }
    let crates: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.split(" (").next())
        .collect();
    crates.len()
}

impl Compiled {
    /// Reads one of Cargo's messages; says which crate it announces.
    fn note(&mut self, line: &str) -> Option<(String, String)> {
        let message: Value = serde_json::from_str(line).ok()?;
        if message["reason"] != "compiler-artifact" {
            return None;
        }
        let name = message["target"]["name"].as_str()?.replace('-', "_");
        let files = message["filenames"].as_array()?;
        let files = files.iter().filter_map(Value::as_str).map(PathBuf::from);
        // A dynamic library before the rest: what it holds must not be linked a second time.
        let rank = |file: &PathBuf| match file.extension().and_then(|end| end.to_str()) {
            Some("so" | "dylib" | "dll") => 0,
            Some("rlib") => 1,
            _ => 2,
        };
        let is_library = message["target"]["kind"].as_array().is_some_and(|kinds| {
            kinds
                .iter()
                .any(|kind| kind != "custom-build" && kind != "bin")
        });
        let below = |file: &PathBuf| file.starts_with(&self.target);
        if is_library && let Some(path) = files.filter(below).min_by_key(rank) {
            let features = message["features"].as_array().into_iter().flatten();
            let features = features
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect();
            let found = Extern { path, features };
            if let Some(other) = self.crates.insert(name.clone(), found)
                && other.path != self.crates[&name].path
            {
                self.ambiguous.insert(name.clone());
            }
            if message["fresh"] == false {
                self.new.insert(name.clone());
            }
        }
        Some((message["package_id"].as_str()?.to_owned(), name))
    }

    /// Whether a crate was compiled just now.
    pub fn is_new(&self, name: &str) -> bool {
        self.new.contains(name)
    }

    /// Crates that types may name and cells may not: all but `visible`.
    pub fn hidden(&self, visible: &BTreeMap<String, Extern>) -> BTreeMap<String, PathBuf> {
        let hidden = self.crates.iter().filter(|(name, _)| {
            !visible.contains_key(*name) && !self.ambiguous.contains(*name) && *name != "lesson"
        });
        hidden
            .map(|(name, known)| (name.clone(), known.path.clone()))
            .collect()
    }

    /// The files that the crate `anymodel` was compiled from, as the compiler listed them.
    fn sources(&self, root: &Path) -> Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for dir in &self.search {
            for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.starts_with("anymodel") && name.ends_with(".d") {
                    let text = fs::read_to_string(entry.path())?;
                    let sources = text.lines().filter_map(|line| line.strip_suffix(':'));
                    paths.extend(sources.map(|path| root.join(path.replace("\\ ", " "))));
                }
            }
        }
        Ok(paths)
    }
}
