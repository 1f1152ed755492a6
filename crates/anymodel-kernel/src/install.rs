//! Installation of the kernel: program, prebuilt dependencies and kernelspec, for one user or for all users.
//!
//! Jupyter starts a copy of the program, so that a later build in the crate's target folder cannot remove it.
//! For one user the copy is beside the kernelspec, and cells are compiled against the crate in place. For all
//! users everything is in one folder that they can read and only its owner can write ([`shared`]).

pub mod shared;

use std::fs::{self, File};
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};

use futures_util::future::LocalBoxFuture;

use anyhow::Context;

use super::prebuilt_deps::{PrebuiltDeps, TemplateState};
use super::preflight::{self, ComponentFinding, disk};
use super::progress::StepProgress;
use super::toolchain::Toolchain;
use super::{kernelspec, paths};
use crate::notebook::Result;

/// Disk space for the prebuilt dependencies, in bytes: 440 MB (`du -sm`, Linux, Rust 1.95), twice while they are rebuilt.
pub const TEMPLATE_NEEDS: u64 = 1_000_000_000;
const TEMPLATE_USUAL: &str = "1 to 4 minutes the first time";
/// The file name of the program's copy.
const PROGRAM: &str = "anymodel";

/// The running program, opened so that it can be copied.
///
/// It is opened before any long step, because a build may replace the file meanwhile.
#[derive(Debug)]
pub struct Program(File);

impl Program {
    /// Opens the running program.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn running() -> Result<Program> {
        let path = std::env::current_exe()?;
        let file =
            File::open(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(Program(file))
    }
}

/// Options of an installation.
#[derive(Debug)]
pub struct InstallOptions {
    /// The kernel's name in Jupyter.
    pub name: String,
    /// The folder of all kernelspecs.
    pub kernelspecs: PathBuf,
    /// The crate that cells are compiled against.
    pub root: PathBuf,
    /// The program to copy.
    pub program: Program,
    /// The folder to copy it to; by default the kernelspec's.
    pub program_dir: Option<PathBuf>,
    /// Build the prebuilt dependencies again even when they are up to date.
    pub rebuild: bool,
}

/// Installs the kernel and returns the kernelspec's folder.
///
/// # Errors
/// When something is missing ([`preflight::check`]), the build fails, or a folder cannot be written.
pub async fn install(order: &InstallOptions, steps: &StepProgress) -> Result<PathBuf> {
    kernelspec::may_install(&order.kernelspecs, &order.name)?;
    template(&order.root, order.rebuild, steps).await?;
    place(order)
}

/// Installs the program and the kernelspec; the prebuilt dependencies must exist.
///
/// # Errors
/// When a folder cannot be written, or the kernel of that name belongs to another program.
pub fn place(order: &InstallOptions) -> Result<PathBuf> {
    kernelspec::may_install(&order.kernelspecs, &order.name)?;
    let own = order.kernelspecs.join(&order.name);
    let dir = order.program_dir.as_deref().unwrap_or(&own);
    let copy = copy_program(&order.program, dir)?;
    kernelspec::install(&order.kernelspecs, &order.name, &copy, &order.root)
}

/// Builds the prebuilt dependencies of the crate at `root` when they are missing or out of date, or when `rebuild` is set.
///
/// # Errors
/// As [`install`].
pub fn template<'a>(
    root: &'a Path,
    rebuild: bool,
    steps: &'a StepProgress,
) -> LocalBoxFuture<'a, Result<()>> {
    // As `dyn`: else the program that calls this would compile the build of the template again.
    Box::pin(fresh_template(root, rebuild, steps))
}

