//! The page for the holder of a key.

use anymodel_gateway::settings::GatewaySettings;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{MODEL, World, assert_strict, header};

const UNKNOWN: &str =
    "am-0123456789ab-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn without_a_key_the_page_asks_for_it() {
    let world = World::new().await;
    let response = world.request(Method::GET, "/me").send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_strict(&response);
    let policy = header(&response, "content-security-policy");
    assert!(policy.contains("style-src 'self'"), "{policy}");
    assert!(policy.contains("form-action 'self'"), "{policy}");
    let page = response.text().await.unwrap();
    assert_eq!(page.matches("<h1").count(), 1, "{page}");
    assert!(page.contains("<label for=\"key\">Key</label>"), "{page}");
    assert!(page.contains("<input id=\"key\" name=\"key\" type=\"password\""));
    assert!(!page.contains("style="), "{page}");
    assert!(!page.contains("<style"), "{page}");
    assert!(!page.contains("role=\"alert\""), "{page}");
}

#[tokio::test]
async fn a_wrong_key_is_refused_in_the_words_of_the_api() {
    let world = World::new().await;
    let api = world.request(Method::GET, "/v1/key").bearer_auth(UNKNOWN);
    let api: Value = api.send().await.unwrap().json().await.unwrap();
    let words = api["error"]["message"].as_str().unwrap();
    let own = world.gateway.url();
    for request in [
        world.sign_in(UNKNOWN, &own),
        world.sign_in("", &own),
        world.me(UNKNOWN),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401);
        assert_eq!(header(&response, "set-cookie"), "");
        let page = response.text().await.unwrap();
        assert!(page.contains(words), "{page}");
        assert!(page.contains("type=\"password\""), "{page}");
        assert!(!page.contains(UNKNOWN));
    }
}

#[tokio::test]
async fn a_key_that_is_typed_is_kept_in_a_cookie_that_scripts_and_other_sites_cannot_use() {
    let world = World::new().await;
    let key = world.key(json!({})).await;
    let typed = world.sign_in(&format!("%20{key}%20"), &world.gateway.url());
    let response = typed.send().await.unwrap();
    assert_eq!(response.status(), 303);
    assert_eq!(header(&response, "location"), "/me");
    assert_eq!(header(&response, "cache-control"), "no-store");
    let cookie = header(&response, "set-cookie");
    assert_eq!(
        cookie,
        format!("anymodel_key={key}; HttpOnly; SameSite=Strict; Path=/me")
    );
    let page = world.me(&key).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(!page.text().await.unwrap().contains(&key));
}

#[tokio::test]
async fn behind_https_the_cookie_is_secure() {
    let settings = GatewaySettings {
        public_url: Some("https://models.example.org".to_owned()),
        ..GatewaySettings::default()
    };
    let world = World::with(settings).await;
    let key = world.key(json!({})).await;
    let typed = world
        .sign_in(&key, "https://models.example.org")
        .send()
        .await
        .unwrap();
    assert_eq!(typed.status(), 303);
    assert!(header(&typed, "set-cookie").ends_with("; Secure"));
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    let world = World::new().await;
    let key = world.key(json!({})).await;
    for origin in ["https://evil.example", "null", ""] {
        let forged = world.sign_in(&key, origin).send().await.unwrap();
        assert_eq!(forged.status(), 403, "{origin}");
        assert_eq!(header(&forged, "set-cookie"), "");
        assert_strict(&forged);
    }
    let own = world.gateway.url();
    let forged = world
        .sign_in(&key, &own)
        .header("sec-fetch-site", "cross-site");
    assert_eq!(forged.send().await.unwrap().status(), 403);
    let forged = world
        .request(Method::POST, "/me/sign-out")
        .header("origin", "https://evil.example");
    let response = forged.send().await.unwrap();
    assert_eq!(response.status(), 403);
    assert_eq!(header(&response, "set-cookie"), "");
}

#[tokio::test]
async fn signing_out_takes_the_key_out_of_the_browser() {
    let world = World::new().await;
    let out = world
        .request(Method::POST, "/me/sign-out?lang=zh")
        .header("origin", world.gateway.url());
    let response = out.send().await.unwrap();
    assert_eq!(response.status(), 303);
    assert_eq!(header(&response, "location"), "/me?lang=zh");
    let cookie = header(&response, "set-cookie");
    assert!(
        cookie.starts_with("anymodel_key=;") && cookie.contains("Max-Age=0"),
        "{cookie}"
    );
}

