//! A stream's bytes, cut, split and dressed up in every way a network may: never a panic or a hang, never a part that is passed
//! off as the whole, never a lost word.

use std::time::Duration;

use anymodel::prelude::*;
use proptest::prelude::*;

use crate::support::{Play, Server, events, pieces};
use crate::vendor::watch;

/// Characters of one to four bytes.
const TEXT: &str = "Zwölf Boxkämpfer 你好 🦀.";

/// The platforms' streams of [`TEXT`], in two pieces.
fn streams() -> Vec<(&'static str, String)> {
    let (one, two) = TEXT.split_at(TEXT.find('x').unwrap());
    let text = |text: &str| serde_json::to_string(text).unwrap();
    let (one, two) = (text(one), text(two));
    let openai = format!(
        "data: {{\"id\":\"1\",\"choices\":[{{\"delta\":{{\"role\":\"assistant\",\"content\":{one}}},\"finish_reason\":null}}]}}\n\n\
         data: {{\"id\":\"1\",\"choices\":[{{\"delta\":{{\"content\":{two}}},\"finish_reason\":\"stop\"}}]}}\n\n\
         data: {{\"id\":\"1\",\"choices\":[],\"usage\":{{\"prompt_tokens\":9,\"completion_tokens\":5}}}}\n\n\
         data: [DONE]\n\n"
    );
    let anthropic = format!(
        "event: message_start\ndata: {{\"type\":\"message_start\",\"message\":{{\"id\":\"1\",\"usage\":{{\"input_tokens\":9}}}}}}\n\n\
         event: content_block_start\ndata: {{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{{\"type\":\"text\",\"text\":\"\"}}}}\n\n\
         event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":{one}}}}}\n\n\
         event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":{two}}}}}\n\n\
         event: message_delta\ndata: {{\"type\":\"message_delta\",\"delta\":{{\"stop_reason\":\"end_turn\"}},\"usage\":{{\"output_tokens\":5}}}}\n\n\
         event: message_stop\ndata: {{\"type\":\"message_stop\"}}\n\n"
    );
    let gemini = format!(
        "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":{one}}}]}}}}],\"usageMetadata\":{{\"promptTokenCount\":9}}}}\n\n\
         data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":{two}}}]}},\"finishReason\":\"STOP\"}}],\"usageMetadata\":{{\"promptTokenCount\":9,\"candidatesTokenCount\":5}}}}\n\n"
    );
    vec![
        ("openai", openai.clone()),
        ("openrouter", openai),
        ("anthropic", anthropic),
        ("gemini", gemini),
    ]
}

fn client(platform: &str, server: &Server) -> Client {
    Client::builder()
        .platform(platform)
        .base_url(server.url())
        .key("key-0123456789abcdef")
        .retries(0)
        .timeout(Duration::from_secs(5))
        .build()
        .unwrap()
}

/// What must hold of any stream, however it was mishandled; tells how many of the answers were whole.
async fn hold(platform: &str, plays: Vec<Play>) -> usize {
    let count = plays.len();
    let server = Server::play(plays);
    let client = client(platform, &server);
    let mut whole = 0;
    for number in 0..count {
        let watched = watch(&client, "m");
        let (text, end) = tokio::time::timeout(Duration::from_secs(8), watched)
            .await
            .expect("a stream that is cut never hangs");
        match end {
            Ok(reply) => {
                assert_eq!(
                    reply.text, TEXT,
                    "{platform} {number}: a part is passed off as whole"
                );
                assert_eq!(text, TEXT);
                whole += 1;
            }
            Err(error) => {
                let partial = error.partial().unwrap_or_default();
                assert_eq!(partial, text, "{platform} {number}: {error:?}");
                assert!(TEXT.starts_with(&text), "{platform} {number}: {text:?}");
            }
        }
    }
    assert_eq!(
        server.requests().len(),
        count,
        "each stream was asked for once"
    );
    whole
}

#[tokio::test]
async fn a_stream_cut_at_any_byte_is_whole_or_an_error_with_what_came() {
    for (platform, stream) in streams() {
        // Where the end is said; what comes after it adds nothing to the text.
        let end = match platform {
            "anthropic" => stream.find("event: message_stop").unwrap(),
            "gemini" => stream.len(),
            _ => stream.find("data: {\"id\":\"1\",\"choices\":[],").unwrap(),
        };
        // The connection breaks, or ends as if all were said.
        for ends in [false, true] {
            let cut = |at: usize| pieces([stream.as_bytes()[..at].to_vec()], Duration::ZERO, ends);
            // An event that is a whole JSON value needs neither its blank line nor the end of its own.
            let before = (0..end - 2).map(cut).collect();
            assert_eq!(hold(platform, before).await, 0, "{platform}");
            let after: Vec<Play> = (end..stream.len()).map(cut).collect();
            let count = after.len();
            assert_eq!(hold(platform, after).await, count, "{platform}");
        }
    }
}

#[tokio::test]
async fn a_stream_split_at_any_byte_is_whole() {
    for (platform, stream) in streams() {
        for stream in [stream.clone(), stream.replace('\n', "\r\n")] {
            let split = |at| {
                let (one, two) = stream.as_bytes().split_at(at);
                pieces([one.to_vec(), two.to_vec()], Duration::ZERO, true)
            };
            let bytes = stream.bytes().map(|byte| vec![byte]);
            let mut plays: Vec<Play> = (0..=stream.len()).map(split).collect();
            plays.push(pieces(bytes, Duration::ZERO, true));
            let count = plays.len();
            assert_eq!(hold(platform, plays).await, count, "{platform}");
        }
    }
}

#[tokio::test]
async fn comments_blank_lines_and_missing_spaces_change_nothing() {
    for (platform, stream) in streams() {
        let dressed = stream
            .replace("data: ", "data:")
            .replace("\n\n", "\n: OPENROUTER PROCESSING\n\n\n: keep-alive\n\n");
        let dressed = format!(": hello\n\n{dressed}");
        // Several lines of data in one event are one text.
        let parted = stream.replace(",\"usage", "\ndata: ,\"usage");
        let retried = format!("retry: 3000\nid: 7\n\n{stream}");
        let plays = vec![events(&dressed), events(&parted), events(&retried)];
        assert_eq!(hold(platform, plays).await, 3, "{platform}");
    }
}

#[tokio::test]
async fn a_slow_stream_that_comes_is_not_cut_by_a_limit_on_silence() {
    for (platform, stream) in streams() {
        let events: Vec<Vec<u8>> = stream
            .split_inclusive("\n\n")
            .map(|event| event.as_bytes().to_vec())
            .collect();
        let play = pieces(events, Duration::from_millis(40), true);
        assert_eq!(hold(platform, vec![play]).await, 1, "{platform}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_stream_with_any_bytes_in_it_is_whole_or_an_error(
        which in 0_usize..4,
        at in 0.0..1.0_f64,
        noise in prop::collection::vec(any::<u8>(), 1..24),
        ends: bool,
    ) {
        let (platform, stream) = streams().swap_remove(which);
        let at = (at * stream.len() as f64) as usize;
        let (one, two) = stream.as_bytes().split_at(at);
        let play = pieces([[one, &noise, two].concat()], Duration::ZERO, ends);
        let server = Server::play([play]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = client(platform, &server);
            let watched = watch(&client, "m");
            let (text, end) = tokio::time::timeout(Duration::from_secs(8), watched).await.expect("no hang");
            match end {
                // Noise inside a text is text; what came is what is passed on.
                Ok(reply) => assert_eq!(reply.text, text),
                Err(error) => assert_eq!(error.partial().unwrap_or_default(), text),
            }
        });
    }
}
