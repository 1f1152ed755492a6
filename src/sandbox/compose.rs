//! What an answer says: text, tool calls or JSON, cut where the request wants it cut, counted and booked.

use axum::http::HeaderMap;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::account::{Key, now};
use super::answer;
use super::chat::Attempt;
use super::choose::{Pick, Plan};
use super::failure::Failure;
use super::faults::{Act, Fault};
use super::material::Material;
use super::receipt::generation;
use super::reply::{Reply, Usage};
use super::schema::{Format, obey, told};
use super::server::Shared;
use super::tools;
use super::upstream;
use super::wire::ChatRequest;
use crate::model::{Model, catalogue, tokens};

/// Who speaks.
pub(super) enum Speaker<'a> {
    Model(Pick),
    Fault { fault: &'a Fault, sixty_words: bool },
}

/// The model whose price the faults charge: they cost something, so that money can be tested too.
const FAULTS_PRICED_LIKE: &str = "openai/gpt-4o-mini";

pub(super) async fn reply(
    shared: &Shared,
    key: &Key,
    headers: &HeaderMap,
    request: &ChatRequest,
    plan: &Plan,
    speaker: &Speaker<'_>,
    attempts: &[Attempt],
) -> Result<Reply, Failure> {
    let (name, provider) = match speaker {
        Speaker::Model(pick) => (pick.model.id.clone(), pick.host.provider.clone()),
        Speaker::Fault { fault, .. } => (format!("sandbox/{}", fault.name), "Sandbox".to_owned()),
    };
    let mut draft = Draft::write(request, &name, speaker)?;
    let mut counted = None;
    if let (Some(address), Speaker::Model(_)) = (&shared.upstream, speaker) {
        let said = upstream::ask(shared, address, request).await?;
        counted = said.tokens;
        draft = Draft {
            calls: said.calls,
            ..Draft::text(said.text)
        };
        draft.finish = said.finish;
    }
    draft.cut(request);
    let reasoning = match speaker {
        Speaker::Model(pick) if request.reasoning && pick.model.reasons() => Some(
            "The sandbox does not reason. This line stands where the model's reasoning would be."
                .to_owned(),
        ),
        _ => None,
    };
    let reasoning_tokens = reasoning.as_deref().map_or(0, tokens::estimate);
    let (prompt, completion) = counted.unwrap_or_else(|| (prompt_tokens(request), draft.tokens()));
    let completion = completion + reasoning_tokens;
    let usage = match speaker {
        Speaker::Model(pick) => Usage::new(
            pick.model.price_at(pick.host),
            prompt,
            completion,
            reasoning_tokens,
        ),
        Speaker::Fault { .. } => match catalogue().get(FAULTS_PRICED_LIKE) {
            Some(model) => Usage::new(&model.pricing, prompt, completion, reasoning_tokens),
            None => Usage {
                prompt,
                completion,
                reasoning: 0,
                prompt_cost: Decimal::ZERO,
                completion_cost: Decimal::ZERO,
            },
        },
    };
    let mut ledger = shared.ledger();
    let reply = Reply {
        id: ledger.next_id(),
        created: now().as_secs(),
        model: name,
        provider,
        text: draft.text,
        reasoning,
        tool_calls: draft.calls,
        finish: draft.finish,
        stopped_by: draft.stopped_by,
        metadata: wants_metadata(headers).then(|| metadata(plan, Some(speaker), attempts)),
        usage,
    };
    ledger.book(
        key,
        reply.usage.cost(),
        generation(&reply, request, speaker, headers),
    );
    Ok(reply)
}

/// An answer before it is counted.
struct Draft {
    text: String,
    calls: Vec<tools::ToolCall>,
    finish: &'static str,
    stopped_by: Option<String>,
}

impl Draft {
    fn text(text: String) -> Self {
        Self {
            text,
            calls: Vec::new(),
            finish: "stop",
            stopped_by: None,
        }
    }

