//! File system paths of the kernel: cache, prebuilt dependencies, running kernels, kernelspecs.

use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use etcetera::base_strategy::{BaseStrategy, Xdg};

use crate::notebook::{Result, session};

/// Environment variable that overrides the cache folder.
pub const CACHE_VARIABLE: &str = "ANYMODEL_CACHE_DIR";

/// The cache folder, for prebuilt dependencies and the private folders of running kernels:
/// `$ANYMODEL_CACHE_DIR`, else `$XDG_CACHE_HOME/anymodel`, else `~/.cache/anymodel`.
///
/// # Errors
/// When none of these is known.
pub fn cache_dir() -> Result<PathBuf> {
    if let Some(dir) = set(CACHE_VARIABLE) {
        return Ok(std::path::absolute(dir)?);
    }
    let usual = Xdg::new().with_context(|| {
        format!("no home folder is known; set {CACHE_VARIABLE} to a folder for the kernel")
    })?;
    Ok(usual.cache_dir().join("anymodel"))
}

/// The folder of all files that are kept for this user's kernels.
///
/// # Errors
/// As [`cache_dir`].
pub fn kernel_dir() -> Result<PathBuf> {
    Ok(cache_dir()?.join("kernel"))
}

/// The folder of the private Python environment for the lessons.
///
/// # Errors
/// As [`cache_dir`].
pub fn lab_dir() -> Result<PathBuf> {
    Ok(cache_dir()?.join("lab"))
}

/// The default prefix of an installation for all users.
pub const SHARED_PREFIX: &str = "/usr/local";

/// The folder below `prefix` that all users share: the crate, its prebuilt dependencies, the program.
pub fn shared_dir(prefix: &Path) -> PathBuf {
    prefix.join("share/anymodel")
}

/// The crate's copy in a folder that all users share.
pub fn shared_crate(shared: &Path) -> PathBuf {
    shared.join("crate")
}

/// Marks a folder as one that `kernel install --system` made.
pub const SHARED_MARK: &str = "shared.json";

/// The folder that all users share, when `root` is the crate in it.
pub fn shared_of(root: &Path) -> Option<&Path> {
    let shared = root.parent()?;
    (root == shared_crate(shared) && shared.join(SHARED_MARK).exists()).then_some(shared)
}

/// The folder of the prebuilt dependencies of the crate at `root`: in the user's cache, or beside a shared crate.
///
/// # Errors
/// As [`cache_dir`].
pub fn template_dir(root: &Path) -> Result<PathBuf> {
    if let Some(shared) = shared_of(root) {
        return Ok(shared.join("template"));
    }
    // Each checkout has its own. The name need not be stable: a folder that is not found is built again.
    let mut hasher = std::hash::DefaultHasher::new();
    root.hash(&mut hasher);
    Ok(kernel_dir()?.join(format!("template-{:016x}", hasher.finish())))
}

/// The folder of the package that takes the place of a checkout when there is none ([`crate::crate_source`]).
///
/// # Errors
/// As [`cache_dir`].
pub fn stand_in_dir() -> Result<PathBuf> {
    Ok(kernel_dir()?.join(concat!("from-registry-", env!("CARGO_PKG_VERSION"))))
}

/// The folder that holds one private folder for each running kernel. It is on the same file system
/// as the prebuilt dependencies, so that hard links between them work.
///
/// # Errors
/// As [`cache_dir`].
pub fn running_dir() -> Result<PathBuf> {
    Ok(kernel_dir()?.join("running"))
}

/// A temporary folder for running kernels where the cache cannot be used.
///
/// # Errors
/// When it cannot be created, or belongs to another user.
pub fn fallback_dir() -> Result<PathBuf> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, MetadataExt};
        let user = rustix::process::getuid().as_raw();
        let dir = std::env::temp_dir().join(format!("anymodel-{user}"));
        let mut builder = std::fs::DirBuilder::new();
        if let Err(error) = builder.mode(0o700).create(&dir)
            && error.kind() != std::io::ErrorKind::AlreadyExists
        {
            return Err(error).with_context(|| format!("{} cannot be made", dir.display()));
        }
        let about = std::fs::symlink_metadata(&dir)?;
        if !about.is_dir() || about.uid() != user {
            bail!("{} belongs to another user", dir.display());
        }
        Ok(dir)
    }
    #[cfg(not(unix))]
    Ok(std::env::temp_dir().join("anymodel"))
}

/// The folder of all kernelspecs: the user's, or the one below `prefix`.
///
/// # Errors
/// When the user's Jupyter folder is not known.
pub fn kernelspecs_dir(prefix: Option<&Path>) -> Result<PathBuf> {
    match prefix {
        Some(prefix) => Ok(std::path::absolute(prefix)?.join("share/jupyter/kernels")),
        None => match session::user_data_dir() {
            Some(dir) => Ok(dir.join("kernels")),
            None => bail!("no home folder is known; set JUPYTER_DATA_DIR to Jupyter's data folder"),
        },
    }
}

fn set(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}
