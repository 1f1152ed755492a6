//! The kernel's engine inside this same program.
//!
//! The evcxr kernel starts the program it lives in again for two purposes: to run the cells, and
//! to stand in for the compiler. In both cases, and when the launcher starts the kernel itself, the
//! engine has to take over before anything else happens.

use std::io::Read;
use std::process::ExitCode;

use anymodel::kernel::ENGINE_ARGUMENT;
use anymodel::notebook::process;

/// Set by the engine for the process that runs the cells; that one has no arguments, while a cell
/// that starts this program for a reason of its own gives some.
const RUNS_CELLS: &str = "EVCXR_IS_RUNTIME";
/// Set by the engine for the process that stands in for the compiler.
const STANDS_IN_FOR_RUSTC: &str = "EVCXR_RUSTC_WRAPPER";

/// Whether this process was started by the engine or to be the engine.
pub fn is_wanted() -> bool {
    let first = std::env::args_os().nth(1);
    match first {
        None => std::env::var_os(RUNS_CELLS).is_some(),
        Some(argument) if argument == ENGINE_ARGUMENT => true,
        Some(_) => std::env::var_os(STANDS_IN_FOR_RUSTC).is_some(),
    }
}

/// Hands over to the engine.
pub fn main() -> ExitCode {
    if std::env::var_os(anymodel::kernel::WATCH_LAUNCHER).is_some()
        && std::env::args_os()
            .nth(1)
            .is_some_and(|argument| argument == ENGINE_ARGUMENT)
    {
        std::thread::spawn(die_with_launcher);
    }
    match evcxr_jupyter::main() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the kernel failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The launcher holds the other end of standard input and never writes. When it is gone, however it
/// died, the read ends, and the engine goes too, with the cells and compilers it started.
fn die_with_launcher() {
    let _ = std::io::stdin().lock().read(&mut [0]);
    process::kill_own_group();
}