    fn write(request: &ChatRequest, model: &str, speaker: &Speaker<'_>) -> Result<Self, Failure> {
        let was_told = request.messages.iter().any(|m| m.role == "assistant");
        // Who is told that an answer did not fit still answers the question before that.
        let question = match &request.format {
            Format::Schema(_) if was_told => {
                let first = request.messages.iter().find(|m| m.role == "user");
                first.map_or(request.question(), |first| first.text.as_str())
            }
            _ => request.question(),
        };
        let said = match request.messages.last() {
            Some(last) if last.role == "tool" => answer::from_tool(question, &last.text),
            _ => match speaker {
                Speaker::Fault { fault, .. } if matches!(fault.act, Act::Echo) => {
                    question.to_owned()
                }
                Speaker::Fault {
                    sixty_words: true, ..
                } => answer::sixty_words(question).to_owned(),
                _ => answer::answer(model, question),
            },
        };
        let calls = tools::calls(request, &said)?;
        if !calls.is_empty() {
            return Ok(Self {
                calls,
                finish: "tool_calls",
                ..Self::text(String::new())
            });
        }
        let material = Material {
            question,
            answer: &said,
        };
        let told = || told(request.messages.iter().map(|m| m.text.as_str()));
        let misfit = match speaker {
            Speaker::Fault { fault, .. } => match fault.act {
                Act::Misfit { once } => Some(once),
                _ => None,
            },
            Speaker::Model(_) => None,
        };
        match (misfit, &request.format) {
            (Some(false), _) => return Ok(Self::text(said)),
            (Some(true), Format::Schema(schema)) if !was_told => {
                let value = without_numbers(obey(schema, &material));
                return Ok(Self::text(value.to_string()));
            }
            _ => {}
        }
        Ok(Self::text(match &request.format {
            Format::Text => match told() {
                // As models do that are asked for JSON in words: it comes in a fence.
                Some(schema) => format!("```json\n{:#}\n```", obey(&schema, &material)),
                None => said,
            },
            Format::JsonObject => match told() {
                Some(schema) => obey(&schema, &material).to_string(),
                None => json!({ "sandbox": true, "answer": said }).to_string(),
            },
            Format::Schema(schema) => obey(schema, &material).to_string(),
        }))
    }

    /// Ends the text before a stop sequence, and after the tokens the request allows.
    fn cut(&mut self, request: &ChatRequest) {
        let stops = request.stop.iter().filter(|stop| !stop.is_empty());
        let first = stops.filter_map(|stop| Some((self.text.find(stop.as_str())?, stop)));
        if let Some((at, stop)) = first.min() {
            self.text.truncate(at);
            self.stopped_by = Some(stop.clone());
        }
        let Some(most) = request.max_tokens else {
            return;
        };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let kept: usize = tokens::pieces(&self.text).take(most).map(str::len).sum();
        if kept < self.text.len() {
            self.text.truncate(kept);
            self.finish = "length";
            self.stopped_by = None;
        }
    }

    fn tokens(&self) -> u64 {
        let calls = self
            .calls
            .iter()
            .map(|c| tokens::estimate(&c.name) + tokens::estimate(&c.arguments));
        tokens::estimate(&self.text) + calls.sum::<u64>()
    }
}

/// The same with every number as a text.
fn without_numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => format!("about {number}").into(),
        Value::Array(all) => all.into_iter().map(without_numbers).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name, without_numbers(value)))
            .collect(),
        other => other,
    }
}

fn prompt_tokens(request: &ChatRequest) -> u64 {
    let messages = request
        .messages
        .iter()
        .map(|m| (m.role.as_str(), m.text.as_str()));
    let tools = request
        .raw
        .get("tools")
        .map_or(0, |t| tokens::estimate(&t.to_string()));
    tokens::estimate_messages(messages) + tools
}

/// Whether the conversation fits the model.
pub(super) fn check_length(request: &ChatRequest, model: &Model) -> Result<(), Failure> {
    let asked = prompt_tokens(request);
    match model.context_length {
        Some(most) if asked > most => Err(Failure::new(
            400,
            "context_length_exceeded",
            format!(
                "This endpoint's maximum context length is {most} tokens. However, you requested about {asked} tokens."
            ),
        )),
        _ => Ok(()),
    }
}

pub(super) fn wants_metadata(headers: &HeaderMap) -> bool {
    [
        "x-openrouter-metadata",
        "x-openrouter-experimental-metadata",
    ]
    .iter()
    .any(|name| headers.get(*name).is_some_and(|value| value == "enabled"))
}

/// How the request was routed; nobody speaks when all failed.
pub(super) fn metadata(plan: &Plan, speaker: Option<&Speaker<'_>>, attempts: &[Attempt]) -> Value {
    let available: Vec<Value> = match speaker {
        Some(Speaker::Model(pick)) => pick
            .model
            .hosts
            .iter()
            .map(|host| {
                let selected = host.tag == pick.host.tag;
                json!({ "provider": host.provider, "model": pick.model.canonical_slug, "selected": selected })
            })
            .collect(),
        Some(Speaker::Fault { fault, .. }) => {
            vec![json!({ "provider": "Sandbox", "model": format!("sandbox/{}", fault.name), "selected": true })]
        }
        None => Vec::new(),
    };
    let tried: Vec<Value> = attempts
        .iter()
        .map(|(model, provider, status)| json!({ "model": model, "provider": provider, "status": status }))
        .collect();
    let outcome = if speaker.is_some() {
        "answered"
    } else {
        "failed"
    };
    json!({
        "requested": plan.requested, "strategy": plan.strategy, "region": null,
        "summary": format!("{} host(s) known, {outcome} at attempt {}", available.len(), attempts.len()),
        "attempt": attempts.len(), "is_byok": false,
        "endpoints": { "total": available.len(), "available": available },
        "attempts": tried, "pipeline": [],
    })
}
