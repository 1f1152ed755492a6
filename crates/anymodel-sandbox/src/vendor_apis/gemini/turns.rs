//! Validation and decoding of turns: the next turn has the result of each call, by name.

use serde_json::{Value, json};

use super::answer::SIGNATURE;
use super::request::pick;
use crate::error_response::ErrorResponse;
use crate::vendor_apis::parts::{call, calling, image_part, text, text_part};

/// The messages of the conversation. Ids of calls do not count in this protocol, so each call gets one by its position.
pub(super) fn conversation(contents: &[Value]) -> Result<Vec<Value>, ErrorResponse> {
    let mut messages = Vec::new();
    let mut open: Vec<(String, String)> = Vec::new();
    let mut calls_so_far = 0;
    for (at, content) in contents.iter().enumerate() {
        let parts = content["parts"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        if parts.is_empty() {
            return Err(ErrorResponse::invalid(format!(
                "* GenerateContentRequest.contents[{at}].parts: contents.parts must not be empty."
            )));
        }
        let answers = parts
            .iter()
            .filter(|part| pick(part, "functionResponse").is_some())
            .count();
        if answers != open.len() {
            return Err(ErrorResponse::invalid(match answers {
                0 => "Please ensure that a function response turn comes immediately after a function call turn.".to_owned(),
                _ => format!(
                    "The number of function response parts ({answers}) must equal the number of function call parts of the turn before ({})",
                    open.len()
                ),
            }));
        }
        let (mut said, mut calls) = (Vec::new(), Vec::new());
        let called = std::mem::take(&mut open);
        for part in parts {
            if let Some(asked) = pick(part, "functionCall") {
                calls_so_far += 1;
                let id = format!("call_{calls_so_far}");
                let name = asked["name"].as_str().unwrap_or_default();
                let signature = pick(part, "thoughtSignature");
                if signature.is_some_and(|signature| signature != SIGNATURE) {
                    return Err(ErrorResponse::invalid(
                        "Thought signature is not valid: return it unchanged",
                    ));
                }
                calls.push(call(&id, name, asked.get("args").unwrap_or(&json!({}))));
                open.push((id, name.to_owned()));
            } else if let Some(answer) = pick(part, "functionResponse") {
                let name = answer["name"].as_str().unwrap_or_default();
                let Some((id, _)) = called.iter().find(|(_, called)| called == name) else {
                    return Err(ErrorResponse::invalid(format!(
                        "contents[{at}]: no function call named {name:?} stands before its response"
                    )));
                };
                messages.push(json!({ "role": "tool", "tool_call_id": id, "content": result(&answer["response"]) }));
            } else if part["thought"] == true {
                // The model's own reasoning, sent back: no new content.
            } else if let Some(media) = pick(part, "inlineData").or_else(|| pick(part, "fileData"))
            {
                said.push(image_part(&address(media)));
            } else if let Some(text) = part["text"].as_str() {
                said.push(text_part(text));
            }
        }
        match content.get("role").and_then(Value::as_str) {
            Some("model") => messages.push(calling(text(Some(&said.into())), calls)),
            None | Some("user" | "function") if said.is_empty() => {}
            None | Some("user" | "function") => {
                messages.push(json!({ "role": "user", "content": said }))
            }
            Some(role) => {
                return Err(ErrorResponse::invalid(format!(
                    "Please use a valid role: user, model. ({role:?} is none)"
                )));
            }
        }
    }
    Ok(messages)
}

fn address(media: &Value) -> String {
    let text = |name| {
        pick(media, name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    match text("fileUri") {
        "" => format!("data:{};base64,{}", text("mimeType"), text("data")),
        address => address.to_owned(),
    }
}

/// A function result, as text; without its wrapper when it contains only the result.
fn result(response: &Value) -> String {
    let fields = response.as_object();
    let alone = fields
        .filter(|fields| fields.len() == 1)
        .and_then(|fields| fields.values().next());
    match alone {
        Some(Value::String(text)) => text.clone(),
        _ => response.to_string(),
    }
}
