//! File identity (device and inode): detects that a path no longer names the open file.

use std::path::Path;

/// Identity of the file at a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identity {
    #[cfg(unix)]
    device: u64,
    #[cfg(unix)]
    number: u64,
}

impl Identity {
    pub fn of(path: &Path) -> Option<Self> {
        let file = path.metadata().ok()?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Some(Identity {
                device: file.dev(),
                number: file.ino(),
            })
        }
        #[cfg(not(unix))]
        {
            let _ = file;
            Some(Identity {})
        }
    }
}
