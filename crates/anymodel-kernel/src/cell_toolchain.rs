//! Toolchain for cells: the compiler, the crates that a cell can name, and the runner.
//!
//! All crates that lessons name are linked into one dynamic library, [`LESSON`]. A cell is compiled against the file of
//! the crate that it names and is linked with this library. So linking is quick, and all cells share one tokio and
//! one copy of each static.
//!
//! The three small crates in `cells/runtime/` are compiled with the prebuilt dependencies, by the compiler that will
//! compile the cells: they share its standard library.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use tokio::process::Command;

use super::artifacts::CompiledCrate;
use super::build::GIVEN;
use super::toolchain::Toolchain;
use crate::notebook::Result;

/// The dynamic library of all [`GIVEN`] crates and what they depend on.
pub const LESSON: &str = "lesson";

/// The name of the crate that every cell links.
pub const STORE: &str = "anymodel_cell";

/// This project's crates that every cell can link.
pub const RUNTIME: [(&str, &str); 3] = [
    (STORE, include_str!("cells/runtime/cell.rs")),
    ("anymodel_task", include_str!("cells/runtime/task.rs")),
    ("runner", include_str!("cells/runtime/runner.rs")),
];

/// The modules of the runner.
pub const MODULES: [(&str, &str); 3] = [
    ("allocator", include_str!("cells/runtime/allocator.rs")),
    ("children", include_str!("cells/runtime/children.rs")),
    ("park", include_str!("cells/runtime/park.rs")),
];

/// The compiler, crates and runner that a cell needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CellToolchain {
    /// The compiler itself, not rustup's proxy, which costs time at each call.
    pub rustc: PathBuf,
    /// Where the compiler's own libraries are.
    pub sysroot_lib: PathBuf,
    /// The program that runs cells.
    pub runner: PathBuf,
    /// The folder in which the libraries of cells find the libraries that they link.
    pub lib: PathBuf,
    /// The newest dynamic library of the crates that a cell can name; it links the older ones.
    pub library: Library,
    /// Crates that a cell can name.
    pub crates: BTreeMap<String, Extern>,
    /// Crates that appear in the types of variables but that a cell cannot name.
    pub hidden: BTreeMap<String, PathBuf>,
    /// Folders with the dependencies of those crates.
    pub search: Vec<PathBuf>,
    /// Linker arguments from build scripts, as arguments of the compiler.
    #[serde(default)]
    pub native: Vec<String>,
}

/// A compiled crate (rustc's `--extern`) that a cell can name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extern {
    /// The library or its metadata.
    pub path: PathBuf,
    /// Its version.
    #[serde(default)]
    pub version: String,
    /// The features it was compiled with.
    #[serde(default)]
    pub features: Vec<String>,
    /// Whether it consists of procedural macros, which are never linked.
    #[serde(default)]
    pub is_macro: bool,
}

impl Extern {
    /// The crate's own name, from the name of its file: `librand-0123456789abcdef.rlib`.
    pub fn name(&self) -> String {
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
        let stem = stem.strip_prefix("lib").unwrap_or(&stem);
        stem.split('-').next().unwrap_or_default().to_owned()
    }
}

/// Links the dynamic library of the lessons' crates, and compiles this project's crates and the runner, into `lib`.
///
/// # Errors
/// When one of them does not compile.
pub async fn compile(
    toolchain: &Toolchain,
    lib: &Path,
    compiled: &CompiledCrate,
) -> Result<CellToolchain> {
    fs::create_dir_all(lib).with_context(|| format!("{} cannot be written", lib.display()))?;
    let mut tools = CellToolchain {
        rustc: toolchain.rustc.clone(),
        sysroot_lib: toolchain.libraries()?,
        runner: lib.join("runner"),
        lib: lib.to_owned(),
        library: Library::new(lib, LESSON),
        crates: BTreeMap::new(),
        hidden: BTreeMap::new(),
        search: compiled.search.clone(),
        native: compiled.native.clone(),
    };
    tools.search.push(lib.to_owned());
    for name in GIVEN {
        let known = compiled.named.get(name);
        let known =
            known.with_context(|| format!("cargo did not say where the crate {name} is"))?;
        tools.crates.insert(name.to_owned(), known.clone());
    }
    let lesson = tools.library.name.clone();
    tools
        .make(lib, &lesson, "dylib", &links(GIVEN), &[])
        .await?;
    for (name, text) in MODULES {
        fs::write(lib.join(format!("{name}.rs")), text)?;
    }
    for (name, text) in RUNTIME {
        let kind = if name == "runner" { "bin" } else { "dylib" };
        tools.make(lib, name, kind, text, &[]).await?;
        if kind == "dylib" {
            let made = Extern {
                path: Library::new(lib, name).path,
                ..Extern::default()
            };
            tools.crates.insert(name.to_owned(), made);
        }
    }
    tools.hidden = compiled.hidden(&tools.crates);
    Ok(tools)
}

