//! Hints for habits from other languages or other kernels.
//!
//! The compiler recognises many of them itself. These are the ones to which it answers with a list of tokens.

use super::diagnostics::Diagnostic;

/// Words of other languages, and what to write in Rust.
const WORDS: [(&str, &str); 14] = [
    (
        "import",
        "a name is brought in by `use`: `use std::collections::HashMap;`",
    ),
    (
        "from",
        "a name is brought in by `use`: `use std::collections::HashMap;`",
    ),
    (
        "class",
        "a type of one's own is a `struct` with an `impl` block",
    ),
    ("elif", "a further condition is `else if`"),
    (
        "lambda",
        "a function without a name is a closure: `|x| x + 1`",
    ),
    ("int", "a variable is made by `let`: `let x: i32 = 5;`"),
    ("float", "a variable is made by `let`: `let x: f64 = 5.0;`"),
    (
        "new",
        "a value is made by a function of its type: `String::new()`",
    ),
    (
        "throw",
        "an error is given back: `return Err(…)`, or `?` behind a `Result`",
    ),
    (
        "raise",
        "an error is given back: `return Err(…)`, or `?` behind a `Result`",
    ),
    ("range", "`0..3` counts from 0 to 2"),
    (
        "null",
        "nothing is `None`, and a value that may be missing is an `Option`",
    ),
    (
        "nil",
        "nothing is `None`, and a value that may be missing is an `Option`",
    ),
    (
        "undefined",
        "nothing is `None`, and a value that may be missing is an `Option`",
    ),
];

/// The hint for an error that comes from such a habit. A wrong suggestion of the compiler is removed.
pub fn hint(rust: &str, error: &mut Diagnostic) -> Option<String> {
    let hint = match word(rust, error) {
        Some(hint) => {
            error.drop_advice();
            hint
        }
        None => plain(rust, error)?,
    };
    Some(format!("hint: {hint}"))
}

fn plain(rust: &str, error: &Diagnostic) -> Option<String> {
    let by_code = match error.code() {
        Some("E0583") => "a cell reads no other file: write `mod name { … }` with its text inside",
        None if error.message().starts_with("couldn't read `") => {
            "files are looked for beside the compiled cell, not beside the notebook; \
             `std::fs::read_to_string(\"name\")?` reads one while the cell runs"
        }
        None if error.message() == "expected `{`, found `:`" => {
            "a block stands between `{` and `}`, without a colon"
        }
        None => return command(rust),
        _ => return future(error),
    };
    Some(by_code.to_owned())
}

/// The hint to await a future, unless the compiler's notes already say so.
fn future(error: &Diagnostic) -> Option<String> {
    let is_said = || {
        error
            .notes
            .iter()
            .any(|note| note.message.contains("await"))
    };
    let hint = "a future gives its value to `.await` behind it";
    (error.is_about_a_future() && !is_said()).then(|| hint.to_owned())
}

/// The hint for kernel commands that are misplaced or unknown.
fn command(rust: &str) -> Option<String> {
    let begins = |line: &str, sign: char| {
        let rest = line.trim().strip_prefix(sign);
        rest.is_some_and(|rest| {
            rest.trim_start_matches(sign)
                .starts_with(char::is_alphabetic)
        })
    };
    if rust.lines().any(|line| begins(line, '%')) {
        return Some(
            "there are no magics (`%…`) in this kernel; `:help` lists its commands".to_owned(),
        );
    }
    // A line of Rust may begin with a negation.
    let is_shell = |line: &str| begins(line, '!') && !line.contains(['(', ';', '&', '{']);
    let is_command = |line: &&str| begins(line, ':') || is_shell(line);
    let line = rust.lines().find(is_command)?;
    let word = line.split_whitespace().next()?;
    Some(format!(
        "lines such as `{word}` stand at the top of their cell"
    ))
}

/// The name that is not found, or the word before the position of a syntax error.
fn word(rust: &str, error: &Diagnostic) -> Option<String> {
    let is_form = error.code().is_none() && error.message().starts_with("expected one of");
    let known = |word: &str| WORDS.iter().find(|(known, _)| *known == word);
    let found = match is_form {
        true => {
            let before = rust.get(..error.start()?.1)?;
            let line = before.rsplit('\n').next()?;
            let mut words = line.split_whitespace();
            let last = words.next_back();
            last.and_then(known)
                .or_else(|| words.next().and_then(known))
        }
        false => error.missing().and_then(known),
    };
    found.map(|(_, hint)| (*hint).to_owned())
}
