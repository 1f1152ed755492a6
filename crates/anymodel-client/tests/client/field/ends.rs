//! How an answer ends: a short list of words is a good end, and no other word is.

use anymodel::FinishReason;
use anymodel::prelude::*;
use proptest::prelude::*;
use serde_json::json;

use crate::field::players::{COMPATIBLE, WITH_EVENTS, Wire, data, wires};
use crate::support::pieces;

/// What a word comes to, whole and streamed.
async fn both(wire: Wire, text: &str, word: &str) -> Vec<anymodel::Result<Reply>> {
    let mut heard = vec![wire.hear_json(200, &wire.answer(text, word)).await];
    if wire != Wire::Converse {
        let begun = if text.is_empty() {
            String::new()
        } else {
            wire.word(text)
        };
        heard.push(
            wire.hear_events(&format!("{begun}{}", wire.end(word)))
                .await,
        );
    }
    heard
}

#[tokio::test]
async fn the_words_for_a_good_end_are_read_in_any_spelling_by_every_adapter() {
    let good = [
        "stop",
        "STOP",
        "end_turn",
        "stop_sequence",
        "tool_calls",
        "tool_use",
        "function_call",
        "COMPLETE",
        "eos",
    ];
    for wire in wires() {
        for word in good {
            for reply in both(wire, "Hello.", word).await {
                let reason = reply.unwrap().finish_reason.unwrap();
                assert!(
                    matches!(reason, FinishReason::Stop | FinishReason::ToolCalls),
                    "{wire:?} {word}: {reason}"
                );
            }
        }
    }
}

/// <https://github.com/camel-ai/camel/issues/4266>
#[tokio::test]
async fn an_answer_that_filled_the_context_is_cut_by_whatever_name() {
    for wire in wires() {
        for word in [
            "model_length",
            "max_tokens",
            "MAX_TOKENS",
            "length",
            "model_context_window_exceeded",
        ] {
            for reply in both(wire, "Hel", word).await {
                assert_eq!(
                    reply.unwrap().finish_reason,
                    Some(FinishReason::Length),
                    "{wire:?} {word}"
                );
            }
        }
    }
}

/// <https://ai.google.dev/api/generate-content#FinishReason>
#[tokio::test]
async fn other_words_of_google_are_errors_that_name_them_with_what_it_says() {
    for word in [
        "LANGUAGE",
        "MALFORMED_RESPONSE",
        "MODEL_ARMOR",
        "TOO_MANY_TOOL_CALLS",
        "MISSING_THOUGHT_SIGNATURE",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_OTHER",
        "NO_IMAGE",
        "A_WORD_OF_NEXT_YEAR",
    ] {
        for text in ["Hel", ""] {
            let said = "what Google says of it";
            let body = json!({ "candidates": [{ "content": { "parts": [{ "text": text }] }, "finishReason": word, "finishMessage": said }] });
            for heard in [
                Wire::Gemini.hear_json(200, &body).await,
                Wire::Gemini.hear_events(&data(&body)).await,
            ] {
                let told = heard.unwrap_err().to_string();
                assert!(told.contains(word) && told.contains(said), "{told}");
            }
        }
    }
}

#[tokio::test]
async fn an_empty_answer_that_a_filter_withheld_names_the_filter() {
    for (wire, word) in [
        (Wire::Gemini, "SAFETY"),
        (Wire::Gemini, "RECITATION"),
        (Wire::Anthropic, "refusal"),
        (Wire::OpenAi, "content_filter"),
        (Wire::OpenRouter, "sensitive"),
    ] {
        for heard in both(wire, "", word).await {
            let error = heard.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ContentRefused, "{error}");
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}

/// DashScope's word in each chunk; then the connection is cut.
#[tokio::test]
async fn the_text_null_is_no_end() {
    for wire in COMPATIBLE {
        let chunk = |text: &str| {
            data(&json!({ "choices": [{ "delta": { "content": text }, "finish_reason": "null" }] }))
        };
        let (one, two) = (chunk("One "), chunk("two"));
        let broken = pieces(
            [one.clone().into_bytes(), two.clone().into_bytes()],
            std::time::Duration::ZERO,
            true,
        );
        let error = wire.hear(broken, true).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenStream, "{error}");
        let reply = wire
            .hear_events(&format!("{one}{two}{}", wire.end("stop")))
            .await
            .unwrap();
        assert_eq!(reply.text, "One two");
    }
}

