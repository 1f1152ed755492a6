//! Summary of a reply: one line, and how a reply is shown.

use super::{FinishReason, Reply};
use crate::trail::is_simulated;
use crate::words;
use anymodel_display::{
    Show,
    output::{escape, sanitize},
    paragraph, time,
};

impl Reply {
    /// One line about the answer: model, platform, tokens, cost, time.
    pub fn summary(&self) -> String {
        let mut parts = vec![self.model.clone()];
        parts.push(match self.platform.split_once(':') {
            _ if self.platform == "sandbox" => words::replies().simulated().to_owned(),
            Some((_, played)) if is_simulated(&self.platform) => {
                format!("{played}, {}", words::replies().simulated())
            }
            _ => self.platform.clone(),
        });
        if let Some(usage) = self.usage {
            parts.push(words::replies().tokens(&usage.total_tokens));
        }
        if let Some(cost) = self.spent() {
            parts.push(cost.to_string());
        }
        if let Some(cached) = &self.cached {
            parts.push(words::replies().not_asked(&cached));
        }
        parts.push(time(self.latency));
        match &self.finish_reason {
            Some(reason @ (FinishReason::Length | FinishReason::ContentFilter)) => {
                parts.push(words::replies().cut_short(&reason));
            }
            Some(FinishReason::Other(word)) => parts.push(words::replies().not_at_its_end(&word)),
            _ => {}
        }
        sanitize(&parts.join(" · ")).into_owned()
    }
}

impl Show for Reply {
    fn to_html(&self) -> String {
        format!(
            "{}<p><small>{}</small></p>",
            paragraph(&self.text),
            escape(&self.summary())
        )
    }

    fn to_twin(&self) -> String {
        format!("{}\n[{}]", self.text, self.summary())
    }
}
