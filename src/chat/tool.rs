//! The record of a function that was run because a model asked for it.

use std::fmt;
use std::time::Duration;

use anymodel_display::output::sanitize;

/// A function that was run because a model asked for it: what for, and what came of it.
///
/// It displays as one line, such as `get_weather({"city":"Oslo"}) -> 12 degrees`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToolRun {
    /// In which round of the conversation, counted from 1.
    pub round: u32,
    /// The function.
    pub name: String,
    /// The JSON text that the model wrote.
    pub arguments: String,
    /// What the model was told, be it a result or what went wrong.
    pub result: String,
    /// Whether something went wrong: no such function, arguments that do not fit, the function's own error or panic, or the
    /// call's time was over before it was done.
    pub failed: bool,
    /// How long it took.
    pub duration: Duration,
}

impl fmt::Display for ToolRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arrow = if self.failed { "-> failed:" } else { "->" };
        let line = format!("{}({}) {arrow} {}", self.name, self.arguments, self.result);
        f.write_str(&sanitize(&line))
    }
}
