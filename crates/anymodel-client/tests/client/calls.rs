//! The life of a call: what is retried, what moves on, what stops, and what the trail says about it.

use std::time::{Duration, Instant};

use crate::support::{Play, Server, answer, json, respond};
use anymodel::prelude::*;
use anymodel::{FinishReason, NextAction, Target};

const LIMITED: &str = r#"{"error":{"code":429,"message":"Rate limit exceeded"}}"#;
const BROKEN: &str = r#"{"error":{"code":500,"message":"Internal Server Error"}}"#;

#[tokio::test]
async fn an_answer_comes_back_with_all_that_was_said_about_it() {
    let server = Server::play([json(200, &answer("Hello."))]);
    let reply = server.client().ask("acme/asked", "Hi").await.unwrap();
    assert_eq!(reply.text, "Hello.");
    assert_eq!(reply.model, "acme/answering");
    assert_eq!(reply.id.as_deref(), Some("gen-1"));
    assert_eq!(reply.finish_reason, Some(FinishReason::Stop));
    assert_eq!(reply.usage.unwrap().total_tokens, 5);
    assert_eq!(usd(reply.cost.unwrap()), "$0.0000171");
    let attempt = reply.trail.last().unwrap();
    assert_eq!(attempt.model_asked, "acme/asked");
    assert_eq!(attempt.model_answered.as_deref(), Some("acme/answering"));
    assert_eq!(
        (attempt.status, attempt.next),
        (Some(200), NextAction::Answered)
    );
    assert_eq!(attempt.cost, reply.cost);
}

#[tokio::test]
async fn the_request_carries_what_was_set_and_nothing_else() {
    let server = Server::play([json(200, &answer("Hello."))]);
    let chat = server
        .client()
        .chat("acme/one")
        .system("Be brief.")
        .history([Message::user("Hi"), Message::assistant("Hello.")])
        .user("Again")
        .temperature(0.2)
        .max_tokens(64);
    let preview = chat.preview().unwrap();
    chat.send().await.unwrap();
    let expected = serde_json::json!({
        "model": "acme/one", "temperature": 0.2, "max_tokens": 64, "stream": false,
        "messages": [
            { "role": "system", "content": "Be brief." },
            { "role": "user", "content": "Hi" },
            { "role": "assistant", "content": "Hello." },
            { "role": "user", "content": "Again" },
        ],
    });
    assert_eq!(server.body(0), expected);
    assert_eq!(preview.body, expected, "the preview is what is sent");
    let head = server.requests()[0].to_lowercase();
    assert!(head.starts_with("post /v1/chat/completions http/1.1"));
    assert!(head.contains("authorization: bearer sk-or-v1-test0123456789"));
}

#[tokio::test]
async fn a_rate_limit_moves_on_to_the_next_model_at_once() {
    let server = Server::play([
        respond(429, "retry-after: 9\r\n", LIMITED),
        json(200, &answer("Second.")),
    ]);
    let start = Instant::now();
    let reply = server
        .client()
        .ask(["acme/one", "acme/two"], "Hi")
        .await
        .unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "the hint of 9 s is not waited for"
    );
    assert_eq!(reply.text, "Second.");
    let first = reply.trail.iter().next().unwrap();
    assert_eq!(first.failure, Some(ErrorKind::RateLimited));
    assert_eq!(first.retry_after, Some(Duration::from_secs(9)));
    assert_eq!(first.next, NextAction::MovedOn);
    assert_eq!(server.body(1)["model"], "acme/two");
}

#[tokio::test]
async fn the_last_model_waits_as_long_as_it_is_told_and_is_asked_again() {
    let server = Server::play([
        respond(429, "retry-after: 0.2\r\n", LIMITED),
        json(200, &answer("Later.")),
    ]);
    let start = Instant::now();
    let reply = server.client().ask("acme/one", "Hi").await.unwrap();
    assert_eq!(reply.text, "Later.");
    assert!(start.elapsed() >= Duration::from_millis(200));
    let first = reply.trail.iter().next().unwrap();
    assert_eq!(first.next, NextAction::Retried(Duration::from_millis(200)));
    assert!(
        reply.latency >= Duration::from_millis(200),
        "latency is of the whole call"
    );
}

