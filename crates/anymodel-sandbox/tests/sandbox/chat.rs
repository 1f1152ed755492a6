use anymodel::model::catalogue;
use anymodel::sandbox::Sandbox;
use serde_json::{Value, json};

use super::support::{KEY, chunks, question, talk, text};

const MINI: &str = "openai/gpt-4o-mini";

#[tokio::test]
async fn a_plain_answer_has_every_documented_field() {
    let talk = talk();
    let response = talk
        .chat(&question(MINI, "Introduce Rust in one sentence."))
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["x-anymodel-sandbox"], "simulated");
    let id = response.headers()["x-generation-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["id"], id);
    assert!(id.starts_with("gen-"), "{id}");
    assert_eq!(body["object"], "chat.completion");
    assert_eq!(body["model"], MINI);
    assert_eq!(body["provider"], "OpenAI");
    assert!(body["created"].as_u64().unwrap() > 1_700_000_000);
    let choice = &body["choices"][0];
    assert_eq!(choice["finish_reason"], "stop");
    assert_eq!(choice["message"]["role"], "assistant");
    let said = choice["message"]["content"].as_str().unwrap();
    assert!(said.contains("Rust"), "{said}");
}

#[tokio::test]
async fn the_cost_is_the_catalogues_price_times_the_tokens() {
    let (_, body) = talk().ask(&question("openai/gpt-4o", "Hello")).await;
    let usage = &body["usage"];
    let (prompt, completion) = (
        usage["prompt_tokens"].as_u64().unwrap(),
        usage["completion_tokens"].as_u64().unwrap(),
    );
    assert!(prompt > 0 && completion > 0);
    assert_eq!(usage["total_tokens"], prompt + completion);
    let price = &catalogue().get("openai/gpt-4o").unwrap().pricing;
    let expected: f64 = price.cost(prompt, completion).to_string().parse().unwrap();
    assert_eq!(usage["cost"].as_f64().unwrap(), expected);
    assert!(expected > 0.0);
}

#[tokio::test]
async fn a_stream_says_the_same_as_a_plain_answer_and_ends_with_usage_and_done() {
    let talk = talk();
    for prompt in [
        "Introduce Rust in one sentence.",
        "用一句话介绍 Rust。",
        "Something nobody prepared",
    ] {
        let asked = question(MINI, prompt);
        let (_, plain) = talk.ask(&asked).await;
        let stream = talk.stream(&asked).await;
        assert!(
            stream.starts_with(": OPENROUTER PROCESSING\n\n"),
            "{stream}"
        );
        assert!(stream.ends_with("data: [DONE]\n\n"), "{stream}");
        let chunks = chunks(&stream);
        assert_eq!(
            text(&chunks),
            plain["choices"][0]["message"]["content"].as_str().unwrap()
        );
        assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
        let last = chunks.last().unwrap();
        assert_eq!(last["choices"], json!([]));
        assert_eq!(last["usage"], plain["usage"]);
        let with_usage = chunks.iter().filter(|c| c.get("usage").is_some()).count();
        assert_eq!(with_usage, 1);
        let finish = &chunks[chunks.len() - 2]["choices"][0];
        assert_eq!(finish["finish_reason"], "stop");
    }
}

