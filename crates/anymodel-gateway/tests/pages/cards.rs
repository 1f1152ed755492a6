//! Cards and CSV of new keys.

use anymodel_gateway::settings::GatewaySettings;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{World, assert_strict, header};

fn keys_in(text: &str) -> Vec<&str> {
    let starts = text.match_indices("am-").map(|(at, _)| &text[at..]);
    let keys = starts.filter_map(|rest| rest.get(..3 + 12 + 1 + 64));
    keys.filter(|key| {
        let rest = key[3..].replace('-', "");
        rest.len() == 76 && rest.chars().all(|c| c.is_ascii_hexdigit())
    })
    .collect()
}

fn class() -> Value {
    json!({ "names": ["<script>alert(1)</script>", "=1+1", "李雷"], "budget": { "day": "0.50", "total": 5 }, "models": ["openai/gpt-4o-mini"] })
}

#[tokio::test]
async fn each_card_has_its_key_once_and_names_are_no_markup() {
    let world = World::new().await;
    let made = world.admin(Method::POST, "/api/keys/batch?format=html", &class());
    let response = made.send().await.unwrap();
    assert_eq!(response.status(), 201);
    assert_strict(&response);
    let nonce_of_policy = header(&response, "content-security-policy").to_owned();
    let page = response.text().await.unwrap();
    let keys = keys_in(&page);
    assert_eq!(keys.len(), 3, "{keys:?}");
    for key in &keys {
        assert_eq!(page.matches(key).count(), 1);
        assert_eq!(world.ask(key, crate::support::MODEL).await.status(), 200);
    }
    assert!(!page.contains("<script"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("李雷"));
    assert_eq!(page.matches("<svg").count(), 3);
    let base_url = format!("{}/v1", world.gateway.url());
    assert_eq!(page.matches(&format!("<code>{base_url}</code>")).count(), 3);
    assert_eq!(page.matches("from openai import OpenAI").count(), 3);
    assert_eq!(page.matches("$0.50 a day, $5 in all").count(), 3);
    let nonce = page
        .split("<style nonce=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert!(nonce.len() >= 32 && nonce_of_policy.contains(&format!("'nonce-{nonce}'")));
}

#[tokio::test]
async fn cards_are_chinese_for_a_chinese_reader() {
    let world = World::new().await;
    let made = world.admin(Method::POST, "/api/keys/batch?format=html", &class());
    let made = made
        .header("accept-language", "zh-CN,zh;q=0.9")
        .send()
        .await;
    let page = made.unwrap().text().await.unwrap();
    assert!(page.contains("<html lang=\"zh\">"), "{page}");
    assert!(page.contains("每天 $0.50，总共 $5"), "{page}");
}

#[tokio::test]
async fn csv_has_a_row_for_each_name_and_no_formula() {
    let world = World::new().await;
    let made = world.admin(Method::POST, "/api/keys/batch?format=csv", &class());
    let response = made.send().await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(header(&response, "content-type"), "text/csv; charset=utf-8");
    assert_eq!(header(&response, "cache-control"), "no-store");
    let text = response.text().await.unwrap();
    let keys = keys_in(&text);
    let base_url = format!("{}/v1", world.gateway.url());
    let expected = format!(
        "name,address,key\n<script>alert(1)</script>,{base_url},{}\n\"'=1+1\",{base_url},{}\n李雷,{base_url},{}\n",
        keys[0], keys[1], keys[2]
    );
    assert_eq!(text, expected);
}

#[tokio::test]
async fn without_a_format_the_batch_is_json_as_before() {
    let world = World::new().await;
    let made = world.admin(Method::POST, "/api/keys/batch", &class());
    let made: Value = made.send().await.unwrap().json().await.unwrap();
    assert_eq!(made["data"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn an_unknown_format_or_a_host_that_is_none_makes_no_key() {
    let world = World::new().await;
    let unknown = world.admin(Method::POST, "/api/keys/batch?format=pdf", &class());
    let response = unknown.send().await.unwrap();
    assert_eq!(response.status(), 400);
    let error: Value = response.json().await.unwrap();
    assert_eq!(error["error"]["param"], "format");
    for host in [
        "evil.example/path",
        "user@evil.example",
        "a\"><b>",
        "a.example:x",
    ] {
        let forged = world.admin(Method::POST, "/api/keys/batch?format=html", &class());
        let response = forged.header("host", host).send().await.unwrap();
        assert_eq!(response.status(), 400, "{host}");
    }
    let kept = world.admin(Method::GET, "/api/keys", &Value::Null);
    let kept: Value = kept.send().await.unwrap().json().await.unwrap();
    assert_eq!(kept["data"], json!([]));
}

#[tokio::test]
async fn cards_show_the_public_address_where_one_is_set() {
    let settings = GatewaySettings {
        public_url: Some("https://models.example.org/".to_owned()),
        ..GatewaySettings::default()
    };
    let world = World::with(settings).await;
    let made = world.admin(Method::POST, "/api/keys/batch?format=csv", &class());
    let text = made.send().await.unwrap().text().await.unwrap();
    assert_eq!(
        text.matches(",https://models.example.org/v1,").count(),
        3,
        "{text}"
    );
}
