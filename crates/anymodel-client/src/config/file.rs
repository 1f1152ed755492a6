//! The configuration file: `anymodel.yaml`, from its YAML tree to [`Settings`].
//!
//! All errors are reported at once, each with its line and column. An unknown field is an error that names the nearest known
//! one. A field or a value that looks like a key is refused without being shown, because keys come from the environment
//! alone.

use std::path::Path;

use super::Settings;
use super::model::{ModelSettings, usual};
use super::value::{self, base_url, shown};
use super::variables::read;
use super::yaml::{self, Field, Position, YamlNode, YamlValue};
use super::yaml_decoder::{SettingGroup, YamlDecoder};
use anymodel_catalog::{
    model::{Pricing, nearest},
    platform_spec::{find, platform_specs},
};
use anymodel_types::{Error, ErrorKind, Result, words};

const TOP: SettingGroup = SettingGroup {
    name: || words::settings_files().files_top_level(),
    fields: &[
        "platform",
        "llm",
        "base_url",
        "model",
        "temperature",
        "max_tokens",
        "disable_thinking",
        "timeout",
        "timeout_per_model",
        "deadline",
        "max_retries",
        "provider_mode",
        "free_models_only",
        "routing_strategy",
        "enabled_models",
        "ledger",
        "label",
        "sandbox_time_scale",
        "models",
        "routing",
    ],
};
const ROUTING: SettingGroup = SettingGroup {
    name: || words::settings_files().group_routing(),
    fields: &["default_model", "fallback_chain", "cost_limit_per_call"],
};
const MODEL: SettingGroup = SettingGroup {
    name: || words::settings_files().model_of_the_group_models(),
    fields: &[
        "provider",
        "endpoint",
        "model",
        "price_per_1k_input",
        "price_per_1k_output",
        "max_retries",
        "timeout",
    ],
};
const GROUPS: &[SettingGroup] = &[TOP, ROUTING, MODEL];

/// Applies the file to the settings, and returns the errors in it.
///
/// # Errors
/// When the file cannot be read, or is no YAML.
pub(super) fn apply(path: &Path, settings: &mut Settings) -> Result<Vec<Error>> {
    let text = read(
        path,
        words::settings_files().configuration_file_has_to_be_a_text_file(),
    )?;
    let root = yaml::parse(&text).map_err(|broken| {
        let place = match broken.at {
            Some(at) => format!("{}:{}:{}", path.display(), at.line, at.column),
            None => path.display().to_string(),
        };
        Error::new(ErrorKind::Config, format!("{place}: {}", broken.what)).with_hint(broken.hint)
    })?;
    let mut reader = YamlDecoder::new(path, GROUPS, settings);
    reader.refuse_secrets(&root);
    reader.top(&root);
    Ok(reader.problems)
}

