//! Model list parser: reads a platform's list of models, in any of the known JSON formats.
//!
//! Parsing never fails because of a field: one of the wrong type counts as absent, and a row without a name is skipped.
//! OpenRouter, ZenMux, OpenAI, Anthropic, Google and local servers all become the same [`Model`]. Sources: the platforms'
//! references of `GET /models`, as of 2026-08.
//!
//! - this file: the rows, and their fields
//! - `fields`: fields of foreign JSON
//! - `prices`: the two formats of prices
//! - `host_quotes`: the hosts of one model

mod fields;
mod host_quotes;
mod prices;

use std::collections::HashSet;

use super::{Day, Model, Pricing, catalogue};
use fields::{Fields, list};
pub use host_quotes::offers;

/// More than any platform has; further rows are not read.
const MOST_ROWS: usize = 20_000;
/// The longest name, and the longest description, in characters.
const LONGEST_NAME: usize = 200;
const LONGEST_DESCRIPTION: usize = 2000;
/// Above any context length; a larger number is no token count.
const MOST_TOKENS: u64 = 10_000_000_000;

/// One page of a list.
#[derive(Debug, Default)]
pub struct ListPage {
    /// In the platform's order, each name once.
    pub models: Vec<Model>,
    /// The next page, when the platform names one.
    pub next: Option<String>,
}

/// Reads a page; `None` when the text is no list.
pub fn page(text: &str) -> Option<ListPage> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let whole = Fields::read(text);
    let rows = match &whole {
        Some(whole) => ["data", "models", "result"]
            .iter()
            .find_map(|name| whole.list(name))?,
        None => list(text)?,
    };
    let mut seen = HashSet::new();
    let models = rows
        .into_iter()
        .take(MOST_ROWS)
        .filter_map(|row| model(&Fields::read(row)?))
        .filter(|model| seen.insert(model.id.clone()))
        .collect();
    let next = whole.and_then(|whole| whole.object("links")?.text("next"));
    Some(ListPage { models, next })
}

fn model(row: &Fields<'_>) -> Option<Model> {
    // Google writes `models/…` in front of the name.
    let name = |key| row.text(key).filter(|text| is_name(text));
    let id = name("id").or_else(|| {
        let name = row.text("name")?;
        let bare = name.strip_prefix("models/").unwrap_or(&name);
        is_name(bare).then(|| bare.to_owned())
    });
    let id = id.or_else(|| name("model"))?;
    let (architecture, top) = (row.object("architecture"), row.object("top_provider"));
    let (architecture, top) = (architecture.unwrap_or_default(), top.unwrap_or_default());
    let pricing = prices::read(row);
    let supported = row.strings("supported_parameters");
    if pricing.is_none()
        && supported.is_empty()
        && let Some(known) = by_bare_name(&id)
    {
        // The platform sends only names, and the catalogue has the model.
        return Some(Model { id, ..known });
    }
    let title = ["name", "display_name", "displayName"];
    let title = title.iter().find_map(|key| row.text(key));
    let abilities = Abilities::read(row);
    let is_router = architecture.text("tokenizer").as_deref() == Some("Router");
    Some(Model {
        canonical_slug: name("canonical_slug").unwrap_or_else(|| id.clone()),
        name: title.map_or_else(|| id.clone(), |text| cut(&text, LONGEST_NAME)),
        created: row
            .number("created")
            .or_else(|| {
                let day = Day::read(&row.text("created_at")?)?;
                day.begins()
                    .duration_since(std::time::UNIX_EPOCH)
                    .ok()
                    .map(|since| since.as_secs())
            })
            .unwrap_or(0),
        description: row
            .text("description")
            .map_or_else(String::new, |text| cut(&text, LONGEST_DESCRIPTION)),
        aliases: Vec::new(),
        context_length: tokens(
            row,
            &[
                "context_length",
                "context_window",
                "max_context_length",
                "inputTokenLimit",
                "max_model_len",
            ],
        )
        .or_else(|| tokens(&top, &["context_length"])),
        max_completion_tokens: tokens(&top, &["max_completion_tokens"]).or_else(|| {
            tokens(
                row,
                &[
                    "max_completion_tokens",
                    "max_output_tokens",
                    "outputTokenLimit",
                ],
            )
        }),
        is_moderated: top.flag("is_moderated"),
        input_modalities: abilities.inputs(row, &architecture),
        output_modalities: outputs(row, &architecture),
        tokenizer: if is_router || id.starts_with("openrouter/") {
            "Router".to_owned()
        } else {
            architecture
                .text("tokenizer")
                .unwrap_or_else(|| "Other".to_owned())
        },
        instruct_type: architecture.text("instruct_type"),
        knowledge_cutoff: row.text("knowledge_cutoff"),
        expiration_date: row
            .text("expiration_date")
            .and_then(|text| Day::read(&text))
            .map(|day| day.to_string()),
        pricing: pricing.unwrap_or_else(Pricing::unknown),
        supported_parameters: abilities.parameters(supported),
        hosts: Vec::new(),
        id,
    })
}

