//! Preflight checks before a kernel is built. Each failure says why the thing is needed and what to do.
//!
//! Parts: the toolchain and the linker here, `components` of the toolchain that rustup can fetch,
//! [`disk`], [`network`].

mod components;
pub mod disk;
pub mod network;

use std::fmt;
use std::io;
use std::path::Path;
use std::process::Command;

use super::toolchain::Toolchain;
use crate::notebook::Result;

pub use components::ComponentFinding;

/// The oldest compiler that this crate can be compiled with, such as `1.95`.
const OLDEST_RUST: &str = env!("CARGO_PKG_RUST_VERSION");
pub(super) const GET_RUST: &str = "install Rust from https://rustup.rs and open a new terminal";

pub(crate) const GET_CC: &str = "Debian, Ubuntu: `sudo apt install build-essential`; Fedora: `sudo dnf install gcc`; \
     macOS: `xcode-select --install`";

/// A failed check, an error in three parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What happened.
    pub what: String,
    /// Why it matters.
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

/// The result of [`check`].
#[derive(Debug, Clone)]
pub struct PreflightReport {
    /// The compiler, such as `rustc 1.95.0 (59807616e 2026-04-14)`.
    pub compiler: String,
    /// Components that were fetched, and missing ones that are optional.
    pub findings: Vec<ComponentFinding>,
}

/// Checks the toolchain for the crate at `root` and the linker, and fetches through rustup what completion needs.
///
/// # Errors
/// The first missing thing that is required: a [`Missing`].
pub fn check(root: &Path) -> Result<PreflightReport> {
    supported()?;
    let toolchain = Toolchain::find(root)?;
    can_build(&toolchain)?;
    Ok(PreflightReport {
        compiler: compiler(&toolchain).to_owned(),
        findings: components::check(&toolchain.sysroot),
    })
}

/// Checks that prebuilt dependencies can be built with this toolchain.
///
/// # Errors
/// The first missing thing: a [`Missing`].
pub fn can_build(toolchain: &Toolchain) -> Result<()> {
    new_enough(compiler(toolchain))?;
    let cargo = toolchain.cargo();
    output_in(Path::new("/"), &cargo, &["--version"]).map_err(|why| {
        Missing::new(
            format!("cargo does not run: {why}"),
            "cargo builds what every lesson links",
            GET_RUST,
        )
    })?;
    linker()
}

fn compiler(toolchain: &Toolchain) -> &str {
    toolchain.version.lines().next().unwrap_or_default()
}

/// Fails on systems that the kernel does not support.
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

/// Checks that every user of this machine can read the toolchain.
///
/// # Errors
/// When other users cannot enter a folder on the path to it.
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
    #[cfg(not(unix))]
    let _ = sysroot;
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

/// The leading numeric parts of a version.
fn numbers(version: &str) -> Vec<u32> {
    let plain = version.split('-').next().unwrap_or_default();
    plain
        .split('.')
        .map_while(|part| part.parse().ok())
        .collect()
}

/// Checks for `cc`, which rustc calls to link.
fn linker() -> Result<()> {
    if let Err(why) = output("cc", &["--version"]) {
        return Err(Missing::new(
            format!("no C compiler is found: {why}"),
            "Rust calls it to link programs, and one of the crates below has parts in C",
            GET_CC,
        )
        .into());
    }
    Ok(())
}

/// The output of a program, or a short reason why there is none.
pub(crate) fn output(program: &str, arguments: &[&str]) -> std::result::Result<String, String> {
    output_of(Command::new(program).args(arguments))
}

/// The same, run in this folder.
pub(super) fn output_in(
    folder: &Path,
    program: &Path,
    arguments: &[&str],
) -> std::result::Result<String, String> {
    output_of(Command::new(program).args(arguments).current_dir(folder))
}

fn output_of(command: &mut Command) -> std::result::Result<String, String> {
    // The message is for the learner, who does not need rustup's backtrace.
    let silent = ["RUST_BACKTRACE", "RUST_LIB_BACKTRACE"];
    let command = command.envs(silent.map(|name| (name, "0")));
    let output = command.output();
    let program = command.get_program().to_string_lossy();
    let output = output.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound if program.contains('/') => format!("{program} is not there"),
        io::ErrorKind::NotFound => format!("`{program}` is not on the PATH"),
        _ => format!("`{program}` does not start ({error})"),
    })?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let arguments: Vec<_> = command
            .get_args()
            .map(|one| one.to_string_lossy())
            .collect();
        return Err(format!(
            "`{program} {}` failed ({})",
            arguments.join(" "),
            words.trim()
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
