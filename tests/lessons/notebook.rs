//! Notebooks and programs, read from the repository.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The languages, by their folders.
pub const LANGUAGES: [&str; 2] = ["en", "zh"];

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn path(language: &str, lesson: &str) -> PathBuf {
    root()
        .join("notebooks")
        .join(language)
        .join(format!("{lesson}.ipynb"))
}

pub fn text(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub struct Notebook {
    pub json: Value,
    pub cells: Vec<Cell>,
}

pub struct Cell {
    pub id: String,
    pub is_code: bool,
    pub tags: Vec<String>,
    pub source: String,
    pub outputs: Vec<Value>,
}

impl Cell {
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag)
    }

    /// Whether the cell belongs to the lesson itself, and so to the example.
    pub fn is_lesson(&self) -> bool {
        self.is_code && self.tags.is_empty()
    }
}

pub fn read(language: &str, lesson: &str) -> Notebook {
    let json: Value = serde_json::from_str(&text(path(language, lesson))).unwrap();
    let cells = json["cells"].as_array().unwrap().iter().map(cell).collect();
    Notebook { json, cells }
}

fn cell(json: &Value) -> Cell {
    let strings = |value: &Value| -> Vec<String> {
        let all = value.as_array().cloned().unwrap_or_default();
        all.iter()
            .map(|one| one.as_str().unwrap().to_owned())
            .collect()
    };
    Cell {
        id: json["id"].as_str().unwrap().to_owned(),
        is_code: json["cell_type"] == "code",
        tags: strings(&json["metadata"]["tags"]),
        source: strings(&json["source"]).concat(),
        outputs: json["outputs"].as_array().cloned().unwrap_or_default(),
    }
}

impl Notebook {
    pub fn tagged(&self, tag: &str) -> &Cell {
        let mut found = self.cells.iter().filter(|cell| cell.has_tag(tag));
        let cell = found
            .next()
            .unwrap_or_else(|| panic!("no cell is tagged {tag}"));
        assert!(found.next().is_none(), "two cells are tagged {tag}");
        cell
    }
}

/// The lines that are code: no comments, no blank lines, no indentation. A cell that ends in a loop has a semicolon after
/// its last brace, so that the notebook does not show the loop's empty value; a program needs none.
pub fn code(source: &str) -> Vec<String> {
    let lines = source.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    if let Some(last) = lines.last_mut()
        && last == "};"
    {
        last.pop();
    }
    lines
}
