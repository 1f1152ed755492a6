//! Error report of a tool loop that ended without an answer: for the caller, and for the model.

use super::ToolLoop;
use anymodel_types::{Error, ErrorKind, ToolCall};

impl ToolLoop<'_> {
    pub(super) fn no_such_tool(&self, name: &str) -> String {
        let names: Vec<&str> = self.functions.iter().map(|one| one.name.as_str()).collect();
        format!(
            "there is no tool named {name:?}; the tools are {}",
            names.join(", ")
        )
    }

    pub(super) fn too_many_rounds(&self, wanted: &[ToolCall]) -> Error {
        let (model, rounds) = (self.model(), self.max_rounds);
        let message = match rounds {
            0 => {
                let names: Vec<&str> = wanted.iter().map(|call| call.name.as_str()).collect();
                let names = names.join(", ");
                format!("{model}: it wants to call {names}, and no round of tool calls is allowed")
            }
            1 => format!(
                "{model}: no answer after 1 round of tool calls: {}",
                self.called()
            ),
            _ => format!(
                "{model}: no answer after {rounds} rounds of tool calls: {}",
                self.called()
            ),
        };
        self.given_up(
            message,
            "let the tools say more clearly when their work is done, or allow more with .max_rounds(…)",
        )
    }

    pub(super) fn does_not_fit(&self, cut: bool) -> Error {
        let run = self.runs.iter().rev().find(|run| run.failed);
        let (name, words) = run.map_or(("", ""), |run| (&run.name, &run.result));
        let words = words.trim_start_matches("error: ");
        let model = self.model();
        if cut {
            return self.given_up(
                format!(
                    "{model}: a call of the tool {name:?} was cut at the limit of tokens: {words}"
                ),
                "allow a longer answer with .max_tokens(…)",
            );
        }
        self.given_up(
            format!(
                "{model}: cannot call the tools, though it was told what is wrong; the last was {name:?}: {words}"
            ),
            "describe the tools and their fields better (a /// comment on a field is told to the model), or name a \
             model that is better at calling tools",
        )
    }

    pub(super) fn too_late(&self) -> Error {
        let limit = self.limits.deadline.unwrap_or_default().as_secs_f64();
        let called = match self.runs.is_empty() {
            true => String::new(),
            false => format!(", after {}", self.called()),
        };
        Error::new(
            ErrorKind::Timeout,
            format!(
                "{}: the call's {limit:.1} s were over before the answer was there{called}",
                self.model()
            ),
        )
        .with_hint("allow more time with .deadline(…)")
    }

    fn given_up(&self, message: String, hint: &str) -> Error {
        Error::new(ErrorKind::ToolLoop, message).with_hint(hint)
    }

    fn model(&self) -> &str {
        self.trail
            .last()
            .map_or("", |attempt| attempt.model_asked.as_str())
    }

    /// The functions that were run and how often, such as `get_weather 8 times`.
    fn called(&self) -> String {
        let mut counts: Vec<(&str, u32)> = Vec::new();
        for run in &self.runs {
            match counts.iter_mut().find(|(name, _)| *name == run.name) {
                Some((_, count)) => *count += 1,
                None => counts.push((&run.name, 1)),
            }
        }
        let words: Vec<String> = counts
            .into_iter()
            .map(|(name, count)| match count {
                1 => format!("{name} once"),
                _ => format!("{name} {count} times"),
            })
            .collect();
        words.join(", ")
    }
}
