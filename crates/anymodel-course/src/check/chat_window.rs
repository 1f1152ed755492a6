//! Checker of the exercise in lesson 6: the text of a chat window during a stream.

use super::tried::tried_on;
use super::verdict::{Cases, failed, not_checked};
use super::{Verdict, sandbox};
use crate::{CUT, MODEL, RESCUE};
use anymodel_client::{Client, Event, Target};
use anymodel_types::Result;

/// Checks a function that returns the text of a chat window after these events: the current text, and a `▌` at its end until
/// the answer is complete. It is called after every event of three real streams.
pub async fn page(learner: fn(&[Event]) -> String) -> Verdict {
    let streams = match streams().await {
        Ok(streams) => streams,
        Err(error) => return not_checked(&error),
    };
    let mut cases = Cases::default();
    for (what, events) in &streams {
        // The first wrong page is enough: those after it are wrong for the same reason.
        for end in 0..=events.len() {
            let events = &events[..end];
            let case = format!("{what}, after {end} events");
            let said = match tried_on(&case, || learner(events)) {
                Ok(said) => said,
                Err(reason) => return failed(reason),
            };
            let expected = expected(events);
            let right = said == expected;
            cases.expect(right, || {
                format!("{case}: expected {expected:?}, and the function says {said:?}")
            });
            if !right {
                break;
            }
        }
    }
    cases.verdict()
}

fn expected(events: &[Event]) -> String {
    let stands = events
        .iter()
        .rposition(|event| matches!(event, Event::Restarted { .. }))
        .unwrap_or_default();
    let pieces = events[stands..].iter().filter_map(|event| match event {
        Event::Text(piece) => Some(piece.as_str()),
        _ => None,
    });
    let cursor = match events.last() {
        Some(Event::Finished(_)) => "",
        _ => "▌",
    };
    pieces.chain([cursor]).collect()
}

async fn streams() -> Result<Vec<(&'static str, Vec<Event>)>> {
    let client = sandbox(0.0)?;
    Ok(vec![
        ("a whole answer", events(&client, MODEL).await),
        ("an answer that is cut off", events(&client, CUT).await),
        (
            "an answer that is cut off and begins anew",
            events(&client, RESCUE).await,
        ),
    ])
}

/// The events of a stream up to its end: the whole answer or an error.
async fn events(client: &Client, target: impl Into<Target>) -> Vec<Event> {
    let target = target.into();
    let is_chain = matches!(target, Target::Chain(_));
    let chat = client.chat(target).user("Hello");
    let mut stream = match is_chain {
        true => chat.restart_on_break().stream(),
        false => chat.stream(),
    };
    let mut events = Vec::new();
    while let Some(Ok(event)) = stream.next().await {
        events.push(event);
    }
    events
}
