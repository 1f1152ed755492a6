//! Rewriting of compiler messages: removes the names of generated code.

use serde_json::Value;

/// Notes that do not help in a notebook: unstable features, lint attributes, the compiler's
/// own files, generated code.
const FOREIGN: [&str; 12] = [
    "#![feature(",
    "compiler was built on",
    "`#[warn(",
    "`#[deny(",
    "implicitly imported",
    "the full name for the type has been written",
    "consider using `--verbose`",
    "anymodel_cell",
    "__value",
    "to create the module",
    "elsewhere in the crate already",
    "nightly-only",
];

/// Whether a note is one of those.
pub fn is_foreign(note: &str) -> bool {
    FOREIGN.iter().any(|foreign| note.contains(foreign))
}

/// The compiler's names for the function or block around a cell.
const BODIES: [&str; 5] = [
    "a closure",
    "an `async` block",
    "an async block",
    "an async function",
    "a function",
];

/// The compiler's name for the return type of a cell.
const END: &str = "std::result::Result<(), anymodel_cell::Stop>";

/// Rewrites a message about the bracket after a cell: it means the end of the text.
pub fn end(text: &str) -> String {
    text.replace("found `}`", "found the end of the cell")
        .replace("unexpected token: `}`", "unexpected end of the cell")
        .replace("unexpected token", "the cell ends here")
}

/// Rewrites a message about the function around a cell.
pub fn of_cell(text: &str) -> String {
    text.replace("the current function", "this cell")
        .replace("the function body", "the cell")
}

/// Rewrites the first line of a message. `in_cell` says that it is about the cell itself, which the compiler
/// sees as a closure or an async block.
pub fn message(text: &str, in_cell: bool) -> String {
    let text = plain(text);
    if !in_cell {
        return text;
    }
    let mut text = text;
    for body in BODIES {
        text = text
            .replace(
                &format!(" in {body} that returns `Result`"),
                " at the top of a cell",
            )
            .replace(&format!(" inside of {body}"), " outside of a loop");
    }
    text
}

/// Rewrites the text beside a mark; `in_cell` as above.
pub fn label(text: &str, in_cell: bool) -> String {
    let text = match in_cell {
        true => plain(text)
            .replace(" inside of a closure", " here")
            .replace(" inside of an `async` block", " here"),
        false => plain(text),
    };
    // The text is about a generated name.
    if text.contains("__value") || text.contains("anymodel_cell") {
        return String::new();
    }
    text
}

/// Whether a span outside of all cells is the closure or the block around a whole cell.
pub fn is_around(span: &Value) -> bool {
    let label = span["label"].as_str().unwrap_or_default();
    label.starts_with("this ") || label.starts_with("enclosing ")
}

/// Removes the generated file's name and the return type of a cell.
pub fn plain(text: &str) -> String {
    // `{closure@/folder/cell-7-0.rs:31:34}`
    if let Some((before, behind)) = text.split_once('@')
        && let Some((place, behind)) = behind.split_once('}')
        && (place.contains("cell-") || place.starts_with("cell ["))
    {
        return plain(&format!("{before}}}{behind}"));
    }
    let text = beside(text);
    text.replace("this file contains", "this cell contains")
        .replace(&format!(" to provide an error compatible with `{END}`"), "")
        .replace(&format!("`{END}`"), "what a cell ends with")
        .replace("`anymodel_cell::Stop`", "the error of a cell")
}

/// Shortens the path of a file in the folder of generated files to its name: `couldn't read `/folder/data.txt`: …`.
fn beside(text: &str) -> String {
    let Some((before, path)) = text.split_once("couldn't read `") else {
        return text.to_owned();
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    format!("{before}couldn't read `{name}")
}
