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

/// What must hold of any stream, however it was mishandled; tells whether the answer was whole.
async fn holds(platform: &str, play: Play) -> bool {
    let server = Server::play([play]);
    let client = client(platform, &server);
    let watched = watch(&client, "m");
    let (text, end) = tokio::time::timeout(Duration::from_secs(8), watched)
        .await
        .expect("a stream that is cut never hangs");
    match end {
        Ok(reply) => {
            assert_eq!(
                reply.text, TEXT,
                "{platform}: a part is passed off as whole"
            );
            assert_eq!(text, TEXT);
            true
        }
        Err(error) => {
            assert_eq!(
                error.partial().unwrap_or_default(),
                text,
                "{platform}: {error:?}"
            );
            assert!(
                TEXT.starts_with(&text),
                "{platform}: {text:?} is no beginning"
            );
            false
        }
    }
}

#[tokio::test]
async fn a_stream_cut_at_any_byte_is_whole_or_an_error_with_what_came() {
    for (platform, stream) in streams() {
        let mut whole = 0;
        for cut in 0..stream.len() {
            let begun = stream.as_bytes()[..cut].to_vec();
            // The connection breaks, or ends as if all were said.
            for ends in [false, true] {
                let play = pieces([begun.clone()], Duration::ZERO, ends);
                whole += usize::from(holds(platform, play).await);
            }
        }
        // Once the end was said, it is whole; and it is said before the last bytes.
        assert!(whole > 0 && whole < stream.len(), "{platform}: {whole}");
    }
}

#[tokio::test]
async fn a_stream_split_at_any_byte_is_whole() {
    for (platform, stream) in streams() {
        for stream in [stream.clone(), stream.replace('\n', "\r\n")] {
            for at in 0..=stream.len() {
                let (one, two) = stream.as_bytes().split_at(at);
                let play = pieces([one.to_vec(), two.to_vec()], Duration::ZERO, true);
                assert!(holds(platform, play).await, "{platform} at {at}");
            }
            let bytes = stream.bytes().map(|byte| vec![byte]);
            assert!(holds(platform, pieces(bytes, Duration::ZERO, true)).await);
        }
    }
}

#[tokio::test]
async fn comments_blank_lines_and_missing_spaces_change_nothing() {
    for (platform, stream) in streams() {
        let dressed = stream
            .replace("data: ", "data:")
            .replace("\n\n", "\n: OPENROUTER PROCESSING\n\n\n: keep-alive\n\n");
        assert!(holds(platform, events(&format!(": hello\n\n{dressed}"))).await);
        // Several lines of data in one event are one text.
        let parted = stream.replace(",\"usage", "\ndata: ,\"usage");
        assert!(holds(platform, events(&parted)).await, "{platform}");
        let retried = format!("retry: 3000\nid: 7\n\n{stream}");
        assert!(holds(platform, events(&retried)).await, "{platform}");
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
        assert!(holds(platform, play).await, "{platform}");
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
