//! Addresses and names of models, as people write them.

use anymodel::prelude::*;
use anymodel::{ClientBuilder, Settings, platform_specs};

use crate::support::{Server, answer, json as whole};

const KEY: &str = "sk-or-v1-secret0123456789";

fn settings(variables: &[(&str, &str)]) -> anymodel::Result<Settings> {
    Settings::from_variables(|name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

#[tokio::test]
async fn every_platforms_name_may_begin_the_name_of_a_local_model() {
    // https://github.com/mozilla-ai/any-llm/issues/347
    let names = platform_specs()
        .iter()
        .map(|preset| preset.name)
        .chain(["sandbox"]);
    for name in names {
        let model = format!("{name}:7b");
        let server = Server::play([whole(200, &answer("Four.")), whole(200, &answer("Four."))]);
        let elsewhere = Server::play([whole(200, &answer("stolen"))]);
        // Every other platform has a key and an address, and none may get the question.
        let set = |variable: &str| {
            let preset = platform_specs().iter().find(|preset| {
                let all = preset.key_variables.iter().chain(preset.url_variables);
                all.clone().any(|known| *known == variable)
            })?;
            let is_address = preset.url_variables.contains(&variable);
            Some(match (preset.name, is_address) {
                ("ollama", true) => server.url().to_owned(),
                (_, true) => elsewhere.url().to_owned(),
                _ => KEY.to_owned(),
            })
        };
        let local = |name: &str| match name {
            "LLM" => Some("ollama".to_owned()),
            _ => set(name),
        };
        let by_platform = ClientBuilder::from(Settings::from_variables(local).unwrap())
            .build()
            .unwrap();
        let by_address = Client::builder().base_url(server.url()).build().unwrap();
        for client in [by_platform, by_address] {
            let reply = client.ask(model.as_str(), "2+2?").await;
            assert_eq!(reply.unwrap().text, "Four.", "{model}");
        }
        for number in 0..2 {
            assert_eq!(server.body(number)["model"], model);
        }
        assert!(elsewhere.requests().is_empty(), "{model}");
    }
}

#[tokio::test]
async fn two_colons_name_a_platform_wherever_one_is() {
    let server = Server::play([whole(200, &answer("Four.")), whole(200, &answer("Five."))]);
    let settings = settings(&[
        ("LLM", "openrouter"),
        ("OPENROUTER_API_KEY", KEY),
        ("OLLAMA_BASE_URL", server.url()),
    ]);
    let client = ClientBuilder::from(settings.unwrap()).build().unwrap();
    assert_eq!(
        client.ask("ollama::qwen:7b", "2+2?").await.unwrap().text,
        "Four."
    );
    assert_eq!(server.body(0)["model"], "qwen:7b");
    let unknown = client.ask("olama::qwen:7b", "2+2?").await.unwrap_err();
    assert!(
        format!("{unknown:?}").contains("did you mean ollama"),
        "{unknown:?}"
    );
    // Where nothing says where to ask, one is enough.
    let settings = self::settings(&[
        ("OPENROUTER_API_KEY", KEY),
        ("OLLAMA_BASE_URL", server.url()),
    ]);
    let client = ClientBuilder::from(settings.unwrap()).build().unwrap();
    assert_eq!(
        client.ask("ollama:qwen:7b", "2+3?").await.unwrap().text,
        "Five."
    );
    assert_eq!(server.body(1)["model"], "qwen:7b");
}

#[test]
fn azures_endpoint_may_have_the_whole_path() {
    let host = "https://openai-1.openai.azure.com";
    for path in [
        "",
        "/",
        "/openai/v1",
        "/openai/v1/",
        "/openai/v1/chat/completions",
        "/openai/deployments/m/chat/completions?api-version=1",
    ] {
        let endpoint = format!("{host}{path}");
        let variables = [
            ("LLM", "azure"),
            ("AZURE_OPENAI_API_KEY", KEY),
            ("AZURE_OPENAI_ENDPOINT", endpoint.as_str()),
        ];
        let client = ClientBuilder::from(settings(&variables).unwrap())
            .build()
            .unwrap();
        let preview = client.chat("m").user("Hi").preview().unwrap();
        assert_eq!(
            preview.url,
            format!("{host}/openai/v1/chat/completions"),
            "{path}"
        );
    }
}

#[test]
fn a_base_url_may_have_the_whole_path() {
    // https://github.com/lidge-jun/opencodex/issues/1582
    for (platform, path, asked) in [
        ("openai", "", "/chat/completions"),
        ("openai", "/v1", "/v1/chat/completions"),
        ("openai", "/v1/", "/v1/chat/completions"),
        ("openai", "/v1/chat/completions", "/v1/chat/completions"),
        ("openai", "/v1/chat/completions/", "/v1/chat/completions"),
        ("openai", "/v1//chat/completions//", "/v1/chat/completions"),
        ("openai", "/v1/responses", "/v1/chat/completions"),
        ("anthropic", "", "/v1/messages"),
        ("anthropic", "/v1", "/v1/messages"),
        ("anthropic", "/v1/messages", "/v1/messages"),
        ("anthropic", "/v1/messages/", "/v1/messages"),
        ("gemini", "/v1beta", "/v1beta/models/m:generateContent"),
        (
            "gemini",
            "/v1beta/models/gemini-2.5-flash:generateContent",
            "/v1beta/models/m:generateContent",
        ),
    ] {
        let url = format!("http://127.0.0.1:9{path}");
        let expected = format!("http://127.0.0.1:9{asked}");
        let built = Client::builder()
            .platform(platform)
            .base_url(&url)
            .key(KEY)
            .build()
            .unwrap();
        let preset = platform_specs()
            .iter()
            .find(|preset| preset.name == platform)
            .unwrap();
        let variable = preset
            .url_variables
            .first()
            .map(|name| (*name, url.as_str()));
        let variables: Vec<_> = [("LLM", platform)].into_iter().chain(variable).collect();
        let from_variables = ClientBuilder::from(settings(&variables).unwrap()).key(KEY);
        let from_variables = match variable {
            Some(_) => from_variables,
            None => from_variables.base_url(&url),
        };
        let from_variables = from_variables.build().unwrap();
        let mut typed = settings(&[]).unwrap();
        typed.set("platform", platform, "--platform").unwrap();
        typed.set("base_url", &url, "--base-url").unwrap();
        let typed = ClientBuilder::from(typed).key(KEY).build().unwrap();
        for client in [built, from_variables, typed] {
            let preview = client.chat("m").user("Hi").preview().unwrap();
            assert_eq!(preview.url, expected, "{platform} {path}");
        }
    }
}

/// Ollama prints its address without a path, and other programs want it so; OpenAI's form is below `/v1`.
#[test]
fn ollamas_address_may_be_its_host_alone_or_its_own_interface() {
    let host = "http://box.example:11434";
    for (path, base) in [
        ("", "/v1"),
        ("/", "/v1"),
        ("/api", "/v1"),
        ("/api/", "/v1"),
        ("/api/chat", "/v1"),
        ("/api/generate", "/v1"),
        ("/v1", "/v1"),
        ("/v1/chat/completions", "/v1"),
        ("/ollama/v1", "/ollama/v1"),
        ("/ollama/api", "/ollama/v1"),
        ("/ollama", "/ollama"),
    ] {
        let url = format!("{host}{path}");
        let variables = [("LLM", "ollama"), ("OLLAMA_BASE_URL", url.as_str())];
        let from_variables = ClientBuilder::from(settings(&variables).unwrap());
        let built = Client::builder().platform("ollama").base_url(&url);
        for client in [from_variables, built] {
            let client = client.build().unwrap();
            let preview = client.chat("m").user("Hi").preview().unwrap();
            assert_eq!(
                preview.url,
                format!("{host}{base}/chat/completions"),
                "{path}"
            );
        }
    }
}
