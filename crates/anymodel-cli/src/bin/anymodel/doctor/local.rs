//! Detection of local model servers: asks the usual ports for a list of models.

use std::time::Duration;

use anymodel::{Settings, platform_specs};
use serde_json::Value;

use super::report::Finding;

/// The timeout. A local server answers at once.
const PATIENCE: Duration = Duration::from_millis(300);
/// The number of models that are named.
const NAMED: usize = 3;

/// Findings about Ollama and llama.cpp.
pub async fn servers(settings: Option<&Settings>) -> Vec<Finding> {
    let ollama = look(
        settings,
        "ollama",
        "`ollama serve`; models come with `ollama pull llama3.2:1b`",
    );
    let llama = look(settings, "llamacpp", "`llama-server -m MODEL.gguf`");
    let (ollama, llama) = tokio::join!(ollama, llama);
    vec![ollama, llama]
}

async fn look(settings: Option<&Settings>, platform: &str, start: &str) -> Finding {
    let preset = platform_specs()
        .iter()
        .find(|preset| preset.name == platform);
    let title = preset.map_or(platform, |preset| preset.title);
    let usual = || preset.map(|preset| preset.base_url.to_owned());
    let address = settings
        .and_then(|settings| settings.address(platform))
        .or_else(usual);
    let url = address.unwrap_or_default();
    match models(&url).await {
        Some(models) if models.is_empty() => {
            Finding::good(title, format!("is at {url}, without a model")).hint(start)
        }
        Some(models) => {
            let more = models.len().saturating_sub(NAMED);
            let more = match more {
                0 => String::new(),
                n => format!(" and {n} more"),
            };
            let named: Vec<&str> = models.iter().take(NAMED).map(String::as_str).collect();
            Finding::good(title, format!("is at {url}: {}{more}", named.join(", "))).hint(format!(
                "ask it: LLM={platform}, or `{platform}::{}` as the model",
                named[0]
            ))
        }
        None => Finding::skipped(title, format!("not at {url}"))
            .hint(format!("for models on this machine: {start}")),
    }
}

/// The names of a server's models; `None` when no such server answers.
async fn models(base_url: &str) -> Option<Vec<String>> {
    // Loading the system's certificates takes longer than the request.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .tls_certs_only([])
        .build()
        .ok()?;
    let response = http.get(format!("{base_url}/models")).send().await.ok()?;
    let list: Value = response.error_for_status().ok()?.json().await.ok()?;
    let models = list["data"].as_array()?;
    let names = models.iter().filter_map(|model| model["id"].as_str());
    Some(names.map(str::to_owned).collect())
}
