//! Finish reason: why a model stopped writing, with the words of all platforms in one table.
//!
//! Only a word that its vendor documents for a complete answer counts as a good end. An unknown word may mean anything, so
//! it is never a good end.

use std::fmt;

/// The model finished its answer.
///
/// `stop`: OpenAI and most others, and Google's `STOP`; `end_turn`, `stop_sequence`: Anthropic
/// (<https://platform.claude.com/docs/en/api/messages>) and Bedrock's Converse; `COMPLETE`, `STOP_SEQUENCE`: Cohere
/// (<https://docs.cohere.com/reference/chat>); `eos`: Together (<https://docs.together.ai/reference/chat-completions-1>);
/// `eos_token`, `stop_sequence`: text-generation-inference
/// (<https://huggingface.co/docs/inference-providers/tasks/chat-completion>) and watsonx; `normal`: Qianfan's word for a
/// complete answer. The words without a page were known from use; no page of the vendor was at hand.
const STOP: [&str; 7] = [
    "stop",
    "end_turn",
    "stop_sequence",
    "complete",
    "eos",
    "eos_token",
    "normal",
];
/// The model calls a tool: `tool_calls`, and the older `function_call`, of OpenAI; `tool_use` of Anthropic; `TOOL_CALL`
/// of Cohere.
const TOOL_CALLS: [&str; 4] = ["tool_calls", "tool_call", "tool_use", "function_call"];
/// The text is cut: OpenAI's word, Anthropic's and Google's, Mistral's, Anthropic's for a full context, and some of watsonx
/// and of OpenAI's newer interface.
const LENGTH: [&str; 9] = [
    "length",
    "max_tokens",
    "model_length",
    "model_context_window_exceeded",
    "context_window_exceeded",
    "context_length_exceeded",
    "max_output_tokens",
    "max_completion_tokens",
    "token_limit",
];
/// A filter stopped it: OpenAI's word, Anthropic's, Google's, GLM's, Bedrock's, Cohere's.
const CONTENT_FILTER: [&str; 12] = [
    "content_filter",
    "content_filtered",
    "refusal",
    "safety",
    "recitation",
    "blocklist",
    "prohibited_content",
    "spii",
    "image_safety",
    "sensitive",
    "guardrail_intervened",
    "error_toxic",
];
/// Words that mean "not yet": DashScope writes `null` as a text into each chunk, servers in Python `None`, Google the name
/// of the field's empty value.
const SAYS_NOTHING: [&str; 4] = ["", "null", "none", "unspecified"];
/// Anthropic's word for a turn that continues when it is sent back.
const PAUSE: &str = "pause_turn";

/// Finish reason: why a model stopped writing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FinishReason {
    /// The model finished its answer.
    Stop,
    /// The token limit was reached: the text is cut.
    Length,
    /// The model calls a tool.
    ToolCalls,
    /// A filter stopped it.
    ContentFilter,
    /// The answer has not ended: the vendor's word, as it was sent, such as Anthropic's `pause_turn`.
    Other(String),
}

impl FinishReason {
    /// Reads a platform's word, with `-` for `_` as Vercel's gateway writes it, or with the name of its type before it as
    /// Google's libraries do; `None` when it says nothing.
    pub fn parse(word: &str) -> Option<Self> {
        let said = word.trim().to_ascii_lowercase().replace('-', "_");
        let said = said.strip_prefix("finish_reason_").unwrap_or(&said);
        let is_one_of = |words: &[&str]| words.contains(&said);
        Some(match () {
            () if is_one_of(&SAYS_NOTHING) => return None,
            () if is_one_of(&STOP) => FinishReason::Stop,
            () if is_one_of(&TOOL_CALLS) => FinishReason::ToolCalls,
            () if is_one_of(&LENGTH) => FinishReason::Length,
            () if is_one_of(&CONTENT_FILTER) => FinishReason::ContentFilter,
            () => FinishReason::Other(word.to_owned()),
        })
    }

    /// Whether the model continues when its text is sent back to it.
    pub fn is_pause(&self) -> bool {
        matches!(self, FinishReason::Other(word) if word == PAUSE)
    }

    /// The word on the wire, such as `stop`.
    pub fn as_str(&self) -> &str {
        match self {
            FinishReason::Stop => "stop",
            FinishReason::Length => "length",
            FinishReason::ToolCalls => "tool_calls",
            FinishReason::ContentFilter => "content_filter",
            FinishReason::Other(word) => word,
        }
    }
}

impl fmt::Display for FinishReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
