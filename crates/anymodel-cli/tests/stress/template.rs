//! A crate that changes below its kernels.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anymodel_kernel::notebook::session::KernelAnswer;

use crate::support::Kernels;

/// A build of a template compiles the crate, and at the first time everything below it.
const BUILD: Duration = Duration::from_secs(900);

#[tokio::test]
async fn a_changed_crate_is_built_once_even_when_four_kernels_notice_together() {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("changed");
    let (root, cache) = (home.join("crate"), home.join("cache"));
    let crate_here = crate::kernel_support::root();
    // Cargo wants to see the tests, examples and benches that the manifest names.
    for part in [
        "src",
        "crates",
        "tests",
        "benches",
        "examples",
        "Cargo.toml",
        "Cargo.lock",
    ] {
        mirror(&crate_here.join(part), &root.join(part));
    }
    let kernels = Kernels::new("changed").for_crate(&root, &cache);
    // The first build compiles all dependencies. It stays for the next run of this test.
    let output = kernels
        .installed
        .command(&["kernel", "install", "--crate-path"])
        .arg(&root)
        .arg("--prefix")
        .arg(home.join("prefix"))
        .env("ANYMODEL_CACHE_DIR", &cache)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let before = builds(&cache);

    let lib = root.join("src/lib.rs");
    let stamp = std::process::id();
    let changed = format!(
        "{}\n/// Which change of the crate this is.\npub const CHANGE: u32 = {stamp};\n",
        fs::read_to_string(&lib).unwrap()
    );
    fs::write(&lib, changed).unwrap();
    let one = async || {
        let mut session = kernels.start().await;
        let answer = session
            .execute("println!(\"{}\", anymodel::CHANGE);", BUILD)
            .await
            .unwrap();
        let KernelAnswer::Done {
            says_ok: true,
            outputs,
        } = answer
        else {
            panic!("a changed crate should be built, but: {answer:?}");
        };
        assert_eq!(outputs.printed("stdout"), format!("{stamp}\n"));
        session.shut_down().await;
    };
    tokio::join!(one(), one(), one(), one());
    let new: Vec<PathBuf> = builds(&cache)
        .into_iter()
        .filter(|build| !before.contains(build))
        .collect();
    assert_eq!(new.len(), 1, "one build for all four: {new:?}");
    kernels.assert_gone();
}

/// The builds in all templates of a cache.
fn builds(cache: &Path) -> Vec<PathBuf> {
    let inside = |dir: &Path| {
        let entries = fs::read_dir(dir).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let name_starts = |path: &PathBuf, start: &str| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(start))
    };
    let templates = inside(&cache.join("kernel")).into_iter();
    let templates = templates.filter(|path| name_starts(path, "template-"));
    let all = templates.flat_map(|template| inside(&template));
    all.filter(|path| name_starts(path, "build-")).collect()
}

/// Copies what differs, so that what is the same keeps its time.
fn mirror(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap().flatten() {
            mirror(&entry.path(), &to.join(entry.file_name()));
        }
    } else if fs::read(from).unwrap() != fs::read(to).unwrap_or_default() {
        fs::copy(from, to).unwrap();
    }
}
