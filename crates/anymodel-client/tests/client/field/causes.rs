//! Why a call failed is always told, whatever the server said it in.

use anymodel::prelude::*;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::field::players::{COMPATIBLE, KEY, WITH_EVENTS, Wire, asked, data, wires};
use crate::support::{events, respond};

const CAUSE: &str = "the one true cause, at last";

/// Errors in the forms that servers gave them, each with the cause in it.
///
/// FastAPI's two: <https://github.com/elastic/elasticsearch/pull/128538>; Mistral's object:
/// <https://github.com/appstrate/appstrate/issues/138>; JSON in a text: <https://github.com/moeru-ai/xsai/issues/202>; MiniMax:
/// <https://github.com/QwenLM/qwen-code/pull/8322>; the flat ones: <https://github.com/agentscope-ai/QwenPaw/issues/433>.
fn forms() -> Vec<Value> {
    let inside = json!({ "error": { "message": CAUSE, "code": 400 } }).to_string();
    let twice = json!({ "error": { "message": inside } }).to_string();
    vec![
        json!({ "error": CAUSE }),
        json!({ "error": { "message": CAUSE, "code": null } }),
        json!({ "error": [CAUSE] }),
        json!([{ "error": { "code": 3, "message": CAUSE } }]),
        json!({ "errors": [CAUSE] }),
        json!({ "success": false, "errors": [{ "code": 10000, "message": CAUSE }] }),
        json!({ "code": 10007, "message": CAUSE }),
        json!({ "code": "SomethingElse", "message": CAUSE, "request_id": "r1" }),
        json!({ "error_code": 336003, "error_msg": CAUSE }),
        json!({ "error": "invalid_grant", "error_description": CAUSE }),
        json!({ "object": "error", "message": CAUSE, "type": "BadRequestError", "code": 40303 }),
        json!({ "message": { "detail": [{ "msg": CAUSE }] } }),
        json!({ "object": "error", "message": { "detail": [{ "type": "extra", "msg": CAUSE }] } }),
        json!({ "detail": CAUSE }),
        json!({ "detail": [{ "loc": ["body", "messages", 0], "msg": CAUSE, "input": "the question" }] }),
        json!({ "detail": { "error": { "message": CAUSE } } }),
        json!({ "type": "about:blank", "title": "Bad thing", "status": 400, "detail": CAUSE }),
        json!({ "choices": null, "base_resp": { "status_code": 2013, "status_msg": CAUSE } }),
        json!({ "error": { "message": "Provider returned error", "metadata": { "raw": inside, "provider_name": "Acme" } } }),
        json!({ "error": { "message": format!("AcmeException - {twice}"), "code": 500 } }),
        json!({ "error": { "message": "outer", "innererror": { "code": "X", "message": CAUSE } } }),
        json!({ "error": { "code": 400, "status": "INVALID_ARGUMENT", "details": [{ "fieldViolations": [{ "field": "contents", "description": CAUSE }] }] } }),
    ]
}

#[tokio::test]
async fn a_refusal_of_any_form_tells_its_cause_on_every_wire() {
    for wire in wires() {
        for form in forms() {
            for stream in [false, true] {
                let refusal = respond(422, "content-type: application/json\r\n", &form.to_string());
                let error = wire.hear(refusal, stream).await.unwrap_err();
                assert!(
                    error.to_string().contains(CAUSE),
                    "{wire:?} {form}: {error}"
                );
                assert_eq!(error.status(), Some(422), "{wire:?} {form}");
            }
        }
    }
}

#[tokio::test]
async fn an_error_in_place_of_an_answer_tells_its_cause_under_http_200_too() {
    for wire in wires() {
        for form in forms() {
            let error = wire.hear_json(200, &form).await.unwrap_err();
            assert!(
                error.to_string().contains(CAUSE),
                "{wire:?} {form}: {error}"
            );
        }
    }
}

#[tokio::test]
async fn an_error_in_a_stream_tells_its_cause_before_and_after_words_named_or_not() {
    for wire in WITH_EVENTS {
        for form in forms() {
            for named in ["event: error\n", ""] {
                for begun in [String::new(), wire.word("Hel")] {
                    let body = format!("{begun}{named}{}", data(&form));
                    let error = wire.hear_events(&body).await.unwrap_err();
                    assert!(
                        error.to_string().contains(CAUSE),
                        "{wire:?} {named:?} {form}: {error}"
                    );
                }
            }
        }
    }
}

