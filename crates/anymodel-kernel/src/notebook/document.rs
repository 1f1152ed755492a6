//! Notebook file in Jupyter's format (nbformat 4).
//!
//! The file is kept as JSON, and only outputs and execution counts are ever changed, so unknown
//! metadata survives. It is written in Jupyter's form (keys sorted,
//! one space of indent, a newline at the end), so saving it in Jupyter changes nothing.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Serialize;
use serde_json::{Value, json};

use super::Result;

/// The tag of the last code cell of a lesson.
pub const END_OF_LESSON: &str = "end-of-lesson";
/// The tag of a cell that is allowed to fail.
pub const RAISES_EXCEPTION: &str = "raises-exception";

/// A notebook document in memory.
#[derive(Debug, Clone)]
pub struct Document {
    path: PathBuf,
    json: Value,
}

/// A code cell: its text and tags.
#[derive(Debug, Clone)]
pub struct CodeCell {
    /// Its index among all cells of the notebook, from 0.
    pub index: usize,
    /// Its text.
    pub source: String,
    /// Its tags.
    pub tags: Vec<String>,
}

impl CodeCell {
    /// Whether the cell has `tag`.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag)
    }

    /// The first lines that hold code, for a message.
    pub fn first_lines(&self) -> String {
        let lines: Vec<&str> = self
            .source
            .lines()
            .filter(|line| !line.trim().is_empty())
            .take(2)
            .collect();
        lines.join("\n")
    }
}

impl Document {
    /// Reads and checks a notebook.
    ///
    /// # Errors
    /// When the file cannot be read, is not JSON, or is not a notebook of version 4.
    pub fn read(path: &Path) -> Result<Document> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("the notebook {} cannot be read", path.display()))?;
        let json: Value = serde_json::from_str(&text).with_context(|| {
            format!(
                "{} is not valid JSON, so it is not a notebook",
                path.display()
            )
        })?;
        if json["nbformat"].as_i64() != Some(4) || !json["cells"].is_array() {
            bail!(
                "{} is not a notebook of format 4; open it in Jupyter and save it again",
                path.display()
            );
        }
        if let Err(error) = nbformat::parse_notebook(&text) {
            bail!("{} breaks the notebook format: {error}", path.display());
        }
        Ok(Document {
            path: path.to_owned(),
            json,
        })
    }

    /// The file it came from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name of the kernel the notebook asks for.
    pub fn kernel_name(&self) -> Option<&str> {
        self.json["metadata"]["kernelspec"]["name"].as_str()
    }

    /// The non-empty code cells, in order.
    pub fn code_cells(&self) -> Vec<CodeCell> {
        let cells = self.json["cells"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        cells
            .iter()
            .enumerate()
            .filter(|(_, cell)| cell["cell_type"] == "code")
            .map(|(index, cell)| CodeCell {
                index,
                source: joined(&cell["source"]),
                tags: tags(cell),
            })
            .filter(|cell| !cell.source.trim().is_empty())
            .collect()
    }

    /// The stored outputs of the cell at `index`.
    pub fn outputs(&self, index: usize) -> Vec<Value> {
        self.json["cells"][index]["outputs"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// Empties the outputs and counts of all code cells.
    pub fn clear_outputs(&mut self) {
        let cells = self.json["cells"].as_array_mut();
        for cell in cells
            .into_iter()
            .flatten()
            .filter(|cell| cell["cell_type"] == "code")
        {
            cell["outputs"] = json!([]);
            cell["execution_count"] = Value::Null;
        }
    }

    /// Stores the outputs of the cell at `index`, which was the `count`th to run.
    pub fn set_outputs(&mut self, index: usize, count: usize, outputs: Vec<Value>) {
        if let Some(cell) = self.json["cells"].get_mut(index) {
            cell["outputs"] = Value::Array(outputs);
            cell["execution_count"] = json!(count);
        }
    }

    /// The text of the file, as Jupyter would write it.
    ///
    /// # Errors
    /// None in practice: JSON that was read can be written.
    pub fn to_text(&self) -> Result<String> {
        let mut bytes = Vec::new();
        let formatter = serde_json::ser::PrettyFormatter::with_indent(b" ");
        let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
        self.json.serialize(&mut serializer)?;
        bytes.push(b'\n');
        Ok(String::from_utf8(bytes)?)
    }

    /// Writes the notebook back to its file, atomically.
    ///
    /// # Errors
    /// When the folder cannot be written to; the old file is then untouched.
    pub fn save(&self) -> Result<()> {
        write_whole(&self.path, self.to_text()?.as_bytes())
    }
}

/// Writes a file atomically: to a temporary file beside it, which is then renamed.
///
/// # Errors
/// When the folder cannot be written to; an older file of that name is then untouched.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = fs::File::create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    if let Err(error) = written {
        // The temporary file may not exist; the first error is the one to report.
        let _ = fs::remove_file(&beside);
        return Err(error).with_context(|| format!("{} cannot be written", path.display()));
    }
    Ok(())
}

/// A notebook stores text as one string or as a list of lines.
pub(crate) fn joined(text: &Value) -> String {
    match text {
        Value::String(text) => text.clone(),
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        _ => String::new(),
    }
}

fn tags(cell: &Value) -> Vec<String> {
    let tags = cell["metadata"]["tags"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    tags.iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}
