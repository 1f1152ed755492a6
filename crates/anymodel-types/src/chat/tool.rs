//! Tool run: the record of a function that was run because a model called it.

use std::fmt;
use std::time::Duration;

use anymodel_display::output::sanitize;

/// Tool run: the record of a function that was run because a model called it.
///
/// It displays as one line, such as `get_weather({"city":"Oslo"}) -> 12 degrees`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolRun {
    /// The round of tool calls, counted from 1.
    pub round: u32,
    /// The function.
    pub name: String,
    /// The JSON text that the model wrote.
    pub arguments: String,
    /// The result or the error, as it was sent to the model.
    pub result: String,
    /// Whether it failed: no such function, arguments that do not fit, the function's own error or panic, or the call's time
    /// was over before the function was done.
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