async fn fresh_template(root: &Path, rebuild: bool, steps: &StepProgress) -> Result<()> {
    const NAME: &str = "The kernel's template";
    preflight::supported()?;
    let template = PrebuiltDeps::of(root)?;
    if !rebuild {
        Toolchain::find(root)?;
        if matches!(template.state(), TemplateState::Fresh) {
            steps.skip(NAME, "up to date");
            return Ok(());
        }
    }
    let report = preflight::check(root)?;
    for finding in &report.findings {
        match finding {
            ComponentFinding::Added(component) => steps.skip(component, "fetched with rustup"),
            ComponentFinding::Missing(missing) => steps.warn(missing),
        }
    }
    disk::room_for("the kernel's template", TEMPLATE_NEEDS, template.dir())?;
    let percent = AtomicU8::new(0);
    let mut progress = |_: &str, far: Option<(usize, usize)>| {
        if let Some((done, all)) = far {
            let now = u8::try_from(done * 100 / all.max(1)).unwrap_or(100);
            percent.store(now, Ordering::Relaxed);
        }
    };
    let far = || Some(percent.load(Ordering::Relaxed));
    let built = steps
        .run(NAME, TEMPLATE_USUAL, far, template.build(&mut progress))
        .await;
    built.map_err(|error| preflight::network::explain(error, "cargo"))
}

/// Copies the program into `dir` unless it is there. A kernel that runs the old copy keeps it.
fn copy_program(Program(program): &Program, dir: &Path) -> Result<PathBuf> {
    let path = dir.join(PROGRAM);
    if is_copy(program, &path) {
        return Ok(path);
    }
    fs::create_dir_all(dir)
        .with_context(|| format!("the folder {} cannot be made", dir.display()))?;
    let beside = dir.join(format!(".{PROGRAM}.{}", std::process::id()));
    let write = || {
        let mut from = program;
        from.rewind()?;
        io::copy(&mut from, &mut File::create(&beside)?)?;
        runnable(&beside)?;
        fs::rename(&beside, &path)
    };
    if let Err(error) = write() {
        let _ = fs::remove_file(&beside);
        return Err(error).with_context(|| format!("{} cannot be written", path.display()));
    }
    Ok(path)
}

/// Whether the file at `path` is a copy of this program.
fn is_copy(program: &File, path: &Path) -> bool {
    let (Ok(new), Ok(old)) = (program.metadata(), fs::metadata(path)) else {
        return false;
    };
    let newer = matches!((new.modified(), old.modified()), (Ok(new), Ok(old)) if new > old);
    new.len() == old.len() && !newer
}

fn runnable(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Something that [`uninstall`] removed.
#[derive(Debug, Clone)]
pub struct Removed {
    /// Its name, in a word or two.
    pub what: &'static str,
    /// Its path.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Removes the kernelspec with the program beside it, and returns the folder of its crate.
///
/// # Errors
/// When the kernel belongs to another program, or cannot be removed.
pub fn uninstall(kernelspecs: &Path, name: &str) -> Result<Option<(Removed, PathBuf)>> {
    let kernel = kernelspec::installed(kernelspecs, name);
    let bytes = disk::size(&kernelspecs.join(name));
    // Fails when the kernel belongs to another program and so is not `installed`.
    kernelspec::uninstall(kernelspecs, name)?;
    Ok(kernel.map(|kernel| {
        let removed = Removed {
            what: "kernel and program",
            path: kernel.dir,
            bytes,
        };
        (removed, kernel.root)
    }))
}

/// Removes one of the kernel's folders when it exists.
///
/// # Errors
/// When it cannot be removed.
pub fn remove(what: &'static str, path: &Path) -> Result<Option<Removed>> {
    if !path.exists() {
        return Ok(None);
    }
    let bytes = disk::size(path);
    fs::remove_dir_all(path).with_context(|| format!("{} cannot be removed", path.display()))?;
    Ok(Some(Removed {
        what,
        path: path.to_owned(),
        bytes,
    }))
}

/// Removes the prebuilt dependencies and the running kernels' folders of this user.
///
/// # Errors
/// When the cache folder is not known.
pub fn remove_templates() -> Result<Option<Removed>> {
    remove("templates", &paths::kernel_dir()?)
}
