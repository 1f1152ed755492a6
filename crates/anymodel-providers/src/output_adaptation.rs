//! Output adaptation: rewrites a request to the structured output that one platform and model support, and removes foreign
//! signatures.
//!
//! A chain may cross platforms, and their support for structured output differs. So a request contains the JSON schema, and
//! just before it is sent to one model of one platform it is rewritten to what those two support:
//!
//! | platform and model support | the request contains |
//! |---|---|
//! | a schema | the schema |
//! | JSON of any form | JSON mode, and the schema as an instruction |
//! | the arguments of a tool | a tool that takes the answer; its arguments are the answer |
//! | nothing | the schema as an instruction |
//!
//! So an adapter never gets an output format that its platform does not support, nor a call without its result (see
//! `history`).

use std::borrow::Cow;

use serde_json::Value;

use super::openai::is_plain_thought;
use super::{Answer, Platform, history};
use anymodel_catalog::{
    model::{Model, catalogue},
    platform_spec::{JsonSupport, PlatformCapabilities},
};
use anymodel_types::{
    ChatRequest, FinishReason, Message, MessageOrigin, Reasoning, ResponseFormat, Role, ToolChoice,
    ToolSpec,
};

/// The tool that takes an answer where no other structured output is supported.
pub const FINAL_ANSWER: &str = "final_answer";

/// The strategy that makes an answer follow a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SchemaStrategy {
    Schema,
    Object,
    Tool,
    Words,
}

/// The request, rewritten for `model` on `platform`.
pub fn adapt_request<'a>(
    request: &'a ChatRequest,
    platform: &Platform,
    model: &str,
) -> Cow<'a, ChatRequest> {
    let mut fitted = Cow::Borrowed(request);
    if !history::is_in_order(&request.messages) {
        fitted.to_mut().messages = history::ordered(&request.messages);
    }
    if request.messages.iter().any(has_state) {
        let here = MessageOrigin {
            platform: platform.name.clone(),
            place: platform.place(),
            model: model.to_owned(),
        };
        if request.messages.iter().any(|said| is_foreign(said, &here)) {
            forget(&mut fitted.to_mut().messages, &here);
        }
    }
    if let ResponseFormat::JsonSchema { schema, .. } = &request.response_format {
        match hold(platform.can, catalogue().get(model), request) {
            SchemaStrategy::Schema => {}
            SchemaStrategy::Object => *fitted.to_mut() = in_words(&fitted, schema, true),
            SchemaStrategy::Tool => *fitted.to_mut() = as_tool(&fitted, schema),
            SchemaStrategy::Words => *fitted.to_mut() = in_words(&fitted, schema, false),
        }
    }
    fitted
}

fn has_state(said: &Message) -> bool {
    said.state.is_some() || said.tool_calls.iter().any(|call| call.state.is_some())
}

/// Whether a turn carries the opaque state of another model or platform.
fn is_foreign(said: &Message, here: &MessageOrigin) -> bool {
    has_state(said) && said.origin.as_ref() != Some(here)
}

/// Removes the signatures of another vendor or model, which this one would refuse; the text stays. Reasoning in plain text
/// is no signature, and another model of the same platform may refuse a call without it.
fn forget(messages: &mut [Message], here: &MessageOrigin) {
    for said in messages.iter_mut().filter(|said| is_foreign(said, here)) {
        let at_home = said
            .origin
            .as_ref()
            .is_some_and(|from| (&from.platform, from.place) == (&here.platform, here.place));
        let plain: Vec<Value> = match said.state.take() {
            Some(Value::Array(list)) if at_home => {
                list.into_iter().filter(is_plain_thought).collect()
            }
            _ => Vec::new(),
        };
        said.state = (!plain.is_empty()).then_some(Value::Array(plain));
        for call in &mut said.tool_calls {
            call.state = None;
        }
    }
}

