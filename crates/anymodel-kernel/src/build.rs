//! Build of the prebuilt dependencies: Cargo compiles what lessons depend on, and rustc links that into one dynamic
//! library, beside the three small crates in `cells/runtime/` ([`cell_toolchain`]).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

use super::artifacts::{CompiledCrate, Graph};
use super::cell_toolchain::{self, CellToolchain};
use super::crate_source;
use super::metadata::Metadata;
use super::toolchain::Toolchain;
use crate::notebook::Result;
use crate::notebook::process::ProcessGroup;

/// Progress callback: the current step, and how many parts are done out of how many.
pub type BuildProgress<'a> = dyn FnMut(&str, Option<(usize, usize)>) + Send + 'a;

/// The result of a build.
pub struct Built {
    /// The toolchain that compiles and runs cells.
    pub tools: CellToolchain,
    /// The source files of the compiled crate.
    pub sources: Vec<PathBuf>,
}

/// Builds the prebuilt dependencies of the crate at `root` in the folder `dir`.
///
/// # Errors
/// When something does not compile, or the folder cannot be written.
pub async fn build(
    toolchain: &Toolchain,
    dir: &Path,
    root: &Path,
    progress: &mut BuildProgress<'_>,
) -> Result<Built> {
    write_package(dir, root, &dependencies(root), "")?;
    let compiled = cargo(toolchain, dir, &[], progress).await;
    let compiled = compiled.map_err(|error| crate_source::explain(error, root))?;
    progress("linking what every cell uses", None);
    let tools = cell_toolchain::compile(toolchain, &dir.join("lib"), &compiled).await?;
    if crate_source::is_stand_in(root) {
        // Writes its lock file now: completion needs it, maybe as a user who may not write there. Without it completion
        // offers the names of the notebook alone.
        let _ = Metadata::of(toolchain, root).await;
    }
    let mut sources = vec![root.join("Cargo.toml"), root.join("Cargo.lock")];
    for (id, folder) in &compiled.local {
        if let Some(known) = compiled.package(id) {
            sources.extend(compiled.sources(&known.name(), folder)?);
            sources.push(folder.join("Cargo.toml"));
        }
    }
    // The artifacts of the package's own crate are removed: no cell uses them.
    for profile in &compiled.search {
        for left in ["incremental", "examples"] {
            let _ = fs::remove_dir_all(profile.with_file_name(left));
        }
    }
    Ok(Built { tools, sources })
}

/// The crates that every cell can name without a `:dep` line.
pub const GIVEN: [&str; 5] = ["anymodel", "schemars", "serde", "serde_json", "tokio"];

/// [`GIVEN`], as lines of a manifest. Derive macros write the names `serde` and `schemars`, so both are dependencies of
/// their own. They have the same features as in `anymodel`: nothing is compiled twice.
pub fn dependencies(root: &Path) -> Vec<String> {
    vec![
        crate_source::dependency(root),
        r#"schemars = { version = "1", default-features = false, features = ["std", "derive"] }"#
            .to_owned(),
        r#"serde = { version = "1", features = ["derive"] }"#.to_owned(),
        r#"serde_json = { version = "1", features = ["raw_value"] }"#.to_owned(),
        r#"tokio = { version = "1", features = ["rt-multi-thread", "macros", "time", "sync"] }"#
            .to_owned(),
    ]
}

/// Writes a package with these dependencies, `more` at the end of its manifest, and the versions of the crate's own lock
/// file.
///
/// # Errors
/// When the folder cannot be written.
pub fn write_package(dir: &Path, root: &Path, dependencies: &[String], more: &str) -> Result<()> {
    let below = dir.join(PREPARED);
    let manifest = format!("{PACKAGE}{}\n{more}", dependencies.join("\n"));
    for (dir, text) in [(dir, &*manifest), (&*below, PREPARED_PACKAGE)] {
        let source = dir.join("src");
        fs::create_dir_all(&source)
            .and_then(|()| fs::write(dir.join("Cargo.toml"), text))
            .and_then(|()| fs::write(source.join("lib.rs"), ""))
            .with_context(|| format!("{} cannot be written", dir.display()))?;
    }
    let lock = root.join("Cargo.lock");
    if lock.exists() && !dir.join("Cargo.lock").exists() {
        fs::copy(&lock, dir.join("Cargo.lock"))
            .with_context(|| format!("{} cannot be copied", lock.display()))?;
    }
    Ok(())
}

