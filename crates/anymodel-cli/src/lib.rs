//! The program `anymodel`, and what it needs beside the crates below it.
//!
//! The program itself is `src/bin/anymodel/`: a thin `main`, one small file a command. What tests call as well stands here:
//!
//! - [`lab`]: the lessons in a JupyterLab of their own, which `cargo lab` opens

pub mod lab;
