//! File identity (device and inode): detects that a path no longer names the open file.

use std::path::Path;

/// Identity of the file at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileIdentity {
    #[cfg(unix)]
    device: u64,
    #[cfg(unix)]
    number: u64,
}

impl FileIdentity {
    /// The one of the file at this path now; `None` when there is none.
    pub fn of(path: &Path) -> Option<Self> {
        let file = path.metadata().ok()?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Some(FileIdentity {
                device: file.dev(),
                number: file.ino(),
            })
        }
        #[cfg(not(unix))]
        {
            let _ = file;
            Some(FileIdentity {})
        }
    }
}
