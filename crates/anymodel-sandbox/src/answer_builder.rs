//! Answer builder: text, tool calls or JSON, cut at the limits of the request, counted and booked.

use axum::http::HeaderMap;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::account::{ApiKey, now};
use super::chat::HostAttempt;
use super::error_response::ErrorResponse;
use super::faults::{Fault, FaultKind};
use super::generation_record::generation;
use super::host_selection::{HostChoice, HostPlan};
use super::prepared_answers;
use super::reply::{SandboxReply, SandboxUsage};
use super::request::SandboxRequest;
use super::sample_values::SampleValues;
use super::schema_sampler::{Format, generate, schema_in_text};
use super::server::ServerState;
use super::tools;
use super::upstream;
use anymodel_catalog::model::{Model, catalogue, tokens};

/// The source of an answer: a model or a fault.
pub(super) enum AnswerSource<'a> {
    Model(HostChoice),
    Fault { fault: &'a Fault, sixty_words: bool },
}

/// The faults have the prices of this model, so that tests can check the cost.
const FAULTS_PRICED_LIKE: &str = "openai/gpt-4o-mini";

pub(super) async fn reply(
    shared: &ServerState,
    key: &ApiKey,
    headers: &HeaderMap,
    request: &SandboxRequest,
    plan: &HostPlan,
    speaker: &AnswerSource<'_>,
    attempts: &[HostAttempt],
) -> Result<SandboxReply, ErrorResponse> {
    let (name, provider) = match speaker {
        AnswerSource::Model(pick) => (pick.model.id.clone(), pick.host.provider.clone()),
        AnswerSource::Fault { fault, .. } => {
            (format!("sandbox/{}", fault.name), "Sandbox".to_owned())
        }
    };
    let mut draft = AnswerDraft::write(request, &name, speaker)?;
    let mut counted = None;
    if let (Some(address), AnswerSource::Model(_)) = (&shared.upstream, speaker) {
        let said = upstream::ask(shared, address, request).await?;
        counted = said.tokens;
        draft = AnswerDraft {
            calls: said.calls,
            ..AnswerDraft::text(said.text)
        };
        draft.finish = said.finish;
    }
    draft.cut(request);
    let reasoning = match speaker {
        AnswerSource::Model(pick) if request.reasoning && pick.model.supports_reasoning() => Some(
            "The sandbox does not reason. This line stands where the model's reasoning would be."
                .to_owned(),
        ),
        _ => None,
    };
    let reasoning_tokens = reasoning.as_deref().map_or(0, tokens::estimate);
    let (prompt, completion) = counted.unwrap_or_else(|| (prompt_tokens(request), draft.tokens()));
    let completion = completion + reasoning_tokens;
    let usage = match speaker {
        AnswerSource::Model(pick) => SandboxUsage::new(
            pick.model.price_at(pick.host),
            prompt,
            completion,
            reasoning_tokens,
        ),
        AnswerSource::Fault { .. } => match catalogue().get(FAULTS_PRICED_LIKE) {
            Some(model) => SandboxUsage::new(&model.pricing, prompt, completion, reasoning_tokens),
            None => SandboxUsage {
                prompt,
                completion,
                reasoning: 0,
                prompt_cost: Decimal::ZERO,
                completion_cost: Decimal::ZERO,
            },
        },
    };
    let mut ledger = shared.ledger();
    let reply = SandboxReply {
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
struct AnswerDraft {
    text: String,
    calls: Vec<tools::SandboxToolCall>,
    finish: &'static str,
    stopped_by: Option<String>,
}

impl AnswerDraft {
    fn text(text: String) -> Self {
        Self {
            text,
            calls: Vec::new(),
            finish: "stop",
            stopped_by: None,
        }
    }

    fn write(
        request: &SandboxRequest,
        model: &str,
        speaker: &AnswerSource<'_>,
    ) -> Result<Self, ErrorResponse> {
        let was_told = request.messages.iter().any(|m| m.role == "assistant");
        // After a correction of the format, the question is still the first one.
        let question = match &request.format {
            Format::Schema(_) if was_told => {
                let first = request.messages.iter().find(|m| m.role == "user");
                first.map_or(request.question(), |first| first.text.as_str())
            }
            _ => request.question(),
        };
        let said = match request.messages.last() {
            Some(last) if last.role == "tool" => prepared_answers::from_tool(question, &last.text),
            _ => match speaker {
                AnswerSource::Fault { fault, .. } if matches!(fault.act, FaultKind::Echo) => {
                    question.to_owned()
                }
                AnswerSource::Fault {
                    sixty_words: true, ..
                } => prepared_answers::sixty_words(question).to_owned(),
                _ => prepared_answers::answer(model, question),
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
        let material = SampleValues {
            question,
            answer: &said,
        };
        let told = || schema_in_text(request.messages.iter().map(|m| m.text.as_str()));
        let misfit = match speaker {
            AnswerSource::Fault { fault, .. } => match fault.act {
                FaultKind::Misfit { once } => Some(once),
                _ => None,
            },
            AnswerSource::Model(_) => None,
        };
        match (misfit, &request.format) {
            (Some(false), _) => return Ok(Self::text(said)),
            (Some(true), Format::Schema(schema)) if !was_told => {
                let value = without_numbers(generate(schema, &material));
                return Ok(Self::text(value.to_string()));
            }
            _ => {}
        }
        Ok(Self::text(match &request.format {
            Format::Text => match told() {
                // Models that get the schema as an instruction answer in a fenced code block.
                Some(schema) => format!("```json\n{:#}\n```", generate(&schema, &material)),
                None => said,
            },
            Format::JsonObject => match told() {
                Some(schema) => generate(&schema, &material).to_string(),
                None => json!({ "sandbox": true, "answer": said }).to_string(),
            },
            Format::Schema(schema) => generate(schema, &material).to_string(),
        }))
    }

    /// Cuts the text before a stop sequence, and after the most tokens that the request allows.
    fn cut(&mut self, request: &SandboxRequest) {
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

/// The same value with every number as a string.
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

/// The tokens of the prompt.
pub(super) fn prompt_tokens(request: &SandboxRequest) -> u64 {
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

/// Checks that the conversation fits the model's context.
pub(super) fn check_length(request: &SandboxRequest, model: &Model) -> Result<(), ErrorResponse> {
    let asked = prompt_tokens(request);
    match model.context_length {
        Some(most) if asked > most => Err(ErrorResponse::new(
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

/// The routing metadata; `speaker` is `None` when all candidates failed.
pub(super) fn metadata(
    plan: &HostPlan,
    speaker: Option<&AnswerSource<'_>>,
    attempts: &[HostAttempt],
) -> Value {
    let available: Vec<Value> = match speaker {
        Some(AnswerSource::Model(pick)) => pick
            .model
            .hosts
            .iter()
            .map(|host| {
                let selected = host.tag == pick.host.tag;
                json!({ "provider": host.provider, "model": pick.model.canonical_slug, "selected": selected })
            })
            .collect(),
        Some(AnswerSource::Fault { fault, .. }) => {
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
