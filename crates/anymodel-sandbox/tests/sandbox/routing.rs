//! Who answers: models, provider preferences, suffixes, routers, and the words of the source course.

use anymodel::model::{Model, catalogue};
use anymodel::sandbox::Sandbox;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::support::{Talk, question, talk, talk_to};

const LLAMA: &str = "meta-llama/llama-3.3-70b-instruct";

async fn with(talk: &Talk, model: &str, more: Value) -> (u16, Value) {
    let mut asked = question(model, "Hello");
    asked
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    talk.ask(&asked).await
}

/// The models `openrouter/auto` may choose from.
fn pool() -> impl Iterator<Item = &'static Model> {
    catalogue()
        .models()
        .filter(|m| !m.is_router() && !m.is_free() && m.expiration_date.is_none())
}

fn cheapest(model: &Model) -> Decimal {
    model
        .hosts
        .iter()
        .map(|h| model.price_at(h).blended())
        .min()
        .unwrap()
}

fn fastest(model: &Model) -> u64 {
    model
        .hosts
        .iter()
        .map(|h| h.tokens_per_second)
        .max()
        .unwrap()
}

#[tokio::test]
async fn a_failing_model_is_followed_by_the_next_of_the_list() {
    let talk = talk();
    let models = json!({ "models": ["sandbox/rate-limited", "nobody/nothing", LLAMA] });
    let (status, body) = with(&talk, "sandbox/down", models).await;
    assert_eq!((status, &body["model"]), (200, &json!(LLAMA)));
    let (status, body) = with(&talk, "sandbox/down", json!({ "models": ["sandbox/402"] })).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (402, &json!(402)),
        "the last error is shown"
    );
    let previous = &body["error"]["metadata"]["previous_errors"];
    assert_eq!(previous[0]["status"], 503, "{body}");
    let request = talk
        .chat(&question("sandbox/down", "Hello"))
        .header("X-OpenRouter-Metadata", "enabled");
    let body: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(body["openrouter_metadata"]["attempts"][0]["status"], 503);
}

#[tokio::test]
async fn provider_preferences_choose_the_host() {
    let talk = talk();
    for (provider, host) in [
        (json!({}), "DeepInfra"),
        (json!({ "sort": "price" }), "DeepInfra"),
        (json!({ "sort": "throughput" }), "Cerebras"),
        (json!({ "sort": { "by": "latency" } }), "Groq"),
        (json!({ "order": ["together", "groq"] }), "Together"),
        (json!({ "order": ["nobody", "groq"] }), "Groq"),
        (json!({ "only": ["Cerebras"] }), "Cerebras"),
        (json!({ "only": ["deepinfra/fp8"] }), "DeepInfra"),
        (json!({ "ignore": ["deepinfra", "groq"] }), "Cerebras"),
        (json!({ "quantizations": ["fp16"] }), "Cerebras"),
        (json!({ "preferred_min_throughput": 1000 }), "Cerebras"),
        (json!({ "preferred_max_latency": { "p50": 0.175 } }), "Groq"),
        (
            json!({ "max_price": { "prompt": "0.2", "completion": 1 }, "sort": "throughput" }),
            "DeepInfra",
        ),
    ] {
        let (status, body) = with(&talk, LLAMA, json!({ "provider": provider })).await;
        assert_eq!(
            (status, &body["provider"]),
            (200, &json!(host)),
            "{provider}: {body}"
        );
    }
}

#[tokio::test]
async fn the_chosen_hosts_price_is_charged() {
    let (_, body) = with(&talk(), LLAMA, json!({ "provider": { "only": ["groq"] } })).await;
    let model = catalogue().get(LLAMA).unwrap();
    let groq = model.hosts.iter().find(|h| h.provider == "Groq").unwrap();
    let count = |key: &str| body["usage"][key].as_u64().unwrap();
    let cost = model
        .price_at(groq)
        .cost(count("prompt_tokens"), count("completion_tokens"));
    assert_eq!(body["usage"]["cost"].to_string(), cost.to_string());
}

