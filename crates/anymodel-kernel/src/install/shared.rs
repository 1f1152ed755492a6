//! System-wide installation: one for all users of a machine, such as a JupyterHub.
//!
//! ```text
//! PREFIX/share/jupyter/kernels/anymodel/   the kernelspec
//! PREFIX/share/anymodel/bin/anymodel       the program that it starts
//! PREFIX/share/anymodel/crate/             the crate that cells are compiled against, lessons included
//! PREFIX/share/anymodel/lessons/           the lessons to hand out; their first cell names the crate above
//! PREFIX/share/anymodel/template/          the prebuilt dependencies, used in place
//! PREFIX/share/anymodel/shared.json        marks the folder as this project's
//! ```
//!
//! No kernel writes here, and no path points into the home folder of the installing user.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::json;

use super::{InstallOptions, Removed, remove};
use crate::notebook::Result;
use crate::notebook::document::write_whole;
use crate::progress::StepProgress;
use crate::toolchain::Toolchain;
use crate::{crate_source, kernelspec, paths, preflight};

/// The parts of the crate that are copied; Cargo requires the files that its manifest names.
const PARTS: [&str; 10] = [
    "Cargo.toml",
    "Cargo.lock",
    "src",
    "crates",
    "benches",
    "docs",
    "examples",
    "tests",
    "notebooks",
    "README.md",
];

/// Installs the kernel for all users below `prefix` and returns the kernelspec's folder.
///
/// # Errors
/// As [`super::install`], and when other users cannot read the toolchain.
pub async fn install(
    prefix: &Path,
    order: InstallOptions,
    steps: &StepProgress,
) -> Result<PathBuf> {
    preflight::supported()?;
    preflight::open_to_all(&Toolchain::find(&order.root)?.sysroot)?;
    let shared = paths::shared_dir(prefix);
    if shared.exists() && !is_ours(&shared) && fs::read_dir(&shared)?.next().is_some() {
        bail!(
            "{} exists and was not made by `kernel install --system`\n\
             hint: move it away, or choose another `--prefix`",
            shared.display()
        );
    }
    let root = paths::shared_crate(&shared);
    kernelspec::may_install(&order.kernelspecs, &order.name)?;
    let bring = async {
        fs::create_dir_all(&shared).with_context(|| {
            format!(
                "the folder {} cannot be made (as root: `sudo`)",
                shared.display()
            )
        })?;
        let mark = json!({ "version": env!("CARGO_PKG_VERSION") });
        write_whole(
            &shared.join(paths::SHARED_MARK),
            mark.to_string().as_bytes(),
        )?;
        bring_crate(&order.root, &root)?;
        if crate_source::is_stand_in(&root) {
            return Ok(());
        }
        hand_out(&root, &shared.join("lessons"))
    };
    steps
        .run(
            "The crate's sources for all users",
            "a second",
            || None,
            bring,
        )
        .await?;
    let shared_order = InstallOptions {
        root,
        program_dir: Some(shared.join("bin")),
        ..order
    };
    let own = super::install(&shared_order, steps).await?;
    open(&shared)?;
    open(&own)?;
    Ok(own)
}

/// Removes everything below `prefix` that [`install`] made.
///
/// # Errors
/// When it belongs to another program, or cannot be removed.
pub fn uninstall(prefix: &Path, name: &str) -> Result<Vec<Removed>> {
    let kernelspecs = paths::kernelspecs_dir(Some(prefix))?;
    let mut removed = Vec::new();
    if let Some((kernel, _)) = super::uninstall(&kernelspecs, name)? {
        removed.push(kernel);
    }
    let shared = paths::shared_dir(prefix);
    if is_ours(&shared) {
        removed.extend(remove("program, crate and template", &shared)?);
    }
    Ok(removed)
}

fn is_ours(shared: &Path) -> bool {
    shared.join(paths::SHARED_MARK).exists()
}

/// Copies the crate beside its final path, then renames it: an incomplete crate is never in use.
fn bring_crate(from: &Path, to: &Path) -> Result<()> {
    if from == to {
        return Ok(());
    }
    let beside = to.with_extension("new");
    remove("", &beside)?;
    fs::create_dir_all(&beside)
        .with_context(|| format!("the folder {} cannot be made", beside.display()))?;
    for part in PARTS {
        copy(&from.join(part), &beside.join(part))?;
    }
    remove("", to)?;
    fs::rename(&beside, to).with_context(|| format!("{} cannot be written", to.display()))
}

/// Writes the lessons for users outside the crate's folder: the first cell names the crate by its absolute path.
fn hand_out(root: &Path, to: &Path) -> Result<()> {
    let own = r#"path = \"../..\""#;
    let shared = format!(r#"path = \"{}\""#, root.display());
    let crates = format!("\"{}/crates/", root.display());
    remove("", to)?;
    copy(&root.join("notebooks"), to)?;
    for language in fs::read_dir(to)? {
        for lesson in fs::read_dir(language?.path())? {
            let lesson = lesson?.path();
            let text = fs::read_to_string(&lesson)?;
            let text = text.replace(own, &shared);
            fs::write(&lesson, text.replace("\"../../crates/", &crates))?;
        }
    }
    Ok(())
}

/// Copies a file or a folder when it exists. Hidden files (keys in `.env`, checkpoints) and what Cargo built are not copied.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let name = entry?.file_name();
            if !name.to_string_lossy().starts_with('.') && name != "target" {
                copy(&from.join(&name), &to.join(&name))?;
            }
        }
    } else if from.is_file() {
        fs::copy(from, to).with_context(|| format!("{} cannot be copied", from.display()))?;
    }
    Ok(())
}

/// Makes files readable for all users and writable for the owner only, whatever the umask is.
fn open(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let about = fs::symlink_metadata(path)?;
        if about.is_symlink() {
            return Ok(());
        }
        let mode = about.permissions().mode();
        let run = if about.is_dir() || mode & 0o100 != 0 {
            0o111
        } else {
            0
        };
        let wanted = (mode & 0o700) | 0o444 | run;
        if wanted != mode & 0o7777 {
            fs::set_permissions(path, fs::Permissions::from_mode(wanted))
                .with_context(|| format!("{} cannot be opened to all", path.display()))?;
        }
        if about.is_dir() {
            for entry in fs::read_dir(path)? {
                open(&entry?.path())?;
            }
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
