//! Settings: what the environment and `.env` may say, and what they are told when they say it wrong.

use std::path::PathBuf;

use anymodel::prelude::*;
use anymodel::{ClientBuilder, Result, Settings};
use secrecy::ExposeSecret;

fn read(pairs: &[(&str, &str)]) -> Result<Settings> {
    Settings::from_variables(|name| {
        let pair = pairs.iter().find(|(known, _)| *known == name);
        pair.map(|(_, value)| (*value).to_owned())
    })
}

fn key_of(raw: &str) -> Result<String> {
    let settings = read(&[("OPENROUTER_API_KEY", raw)])?;
    Ok(settings.key.unwrap().expose_secret().to_owned())
}

/// A file of this test's own.
fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("settings-{name}.env"));
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn the_names_of_the_integration_guide_work() {
    let settings = read(&[
        ("LLM", "OpenRouter"),
        ("OPENROUTER_API_KEY", "sk-or-v1-0123456789"),
        ("OPENROUTER_MODEL", "anthropic/claude-3-haiku:beta"),
        ("TEMPERATURE", "0.7"),
        ("MAX_TOKENS", "2000"),
        ("DISABLE_THINKING", "false"),
    ])
    .unwrap();
    assert_eq!(settings.platform.as_deref(), Some("openrouter"));
    assert_eq!(
        settings.model.as_deref(),
        Some("anthropic/claude-3-haiku:beta")
    );
    assert_eq!(
        (settings.temperature, settings.max_tokens),
        (Some(0.7), Some(2000))
    );
    assert!(!settings.disable_thinking);
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let settings = read(&[("OPENROUTER_API_KEY", "  "), ("TEMPERATURE", "")]).unwrap();
    assert!(settings.key.is_none() && settings.temperature.is_none());
}

#[test]
fn a_pasted_key_is_cleaned_of_what_the_paste_brought_along() {
    for raw in [
        "sk-or-v1-0123456789",
        "  sk-or-v1-0123456789\r\n",
        "\"sk-or-v1-0123456789\"",
        "'sk-or-v1-0123456789'",
        "“sk-or-v1-0123456789”",
        "Bearer sk-or-v1-0123456789",
        "bearer \"sk-or-v1-0123456789\"",
    ] {
        assert_eq!(key_of(raw).unwrap(), "sk-or-v1-0123456789", "{raw:?}");
    }
}

#[test]
fn a_key_that_cannot_be_one_is_refused_without_being_shown() {
    for raw in [
        "sk-or-v1-0123\n456789",
        "sk-or-v1-0123 456789",
        "sk-or-v1-0123\u{0}456789",
        "sk-or-v1-０１２３456789",
        "sk-or-v1-xxxxxxxxxxxxxxxx",
        "YOUR_OPENROUTER_API_KEY",
        "\"\"",
    ] {
        let error = key_of(raw).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::KeyMalformed, "{raw:?}");
        let told = format!("{error} {error:?}");
        assert!(!told.contains("456789"), "{told}");
        assert!(error.hint().is_some());
    }
}

#[test]
fn no_debug_output_shows_a_key() {
    let settings = read(&[("OPENROUTER_API_KEY", "sk-or-v1-secret6789")]).unwrap();
    let builder = Client::builder().key("sk-or-v1-secret6789");
    let shown = format!("{settings:?} {builder:?}");
    let client = builder.build().unwrap();
    let chat = client.chat("acme/one").user("Hi");
    let shown = format!("{shown} {client:?} {chat:?} {}", chat.preview().unwrap());
    assert!(!shown.contains("secret6789"), "{shown}");
}

