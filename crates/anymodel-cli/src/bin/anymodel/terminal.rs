//! Terminal output: colours and progress lines only on a terminal.

use std::io::{IsTerminal, Write};

/// Whether standard output takes colours: it is a terminal, and `NO_COLOR` is not set.
pub fn has_colours() -> bool {
    std::io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The text without terminal colours, unless the terminal takes them.
pub fn plain_or_coloured(text: &str) -> String {
    if has_colours() {
        return text.to_owned();
    }
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            // A colour is ESC [ numbers m.
            characters
                .by_ref()
                .find(|character| character.is_ascii_alphabetic());
        } else {
            plain.push(character);
        }
    }
    plain
}

/// Shows a line on standard error that the next one replaces; silent when standard error is no terminal.
pub fn show_progress(text: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\u{1b}[2K{text}");
        let _ = std::io::stderr().flush();
    }
}

/// Writes and flushes. A reader such as `head` may close the pipe early; that is not an error.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
