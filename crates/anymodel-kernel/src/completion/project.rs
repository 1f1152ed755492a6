//! Project description for rust-analyzer (`rust-project.json`): the crates that lessons use, and their paths.
//!
//! rust-analyzer could find them through Cargo. Then it would load everything that is linked, which takes three
//! times the memory ([`super`] has the figures).

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::NOTEBOOK_CRATE;
use crate::metadata::{Metadata, Node, Package, Target};
use crate::notebook::Result;
use crate::toolchain::Toolchain;

/// The crates whose types a learner sees. A type from another crate is shown as unknown.
const LOADED: [&str; 17] = [
    "anymodel",
    "anymodel-cache",
    "anymodel-catalog",
    "anymodel-client",
    "anymodel-course",
    "anymodel-display",
    "anymodel-providers",
    "anymodel-sandbox",
    "anymodel-types",
    "futures-core",
    "rust_decimal",
    "schemars",
    "secrecy",
    "serde",
    "serde_core",
    "serde_json",
    "tokio",
];
/// The crates that a cell can name.
const NAMED: [&str; 5] = ["anymodel", "schemars", "serde", "serde_json", "tokio"];
/// The crates of the standard library, each with its dependencies. Because they are listed here, rust-analyzer does not
/// look for them through Cargo.
const STANDARD: [(&str, &[usize]); 3] = [("core", &[]), ("alloc", &[0]), ("std", &[0, 1])];

/// A project description, and the toolchain's folder.
#[derive(Debug)]
pub struct Project {
    /// The content of a `rust-project.json`.
    pub json: Value,
    /// The folder of the toolchain.
    pub sysroot: PathBuf,
}

/// Describes the crates below the one in the folder `root`, for the file `source`.
///
/// # Errors
/// When there is no toolchain, or Cargo cannot resolve the crate's dependencies without the network.
pub async fn describe(root: &Path, source: &Path) -> Result<Project> {
    let toolchain = Toolchain::find(root)?;
    let metadata = Metadata::of(&toolchain, root).await?;
    let sysroot = toolchain.sysroot;
    Ok(Project {
        json: project(&metadata, &sysroot, source),
        sysroot,
    })
}

fn project(metadata: &Metadata, sysroot: &Path, source: &Path) -> Value {
    let mut loaded: Vec<(&Package, &Target, &Node)> = Vec::new();
    for package in &metadata.packages {
        let target = package.targets.iter().find(|target| target.is_library());
        let node = metadata.resolve.nodes.iter().find(|n| n.id == package.id);
        if let (true, Some(target), Some(node)) = (LOADED.contains(&&*package.name), target, node) {
            loaded.push((package, target, node));
        }
    }
    let place = |id: &str| loaded.iter().position(|(package, ..)| package.id == id);

    let mut crates: Vec<Value> = Vec::new();
    for (_, target, node) in &loaded {
        let deps = node.deps.iter().filter(|dep| dep.is_linked());
        let deps =
            deps.filter_map(|dep| Some(json!({"crate": place(&dep.pkg)?, "name": dep.name})));
        let features = node.features.iter();
        let features = features.map(|name| format!("feature=\"{name}\""));
        crates.push(one_crate(
            &target.name.replace('-', "_"),
            &target.src_path,
            &target.edition,
            deps.collect(),
            features.collect(),
        ));
    }
    let named = loaded.iter().enumerate();
    let named = named.filter(|(_, (package, ..))| NAMED.contains(&&*package.name));
    let named = named.map(|(at, (package, ..))| json!({"crate": at, "name": package.name}));
    let mut own = one_crate(NOTEBOOK_CRATE, source, "2024", named.collect(), Vec::new());
    own["is_workspace_member"] = json!(true);
    crates.push(own);

    let mut project = json!({"sysroot": sysroot, "crates": crates});
    let library = sysroot.join("lib/rustlib/src/rust/library");
    // Without the component rust-src, only the names of these crates are known.
    if library.is_dir() {
        let standard = STANDARD.iter().map(|(name, below)| {
            let deps = below.iter();
            let deps = deps.map(|&at| json!({"crate": at, "name": STANDARD[at].0}));
            let root = library.join(name).join("src/lib.rs");
            one_crate(name, &root, "2024", deps.collect(), Vec::new())
        });
        project["sysroot_project"] = json!({"crates": standard.collect::<Vec<_>>()});
        project["sysroot_src"] = json!(library);
    }
    project
}

fn one_crate(name: &str, root: &Path, edition: &str, deps: Vec<Value>, cfg: Vec<String>) -> Value {
    json!({
        "display_name": name,
        "root_module": root,
        "edition": edition,
        "deps": deps,
        "cfg": cfg,
        "is_workspace_member": false,
        "source": {"include_dirs": [root.parent()], "exclude_dirs": []},
    })
}
