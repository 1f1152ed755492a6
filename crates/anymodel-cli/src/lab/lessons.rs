//! Working copies of the lessons for the learner.
//!
//! Running a lesson changes its file: outputs, notes, attempts. In the repository, `git status`
//! would show these changes, and the next `git pull` would fail. So a learner works in
//! `my-lessons/`, which git ignores, and never loses anything there: an unchanged lesson is
//! updated, a changed one is left alone. Authors of lessons work on the originals (`cargo lab --edit`).
//!
//! The copies are as deep below the crate as the originals, so the path in their first cell stays valid.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use anymodel::Language;
use anymodel_kernel::notebook::Result;
use anymodel_kernel::notebook::document::write_whole;

/// The folder of the originals, below the crate.
pub const ORIGINALS: &str = "notebooks";
/// The folder of the learner's copies, below the crate.
pub const COPIES: &str = "my-lessons";
/// The file in the folder of copies that records from what each was copied.
const RECORD: &str = ".copied.json";

/// The notebooks of one language in the folder `dir`, in order.
///
/// # Errors
/// When there is none.
pub fn list(dir: &Path, language: Language) -> Result<Vec<PathBuf>> {
    let dir = dir.join(language.code());
    let entries =
        fs::read_dir(&dir).with_context(|| format!("{} cannot be read", dir.display()))?;
    let mut notebooks: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "ipynb")
        })
        .collect();
    if notebooks.is_empty() {
        bail!("there is no notebook in {}", dir.display());
    }
    notebooks.sort();
    Ok(notebooks)
}

/// The result of [`copy`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Copied {
    /// The folder of the copies.
    pub dir: PathBuf,
    /// The number of lessons that were not there.
    pub new: usize,
    /// The number of lessons that the learner had not changed and that were updated.
    pub renewed: usize,
    /// Lessons with a newer version that were not updated, because the learner changed them.
    pub kept: Vec<PathBuf>,
}

/// Copies the lessons of the crate at `root`, and never overwrites a learner's changes.
///
/// # Errors
/// When a file cannot be read or written.
pub fn copy(root: &Path) -> Result<Copied> {
    let (from, to) = (root.join(ORIGINALS), root.join(COPIES));
    let record = to.join(RECORD);
    let text = fs::read_to_string(&record).unwrap_or_default();
    let mut known: BTreeMap<String, String> = serde_json::from_str(&text).unwrap_or_default();
    let mut copied = Copied {
        dir: to.clone(),
        ..Copied::default()
    };
    for language in Language::ALL {
        let folder = to.join(language.code());
        fs::create_dir_all(&folder)
            .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        for original in list(&from, language)? {
            let name = original
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let own = folder.join(&name);
            let key = format!("{}/{name}", language.code());
            let bytes = fs::read(&original)?;
            let now = hash(&bytes);
            match fs::read(&own).ok().map(|bytes| hash(&bytes)) {
                None => copied.new += 1,
                Some(theirs) if theirs == now => {}
                Some(theirs) if known.get(&key) == Some(&theirs) => copied.renewed += 1,
                Some(_) => {
                    if known.get(&key) != Some(&now) {
                        copied.kept.push(own);
                    }
                    continue;
                }
            }
            write_whole(&own, &bytes)?;
            known.insert(key, now);
        }
    }
    write_whole(&record, serde_json::to_string_pretty(&known)?.as_bytes())?;
    Ok(copied)
}

/// The hash by which a changed file is detected.
fn hash(bytes: &[u8]) -> String {
    let mut hasher = std::hash::DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
