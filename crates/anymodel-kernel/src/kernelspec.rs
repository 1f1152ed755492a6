//! The kernelspec: the file through which Jupyter finds and starts a kernel.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::notebook::Result;
use crate::notebook::document::write_whole;

/// The default name of the kernel.
pub const NAME: &str = "anymodel";
const FILE: &str = "kernel.json";
/// Marks a kernelspec as this project's, so that no other one is ever removed or overwritten.
const OURS: &str = "anymodel";

/// Writes the kernelspec `name` into the folder of kernelspecs `dir` and returns its folder.
///
/// # Errors
/// When Jupyter does not accept `name`, when a kernel of another program has that name, and when
/// the folder cannot be written.
pub fn install(dir: &Path, name: &str, program: &Path, root: &Path) -> Result<PathBuf> {
    may_install(dir, name)?;
    let own = dir.join(name);
    let display = if name == NAME {
        "Rust (anymodel)".to_owned()
    } else {
        format!("Rust ({name})")
    };
    let spec = json!({
        "argv": [program, "kernel", "start", "--crate-path", root, "--control_file", "{connection_file}"],
        "display_name": display,
        "language": "rust",
        "interrupt_mode": "message",
        "metadata": { OURS: { "version": env!("CARGO_PKG_VERSION"), "crate": root } },
    });
    fs::create_dir_all(&own)
        .with_context(|| format!("the folder {} cannot be made", own.display()))?;
    let text = format!("{}\n", serde_json::to_string_pretty(&spec)?);
    write_whole(&own.join(FILE), text.as_bytes())?;
    Ok(own)
}

/// Checks that a kernelspec `name` may be written into `dir`.
///
/// # Errors
/// When Jupyter does not accept `name`, or a kernel of another program has it.
pub fn may_install(dir: &Path, name: &str) -> Result<()> {
    check_name(name)?;
    let own = dir.join(name);
    if own.join(FILE).exists() && !is_ours(&own) {
        bail!(
            "a kernel named `{name}` of another program is already in {}; choose another `--name`",
            own.display()
        );
    }
    Ok(())
}

/// Removes the kernelspec `name`; returns whether there was one.
///
/// # Errors
/// When it belongs to another program, or cannot be removed.
pub fn uninstall(dir: &Path, name: &str) -> Result<bool> {
    check_name(name)?;
    let own = dir.join(name);
    if !own.join(FILE).exists() {
        return Ok(false);
    }
    if !is_ours(&own) {
        bail!(
            "the kernel in {} belongs to another program; it was left alone",
            own.display()
        );
    }
    fs::remove_dir_all(&own).with_context(|| format!("{} cannot be removed", own.display()))?;
    Ok(true)
}

/// An installed kernelspec of this project.
#[derive(Debug, Clone)]
pub struct Installed {
    /// Its folder.
    pub dir: PathBuf,
    /// The program it starts.
    pub program: PathBuf,
    /// The crate it was installed for.
    pub root: PathBuf,
}

/// The kernelspec `name` in `dir`, when it exists and is this project's.
pub fn installed(dir: &Path, name: &str) -> Option<Installed> {
    let dir = dir.join(name);
    let spec = read(&dir)?;
    Some(Installed {
        program: PathBuf::from(spec["argv"][0].as_str()?),
        root: PathBuf::from(spec["metadata"][OURS]["crate"].as_str()?),
        dir,
    })
}

fn is_ours(dir: &Path) -> bool {
    read(dir).is_some_and(|spec| spec["metadata"][OURS].is_object())
}

fn read(dir: &Path) -> Option<Value> {
    serde_json::from_str(&fs::read_to_string(dir.join(FILE)).ok()?).ok()
}

/// Checks a name by Jupyter's rule for kernel names.
fn check_name(name: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() || name.starts_with('.') || !name.chars().all(fits) {
        bail!("`{name}` cannot be a kernel's name: use letters, digits, `-`, `_` and `.`");
    }
    Ok(())
}
