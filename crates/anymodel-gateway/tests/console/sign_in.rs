//! Sign-in: who gets in, what the cookie is, and which forms count.

use std::time::{Duration, Instant};

use crate::browser::{School, TOKEN};

#[tokio::test]
async fn a_page_leads_to_the_sign_in_and_the_token_leads_back_to_the_page() {
    let school = School::open().await;
    let browser = school.browser();
    let page = browser.get("/keys").await;
    assert_eq!((page.status, page.location()), (303, "/sign-in?next=/keys"));
    let form = browser.get(page.location()).await;
    assert!(form.text.contains("type=\"password\""), "{}", form.text);
    let signed_in = browser
        .post("/sign-in", &[("token", TOKEN), ("next", "/keys")])
        .await;
    assert_eq!((signed_in.status, signed_in.location()), (303, "/keys"));
    assert_eq!(browser.get("/keys").await.status, 200);
}

#[tokio::test]
async fn the_cookie_is_for_this_site_alone_and_is_not_the_token() {
    let school = School::open().await;
    let browser = school.browser();
    let page = browser.sign_in(TOKEN).await;
    let cookie = page.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(
        !cookie.contains(TOKEN) && !cookie.contains(&TOKEN[4..]),
        "{cookie}"
    );
}

#[tokio::test]
async fn a_wrong_token_is_401_with_a_message_and_each_one_waits_longer() {
    let school = School::open().await;
    let browser = school.browser();
    let mut waited = Vec::new();
    for wrong in ["adm-wrong", "", "adm-wrong"] {
        let began = Instant::now();
        let page = browser.sign_in(wrong).await;
        waited.push(began.elapsed());
        assert_eq!(page.status, 401);
        assert!(
            page.text.contains("This is not the administrator's token."),
            "{}",
            page.text
        );
        assert!(!page.text.contains("adm-wrong"), "{}", page.text);
    }
    assert!(waited[0] >= Duration::from_millis(250), "{waited:?}");
    assert!(waited[2] >= Duration::from_millis(1000), "{waited:?}");
    assert!(browser.cookies().is_empty());
    assert_eq!(browser.get("/").await.status, 303);
}

#[tokio::test]
async fn sign_out_ends_the_session_also_for_a_copy_of_its_cookie() {
    let school = School::open().await;
    let teacher = school.teacher().await;
    let session = teacher.cookies()["anymodel_session"].clone();
    let page = teacher.submit("/", "/sign-out", &[]).await;
    assert_eq!(page.status, 303);
    assert_eq!(teacher.cookies()["anymodel_session"], "");
    let old = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let request = old.build().unwrap().get(&school.url);
    let request = request.header("cookie", format!("anymodel_session={session}"));
    assert_eq!(request.send().await.unwrap().status(), 303);
}

#[tokio::test]
async fn a_form_without_the_sessions_token_changes_nothing() {
    let school = School::open().await;
    let teacher = school.teacher().await;
    let other = school.teacher().await.get("/").await.csrf();
    for csrf in ["", "0123", other.as_str()] {
        let page = teacher
            .post("/keys/batch", &[("names", "Ann"), ("csrf", csrf)])
            .await;
        assert_eq!(page.status, 403);
        assert!(
            page.text.contains("This form is out of date"),
            "{}",
            page.text
        );
    }
    assert_eq!(
        school.api("/api/keys").await["data"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    let stranger = school.browser();
    let page = stranger.post("/keys/batch", &[("names", "Ann")]).await;
    assert_eq!((page.status, page.location()), (303, "/sign-in?next=/"));
}
