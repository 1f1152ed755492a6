//! The build folder of a kernel: a Cargo workspace around the engine's own crate.
//!
//! ```text
//! Cargo.toml      the workspace and its profile
//! Cargo.lock      the versions, first taken from the crate's own lock file
//! keep/           a crate that names what lessons use, so that the lock file keeps it
//! cells/          the engine's folder (EVCXR_TMPDIR): Cargo.toml, src/lib.rs, target/
//! config/         the engine's configuration (EVCXR_CONFIG_DIR): evcxr.toml
//! no-kernels/     an empty Jupyter folder, so that the engine finds no kernelspec to rewrite
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::notebook::Result;

/// The dependencies of a lesson, as its set-up cell writes them after `:dep`.
///
/// tokio is named because a cell that awaits needs it by name; it is the copy inside the crate that
/// runs.
pub fn dependencies(root: &Path) -> [String; 2] {
    [
        format!("anymodel = {{ path = {:?} }}", root.display().to_string()),
        r#"tokio = { version = "1", features = ["rt-multi-thread"] }"#.to_owned(),
    ]
}

/// A build folder on disk.
#[derive(Debug, Clone)]
pub struct Workspace {
    dir: PathBuf,
}

impl Workspace {
    /// The build folder at `dir`, which may not exist yet.
    pub fn at(dir: &Path) -> Workspace {
        Workspace {
            dir: dir.to_owned(),
        }
    }

    /// The folder itself.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the engine builds.
    pub fn cells(&self) -> PathBuf {
        self.dir.join("cells")
    }

    /// Where the engine finds its configuration.
    pub fn config(&self) -> PathBuf {
        self.dir.join("config")
    }

    /// A Jupyter folder without kernels.
    pub fn no_kernels(&self) -> PathBuf {
        self.dir.join("no-kernels")
    }

    /// Makes the folder for the crate at `root`, with the versions of its lock file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(&self, root: &Path) -> Result<()> {
        for dir in [
            self.dir.join("keep/src"),
            self.cells().join("src"),
            self.config(),
            self.no_kernels(),
        ] {
            fs::create_dir_all(&dir)
                .with_context(|| format!("the folder {} cannot be made", dir.display()))?;
        }
        fs::write(self.dir.join("Cargo.toml"), WORKSPACE)?;
        fs::write(
            self.dir.join("keep/Cargo.toml"),
            format!(
                "{KEEP}{}\n",
                dependencies(root).map(|line| optional(&line)).join("\n")
            ),
        )?;
        fs::write(self.dir.join("keep/src/lib.rs"), "")?;
        let lock = root.join("Cargo.lock");
        if lock.exists() {
            fs::copy(&lock, self.dir.join("Cargo.lock"))
                .with_context(|| format!("{} cannot be read", lock.display()))?;
        }
        Ok(())
    }

    /// Tells the engine whether Cargo may use the network.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn configure(&self, offline: bool) -> Result<()> {
        let text = format!("[evcxr]\nopt_level = \"0\"\noffline_mode = {offline}\n");
        let path = self.config().join("evcxr.toml");
        fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))
    }
}

/// Cargo locks the versions of optional dependencies too, but nobody compiles or analyses them:
/// rust-analyzer would otherwise read the whole graph of crates twice, once at every start.
fn optional(dependency: &str) -> String {
    dependency.replacen(" }", ", optional = true }", 1)
}

/// Cargo reads profiles in the workspace's manifest alone, so this one repeats what the engine asks
/// for in its own, without optimisation.
const WORKSPACE: &str = r#"[workspace]
resolver = "3"
members = ["cells", "keep"]

[profile.dev]
opt-level = 0
debug = false
strip = "debuginfo"
rpath = true
codegen-units = 16
incremental = true
"#;

const KEEP: &str = r#"[package]
name = "keep"
version = "0.0.0"
edition = "2024"

[dependencies]
"#;
