//! A program that was installed from the registry has no checkout: cells are compiled against the published crate.

use std::fs;

use crate::tools::{CC, PYTHON, Tools};

/// Shows how the package that it should compile depends on the crate.
const CARGO_SHOWS: &str = r#"case "$1" in
--version) echo cargo 1.95.0 ;;
*) echo "error: $(/bin/grep '^anymodel = ' Cargo.toml)" >&2; exit 101 ;;
esac"#;

fn tools(name: &str) -> Tools {
    Tools::none(name)
        .with("python3", PYTHON)
        .with_rustc("1.95.0")
        .with("cargo", CARGO_SHOWS)
        .with("cc", CC)
}

/// The folder that takes a checkout's place, as the kernelspec names it.
fn stand_in(tools: &Tools) -> String {
    let folder = concat!("cache/kernel/from-registry-", env!("CARGO_PKG_VERSION"));
    tools.dir.join(folder).display().to_string()
}

#[test]
fn without_a_checkout_cells_are_compiled_against_the_published_crate_of_the_programs_version() {
    let tools = tools("registry");
    let folder = stand_in(&tools);
    let words = tools.says(&["kernel", "install", "--crate-path", &folder]);
    let wanted = concat!(
        "anymodel = { version = \"=",
        env!("CARGO_PKG_VERSION"),
        "\""
    );
    assert!(words.contains(wanted), "{words}");
    assert!(words.starts_with("No checkout here"), "{words}");

    // The cache was emptied since.
    fs::remove_dir_all(&folder).unwrap();
    let words = tools.says(&["kernel", "install", "--crate-path", &folder]);
    assert!(words.contains(wanted), "{words}");
}

#[test]
fn a_version_that_the_registry_does_not_have_is_said_with_the_way_out() {
    let cargo = r#"case "$1" in
--version) echo cargo 1.95.0 ;;
*) echo "error: no matching package named \`anymodel\` found" >&2; exit 101 ;;
esac"#;
    let tools = tools("unpublished").with("cargo", cargo);
    let words = tools.says(&["kernel", "install", "--crate-path", &stand_in(&tools)]);
    let (_, error) = words.split_once("error: ").unwrap();
    insta::assert_snapshot!(error.replace(env!("CARGO_PKG_VERSION"), "<version>"));
}

#[test]
fn with_a_checkout_cells_are_compiled_against_its_folder() {
    let words = tools("checkout").says(&["kernel", "install"]);
    let root = crate::kernel_support::root().canonicalize().unwrap();
    let wanted = format!("anymodel = {{ path = {:?}", root.display().to_string());
    assert!(words.contains(&wanted), "{words}");
}

#[test]
fn without_a_checkout_the_lab_says_where_the_lessons_are() {
    let tools = tools("no-lessons");
    let folder = stand_in(&tools);
    tools.says(&["kernel", "install", "--crate-path", &folder]);
    let words = tools.says(&["lab", "--no-browser", "--crate-path", &folder]);
    insta::assert_snapshot!(words);
}
