//! Comparison of stored and fresh outputs, without what may differ between two good runs.
//!
//! Those differences are: durations, and the widths of table columns that follow from them; ports on loopback;
//! generation ids; the numbers of cells in compiler messages; the geometry of pictures (the bars
//! of a chart follow the durations). Standard error is not compared at all.

use std::fmt::Write;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::Result;
use super::document::{Document, joined};

/// A pattern and its replacement. The patterns are constants, so they compile. An invalid one
/// would leave the text unchanged, and the tests would fail.
type Rule = (Option<Regex>, &'static str);

static RULES: LazyLock<Vec<Rule>> =
    LazyLock::new(|| {
        [
        // Terminal colours.
        (r"\x1b\[[0-9;]*m", ""),
        // 12 ms, 1.2 s, 850µs, 1m 3s; a number without a unit does not match.
        (r"\b\d+(?:[.,]\d+)?\s?(?:ns|µs|us|ms|s|秒|毫秒)(?:\b|$)", "<duration>"),
        (r"\d+(?:[.,]\d+)?\s?(?:秒|毫秒)", "<duration>"),
        (r"\b(?:127\.0\.0\.1|localhost|\[::1\]):\d+", "127.0.0.1:<port>"),
        (r"\bgen-[A-Za-z0-9_-]+", "gen-<id>"),
        (r"\bcommand_\d+", "command_<n>"),
        // Geometry of SVG.
        (
            r#"\b(x|y|x1|x2|y1|y2|cx|cy|r|rx|ry|width|height|d|points|transform|viewBox)="[^"]*""#,
            r#"$1="…""#,
        ),
        // The bars of a chart in text.
        (r"█+", "█"),
        // The rules of a table are as wide as its contents.
        (r"[-─━═]{2,}", "──"),
        (r"[ \t\u{a0}]+", " "),
    ]
    .into_iter()
    .map(|(pattern, stand_in)| (Regex::new(pattern).ok(), stand_in))
    .collect()
    });

/// Replaces everything that may differ between two good runs.
pub fn normalise(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n");
    for (pattern, stand_in) in RULES.iter() {
        if let Some(pattern) = pattern {
            text = pattern.replace_all(&text, *stand_in).into_owned();
        }
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// Compares the outputs of two versions of one notebook.
///
/// Returns a report of the cells that differ, or `None` when all are equal.
pub fn difference(stored: &Document, fresh: &Document) -> Option<String> {
    let mut report = String::new();
    for cell in stored.code_cells() {
        let before = readable(&stored.outputs(cell.index));
        let after = readable(&fresh.outputs(cell.index));
        if before != after {
            // Writing to a string cannot fail.
            let _ = writeln!(report, "cell {}: the output differs", cell.index + 1);
            report.push_str(&diff(&before, &after));
        }
    }
    if report.is_empty() {
        None
    } else {
        Some(report)
    }
}

/// Compares a notebook that was just run with its stored file.
///
/// # Errors
/// When the stored notebook cannot be read.
pub fn with_stored(fresh: &Document) -> Result<Option<String>> {
    Ok(difference(&Document::read(fresh.path())?, fresh))
}

/// Outputs as lines, each normalised.
fn readable(outputs: &[Value]) -> Vec<String> {
    let mut lines = Vec::new();
    for output in outputs {
        match output["output_type"].as_str() {
            Some("stream") if output["name"] == "stderr" => {}
            Some("stream") => add(&mut lines, "", &joined(&output["text"])),
            Some("error") => add(&mut lines, "error: ", &joined(&output["evalue"])),
            _ => {
                for (mime, content) in output["data"].as_object().into_iter().flatten() {
                    let text = match content {
                        Value::String(_) | Value::Array(_) => joined(content),
                        other => other.to_string(),
                    };
                    add(&mut lines, &format!("{mime}: "), &text);
                }
            }
        }
    }
    lines
}

fn add(lines: &mut Vec<String>, label: &str, text: &str) {
    lines.extend(normalise(text).lines().map(|line| format!("{label}{line}")));
}

/// The removed lines (`-`) and the added lines (`+`), without the unchanged lines.
fn diff(before: &[String], after: &[String]) -> String {
    let common = common_lengths(before, after);
    let (mut old, mut new) = (0, 0);
    let mut report = String::new();
    while old < before.len() || new < after.len() {
        let same = old < before.len() && new < after.len() && before[old] == after[new];
        if same {
            (old, new) = (old + 1, new + 1);
        } else if new == after.len()
            || (old < before.len() && common[old + 1][new] >= common[old][new + 1])
        {
            let _ = writeln!(report, "  - {}", before[old]);
            old += 1;
        } else {
            let _ = writeln!(report, "  + {}", after[new]);
            new += 1;
        }
    }
    report
}

/// For every pair of suffixes, the length of their longest common subsequence.
fn common_lengths(before: &[String], after: &[String]) -> Vec<Vec<usize>> {
    let mut lengths = vec![vec![0; after.len() + 1]; before.len() + 1];
    for old in (0..before.len()).rev() {
        for new in (0..after.len()).rev() {
            lengths[old][new] = if before[old] == after[new] {
                lengths[old + 1][new + 1] + 1
            } else {
                lengths[old + 1][new].max(lengths[old][new + 1])
            };
        }
    }
    lengths
}
