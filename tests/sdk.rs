//! The official Python SDKs against the sandbox: they check every field, so what they accept is shaped right.
//!
//! They run in a virtual environment with the pinned packages of `sdk/requirements.txt`, which come from the Python package
//! index: the feature `online-tests` asks for these tests (`cargo test --all-features --test sdk`).

#[path = "support/python.rs"]
mod python;

use std::path::Path;
use std::process::Command;

use anymodel::sandbox::Sandbox;

/// Runs a script of `tests/sdk/` against a sandbox of its own.
fn script(name: &str) {
    let sandbox = Sandbox::builder().time_scale(0.0).start().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/sdk")
        .join(name);
    let interpreter = python::python("sdk-venv", "tests/sdk/requirements.txt");
    python::run(
        Command::new(interpreter)
            .arg(path)
            .env("SANDBOX_URL", sandbox.base_url())
            .env("SANDBOX_ORIGIN", sandbox.origin())
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
fn the_official_anthropic_sdk_can_use_the_sandbox() {
    script("with_anthropic.py");
}

#[test]
fn the_official_google_sdk_can_use_the_sandbox() {
    script("with_google.py");
}

#[test]
fn the_openai_sdks_azure_client_can_use_the_sandbox() {
    script("with_azure.py");
}

#[test]
fn the_calls_of_the_source_course_work_with_another_base_url() {
    script("course.py");
}