/// Everything besides the crate's files that the prebuilt dependencies are made from.
pub fn recipe() -> String {
    let dependencies = dependencies(Path::new("")).concat();
    let links = cell_toolchain::links(GIVEN);
    [PACKAGE, PREPARED_PACKAGE, &dependencies, &links].concat()
}

const PACKAGE: &str = r#"[package]
name = "lesson"
version = "0.0.0"
edition = "2024"
publish = false

[workspace]

[profile.dev]
opt-level = 0
debug = false

[dependencies]
prepared = { path = "prepared" }
"#;

/// The package below the lesson's one that enables the features in `PREPARED_PACKAGE`.
pub const PREPARED: &str = "prepared";

/// Features that many crates enable in the lessons' dependencies. Cargo compiles a crate once, with all features that
/// are enabled. A `:dep` that enabled one more would compile that crate and everything above it again.
const PREPARED_PACKAGE: &str = r#"[package]
name = "prepared"
version = "0.0.0"
edition = "2024"
publish = false

[dependencies]
arrayvec = "0.7"
bitflags = { version = "2", features = ["std"] }
getrandom = { version = "0.2", features = ["std"] }
log = { version = "0.4", features = ["std"] }
num-traits = "0.2"
serde = { version = "1", features = ["rc"] }
slab = "0.4"
stable_deref_trait = "1"
tracing-core = "0.1"

# Derive macros share these.
[build-dependencies]
syn2 = { package = "syn", version = "2", features = ["full", "visit", "visit-mut", "fold", "extra-traits"] }
syn3 = { package = "syn", version = "3", features = ["full", "visit", "visit-mut", "fold", "extra-traits"] }
"#;

/// Runs Cargo in the package at `dir` with these additional options, and reports each crate that is done.
///
/// # Errors
/// When Cargo does not run, or something does not compile; the error holds Cargo's output.
pub async fn cargo(
    toolchain: &Toolchain,
    dir: &Path,
    options: &[&str],
    progress: &mut BuildProgress<'_>,
) -> Result<CompiledCrate> {
    let host = toolchain.host()?;
    let all = count_crates(toolchain, dir).await;
    let mut command = toolchain.call_cargo(dir);
    command
        .args(["build", "--message-format", "json-render-diagnostics"])
        .args(["--color", "never", "--target", host])
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut group = ProcessGroup::spawn(&mut command).context("cargo does not start")?;
    let (Some(stdout), Some(mut stderr)) = (group.take_stdout(), group.take_stderr()) else {
        bail!("cargo's output cannot be read");
    };
    let words = tokio::spawn(async move {
        let mut words = Vec::new();
        let _ = stderr.read_to_end(&mut words).await;
        String::from_utf8_lossy(&words).into_owned()
    });
    let mut compiled = CompiledCrate::in_folder(&dir.join("target"), host);
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
        let lines = words.lines().skip_while(|line| !line.starts_with("error"));
        let errors: Vec<&str> = lines.collect();
        let told = if errors.is_empty() {
            words.trim().to_owned()
        } else {
            errors.join("\n")
        };
        bail!("cargo could not compile the dependencies\n{}", told.trim());
    }
    compiled.name(&Graph::of(toolchain, dir).await?);
    Ok(compiled)
}

/// The number of crates in the dependency graph of a package; 0 when Cargo fails.
async fn count_crates(toolchain: &Toolchain, dir: &Path) -> usize {
    let mut command = toolchain.call_cargo(dir);
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
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    // A process group, so that a cancelled build leaves no Cargo process behind.
    let mut text = String::new();
    if let Ok(mut group) = ProcessGroup::spawn(command.stdout(Stdio::piped()))
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
