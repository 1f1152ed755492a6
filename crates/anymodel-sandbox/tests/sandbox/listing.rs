//! The lists and the account.

use anymodel::model::catalogue;
use serde_json::Value;

use super::support::{question, talk};

fn ids(body: &Value) -> Vec<&str> {
    body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn models_are_listed_without_a_key_and_prices_are_strings_per_token() {
    let talk = talk();
    let response = talk.http.get(talk.url("/models")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let body: Value = response.json().await.unwrap();
    assert_eq!(
        ids(&body),
        catalogue()
            .models()
            .map(|m| m.id.as_str())
            .collect::<Vec<_>>()
    );
    assert!(body["links"]["next"].is_null());
    let mini = &body["data"][0];
    assert_eq!(mini["id"], "openai/gpt-4o-mini");
    assert_eq!(mini["pricing"]["prompt"], "0.00000015");
    assert_eq!(
        mini["links"]["details"],
        "/api/v1/models/openai/gpt-4o-mini/endpoints"
    );
    let long = body["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|m| m["id"] == "google/gemini-2.5-pro")
        .unwrap();
    assert_eq!(
        long["pricing"]["overrides"][0]["min_prompt_tokens"],
        200_000
    );
}

#[tokio::test]
async fn every_filter_of_the_list_filters() {
    let talk = talk();
    let total = catalogue().models().count();
    for (query, check) in [
        (
            "q=haiku",
            (|m| m["id"].as_str().unwrap().contains("haiku")) as fn(&Value) -> bool,
        ),
        ("supported_parameters=tools,structured_outputs", |m| {
            m["supported_parameters"]
                .to_string()
                .contains("structured_outputs")
        }),
        ("input_modalities=image", |m| {
            m["architecture"]["input_modalities"]
                .to_string()
                .contains("image")
        }),
        ("context=1000000", |m| {
            m["context_length"].as_u64().unwrap() >= 1_000_000
        }),
        ("model_authors=qwen,z-ai", |m| {
            m["id"].as_str().unwrap().starts_with("qwen/")
                || m["id"].as_str().unwrap().starts_with("z-ai/")
        }),
        ("max_price=0", |m| m["pricing"]["prompt"] == "0"),
        ("min_price=2", |m| {
            m["pricing"]["prompt"]
                .as_str()
                .unwrap()
                .parse::<f64>()
                .unwrap()
                >= 0.000_002
        }),
        ("providers=groq", |_| true),
    ] {
        let (status, body) = talk.get(&format!("/models?{query}")).await;
        assert_eq!(status, 200, "{query}");
        let found = body["data"].as_array().unwrap();
        assert!(
            !found.is_empty() && found.len() < total,
            "{query}: {}",
            found.len()
        );
        assert!(found.iter().all(check), "{query}: {:?}", ids(&body));
        let (_, count) = talk.get(&format!("/models/count?{query}")).await;
        assert_eq!(count["data"]["count"], found.len());
    }
}

#[tokio::test]
async fn the_list_comes_sorted_and_in_pages() {
    let talk = talk();
    let (_, newest) = talk.get("/models?sort=newest").await;
    let created: Vec<u64> = newest["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["created"].as_u64().unwrap())
        .collect();
    assert!(created.is_sorted_by(|a, b| a >= b));
    let mut collected = Vec::new();
    let mut next = Some("/models?limit=25".to_owned());
    while let Some(path) = next {
        let (_, page) = talk.get(&path).await;
        collected.extend(ids(&page).into_iter().map(str::to_owned));
        next = page["links"]["next"]
            .as_str()
            .map(|n| n.trim_start_matches("/api/v1").to_owned());
    }
    assert_eq!(collected.len(), catalogue().models().count());
    assert_eq!(talk.get("/models?sort=prettiest").await.0, 400);
    assert_eq!(talk.get("/models?limit=few").await.0, 400);
}

#[tokio::test]
async fn the_pages_of_a_search_stay_in_the_search() {
    let talk = talk();
    let (_, all) = talk.get("/models?q=qwen&sort=newest").await;
    let (_, first) = talk.get("/models?q=qwen&sort=newest&limit=4").await;
    let next = first["links"]["next"]
        .as_str()
        .unwrap()
        .trim_start_matches("/api/v1")
        .to_owned();
    let (_, second) = talk.get(&next).await;
    assert_eq!(ids(&second)[..], ids(&all)[4..8]);
}

#[tokio::test]
async fn one_model_and_its_hosts_can_be_looked_up() {
    let talk = talk();
    let (_, model) = talk.get("/model/deepseek/deepseek-r1:free").await;
    assert_eq!(model["data"]["id"], "deepseek/deepseek-r1:free");
    let (_, hosts) = talk.get("/models/openai/gpt-oss-20b/endpoints").await;
    let groq = &hosts["data"]["endpoints"][1];
    assert_eq!(
        (&groq["provider_name"], &groq["pricing"]["prompt"]),
        (&"Groq".into(), &"0.0000001".into())
    );
    let (status, body) = talk.get("/model/openai/gpt-4o-minni").await;
    assert_eq!(status, 404);
    assert_eq!(
        body["error"]["availability"]["fallback_models"][0],
        "openai/gpt-4o-mini"
    );
    assert_eq!(talk.get("/models/no/body/endpoints").await.0, 404);
}

#[tokio::test]
async fn the_key_the_credits_and_the_generation_tell_what_was_spent() {
    let talk = talk();
    let (_, answer) = talk.ask(&question("openai/gpt-4o", "Hello")).await;
    let cost = &answer["usage"]["cost"];
    let (_, key) = talk.get("/key").await;
    assert_eq!(&key["data"]["usage"], cost);
    assert!(
        !key["data"]["label"]
            .as_str()
            .unwrap()
            .contains("123456789abc"),
        "a key is never shown whole"
    );
    let (status, body) = talk.get("/credits").await;
    assert_eq!(
        (status, &body["error"]["message"]),
        (
            403,
            &"Only management keys can perform this operation".into()
        )
    );
    let (status, body) = talk.get_as("/credits", "sk-or-mgmt-1").await;
    assert_eq!((status, &body["data"]["total_usage"]), (200, cost));
    let id = answer["id"].as_str().unwrap();
    let (_, entry) = talk.get(&format!("/generation?id={id}")).await;
    assert_eq!(&entry["data"]["total_cost"], cost);
    assert_eq!(talk.get("/generation?id=gen-unknown").await.0, 404);
    assert_eq!(talk.get("/generation").await.0, 400);
    for path in ["/key", "/credits", "/generation?id=x"] {
        assert_eq!(
            talk.http.get(talk.url(path)).send().await.unwrap().status(),
            401,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_path_that_is_not_there_says_what_is() {
    let talk = talk();
    let (status, body) = talk.get("/chat/complete").await;
    assert_eq!(status, 404);
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("chat/completions"),
        "{body}"
    );
    let (status, _) = talk.get("/chat/completions").await;
    assert_eq!(status, 405);
    let root = talk.sandbox.base_url().replace("/api/v1", "/");
    let response = talk.http.get(root).send().await.unwrap();
    assert_eq!(response.status(), 404);
    assert_eq!(response.headers()["x-anymodel-sandbox"], "simulated");
}
