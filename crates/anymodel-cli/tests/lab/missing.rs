//! What is missing is said before anything long begins: what, why, and how to get it.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anymodel_kernel::preflight::{disk, open_to_all};

use crate::tools::{CC, PYTHON, Tools, scratch};

const LAB: [&str; 3] = ["lab", "--no-browser", "--check"];

#[test]
fn whatever_is_missing_for_the_lab_is_named_with_the_reason_and_the_remedy() {
    let cases = [
        ("no Python", Tools::none("no-python")),
        (
            "a Python that is too old",
            Tools::none("old-python").with("python3", "echo 3.8.10; echo True"),
        ),
        (
            "a Python of Debian without python3-venv",
            Tools::none("no-venv").with("python3", "echo 3.11.2; echo False"),
        ),
        ("no Rust", Tools::none("no-rust").with("python3", PYTHON)),
        (
            "a Rust that is too old",
            Tools::none("old-rust")
                .with("python3", PYTHON)
                .with_rustc("1.80.1"),
        ),
        (
            "no cargo",
            Tools::none("no-cargo")
                .with("python3", PYTHON)
                .with_rustc("1.95.0"),
        ),
        (
            "no C compiler",
            Tools::none("no-cc")
                .with("python3", PYTHON)
                .with_rustc("1.95.0")
                .with("cargo", "echo cargo 1.95.0"),
        ),
        (
            "a C compiler that is only a stand-in",
            Tools::none("stand-in")
                .with("python3", PYTHON)
                .with_rustc("1.95.0")
                .with("cargo", "echo cargo 1.95.0")
                .with("cc", "echo 'xcode-select: no developer tools' >&2; exit 1"),
        ),
    ];
    let all: Vec<String> = cases
        .iter()
        .map(|(case, tools)| format!("== {case} ==\n{}", tools.says(&LAB)))
        .collect();
    insta::assert_snapshot!(all.join("\n"));
}

/// Knows its version, and cannot reach anybody.
const CARGO_OFFLINE: &str = r#"case "$1" in
--version) echo cargo 1.95.0 ;;
*) echo "error: failed to get \`serde\`: [6] Could not resolve host: index.example" >&2; exit 101 ;;
esac"#;

#[test]
fn what_completion_needs_is_only_warned_about_and_cargo_without_a_network_is_told_apart() {
    let tools = Tools::none("offline")
        .with("python3", PYTHON)
        .with_rustc("1.95.0")
        .with("cargo", CARGO_OFFLINE)
        .with("cc", CC);
    let words = tools.says(&LAB);
    let took = |line: &str| line.split("failed after").next().unwrap().to_owned();
    let words: Vec<String> = words.lines().map(took).collect();
    insta::assert_snapshot!(words.join("\n"));
    let left = walk(&tools.dir.join("cache"));
    assert!(!left.iter().any(|path| path.contains("build-")), "{left:?}");
}

#[test]
fn components_of_the_toolchain_are_fetched_where_rustup_can() {
    let tools = Tools::none("components");
    let library = tools
        .dir
        .join("sysroot/lib/rustlib/src/rust/library/std/src");
    let bin = tools.dir.join("bin");
    let rustup = format!(
        r#"case "$3" in
rust-src) /bin/mkdir -p {lib}; echo > {lib}/lib.rs ;;
rust-analyzer) printf '#!/bin/sh\necho 1\n' > {bin}/rust-analyzer; /bin/chmod +x {bin}/rust-analyzer ;;
esac"#,
        lib = library.display(),
        bin = bin.display()
    );
    let tools = tools
        .with("python3", PYTHON)
        .with_rustc("1.95.0")
        .with("cargo", CARGO_OFFLINE)
        .with("cc", CC)
        .with("rustup", &rustup);
    let words = tools.says(&LAB);
    assert!(words.contains("rust-src: fetched with rustup"), "{words}");
    assert!(words.contains("rust-analyzer: fetched"), "{words}");
    assert!(!words.contains("warning"), "{words}");
}

#[test]
fn a_port_that_is_taken_is_said_before_anything_is_built() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let words = Tools::none("port").says(&["lab", "--port", &port]);
    insta::assert_snapshot!(words.replace(&port, "<port>"));
}

#[test]
fn a_disk_without_room_is_said_with_what_is_needed_and_where() {
    let dir = scratch("disk").join("not/there/yet");
    let error = disk::room_for("the kernel's template", u64::MAX, &dir).unwrap_err();
    let words = format!("{error:#}").replace(&dir.display().to_string(), "<folder>");
    let free = words
        .split(": ")
        .nth(1)
        .unwrap()
        .split(" are")
        .next()
        .unwrap();
    assert!(free.ends_with(" MB"), "{words}");
    insta::assert_snapshot!(words.replace(free, "<free>"));
    disk::room_for("a small thing", 1, &dir).unwrap();
}

#[test]
fn a_toolchain_in_a_closed_home_is_refused_for_an_installation_for_all() {
    let tools = Tools::none("closed")
        .with_rustc("1.95.0")
        .with("cargo", CARGO_OFFLINE)
        .with("cc", CC);
    let closed = |mode| {
        fs::set_permissions(&tools.dir, fs::Permissions::from_mode(mode)).unwrap();
    };
    closed(0o700);
    let prefix = tools.dir.join("prefix").display().to_string();
    let words = tools.says(&["kernel", "install", "--system", "--prefix", &prefix]);
    insta::assert_snapshot!(words);
    assert!(!Path::new(&prefix).exists(), "nothing is written first");
    closed(0o755);
}

#[test]
fn a_toolchain_for_all_is_one_that_others_can_reach() {
    assert!(open_to_all(Path::new("/usr/bin")).is_ok());
}

fn walk(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        found.push(entry.path().display().to_string());
        found.extend(walk(&entry.path()));
    }
    found
}
