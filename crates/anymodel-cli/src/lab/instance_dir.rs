//! Temporary folder of one running JupyterLab.
//!
//! Beside the folder `ID/` is the file `ID.lock`, which is locked while its process lives. The next start removes the
//! folders of dead processes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use anymodel_kernel::{notebook::Result, paths};

/// A folder that only this user can read; dropping it removes it.
#[derive(Debug)]
pub(super) struct InstanceDir {
    dir: PathBuf,
    lock: PathBuf,
    _held: File,
}

impl InstanceDir {
    /// Creates one, after removing those of dead processes.
    pub(super) fn create() -> Result<InstanceDir> {
        let all = folder()?;
        fs::create_dir_all(&all)
            .with_context(|| format!("the folder {} cannot be made", all.display()))?;
        for (lock, is_alive) in entries(&all) {
            if !is_alive {
                let _ = fs::remove_dir_all(lock.with_extension(""));
                let _ = fs::remove_file(&lock);
            }
        }
        // Another start may remove the file just before it is locked.
        for _ in 0..10 {
            let dir = all.join(uuid::Uuid::new_v4().to_string());
            let lock = dir.with_extension("lock");
            let held = File::create_new(&lock)
                .with_context(|| format!("{} cannot be written", lock.display()))?;
            if held.try_lock().is_ok() && lock.exists() {
                fs::create_dir(&dir)?;
                for_me_alone(&dir)?;
                return Ok(InstanceDir {
                    dir,
                    lock,
                    _held: held,
                });
            }
        }
        bail!("no file can be locked in {}", all.display())
    }

    /// The folder.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }
}

impl Drop for InstanceDir {
    fn drop(&mut self) {
        if fs::remove_dir_all(&self.dir).is_ok() {
            let _ = fs::remove_file(&self.lock);
        }
    }
}

/// Makes the folder private, because it will hold the server's token.
fn for_me_alone(dir: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
    }
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}

/// The number of running instances.
///
/// # Errors
/// When the cache folder is not known.
pub(super) fn count() -> Result<usize> {
    let all = entries(&folder()?);
    Ok(all.iter().filter(|(_, is_alive)| *is_alive).count())
}

fn folder() -> Result<PathBuf> {
    Ok(paths::lab_dir()?.join("running"))
}

fn entries(all: &Path) -> Vec<(PathBuf, bool)> {
    let entries = fs::read_dir(all).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "lock")
        })
        .map(|path| {
            let is_alive = File::open(&path).is_ok_and(|file| file.try_lock().is_err());
            (path, is_alive)
        })
        .collect()
}
