//! Error report of a tool loop that ended without an answer: for the caller, and for the model.

use super::ToolLoop;
use anymodel_types::{Error, ErrorKind, ToolCall, words};

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
                words::tools().it_wants_to_call(&model, &names)
            }
            1 => words::tools().no_answer_after_1_round(&model, &self.called()),
            _ => words::tools().no_answer_after_rounds(&model, &rounds, &self.called()),
        };
        self.given_up(
            message,
            words::tools().let_the_tools_say_when_they_are_done(),
        )
    }

    pub(super) fn does_not_fit(&self, cut: bool) -> Error {
        let run = self.runs.iter().rev().find(|run| run.failed);
        let (name, words) = run.map_or(("", ""), |run| (&run.name, &run.result));
        let words = words.trim_start_matches("error: ");
        let model = self.model();
        if cut {
            return self.given_up(
                words::tools().call_of_the_tool_was_cut(&model, &format_args!("{name:?}"), &words),
                words::tools().allow_a_longer_answer_with_max_tokens(),
            );
        }
        self.given_up(
            words::tools().cannot_call_the_tools(&model, &format_args!("{name:?}"), &words),
            words::tools().describe_the_tools_and_their_fields_better(),
        )
    }

    pub(super) fn too_late(&self) -> Error {
        let limit = self.limits.deadline.unwrap_or_default().as_secs_f64();
        let called = match self.runs.is_empty() {
            true => String::new(),
            false => words::tools().after(&self.called()),
        };
        Error::new(
            ErrorKind::Timeout,
            words::tools().time_was_over_before_the_answer(&self.model(), &limit, &called),
        )
        .with_hint(words::tools().allow_more_time_with_deadline())
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
                1 => words::tools().once(&name),
                _ => words::tools().times(&name, &count),
            })
            .collect();
        words.join(", ")
    }
}
