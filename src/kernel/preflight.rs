//! What must be there before a template can be built, each with what to do when it is not.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::notebook::Result;

/// Where a toolchain keeps the sources of the standard library, below its own folder.
const STD_SOURCES: &str = "lib/rustlib/src/rust/library/std/src/lib.rs";

/// Checks the toolchain, the linker and the sources of the standard library, and fetches the last
/// through rustup when they are missing. What it does is written to standard error.
///
/// # Errors
/// The first thing that is missing, with the command that gets it.
pub fn check() -> Result<()> {
    let version = toolchain()?;
    eprintln!("toolchain: {}", version.lines().next().unwrap_or_default());
    output("cargo", &["--version"]).context(
        "cargo does not run; install Rust from https://rustup.rs and open a new terminal",
    )?;
    linker()?;
    standard_library()
}

/// What `rustc -vV` says: the version and the platform of the compiler.
///
/// # Errors
/// When there is no compiler.
pub fn toolchain() -> Result<String> {
    output("rustc", &["-vV"])
        .context("rustc does not run; install Rust from https://rustup.rs and open a new terminal")
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
    let sysroot = PathBuf::from(output("rustc", &["--print", "sysroot"])?.trim());
    let own = sysroot
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
        output("rustc", &["--print", "target-libdir"])?.trim(),
    ))
}

fn linker() -> Result<()> {
    if cfg!(windows) {
        return Ok(()); // rustc finds Visual Studio's linker without a path
    }
    let found = ["cc", "gcc", "clang"]
        .iter()
        .any(|name| output(name, &["--version"]).is_ok());
    if !found {
        bail!(
            "no C compiler is found, and Rust needs one to link\n\
             hint: Debian, Ubuntu: `sudo apt install build-essential`; Fedora: `sudo dnf install gcc`; \
             macOS: `xcode-select --install`"
        );
    }
    Ok(())
}

fn standard_library() -> Result<()> {
    let sysroot = PathBuf::from(output("rustc", &["--print", "sysroot"])?.trim());
    if let Some(told) = std::env::var_os("RUST_SRC_PATH").map(PathBuf::from) {
        if told.join("std/src/lib.rs").exists() {
            return Ok(());
        }
        bail!(
            "RUST_SRC_PATH is {}, which holds no std/src/lib.rs; it must be the folder `library` of Rust's sources",
            told.display()
        );
    }
    if sysroot.join(STD_SOURCES).exists() {
        return Ok(());
    }
    eprintln!(
        "the sources of the standard library are missing: running `rustup component add rust-src`"
    );
    let added = Command::new("rustup")
        .args(["component", "add", "rust-src"])
        .status();
    if added.is_ok_and(|status| status.success()) && sysroot.join(STD_SOURCES).exists() {
        return Ok(());
    }
    bail!("{}", without_sources(&sysroot))
}

fn without_sources(sysroot: &Path) -> String {
    format!(
        "the kernel needs the sources of the standard library to learn the types of variables\n\
         expected: {}\n\
         hint: `rustup component add rust-src`; without rustup install your distribution's package \
         (`rust-src`), or unpack Rust's sources and set RUST_SRC_PATH to their folder `library`",
        sysroot.join(STD_SOURCES).display()
    )
}

fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => anyhow::anyhow!("`{program}` is not found on the PATH"),
            _ => anyhow::anyhow!("`{program}` does not start: {error}"),
        })?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!(
            "`{program} {}` failed: {}",
            arguments.join(" "),
            words.trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
