//! The twenty requests a minute that free models allow, against the sandbox, which counts them itself.

use std::time::Duration;

use anymodel::prelude::*;
use anymodel::sandbox::Sandbox;
use anymodel::{CircuitState, SkipReason, Target};
use futures_util::future::join_all;

const FREE: &str = "meta-llama/llama-3.3-70b-instruct:free";
const SIBLING: &str = "openai/gpt-oss-20b:free";

fn client(sandbox: &Sandbox, key: &str, deadline: u64) -> Client {
    Client::builder()
        .base_url(sandbox.base_url())
        .key(format!("sk-or-v1-{key}"))
        .deadline(Duration::from_secs(deadline))
        .build()
        .unwrap()
}

async fn ask(
    client: &Client,
    times: usize,
    target: impl Into<Target>,
) -> Vec<anymodel::Result<Reply>> {
    let target = target.into();
    join_all((0..times).map(|_| client.ask(target.clone(), "Hi"))).await
}

fn never_limited<'a>(results: impl IntoIterator<Item = &'a anymodel::Result<Reply>>) {
    for result in results {
        let trail = match result {
            Ok(reply) => &reply.trail,
            Err(error) => error.trail(),
        };
        assert!(trail.iter().all(|one| one.status != Some(429)), "{trail}");
    }
}

#[tokio::test]
async fn a_call_that_cannot_wait_is_not_sent_and_says_why() {
    let sandbox = Sandbox::builder().time_scale(0.0).start().unwrap();
    let client = client(&sandbox, "alone", 5);
    let results = ask(&client, 25, FREE).await;
    never_limited(&results);
    let errors: Vec<_> = results
        .iter()
        .flat_map(|result| result.as_ref().err())
        .collect();
    assert_eq!(errors.len(), 5);
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert!(error.trail().is_empty(), "no request was made");
        assert!(
            error
                .to_string()
                .contains("20 requests a minute are allowed"),
            "{error}"
        );
        assert!(error.retry_after().unwrap() > Duration::from_secs(50));
        assert!(error.is_retryable());
    }
    assert!(
        client
            .health()
            .iter()
            .all(|one| one.state == CircuitState::Closed)
    );
}

#[tokio::test]
async fn a_chain_goes_on_to_a_model_that_is_not_free() {
    let sandbox = Sandbox::builder().time_scale(0.0).start().unwrap();
    let client = client(&sandbox, "chain", 120);
    // Both free ones share the twenty, and nobody waits a minute when another model can answer.
    let results = ask(&client, 25, [FREE, SIBLING, "sandbox/echo"]).await;
    never_limited(&results);
    let replies: Vec<&Reply> = results
        .iter()
        .map(|result| result.as_ref().unwrap())
        .collect();
    let moved: Vec<_> = replies
        .iter()
        .filter(|reply| reply.model == "sandbox/echo")
        .collect();
    assert_eq!(moved.len(), 5);
    for reply in moved {
        let skipped: Vec<_> = reply
            .trail
            .skipped()
            .iter()
            .map(|one| one.model.as_str())
            .collect();
        assert_eq!(skipped, [FREE, SIBLING]);
    }
}

#[tokio::test]
async fn an_account_that_is_used_up_elsewhere_is_noticed_once() {
    let sandbox = Sandbox::builder().time_scale(0.0).start().unwrap();
    let elsewhere = client(&sandbox, "shared", 5);
    ask(&elsewhere, 20, FREE).await;
    let here = client(&sandbox, "shared", 5);
    let reply = here
        .ask([FREE, SIBLING, "sandbox/echo"], "Hi")
        .await
        .unwrap();
    let told: Vec<_> = reply.trail.iter().map(|one| one.status).collect();
    assert_eq!(
        told,
        [Some(429), Some(200)],
        "the sibling was not asked: {}",
        reply.trail
    );
    assert!(matches!(
        reply.trail.skipped()[0].why,
        SkipReason::LimitReached { .. }
    ));
    let reply = here.ask([FREE, "sandbox/echo"], "Hi").await.unwrap();
    assert_eq!(reply.trail.len(), 1);
}

#[tokio::test]
#[ignore = "takes a minute, with real spans"]
async fn calls_that_can_wait_are_all_answered_and_none_is_refused() {
    let sandbox = Sandbox::builder().time_scale(0.0).start().unwrap();
    let client = client(&sandbox, "patient", 90);
    let start = std::time::Instant::now();
    let results = ask(&client, 25, FREE).await;
    never_limited(&results);
    assert!(results.iter().all(Result::is_ok));
    assert!(start.elapsed() >= Duration::from_secs(60));
}
