//! The stock kernel inside this same program, to compare with (feature `stock`).
//!
//! `evcxr_jupyter` starts the program it lives in again for two purposes: to run the cells, and to
//! stand in for the compiler. In both cases, and when Jupyter starts it as a kernel, it has to take
//! over before anything else happens.

use std::process::ExitCode;

/// The first argument of the program when it is to be the stock kernel; the name of the connection
/// file follows.
const ARGUMENT: &str = "--control_file";
/// Set by the engine for the process that runs the cells; that one has no arguments, while a cell
/// that starts this program for a reason of its own gives some.
const RUNS_CELLS: &str = "EVCXR_IS_RUNTIME";
/// Set by the engine for the process that stands in for the compiler.
const STANDS_IN_FOR_RUSTC: &str = "EVCXR_RUSTC_WRAPPER";

/// Whether this process was started by the stock kernel or to be it.
pub fn is_wanted() -> bool {
    let first = std::env::args_os().nth(1);
    match first {
        None => std::env::var_os(RUNS_CELLS).is_some(),
        Some(argument) if argument == ARGUMENT => true,
        Some(_) => std::env::var_os(STANDS_IN_FOR_RUSTC).is_some(),
    }
}

/// Hands over to it.
pub fn main() -> ExitCode {
    match evcxr_jupyter::main() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the stock kernel failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}
