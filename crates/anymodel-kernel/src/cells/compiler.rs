//! Compiler invocation: one call of `rustc` for one cell.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Context;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

use super::dependencies::Linked;
use crate::NOTEBOOK_CRATE;
use crate::notebook::Result;
use crate::notebook::process::ProcessGroup;

/// What the compiler is to produce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompileTarget {
    /// Only a syntax check, without name resolution.
    Form,
    /// Only a check, including code generation.
    Check,
    /// A library to load.
    Library,
    /// A library, and the types of the variables that it puts into the store.
    LibraryAndTypes,
    /// The text with its macros expanded.
    Expanded,
}

/// The compiler's output for a cell.
#[derive(Debug)]
pub struct CompiledCell {
    /// Whether it succeeded.
    pub success: bool,
    /// The library.
    pub library: PathBuf,
    /// MIR or macro expansion, when it was asked for.
    pub text: String,
    /// The compiler's messages: one JSON object a line.
    pub messages: String,
}

/// Compiles the file `source` with these unstable features. Dropping the future kills the compiler and its children.
///
/// # Errors
/// When the compiler does not run.
pub async fn compile(
    linked: &Linked,
    source: &Path,
    want: CompileTarget,
    features: &str,
) -> Result<CompiledCell> {
    let text = tokio::fs::read_to_string(source).await?;
    let library = source.with_extension(std::env::consts::DLL_EXTENSION);
    let mir = source.with_extension("mir");
    let emit = match want {
        CompileTarget::Form | CompileTarget::Check => {
            format!("--emit=obj={}", source.with_extension("o").display())
        }
        CompileTarget::Library => format!("--emit=link={}", library.display()),
        CompileTarget::LibraryAndTypes => {
            format!("--emit=link={},mir={}", library.display(), mir.display())
        }
        CompileTarget::Expanded => format!("-o{}", mir.display()),
    };
    let mut command = Command::new(&linked.tools.rustc);
    command
        .arg(source)
        .args([
            "--crate-name",
            NOTEBOOK_CRATE,
            "--crate-type",
            "cdylib",
            "--edition",
            "2024",
        ])
        .args(["--error-format=json", &emit])
        // Temporary files go there, too: in the current folder, two kernels would share them.
        .arg("--out-dir")
        .arg(source.parent().unwrap_or(Path::new(".")))
        .args([
            "-Copt-level=0",
            "-Cdebug-assertions=on",
            "-Cdebuginfo=line-tables-only",
        ])
        // Some errors are found only in code generation, which must include functions that are never called.
        .args((want == CompileTarget::Check).then_some("-Clink-dead-code"))
        .args((want == CompileTarget::Expanded).then_some("-Zunpretty=expanded"))
        .args(linked.arguments(&text))
        // Three options are unstable: full paths in types, crates that only
        // the engine may name, and stopping after parsing. Unstable features of the language stay off for
        // learners.
        .args([
            "-Ztrim-diagnostic-paths=no",
            &format!("-Zallow-features={features}"),
            "-Zunstable-options",
        ])
        // The names in `file!` and panics; the engine's own code keeps the file's name.
        .args([
            format!("--remap-path-prefix={}={}", source.display(), shown(source)),
            "--remap-path-scope=macro".to_owned(),
        ])
        .args((want == CompileTarget::Form).then_some("-Zparse-crate-root-only"))
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUST_BACKTRACE", "0")
        // The variables that Cargo sets for a package: macros read them.
        .env("CARGO_PKG_NAME", NOTEBOOK_CRATE)
        .env("CARGO_PKG_VERSION", "0.0.0")
        .envs(
            linked
                .package()
                .map(|folder| ("CARGO_MANIFEST_DIR", folder)),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    if std::env::current_dir().is_err()
        && let Some(folder) = source.parent()
    {
        // The notebook's folder was deleted, and the compiler does not start in a missing folder.
        command.current_dir(folder);
    }
    let mut group = ProcessGroup::spawn(&mut command).context("rustc does not start")?;
    let mut messages = Vec::new();
    if let Some(mut stderr) = group.take_stderr() {
        stderr.read_to_end(&mut messages).await?;
    }
    let status = group.wait().await?;
    let text = match want {
        CompileTarget::LibraryAndTypes | CompileTarget::Expanded if status.success() => {
            tokio::fs::read_to_string(&mir).await?
        }
        _ => String::new(),
    };
    Ok(CompiledCell {
        success: status.success(),
        library,
        text,
        messages: String::from_utf8_lossy(&messages).into_owned(),
    })
}

/// The name of a generated file as cells see it: `cell [7]` for `cell-7-0.rs`.
fn shown(source: &Path) -> String {
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    match cell_of(&name) {
        Some(cell) => format!("cell [{cell}]"),
        None => name.into_owned(),
    }
}

/// The cell of a generated file, from either of its two names.
pub(super) fn cell_of(file: &str) -> Option<u32> {
    let name = file.rsplit('/').next()?;
    let (number, _) = match name.strip_prefix("cell-") {
        Some(rest) => rest.split_once('-')?,
        None => name.strip_prefix("cell [")?.split_once(']')?,
    };
    number.parse().ok()
}
