//! Pictures, thinking and the rarer numbers, as they go over the wire.

use anymodel::{Image, Reasoning};
use serde_json::json;

use super::text;
use crate::support::Server;

#[tokio::test]
async fn every_wish_goes_out_under_the_name_that_platforms_know() {
    let server = Server::play([text("Hi")]);
    let chat = server
        .client()
        .chat("acme/one")
        .user("Hi")
        .top_p(0.9)
        .seed(7)
        .stop("END")
        .stop("\n\n");
    chat.presence_penalty(-0.5)
        .frequency_penalty(1.5)
        .send()
        .await
        .unwrap();
    let expected = json!({
        "model": "acme/one", "stream": false, "messages": [{ "role": "user", "content": "Hi" }],
        "top_p": 0.9, "seed": 7, "stop": ["END", "\n\n"], "presence_penalty": -0.5, "frequency_penalty": 1.5,
    });
    assert_eq!(server.body(0), expected);
}

#[tokio::test]
async fn thinking_is_limited_or_switched_off() {
    for (reasoning, expected) in [
        (Reasoning::Off, json!({ "effort": "none" })),
        (Reasoning::Low, json!({ "effort": "low" })),
        (Reasoning::High, json!({ "effort": "high" })),
        (Reasoning::Tokens(2000), json!({ "max_tokens": 2000 })),
    ] {
        let server = Server::play([text("Hi")]);
        let chat = server
            .client()
            .chat("acme/one")
            .user("Hi")
            .reasoning(reasoning);
        chat.send().await.unwrap();
        assert_eq!(server.body(0)["reasoning"], expected);
    }
}

#[tokio::test]
async fn pictures_go_with_the_text_they_belong_to() {
    let server = Server::play([text("A cat.")]);
    let chat = server.client().chat("acme/one").user("What is it?");
    let chat = chat
        .image(Image::url("https://example.org/cat.png"))
        .image(Image::data("image/png", b"\x89PNG"));
    chat.send().await.unwrap();
    let expected = json!([
        { "type": "text", "text": "What is it?" },
        { "type": "image_url", "image_url": { "url": "https://example.org/cat.png" } },
        { "type": "image_url", "image_url": { "url": "data:image/png;base64,iVBORw==" } },
    ]);
    assert_eq!(server.body(0)["messages"][0]["content"], expected);
}
