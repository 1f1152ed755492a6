//! Every fault that the sandbox can play ends in a whole answer, or in an error that says what happened.

use std::time::Duration;

use anymodel::prelude::*;
use anymodel::sandbox::{Fault, Sandbox, faults};
use futures_util::future::join_all;

/// What `ask` has to make of a fault. `None` is a whole answer.
///
/// A fault that is not listed here fails the test: say what it should come to.
fn expected(name: &str) -> Option<ErrorKind> {
    use ErrorKind::*;
    Some(match name {
        // Healthy, or well after one more try, or odd only when streamed.
        "echo"
        | "steady-200ms"
        | "429-retry-after"
        | "500-once"
        | "503-once"
        | "connection-reset-once"
        | "402-in-flight"
        | "503-retry-after"
        | "no-done"
        | "cut-after-finish"
        | "misfit"
        | "misfit-once"
        | "no-prefill" => return None,
        name if name.starts_with("429-hint-") => return None,
        // The sandbox's clock stands still in this test, so what is slow is not.
        "slow" | "slow-first-token" | "outage-60s" => return None,
        "silence" | "connection-reset" => Network,
        "rate-limited" => RateLimited,
        "down" => Overloaded,
        "400" | "400-invalid-prompt" | "400-max-tokens" | "412" | "413" | "422" => InvalidRequest,
        name if name.contains("image") => InvalidRequest,
        "400-model-not-found" | "403-region" => ModelNotFound,
        "400-context-length" | "400-string-too-long" => ContextTooLong,
        "400-content-policy" | "400-refusal" | "403-moderation" | "403-guardrail" => ContentRefused,
        "401" => KeyRefused,
        name if name.starts_with("402") => PaymentRequired,
        "403" => Forbidden,
        name if name.starts_with("404") => ModelNotFound,
        "422-detail-list" => InvalidRequest,
        "413-tokens-per-minute" => RateLimited,
        "498" => Overloaded,
        "408" | "504" | "524" => Timeout,
        name if name.starts_with("429") => RateLimited,
        name if name.starts_with("500") || name.starts_with("502") => Server,
        name if name.starts_with("503") || name.starts_with("529") => Overloaded,
        _ => return odd(name),
    })
}

/// The faults under HTTP 200.
fn odd(name: &str) -> Option<ErrorKind> {
    use ErrorKind::*;
    Some(match name {
        "comments" | "leading-whitespace" | "crlf" | "no-space" | "several-data-lines"
        | "split-utf8" => return None,
        "finish-null" | "finish-blank" | "content-filter" => return None,
        // A word that is not known is no good end, so its text is not known to be whole.
        "finish-unknown" => BrokenStream,
        name if name.starts_with("usage-") => return None,
        "cost-missing" | "other-model" | "foreign-id" | "fields-missing" | "floats"
        | "tier-unknown" => return None,
        "content-after-finish" | "content-parts" | "annotations" => return None,
        "empty-data" | "one-line-end" | "no-blank-line" | "byte-order-mark" => return None,
        "lone-surrogates" | "events-as-json" | "json-as-events" | "large-picture" => return None,
        "thought-parts" | "calls-in-second-choice" | "calls-under-one-index" => return None,
        "error-as-events" | "error-field" => Server,
        "error-empty" | "finish-model-length" | "finish-null-text" => return None,
        "error-flat" => InvalidRequest,
        "error-base-resp" => KeyRefused,
        "stream-cut" | "stream-reset" | "stall" => Network,
        "error-mid-stream" | "error-mid-stream-no-choices" | "error-mid-stream-text-code" => Server,
        "error-in-choice" | "error-body" | "finish-error" => Server,
        "empty-completion" | "malformed-chunk" | "html" | "empty-body" | "broken-json" => BadReply,
        "choices-empty" | "choices-missing" => BadReply,
        _ => panic!("no expectation for sandbox/{name}"),
    })
}

#[tokio::test]
async fn every_fault_ends_in_a_whole_answer_or_an_error_that_says_so() {
    let sandbox = Sandbox::builder().time_scale(0.0).start().unwrap();
    let one = async |fault: &Fault| {
        let client = Client::builder()
            .base_url(sandbox.base_url())
            .key(format!("sk-or-v1-{}", fault.name))
            .build()
            .unwrap();
        let chat = client
            .chat(format!("sandbox/{}", fault.name))
            .user("Explain recursion in one sentence.")
            .timeout(Duration::from_secs(5))
            .retries(1);
        let got = chat.send().await;
        let kind = got.as_ref().err().map(anymodel::Error::kind);
        if let Err(error) = &got {
            assert!(
                error.hint().is_some() && !error.trail().is_empty(),
                "{}: {error:?}",
                fault.name
            );
        }
        (kind != expected(fault.name))
            .then(|| format!("{} ({}): {got:?}", fault.name, fault.summary))
    };
    let wrong: Vec<_> = join_all(faults().iter().map(one))
        .await
        .into_iter()
        .flatten()
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_fallback_rescues_every_fault_that_another_model_can_mend() {
    let sandbox = Sandbox::builder().time_scale(0.0).start().unwrap();
    let is_mended = |fault: &&Fault| {
        use ErrorKind::*;
        !matches!(
            expected(fault.name),
            Some(KeyRefused | PaymentRequired | Forbidden | InvalidRequest | ContentRefused)
        )
    };
    let one = async |fault: &Fault| {
        let client = Client::builder()
            .base_url(sandbox.base_url())
            .key(format!("sk-or-v1-{}", fault.name))
            .build()
            .unwrap();
        let chain = [format!("sandbox/{}", fault.name), "sandbox/echo".to_owned()];
        let reply = client
            .ask(chain, "Explain recursion in one sentence.")
            .await;
        let reply = reply.unwrap_or_else(|error| panic!("{}: {error:?}", fault.name));
        assert!(!reply.text.is_empty(), "{}", fault.name);
    };
    join_all(faults().iter().filter(is_mended).map(one)).await;
}
