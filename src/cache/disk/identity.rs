//! Which file stands at a path: a file that was moved away or deleted is another one than that which is open.

use std::path::Path;

/// Which file stands at a path.
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