/// The strategy for a platform and a model. A model that is not in the catalogue counts as able to do what its platform
/// can. A platform with unknown capabilities (`None`) gets the schema as an instruction.
fn hold(
    can: Option<PlatformCapabilities>,
    model: Option<&Model>,
    request: &ChatRequest,
) -> SchemaStrategy {
    let Some(can) = can else {
        return SchemaStrategy::Words;
    };
    let knows = |ability: fn(&Model) -> bool| model.is_none_or(ability);
    let objects = knows(|model| model.supports("response_format"));
    let alone = request.tools.is_empty();
    match can.json {
        JsonSupport::Schema if knows(Model::supports_json_schema) => SchemaStrategy::Schema,
        JsonSupport::Object if objects && alone => SchemaStrategy::Object,
        // With other tools in the request, this one would have to be forced, and GLM cannot force a tool.
        JsonSupport::Object if !alone => SchemaStrategy::Words,
        _ if can.tools && knows(Model::supports_tools) => SchemaStrategy::Tool,
        JsonSupport::Schema if objects && alone => SchemaStrategy::Object,
        _ => SchemaStrategy::Words,
    }
}

/// The schema as an instruction; with `object`, JSON mode as well.
pub fn in_words(request: &ChatRequest, schema: &Value, object: bool) -> ChatRequest {
    let mut fitted = request.clone();
    fitted.response_format = match object {
        true => ResponseFormat::JsonObject,
        false => ResponseFormat::Text,
    };
    order(&mut fitted, &schema_in_words(schema));
    fitted
}

/// The instruction for a model that gets the schema as text.
pub fn schema_in_words(schema: &Value) -> String {
    format!(
        "Answer with JSON alone: no other words, no code fence. The JSON obeys this JSON schema:\n{schema}"
    )
}

/// The answer as the arguments of a tool that the model must call.
fn as_tool(request: &ChatRequest, schema: &Value) -> ChatRequest {
    let mut fitted = request.clone();
    fitted.response_format = ResponseFormat::Text;
    // A model that reasons cannot be forced to call a tool: Anthropic refuses such a request.
    let thinks = !matches!(request.reasoning, None | Some(Reasoning::Off));
    fitted.tool_choice = match (thinks, request.tools.is_empty()) {
        (true, _) => ToolChoice::Auto,
        (false, true) => ToolChoice::Named(FINAL_ANSWER.to_owned()),
        (false, false) => ToolChoice::Required,
    };
    fitted.tools.push(ToolSpec::new(
        FINAL_ANSWER,
        "Takes the final answer to the user. Call it once, when the answer is known.",
        schema.clone(),
    ));
    if thinks {
        order(
            &mut fitted,
            &format!("Give the final answer by calling the tool {FINAL_ANSWER}, not as text."),
        );
    }
    fitted
}

/// Adds to the system prompt. A request has at most one system message: some platforms refuse several.
fn order(request: &mut ChatRequest, orders: &str) {
    match request.messages.first_mut() {
        Some(first) if first.role == Role::System => {
            first.content = format!("{}\n\n{orders}", first.content);
        }
        _ => request.messages.insert(0, Message::system(orders)),
    }
}

/// Turns an answer in the arguments of the answer tool back into text.
pub fn unwrap_answer(mut answer: Box<Answer>) -> Box<Answer> {
    let taken = |name: &str| name == FINAL_ANSWER;
    // Two calls give two values: this function does not choose between them.
    let values: Vec<String> = answer
        .tool_calls
        .extract_if(.., |call| taken(&call.name))
        .map(|call| call.arguments)
        .collect();
    if values.is_empty() {
        return answer;
    }
    let text = values.join("\n");
    // Beside calls of other tools the answer came too early: the model needs their results first.
    if answer.tool_calls.is_empty() {
        answer.text = text;
        if answer.finish_reason == Some(FinishReason::ToolCalls) {
            answer.finish_reason = Some(FinishReason::Stop);
        }
        // The state belongs to the call, and the call is removed.
        answer.state = None;
    }
    answer
}
