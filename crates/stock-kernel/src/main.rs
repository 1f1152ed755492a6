//! The stock Jupyter kernel for Rust: what `cargo install evcxr_jupyter` installs, at a version that is pinned here.
//!
//! The engine starts this program again to run the cells and to stand in for the compiler, so it takes over before
//! anything else happens.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    match evcxr_jupyter::main() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the stock kernel failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}