/// The source of a library that links these crates and exports nothing itself.
pub fn links<'a>(crates: impl IntoIterator<Item = &'a str>) -> String {
    let lines = crates
        .into_iter()
        .map(|name| format!("extern crate {name} as _;\n"));
    lines.collect()
}

/// The dynamic library that holds all crates a cell can name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// Its name as a crate.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
}

impl Library {
    /// The library `name` in the folder `dir`.
    pub fn new(dir: &Path, name: &str) -> Library {
        let (before, behind) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        Library {
            name: name.to_owned(),
            path: dir.join(format!("{before}{name}{behind}")),
        }
    }
}

impl CellToolchain {
    /// Links a dynamic library of these crates into the folder `lib`.
    ///
    /// # Errors
    /// As `make`.
    pub async fn link(&self, lib: &Path, name: &str, crates: &[String]) -> Result<()> {
        let text = links(crates.iter().map(String::as_str));
        // The compiler hides C functions, and cells may call them. GNU ld takes only one such file.
        let all = lib.join("all.ver");
        fs::write(&all, "{ global: *; };\n")
            .with_context(|| format!("{} cannot be written", all.display()))?;
        let show = format!("-Clink-arg=-Wl,--version-script={}", all.display());
        let shown = cfg!(target_os = "linux")
            && self.make(lib, name, "dylib", &text, &[show]).await.is_ok();
        if shown {
            return Ok(());
        }
        self.make(lib, name, "dylib", &text, &[]).await
    }

    /// Compiles one of this project's crates, whose source is `text`, into the folder `lib`.
    ///
    /// # Errors
    /// When it does not compile, or the folder cannot be written.
    async fn make(
        &self,
        lib: &Path,
        name: &str,
        kind: &str,
        text: &str,
        more: &[String],
    ) -> Result<()> {
        let source = lib.join(format!("{name}.rs"));
        fs::write(&source, text)
            .with_context(|| format!("{} cannot be written", source.display()))?;
        let mut command = Command::new(&self.rustc);
        command
            .arg(&source)
            .args(["--crate-name", name, "--crate-type", kind])
            .args(["--edition", "2024", "-Copt-level=1", "--out-dir"])
            .arg(lib)
            .args(self.linking())
            .args(self.externs())
            .args(&self.native)
            .args(more);
        if name != self.library.name {
            command.args(self.library_extern());
        }
        // Access to a crate that no cell can name needs an unstable option of the compiler.
        command
            .arg("-Zunstable-options")
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUST_BACKTRACE", "0")
            .current_dir(lib);
        let output = command.output().await.context("rustc does not start")?;
        if !output.status.success() {
            bail!(
                "the crate {name} does not compile\n{}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(())
    }

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

    /// The compiler's arguments that name the dynamic library of all crates.
    pub fn library_extern(&self) -> [String; 2] {
        let Library { name, path } = &self.library;
        [
            "--extern".to_owned(),
            format!("noprelude:{name}={}", path.display()),
        ]
    }

    /// The compiler's arguments for dynamic linking, with the run-time search path.
    pub fn linking(&self) -> Vec<String> {
        let mut dirs: BTreeSet<&Path> = BTreeSet::from([&*self.sysroot_lib, &*self.lib]);
        dirs.extend(self.library.path.parent());
        let paths = dirs
            .iter()
            .map(|dir| format!("-Clink-arg=-Wl,-rpath,{}", dir.display()));
        ["-Cprefer-dynamic".to_owned()]
            .into_iter()
            .chain(paths)
            .collect()
    }
}