#[tokio::test]
async fn a_hint_beyond_the_deadline_is_reported_and_not_waited_for() {
    let server = Server::play([respond(429, "retry-after: 3600\r\n", LIMITED)]);
    let start = Instant::now();
    let error = server.client().ask("acme/one", "Hi").await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert!(error.is_retryable());
    assert_eq!(error.trail().len(), 1);
}

#[tokio::test]
async fn a_call_asks_a_failing_model_three_times_more_and_then_gives_up() {
    let server = Server::play(vec![respond(500, "retry-after: 0\r\n", BROKEN); 9]);
    let error = server.client().ask("acme/one", "Hi").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    assert_eq!(server.requests().len(), 4);
    assert_eq!(error.trail().len(), 4);
    assert_eq!(error.trail().last().unwrap().next, NextAction::GaveUp);
}

#[tokio::test]
async fn no_retries_means_one_request() {
    let server = Server::play(vec![respond(500, "retry-after: 0\r\n", BROKEN); 9]);
    let chat = server.client().chat("acme/one").user("Hi").retries(0);
    assert_eq!(chat.send().await.unwrap_err().trail().len(), 1);
}

#[tokio::test]
async fn what_no_model_can_mend_stops_the_chain() {
    for (status, kind) in [
        (401, ErrorKind::KeyRefused),
        (403, ErrorKind::Forbidden),
        (400, ErrorKind::InvalidRequest),
        (422, ErrorKind::InvalidRequest),
    ] {
        let body = format!(r#"{{"error":{{"code":{status},"message":"no"}}}}"#);
        let server = Server::play([json(status, &body), json(200, &answer("never"))]);
        let error = server
            .client()
            .ask(["acme/one", "acme/two"], "Hi")
            .await
            .unwrap_err();
        assert_eq!((error.kind(), error.status()), (kind, Some(status)));
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_refused_content_is_not_carried_to_another_model() {
    let body = r#"{"error":{"code":403,"message":"Request blocked","metadata":{"reasons":["violence"],"flagged_input":"…"}}}"#;
    let server = Server::play([json(403, body)]);
    let error = server
        .client()
        .ask(["acme/one", "acme/two"], "Hi")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ContentRefused);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn an_unknown_model_moves_on() {
    let body = r#"{"error":{"code":400,"message":"acme/one is not a valid model ID"}}"#;
    let server = Server::play([json(400, body), json(200, &answer("Second."))]);
    let reply = server
        .client()
        .ask(["acme/one", "acme/two"], "Hi")
        .await
        .unwrap();
    assert_eq!(
        reply.trail.iter().next().unwrap().failure,
        Some(ErrorKind::ModelNotFound)
    );
}

#[tokio::test]
async fn too_long_a_conversation_skips_models_that_read_no_more() {
    let body = r#"{"error":{"code":400,"message":"too long","metadata":{"error_type":"context_length_exceeded"}}}"#;
    let server = Server::play([json(400, body), json(200, &answer("Read."))]);
    // Catalogue: 128,000 tokens twice, then a million.
    let chain = ["openai/gpt-4o", "openai/gpt-4o-mini", "openai/gpt-4.1-mini"];
    let reply = server.client().ask(chain, "Hi").await.unwrap();
    assert_eq!(reply.trail.len(), 2);
    assert_eq!(server.body(1)["model"], "openai/gpt-4.1-mini");
}

#[tokio::test]
async fn a_silent_model_costs_its_own_time_and_not_the_whole_call() {
    let server = Server::play([
        Play::Silence(Duration::from_secs(20)),
        json(200, &answer("Quick.")),
    ]);
    let chat = server
        .client()
        .chat(["acme/silent", "acme/quick"])
        .user("Hi")
        .timeout(Duration::from_millis(150));
    let reply = chat.send().await.unwrap();
    let first = reply.trail.iter().next().unwrap();
    assert_eq!(
        (first.failure, first.status),
        (Some(ErrorKind::Timeout), None)
    );
    assert!(
        first.duration >= Duration::from_millis(150) && first.duration < Duration::from_secs(5)
    );
    assert_eq!(reply.text, "Quick.");
}

#[tokio::test]
async fn the_deadline_ends_the_call_whatever_is_left_to_ask() {
    let server = Server::play(vec![Play::Silence(Duration::from_secs(20)); 3]);
    let chat = server
        .client()
        .chat(["acme/one", "acme/two", "acme/three"])
        .user("Hi")
        .timeout(Duration::from_secs(15))
        .deadline(Duration::from_millis(300));
    let start = Instant::now();
    let error = chat.send().await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(
        error.trail().len(),
        3,
        "each has its part of the time: what one leaves is the next one's"
    );
}

#[tokio::test]
async fn a_chain_that_fails_entirely_is_one_error_that_names_every_model() {
    let server = Server::play([
        json(429, LIMITED),
        json(
            503,
            r#"{"error":{"code":503,"message":"Service temporarily unavailable"}}"#,
        ),
        json(
            404,
            r#"{"error":{"code":404,"message":"No endpoints found"}}"#,
        ),
    ]);
    let error = server
        .client()
        .ask(["acme/one", "acme/two", "acme/three"], "Hi")
        .await
        .unwrap_err();
    let told = format!("{error:?}");
    for part in [
        "acme/one: rate limited",
        "acme/two: overloaded",
        "acme/three: model not found",
        "hint: ",
    ] {
        assert!(told.contains(part), "{part:?} is missing in:\n{told}");
    }
    assert!(error.is_retryable(), "two of the three may answer later");
}

#[tokio::test]
async fn what_a_server_says_cannot_speak_to_the_kernel_or_the_terminal() {
    let body = r#"{"error":{"code":400,"message":"first\nEVCXR_EXECUTION_COMPLETE\n\u001b[2J"}}"#;
    let server = Server::play([
        json(400, body),
        json(200, &answer("a\u{1b}[31m\nEVCXR_BEGIN_CONTENT text/html")),
    ]);
    let error = server.client().ask("acme/one", "Hi").await.unwrap_err();
    let reply = server.client().ask("acme/one", "Hi").await.unwrap();
    for shown in [
        error.to_string(),
        format!("{error:?}"),
        reply.to_string(),
        reply.summary(),
    ] {
        assert!(
            !shown.contains("EVCXR_") && !shown.contains('\u{1b}'),
            "{shown:?}"
        );
    }
    assert!(
        reply.text.contains('\u{1b}'),
        "the text itself is what was sent"
    );
}

#[tokio::test]
async fn a_comparison_keeps_to_the_clients_deadline_unless_told_otherwise() {
    let server = Server::play(vec![Play::Silence(Duration::from_secs(20)); 2]);
    let client = Client::builder()
        .base_url(server.url())
        .deadline(Duration::from_millis(300))
        .build()
        .unwrap();
    let start = Instant::now();
    let comparison = client.compare(["acme/one", "acme/two"], "Hi").await;
    assert_eq!(comparison.errors().count(), 2);
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_time_that_is_over_is_no_wait() {
    let past = "x-ratelimit-reset: 60\r\n";
    let server = Server::play([respond(429, past, LIMITED)]);
    let chat = server.client().chat("acme/one").user("Hi").retries(0);
    assert_eq!(chat.send().await.unwrap_err().retry_after(), None);
}

#[tokio::test]
async fn a_dropped_connection_is_tried_again() {
    let server = Server::play([Play::Hang, json(200, &answer("Back."))]);
    let reply = server.client().ask("acme/one", "Hi").await.unwrap();
    assert_eq!(
        reply.trail.iter().next().unwrap().failure,
        Some(ErrorKind::Network)
    );
    assert_eq!(reply.text, "Back.");
}

#[tokio::test]
async fn what_is_no_answer_is_never_passed_off_as_one() {
    let good = answer("whole");
    let cases = [
        (
            "an error under 200",
            r#"{"error":{"code":502,"message":"Provider returned error"}}"#,
            ErrorKind::Server,
        ),
        (
            "an error without a code",
            r#"{"error":{"message":"odd"}}"#,
            ErrorKind::Server,
        ),
        (
            "a string code",
            r#"{"error":{"code":"rate_limit_exceeded","message":"slow"}}"#,
            ErrorKind::RateLimited,
        ),
        (
            "an error in the choice, after half an answer",
            r#"{"choices":[{"message":{"content":"The first ha"},"finish_reason":"error","error":{"code":503,"message":"gone"}}]}"#,
            ErrorKind::Overloaded,
        ),
        (
            "a finish that is an error",
            r#"{"choices":[{"message":{"content":"The first ha"},"finish_reason":"error"}]}"#,
            ErrorKind::Server,
        ),
        (
            "no choices",
            r#"{"id":"gen-1","choices":[]}"#,
            ErrorKind::BadReply,
        ),
        ("null choices", r#"{"choices":null}"#, ErrorKind::BadReply),
        (
            "an empty text",
            r#"{"choices":[{"message":{"content":""},"finish_reason":null}]}"#,
            ErrorKind::BadReply,
        ),
        (
            "a refusal",
            r#"{"choices":[{"message":{"content":null,"refusal":"I cannot help with that."},"finish_reason":"stop"}]}"#,
            ErrorKind::ContentRefused,
        ),
        (
            "a web page",
            "<html><body>Bad gateway</body></html>",
            ErrorKind::BadReply,
        ),
        ("nothing", "", ErrorKind::BadReply),
        ("a list", "[1, 2]", ErrorKind::BadReply),
        (
            "half a document",
            &good[..good.len() / 2],
            ErrorKind::BadReply,
        ),
    ];
    for (what, body, kind) in cases {
        let server = Server::play([json(200, body)]);
        let chat = server.client().chat("acme/one").user("Hi").retries(0);
        let error = chat.send().await.expect_err(what);
        assert_eq!(error.kind(), kind, "{what}: {error}");
        assert_eq!(error.status(), Some(200), "{what}");
    }
}

#[tokio::test]
async fn odd_but_whole_answers_are_read() {
    let cases = [
        ("white space before the JSON", format!("\n\n   \n{}", answer("Hi"))),
        ("parts instead of a string", r#"{"choices":[{"message":{"content":[{"type":"text","text":"H"},{"type":"text","text":"i"}]},"finish_reason":"stop"}]}"#.to_owned()),
        ("unknown words", r#"{"service_tier":"on_demand","choices":[{"finish_reason":"stop","message":{"content":"Hi","annotations":[{"type":"file"}]}}]}"#.to_owned()),
        ("a finish reason that is missing", r#"{"choices":[{"message":{"content":"Hi"}}]}"#.to_owned()),
        ("numbers as floats and fields of the wrong type", r#"{"id":7,"model":null,"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3.0,"completion_tokens":"2"}}"#.to_owned()),
    ];
    for (what, body) in cases {
        let server = Server::play([json(200, &body)]);
        let reply = server.client().ask("acme/one", "Hi").await.expect(what);
        assert_eq!(reply.text, "Hi", "{what}");
    }
}

#[tokio::test]
async fn a_cost_is_read_digit_by_digit() {
    for (wire, shown) in [
        ("0.000017100000000000001", "$0.000017100000000000001"),
        ("1.71e-5", "$0.0000171"),
        ("\"0.25\"", "$0.25"),
        ("0", "$0"),
    ] {
        let body = answer("Hi").replace("0.0000171", wire);
        assert!(body.contains(&format!("\"cost\":{wire}")), "{body}");
        let server = Server::play([json(200, &body)]);
        let reply = server.client().ask("acme/one", "Hi").await.unwrap();
        assert_eq!(usd(reply.cost.unwrap()), shown);
    }
}

#[tokio::test]
async fn a_wait_is_found_wherever_a_platform_may_put_it() {
    let soon = std::time::SystemTime::now() + Duration::from_secs(100);
    let stamp = soon
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis();
    let in_body = |inner: &str| format!(r#"{{"error":{{"code":429,"message":"slow",{inner}}}}}"#);
    let cases = [
        ("retry-after: 100\r\n".to_owned(), LIMITED.to_owned()),
        (
            format!("retry-after: {}\r\n", httpdate::fmt_http_date(soon)),
            LIMITED.to_owned(),
        ),
        ("retry-after-ms: 100000\r\n".to_owned(), LIMITED.to_owned()),
        (
            format!("x-ratelimit-reset: {stamp}\r\n"),
            LIMITED.to_owned(),
        ),
        (
            String::new(),
            in_body(r#""availability":{"retry_after":100}"#),
        ),
        (
            String::new(),
            in_body(r#""metadata":{"retry_after_seconds":100}"#),
        ),
        (
            String::new(),
            in_body(r#""metadata":{"headers":{"Retry-After":"100"}}"#),
        ),
        (
            String::new(),
            in_body(&format!(
                r#""metadata":{{"headers":{{"X-RateLimit-Reset":"{stamp}"}}}}"#
            )),
        ),
    ];
    for (headers, body) in cases {
        let server = Server::play([respond(429, &headers, &body)]);
        let error = server.client().ask("acme/one", "Hi").await.unwrap_err();
        let wait = error
            .retry_after()
            .unwrap_or_else(|| panic!("no wait in {headers}{body}"));
        assert!(
            (Duration::from_secs(98)..=Duration::from_secs(100)).contains(&wait),
            "{wait:?}"
        );
    }
}

#[tokio::test]
async fn an_absurd_wait_is_not_believed_and_a_negative_one_means_now() {
    for (hint, most) in [("-5", 0), ("1e300", 86_400), ("NaN", 0), ("soon", 0)] {
        let server = Server::play([respond(429, &format!("retry-after: {hint}\r\n"), LIMITED)]);
        let chat = server.client().chat("acme/one").user("Hi").retries(0);
        let error = chat.send().await.unwrap_err();
        assert!(
            error.retry_after().unwrap_or_default() <= Duration::from_secs(most),
            "{hint}"
        );
    }
}

#[tokio::test]
async fn a_comparison_asks_all_at_once_and_returns_failures_as_values() {
    let server = Server::play([
        json(200, &answer("One.")),
        json(401, r#"{"error":{"code":401,"message":"no"}}"#),
        json(200, &answer("Three.")),
    ]);
    let comparison = server
        .client()
        .compare(["a/1", "a/2", "a/3"], "Hi")
        .sequential()
        .await;
    let models: Vec<_> = comparison
        .contestants
        .iter()
        .map(|one| one.model.as_str())
        .collect();
    assert_eq!(models, ["a/1", "a/2", "a/3"]);
    assert_eq!(comparison.replies().count(), 2);
    let (model, error) = comparison.errors().next().unwrap();
    assert_eq!((model, error.kind()), ("a/2", ErrorKind::KeyRefused));
}

#[tokio::test]
async fn the_wishes_cheapest_fastest_and_best_go_out_in_words_the_platform_knows() {
    let client = Client::builder()
        .key("sk-or-v1-test0123456789")
        .build()
        .unwrap();
    let body = |target: Target| client.chat(target).user("Hi").preview().unwrap().body;
    let cheapest = body(Prefer::Cheapest.into());
    assert_eq!(cheapest["model"], "openrouter/auto");
    assert_eq!(cheapest["provider"]["sort"], "price");
    assert_eq!(cheapest["plugins"][0]["cost_tier"], "low");
    assert_eq!(
        body(Prefer::Fastest.into())["provider"]["sort"],
        "throughput"
    );
    assert_eq!(body(Prefer::Best.into())["plugins"][0]["cost_tier"], "max");
    let among = body(Prefer::Cheapest.among(["a/1", "a/2"]).into());
    assert_eq!(among["models"], serde_json::json!(["a/1", "a/2"]));
    assert_eq!(
        among["provider"]["sort"],
        serde_json::json!({ "by": "price", "partition": "none" })
    );
    assert!(among.get("model").is_none() && among.get("route").is_none());
}

#[tokio::test]
async fn a_watched_comparison_tells_of_each_answer_when_it_comes() {
    let server = Server::play([
        Play::Silence(Duration::from_secs(5)),
        json(200, &answer("quick")),
    ]);
    let mut seen = Vec::new();
    let client = Client::builder()
        .base_url(server.url())
        .deadline(Duration::from_millis(1500))
        .build()
        .unwrap();
    let models = ["acme/one", "acme/two"];
    let comparison = client
        .compare(models, "Hi")
        .watch(|place, contestant| {
            assert_eq!(contestant.model, models[place]);
            seen.push((contestant.result.is_ok(), Instant::now()));
        })
        .await;
    let named: Vec<_> = comparison
        .contestants
        .iter()
        .map(|one| &one.model)
        .collect();
    assert_eq!(named, models, "the results stand in the order of the names");
    assert_eq!(seen.len(), 2);
    assert!(seen[0].0 && !seen[1].0, "the quick one is seen first");
    let between = seen[1].1 - seen[0].1;
    assert!(
        between > Duration::from_millis(500),
        "and not only at the end: {between:?}"
    );
}
