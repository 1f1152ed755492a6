//! The platforms known by name.

use super::Dialect;

/// What has to be known of a platform to connect to it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Preset {
    /// The name in `LLM` and in [`ClientBuilder::platform`](crate::ClientBuilder::platform).
    pub name: &'static str,
    /// Where requests go; paths such as `/chat/completions` are appended.
    pub base_url: &'static str,
    /// The environment variable that holds its key.
    pub key_variable: &'static str,
    /// How it names models.
    pub naming: &'static str,
    pub(crate) dialect: Dialect,
}

/// Every platform known by name.
///
/// Addresses and names are the vendors' own: <https://openrouter.ai/docs/api-reference/overview> and the documentation
/// of ZenMux at <https://docs.zenmux.ai>, both read in August 2026.
///
/// ```
/// let names: Vec<_> = anymodel::presets().iter().map(|preset| preset.name).collect();
/// assert_eq!(names, ["openrouter", "zenmux"]);
/// ```
pub fn presets() -> &'static [Preset] {
    &[
        Preset {
            name: "openrouter",
            base_url: "https://openrouter.ai/api/v1",
            key_variable: "OPENROUTER_API_KEY",
            naming: "author/model, such as openai/gpt-4o-mini; a suffix is a variant (:free)",
            dialect: Dialect::OpenRouter,
        },
        Preset {
            name: "zenmux",
            base_url: "https://zenmux.ai/api/v1",
            key_variable: "ZENMUX_API_KEY",
            naming: "provider/model, such as openai/gpt-4o-mini; a suffix names the host (:azure)",
            dialect: Dialect::Plain,
        },
    ]
}

pub(crate) fn known(name: &str) -> Option<&'static Preset> {
    presets().iter().find(|preset| preset.name == name)
}
