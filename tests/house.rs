//! The house keeps its order: who may import whom, what hangs below, and which file names what.

#[path = "house/words.rs"]
mod words;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The modules of the client, top to bottom, as its `lib.rs` lists them. Each may use only those that stand below it.
const MODULES: [&str; 9] = [
    "display", "compare", "client", "call", "spend", "config", "target", "route", "task",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The files of the root package and of every member.
fn all_rust_files() -> Vec<PathBuf> {
    let mut files = rust_files(&root().join("src"));
    for member in std::fs::read_dir(root().join("crates")).unwrap() {
        files.extend(rust_files(&member.unwrap().path().join("src")));
    }
    files
}

fn client() -> PathBuf {
    root().join("crates/anymodel-client/src")
}

/// `call/mod.rs` is in the module `call`, `target.rs` in `target`.
fn module_of(file: &Path) -> String {
    let below = file.strip_prefix(client()).unwrap();
    let first = below.components().next().unwrap().as_os_str();
    first.to_str().unwrap().trim_end_matches(".rs").to_owned()
}

fn floor_of(module: &str) -> usize {
    let floor = MODULES.iter().position(|known| *known == module);
    floor.unwrap_or_else(|| {
        panic!("the module {module:?} has no floor: add it to MODULES and to the list in lib.rs")
    })
}

/// The modules that a file names in `crate::MODULE` paths of its code.
fn imports(file: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut modules = BTreeSet::new();
    for line in code {
        for (at, _) in line.match_indices("crate::") {
            let path = &line[at + "crate::".len()..];
            let word: String = path
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            if MODULES.contains(&word.as_str()) {
                modules.insert(word);
            }
        }
    }
    modules
}

#[test]
fn no_module_of_the_client_imports_one_above_it() {
    let mut wrong = Vec::new();
    for file in rust_files(&client()) {
        let module = module_of(&file);
        if module == "lib" {
            continue;
        }
        for import in imports(&file) {
            if floor_of(&import) < floor_of(&module) {
                wrong.push(format!(
                    "{} imports {import}, which stands above it",
                    file.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_root_is_thin() {
    let lines: usize = rust_files(&root().join("src"))
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap().lines().count())
        .sum();
    assert!(
        lines <= 800,
        "{lines} lines: it joins its members and gives their names"
    );
}

#[test]
fn every_member_stands_in_the_architecture_and_every_module_of_the_client_in_its_list() {
    let page = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let metadata = metadata();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let row = format!("| `{name}`");
        assert!(
            page.contains(&row),
            "ARCHITECTURE.md does not tell of `{name}`"
        );
    }
    let list = std::fs::read_to_string(client().join("lib.rs")).unwrap();
    let places = MODULES.map(|module| {
        let plain = list.find(&format!("//! - `{module}`"));
        let place = plain.or_else(|| list.find(&format!("//! - [`{module}`]")));
        place.unwrap_or_else(|| panic!("lib.rs does not list `{module}`"))
    });
    assert!(places.is_sorted(), "lib.rs lists them in another order");
}

/// `cargo metadata` of the members alone.
fn metadata() -> serde_json::Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_picture_of_the_packages_is_what_cargo_knows() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let names: Vec<&str> = packages
        .iter()
        .map(|package| package["name"].as_str().unwrap())
        .collect();
    let mut known = BTreeSet::new();
    for package in packages {
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let used: BTreeSet<&str> = dependencies
            .filter(|dependency| dependency["kind"].is_null())
            .map(|dependency| dependency["name"].as_str().unwrap())
            .filter(|name| names.contains(name))
            .collect();
        let name = package["name"].as_str().unwrap();
        let short = |name: &str| name.trim_start_matches("anymodel-").to_owned();
        known.insert((short(name), used.into_iter().map(short).collect()));
    }
    let page = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let drawn: BTreeSet<(String, Vec<String>)> = page
        .lines()
        .skip_while(|line| *line != "## The packages")
        .filter_map(|line| line.split_once('→'))
        .map(|(name, used)| {
            let used = used
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty());
            (name.trim().to_owned(), used.map(str::to_owned).collect())
        })
        .collect();
    assert_eq!(drawn, known);
}

#[test]
fn every_link_of_the_readmes_to_a_file_leads_there() {
    for name in ["README.md", "README.zh.md", "CONTRIBUTING.md"] {
        let page = std::fs::read_to_string(root().join(name)).unwrap();
        let links = page
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.starts_with("http")) {
            let file = link.split('#').next().unwrap();
            assert!(root().join(file).exists(), "{name} leads to {link}");
        }
    }
}

#[test]
fn only_one_file_names_async_openai() {
    let named: Vec<_> = all_rust_files()
        .into_iter()
        .filter(|file| {
            let text = std::fs::read_to_string(file).unwrap();
            text.lines()
                .any(|line| line.contains("async_openai") && !line.trim_start().starts_with("//"))
        })
        .collect();
    assert_eq!(
        named,
        [root().join("crates/anymodel-providers/src/transport/openai_compatible.rs")]
    );
}

#[test]
fn only_the_call_sleeps() {
    // One owner of retries: below the call nothing waits.
    for member in ["types", "catalog", "providers", "sqlite", "cache", "client"] {
        for file in rust_files(&root().join(format!("crates/anymodel-{member}/src"))) {
            let may = file.starts_with(client().join("call"));
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(may || !text.contains("sleep("), "{} sleeps", file.display());
        }
    }
}

#[test]
fn unsafe_code_stands_in_the_kernels_runtime_alone() {
    for file in all_rust_files() {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let may = file.starts_with(root().join("crates/anymodel-kernel/src/cells/runtime"));
        // `unsafe` in front of a block or an item; the engine also writes it into generated text.
        let has = code.any(|line| {
            let line = line.trim_start();
            [
                "unsafe {",
                "unsafe extern",
                "unsafe impl",
                "unsafe fn",
                "pub unsafe fn",
            ]
            .iter()
            .any(|start| line.starts_with(start))
                || line.contains("= unsafe {")
        });
        assert!(may || !has, "{} is unsafe", file.display());
    }
}

/// How many crates of others a program links when it uses this one with these features.
fn crates(features: &[&str]) -> usize {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--edges",
            "no-dev",
            "--prefix",
            "none",
            "--locked",
            "--offline",
        ])
        .args(features)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let names: BTreeSet<_> = text
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        // Members of this workspace stand there with their folder.
        .filter(|line| !line.ends_with(')') || line.ends_with("(proc-macro)"))
        .collect();
    names.len()
}

#[test]
fn the_bare_client_links_at_most_157_crates_of_others() {
    // Five of them unpack an answer that a proxy compressed unasked; without them it would be lost. Four (fastrand, jiff with
    // jiff-core, textwrap) do what this crate once did by hand.
    let count = crates(&["--no-default-features"]);
    assert!(
        count <= 157,
        "{count} crates: what a notebook links is what a learner waits for"
    );
}

#[test]
fn what_a_notebook_links_is_at_most_174_crates_of_others() {
    let count = crates(&[]);
    assert!(
        count <= 174,
        "{count} crates: what a notebook links is what a learner waits for"
    );
}
