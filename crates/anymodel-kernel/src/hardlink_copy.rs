//! Copy of a folder by hard links: a private copy of the prebuilt dependencies in a fraction of a second.
//!
//! Compiled libraries are large and never change in place: compilers and Cargo write a new file and
//! rename it. So the copy shares them by hard links. All other files are small and are copied
//! with their modification time, because Cargo decides by it what is up to date.

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::notebook::Result;

/// File name extensions of the files that are shared.
const SHARED: [&str; 5] = ["rlib", "rmeta", "so", "dylib", "a"];

/// Copies the folder `from` to `to`, which must not exist yet.
///
/// # Errors
/// When a file cannot be read or written; what was copied so far stays.
pub fn clone_dir(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)
        .with_context(|| format!("the folder {} cannot be made", to.display()))?;
    let entries =
        fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let (old, new) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            clone_dir(&old, &new)?;
        } else if !(is_shared(&old) && fs::hard_link(&old, &new).is_ok()) {
            copy(&old, &new).with_context(|| format!("{} cannot be copied", old.display()))?;
        }
    }
    Ok(())
}

fn is_shared(file: &Path) -> bool {
    let extension = file.extension().and_then(|extension| extension.to_str());
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    extension.is_some_and(|extension| SHARED.contains(&extension))
        || name.starts_with("build-script-")
        || name.starts_with("build_script_")
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::copy(from, to)?;
    let changed = fs::metadata(from)?.modified()?;
    let file = fs::File::options().write(true).open(to)?;
    file.set_modified(changed)
}
