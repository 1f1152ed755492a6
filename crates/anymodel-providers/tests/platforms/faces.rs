//! The adapters against the sandbox in the vendors' parts: two hands wrote the two sides, from the vendors' pages.

use anymodel::prelude::*;
use anymodel::{FinishReason, Message, Reasoning, ToolChoice};

use crate::vendor::{QUESTION, add, watch};

const TARGETS: [&str; 4] = [
    "openrouter:openai/gpt-5-mini",
    "zenmux:openai/gpt-5-mini",
    "anthropic:claude-sonnet-4-6",
    "gemini:gemini-2.5-flash",
];

fn client() -> Client {
    Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(0.0)
        .build()
        .unwrap()
}

#[tokio::test]
async fn each_answers_whole_and_streamed_and_says_whom_it_plays() {
    let client = client();
    for target in TARGETS {
        let reply = client.ask(target, QUESTION).await.unwrap();
        let (name, _) = target.split_once(':').unwrap();
        assert_eq!(reply.platform, format!("sandbox:{name}"));
        assert_eq!(reply.finish_reason, Some(FinishReason::Stop));
        let (text, streamed) = watch(&client, target).await;
        let streamed = streamed.unwrap();
        assert_eq!(text, streamed.text, "{target}");
        assert_eq!(
            streamed.usage.unwrap().prompt_tokens,
            reply.usage.unwrap().prompt_tokens
        );
        assert!(streamed.usage.unwrap().completion_tokens > 0);
    }
}

#[tokio::test]
async fn a_call_of_a_function_goes_there_and_back_with_what_was_thought() {
    let client = client();
    for target in TARGETS {
        for streams in [false, true] {
            let chat = client
                .chat(target)
                .user("Add 2 and 2.")
                .reasoning(Reasoning::Low)
                .tool_spec(add());
            let reply = match streams {
                false => chat.send().await.unwrap(),
                true => chat.stream().final_reply().await.unwrap(),
            };
            let Some(call) = reply.tool_calls.first() else {
                // The simulated model need not call what it is only offered.
                assert!(!reply.text.is_empty(), "{target}");
                continue;
            };
            assert_eq!(
                (call.name.as_str(), &reply.finish_reason),
                ("add", &Some(FinishReason::ToolCalls))
            );
            let mut history = vec![Message::user("Add 2 and 2."), reply.to_message()];
            history.extend(
                reply
                    .tool_calls
                    .iter()
                    .map(|call| Message::tool(&call.id, "4")),
            );
            // The faces refuse a signature that is not what they gave.
            let again = client.chat(target).history(history).tool_spec(add());
            let reply = again.reasoning(Reasoning::Low).send().await.unwrap();
            assert!(
                !reply.text.is_empty() || !reply.tool_calls.is_empty(),
                "{target}"
            );
        }
    }
}

#[tokio::test]
async fn a_function_that_is_named_is_called_everywhere() {
    let client = client();
    for target in TARGETS {
        let chat = client.chat(target).user("Add 2 and 2.").tool_spec(add());
        let reply = chat
            .tool_choice(ToolChoice::Named("add".to_owned()))
            .send()
            .await
            .unwrap();
        assert_eq!(reply.tool_calls[0].name, "add", "{target}");
        assert!(reply.tool_calls[0].arguments.starts_with('{'));
    }
}

#[tokio::test]
async fn a_fault_is_the_same_failure_on_every_wire() {
    let client = client();
    for (fault, kind) in [
        ("429-always", ErrorKind::RateLimited),
        ("402", ErrorKind::PaymentRequired),
        ("500", ErrorKind::Server),
        ("503", ErrorKind::Overloaded),
        ("529", ErrorKind::Overloaded),
    ] {
        for platform in ["openrouter", "zenmux", "anthropic", "gemini"] {
            let chat = client.chat(format!("{platform}:sandbox/{fault}"));
            let error = chat.user("Hi").retries(0).send().await.unwrap_err();
            assert_eq!(error.kind(), kind, "{platform} {fault}: {error}");
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_is_never_whole_on_any_wire() {
    let client = client();
    for platform in ["openrouter", "zenmux", "anthropic", "gemini"] {
        for fault in ["stream-cut", "stream-reset"] {
            let target = format!("{platform}:sandbox/{fault}");
            let (text, end) = watch(&client, &target).await;
            let error = end.unwrap_err();
            assert_eq!(error.partial(), Some(text.as_str()), "{target}: {error:?}");
            assert!(!text.is_empty(), "{target}");
        }
    }
}
