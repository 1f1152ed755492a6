//! The lessons on the stock kernel, and the runner's own judgement, which that kernel needs.
//!
//! The stock kernel is `evcxr_jupyter` inside this program (feature `stock`): what `evcxr_jupyter --install`
//! would put into `kernel.json`, for the same engine.

mod kernel_support;

use std::fs;
use std::path::Path;
use std::process::Command;

use kernel_support::{Kernel, notebook, tagged};

/// The runner, told to use the stock kernel.
fn on_stock(kernel: &Kernel, name: &str) -> Command {
    let jupyter = kernel.scratch(name);
    let spec = jupyter.join("kernels/rust/kernel.json");
    fs::create_dir_all(spec.parent().unwrap()).unwrap();
    let json = serde_json::json!({
        "argv": [env!("CARGO_BIN_EXE_anymodel"), "--control_file", "{connection_file}"],
        "display_name": "Rust", "language": "rust", "interrupt_mode": "message",
        // At its start the engine renews the user's own kernel `rust`; here it finds none.
        "env": { "JUPYTER_PATH": kernel.scratch("no-kernels") },
    });
    fs::write(&spec, json.to_string()).unwrap();
    let mut command = kernel.command(&["run", "--kernel", "rust", "--timeout", "1200"]);
    command.env("JUPYTER_DATA_DIR", &jupyter);
    command
}

/// What the runner says of a notebook with this cell.
fn report(name: &str, cell: &str) -> String {
    let kernel = Kernel::installed();
    let path = kernel.scratch(name).join(format!("{name}.ipynb"));
    let end = tagged("\"End of the lesson\"", "end-of-lesson");
    notebook(&path, &[cell], &[end]);
    let output = on_stock(&kernel, &format!("{name}-jupyter"))
        .arg(path)
        .output()
        .unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
#[ignore = "the crate is a plain library now, and the stock kernel links a tokio of its own into each cell"]
fn a_lesson_passes_on_the_stock_kernel() {
    let kernel = Kernel::installed();
    let lesson = Path::new(env!("CARGO_MANIFEST_DIR")).join("notebooks/en/02_multi_model.ipynb");
    let output = on_stock(&kernel, "stock-lesson")
        .arg("--check")
        .arg(lesson)
        .output()
        .unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.ends_with("1 passed, 0 failed\n"), "{report}");
}

#[test]
fn a_panic_fails_although_the_stock_kernel_calls_it_a_success() {
    let report = report("stock-panic", "let empty: Vec<i32> = vec![];\nempty[3];");
    assert!(report.contains("cell 1: panicked"), "{report}");
    assert!(report.contains("index out of bounds"), "{report}");
}

#[test]
fn a_failed_question_mark_fails_although_the_stock_kernel_calls_it_a_success() {
    let report = report("stock-question", "let n: i32 = \"x\".parse::<i32>()?;\nn");
    assert!(
        report.contains("cell 1: a `?` ended the cell early"),
        "{report}"
    );
}
