//! Tokens wherever they stand: thoughts in totals, what went through a cache, numbers written as text.

use anymodel::{CostSource, Reply, Usage};
use serde_json::{Value, json};

use super::{ask, chunks, client};
use crate::support::{self, Play, Server};

fn usage(prompt: u64, completion: u64, total: u64) -> Usage {
    Usage {
        prompt_tokens: prompt,
        completion_tokens: completion,
        total_tokens: total,
        ..Usage::default()
    }
}

async fn answer(platform: &str, model: &str, play: Play, streamed: bool) -> Reply {
    let server = Server::play([play]);
    let chat = client(platform, &server).chat(model).user("q");
    match streamed {
        true => chat.stream().final_reply().await.unwrap(),
        false => chat.send().await.unwrap(),
    }
}

/// A chat completion with this usage, whole and as events: on the last chunk, and on one of its own.
fn ways(usage: &Value) -> [(Play, bool); 3] {
    let text = |finish: Value| json!({ "index": 0, "delta": { "content": "Hello." }, "finish_reason": finish });
    let whole = json!({ "choices": [{ "message": { "content": "Hello." }, "finish_reason": "stop" }], "usage": usage });
    let with = json!({ "choices": [text(json!("stop"))], "usage": usage });
    let apart = [
        json!({ "choices": [text(json!("stop"))] }),
        json!({ "choices": [], "usage": usage }),
    ];
    [
        (support::json(200, &whole.to_string()), false),
        (chunks([with]), true),
        (chunks(apart), true),
    ]
}

/// Source: <https://github.com/router-for-me/CLIProxyAPI/issues/5733>
#[tokio::test]
async fn thoughts_that_only_the_total_counts_are_paid_for() {
    let told = json!({ "prompt_tokens": 21, "completion_tokens": 0, "total_tokens": 81, "completion_tokens_details": { "reasoning_tokens": 60 } });
    for (play, streamed) in ways(&told) {
        let reply = answer("gemini-compatible", "gemini-2.5-flash", play, streamed).await;
        let expected = Usage {
            reasoning_tokens: Some(60),
            ..usage(21, 60, 81)
        };
        assert_eq!(reply.usage, Some(expected), "streamed: {streamed}");
    }
    // Without a word of what the rest is; and thoughts that are counted in the answer already stay there.
    let untold = json!({ "prompt_tokens": 21, "completion_tokens": 5, "total_tokens": 81 });
    let within = json!({ "prompt_tokens": 21, "completion_tokens": 60, "total_tokens": 81, "completion_tokens_details": { "reasoning_tokens": 50 } });
    for (told, expected) in [
        (untold, usage(21, 60, 81)),
        (
            within,
            Usage {
                reasoning_tokens: Some(50),
                ..usage(21, 60, 81)
            },
        ),
    ] {
        for (play, streamed) in ways(&told) {
            assert_eq!(
                answer("openai", "m", play, streamed).await.usage,
                Some(expected),
                "streamed: {streamed}"
            );
        }
    }
}

#[tokio::test]
async fn an_estimate_of_the_cost_counts_thoughts_and_what_was_written_to_a_cache() {
    let thoughts = json!({ "prompt_tokens": 1000, "completion_tokens": 0, "total_tokens": 2000, "completion_tokens_details": { "reasoning_tokens": 1000 } });
    let written = json!({ "prompt_tokens": 3000, "completion_tokens": 0, "total_tokens": 3000, "prompt_tokens_details": { "cached_tokens": 2000, "cache_write_tokens": 1000 } });
    // Dollars by the catalogue: 0.15 and 0.6 a million; 3, to read from a cache 0.3, to write to it 3.75.
    for (model, told, dollars) in [
        ("openai/gpt-4o-mini", thoughts, "0.00075"),
        ("anthropic/claude-sonnet-4.5", written, "0.00435"),
    ] {
        for (play, streamed) in ways(&told) {
            let server = Server::play([play]);
            let client = anymodel::Client::builder()
                .base_url(server.url())
                .key("sk-or-v1-test0123456789")
                .build()
                .unwrap();
            let chat = client.chat(model).user("q");
            let reply = match streamed {
                true => chat.stream().final_reply().await.unwrap(),
                false => chat.send().await.unwrap(),
            };
            let estimate = reply
                .trail
                .last()
                .unwrap()
                .estimate
                .map(|cost| cost.to_string());
            assert_eq!(
                estimate.as_deref(),
                Some(dollars),
                "{model}, streamed: {streamed}"
            );
            assert_ne!(
                reply.spent().map(|cost| cost.source),
                Some(CostSource::Reported)
            );
        }
    }
}

