//! Conversion of rust-analyzer's answers into the kernel's own types.

use serde_json::Value;

use super::text::{self, Encoding};
use super::{Completions, Detail, Hover, Match, SymbolKind};
use crate::NOTEBOOK_CRATE;

const FENCE: &str = "```";
const RULE: &str = "\n---\n";

/// The matches of a completion answer at the byte `at`: those that start with the word there, or, when
/// none does, those that contain it.
pub(super) fn completions(
    answer: &Value,
    source: &str,
    at: usize,
    encoding: Encoding,
) -> Completions {
    let items = answer.get("items").unwrap_or(answer).as_array();
    let items = items.map(Vec::as_slice).unwrap_or_default();
    let place = |range: &Value| {
        let number = |value: &Value| value.as_u64().and_then(|n| usize::try_from(n).ok());
        let byte = |end: &Value| {
            let (line, column) = number(&end["line"]).zip(number(&end["character"]))?;
            Some(text::offset(source, line, column, encoding))
        };
        let (start, end) = byte(&range["start"]).zip(byte(&range["end"]))?;
        (start <= at && at <= end).then_some((start, end))
    };
    let mut ranges = items.iter().map(|item| place(&item["textEdit"]["range"]));
    let (start, end) = ranges
        .find_map(|range| range)
        .unwrap_or((text::name_start(source, at), at));

    let mut found = Vec::new();
    for item in items {
        let edit = &item["textEdit"];
        let same_place = place(&edit["range"]) == Some((start, end));
        let Some(text) = edit["newText"].as_str().map(str::trim_end) else {
            continue;
        };
        let more = item["additionalTextEdits"].as_array();
        let alone = more.is_none_or(Vec::is_empty);
        if same_place && alone && !text.is_empty() && !text.starts_with("__") {
            let order = item["sortText"].as_str().unwrap_or_default();
            found.push((order, one(item, text)));
        }
    }
    let word = source[start..at].to_lowercase();
    let fits = |test: fn(&str, &str) -> bool| {
        let found = found.iter();
        let fit = found.filter(|(_, m)| test(&m.text.to_lowercase(), &word));
        fit.cloned().collect::<Vec<_>>()
    };
    let mut fit = fits(|text, word| text.starts_with(word));
    if fit.is_empty() {
        fit = fits(|text, word| text.contains(word));
    }
    // Matches of equal weight arrive in the order of a hash table.
    fit.sort_by(|(a, x), (b, y)| (a, x.kind, &x.text).cmp(&(b, y.kind, &y.text)));
    let mut matches: Vec<Match> = Vec::new();
    for (_, one) in fit {
        if matches.iter().all(|earlier| earlier.text != one.text) {
            matches.push(one);
        }
    }
    Completions {
        matches,
        start,
        end,
    }
}

fn one(item: &Value, text: &str) -> Match {
    // The numbers of LSP's CompletionItemKind.
    let kind = match item["kind"].as_u64() {
        Some(2..=4) => SymbolKind::Function,
        Some(5 | 10) => SymbolKind::Property,
        Some(6 | 12 | 20 | 21) => SymbolKind::Instance,
        Some(7 | 8 | 13 | 22 | 25) => SymbolKind::Class,
        Some(9) => SymbolKind::Module,
        Some(14) => SymbolKind::Keyword,
        _ => SymbolKind::Name,
    };
    let signature = item["detail"].as_str().unwrap_or_default();
    Match {
        text: text.to_owned(),
        kind,
        // A signature that is only the name adds nothing.
        signature: if signature == text { "" } else { signature }.to_owned(),
    }
}

/// The text of a hover answer: the declaration, then the documentation, then where it is
/// declared. `None` when there is no text, or when it is about a literal.
pub(super) fn hover(answer: &Value, detail: Detail) -> Option<Hover> {
    let mut rest = answer["contents"]["value"].as_str()?;
    let mut blocks = Vec::new();
    while let Some((code, after)) = leading_code(rest) {
        blocks.push(code);
        rest = after;
    }
    let (path, declaration) = match blocks[..] {
        [path, declaration, ..] => (path, declaration),
        [declaration] => ("", declaration),
        [] => return None,
    };
    let about = rest.trim_start().strip_prefix("---").unwrap_or(rest).trim();
    if about.starts_with("value of literal") {
        return None;
    }
    // The crate name of the engine's file is not shown.
    let path = path.strip_prefix(NOTEBOOK_CRATE).unwrap_or(path);
    let path = path.strip_prefix("::").unwrap_or(path);
    let about = match detail {
        Detail::Full => about,
        Detail::Brief => until_heading(about),
    };
    let place = if path.is_empty() {
        String::new()
    } else {
        format!("in {path}")
    };
    let join = |declaration: &str, place: &str| {
        let parts = [declaration, about, place].into_iter();
        let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
        parts.join("\n\n")
    };
    let marked = if path.is_empty() {
        String::new()
    } else {
        format!("in `{path}`")
    };
    Some(Hover {
        plain: plain(&join(declaration, &place)),
        markdown: join(&format!("{FENCE}rust\n{declaration}\n{FENCE}"), &marked),
    })
}

/// Splits a text into the code block at its start and the rest.
fn leading_code(text: &str) -> Option<(&str, &str)> {
    let inside = text.trim_start().strip_prefix(FENCE)?;
    let (_language, inside) = inside.split_once('\n')?;
    inside.split_once("\n```")
}

/// A text up to its first heading, which may be its first line. A line inside a code block is not a heading.
fn until_heading(text: &str) -> &str {
    let mut in_code = false;
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        in_code ^= line.starts_with(FENCE);
        if !in_code && line.starts_with("# ") {
            break;
        }
        end += line.len();
    }
    text[..end].trim_end()
}

/// Markdown as plain text: without fences, rules, and the marks of inline code.
fn plain(markdown: &str) -> String {
    let mut text = String::new();
    let mut in_code = false;
    for line in markdown.lines() {
        if line.starts_with(FENCE) {
            in_code = !in_code;
        } else if in_code {
            text += &format!("    {line}\n");
        } else if line != RULE.trim() {
            text += &line.replace('`', "");
            text.push('\n');
        }
    }
    text.trim_end().to_owned()
}
