//! Probe for the stock Rust kernel: detects whether a cell ran to its end.
//!
//! That kernel answers "ok" to a cell that panicked and to a cell that a `?` left early. In both
//! cases it forgets the variables that the cell defined. So the cell is sent with one
//! more variable in front, and afterwards the kernel is asked for its variables (`:vars`, which
//! compiles nothing). The variable exists exactly when the cell ran to its end. The question
//! is answered over the same channel as the cell, so lost or late output on stdout cannot
//! change the answer.
//!
//! The variable is placed first, on its own line, because the last expression of a cell is the
//! value that it shows.

/// A cell with the probe's variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The code to send, with the variable in front.
    pub code: String,
    /// The variable's name.
    pub variable: String,
}

/// The command that lists the variables.
pub const LIST_VARIABLES: &str = ":vars";

/// Inserts the variable before a cell's first line of Rust.
///
/// Returns `None` for a cell of only commands (`:dep …`), shell lines and comments: such a
/// cell cannot stop early without an error from the kernel.
pub fn probe(source: &str, number: usize) -> Option<Probe> {
    let mut before = 0;
    for line in source.split_inclusive('\n') {
        if is_rust(line) {
            let variable = format!("anymodel_cell_{number}_ran");
            let (head, tail) = source.split_at(before);
            let code = format!("{head}let {variable} = ();\n{tail}");
            return Some(Probe { code, variable });
        }
        before += line.len();
    }
    None
}

/// Whether the kernel's list of variables (`name: type`, one a line) names `variable`.
pub fn is_listed(list: &str, variable: &str) -> bool {
    list.lines()
        .any(|line| line.split(':').next() == Some(variable))
}

/// Whether a line is Rust: the kernel accepts commands, shell lines and comments only above the first such line.
fn is_rust(line: &str) -> bool {
    let text = line.trim();
    let is_command = line.trim_start_matches(' ').starts_with(':');
    !(text.is_empty() || is_command || line.starts_with('!') || line.starts_with("//"))
}