/// <https://github.com/SamSaffron/term-llm/pull/454>
#[tokio::test]
async fn a_flat_error_in_an_event_of_that_name_has_the_class_of_its_code() {
    let event =
        json!({ "code": "InvalidParameter", "message": "Range of max_tokens should be [1, 8192]" });
    for wire in COMPATIBLE {
        let body = format!("{}event: error\n{}", wire.word("Hel"), data(&event));
        let error = wire.hear_events(&body).await.unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::InvalidRequest,
            "{wire:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn an_error_beside_the_choices_of_groq_is_heard() {
    for wire in COMPATIBLE {
        let mut chunk = json!({ "choices": [{ "delta": {}, "finish_reason": "stop" }] });
        chunk["x_groq"] = json!({ "id": "req_1", "error": CAUSE });
        let error = wire.hear_events(&data(&chunk)).await.unwrap_err();
        assert!(error.to_string().contains(CAUSE), "{error}");
    }
}

/// Go gateways put their empty struct beside each answer.
#[tokio::test]
async fn an_empty_error_beside_a_good_answer_is_none() {
    let empty = [
        json!({}),
        json!(""),
        json!(null),
        json!(false),
        json!({ "message": "", "type": "", "param": "", "code": null }),
        json!({ "code": 0, "message": "success" }),
        json!([]),
    ];
    for wire in wires() {
        let end = if wire == Wire::Gemini {
            "STOP"
        } else {
            "end_turn"
        };
        for error in &empty {
            let mut answer = wire.answer("Hello.", end);
            answer["error"] = error.clone();
            answer["base_resp"] = json!({ "status_code": 0, "status_msg": "" });
            let reply = wire.hear_json(200, &answer).await.unwrap();
            assert_eq!(reply.text, "Hello.", "{wire:?} {error}");
        }
    }
    for wire in COMPATIBLE {
        for error in &empty {
            let mut chunk = json!({ "choices": [{ "delta": { "content": "Hello." }, "finish_reason": "stop" }] });
            chunk["error"] = error.clone();
            let reply = wire.hear_events(&data(&chunk)).await.unwrap();
            assert_eq!(reply.text, "Hello.", "{wire:?} {error}");
        }
    }
}

#[tokio::test]
async fn an_empty_answer_tells_the_cause_that_stands_beside_it() {
    let mut body = Wire::OpenAi.answer("", "stop");
    body["base_resp"] = json!({ "status_code": 1027, "status_msg": "output new_sensitive" });
    for wire in COMPATIBLE {
        let error = wire.hear_json(200, &body).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ContentRefused, "{error}");
        assert!(error.to_string().contains("new_sensitive"), "{error}");
    }
}

#[tokio::test]
async fn what_an_error_under_http_200_means_is_not_asked_again_where_that_cannot_help() {
    for (body, kind) in [
        (
            json!({ "choices": null, "base_resp": { "status_code": 1004, "status_msg": "login fail: Please carry the API secret key" } }),
            ErrorKind::KeyRefused,
        ),
        (
            json!({ "choices": null, "base_resp": { "status_code": 1008, "status_msg": "insufficient balance" } }),
            ErrorKind::PaymentRequired,
        ),
        (
            json!({ "code": 401, "message": "who are you" }),
            ErrorKind::KeyRefused,
        ),
        (
            json!({ "code": "403", "msg": "not for you" }),
            ErrorKind::Forbidden,
        ),
        (
            json!({ "status": 404, "message": "nothing here" }),
            ErrorKind::ModelNotFound,
        ),
        (
            json!({ "detail": [{ "loc": ["body", "model"], "msg": "Field required" }] }),
            ErrorKind::InvalidRequest,
        ),
        (
            json!({ "error": "This model's maximum context length is 4096 tokens" }),
            ErrorKind::ContextTooLong,
        ),
    ] {
        for wire in COMPATIBLE {
            let (times, error) = asked(wire, &body).await;
            assert_eq!(
                (times, error.kind()),
                (1, kind),
                "{wire:?} {body}: {error:?}"
            );
        }
    }
}

#[tokio::test]
async fn where_in_the_request_the_error_is_stands_before_it() {
    let body = json!({ "detail": [
        { "type": "missing", "loc": ["body", "model"], "msg": "Field required", "input": { "messages": "a secret of the user's" } },
        { "type": "value", "loc": ["body", "messages", 0, "role"], "msg": "Unknown role" },
    ] });
    let error = Wire::OpenAi
        .hear_json(422, &body)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("body.model: Field required; body.messages.0.role: Unknown role"),
        "{error}"
    );
    assert!(!error.contains("a secret of the user's"), "{error}");
}