#[tokio::test]
async fn when_no_host_is_left_a_404_names_the_filter() {
    let talk = talk();
    for (provider, filter) in [
        (json!({ "only": ["nobody"] }), "allowed_providers"),
        (
            json!({ "order": ["nobody"], "allow_fallbacks": false }),
            "allowed_providers",
        ),
        (json!({ "quantizations": ["int4"] }), "quantization"),
        (json!({ "max_price": { "prompt": 0.001 } }), "max_price"),
    ] {
        let (status, body) = with(&talk, LLAMA, json!({ "provider": provider })).await;
        assert_eq!(status, 404, "{provider}");
        let availability = &body["error"]["availability"];
        assert_eq!(availability["excluded_by"], json!([filter]));
        assert_eq!(availability["retryable"], false);
    }
    let strict = json!({ "top_k": 5, "provider": { "require_parameters": true } });
    assert_eq!(with(&talk, "openai/gpt-4o", strict).await.0, 404);
    assert_eq!(
        with(&talk, "openai/gpt-4o", json!({ "top_k": 5 })).await.0,
        200
    );
}

#[tokio::test]
async fn models_without_an_ability_do_not_serve_requests_that_need_it() {
    let talk = talk();
    let tools = json!({ "tools": [{ "type": "function", "function": { "name": "f" } }] });
    let (status, body) = with(&talk, "meta-llama/llama-3.2-3b-instruct:free", tools).await;
    assert_eq!(status, 404);
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("tool use"),
        "{body}"
    );
    let mut picture = question("deepseek/deepseek-chat", "What is this?");
    picture["messages"][0]["content"] =
        json!([{ "type": "image_url", "image_url": { "url": "data:image/png;base64,aGk=" } }]);
    assert_eq!(talk.ask(&picture).await.0, 404);
    picture["model"] = json!("openai/gpt-4o");
    assert_eq!(talk.ask(&picture).await.0, 200);
}

#[tokio::test]
async fn suffixes_and_aliases_lead_to_the_model() {
    let talk = talk();
    for (asked, answers, host) in [
        ("meta-llama/llama-3.3-70b-instruct:nitro", LLAMA, "Cerebras"),
        (
            "meta-llama/llama-3.3-70b-instruct:floor",
            LLAMA,
            "DeepInfra",
        ),
        (
            "anthropic/claude-3-haiku:beta",
            "anthropic/claude-3-haiku",
            "Anthropic",
        ),
        (
            "google/gemini-2.0-flash",
            "google/gemini-2.0-flash-001",
            "Google",
        ),
        (
            "meta/llama-3.1-8b-instruct",
            "meta-llama/llama-3.1-8b-instruct",
            "DeepInfra",
        ),
        (
            "~anthropic/claude-sonnet-latest",
            "anthropic/claude-sonnet-4.6",
            "Anthropic",
        ),
    ] {
        let (status, body) = talk.ask(&question(asked, "Hello")).await;
        assert_eq!(
            (status, &body["model"], &body["provider"]),
            (200, &json!(answers), &json!(host)),
            "{asked}"
        );
    }
    let (status, body) = talk.ask(&question("openai/gpt-4o:free", "Hello")).await;
    assert_eq!(status, 404, "who asks for a free model must not pay");
    assert_eq!(body["error"]["availability"]["code"], "free_variant_ended");
    let (status, _) = talk
        .ask(&question("anthropic/claude-3-haiku:beta:aws", "Hello"))
        .await;
    assert_eq!(
        status, 400,
        "hosts are chosen with provider.order, not with a suffix"
    );
}