#[test]
fn a_number_that_is_none_names_the_variable_and_what_it_takes() {
    for (name, value) in [
        ("TEMPERATURE", "warm"),
        ("TEMPERATURE", "2.5"),
        ("TEMPERATURE", "NaN"),
        ("MAX_TOKENS", "0"),
        ("MAX_TOKENS", "-1"),
        ("DISABLE_THINKING", "perhaps"),
        ("ANYMODEL_SANDBOX_TIME_SCALE", "-1"),
    ] {
        let error = read(&[(name, value)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(
            error.to_string().contains(name) && error.to_string().contains(value),
            "{error}"
        );
    }
}

#[test]
fn a_dot_env_file_is_read() {
    let path = file(
        "good",
        b"# class of today\nexport OPENROUTER_MODEL=\"acme/one\"\nMAX_TOKENS=64 # short\n",
    );
    let settings = Settings::from_file(path).unwrap();
    assert_eq!(settings.model.as_deref(), Some("acme/one"));
    assert_eq!(settings.max_tokens, Some(64));
}

#[test]
fn an_unreadable_dot_env_says_why_and_shows_none_of_its_lines() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("settings-folder.env");
    std::fs::create_dir_all(&folder).unwrap();
    let cases = [
        (
            file("latin", b"OPENROUTER_API_KEY=secret6789\xff\xfe\n"),
            "UTF-8",
        ),
        (
            file("line", b"MAX_TOKENS=1\nOPENROUTER_API_KEY = \"secret6789\n"),
            "NAME=value",
        ),
        (folder, "folder"),
        (
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("none.env"),
            "no such file",
        ),
    ];
    for (path, reason) in cases {
        let error = Settings::from_file(&path).unwrap_err();
        let told = format!("{error:?}");
        assert_eq!(error.kind(), ErrorKind::Config, "{told}");
        assert!(
            told.contains(reason) && told.contains(&path.display().to_string()),
            "{told}"
        );
        assert!(!told.contains("secret6789"), "{told}");
        assert!(error.hint().is_some());
    }
}

#[test]
fn an_unknown_platform_is_told_the_known_ones() {
    let error = Client::builder()
        .platform("openruoter")
        .build()
        .unwrap_err();
    assert!(error.hint().unwrap().contains("did you mean openrouter"));
}

#[test]
fn a_platform_named_without_its_key_is_not_replaced_by_another() {
    let error = Client::builder().platform("zenmux").build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeyMissing);
    assert!(error.to_string().contains("ZENMUX_API_KEY"));
}

#[test]
fn an_address_of_openrouter_is_not_used_for_another_platform() {
    let settings = read(&[
        ("LLM", "zenmux"),
        ("ZENMUX_API_KEY", "sk-zenmux-0123456789"),
        ("OPENROUTER_API_KEY", "sk-or-v1-0123456789"),
        ("OPENROUTER_BASE_URL", "http://127.0.0.1:9/v1"),
    ])
    .unwrap();
    assert!(settings.base_url.is_none());
    assert_eq!(
        settings.key.unwrap().expose_secret(),
        "sk-zenmux-0123456789"
    );
}

#[test]
fn the_sandbox_looks_at_no_key() {
    let settings = read(&[("LLM", "sandbox"), ("OPENROUTER_API_KEY", "no key\nat all")]).unwrap();
    assert!(settings.key.is_none());
}

#[test]
fn without_a_key_a_client_is_an_error_that_has_the_cure() {
    let from_settings = ClientBuilder::from(read(&[]).unwrap());
    for builder in [Client::builder(), from_settings] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::KeyMissing);
        let words = format!("{error:?}");
        assert!(words.contains("OPENROUTER_API_KEY"), "{words}");
        assert!(words.contains("LLM=sandbox"), "{words}");
    }
}

#[test]
fn without_a_key_the_sandbox_answers_where_it_was_asked_for() {
    let from_settings = ClientBuilder::from(read(&[]).unwrap());
    let asked_for = [
        Client::builder().or_sandbox(),
        Client::builder().platform("sandbox"),
        from_settings.or_sandbox(),
        ClientBuilder::from(read(&[("LLM", "sandbox")]).unwrap()),
    ];
    for builder in asked_for {
        assert!(builder.build().unwrap().is_sandbox());
    }
    // A platform that was named is not replaced.
    let named = Client::builder().platform("openai").or_sandbox();
    assert_eq!(named.build().unwrap_err().kind(), ErrorKind::KeyMissing);
}

#[test]
fn an_address_with_a_secret_in_it_is_refused_and_not_shown() {
    for url in [
        "http://me:secret6789@127.0.0.1/v1",
        "http://127.0.0.1/v1?key=secret6789",
    ] {
        let error = Client::builder().base_url(url).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(!format!("{error:?}").contains("secret6789"));
    }
}

#[test]
fn an_address_that_is_none_is_refused() {
    for url in [
        "openrouter.ai/api/v1",
        "ftp://example.org",
        "http://",
        "not a url",
    ] {
        let error = Client::builder().base_url(url).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{url}");
    }
}

#[test]
fn a_slash_at_the_end_of_an_address_is_no_difference() {
    for url in ["http://127.0.0.1:9/v1", "http://127.0.0.1:9/v1/"] {
        let client = Client::builder().base_url(url).build().unwrap();
        let preview = client.chat("acme/one").user("Hi").preview().unwrap();
        assert_eq!(preview.url, "http://127.0.0.1:9/v1/chat/completions");
    }
}
