//! Checker of lesson 3: the time of a switch to the next model.

use std::time::Duration;

use super::tried::tried_on;
use super::verdict::{Cases, failed, not_checked};
use super::{Verdict, sandbox};
use crate::{MODEL, RETIRED};
use anymodel_client::Client;
use anymodel_types::{Result, Trail};

/// Checks a function that reads from a trail the time between the failure of the first model and the request to the next
/// model; `None` when there was no switch.
pub async fn switch_time(learner: fn(&Trail) -> Option<Duration>) -> Verdict {
    let trails = match trails().await {
        Ok(trails) => trails,
        Err(error) => return not_checked(&error),
    };
    let mut cases = Cases::default();
    for (what, trail) in &trails {
        let said = match tried_on(what, || learner(trail)) {
            Ok(said) => said,
            Err(reason) => return failed(reason),
        };
        let expected = expected(trail);
        cases.expect(said == expected, || {
            format!("{what}: the switch took {expected:?}, and the function says {said:?}")
        });
    }
    cases.verdict()
}

/// From the end of the last attempt at the first model to the start of the first attempt at another.
fn expected(trail: &Trail) -> Option<Duration> {
    let attempts: Vec<_> = trail.iter().collect();
    attempts
        .windows(2)
        .find(|pair| pair[0].model_asked != pair[1].model_asked)
        .map(|pair| {
            pair[1]
                .offset
                .saturating_sub(pair[0].offset + pair[0].duration)
        })
}

async fn trails() -> Result<Vec<(&'static str, Trail)>> {
    let client = sandbox(0.0)?;
    Ok(vec![
        ("nobody was asked", Trail::default()),
        (
            "the first model answered",
            trail(&client, &[MODEL], 0).await,
        ),
        (
            "the second model answered",
            trail(&client, &[RETIRED, MODEL], 0).await,
        ),
        (
            "the third model answered",
            trail(&client, &["sandbox/down", RETIRED, MODEL], 0).await,
        ),
        (
            "one model failed twice and there was no other",
            trail(&client, &["sandbox/down"], 1).await,
        ),
    ])
}

async fn trail(client: &Client, models: &[&'static str], retries: u32) -> Trail {
    let sent = client
        .chat(models)
        .user("Hello")
        .retries(retries)
        .send()
        .await;
    match sent {
        Ok(reply) => reply.trail,
        Err(error) => error.trail().clone(),
    }
}
