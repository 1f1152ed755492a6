//! Rust toolchain of the kernel: which compiler and Cargo it calls, and the environment that they see.
//!
//! They are called by absolute path, for two reasons. The PATH may name rustup's proxy, which obeys a
//! `rust-toolchain.toml` beside the notebook. A program that was started from a desktop may have no
//! `~/.cargo/bin` on its PATH. Prebuilt dependencies record their compiler; without one, the compiler is searched from
//! the crate's folder.

use std::path::{Path, PathBuf};

use anyhow::Context;
use tokio::process::Command;

use super::preflight::{GET_RUST, Missing, output_in};
use crate::notebook::Result;

/// A compiler that runs, with its Cargo and its folders.
#[derive(Debug, Clone)]
pub struct Toolchain {
    /// The output of `rustc -vV`: the version and the platform.
    pub version: String,
    /// The toolchain's folder.
    pub sysroot: PathBuf,
    /// The compiler itself, not rustup's proxy, which costs time at each call.
    pub rustc: PathBuf,
    found: PathBuf,
}

impl Toolchain {
    /// The toolchain for the crate at `root`: the one on the PATH there, else one in the usual places.
    ///
    /// # Errors
    /// When there is no compiler: a [`Missing`].
    pub fn find(root: &Path) -> Result<Toolchain> {
        let mut first = None;
        for rustc in std::iter::once(PathBuf::from(RUSTC)).chain(usual_places(RUSTC)) {
            match Toolchain::ask(&rustc, root) {
                Ok(toolchain) => return Ok(toolchain),
                Err(why) => first = first.or(Some(why)),
            }
        }
        Err(Missing::new(
            format!("rustc does not run: {}", first.unwrap_or_default()),
            "each cell of a notebook is compiled by it",
            GET_RUST,
        )
        .into())
    }

    /// The toolchain of this compiler.
    ///
    /// # Errors
    /// When it does not run.
    pub fn of(rustc: &Path) -> Result<Toolchain> {
        Toolchain::ask(rustc, Path::new("/")).map_err(anyhow::Error::msg)
    }

    /// The version and the platform of this compiler, from its own output.
    ///
    /// # Errors
    /// When it does not run.
    pub fn version_of(rustc: &Path) -> Result<String> {
        output_in(Path::new("/"), rustc, &["-vV"]).map_err(anyhow::Error::msg)
    }

    fn ask(rustc: &Path, folder: &Path) -> std::result::Result<Toolchain, String> {
        let version = output_in(folder, rustc, &["-vV"])?;
        let sysroot = output_in(folder, rustc, &["--print", "sysroot"])?;
        let sysroot = PathBuf::from(sysroot.trim());
        let own = program_in(&sysroot.join("bin"), RUSTC);
        Ok(Toolchain {
            version,
            sysroot,
            rustc: own.unwrap_or_else(|| rustc.to_owned()),
            found: rustc.to_owned(),
        })
    }

    /// The host platform, the default target.
    ///
    /// # Errors
    /// When the output of the compiler does not name it.
    pub fn host(&self) -> Result<&str> {
        let mut lines = self.version.lines();
        let host = lines.find_map(|line| line.strip_prefix("host: "));
        host.context("`rustc -vV` does not name its host")
    }

    /// The folder of its own libraries.
    ///
    /// # Errors
    /// When the compiler does not report it.
    pub fn libraries(&self) -> Result<PathBuf> {
        let arguments = ["--print", "target-libdir"];
        let told =
            output_in(Path::new("/"), &self.rustc, &arguments).map_err(anyhow::Error::msg)?;
        Ok(PathBuf::from(told.trim()))
    }

    /// The Cargo of the same toolchain.
    pub fn cargo(&self) -> PathBuf {
        let folders = [
            Some(self.sysroot.join("bin")),
            self.found.parent().map(Path::to_owned),
        ];
        let beside = folders
            .iter()
            .flatten()
            .find_map(|folder| program_in(folder, CARGO));
        let on_path = || is_on_path(CARGO).then(|| PathBuf::from(CARGO));
        let usual = || usual_places(CARGO).into_iter().next();
        beside
            .or_else(on_path)
            .or_else(usual)
            .unwrap_or_else(|| PathBuf::from(CARGO))
    }

    /// A command that runs Cargo with this compiler, whatever compiler the environment names.
    pub fn call_cargo(&self, folder: &Path) -> Command {
        let mut command = Command::new(self.cargo());
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let is_wanted = text == "CARGO_BUILD_JOBS" || text.ends_with("_LINKER");
            if !is_wanted && DISTURBING.iter().any(|start| text.starts_with(start)) {
                command.env_remove(&name);
            }
        }
        command
            .current_dir(folder)
            .env("RUSTC", &self.rustc)
            // An empty variable overrides the configuration file.
            .env("RUSTC_WRAPPER", "")
            .env("RUSTC_WORKSPACE_WRAPPER", "")
            .env("CARGO_TARGET_DIR", folder.join("target"))
            .env("CARGO_BUILD_BUILD_DIR", folder.join("target"))
            .env("RUSTFLAGS", "-Cprefer-dynamic")
            .env("RUST_BACKTRACE", "0");
        command
    }
}

const RUSTC: &str = "rustc";
const CARGO: &str = "cargo";

/// Prefixes of variables that change how or where Cargo compiles. Proxies, mirrors, `CARGO_HOME` and the like stay.
const DISTURBING: [&str; 10] = [
    "CARGO_BUILD_",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_INCREMENTAL",
    "CARGO_MANIFEST_",
    "CARGO_PROFILE_",
    "CARGO_TARGET_",
    "RUSTC",
    "RUSTDOC",
    "RUSTUP_TOOLCHAIN",
    "RUST_LIB_BACKTRACE",
];

/// The usual folders of rustup and Homebrew that have the program, best first.
fn usual_places(program: &str) -> Vec<PathBuf> {
    let home = std::env::home_dir().unwrap_or_default();
    let set = |variable: &str, usual: &str| {
        let set = std::env::var_os(variable).filter(|value| !value.is_empty());
        set.map_or_else(|| home.join(usual), PathBuf::from)
    };
    let toolchains = set("RUSTUP_HOME", ".rustup").join("toolchains");
    let toolchains = std::fs::read_dir(toolchains)
        .into_iter()
        .flatten()
        .flatten();
    let mut toolchains: Vec<PathBuf> = toolchains.map(|entry| entry.path().join("bin")).collect();
    let is_other = |folder: &PathBuf| !folder.to_string_lossy().contains("/stable-");
    toolchains.sort_by_key(|folder| (is_other(folder), folder.clone()));
    let mut folders = vec![set("CARGO_HOME", ".cargo").join("bin")];
    folders.extend(toolchains);
    if cfg!(target_os = "macos") {
        // Not on the PATH of a program that was started from the desktop.
        folders.push(PathBuf::from("/opt/homebrew/bin"));
    }
    folders
        .iter()
        .filter_map(|folder| program_in(folder, program))
        .collect()
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| program_in(&folder, program).is_some())
}

fn program_in(folder: &Path, program: &str) -> Option<PathBuf> {
    let path = folder.join(format!("{program}{}", std::env::consts::EXE_SUFFIX));
    path.is_file().then_some(path)
}
