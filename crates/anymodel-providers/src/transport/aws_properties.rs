//! Property tests of the AWS event stream decoder: cut anywhere, ended anywhere, changed anywhere, or no frames at all.

#[path = "../../tests/platforms/event_stream.rs"]
mod event_stream;

use std::sync::Arc;

use futures_util::{FutureExt, StreamExt, stream};
use proptest::prelude::*;

use super::Batch;
use super::content_sniffer::ContentSniffer;
use super::event_reader::Events;
use crate::converse::Converse;
use crate::{Framing, StreamDelta};
use anymodel_types::{ErrorKind, FinishReason};

const STREAM: &str = include_str!("../../tests/platforms/bedrock/streamed.jsonl");
const TEXT: &str = "Zwölf Boxkämpfer 你好 🦀";

/// Decodes a body that arrives in these chunks.
fn decode(chunks: Vec<Vec<u8>>) -> Batch {
    let body = stream::iter(chunks.into_iter().map(Ok)).boxed();
    let batches = Events::new(
        Arc::new(Converse),
        ContentSniffer::of_events(Framing::AwsEventStream),
        body,
    )
    .collect::<Vec<_>>();
    let mut all = Batch::default();
    for batch in batches.now_or_never().unwrap() {
        all.deltas.extend(batch.deltas);
        all.failure = all.failure.or(batch.failure);
    }
    all
}

fn text(batch: &Batch) -> String {
    let text = batch.deltas.iter().filter_map(|delta| match delta {
        StreamDelta::Text(text) => Some(text.as_str()),
        _ => None,
    });
    text.collect()
}

fn finished(batch: &Batch) -> bool {
    batch
        .deltas
        .contains(&StreamDelta::Finish(FinishReason::Stop))
}

#[test]
fn wherever_a_chunk_ends_the_answer_is_the_same() {
    let whole = event_stream::fixture(STREAM).concat();
    let expected = decode(vec![whole.clone()]);
    assert_eq!(text(&expected), TEXT);
    assert!(expected.failure.is_none() && finished(&expected));
    for cut in 0..=whole.len() {
        let (one, two) = whole.split_at(cut);
        let batch = decode(vec![one.to_vec(), two.to_vec()]);
        assert!(batch.failure.is_none(), "cut at {cut}");
        assert_eq!(batch.deltas, expected.deltas, "cut at {cut}");
    }
    let bytes = whole.iter().map(|byte| vec![*byte]).collect();
    assert_eq!(decode(bytes).deltas, expected.deltas);
}

#[test]
fn a_stream_that_ends_early_never_looks_whole_and_loses_no_text_that_came() {
    let frames = event_stream::fixture(STREAM);
    let whole = frames.concat();
    let ends: Vec<usize> = frames
        .iter()
        .scan(0, |end, frame| {
            *end += frame.len();
            Some(*end)
        })
        .collect();
    for cut in 0..whole.len() {
        let batch = decode(vec![whole[..cut].to_vec()]);
        let arrived = ends.iter().filter(|end| **end <= cut).count();
        assert_eq!(finished(&batch), arrived > 4, "cut at {cut}");
        assert_eq!(
            text(&batch),
            ["", "", "Zwölf Boxkämpfer ", TEXT][arrived.min(3)]
        );
        match batch.failure {
            Some(failure) => assert_eq!(failure.kind, ErrorKind::BrokenStream, "cut at {cut}"),
            None => assert!(cut == 0 || ends.contains(&cut), "cut at {cut}"),
        }
    }
}

#[test]
fn an_exception_in_the_middle_is_read_as_the_refusal_of_that_name() {
    let mut frames = event_stream::fixture(STREAM);
    frames.truncate(2);
    frames.push(event_stream::exception("throttlingException", "Slow down."));
    frames.extend(event_stream::fixture(STREAM));
    let batch = decode(vec![frames.concat()]);
    assert_eq!(text(&batch), "Zwölf Boxkämpfer ");
    let failure = batch.failure.unwrap();
    assert_eq!(failure.kind, ErrorKind::RateLimited);
    assert_eq!(failure.message, "Slow down.");

    let headers = [
        (":message-type", "error"),
        (":error-code", "InternalServerException"),
        (":error-message", "It broke."),
    ];
    let failure = decode(vec![event_stream::frame(&headers, b"")])
        .failure
        .unwrap();
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (ErrorKind::Server, "It broke.")
    );
}

#[test]
fn halves_of_a_character_in_two_frames_are_joined() {
    let frame = |text: &str| {
        let headers = [
            (":event-type", "contentBlockDelta"),
            (":message-type", "event"),
        ];
        let data = format!("{{\"contentBlockIndex\":0,\"delta\":{{\"text\":\"{text}\"}}}}");
        event_stream::frame(&headers, data.as_bytes())
    };
    let frames = [frame("a \\ud83d"), frame("\\ude00 b \\ud83d")];
    assert_eq!(text(&decode(vec![frames.concat()])), "a 😀 b \u{fffd}");
}

#[test]
fn bytes_that_are_no_frames_are_refused_at_once() {
    // The first four bytes of a page would be the length of a frame of a gigabyte.
    let batch = decode(vec![b"<html><body>Bad gateway".to_vec()]);
    assert_eq!(batch.failure.unwrap().kind, ErrorKind::BadReply);
}

proptest! {
    #[test]
    fn garbage_ends_in_an_error_and_not_in_a_panic(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..64), 1..8)) {
        let batch = decode(chunks);
        prop_assert!(batch.failure.is_some() && batch.deltas.is_empty());
    }

    #[test]
    fn a_frame_with_senseless_headers_is_read_without_a_panic(headers in prop::collection::vec(any::<u8>(), 0..64), payload in prop::collection::vec(any::<u8>(), 0..64)) {
        decode(vec![event_stream::raw_frame(&headers, &payload)]);
    }

    #[test]
    fn a_changed_byte_is_noticed(place in any::<prop::sample::Index>(), bits in 1_u8..) {
        let mut bytes = event_stream::fixture(STREAM).concat();
        let place = place.index(bytes.len());
        bytes[place] ^= bits;
        prop_assert!(decode(vec![bytes]).failure.is_some());
    }
}
