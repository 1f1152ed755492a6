//! The official Python SDKs against the sandbox: they check every field, so what they accept is shaped right.
//!
//! The test makes a virtual environment once, in the target directory, with the pinned packages of
//! `sdk/requirements.txt`. Without Python or without the packages it fails: a check that was not made has not passed.
#![cfg(feature = "sandbox")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anymodel::sandbox::Sandbox;

const REQUIREMENTS: &str = include_str!("sdk/requirements.txt");

/// The interpreter of the virtual environment, made when it is missing or its requirements changed.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sdk-venv");
        let python = if cfg!(windows) {
            home.join("Scripts").join("python.exe")
        } else {
            home.join("bin").join("python3")
        };
        let made_for = home.join("requirements.txt");
        if std::fs::read_to_string(&made_for).is_ok_and(|text| text == REQUIREMENTS) && python.exists() {
            return python;
        }
        std::fs::remove_dir_all(&home).ok();
        let base = if cfg!(windows) { "python" } else { "python3" };
        run(
            Command::new(base).args(["-m", "venv"]).arg(&home),
            "This test needs Python 3.10 or newer with its venv module (on Debian: apt install python3-venv)",
        );
        let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk/requirements.txt");
        run(
            Command::new(&python)
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
                .arg(list),
            "This test needs the packages of tests/sdk/requirements.txt from the Python package index",
        );
        std::fs::write(made_for, REQUIREMENTS).unwrap();
        python
    })
}

/// Runs a command to its end; what it printed is shown when it fails.
fn run(command: &mut Command, needs: &str) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{needs}: {error}"));
    assert!(
        output.status.success(),
        "{needs}\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Runs a script of `tests/sdk/` against a sandbox of its own.
fn script(name: &str) {
    let sandbox = Sandbox::builder().time_scale(0.0).start().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/sdk")
        .join(name);
    run(
        Command::new(python())
            .arg(path)
            .env("SANDBOX_URL", sandbox.base_url())
            .env("PYTHONIOENCODING", "utf-8")
            .env("NO_PROXY", "127.0.0.1"),
        &format!("tests/sdk/{name} failed against {}", sandbox.base_url()),
    );
}

#[test]
fn the_official_openrouter_sdk_can_use_the_sandbox() {
    script("with_openrouter.py");
}

#[test]
fn the_openai_sdk_can_use_the_sandbox() {
    script("with_openai.py");
}

#[test]
fn the_calls_of_the_source_course_work_with_another_base_url() {
    script("course.py");
}
