//! A stream that is cut, or arrives in two parts, at every single byte, through a real socket.

use std::time::Duration;

use anymodel::prelude::*;
use futures_util::future::join_all;

use super::script::{Act, play, send, wait};
use super::wire::{DONE, STREAM, finish, usage, word};

/// An answer with letters of one to four bytes, and where its end is told.
fn body() -> (String, usize) {
    let words = ["Grü", "ße, ", "世界 ", "🦀", "!"].map(word).concat();
    let told = format!("{}{}", words, finish());
    let end = told.len();
    (
        format!(": comment\r\n\r\n{told}{}{DONE}", usage("acme/one")),
        end + 13,
    )
}

const TEXT: &str = "Grüße, 世界 🦀!";

/// Splits the body at each byte, and asks once for each.
async fn at_every_byte(
    rest: impl Fn(&[u8]) -> Vec<Act>,
    check: impl Fn(usize, anymodel::Result<Reply>),
) {
    let (body, _) = body();
    let script = |at: usize| {
        let (first, second) = body.as_bytes().split_at(at);
        let mut script = vec![send([STREAM.as_bytes(), first].concat())];
        script.extend(rest(second));
        script
    };
    let check = &check;
    let asked = [false, true].map(async |compatible| {
        let server = play((0..=body.len()).map(script));
        let builder = match compatible {
            true => server.compatible(),
            false => server.client(),
        };
        let client = builder.retries(0).build().unwrap();
        for at in 0..=body.len() {
            let call = client.chat("acme/one").user("Hi").stream().final_reply();
            let result = tokio::time::timeout(Duration::from_secs(5), call).await;
            check(at, result.expect("it hangs"));
        }
    });
    join_all(asked).await;
}

#[tokio::test]
async fn a_stream_that_is_cut_at_any_byte_is_whole_only_if_its_end_was_told() {
    let (_, end) = body();
    at_every_byte(
        |_| vec![wait(0)],
        |at, result| match result {
            Ok(reply) => {
                assert!(
                    at + 2 >= end,
                    "the end was not told before byte {end}, and {at} came"
                );
                assert_eq!(reply.text, TEXT);
            }
            Err(error) => {
                assert!(at < end, "{at} of {end}: {error}");
                assert!(error.is_retryable());
                let partial = error.partial().unwrap_or_default();
                assert!(TEXT.starts_with(partial), "{at}: {partial:?}");
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_stream_that_arrives_in_two_parts_is_the_same_wherever_it_is_parted() {
    at_every_byte(
        |second| vec![wait(1), send(second), wait(0)],
        |at, result| {
            let reply = result.unwrap_or_else(|error| panic!("parted at {at}: {error:?}"));
            assert_eq!(reply.text, TEXT, "parted at {at}");
            assert_eq!(reply.usage.unwrap().total_tokens, 80);
        },
    )
    .await;
}
