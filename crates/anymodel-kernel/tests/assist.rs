//! Completion and inspection, with the real rust-analyzer.
#![cfg(target_os = "linux")]

#[path = "assist/answers.rs"]
mod answers;
#[path = "assist/frames.rs"]
mod frames;
#[path = "assist/life.rs"]
mod life;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anymodel_kernel::completion::{Assistant, Completions, Detail};

/// What an engine makes of a session; `$` is the cell's text.
const FRAME: &str = r#"use anymodel::prelude::*;
#[derive(Debug)]
struct Point { abscissa: i32 }
async fn __cell(client: Client, reply: Reply, __secret: u32) -> anymodel::Result<()> {
    let größe = Point { abscissa: 1 };
    $
    Ok(())
}
"#;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap()
}

/// A folder of a test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("assist of {name}"));
    let _ = fs::remove_dir_all(&folder);
    folder
}

/// The file around a cell, and the place of the `|` in it.
fn file(cell: &str) -> (String, usize) {
    let text = FRAME.replace('$', cell);
    let offset = text.find('|').unwrap();
    (text.replacen('|', "", 1), offset)
}

/// A test that cannot be made here has not passed.
fn needs_rust_analyzer() {
    let output = Command::new("rust-analyzer").arg("--version").output();
    assert!(
        output.is_ok_and(|output| output.status.success()),
        "This test needs rust-analyzer: `rustup component add rust-analyzer`"
    );
}

/// Asks until the crates are loaded: on a busy machine that takes longer than a question may.
async fn loaded(assistant: &Assistant) {
    needs_rust_analyzer();
    let (source, offset) = file("clie|nt;");
    for _ in 0..20 {
        if assistant
            .inspect(&source, offset, Detail::Brief)
            .await
            .is_some()
        {
            return;
        }
    }
    panic!("rust-analyzer is installed and does not answer");
}

fn texts(found: &Completions) -> Vec<&str> {
    found.matches.iter().map(|one| one.text.as_str()).collect()
}