impl YamlDecoder<'_> {
    fn top(&mut self, root: &YamlNode) {
        let fields = self.fields(root, words::settings_files().the_file(), &TOP);
        // A base URL belongs to its platform, so the platform comes first.
        for name in ["platform", "llm"] {
            if let Some(field) = fields.iter().find(|field| field.name == name) {
                self.scalar(field, "platform");
            }
        }
        for field in &fields {
            match field.name.as_str() {
                "platform" | "llm" => {}
                "models" => self.models(&field.node),
                "routing" => {}
                "enabled_models" => {
                    if let Some(names) = self.names(field) {
                        self.settings.enabled_models = names;
                    }
                }
                "timeout_per_model" => self.scalar(field, "timeout"),
                name => self.scalar(field, name),
            }
        }
        // It refers to the models, so it is read after them.
        if let Some(field) = fields.iter().find(|field| field.name == "routing") {
            self.routing(&field.node);
        }
        self.platform_is_known(&fields);
    }

    fn routing(&mut self, node: &YamlNode) {
        for field in self.fields(node, "`routing`", &ROUTING) {
            match field.name.as_str() {
                "default_model" => {
                    self.scalar(field, "model");
                    if let YamlValue::Text(name) = &field.node.value {
                        self.model_is_known(name, field.node.at);
                    }
                }
                "fallback_chain" => {
                    let Some(names) = self.names(field) else {
                        continue;
                    };
                    if let YamlValue::List(nodes) = &field.node.value {
                        for (name, node) in names.iter().zip(nodes) {
                            self.model_is_known(name, node.at);
                        }
                    }
                    self.settings.fallback_chain = names;
                }
                name => self.scalar(field, name),
            }
        }
    }

    fn models(&mut self, node: &YamlNode) {
        match &node.value {
            YamlValue::Nothing => {}
            YamlValue::Fields(entries) => {
                for entry in entries {
                    self.model(entry);
                }
            }
            other => self.problem(
                node.at,
                words::settings_files().models_is_no_group(&other.kind()),
                words::settings_files().write_a_name_and_a_colon_for_each(),
            ),
        }
    }

    fn model(&mut self, entry: &Field) {
        let name = entry.name.clone();
        let place = format!("`models.{name}`");
        let before = self.problems.len();
        let mut model = ModelSettings {
            provider: None,
            model: String::new(),
            base_url: None,
            pricing: None,
            max_retries: None,
            timeout: None,
            name,
        };
        let (mut input, mut output) = (None, None);
        for field in self.fields(&entry.node, &place, &MODEL) {
            match field.name.as_str() {
                "provider" => model.provider = self.text(field).map(|name| name.to_lowercase()),
                "model" => model.model = self.text(field).unwrap_or_default(),
                "endpoint" => model.base_url = self.endpoint(field),
                "price_per_1k_input" => {
                    input = self.number(field, value::wanted_dollars(), value::dollars);
                }
                "price_per_1k_output" => {
                    output = self.number(field, value::wanted_dollars(), value::dollars);
                }
                "max_retries" => {
                    model.max_retries = self.number(field, value::wanted_retries(), value::retries);
                }
                "timeout" => {
                    model.timeout = self.number(field, value::wanted_seconds(), value::seconds)
                }
                _ => {}
            }
        }
        let thousand = rust_decimal::Decimal::ONE_THOUSAND;
        model.pricing = match (input, output) {
            (Some(input), Some(output)) => Some(Pricing::new(input / thousand, output / thousand)),
            (None, None) => None,
            _ if self.problems.len() > before => None,
            _ => {
                self.problem(
                    entry.at,
                    words::settings_files().has_one_price_of_two(&place),
                    words::settings_files().write_both_prices(),
                );
                None
            }
        };
        self.serving(entry, &place, &mut model);
        if self.problems.len() == before {
            self.settings
                .sources
                .set(&format!("models.{}", model.name), self.source(entry.at));
            self.settings.models.push(model);
        }
    }

    /// The platform of the model, and its name there.
    fn serving(&mut self, entry: &Field, place: &str, model: &mut ModelSettings) {
        if model.provider.is_none() && find(&model.name).is_some() {
            model.provider = Some(model.name.clone());
        }
        if let Some(provider) = model.provider.clone()
            && find(&provider).is_none()
            && model.base_url.is_none()
        {
            let names = platform_specs().iter().map(|preset| preset.name);
            let near = nearest(&provider, 1, names);
            let near = near.first().map_or(String::new(), |name| {
                words::settings_files().did_you_mean_and(&name)
            });
            self.problem(
                entry.at,
                words::settings_files().is_served_by_an_unknown_platform(&place, &shown(&provider)),
                words::settings_files().anymodel_platforms_lists_the_known_ones(&near),
            );
        }
        if !model.model.is_empty() {
            return;
        }
        let provider = model.provider.clone().unwrap_or_default();
        model.model = if provider != model.name {
            model.name.clone()
        } else if let Some(model) = usual(&provider) {
            model.to_owned()
        } else {
            self.problem(
                entry.at,
                words::settings_files().does_not_say_which_model_is_meant(&place, &provider),
                words::settings_files().add_a_line_model(),
            );
            String::new()
        };
    }

    fn endpoint(&mut self, field: &Field) -> Option<String> {
        let text = self.text(field)?;
        match base_url(&text, &format!("`{}`", field.name)) {
            Ok(url) => Some(url),
            Err(error) => {
                self.problem(
                    field.node.at,
                    error.to_string(),
                    error.hint().unwrap_or_default(),
                );
                None
            }
        }
    }

    /// A name in the chain must be one of this file's models, or a platform's own model name.
    fn model_is_known(&mut self, name: &str, at: Position) {
        let models = &self.settings.models;
        if models.is_empty() || name.contains(['/', ':']) || models.iter().any(|m| m.name == name) {
            return;
        }
        let names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
        let hint = match nearest(name, 1, names.iter().copied()).first() {
            Some(near) => words::settings_files().did_you_mean_or_one_of(&near, &names.join(", ")),
            None => words::settings_files().known_models(&names.join(", ")),
        };
        self.problem(
            at,
            words::settings_files().no_model_of_this_file_is_called(&shown(name)),
            hint,
        );
    }

    fn platform_is_known(&mut self, fields: &[&Field]) {
        let Some(name) = self.settings.platform.clone() else {
            return;
        };
        let field = fields
            .iter()
            .find(|field| ["platform", "llm"].contains(&field.name.as_str()));
        let own = |model: &ModelSettings| model.provider.as_deref() == Some(name.as_str());
        let is_known =
            find(&name).is_some() || name == super::SANDBOX || self.settings.models.iter().any(own);
        if let (Some(field), false) = (field, is_known) {
            let names: Vec<&str> = platform_specs().iter().map(|preset| preset.name).collect();
            let near = nearest(&name, 1, names.iter().copied());
            let near = near.first().map_or(String::new(), |name| {
                words::settings_files().did_you_mean_and(&name)
            });
            self.problem(
                field.node.at,
                words::settings_files().no_platform_is_named(&shown(&name)),
                words::settings_files().known_platforms(&near, &names.join(", ")),
            );
        }
    }
}