#[tokio::test]
async fn a_page_and_a_plain_text_tell_what_they_say() {
    let page = "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n<center><h1>413 Request Entity \
                Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
    for wire in wires() {
        let error = wire
            .hear(respond(413, "content-type: text/html\r\n", page), false)
            .await
            .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("a web page instead of JSON: 413 Request Entity Too Large; nginx"),
            "{error}"
        );
        let text = "upstream connect error or disconnect/reset before headers. reset reason: connection termination";
        // A text where AWS's frames were to come is told as what it is: no frame.
        let statuses: &[u16] = if wire == Wire::Converse {
            &[503]
        } else {
            &[200, 503]
        };
        for &status in statuses {
            let error = wire
                .hear(respond(status, "content-type: text/plain\r\n", text), false)
                .await
                .unwrap_err();
            assert!(error.to_string().contains(text), "{wire:?}: {error}");
        }
    }
}

#[tokio::test]
async fn a_long_cause_is_told_to_its_end_within_two_thousand_characters_and_can_do_nothing() {
    let deep = json!({ "message": format!("{} and so: {CAUSE}", "traceback line\n".repeat(400)) })
        .to_string();
    let outer = "o".repeat(5_000);
    for body in [
        json!({ "error": { "message": outer, "metadata": { "raw": deep } } }),
        json!({ "error": { "message": deep } }),
        json!({ "errors": vec![json!({ "message": "\u{1b}[2J", "detail": deep }); 100] }),
    ] {
        let error = Wire::OpenRouter.hear_json(400, &body).await.unwrap_err();
        let message = error.trail().last().unwrap().message.clone().unwrap();
        assert!(message.contains(CAUSE), "{message}");
        assert!(
            message.chars().count() <= 2_000,
            "{}",
            message.chars().count()
        );
        assert!(!message.contains('\u{1b}'));
    }
}

#[tokio::test]
async fn a_refusal_that_breaks_off_tells_what_came_of_its_cause() {
    let whole = json!({ "code": 3, "error": { "message": format!("{CAUSE}\n\"so far\""), "param": [1, "x"] } }).to_string();
    let begun = whole.find("at last").unwrap() + 7;
    for cut in begun..whole.len() {
        let error = Wire::OpenAi
            .hear(respond(500, "", &whole[..cut]), false)
            .await
            .unwrap_err();
        assert!(error.to_string().contains(CAUSE), "{cut}: {error}");
        assert!(!error.to_string().contains('{'), "{cut}: {error}");
    }
}

#[tokio::test]
async fn the_key_is_masked_wherever_the_cause_repeats_it() {
    let inside = json!({ "error": { "message": format!("no such key: {KEY}") } }).to_string();
    let cut = format!("{}{KEY} {}", "x ".repeat(985), "y".repeat(3_000));
    for text in [
        inside,
        cut,
        format!("{} {KEY}", "z ".repeat(3_000)),
        format!("{}{KEY}", "z".repeat(1_990)),
    ] {
        for wire in wires() {
            let error = wire
                .hear_json(401, &json!({ "error": { "message": text } }))
                .await
                .unwrap_err();
            let told = format!("{error:?}");
            assert!(
                !told.contains(&KEY[..16]) && !told.contains(&KEY[KEY.len() - 10..]),
                "{told}"
            );
        }
    }
}

