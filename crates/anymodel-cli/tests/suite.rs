//! The public suite `jupyter_kernel_test`, whole, on the course's kernel.
//!
//! The samples are in `suite/anymodel_suite.py`, which also runs on another kernel, to compare:
//! `python tests/suite/anymodel_suite.py --kernel rust`.

mod kernel_support;
#[path = "../../../tests/support/python.rs"]
mod python;

use std::path::Path;
use std::process::Command;

use kernel_support::Kernel;
use serde_json::Value;

/// A pager shows IPython's manual; this kernel has nothing to show in one.
const MAY_BE_SKIPPED: [&str; 1] = ["test_pager"];

#[test]
fn the_public_suite_for_kernels_passes_whole() {
    let kernel = Kernel::installed();
    let interpreter = python::python("suite-venv", "tests/suite/requirements.txt");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/anymodel_suite.py");
    let mut command = Command::new(interpreter);
    command.arg(script).env("PYTHONIOENCODING", "utf-8");
    kernel.furnish(&mut command);
    let printed = python::run(&mut command, "jupyter_kernel_test fails on the kernel");
    let report: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(report["ran"], 13, "version 0.7.0 has 13 checks: {report}");
    for (test, why) in report["skipped"].as_object().unwrap() {
        assert!(
            MAY_BE_SKIPPED.iter().any(|name| test.starts_with(name)),
            "{test} was skipped: {why}"
        );
    }
}
