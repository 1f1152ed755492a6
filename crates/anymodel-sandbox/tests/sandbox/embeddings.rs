//! Embeddings: vectors of unit length, in both formats, with tokens and a price.

use anymodel::sandbox::faults;
use serde_json::{Value, json};

use super::support::{KEY, Said, Talk, talk};

const SMALL: &str = "openai/text-embedding-3-small";

async fn ask(talk: &Talk, body: &Value) -> Said {
    let request = talk.http.post(talk.url("/embeddings"));
    Said::by(request.bearer_auth(KEY).json(body)).await.unwrap()
}

fn vector(value: &Value) -> Vec<f64> {
    let numbers = value["embedding"].as_array().unwrap().iter();
    numbers.map(|number| number.as_f64().unwrap()).collect()
}

/// The numbers of a vector in Base64, as OpenAI's clients read them.
fn decoded(value: &Value) -> Vec<f64> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text = value["embedding"].as_str().unwrap().trim_end_matches('=');
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes() {
        let six = LETTERS.iter().position(|known| *known == letter).unwrap();
        bits = bits << 6 | six as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    let four = bytes.chunks(4);
    four.map(|four| f64::from(f32::from_le_bytes(four.try_into().unwrap())))
        .collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[tokio::test]
async fn vectors_have_unit_length_and_are_the_same_in_both_formats() {
    let talk = talk();
    for (model, length) in [(SMALL, 1536), ("openai/text-embedding-3-large", 3072)] {
        let mut body = json!({ "model": model, "input": ["Hello, world", "你好，世界", "?!"] });
        let said = ask(&talk, &body).await;
        assert_eq!(said.status, 200, "{}", said.text);
        assert_eq!(said.headers["x-anymodel-sandbox"], "simulated");
        let floats = said.json();
        assert_eq!(
            (&floats["object"], &floats["model"]),
            (&json!("list"), &json!(model))
        );
        body["encoding_format"] = json!("base64");
        let base64 = ask(&talk, &body).await.json();
        for at in 0..3 {
            assert_eq!(floats["data"][at]["index"], at);
            let numbers = vector(&floats["data"][at]);
            assert_eq!(numbers.len(), length);
            assert!((dot(&numbers, &numbers) - 1.0).abs() < 1e-5);
            let single = |numbers: &[f64]| numbers.iter().map(|n| *n as f32).collect::<Vec<_>>();
            assert!(single(&decoded(&base64["data"][at])) == single(&numbers));
        }
    }
}

#[tokio::test]
async fn texts_that_share_words_are_near_to_each_other() {
    let texts = [
        "How do I learn Rust?",
        "Learning Rust for beginners",
        "A recipe for apple cake",
        "如何学习编程",
        "编程学习方法",
    ];
    let said = ask(&talk(), &json!({ "model": SMALL, "input": texts }))
        .await
        .json();
    let all: Vec<Vec<f64>> = said["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(vector)
        .collect();
    assert!(dot(&all[0], &all[1]) > dot(&all[0], &all[2]) + 0.1);
    assert!(dot(&all[3], &all[4]) > dot(&all[3], &all[2]) + 0.1);
}

#[tokio::test]
async fn fewer_dimensions_are_the_beginning_of_the_vector() {
    let talk = talk();
    let mut body = json!({ "model": SMALL, "input": "Hello, world" });
    let whole = vector(&ask(&talk, &body).await.json()["data"][0]);
    body["dimensions"] = json!(256);
    let short = vector(&ask(&talk, &body).await.json()["data"][0]);
    assert_eq!(short.len(), 256);
    assert!((dot(&short, &short) - 1.0).abs() < 1e-5);
    let stretch = short[0] / whole[0];
    assert!(
        short
            .iter()
            .zip(&whole)
            .all(|(short, whole)| (short - whole * stretch).abs() < 1e-5)
    );
}

#[tokio::test]
async fn embeddings_are_counted_and_priced() {
    let talk = talk();
    let one = ask(&talk, &json!({ "model": SMALL, "input": "Hello, world" }))
        .await
        .json();
    let two = ask(
        &talk,
        &json!({ "model": SMALL, "input": ["Hello, world", "Hello, world"] }),
    )
    .await
    .json();
    let tokens = |said: &Value| said["usage"]["prompt_tokens"].as_u64().unwrap();
    assert!(tokens(&one) > 1);
    assert_eq!(tokens(&two), 2 * tokens(&one));
    assert_eq!(one["usage"]["total_tokens"], one["usage"]["prompt_tokens"]);
    let cost = two["usage"]["cost"].as_f64().unwrap();
    assert!(
        (cost - tokens(&two) as f64 * 0.000_000_02).abs() < 1e-12,
        "{cost}"
    );
    let (_, key) = talk.get("/key").await;
    let spent = key["data"]["usage"].as_f64().unwrap();
    assert!((spent - cost * 1.5).abs() < 1e-12, "{spent}");
    let id = two["id"].as_str().unwrap();
    let (status, told) = talk.get(&format!("/generation?id={id}")).await;
    assert_eq!(
        (status, &told["data"]["total_cost"]),
        (200, &two["usage"]["cost"])
    );
}

#[tokio::test]
async fn tokens_are_an_input_too() {
    let talk = talk();
    let said = ask(
        &talk,
        &json!({ "model": SMALL, "input": [15339, 11, 1917] }),
    )
    .await
    .json();
    assert_eq!(said["data"].as_array().unwrap().len(), 1);
    assert_eq!(said["usage"]["prompt_tokens"], 3);
    let said = ask(
        &talk,
        &json!({ "model": SMALL, "input": [[15339], [11, 1917]] }),
    )
    .await
    .json();
    assert_eq!(said["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_wrong_request_is_refused_with_the_name_of_its_field() {
    let talk = talk();
    for (more, param) in [
        (json!({ "input": null }), "input"),
        (json!({ "input": "" }), "input"),
        (json!({ "input": [] }), "input"),
        (json!({ "input": [""] }), "input"),
        (json!({ "input": ["Hello", 7] }), "input"),
        (json!({ "input": vec!["Hello"; 2049] }), "input"),
        (json!({ "encoding_format": "hex" }), "encoding_format"),
        (json!({ "dimensions": 1537 }), "dimensions"),
    ] {
        let mut body = json!({ "model": SMALL, "input": "Hello" });
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let said = ask(&talk, &body).await;
        assert_eq!(said.status, 400, "{param}");
        assert_eq!(said.json()["error"]["param"], param);
    }
    let long = "word ".repeat(9000);
    let said = ask(&talk, &json!({ "model": SMALL, "input": long })).await;
    assert_eq!(said.status, 400);
    assert!(
        said.text.contains("maximum context length"),
        "{}",
        said.text
    );
    let chat = ask(
        &talk,
        &json!({ "model": "openai/gpt-4o", "input": "Hello" }),
    )
    .await;
    assert_eq!(
        chat.json()["error"]["availability"]["code"],
        "model_not_found"
    );
    let nobody = talk.http.post(talk.url("/embeddings")).json(&json!({}));
    assert_eq!(Said::by(nobody).await.unwrap().status, 401);
}

#[tokio::test]
async fn embedding_models_are_listed_apart_from_those_that_write() {
    let talk = talk();
    let (_, listed) = talk.get("/embeddings/models").await;
    let row = &listed["data"][0];
    assert_eq!(row["id"], SMALL);
    assert_eq!(row["pricing"]["prompt"], "0.00000002");
    assert_eq!(
        row["architecture"]["output_modalities"],
        json!(["embeddings"])
    );
    let (_, all) = talk.get("/models").await;
    assert!(!all.to_string().contains("embedding-3"));
}

#[tokio::test]
async fn faults_that_refuse_or_break_come_by_embeddings_too() {
    for fault in faults() {
        let talk = talk();
        let body = json!({ "model": format!("sandbox/{}", fault.name), "input": "Hello" });
        let request = talk
            .http
            .post(talk.url("/embeddings"))
            .bearer_auth(KEY)
            .json(&body);
        let status = Said::by(request).await.map(|said| said.status);
        assert_eq!(status, fault.status, "{}", fault.name);
    }
    let said = ask(
        &talk(),
        &json!({ "model": "sandbox/no-such", "input": "Hello" }),
    )
    .await;
    assert_eq!(
        (said.status, said.text.contains("no fault of that name")),
        (400, true)
    );
}