/// Whether a request could use this name.
fn is_name(text: &str) -> bool {
    let fits = |c: char| !c.is_whitespace() && !c.is_control();
    !text.is_empty() && text.chars().count() <= LONGEST_NAME && text.chars().all(fits)
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

fn tokens(row: &Fields<'_>, keys: &[&str]) -> Option<u64> {
    keys.iter()
        .find_map(|key| row.number(key))
        .filter(|number| (1..=MOST_TOKENS).contains(number))
}

/// The built-in catalogue's model of this name, with or without its author.
fn by_bare_name(id: &str) -> Option<Model> {
    let end = format!("/{id}");
    let found = catalogue().get(id).or_else(|| {
        let mut all = catalogue().models();
        all.find(|known| known.id.ends_with(&end))
    });
    found.filter(|found| !found.is_router()).cloned()
}

/// Capabilities in the platform's own fields, beside or instead of request fields.
struct Abilities {
    reasoning: bool,
    vision: bool,
    tools: bool,
    schema: bool,
}

impl Abilities {
    /// `capabilities` is an object of flags (ZenMux, Mistral) or a list of words (Ollama).
    fn read(row: &Fields<'_>) -> Self {
        let flags = row.object("capabilities").unwrap_or_default();
        let words = row.strings("capabilities");
        let has = |names: &[&str]| {
            names
                .iter()
                .any(|name| flags.flag(name) || words.iter().any(|word| word == name))
        };
        Abilities {
            reasoning: has(&["reasoning", "thinking"]),
            vision: has(&["vision", "image_input"]),
            tools: has(&["tools", "tool_call", "tool_calling", "function_calling"]),
            schema: has(&["structured_output", "structured_outputs", "json_schema"]),
        }
    }

    /// As request fields, which is the representation in [`Model`].
    fn parameters(&self, mut listed: Vec<String>) -> Vec<String> {
        let more = [
            (self.reasoning, "reasoning"),
            (self.tools, "tools"),
            (self.schema, "structured_outputs"),
        ];
        for (has, parameter) in more {
            if has && !listed.iter().any(|known| known == parameter) {
                listed.push(parameter.to_owned());
            }
        }
        listed
    }

    fn inputs(&self, row: &Fields<'_>, architecture: &Fields<'_>) -> Vec<String> {
        let mut inputs = modalities(row, architecture, "input_modalities", 0);
        if self.vision && !inputs.iter().any(|kind| kind == "image") {
            inputs.push("image".to_owned());
        }
        inputs
    }
}

fn outputs(row: &Fields<'_>, architecture: &Fields<'_>) -> Vec<String> {
    modalities(row, architecture, "output_modalities", 1)
}

/// The input or output modalities: a list, or one side of `text+image->text`; text when the list has none.
fn modalities(row: &Fields<'_>, architecture: &Fields<'_>, key: &str, side: usize) -> Vec<String> {
    let listed = [architecture.strings(key), row.strings(key)];
    if let Some(listed) = listed.into_iter().find(|list| !list.is_empty()) {
        return listed;
    }
    let drawn = architecture.text("modality").unwrap_or_default();
    let part = drawn.split("->").nth(side).unwrap_or_default();
    let kinds: Vec<String> = part
        .split('+')
        .map(|kind| kind.trim().to_lowercase())
        .filter(|kind| !kind.is_empty())
        .collect();
    if kinds.is_empty() {
        vec!["text".to_owned()]
    } else {
        kinds
    }
}