#[tokio::test]
async fn a_word_that_nobody_knows_is_not_paid_for_again_and_the_next_model_is_asked() {
    for wire in WITH_EVENTS {
        let (times, error) =
            crate::field::players::asked(wire, &wire.answer("Hel", "tea_break")).await;
        assert_eq!(
            (times, error.kind()),
            (1, ErrorKind::BrokenStream),
            "{wire:?}"
        );
        let good = if wire == Wire::Gemini {
            "STOP"
        } else {
            "end_turn"
        };
        let bodies = [wire.answer("Hel", "tea_break"), wire.answer("Hello.", good)];
        let server = crate::support::Server::play(
            bodies.map(|body| crate::support::json(200, &body.to_string())),
        );
        let reply = wire
            .client(&server)
            .ask(["acme/one", "acme/two"], "Hi")
            .await
            .unwrap();
        assert_eq!(reply.text, "Hello.", "{wire:?}");
    }
}

const KNOWN: [&str; 14] = [
    "stop",
    "end_turn",
    "stop_sequence",
    "tool_calls",
    "tool_call",
    "tool_use",
    "function_call",
    "complete",
    "eos",
    "eos_token",
    "normal",
    "null",
    "none",
    "unspecified",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_word_outside_of_the_list_is_a_good_end(word in "[a-zA-Z_]{1,18}|stop[a-z]{1,4}|[a-z]{1,3}stop|\\PC{1,8}") {
        let said = word.trim().to_lowercase();
        prop_assume!(!said.is_empty() && !KNOWN.contains(&said.as_str()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for wire in wires() {
            for heard in runtime.block_on(both(wire, "Hello", &word)) {
                match heard {
                    Ok(reply) => prop_assert!(!matches!(reply.finish_reason, Some(FinishReason::Stop | FinishReason::ToolCalls)), "{word:?}"),
                    Err(error) => prop_assert!(error.to_string().contains(word.trim()), "{word:?}: {error}"),
                }
            }
        }
    }
}

/// Vercel's gateway writes `-` for `_`, Google's libraries the name of the type before the word, SGLang's own form an object.
#[tokio::test]
async fn a_word_for_an_end_is_read_in_whatever_form_it_is_written() {
    use FinishReason::{ContentFilter, Length, Stop};
    for wire in COMPATIBLE {
        for (word, end) in [
            (json!("end-turn"), Stop),
            (json!("FINISH_REASON_STOP"), Stop),
            (json!(["stop"]), Stop),
            (json!({ "type": "stop", "matched": 2 }), Stop),
            (json!("max-tokens"), Length),
            (json!("FINISH_REASON_MAX_TOKENS"), Length),
            (json!(["length"]), Length),
            (json!({ "type": "length", "length": 16 }), Length),
            (json!("content-filter"), ContentFilter),
        ] {
            let mut body = wire.answer("Hel", "");
            body["choices"][0]["finish_reason"] = word.clone();
            let whole = wire.hear_json(200, &body).await.unwrap();
            let chunk = json!({ "choices": [{ "delta": {}, "finish_reason": word }] });
            let events = format!("{}{}", wire.word("Hel"), data(&chunk));
            let streamed = wire.hear_events(&events).await.unwrap();
            for reply in [whole, streamed] {
                assert_eq!(reply.finish_reason.as_ref(), Some(&end), "{wire:?} {word}");
            }
        }
        // A number is on nobody's list, and Python's `None` is no end.
        let mut body = wire.answer("Hel", "");
        body["choices"][0]["finish_reason"] = json!(2);
        let error = wire.hear_json(200, &body).await.unwrap_err();
        assert!(error.to_string().contains("\"2\""), "{error}");
        let error = wire
            .hear_events(&format!("{}{}", wire.word("Hel"), wire.end("None")))
            .await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::BrokenStream);
    }
}

/// Google's and Anthropic's words as their libraries may write them out: a number, an object.
#[tokio::test]
async fn an_end_that_is_no_word_is_read_or_named_by_every_adapter() {
    for (wire, field) in [
        (Wire::Gemini, "finishReason"),
        (Wire::Anthropic, "stop_reason"),
    ] {
        let with = |end: serde_json::Value| {
            let mut body = wire.answer("Hel", "");
            match wire {
                Wire::Gemini => body["candidates"][0][field] = end,
                _ => body[field] = end,
            }
            body
        };
        let cut = with(json!({ "type": "max_tokens" }));
        let reply = wire.hear_json(200, &cut).await.unwrap();
        assert_eq!(reply.finish_reason, Some(FinishReason::Length), "{wire:?}");
        let error = wire.hear_json(200, &with(json!(2))).await.unwrap_err();
        assert!(error.to_string().contains("\"2\""), "{wire:?}: {error}");
    }
}
