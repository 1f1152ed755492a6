//! Quarantine: renames a damaged or old file out of the way, one process at a time.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::QuarantineReason;

/// Repair lock: keeps other processes from setting the same file aside, as long as it lives.
pub(super) struct RepairLock {
    path: PathBuf,
    _file: Option<File>,
}

impl RepairLock {
    pub fn take(path: &Path) -> Self {
        let path = sibling(path, "-repair");
        let mut options = OpenOptions::new();
        let opened = options.create(true).truncate(false).write(true).open(&path);
        let file = opened.and_then(|file| file.lock().map(|()| file));
        RepairLock {
            path,
            _file: file.ok(),
        }
    }
}

impl Drop for RepairLock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Renames the file and its log to the first name that is free.
pub(super) fn set_aside(path: &Path, why: &QuarantineReason) -> io::Result<PathBuf> {
    let name = |number: u32| match (why, number) {
        (QuarantineReason::Damaged(_), number) => sibling(path, &format!(".damaged-{number}")),
        (QuarantineReason::OldFormat, 1) => sibling(path, ".old"),
        (QuarantineReason::OldFormat, number) => sibling(path, &format!(".old-{number}")),
    };
    let mut free = (1..).map(name).filter(|kept| !kept.exists());
    let kept = free.next().unwrap_or_else(|| sibling(path, ".damaged"));
    fs::rename(path, &kept)?;
    let log = sibling(path, "-wal");
    if log.exists() {
        fs::rename(&log, sibling(&kept, "-wal"))?;
    }
    let _ = fs::remove_file(sibling(path, "-shm"));
    Ok(kept)
}

/// The path of the file with a longer name in the same folder.
fn sibling(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}
