//! Check of free disk space, and of the permission to run programs in a folder.

use std::path::Path;

use super::Missing;
use crate::notebook::Result;
use crate::paths::CACHE_VARIABLE;

/// Fails when fewer than `needed` bytes are free for this user where `folder` is or will be; `purpose` says what will be
/// written there. Where the system does not report the free space, the check passes.
///
/// # Errors
/// When the space is too small: a [`Missing`].
pub fn room_for(purpose: &str, needed: u64, folder: &Path) -> Result<()> {
    let there = folder.ancestors().find(|ancestor| ancestor.exists());
    let Some(free) = there.and_then(free) else {
        return Ok(());
    };
    if free < needed {
        return Err(Missing::new(
            format!(
                "the disk is too full: {} are free where {} is to be",
                megabytes(free),
                folder.display()
            ),
            format!("{purpose} takes up to {}", megabytes(needed)),
            format!(
                "make room, or set {} to a folder on another disk",
                CACHE_VARIABLE
            ),
        )
        .into());
    }
    Ok(())
}

/// Fails when programs and libraries in this folder cannot be run, as on a disk that is mounted `noexec`.
///
/// # Errors
/// A [`Missing`], or when the folder cannot be written.
pub fn can_run_in(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let program = folder.join("can-run");
        std::fs::write(&program, "#!/bin/sh\n")?;
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700))?;
        let ran = std::process::Command::new(&program).status();
        std::fs::remove_file(&program)?;
        if ran.is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied) {
            return Err(Missing::new(
                format!("no program can be run in {}", folder.display()),
                "each cell of a notebook becomes a library there, and that disk is mounted `noexec`",
                format!("set {CACHE_VARIABLE} to a folder on another disk, and start the kernel again"),
            )
            .into());
        }
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// Formats a number of bytes.
pub fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes / 1_000_000)
}

/// The size of a folder in bytes; a file with several hard links counts once for each.
pub fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => size(&entry.path()),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}

#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let about = rustix::fs::statvfs(folder).ok()?;
    Some(about.f_bavail * about.f_frsize)
}

#[cfg(not(unix))]
fn free(_folder: &Path) -> Option<u64> {
    None
}
