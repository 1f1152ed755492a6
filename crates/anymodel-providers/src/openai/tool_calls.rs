//! Tool calls in OpenAI's formats, whole or as deltas: the list `tool_calls`, the older `function_call`, and calls of tools
//! that the server runs itself, which are not for the caller.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::StreamDelta;
use crate::lenient::{count, lenient};
use crate::shared_encoding::arguments_of;
use anymodel_types::ToolCall;

/// The index range of one choice: the calls of the next choice are counted on from here.
const A_CHOICE: usize = 1 << 16;

/// A tool call, whole or as a delta.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireCall {
    #[serde(deserialize_with = "count")]
    index: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    id: Option<Value>,
    #[serde(rename = "type", deserialize_with = "lenient")]
    kind: Option<String>,
    #[serde(deserialize_with = "lenient")]
    function: Option<WireFunction>,
    /// Cloudflare and others send these fields without the object `function` around them.
    #[serde(deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    arguments: Option<Value>,
    /// Gemini's signature, in the fields that gateways use for it.
    #[serde(deserialize_with = "lenient")]
    extra_content: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    provider_specific_fields: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    thought_signature: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireFunction {
    #[serde(deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    arguments: Option<Value>,
    /// The name of the arguments in Llama's own format.
    #[serde(deserialize_with = "lenient")]
    parameters: Option<Value>,
}

impl WireFunction {
    fn arguments(&self) -> String {
        arguments_of(self.arguments.as_ref().or(self.parameters.as_ref()))
    }
}

/// The calls of one message or one delta: the list, or the single call of the older format.
pub(super) fn read(list: Option<Value>, legacy: Option<Box<WireFunction>>) -> Vec<WireCall> {
    let list = match list {
        Some(Value::Array(list)) => list,
        Some(one @ Value::Object(_)) => vec![one],
        _ => Vec::new(),
    };
    let mut calls: Vec<WireCall> = list
        .into_iter()
        .filter(Value::is_object)
        .filter_map(|call| serde_json::from_str(&call.to_string()).ok())
        .collect();
    let named = legacy.filter(|call| call.name.is_some() || call.arguments.is_some());
    if calls.is_empty() {
        calls.extend(named.map(|function| WireCall {
            function: Some(*function),
            ..WireCall::default()
        }));
    }
    calls
}

impl WireCall {
    /// Whether the server runs the tool itself: its type is none of those of a caller's function.
    pub fn is_server_tool(&self) -> bool {
        const OURS: [&str; 6] = [
            "",
            "function",
            "function_call",
            "tool",
            "tool_call",
            "tool_use",
        ];
        let kind = self.kind.as_deref().unwrap_or_default().to_lowercase();
        kind != "null" && !OURS.contains(&kind.as_str())
    }

    /// A whole call.
    pub fn into_call(self) -> ToolCall {
        let (state, id) = (self.signed(), self.id());
        let function = self.function();
        let arguments = function.arguments();
        let mut call = ToolCall::new(
            id.unwrap_or_default(),
            function.name.unwrap_or_default(),
            arguments,
        );
        call.state = state;
        call
    }

    /// A delta of a call, in the choice with this index.
    pub fn into_delta(self, choice: usize) -> StreamDelta {
        let counted = self.index.and_then(|index| usize::try_from(index).ok());
        let index = counted.map(|index| choice.saturating_mul(A_CHOICE).saturating_add(index));
        if self.is_server_tool() {
            return StreamDelta::ServerTool { index };
        }
        let (state, id) = (self.signed(), self.id());
        let function = self.function();
        StreamDelta::ToolCall {
            index,
            id,
            arguments: function.arguments(),
            name: function.name,
            state,
        }
    }

    fn function(self) -> WireFunction {
        self.function.unwrap_or(WireFunction {
            name: self.name,
            arguments: self.arguments,
            parameters: None,
        })
    }

    /// The id; some servers send a number.
    fn id(&self) -> Option<String> {
        match self.id.as_ref()? {
            Value::String(id) => Some(id.clone()),
            Value::Number(id) => Some(id.to_string()),
            _ => None,
        }
    }

    /// Values that must be sent back unchanged with the call, under their original field names.
    fn signed(&self) -> Option<Value> {
        let fields = [
            ("extra_content", &self.extra_content),
            ("provider_specific_fields", &self.provider_specific_fields),
            ("thought_signature", &self.thought_signature),
        ];
        let signed: Map<String, Value> = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)))
            .collect();
        (!signed.is_empty()).then_some(Value::Object(signed))
    }
}
