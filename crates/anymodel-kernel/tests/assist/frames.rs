//! Messages on the wire, and what only looks like them.

use anymodel_kernel::completion::frames::{LspDecoder, encode};
use proptest::prelude::*;
use serde_json::json;

proptest! {
    #[test]
    fn messages_arrive_whole_however_their_bytes_are_cut(
        texts in prop::collection::vec(any::<String>(), 1..5),
        cuts in prop::collection::vec(1usize..40, 1..50),
    ) {
        let messages: Vec<_> = texts.iter().map(|text| json!({"text": text})).collect();
        let bytes: Vec<u8> = messages.iter().flat_map(encode).collect();
        let (mut decoder, mut found, mut rest) = (LspDecoder::default(), Vec::new(), &bytes[..]);
        for cut in cuts.iter().cycle() {
            let (piece, after) = rest.split_at((*cut).min(rest.len()));
            decoder.push(piece);
            while let Some(message) = decoder.pull().unwrap() {
                found.push(message);
            }
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(found, messages);
    }

    #[test]
    fn foreign_bytes_are_refused_or_waited_on(
        header in "(Content-Length: ?[0-9]{0,25}|[ -~]{0,20})(\r\n)?(\r\n)?",
        bytes in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let mut decoder = LspDecoder::default();
        decoder.push(header.as_bytes());
        decoder.push(&bytes);
        while let Ok(Some(_)) = decoder.pull() {}
    }
}

#[test]
fn a_header_without_end_and_a_message_without_measure_are_refused() {
    let mut endless = LspDecoder::default();
    endless.push(&[b'x'; 5000]);
    assert!(endless.pull().is_err());
    let mut huge = LspDecoder::default();
    huge.push(b"Content-Length: 99999999999\r\n\r\n{}");
    assert!(huge.pull().is_err());
}
