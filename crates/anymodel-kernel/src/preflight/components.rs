//! Check of optional toolchain components: completion needs them, the kernel does not.
//!
//! Cells compile and run without them, so a class without a network can go on. They are
//! fetched through rustup where it is installed.

use std::path::Path;
use std::process::{Command, Stdio};

use super::{Missing, output};

/// The result for a component that was missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComponentFinding {
    /// rustup fetched the component of this name.
    Added(&'static str),
    /// It is still missing, with the consequence.
    Missing(Missing),
}

/// The sources of the standard library, relative to the toolchain's folder.
const STD_SOURCES: &str = "lib/rustlib/src/rust/library/std/src/lib.rs";

/// Checks both components, and fetches what is missing.
pub(super) fn check(sysroot: &Path) -> Vec<ComponentFinding> {
    let sources = || {
        let told = std::env::var_os("RUST_SRC_PATH")
            .is_some_and(|folder| Path::new(&folder).join("std/src/lib.rs").exists());
        told || sysroot.join(STD_SOURCES).exists()
    };
    // rustup puts a proxy on the PATH that only says that the component is missing.
    let analyzer = || {
        sysroot.join("bin/rust-analyzer").is_file()
            || output("rust-analyzer", &["--version"]).is_ok()
    };
    let mut findings = Vec::new();
    findings.extend(ensure("rust-src", sources, || {
        Missing::new(
            "the sources of the standard library are missing",
            "without them completion does not know `Vec`, `String` and the rest; cells run all the same",
            "`rustup component add rust-src`; without rustup: your distribution's package `rust-src`, or \
             RUST_SRC_PATH set to the folder `library` of Rust's sources",
        )
    }));
    findings.extend(ensure("rust-analyzer", analyzer, || {
        Missing::new(
            "rust-analyzer is missing",
            "without it there is no completion with the Tab key; cells run all the same",
            "`rustup component add rust-analyzer`; without rustup: your distribution's package `rust-analyzer`",
        )
    }));
    findings
}

fn ensure(
    component: &'static str,
    is_there: impl Fn() -> bool,
    missing: impl Fn() -> Missing,
) -> Option<ComponentFinding> {
    if is_there() {
        return None;
    }
    let added = Command::new("rustup")
        .args(["component", "add", component])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if added.is_ok_and(|status| status.success()) && is_there() {
        return Some(ComponentFinding::Added(component));
    }
    Some(ComponentFinding::Missing(missing()))
}
