//! The crate's own native adapters at the vendors' faces: what is said and what goes wrong arrives as by the home protocol.

use anymodel::ToolSpec;
use anymodel::prelude::*;
use anymodel::sandbox::{Fault, faults};

/// What a call comes to: a text, or a kind of failure.
type Fate = std::result::Result<String, ErrorKind>;

/// Where a vendor's protocol says less, or something else, than the home protocol does: vendor (both when empty), fault,
/// and the kind that is left; none is an answer.
const OTHERWISE: [(&str, &str, Option<ErrorKind>); 16] = [
    // The cause stands in the text alone.
    ("", "400-string-too-long", Some(ErrorKind::InvalidRequest)),
    ("", "400-refusal", Some(ErrorKind::InvalidRequest)),
    (
        "anthropic",
        "400-content-policy",
        Some(ErrorKind::InvalidRequest),
    ),
    ("", "404-image-not-found", Some(ErrorKind::ModelNotFound)),
    ("anthropic", "403-moderation", Some(ErrorKind::Forbidden)),
    ("", "403-guardrail", Some(ErrorKind::Forbidden)),
    ("", "403-region", Some(ErrorKind::Forbidden)),
    ("", "402-in-flight", Some(ErrorKind::PaymentRequired)),
    // Google has no such status.
    ("gemini", "498", Some(ErrorKind::InvalidRequest)),
    // Inside an answer Google says that it is unavailable, and its word for an end by error is an end like others.
    ("gemini", "error-mid-stream", Some(ErrorKind::Overloaded)),
    (
        "gemini",
        "error-mid-stream-no-choices",
        Some(ErrorKind::Overloaded),
    ),
    (
        "gemini",
        "error-mid-stream-text-code",
        Some(ErrorKind::Overloaded),
    ),
    ("gemini", "error-in-choice", Some(ErrorKind::Overloaded)),
    ("gemini", "error-body", Some(ErrorKind::Overloaded)),
    ("gemini", "error-as-events", Some(ErrorKind::Overloaded)),
    ("gemini", "error-field", Some(ErrorKind::Overloaded)),
];

async fn fate(platform: &str, fault: &Fault, stream: bool) -> Fate {
    // A client of its own, so that faults in turns begin anew.
    let builder = Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(0.0);
    let client = builder.retries(0).build().unwrap();
    let chat = client
        .chat(format!("{platform}sandbox/{}", fault.name))
        .user("Hello");
    let result = match stream {
        true => chat.stream().final_reply().await,
        false => chat.send().await,
    };
    result.map(|reply| reply.text).map_err(|error| error.kind())
}

#[tokio::test]
async fn every_fault_means_the_same_by_each_protocol_as_far_as_it_can_say_so() {
    let mut wrong = Vec::new();
    for fault in faults() {
        for stream in [false, true] {
            let home = fate("", fault, stream).await;
            for vendor in ["anthropic", "gemini"] {
                let guest = fate(&format!("{vendor}:"), fault, stream).await;
                let row = OTHERWISE.iter().find(|(who, name, _)| {
                    *name == fault.name && (who.is_empty() || *who == vendor)
                });
                let good = match row {
                    Some((_, _, kind)) => guest.as_ref().err() == kind.as_ref(),
                    None => guest == home,
                };
                if !good {
                    wrong.push(format!(
                        "{vendor} {} (stream: {stream}): {guest:?}, at home {home:?}",
                        fault.name
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_vendors_adapter_hears_what_its_face_says() {
    let client = Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(0.0)
        .build()
        .unwrap();
    for target in ["anthropic:claude-sonnet-4.5", "gemini:gemini-2.5-flash"] {
        let ask = || {
            client
                .chat(target)
                .system("Be brief.")
                .user("Explain recursion in one sentence.")
        };
        let whole = ask().send().await.unwrap();
        assert!(whole.text.contains("ecurs"), "{target}: {}", whole.text);
        let usage = whole.usage.unwrap();
        assert!(
            usage.prompt_tokens > 10 && usage.completion_tokens > 5,
            "{target}: {usage:?}"
        );
        let streamed = ask().stream().final_reply().await.unwrap();
        assert_eq!(
            (&streamed.text, streamed.usage),
            (&whole.text, Some(usage)),
            "{target}"
        );

        let weather = ToolSpec::new(
            "current_weather",
            "Weather of a city",
            serde_json::json!({ "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] }),
        );
        let asked = || {
            client
                .chat(target)
                .user("What is the weather in Lisbon?")
                .tool_spec(weather.clone())
        };
        for first in [
            asked().send().await.unwrap(),
            asked().stream().final_reply().await.unwrap(),
        ] {
            let call = &first.tool_calls[0];
            assert_eq!(
                (call.name.as_str(), call.arguments.contains("Lisbon")),
                ("current_weather", true),
                "{target}"
            );
            let answer = Message::tool(&call.id, "sunny");
            let last = asked()
                .message(first.to_message())
                .message(answer)
                .send()
                .await
                .unwrap();
            assert_eq!(last.text, "The tool returned: sunny", "{target}");
        }
    }
}
