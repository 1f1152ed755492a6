//! What compiles and runs a cell: the compiler, the crates that a cell can name, and the runner.
//!
//! The three small crates in `cells/runtime/` are compiled with the template, by the compiler that will
//! compile the cells: they share its standard library.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use tokio::process::Command;

use super::build::{Compiled, GIVEN};
use super::preflight;
use crate::notebook::Result;

/// Crates of ours that every cell can link.
pub const RUNTIME: [(&str, &str); 3] = [
    ("anymodel_cell", include_str!("cells/runtime/cell.rs")),
    ("anymodel_task", include_str!("cells/runtime/task.rs")),
    ("runner", include_str!("cells/runtime/runner.rs")),
];

/// What is needed to compile and run a cell.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tools {
    /// The compiler itself, not rustup's stand-in for it, which costs time at each call.
    pub rustc: PathBuf,
    /// Where the compiler's own libraries are.
    pub sysroot_lib: PathBuf,
    /// The program that runs cells.
    pub runner: PathBuf,
    /// Where the libraries of cells find those they link.
    pub lib: PathBuf,
    /// Crates that a cell can name.
    pub crates: BTreeMap<String, Extern>,
    /// Crates that the types of variables may name, and cells may not.
    pub hidden: BTreeMap<String, PathBuf>,
    /// Folders with the crates below those.
    pub search: Vec<PathBuf>,
}

/// A compiled crate that a cell can name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extern {
    /// The library or its metadata.
    pub path: PathBuf,
    /// The features it was compiled with.
    #[serde(default)]
    pub features: Vec<String>,
}

/// Compiles the crates of ours that every cell links, and the runner.
///
/// # Errors
/// When one of them does not compile.
pub async fn compile(dir: &Path, compiled: &Compiled) -> Result<Tools> {
    let rustc = preflight::rustc()?;
    let sysroot_lib = preflight::sysroot_lib()?;
    let lib = dir.join("lib");
    fs::create_dir_all(&lib)?;
    let mut tools = Tools {
        rustc,
        sysroot_lib,
        runner: lib.join("runner"),
        lib: lib.clone(),
        crates: BTreeMap::new(),
        hidden: BTreeMap::new(),
        search: compiled.search.clone(),
    };
    tools.search.push(lib.clone());
    for name in GIVEN {
        let known = compiled.crates.get(name);
        let known =
            known.with_context(|| format!("cargo did not say where the crate {name} is"))?;
        tools.crates.insert(name.to_owned(), known.clone());
    }
    for (name, text) in RUNTIME {
        let source = lib.join(format!("{name}.rs"));
        fs::write(&source, text)?;
        let kind = if name == "runner" { "bin" } else { "dylib" };
        let mut command = Command::new(&tools.rustc);
        command
            .arg(&source)
            .args([
                "--crate-name",
                name,
                "--crate-type",
                kind,
                "--edition",
                "2024",
            ])
            .args(["-Copt-level=1", "--out-dir"])
            .arg(&lib)
            .args(tools.linking())
            .args(tools.externs());
        let output = command.output().await.context("rustc does not start")?;
        if !output.status.success() {
            bail!(
                "the crate {name} does not compile\n{}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        if kind == "dylib" {
            let file = format!(
                "{}{name}{}",
                std::env::consts::DLL_PREFIX,
                std::env::consts::DLL_SUFFIX
            );
            let made = Extern {
                path: lib.join(file),
                features: Vec::new(),
            };
            tools.crates.insert(name.to_owned(), made);
        }
    }
    tools.hidden = compiled.hidden(&tools.crates);
    Ok(tools)
}

impl Tools {
    /// The compiler's arguments that name the crates a program may use.
    pub fn externs(&self) -> Vec<String> {
        let crates = self.crates.iter().map(|(name, known)| {
            [
                "--extern".to_owned(),
                format!("{name}={}", known.path.display()),
            ]
        });
        let search = self
            .search
            .iter()
            .map(|dir| ["-L".to_owned(), format!("dependency={}", dir.display())]);
        crates.chain(search).flatten().collect()
    }

    /// The compiler's arguments that make a program link dynamically, and find at run time what it links.
    pub fn linking(&self) -> Vec<String> {
        let mut dirs: BTreeSet<PathBuf> =
            BTreeSet::from([self.sysroot_lib.clone(), self.lib.clone()]);
        dirs.extend(
            self.crates
                .values()
                .filter_map(|known| Some(known.path.parent()?.to_owned())),
        );
        let paths = dirs
            .iter()
            .map(|dir| format!("-Clink-arg=-Wl,-rpath,{}", dir.display()));
        ["-Cprefer-dynamic".to_owned()]
            .into_iter()
            .chain(paths)
            .collect()
    }
}
