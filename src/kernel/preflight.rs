//! What must be there before a kernel can be built, each with why it is needed and what to do when it is not.
//!
//! Parts: the toolchain and the linker here, `components` of the toolchain that are fetched when they can be,
//! [`disk`], [`network`].

mod components;
pub mod disk;
pub mod network;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::notebook::Result;

pub use components::Finding;

/// The oldest compiler that this crate can be compiled with, such as `1.95`.
const OLDEST_RUST: &str = env!("CARGO_PKG_RUST_VERSION");
const GET_RUST: &str = "install Rust from https://rustup.rs and open a new terminal";

/// Something that is needed and is not there: an error in three parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What happened.
    pub what: String,
    /// Why that is in the way.
    pub why: String,
    /// What to do next.
    pub hint: String,
}

impl Missing {
    /// The three parts, each one sentence without a full stop.
    pub fn new(
        what: impl Into<String>,
        why: impl Into<String>,
        hint: impl Into<String>,
    ) -> Missing {
        Missing {
            what: what.into(),
            why: why.into(),
            hint: hint.into(),
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\nwhy: {}\nhint: {}", self.what, self.why, self.hint)
    }
}

impl std::error::Error for Missing {}

/// What [`check`] found.
#[derive(Debug, Clone)]
pub struct Report {
    /// The compiler, such as `rustc 1.95.0 (59807616e 2026-04-14)`.
    pub compiler: String,
    /// What was fetched, and what is missing but can be done without.
    pub findings: Vec<Finding>,
}

/// Checks the toolchain and the linker, and fetches through rustup what completion needs.
///
/// # Errors
/// The first thing that is missing and that nothing works without: a [`Missing`].
pub fn check() -> Result<Report> {
    supported()?;
    let toolchain = toolchain()?;
    let compiler = toolchain.lines().next().unwrap_or_default().to_owned();
    new_enough(&compiler)?;
    output("cargo", &["--version"]).map_err(|why| {
        Missing::new(
            format!("cargo does not run: {why}"),
            "cargo builds what every lesson links",
            GET_RUST,
        )
    })?;
    linker()?;
    Ok(Report {
        compiler,
        findings: components::check(&sysroot()?),
    })
}

/// What `rustc -vV` says: the version and the platform of the compiler.
///
/// # Errors
/// When there is no compiler.
pub fn toolchain() -> Result<String> {
    ask_rustc(&["-vV"])
}

/// What that compiler says of itself, as [`toolchain`].
///
/// # Errors
/// When it does not run.
pub fn toolchain_of(rustc: &Path) -> Result<String> {
    output(&rustc.display().to_string(), &["-vV"]).map_err(anyhow::Error::msg)
}

fn ask_rustc(arguments: &[&str]) -> Result<String> {
    Ok(output("rustc", arguments).map_err(|why| {
        Missing::new(
            format!("rustc does not run: {why}"),
            "each cell of a notebook is compiled by it",
            GET_RUST,
        )
    })?)
}

/// The platform that the compiler compiles for when it is not told.
///
/// # Errors
/// When there is no compiler, or it does not say.
pub fn host() -> Result<String> {
    let version = toolchain()?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host
        .context("`rustc -vV` does not name its host")?
        .to_owned())
}

/// The compiler itself, not rustup's stand-in for it.
///
/// # Errors
/// When there is no compiler.
pub fn rustc() -> Result<PathBuf> {
    let own = sysroot()?
        .join("bin")
        .join(format!("rustc{}", std::env::consts::EXE_SUFFIX));
    Ok(if own.exists() {
        own
    } else {
        PathBuf::from("rustc")
    })
}

/// Where the compiler's own libraries are.
///
/// # Errors
/// When there is no compiler.
pub fn sysroot_lib() -> Result<PathBuf> {
    Ok(PathBuf::from(
        ask_rustc(&["--print", "target-libdir"])?.trim(),
    ))
}

/// The folder of the toolchain that `rustc` belongs to.
///
/// # Errors
/// When the compiler cannot tell.
pub fn sysroot() -> Result<PathBuf> {
    Ok(PathBuf::from(ask_rustc(&["--print", "sysroot"])?.trim()))
}

/// Fails on systems on which the kernel does not run.
///
/// # Errors
/// On Windows.
pub fn supported() -> Result<()> {
    if cfg!(windows) {
        return Err(Missing::new(
            "the course's kernel does not run on Windows yet",
            "it tells apart what a cell prints by means that only Unix has",
            "use the Windows Subsystem for Linux: `wsl --install`, then everything as on Ubuntu; the programs \
             (`cargo run --example basic_call`) run on Windows itself",
        )
        .into());
    }
    Ok(())
}

/// Checks that every user of this machine may read the toolchain.
///
/// # Errors
/// When a folder on the way to it is closed to others.
pub fn open_to_all(sysroot: &Path) -> Result<()> {
    #[cfg(unix)]
    for folder in sysroot.ancestors() {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder)?.permissions().mode();
        if mode & 0o001 == 0 {
            return Err(Missing::new(
                format!(
                    "other users cannot read the toolchain in {}",
                    sysroot.display()
                ),
                format!(
                    "each student's kernel calls this compiler, and {} is closed to them",
                    folder.display()
                ),
                "install Rust in a folder for all, such as /opt/rust: docs/classroom.md tells how",
            )
            .into());
        }
    }
    Ok(())
}

fn new_enough(compiler: &str) -> Result<()> {
    let version = compiler.split_whitespace().nth(1).unwrap_or_default();
    if numbers(version) < numbers(OLDEST_RUST) {
        return Err(Missing::new(
            format!("rustc is version {version}, and {OLDEST_RUST} is the oldest that will do"),
            "the crate uses parts of the language that older compilers do not know",
            "`rustup update stable`; without rustup: a newer package of your distribution, or https://rustup.rs",
        )
        .into());
    }
    Ok(())
}

/// The leading numbers of a version, as far as they are numbers.
fn numbers(version: &str) -> Vec<u32> {
    let plain = version.split('-').next().unwrap_or_default();
    plain
        .split('.')
        .map_while(|part| part.parse().ok())
        .collect()
}

/// `cc` is what rustc calls to link.
fn linker() -> Result<()> {
    if let Err(why) = output("cc", &["--version"]) {
        return Err(Missing::new(
            format!("no C compiler is found: {why}"),
            "Rust calls it to link programs, and one of the crates below has parts in C",
            "Debian, Ubuntu: `sudo apt install build-essential`; Fedora: `sudo dnf install gcc`; \
             macOS: `xcode-select --install`",
        )
        .into());
    }
    Ok(())
}

/// What a program prints, or in a few words why it printed nothing.
pub(crate) fn output(program: &str, arguments: &[&str]) -> std::result::Result<String, String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => format!("`{program}` is not on the PATH"),
            _ => format!("`{program}` does not start ({error})"),
        })?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "`{program} {}` failed ({})",
            arguments.join(" "),
            words.trim()
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