#[tokio::test]
async fn sorting_without_partition_picks_the_cheapest_and_the_fastest_of_several_models() {
    let talk = talk();
    let models = ["openai/gpt-4o", LLAMA, "openai/gpt-oss-120b"];
    let known = || models.iter().map(|id| catalogue().get(id).unwrap());
    let ask = async |by: &str| {
        let more =
            json!({ "models": models, "provider": { "sort": { "by": by, "partition": "none" } } });
        let mut asked = question("", "Hello");
        asked.as_object_mut().unwrap().remove("model");
        asked
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        talk.ask(&asked).await.1["model"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        ask("price").await,
        known().min_by_key(|m| cheapest(m)).unwrap().id
    );
    assert_eq!(
        ask("throughput").await,
        known().max_by_key(|m| fastest(m)).unwrap().id
    );
    let more = json!({ "models": models, "provider": { "sort": "price" } });
    let (_, body) = with(&talk, "openai/gpt-4o", more).await;
    assert_eq!(
        body["model"], "openai/gpt-4o",
        "by model, the order of the list stays"
    );
}

#[tokio::test]
async fn the_auto_router_picks_by_cost_tier_and_sort_and_names_the_model() {
    let talk = talk();
    let tier = |name: &str| json!({ "plugins": [{ "id": "auto-router", "cost_tier": name }] });
    let mut last = Decimal::ZERO;
    for name in ["low", "medium", "high", "xhigh", "max"] {
        let (status, body) = with(&talk, "openrouter/auto", tier(name)).await;
        assert_eq!(status, 200, "{body}");
        let price = catalogue()
            .get(body["model"].as_str().unwrap())
            .unwrap()
            .pricing
            .blended();
        assert!(price > last, "{name} is dearer than the tier below");
        last = price;
    }
    let (status, body) = with(&talk, "openrouter/auto", tier("golden")).await;
    assert_eq!(status, 400, "{body}");
    let allowed = json!({ "plugins": [{ "id": "auto-router", "allowed_models": ["qwen/*"] }] });
    let (_, body) = with(&talk, "openrouter/auto", allowed).await;
    assert!(
        body["model"].as_str().unwrap().starts_with("qwen/"),
        "{body}"
    );
    let nothing = json!({ "plugins": [{ "id": "auto-router", "allowed_models": ["none/*"] }] });
    assert_eq!(with(&talk, "openrouter/auto", nothing).await.0, 404);
    let (_, body) = with(
        &talk,
        "openrouter/auto",
        json!({ "provider": { "sort": "price" } }),
    )
    .await;
    assert_eq!(
        cheapest(catalogue().get(body["model"].as_str().unwrap()).unwrap()),
        pool().map(cheapest).min().unwrap()
    );
    let (_, body) = with(&talk, "openrouter/free", json!({})).await;
    assert!(
        catalogue()
            .get(body["model"].as_str().unwrap())
            .unwrap()
            .is_free()
    );
}

#[tokio::test]
async fn the_words_of_the_course_are_taken_in_their_true_meaning_and_the_header_says_so() {
    let talk = talk();
    let mut chosen = Vec::new();
    for (word, read_as) in [
        ("cheapest", "provider.sort=price"),
        ("fastest", "provider.sort=throughput"),
        ("best", "cost_tier=max"),
    ] {
        let mut asked = question("openrouter/auto", "Hello");
        asked["route"] = json!(word);
        let response = talk.chat(&asked).send().await.unwrap();
        let note = response.headers()["x-sandbox-note"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(
            note.contains("not a parameter") && note.contains(read_as),
            "{note}"
        );
        let body: Value = response.json().await.unwrap();
        chosen.push(catalogue().get(body["model"].as_str().unwrap()).unwrap());
    }
    assert_eq!(cheapest(chosen[0]), pool().map(cheapest).min().unwrap());
    assert_eq!(fastest(chosen[1]), pool().map(fastest).max().unwrap());
    assert_eq!(
        chosen[2].pricing.blended(),
        pool().map(|m| m.pricing.blended()).max().unwrap()
    );
    for word in ["fallback", "sort"] {
        let mut asked = question("openai/gpt-4o", "Hello");
        asked["route"] = json!(word);
        let response = talk.chat(&asked).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(
            response.headers().get("x-sandbox-note").is_none(),
            "{word} is real"
        );
    }
}

#[tokio::test]
async fn an_unknown_route_is_refused_in_strict_mode() {
    let talk = talk_to(
        Sandbox::builder()
            .time_scale(0.0)
            .strict(true)
            .start()
            .unwrap(),
    );
    let (status, body) = with(&talk, "openrouter/auto", json!({ "route": "cheapest" })).await;
    assert_eq!(status, 400);
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("provider.sort=price"),
        "{body}"
    );
    assert_eq!(
        with(&talk, "openrouter/auto", json!({ "route": null }))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_conversation_longer_than_the_context_is_refused() {
    let long = "word ".repeat(20_000);
    let (status, body) = talk().ask(&question("openai/gpt-3.5-turbo", &long)).await;
    assert_eq!(status, 400);
    assert_eq!(
        body["error"]["metadata"]["error_type"],
        "context_length_exceeded"
    );
    assert!(body["error"]["message"].as_str().unwrap().contains("16385"));
}
