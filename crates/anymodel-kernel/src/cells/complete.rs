//! Completeness check (`is_complete_request`): whether a console can run a text or must ask for more.

use proc_macro2::TokenStream;
use syn::Block;
use syn::parse::Parser;

use super::Completeness;
use super::command_lines::{cut_attributes, without_commands};
use super::recursion_limit;

/// Whether `code` is a complete cell.
pub fn completeness(code: &str) -> Completeness {
    // Text that nests too deeply counts as complete: the compiler will report it.
    recursion_limit::parse_limited(code, || examined(code)).unwrap_or(Completeness::Complete)
}

fn examined(code: &str) -> Completeness {
    let (rust, _) = without_commands(code);
    match open_brackets(&rust) {
        Open::Never => return Completeness::Invalid,
        Open::Still(depth) => return Completeness::Incomplete("    ".repeat(depth.min(8))),
        Open::No => {}
    }
    let rust = cut_attributes(&rust, &mut Vec::new());
    match Block::parse_within.parse_str(&rust) {
        Ok(_) => Completeness::Complete,
        // An error at the very end means that the text is unfinished: `let x =`.
        Err(error)
            if error.span().byte_range().start >= rust.trim_end().len()
                || error.to_string().contains("unexpected end of input") =>
        {
            Completeness::Incomplete(String::new())
        }
        Err(_) => Completeness::Invalid,
    }
}

enum Open {
    No,
    Still(usize),
    Never,
}

/// Whether brackets, strings and comments are closed.
fn open_brackets(code: &str) -> Open {
    if code.parse::<TokenStream>().is_ok() {
        return Open::No;
    }
    // Text with too many closing brackets cannot become valid; text with too few can.
    let (mut depth, mut deepest_fault) = (0_i64, false);
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            '"' => match rest[1..].find('"') {
                Some(end) => {
                    rest = &rest[end + 2..];
                    continue;
                }
                None => return Open::Still(0),
            },
            '/' if rest.starts_with("//") => {
                rest = rest.find('\n').map_or("", |end| &rest[end..]);
                continue;
            }
            '/' if rest.starts_with("/*") => match rest.find("*/") {
                Some(end) => {
                    rest = &rest[end + 2..];
                    continue;
                }
                None => return Open::Still(0),
            },
            _ => {}
        }
        deepest_fault |= depth < 0;
        rest = &rest[c.len_utf8()..];
    }
    match (deepest_fault, usize::try_from(depth)) {
        (false, Ok(depth)) if depth > 0 => Open::Still(depth),
        _ => Open::Never,
    }
}
