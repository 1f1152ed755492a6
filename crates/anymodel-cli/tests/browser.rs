//! JupyterLab with the course's kernel in a real browser, used through its menus as a student does.
//!
//! The steps are Python, in `browser/`. Each test serves a folder of its own, opens a notebook in headless Chromium,
//! presses *Run All Cells*, and reads what is on the page. Screenshots for a person to look at stay in the folder
//! `browser` below `CARGO_TARGET_TMPDIR`. Chromium and its driver have to be installed
//! (`apt install chromium chromium-driver`); JupyterLab and Selenium are put into a virtual environment.
#![cfg(target_os = "linux")]

mod kernel_support;
#[path = "../../../tests/support/python.rs"]
mod python;

use std::fs;
use std::path::Path;
use std::process::Command;

use kernel_support::Kernel;

/// Runs one of the functions in `browser/steps.py`.
fn step(name: &str) {
    let kernel = Kernel::installed();
    let interpreter = python::python("browser-venv", "tests/browser/requirements.txt");
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    let _ = fs::remove_dir_all(home.join(name));
    let mut command = Command::new(interpreter);
    command
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/steps.py"))
        .arg(name)
        .arg(&home)
        .env("PYTHONIOENCODING", "utf-8");
    kernel.furnish(&mut command);
    let printed = python::run(
        &mut command,
        &format!("the step `{name}` failed in JupyterLab"),
    );
    print!("{printed}");
}

#[test]
fn run_all_takes_the_lesson_on_fallback_to_its_last_cell() {
    step("lesson");
}

#[test]
fn a_comparison_shows_its_table_and_its_chart() {
    step("chart");
}

#[test]
fn a_panic_shows_red_and_the_cells_after_it_do_not_run() {
    step("panic");
}

#[test]
fn text_grows_in_place_while_its_cell_runs() {
    step("stream");
}
