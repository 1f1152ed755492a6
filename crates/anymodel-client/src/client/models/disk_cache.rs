//! Disk cache of the model list: the pages as the platform sent them, and the time.
//!
//! Each write makes a new file and renames it over the old one, so that a reader finds the old list or the new one and
//! never half of either. A file that cannot be read is set aside and reported.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use anymodel_catalog::model::{ListOrigin, Models, listing};
use anymodel_types::words;

/// The version of the file's format; files of another version are ignored.
const FORM: u32 = 1;

/// The variable that names another folder than the system's.
const FOLDER_VARIABLE: &str = "ANYMODEL_CACHE_DIR";

/// The cache folder, for files that can be fetched again.
pub(super) fn usual_folder() -> Option<PathBuf> {
    let set = |name: &str| {
        let value = std::env::var_os(name).filter(|value| !value.is_empty());
        value.map(PathBuf::from)
    };
    if let Some(folder) = set(FOLDER_VARIABLE) {
        return Some(folder);
    }
    let folder = set("XDG_CACHE_HOME").or_else(|| {
        let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty())?;
        Some(match std::env::consts::OS {
            "macos" => home.join("Library").join("Caches"),
            "windows" => set("LOCALAPPDATA").unwrap_or(home),
            _ => home.join(".cache"),
        })
    })?;
    Some(folder.join("anymodel"))
}

/// The file of one platform's list.
#[derive(Clone, Debug)]
pub(super) struct DiskCache {
    file: PathBuf,
    platform: String,
    base_url: String,
}

#[derive(Serialize, Deserialize)]
struct DiskHeader<'a> {
    form: u32,
    base_url: String,
    /// Unix seconds.
    told_at: u64,
    #[serde(borrow)]
    pages: Vec<&'a RawValue>,
}

impl DiskCache {
    /// In this folder, for the platform at this address.
    pub fn of(folder: &Path, platform: &str, base_url: &str) -> Self {
        let address = base_url
            .split_once("://")
            .map_or(base_url, |(_, rest)| rest);
        let fits = |c: char| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        };
        let name: String = address.chars().map(fits).take(100).collect();
        DiskCache {
            file: folder.join("models").join(format!("{name}.json")),
            platform: platform.to_owned(),
            base_url: base_url.to_owned(),
        }
    }

    /// The list, when there is one.
    ///
    /// # Errors
    /// In words, when the file was damaged. It is set aside then.
    pub fn read(&self) -> Result<Option<Models>, String> {
        let text = match std::fs::read(&self.file) {
            Ok(bytes) => String::from_utf8(bytes).unwrap_or_default(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(words::model_lists().kept_list_cannot_be_read(&error)),
        };
        let Ok(head) = serde_json::from_str::<DiskHeader<'_>>(&text) else {
            return Err(self.set_aside());
        };
        if head.form != FORM || head.base_url != self.base_url {
            return Ok(None);
        }
        let pages = head
            .pages
            .iter()
            .filter_map(|page| listing::page(page.get()));
        let models: Vec<_> = pages.flat_map(|page| page.models).collect();
        if models.is_empty() {
            return Err(self.set_aside());
        }
        let told_at = UNIX_EPOCH.checked_add(Duration::from_secs(head.told_at));
        let told_at = told_at.unwrap_or(UNIX_EPOCH);
        Ok(Some(Models::of(
            models,
            ListOrigin::Kept,
            &self.platform,
            told_at,
        )))
    }

    /// Writes these pages, completely or not at all.
    pub fn write(&self, pages: &[String], told_at: SystemTime) -> std::io::Result<()> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let told_at = told_at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let raw = |page: &String| serde_json::from_str::<Box<RawValue>>(page);
        let pages = pages.iter().map(raw).collect::<Result<Vec<_>, _>>()?;
        let text = serde_json::to_string(&DiskHeader {
            form: FORM,
            base_url: self.base_url.clone(),
            told_at: told_at.as_secs(),
            pages: pages.iter().map(|page| &**page).collect(),
        })?;
        // Each writer has its own name, so that two of them do not write into one file.
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let own = format!(
            "{}-{}.part",
            std::process::id(),
            now.unwrap_or_default().as_nanos()
        );
        let part = self.file.with_extension(own);
        let written = (|| {
            let mut file = std::fs::File::create_new(&part)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&part, &self.file)
        })();
        if written.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        written
    }

    /// Renames the damaged file, so that it can be examined; returns where it is, in words.
    fn set_aside(&self) -> String {
        let aside = self.file.with_extension("damaged");
        match std::fs::rename(&self.file, &aside) {
            Ok(()) => words::model_lists().kept_list_was_damaged_and_is_set_aside(&aside.display()),
            Err(error) => words::model_lists().kept_list_is_damaged_and_cannot_be_set(&error),
        }
    }
}
