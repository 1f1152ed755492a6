//! The dependency graph of a package, from `cargo metadata`.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, bail};
use serde::Deserialize;
use tokio::io::AsyncReadExt;

use super::toolchain::Toolchain;
use crate::notebook::Result;
use crate::notebook::process::ProcessGroup;

/// The output of `cargo metadata`, reduced to the fields that are used here.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub packages: Vec<Package>,
    pub resolve: Resolve,
}

/// A package of the graph.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    pub id: String,
    pub name: String,
    /// The registry or repository it comes from; absent for a package in a local folder.
    pub source: Option<String>,
    pub manifest_path: PathBuf,
    pub targets: Vec<Target>,
}

/// A target of a package: its library, a program, a test.
#[derive(Debug, Deserialize)]
pub(super) struct Target {
    pub name: String,
    pub kind: Vec<String>,
    pub src_path: PathBuf,
    pub edition: String,
}

/// The dependency graph.
#[derive(Debug, Deserialize)]
pub(super) struct Resolve {
    /// The root package.
    pub root: Option<String>,
    pub nodes: Vec<Node>,
}

/// A package in the graph.
#[derive(Debug, Deserialize)]
pub(super) struct Node {
    pub id: String,
    pub features: Vec<String>,
    pub deps: Vec<Dep>,
}

/// A dependency, with the name that its dependent gives it.
#[derive(Debug, Deserialize)]
pub(super) struct Dep {
    pub name: String,
    pub pkg: String,
    dep_kinds: Vec<DepKind>,
}

#[derive(Debug, Deserialize)]
struct DepKind {
    kind: Option<String>,
}

impl Metadata {
    /// Asks Cargo about the package at `dir`, without the network. Its `Cargo.lock` stays as it is; where there is none,
    /// Cargo writes one from what it has fetched before.
    ///
    /// # Errors
    /// When Cargo fails.
    pub async fn of(toolchain: &Toolchain, dir: &Path) -> Result<Metadata> {
        let mut command = toolchain.call_cargo(dir);
        let locked = dir.join("Cargo.lock").exists().then_some("--locked");
        command
            .args(["metadata", "--format-version=1", "--offline"])
            .args(locked)
            .args(["--manifest-path=Cargo.toml", "--filter-platform"])
            .arg(toolchain.host()?)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // A process group, so that a cancelled build leaves no Cargo process behind.
        let mut group = ProcessGroup::spawn(&mut command).context("cargo does not start")?;
        let (mut told, mut why) = (String::new(), String::new());
        if let (Some(mut stdout), Some(mut stderr)) = (group.take_stdout(), group.take_stderr()) {
            tokio::try_join!(
                stdout.read_to_string(&mut told),
                stderr.read_to_string(&mut why)
            )?;
        }
        if !group.wait().await?.success() {
            bail!(
                "cargo does not tell what the package in {} depends on: {}",
                dir.display(),
                why.trim()
            );
        }
        serde_json::from_str(&told).context("what cargo metadata says cannot be read")
    }
}

impl Target {
    pub fn is_library(&self) -> bool {
        self.kind.iter().any(|kind| kind == "lib")
    }
}

impl Dep {
    /// Whether it is a normal dependency, and not one of tests or of the build script alone.
    pub fn is_linked(&self) -> bool {
        self.dep_kinds.iter().any(|kind| kind.kind.is_none())
    }
}
