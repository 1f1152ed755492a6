//! Parsing of cell lines that are not ordinary Rust: commands, and inner attributes. They are
//! replaced by blanks, so that all other text keeps its position.

use std::collections::BTreeSet;
use std::ops::Range;

/// The text with its command lines blanked out, so that all other text keeps its position.
pub fn without_commands(code: &str) -> (String, Vec<(String, Range<usize>)>) {
    without_commands_beside(code, &BTreeSet::new())
}

/// The same, with the names of variables: `!done` is an expression when `done` is a variable.
pub fn without_commands_beside(
    code: &str,
    variables: &BTreeSet<String>,
) -> (String, Vec<(String, Range<usize>)>) {
    let mut rust = String::with_capacity(code.len());
    let mut commands = Vec::new();
    let mut at_top = true;
    let mut start = 0;
    for line in code.split_inclusive('\n') {
        let text = line.trim();
        let is_command = at_top
            && ((text.starts_with(':') && !text.starts_with("::"))
                || (text.starts_with('!') && !is_negation(text, variables)));
        at_top &= is_command || text.is_empty() || text.starts_with("//");
        if is_command {
            let blank = line
                .bytes()
                .map(|byte| if byte == b'\n' { '\n' } else { ' ' });
            rust.extend(blank);
            let from = start + line.find(text).unwrap_or(0);
            commands.push((text.to_owned(), from..from + text.len()));
        } else {
            rust.push_str(line);
        }
        start += line.len();
    }
    (rust, commands)
}

/// Whether a line that starts with `!` is an expression: `!list.is_empty()`, `!(a && b)`, `!true`.
fn is_negation(line: &str, variables: &BTreeSet<String>) -> bool {
    let rest = line.trim_start_matches('!');
    let name = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
    let (name, behind) = rest.split_at(name.unwrap_or(rest.len()));
    let is_variable = name
        .split('.')
        .next()
        .is_some_and(|name| variables.contains(name));
    let goes_on = ["&&", "||", "==", "!=", ";", "&", "|", "^", "?"];
    let rest = behind.trim_start();
    let is_value = rest.is_empty() || goes_on.iter().any(|sign| rest.starts_with(sign));
    (is_variable && is_value)
        || matches!(name, "true" | "false")
        || behind.starts_with("(")
        || (!name.is_empty() && (behind.starts_with(['[', '!']) || behind.starts_with("::")))
}

/// Blanks out inner attributes at the top, which are moved to the top of the compiled file, and inner
/// documentation (`//!`), which has no meaning in a cell.
pub fn cut_attributes(rust: &str, found: &mut Vec<Range<usize>>) -> String {
    let mut text = rust.to_owned();
    let mut at = 0;
    loop {
        let rest = &rust[at..];
        let start = at + rest.len() - rest.trim_start().len();
        let rest = &rust[start..];
        let end = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else {
            match attribute(rest) {
                Some(end) => end,
                None => return text,
            }
        };
        if rest.starts_with("#!") {
            found.push(start..start + end);
        }
        if rest.starts_with("#!") || rest.starts_with("//!") {
            text.replace_range(start..start + end, &" ".repeat(end));
        }
        at = start + end;
    }
}

/// The length of the inner attribute at the start of a text.
fn attribute(text: &str) -> Option<usize> {
    let (mut depth, mut in_string) = (0_usize, false);
    let inner = text.strip_prefix("#!")?;
    inner.starts_with('[').then_some(())?;
    for (at, c) in inner.char_indices() {
        match c {
            '"' => in_string = !in_string,
            '[' if !in_string => depth += 1,
            ']' if !in_string => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some("#!".len() + at + 1);
        }
    }
    None
}