#[tokio::test]
async fn the_page_shows_what_is_left_the_limits_and_why_calls_were_refused() {
    let world = World::new().await;
    let limits = json!({ "models": [MODEL], "budget": { "day": "0.50", "total": "2" }, "requests_per_minute": 30, "parallel": 2 });
    let key = world.key(limits).await;
    assert_eq!(world.ask(&key, MODEL).await.status(), 200);
    assert_eq!(world.ask(&key, "openai/gpt-4o").await.status(), 403);
    let own = world.request(Method::GET, "/v1/key").bearer_auth(&key);
    let own: Value = own.send().await.unwrap().json().await.unwrap();
    let left: f64 = own["budget"]["day"]["left"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(left < 0.5);
    let response = world.me(&key).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_strict(&response);
    let page = response.text().await.unwrap();
    assert_eq!(page.matches("<h1").count(), 1);
    assert!(page.contains("<h1>Ann</h1>"), "{page}");
    let shown = page.split("<span class=\"figure\">$").nth(1).unwrap();
    let shown: f64 = shown.split('<').next().unwrap().parse().unwrap();
    assert!(
        shown <= left && left - shown < 0.000_001_1,
        "{shown} {left}"
    );
    assert!(page.contains("begins anew <time"), "{page}");
    assert!(page.contains("does not begin anew by itself"), "{page}");
    assert!(page.contains("28 / 30"), "{page}");
    assert!(page.contains("<code>openai/gpt-4o-mini</code>"), "{page}");
    assert!(page.contains("Your key may not ask this model"), "{page}");
    assert_eq!(page.matches("<tr>").count(), 3, "{page}");
    let by_header = world
        .request(Method::GET, "/me")
        .bearer_auth(&key)
        .send()
        .await
        .unwrap();
    assert!(by_header.text().await.unwrap().contains("<h1>Ann</h1>"));
}

#[tokio::test]
async fn a_holder_of_a_paused_group_reads_why_and_sees_what_the_group_has_left() {
    let world = World::new().await;
    let group = json!({ "name": "7b <b>", "budget": { "week": "3" } });
    let group = world
        .admin(Method::POST, "/api/groups", &group)
        .send()
        .await
        .unwrap();
    let group: Value = group.json().await.unwrap();
    let id = group["id"].as_str().unwrap();
    let key = world.key(json!({ "group": id })).await;
    let path = format!("/api/groups/{id}");
    let paused = world.admin(Method::PATCH, &path, &json!({ "paused": true }));
    assert_eq!(paused.send().await.unwrap().status(), 200);
    let page = world.me(&key).send().await.unwrap().text().await.unwrap();
    assert!(
        page.contains("Your group is paused. Your teacher can resume it."),
        "{page}"
    );
    assert!(page.contains("shared with your group"), "{page}");
    assert!(page.contains("<span class=\"figure\">$3</span>"), "{page}");
    assert!(page.contains("7b &lt;b&gt;"), "{page}");
}

#[tokio::test]
async fn the_page_is_chinese_by_header_and_by_link() {
    let world = World::new().await;
    let key = world.key(json!({})).await;
    let by_header = world
        .me(&key)
        .header("accept-language", "zh-CN,zh;q=0.9,en;q=0.5");
    let page = by_header.send().await.unwrap().text().await.unwrap();
    assert!(
        page.contains("<html lang=\"zh\">") && page.contains("还没有调用"),
        "{page}"
    );
    let form = world
        .request(Method::GET, "/me?lang=zh")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        form.contains("action=\"/me?lang=zh\"") && form.contains("密钥"),
        "{form}"
    );
    let english = world
        .request(Method::GET, "/me?lang=en")
        .header("accept-language", "zh");
    let english = english.send().await.unwrap().text().await.unwrap();
    assert!(english.contains("<html lang=\"en\">"), "{english}");
}

#[tokio::test]
async fn stylesheet_and_script_are_the_gateway_s_own() {
    let world = World::new().await;
    for (path, kind) in [
        ("/assets/gateway.css", "text/css; charset=utf-8"),
        ("/assets/me.js", "text/javascript; charset=utf-8"),
    ] {
        let response = world.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(header(&response, "content-type"), kind);
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
    }
}
