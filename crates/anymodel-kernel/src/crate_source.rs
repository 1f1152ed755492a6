//! Source of the crate `anymodel` that cells are compiled against: a checkout, or the registry.
//!
//! A program that Cargo installed from the registry has no checkout. Then a package that the kernel writes into its
//! cache, the *stand-in*, takes the place of the checkout's folder: it depends on the published crate of the program's
//! own version. What else is asked of that folder (which toolchain, which crates, whether the template is up to date)
//! is the same for both.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::notebook::Result;
use crate::notebook::document::write_whole;
use crate::paths;
use crate::preflight::Missing;

/// Features of `anymodel` that lessons need besides its default ones.
const FEATURES: [&str; 1] = ["course"];

/// The package of a checkout, and the one that stands in for it.
const CHECKOUT: &str = "anymodel";
const STAND_IN: &str = "anymodel-from-registry";

/// The program's version, which is the published crate's, too.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The folder of the crate `anymodel`: `told`, else the checkout at or above the current folder, else the one in which
/// this program was compiled, else the stand-in.
///
/// # Errors
/// When `told` is no such folder, or the stand-in cannot be written.
pub fn find(told: Option<&Path>) -> Result<PathBuf> {
    match told {
        // Written again, because the cache may have been emptied since the kernel was installed.
        Some(told) if paths::stand_in_dir().is_ok_and(|dir| dir == told) => stand_in(told),
        Some(told) => named(told),
        None => match nearest()? {
            Some(root) => Ok(root),
            None => stand_in(&paths::stand_in_dir()?),
        },
    }
}

/// The folder of a checkout, where the lessons are: `told`, else as [`find`].
///
/// # Errors
/// When there is no checkout: a [`Missing`] that says where the lessons are.
pub fn checkout(told: Option<&Path>) -> Result<PathBuf> {
    let root = match told {
        Some(told) => Some(named(told)?),
        None => nearest()?,
    };
    let without = || {
        Missing::new(
            "there are no lessons here: this program was installed without a checkout of anymodel",
            "the lessons are notebooks in its repository (notebooks/en, notebooks/zh); a published crate leaves them out",
            "clone the repository and run `cargo lab` in it, or name its folder: `anymodel lab --crate-path DIR`; \
             notebooks of your own need only `anymodel kernel install`",
        )
    };
    let root = root.filter(|root| !is_stand_in(root));
    root.ok_or_else(|| without().into())
}

/// Whether the folder is the stand-in for a checkout.
pub fn is_stand_in(root: &Path) -> bool {
    is_package(root, STAND_IN)
}

/// The dependency on `anymodel`, as a line of a manifest.
pub fn dependency(root: &Path) -> String {
    let source = if is_stand_in(root) {
        format!("version = \"={VERSION}\"")
    } else {
        format!("path = {:?}", root.display().to_string())
    };
    format!("{CHECKOUT} = {{ {source}, features = {FEATURES:?} }}")
}

/// Adds a hint to Cargo's error when the registry has no crate of the program's version.
pub(crate) fn explain(error: anyhow::Error, root: &Path) -> anyhow::Error {
    let words = format!("{error:#}");
    let unknown = [
        format!("no matching package named `{CHECKOUT}`"),
        format!("failed to select a version for the requirement `{CHECKOUT} "),
    ];
    if !is_stand_in(root) || !unknown.iter().any(|start| words.contains(start)) {
        return error;
    }
    anyhow::anyhow!(
        "{words}\nhint: the registry has no {CHECKOUT} {VERSION}, which this program needs; with a checkout of it: \
         `anymodel kernel install --crate-path DIR`"
    )
}

/// Writes the stand-in into the folder `dir`, unless it is there.
fn stand_in(dir: &Path) -> Result<PathBuf> {
    let manifest = format!(
        "[package]\nname = \"{STAND_IN}\"\nversion = \"{VERSION}\"\nedition = \"2024\"\npublish = false\n\n\
         [workspace]\n\n[dependencies]\n{CHECKOUT} = {{ version = \"={VERSION}\", features = {FEATURES:?} }}\n"
    );
    let (path, source) = (dir.join("Cargo.toml"), dir.join("src/lib.rs"));
    if fs::read_to_string(&path).is_ok_and(|now| now == manifest) && source.exists() {
        return Ok(dir.to_owned());
    }
    fs::create_dir_all(dir.join("src"))
        .and_then(|()| fs::write(source, ""))
        .with_context(|| format!("{} cannot be written", dir.display()))?;
    write_whole(&path, manifest.as_bytes())?;
    Ok(dir.to_owned())
}

/// The folder that the user names.
fn named(told: &Path) -> Result<PathBuf> {
    let root = told
        .canonicalize()
        .with_context(|| format!("the folder {} does not exist", told.display()))?;
    if !is_package(&root, CHECKOUT) && !is_stand_in(&root) {
        bail!(
            "{} is not the folder of the crate anymodel (its Cargo.toml says so)",
            root.display()
        );
    }
    Ok(root)
}

/// The checkout at or above the current folder, else the one in which this program was compiled.
fn nearest() -> Result<Option<PathBuf>> {
    let here = std::env::current_dir()?.canonicalize()?;
    let built = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(checkout_above(&[&here, built]))
}

/// The first checkout at or above these folders.
fn checkout_above(folders: &[&Path]) -> Option<PathBuf> {
    let mut above = folders.iter().flat_map(|folder| folder.ancestors());
    let found = above.find(|folder| is_package(folder, CHECKOUT));
    found.map(Path::to_path_buf)
}

fn is_package(folder: &Path, name: &str) -> bool {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let line = format!("name = \"{name}\"");
    let lines = manifest.lines().map(str::trim);
    // A program in a package may have the name, too.
    let mut package = lines
        .skip_while(|one| *one != "[package]")
        .skip(1)
        .take_while(|one| !one.starts_with('['));
    package.any(|one| one == line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_built_from_the_registry_finds_no_checkout_in_its_own_sources() {
        let built = Path::new(env!("CARGO_MANIFEST_DIR"));
        let repository = built.ancestors().nth(2).unwrap();
        assert_eq!(checkout_above(&[built]).as_deref(), Some(repository));

        let home = std::env::temp_dir().join(format!("anymodel-registry-{}", std::process::id()));
        let unpacked = home.join("registry/src/index").join(STAND_IN);
        fs::create_dir_all(&unpacked).unwrap();
        for package in ["anymodel-kernel", "anymodel-cli"] {
            let manifest = repository.join("crates").join(package).join("Cargo.toml");
            fs::copy(manifest, unpacked.join("Cargo.toml")).unwrap();
            let found = checkout_above(&[&unpacked]);
            assert_eq!(found, None, "{package} is another package");
        }
        fs::remove_dir_all(&home).unwrap();
    }
}
