//! Cache key: everything of a request that may change the answer.
//!
//! A key is the whole request as text, not a hash of it, so no two requests share one by chance. It has two parts: the
//! words of the last user message, and everything else. Two requests that differ in those words alone may still ask the
//! same thing; two that differ in anything else never do.
//!
//! Settings that change only how the answer comes are not in it: deadlines, timeouts, retries, streaming.

use serde_json::{Value, json};

use anymodel_types::{
    Candidate, ChatRequest, Image, Message, ModelChoice, Reasoning, ResponseFormat, Role, ToolCall,
    ToolChoice, ToolSpec, is_simulated,
};

/// Cache scope: an endpoint that may answer.
#[derive(Clone, Copy, Debug)]
pub struct CacheScope<'a> {
    /// The platform's name in trails.
    pub platform: &'a str,
    /// Its base URL.
    pub base_url: &'a str,
    /// The model, with its platform where that is not the client's own.
    pub candidate: &'a Candidate,
}

/// Cache key: a whole request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CacheKey {
    /// Everything but `question`.
    pub context: String,
    /// The words of the last user message; empty when the last message is not a user's.
    pub question: String,
}

impl CacheKey {
    /// The key of a request to these models. A router's order changes from call to call, so the key holds its strategy
    /// instead of its order.
    pub fn new(request: &ChatRequest, scope: &[CacheScope<'_>], strategy: Option<&str>) -> Self {
        // Named one by one: a new field does not compile until its author has decided whether it changes the answer.
        let ChatRequest {
            messages,
            temperature,
            max_tokens,
            top_p,
            stop,
            seed,
            presence_penalty,
            frequency_penalty,
            reasoning,
            tools,
            tool_choice,
            response_format,
            hosts,
            max_price,
        } = request;
        let (question, before) = match messages.split_last() {
            Some((last, before)) if last.role == Role::User => (last.content.as_str(), before),
            _ => ("", messages.as_slice()),
        };
        let mut said: Vec<Value> = before.iter().map(message).collect();
        if before.len() < messages.len() {
            // The last message without its words.
            said.extend(messages.last().map(|last| rest_of(last, "")));
        }
        let mut scope: Vec<Value> = scope.iter().map(place).collect();
        if strategy.is_some() {
            scope.sort_by_cached_key(Value::to_string);
        }
        let context = json!([
            scope,
            strategy,
            said,
            temperature,
            max_tokens,
            top_p,
            stop,
            seed,
            presence_penalty,
            frequency_penalty,
            reasoning.map(thinking),
            tools.iter().map(tool).collect::<Vec<_>>(),
            choice_of_tool(tool_choice),
            form(response_format),
            hosts,
            max_price,
        ]);
        CacheKey {
            context: context.to_string(),
            question: question.to_owned(),
        }
    }
}

fn place(scope: &CacheScope<'_>) -> Value {
    let Candidate {
        // The platform that it names is the one in `scope`.
        platform: _,
        model,
        choice,
    } = scope.candidate;
    let name = scope.platform;
    // Each sandbox listens on its own port, and all answer alike.
    let address = match is_simulated(name) {
        true => "",
        false => scope.base_url,
    };
    let choice = choice
        .as_ref()
        .map(|ModelChoice { prefer, among }| json!([format!("{prefer:?}"), among]));
    json!([name, address, model, choice])
}

fn message(message: &Message) -> Value {
    rest_of(message, &message.content)
}

fn rest_of(message: &Message, words: &str) -> Value {
    let Message {
        role,
        content: _,
        images,
        tool_calls,
        tool_call_id,
        state,
        origin,
    } = message;
    let images: Vec<Value> = images
        .iter()
        .map(|image| match image {
            Image::Url(url) => json!([url]),
            Image::Data { media_type, base64 } => json!([media_type, base64]),
        })
        .collect();
    let calls: Vec<Value> = tool_calls.iter().map(call).collect();
    let origin = origin
        .as_ref()
        .map(|origin| json!([origin.platform, origin.model]));
    json!([
        role.as_str(),
        words,
        images,
        calls,
        tool_call_id,
        state,
        origin
    ])
}

fn call(call: &ToolCall) -> Value {
    let ToolCall {
        id,
        name,
        arguments,
        state,
    } = call;
    json!([id, name, arguments, state])
}

fn tool(tool: &ToolSpec) -> Value {
    let ToolSpec {
        name,
        description,
        parameters,
    } = tool;
    json!([name, description, parameters])
}

fn thinking(reasoning: Reasoning) -> Value {
    match reasoning {
        Reasoning::Off => json!("off"),
        Reasoning::Low => json!("low"),
        Reasoning::Medium => json!("medium"),
        Reasoning::High => json!("high"),
        Reasoning::Tokens(most) => json!(most),
    }
}

fn choice_of_tool(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::None => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Named(name) => json!([name]),
    }
}

fn form(form: &ResponseFormat) -> Value {
    match form {
        ResponseFormat::Text => json!("text"),
        ResponseFormat::JsonObject => json!("json"),
        ResponseFormat::JsonSchema { name, schema } => json!([name, schema]),
    }
}