#[tokio::test]
async fn a_prompt_nobody_prepared_gets_an_honest_line_in_its_language() {
    let talk = talk();
    let (_, english) = talk.ask(&question(MINI, "Who painted the moon?")).await;
    let english = english["choices"][0]["message"]["content"]
        .as_str()
        .unwrap();
    assert!(
        english.contains("sandbox")
            && english.contains(MINI)
            && english.contains("Who painted the moon?"),
        "{english}"
    );
    let (_, chinese) = talk.ask(&question(MINI, "谁画了月亮？")).await;
    let chinese = chinese["choices"][0]["message"]["content"]
        .as_str()
        .unwrap();
    assert!(
        chinese.contains("沙盒") && chinese.contains(MINI) && chinese.contains("谁画了月亮？"),
        "{chinese}"
    );
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer() {
    let asked = question("qwen/qwen-plus", "Explain recursion in one sentence.");
    let (_, one) = talk().ask(&asked).await;
    let (_, two) = talk().ask(&asked).await;
    assert_eq!(one["choices"], two["choices"]);
    assert_eq!(one["usage"], two["usage"]);
}

#[tokio::test]
async fn the_answer_ends_at_the_allowed_tokens_and_before_a_stop_sequence() {
    let talk = talk();
    let mut asked = question(MINI, "Something nobody prepared");
    asked["max_tokens"] = json!(5);
    let (_, body) = talk.ask(&asked).await;
    assert_eq!(body["choices"][0]["finish_reason"], "length");
    assert_eq!(body["usage"]["completion_tokens"], 5);
    let mut asked = question(MINI, "Something nobody prepared");
    asked["stop"] = json!(["sandbox"]);
    let (_, body) = talk.ask(&asked).await;
    assert_eq!(
        body["choices"][0]["message"]["content"],
        "This is anymodel's "
    );
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
}

#[tokio::test]
async fn a_request_without_a_key_is_a_401_in_the_documented_envelope() {
    let talk = talk();
    let url = talk.url("/chat/completions");
    let response = talk
        .http
        .post(&url)
        .json(&question(MINI, "Hello"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()["x-anymodel-sandbox"], "simulated");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["code"], 401);
    assert_eq!(body["error"]["message"], "Missing Authentication header");
    let response = talk
        .http
        .post(&url)
        .header("authorization", "Bearer two words")
        .json(&question(MINI, "Hello"));
    assert_eq!(response.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn bad_input_is_a_400_that_says_what_is_wrong() {
    let talk = talk();
    let hello = json!([{ "role": "user", "content": "Hello" }]);
    for (body, says) in [
        (json!({ "model": MINI }), "messages is missing"),
        (
            json!({ "model": MINI, "messages": [] }),
            "messages is empty",
        ),
        (
            json!({ "model": MINI, "messages": [{ "role": "boss", "content": "x" }] }),
            "messages[0].role",
        ),
        (
            json!({ "model": MINI, "messages": [{ "role": "user", "content": 7 }] }),
            "messages[0].content",
        ),
        (
            json!({ "model": MINI, "messages": hello, "temperature": 5 }),
            "temperature must be from 0 to 2",
        ),
        (
            json!({ "model": MINI, "messages": hello, "temperature": "hot" }),
            "temperature must be a number",
        ),
        (
            json!({ "model": MINI, "messages": hello, "max_tokens": 0 }),
            "max_tokens must be a whole number",
        ),
        (
            json!({ "model": MINI, "messages": hello, "stream": "yes" }),
            "stream must be true or false",
        ),
        (
            json!({ "model": 4, "messages": hello }),
            "model must be a string",
        ),
        (
            json!({ "models": ["a/b", "c/d", "e/f", "g/h"], "messages": hello }),
            "'models' array must have 3 items or fewer.",
        ),
        (
            json!({ "model": MINI, "messages": hello, "provider": { "sort": "looks" } }),
            "provider.sort",
        ),
        (
            json!({ "model": MINI, "messages": hello, "route": "scenic" }),
            "route must be",
        ),
        (json!([1, 2]), "must be a JSON object"),
    ] {
        let (status, answer) = talk.ask(&body).await;
        assert_eq!(status, 400, "{body}: {answer}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(says), "{body}: {message}");
    }
    let request = talk
        .http
        .post(talk.url("/chat/completions"))
        .bearer_auth(KEY)
        .body("{\"model\":");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 400);
    let body: Value = response.json().await.unwrap();
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("no JSON"),
        "{body}"
    );
}

#[tokio::test]
async fn an_unknown_model_is_a_400_with_the_nearest_names() {
    let (status, body) = talk().ask(&question("openai/gpt4o-mini", "Hello")).await;
    assert_eq!(status, 400);
    assert_eq!(
        body["error"]["message"],
        "openai/gpt4o-mini is not a valid model ID"
    );
    let near = &body["error"]["availability"]["fallback_models"];
    assert_eq!(near[0], MINI);
}

#[tokio::test]
async fn free_models_answer_twenty_times_a_minute_per_key_and_then_say_when_to_come_back() {
    let talk = talk();
    let asked = question("qwen/qwen3-8b:free", "Hello");
    for _ in 0..20 {
        let (status, body) = talk.ask(&asked).await;
        assert_eq!(status, 200);
        assert_eq!(body["usage"]["cost"], 0);
    }
    let response = talk.chat(&asked).send().await.unwrap();
    assert_eq!(response.status(), 429);
    let reset: u64 = response.headers()["x-ratelimit-reset"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(reset > 1_700_000_000_000, "{reset}");
    let body: Value = response.json().await.unwrap();
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .starts_with("Rate limit exceeded: free-models-per-min")
    );
    assert_eq!(
        body["error"]["metadata"]["headers"]["X-RateLimit-Reset"],
        reset.to_string()
    );
    // Another key, and a model that costs, are not touched.
    let other = talk
        .http
        .post(talk.url("/chat/completions"))
        .bearer_auth("another-key")
        .json(&asked);
    assert_eq!(other.send().await.unwrap().status(), 200);
    assert_eq!(talk.ask(&question(MINI, "Hello")).await.0, 200);
}

#[test]
fn the_server_stops_when_it_is_dropped_even_in_the_middle_of_an_answer() {
    let sandbox = Sandbox::builder().start().unwrap();
    let address = sandbox
        .base_url()
        .trim_start_matches("http://")
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    let mut caller = std::net::TcpStream::connect(&address).unwrap();
    let body = question("sandbox/silence", "Hello").to_string();
    let head = format!(
        "POST /api/v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    std::io::Write::write_all(&mut caller, (head + &body).as_bytes()).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(50));
    let started = std::time::Instant::now();
    drop(sandbox);
    assert!(started.elapsed().as_secs() < 2);
    assert!(std::net::TcpStream::connect(&address).is_err());
}

#[tokio::test]
async fn metadata_comes_only_to_those_who_ask_for_it() {
    let talk = talk();
    let mut asked = question(MINI, "Hello");
    asked["models"] = json!(["openai/gpt-4o"]);
    asked["model"] = json!("sandbox/down");
    assert!(
        talk.ask(&asked)
            .await
            .1
            .get("openrouter_metadata")
            .is_none()
    );
    let request = talk.chat(&asked).header("X-OpenRouter-Metadata", "enabled");
    let body: Value = request.send().await.unwrap().json().await.unwrap();
    let metadata = &body["openrouter_metadata"];
    assert_eq!(metadata["strategy"], "fallback");
    assert_eq!(metadata["attempt"], 2);
    assert_eq!(metadata["attempts"][0]["status"], 503);
    assert_eq!(metadata["attempts"][1]["model"], "openai/gpt-4o");
}

#[tokio::test]
async fn reasoning_is_shown_by_models_that_reason_and_said_to_be_none() {
    let talk = talk();
    let mut asked = question("openai/gpt-5-mini", "Hello");
    asked["reasoning"] = json!({ "effort": "low" });
    let (_, body) = talk.ask(&asked).await;
    let message = &body["choices"][0]["message"];
    assert!(
        message["reasoning"]
            .as_str()
            .unwrap()
            .contains("does not reason")
    );
    assert!(
        body["usage"]["completion_tokens_details"]["reasoning_tokens"]
            .as_u64()
            .unwrap()
            > 0
    );
    asked["model"] = json!(MINI);
    assert!(
        talk.ask(&asked).await.1["choices"][0]["message"]
            .get("reasoning")
            .is_none()
    );
}