#[tokio::test]
async fn tokens_are_found_wherever_a_server_writes_them() {
    let plain = usage(10, 5, 15);
    let cached = Usage {
        cached_tokens: Some(4),
        cache_write_tokens: Some(3),
        ..plain
    };
    for (told, expected) in [
        (
            json!({ "prompt_tokens": "10", "completion_tokens": "5", "total_tokens": "15" }),
            plain,
        ),
        (json!({ "input_tokens": 10, "output_tokens": 5.0 }), plain),
        (
            json!({ "prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": { "cached_tokens": 4, "cache_write_tokens": 3 } }),
            cached,
        ),
        (
            json!({ "prompt_tokens": 10, "completion_tokens": 5, "cache_read_input_tokens": 4, "cache_creation_input_tokens": 3 }),
            cached,
        ),
        (
            json!({ "prompt_tokens": 10, "completion_tokens": 5, "prompt_cache_hit_tokens": 4, "prompt_cache_miss_tokens": 6 }),
            Usage {
                cache_write_tokens: None,
                ..cached
            },
        ),
        // Never more from a cache than was sent.
        (
            json!({ "prompt_tokens": 3, "completion_tokens": 5, "prompt_tokens_details": { "cached_tokens": 4, "cache_write_tokens": 3 } }),
            cached,
        ),
    ] {
        for (play, streamed) in ways(&told) {
            assert_eq!(
                answer("openai", "m", play, streamed).await.usage,
                Some(expected),
                "{told}, streamed: {streamed}"
            );
        }
    }
    let told = json!({ "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15 });
    let end = |extra: Value| {
        let mut chunk = json!({ "choices": [{ "index": 0, "delta": { "content": "Hello." }, "finish_reason": "stop" }] });
        match extra["place"].as_str() {
            Some("choice") => chunk["choices"][0]["usage"] = told.clone(),
            _ => chunk["x_groq"] = json!({ "id": "req_1", "usage": told }),
        }
        chunks([chunk])
    };
    for place in ["choice", "x_groq"] {
        let reply = answer("openai", "m", end(json!({ "place": place })), true).await;
        assert_eq!(reply.usage, Some(plain), "{place}");
    }
    let whole = json!({ "choices": [{ "message": { "content": "Hello." }, "finish_reason": "stop" }], "x_groq": { "usage": told } });
    assert_eq!(
        answer("openai", "m", support::json(200, &whole.to_string()), false)
            .await
            .usage,
        Some(plain)
    );
}

#[tokio::test]
async fn usage_that_is_told_several_times_is_told_once() {
    let chunk = |delta: &str, usage: Value| json!({ "choices": [{ "index": 0, "delta": { "content": delta } }], "usage": usage });
    let last = json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }], "usage": { "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0 } });
    let stream = [
        chunk(
            "Hel",
            json!({ "prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 11, "prompt_tokens_details": { "cached_tokens": 4 } }),
        ),
        chunk(
            "lo.",
            json!({ "prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12 }),
        ),
        last,
    ];
    let reply = answer("openai", "m", chunks(stream), true).await;
    assert_eq!(
        reply.usage,
        Some(Usage {
            cached_tokens: Some(4),
            ..usage(10, 2, 12)
        })
    );
}

/// Source: Anthropic's reference of streaming; servers like it repeat the question's tokens without the cache.
#[tokio::test]
async fn what_went_through_anthropics_cache_was_sent() {
    let start = json!({ "input_tokens": 10, "output_tokens": 1, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 200 });
    let expected = Usage {
        cached_tokens: Some(1000),
        cache_write_tokens: Some(200),
        ..usage(1210, 7, 1217)
    };
    for end in [
        json!({ "output_tokens": 7 }),
        json!({ "input_tokens": 10, "output_tokens": 7 }),
        json!({ "input_tokens": 0, "output_tokens": 7 }),
        json!({ "input_tokens": 10, "output_tokens": 7, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 200 }),
        json!({ "input_tokens": 10, "output_tokens": 7, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0 }),
    ] {
        let events = [
            json!({ "type": "message_start", "message": { "id": "msg_1", "usage": start } }),
            json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": "Hello." } }),
            json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": end }),
        ];
        let body: String = events
            .iter()
            .map(|event| format!("data: {event}\n\n"))
            .collect();
        let reply = answer(
            "anthropic",
            "claude-sonnet-4-5",
            support::events(&body),
            true,
        )
        .await;
        assert_eq!(reply.usage, Some(expected), "{end}");
    }
    let whole = json!({ "content": [{ "type": "text", "text": "Hello." }], "stop_reason": "end_turn", "usage": { "input_tokens": 10, "output_tokens": 7, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 200 } });
    let server = Server::play([support::json(200, &whole.to_string())]);
    assert_eq!(
        ask(&client("anthropic", &server), false).await.usage,
        Some(expected)
    );
}
