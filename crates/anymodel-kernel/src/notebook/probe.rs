//! Did a cell run to its end? The stock Rust kernel does not say.
//!
//! It answers "ok" to a cell that panicked and to a cell that a `?` left early. What it does do in
//! both cases is forget the variables which that cell defined. So a cell is sent to it with one
//! more variable in front, and afterwards the kernel is asked for its variables (`:vars`, which
//! compiles nothing). The variable is there exactly when the cell came to its end. The question
//! is answered over the same channel as the cell, so nothing that is lost or late on stdout can
//! change the answer.
//!
//! The variable goes in front, on a line of its own, because what stands last in a cell is the
//! value it shows.

/// A cell as it is sent to a Rust kernel, and the variable that tells its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The cell with the variable in front.
    pub code: String,
    /// The variable's name.
    pub variable: String,
}

/// What to send to list the variables.
pub const LIST_VARIABLES: &str = ":vars";

/// Puts the variable in front of a cell's first line of Rust.
///
/// Returns `None` for a cell that holds only commands (`:dep …`), shell lines and comments: such a
/// cell cannot stop half-way without an error that the kernel admits.
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

/// The kernel accepts commands, shell lines and comments only above the first line of Rust.
fn is_rust(line: &str) -> bool {
    let text = line.trim();
    let is_command = line.trim_start_matches(' ').starts_with(':');
    !(text.is_empty() || is_command || line.starts_with('!') || line.starts_with("//"))
}
