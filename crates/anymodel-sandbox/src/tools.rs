//! Tool calls: decides whether the simulated model asks for one, and with which arguments.

use serde_json::{Map, Value, json};

use super::error_response::ErrorResponse;
use super::protocol::chat;
use super::request::SandboxRequest;
use super::sample_values::SampleValues;
use super::schema_sampler::generate;

/// A function tool of the request.
#[derive(Debug, Clone)]
pub(super) struct Tool {
    pub name: String,
    description: String,
    parameters: Value,
}

/// `tool_choice`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SandboxToolChoice {
    None,
    Auto,
    Required,
    Named(String),
}

/// One tool call in the answer.
#[derive(Debug, Clone)]
pub(super) struct SandboxToolCall {
    pub id: String,
    pub name: String,
    /// The JSON text.
    pub arguments: String,
}

impl SandboxToolCall {
    pub fn wire(&self) -> Value {
        chat::tool_call(&self.id, &self.name, &self.arguments)
    }
}

impl Tool {
    pub fn read_all(raw: &Map<String, Value>) -> Result<Vec<Self>, ErrorResponse> {
        let items = match raw.get("tools") {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(_) => return Err(ErrorResponse::invalid("tools must be an array")),
        };
        let mut tools = Vec::new();
        for (at, item) in items.iter().enumerate() {
            // OpenRouter's own server tools have other types; the sandbox has none of them.
            if item.get("type").and_then(Value::as_str) != Some("function") {
                continue;
            }
            let text = |key: &str| {
                let value = item.pointer(&format!("/function/{key}"));
                value.and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            if text("name").is_empty() {
                return Err(ErrorResponse::invalid(format!(
                    "tools[{at}].function.name is missing"
                )));
            }
            tools.push(Self {
                name: text("name"),
                description: text("description"),
                parameters: item
                    .pointer("/function/parameters")
                    .cloned()
                    .unwrap_or_else(|| json!({"type": "object", "properties": {}})),
            });
        }
        Ok(tools)
    }

    /// Whether the question shares a significant word with the tool's name or description.
    fn is_wanted(&self, question: &str) -> bool {
        let question = question.to_lowercase();
        let words = |text: &str| -> Vec<String> {
            text.to_lowercase()
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| is_telling(word))
                .map(str::to_owned)
                .collect()
        };
        let mut telling = words(&self.name);
        telling.extend(words(&self.description));
        telling.iter().any(|word| {
            // Chinese is written without spaces: any two neighbouring characters may be a word.
            if word.is_ascii() {
                question
                    .split(|c: char| !c.is_ascii_alphanumeric())
                    .any(|asked| asked == word || asked.strip_suffix('s') == Some(word))
            } else {
                let letters: Vec<char> = word.chars().collect();
                letters
                    .windows(2)
                    .any(|pair| question.contains(&pair.iter().collect::<String>()))
            }
        })
    }
}

/// Significant words describe the purpose of a tool; words such as "the" or "get" do not.
fn is_telling(word: &str) -> bool {
    const EMPTY: [&str; 12] = [
        "this", "that", "with", "from", "your", "give", "given", "returns", "return", "what",
        "when", "find",
    ];
    if word.is_ascii() {
        word.len() > 3 && !EMPTY.contains(&word)
    } else {
        word.chars().count() > 1
    }
}

impl SandboxToolChoice {
    pub fn read(raw: &Map<String, Value>) -> Result<Self, ErrorResponse> {
        match raw.get("tool_choice") {
            None | Some(Value::Null) => Ok(Self::Auto),
            Some(Value::String(word)) => match word.as_str() {
                "auto" => Ok(Self::Auto),
                "none" => Ok(Self::None),
                "required" => Ok(Self::Required),
                other => Err(ErrorResponse::invalid(format!(
                    "tool_choice must be none, auto, required or a function, not {other:?}"
                ))),
            },
            Some(named) => match named.pointer("/function/name").and_then(Value::as_str) {
                Some(name) => Ok(Self::Named(name.to_owned())),
                None => Err(ErrorResponse::invalid(
                    "tool_choice must be none, auto, required or {\"type\": \"function\", \"function\": {\"name\"}}",
                )),
            },
        }
    }
}

/// Whether the conversation already contains a call of this tool. A second one would return nothing new.
fn was_called(request: &SandboxRequest, name: &str) -> bool {
    let messages = request.raw.get("messages").and_then(Value::as_array);
    let calls = messages
        .into_iter()
        .flatten()
        .filter_map(|message| message.get("tool_calls")?.as_array())
        .flatten();
    calls
        .filter_map(|call| call.pointer("/function/name")?.as_str())
        .any(|called| called == name)
}

/// The tool calls for this request: none, or one of the tools.
pub(super) fn calls(
    request: &SandboxRequest,
    answer: &str,
) -> Result<Vec<SandboxToolCall>, ErrorResponse> {
    let tool = match &request.tool_choice {
        SandboxToolChoice::Named(name) => {
            let named = request.tools.iter().find(|tool| tool.name == *name);
            Some(named.ok_or_else(|| {
                ErrorResponse::invalid(format!(
                    "tool_choice names {name:?}, which is not among the tools"
                ))
            })?)
        }
        SandboxToolChoice::Required => {
            let wanted = request
                .tools
                .iter()
                .find(|t| t.is_wanted(request.question()) && !was_called(request, &t.name))
                .or_else(|| request.tools.iter().find(|t| !was_called(request, &t.name)));
            Some(wanted.or(request.tools.first()).ok_or_else(|| {
                ErrorResponse::invalid("tool_choice is required, but no tools were sent")
            })?)
        }
        // After a tool result the model answers in text.
        SandboxToolChoice::Auto if request.messages.last().is_some_and(|m| m.role == "tool") => {
            None
        }
        SandboxToolChoice::Auto => request
            .tools
            .iter()
            .find(|t| t.is_wanted(request.question())),
        SandboxToolChoice::None => None,
    };
    Ok(tool.map_or_else(Vec::new, |tool| {
        let material = SampleValues {
            question: request.question(),
            answer,
        };
        let rounds = request.messages.iter().filter(|m| m.role == "tool").count();
        vec![SandboxToolCall {
            id: format!("call_sandbox_{}", rounds + 1),
            name: tool.name.clone(),
            arguments: generate(&tool.parameters, &material).to_string(),
        }]
    }))
}
