//! Lessons on the stock kernel, and the runner's own judgement, which that kernel needs.
//!
//! The runner is `anymodel run` of the package above: the program that `ANYMODEL_PROGRAM` names, else Cargo builds it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};

/// The folder of the package above.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// An empty folder of this name.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("stock")
        .join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let named = std::env::var_os("ANYMODEL_PROGRAM").map(PathBuf::from);
        named.unwrap_or_else(build)
    })
}

/// Builds the program; returns where it is.
fn build() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args([
            "build",
            "--locked",
            "--release",
            "--package",
            "anymodel-cli",
        ])
        .args(["--bin", "anymodel", "--message-format", "json"])
        .current_dir(root());
    // What `cargo test` tells this program of its own package would have build scripts run again.
    for (name, _) in std::env::vars_os() {
        let of_this_package = [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_",
            "CARGO_CRATE_",
        ];
        let text = name.to_string_lossy();
        if of_this_package.iter().any(|start| text.starts_with(start)) {
            cargo.env_remove(&name);
        }
    }
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", words(&output.stderr));
    let messages = words(&output.stdout);
    let messages = messages.lines().map(serde_json::from_str::<Value>);
    let executable = |message: Value| message["executable"].as_str().map(PathBuf::from);
    messages.flatten().find_map(executable).unwrap()
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The variables by which a lesson would ask real models.
fn live() -> &'static [String] {
    static LIVE: OnceLock<Vec<String>> = OnceLock::new();
    LIVE.get_or_init(|| {
        let output = Command::new(program())
            .args(["platforms", "--json"])
            .output();
        let platforms: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
        let platforms = platforms.as_array().unwrap();
        let named = ["key_variables", "place_variables", "url_variables"];
        let lists = platforms
            .iter()
            .flat_map(|known| named.map(|list| &known[list]));
        let names = lists.flat_map(|list| list.as_array().unwrap());
        let names = names.map(|name| name.as_str().unwrap());
        let own = ["LLM", "OPENROUTER_MODEL"];
        own.into_iter().chain(names).map(str::to_owned).collect()
    })
}

/// Runs a notebook on the stock kernel, one at a time: each kernel takes a gigabyte and all cores.
fn run(name: &str, notebook: &Path, options: &[&str]) -> Output {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let jupyter = scratch(&format!("{name}-jupyter"));
    let spec = jupyter.join("kernels/rust/kernel.json");
    fs::create_dir_all(spec.parent().unwrap()).unwrap();
    // What `evcxr_jupyter --install` writes.
    let json = json!({
        "argv": [env!("CARGO_BIN_EXE_stock-kernel"), "--control_file", "{connection_file}"],
        "display_name": "Rust", "language": "rust", "interrupt_mode": "message",
    });
    fs::write(&spec, json.to_string()).unwrap();
    let mut command = Command::new(program());
    command
        .args([
            "run",
            "--kernel",
            "rust",
            "--timeout",
            "1200",
            "--startup-timeout",
            "600",
        ])
        .args(options)
        .arg(notebook)
        .current_dir(root())
        .env("JUPYTER_DATA_DIR", &jupyter)
        // At its start the engine renews the user's own kernel `rust`; here it finds none.
        .env("JUPYTER_PATH", scratch(&format!("{name}-kernels")))
        .env("EVCXR_CONFIG_DIR", scratch(&format!("{name}-config")))
        .env("ANYMODEL_CACHE_DIR", scratch(&format!("{name}-cache")))
        .env("NO_COLOR", "1")
        .envs(live().iter().map(|name| (name, "")));
    command.output().unwrap()
}

/// What the runner says of a notebook with this cell.
fn report(name: &str, cell: &str) -> String {
    let notebook = scratch(name).join(format!("{name}.ipynb"));
    let code = |id: &str, source: &str, tags: &[&str]| {
        json!({
            "cell_type": "code", "execution_count": null, "id": id, "metadata": { "tags": tags },
            "outputs": [], "source": source,
        })
    };
    let json = json!({
        "cells": [code("cell", cell, &[]), code("end", "\"End of the lesson\"", &["end-of-lesson"])],
        "metadata": { "kernelspec": { "display_name": "Rust", "language": "rust", "name": "rust" } },
        "nbformat": 4, "nbformat_minor": 5,
    });
    fs::write(&notebook, json.to_string()).unwrap();
    let output = run(name, &notebook, &[]);
    assert!(!output.status.success());
    words(&output.stdout)
}

#[test]
fn a_lesson_passes_on_the_stock_kernel() {
    let lesson = root().join("notebooks/en/02_multi_model.ipynb");
    let output = run("lesson", &lesson, &["--check", "--times"]);
    let (report, times) = (words(&output.stdout), words(&output.stderr));
    assert!(report.ends_with("1 passed, 0 failed\n"), "{report}{times}");
    println!("{report}{times}");
}

#[test]
fn both_languages_tell_the_stock_kernel_the_same() {
    let read = |language: &str| {
        let folder = root().join("notebooks").join(language);
        let text = fs::read_to_string(folder.join("evcxr.toml")).unwrap();
        let settings = text.lines().filter(|line| !line.starts_with('#'));
        settings.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(read("en"), read("zh"));
}

#[test]
fn a_panic_fails_although_the_stock_kernel_calls_it_a_success() {
    let report = report("panic", "let empty: Vec<i32> = vec![];\nempty[3];");
    assert!(report.contains("cell 1: panicked"), "{report}");
    assert!(report.contains("index out of bounds"), "{report}");
}

#[test]
fn a_failed_question_mark_fails_although_the_stock_kernel_calls_it_a_success() {
    let report = report("question", "let n: i32 = \"x\".parse::<i32>()?;\nn");
    assert!(
        report.contains("cell 1: a `?` ended the cell early"),
        "{report}"
    );
}
