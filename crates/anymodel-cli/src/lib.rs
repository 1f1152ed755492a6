//! The command-line program `anymodel`, and its parts that are not in the crates below.
//!
//! The program is `src/bin/anymodel/`: a thin `main`, and one small file a command. This library holds what tests also call:
//!
//! - [`lab`]: the lessons in a private JupyterLab, which `cargo lab` opens

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod lab;