/// A cause under known names, in lists, and as JSON in texts, one inside the other, with other words around it.
fn nested() -> impl Strategy<Value = Value> {
    let names = [
        "error",
        "message",
        "msg",
        "detail",
        "details",
        "errors",
        "error_msg",
        "error_description",
        "Message",
        "errorMessage",
        "raw",
        "metadata",
        "innererror",
        "cause",
    ];
    let around = prop_oneof![Just(None), "[a-z]{3,9} [a-z]{3,9}".prop_map(Some)];
    let step = (0_u8..4, prop::sample::select(names.to_vec()), around);
    prop::collection::vec(step, 1..7).prop_map(|steps| {
        let deepest = Value::from(CAUSE);
        let value = steps
            .into_iter()
            .fold(deepest, |inner, (how, name, around)| match (how, around) {
                (0, _) => json!([inner]),
                (1, _) if inner.is_object() => Value::from(inner.to_string()),
                (2, Some(text)) if inner.is_object() => {
                    Value::from(format!("{text}: {}", json!({ "error": inner })))
                }
                (_, Some(text)) if name != "message" => json!({ name: inner, "message": text }),
                _ => json!({ name: inner }),
            });
        json!({ "error": value })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn the_deepest_message_of_any_error_is_told(body in nested(), status in prop::sample::select(vec![200_u16, 400, 429, 500])) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let streamed = data(&body);
        for wire in [Wire::OpenAi, Wire::Anthropic, Wire::Gemini] {
            let error = runtime.block_on(wire.hear_json(status, &body)).unwrap_err();
            prop_assert!(error.to_string().contains(CAUSE), "{wire:?} {status} {body}: {error}");
            let error = runtime.block_on(wire.hear(events(&streamed), true)).unwrap_err();
            prop_assert!(error.to_string().contains(CAUSE), "{wire:?} in a stream {body}: {error}");
        }
    }
}

/// Gateways fill in the fields of an answer, and put the error beside them.
#[tokio::test]
async fn an_error_beside_empty_choices_and_counts_of_nothing_is_told() {
    let usage = json!({ "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0 });
    for wire in COMPATIBLE {
        for begun in [String::new(), wire.word("Hel")] {
            for event in [
                json!({ "id": "", "choices": [], "code": "InvalidParameter", "message": CAUSE }),
                json!({ "id": "", "choices": null, "usage": usage, "code": "InvalidParameter", "message": CAUSE }),
                json!({ "id": "", "choices": [], "usage": usage, "code": 400, "msg": CAUSE }),
            ] {
                let error = wire
                    .hear_events(&format!("{begun}{}", data(&event)))
                    .await
                    .unwrap_err();
                assert!(
                    error.to_string().contains(CAUSE),
                    "{wire:?} {event}: {error}"
                );
                assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{wire:?} {event}");
            }
        }
    }
}

#[tokio::test]
async fn a_line_that_is_no_event_behind_the_words_tells_why_they_broke_off() {
    for wire in WITH_EVENTS {
        for (line, told) in [
            (
                "Internal Server Error: out of memory",
                "Internal Server Error: out of memory",
            ),
            (
                "<html><head><title>502 Bad Gateway</title></head></html>",
                "502 Bad Gateway",
            ),
        ] {
            let error = wire
                .hear_events(&format!("{}{line}\n", wire.word("Hel")))
                .await
                .unwrap_err();
            assert!(error.to_string().contains(told), "{wire:?}: {error}");
            assert_eq!(
                (error.kind(), error.partial()),
                (ErrorKind::BrokenStream, Some("Hel"))
            );
        }
        // Before the last event it was passed over, and after a good end it says nothing.
        let end = wire.end(if wire == Wire::Gemini {
            "STOP"
        } else {
            "end_turn"
        });
        let reply = wire
            .hear_events(&format!(
                "x-proxy: yes\n\n{}{end}DONE\n",
                wire.word("Hello.")
            ))
            .await;
        assert_eq!(reply.unwrap().text, "Hello.", "{wire:?}");
    }
}

#[tokio::test]
async fn an_event_is_an_error_by_its_name_and_a_sign_of_progress_is_none() {
    for wire in WITH_EVENTS {
        for name in ["error", "Error", "exception", "response.failed"] {
            for said in [format!("{{\"text\":\"{CAUSE}\"}}"), CAUSE.to_owned()] {
                let body = format!("{}event: {name}\ndata: {said}\n\n", wire.word("Hel"));
                let error = wire.hear_events(&body).await.unwrap_err();
                assert!(
                    error.to_string().contains(CAUSE),
                    "{wire:?} {name}: {error}"
                );
            }
        }
        let end = wire.end(if wire == Wire::Gemini {
            "STOP"
        } else {
            "end_turn"
        });
        for sign in [
            "event: status\ndata: {\"message\":\"queued, position 3\"}\n\n",
            "event: progress\ndata: {\"message\":\"loading the model\"}\n\n",
            "data: {\"code\":200,\"message\":\"processing\"}\n\n",
        ] {
            let reply = wire
                .hear_events(&format!("{sign}{}{end}", wire.word("Hello.")))
                .await;
            assert_eq!(reply.unwrap().text, "Hello.", "{wire:?} {sign}");
        }
    }
}

/// LM Studio answers an address that it does not have with HTTP 200.
#[tokio::test]
async fn an_address_that_is_not_there_is_not_asked_again_whatever_its_status() {
    let body = json!({ "error": "Unexpected endpoint or method. (POST /chat/completions). Returning 200 anyway" });
    for wire in COMPATIBLE {
        let (times, error) = asked(wire, &body).await;
        assert_eq!(
            (times, error.kind()),
            (1, ErrorKind::InvalidRequest),
            "{error}"
        );
    }
}

/// Ollama's own form has the model's message where others have that of an error.
#[tokio::test]
async fn an_answer_in_another_servers_form_is_unreadable_and_no_error_of_the_server() {
    let body = json!({ "model": "m", "message": { "role": "assistant", "content": "Hello." }, "done": true });
    for wire in COMPATIBLE {
        let error = wire.hear_json(200, &body).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadReply, "{wire:?}: {error}");
    }
}
