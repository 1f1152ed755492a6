//! What holds for each page: headers, escaping, language, no secrets.

use crate::browser::{School, TOKEN};

const PAGES: [&str; 5] = [
    "/",
    "/keys",
    "/calls",
    "/spend",
    "/spend?by=group&period=day",
];

#[tokio::test]
async fn each_page_has_strict_headers_one_heading_and_nothing_inline() {
    let school = School::open().await;
    let teacher = school.teacher().await;
    let fields = [("names", "Ann"), ("new_group", "7b")];
    let keys = teacher.submit("/keys", "/keys/batch", &fields).await.keys();
    school.ask(&keys[0]).await;
    let id = keys[0].split('-').nth(1).unwrap();
    let of_key = [
        format!("/keys/{id}"),
        format!("/keys/{id}/delete"),
        "/sign-in".to_owned(),
    ];
    for path in PAGES.into_iter().chain(of_key.iter().map(String::as_str)) {
        let page = teacher.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        let policy = page.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{path}: {policy}"
        );
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.text.matches("<h1").count(), 1, "{path}");
        for inline in ["<script", "<style", " style=", " onclick="] {
            assert!(!page.text.contains(inline), "{path}: {inline}");
        }
        for secret in [TOKEN, keys[0].as_str(), keys[0].rsplit('-').next().unwrap()] {
            assert!(!page.text.contains(secret), "{path}");
        }
        let without_scope = page.text.replace("<thead", "").matches("<th").count()
            - page.text.matches(" scope=\"").count();
        assert_eq!(without_scope, 0, "{path}");
    }
}

#[tokio::test]
async fn a_name_that_is_html_is_shown_as_text_everywhere() {
    let school = School::open().await;
    let teacher = school.teacher().await;
    let evil = "<script>alert(1)</script>\"'><img src=x>";
    let fields = [("names", evil), ("new_group", evil)];
    let made = teacher.submit("/keys", "/keys/batch", &fields).await;
    let keys = made.keys();
    school.ask(&keys[0]).await;
    let id = keys[0].split('-').nth(1).unwrap();
    let mut texts = vec![made.text];
    let of_key = format!("/keys/{id}");
    for path in PAGES.into_iter().chain([of_key.as_str()]) {
        texts.push(teacher.get(path).await.text);
    }
    for text in texts {
        assert!(
            !text.contains("<script>alert") && !text.contains("<img src=x"),
            "{text}"
        );
    }
    let query = "/calls?model=%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    assert!(!teacher.get(query).await.text.contains("<script>"));
}

#[tokio::test]
async fn a_chinese_browser_gets_chinese_pages_and_a_choice_is_kept() {
    let school = School::open().await;
    let teacher = school.browser_in("zh-CN,zh;q=0.9,en;q=0.5");
    assert!(teacher.get("/sign-in").await.text.contains("管理员令牌"));
    teacher.sign_in(TOKEN).await;
    for path in PAGES {
        let text = teacher.get(path).await.text;
        assert!(
            text.contains("<html lang=\"zh") && text.contains("课堂实况"),
            "{path}: {text}"
        );
    }
    let text = teacher.get("/?lang=en").await.text;
    assert!(text.contains("<html lang=\"en\""), "{text}");
    let text = teacher.get("/keys").await.text;
    assert!(text.contains("New keys"), "{text}");
}

#[tokio::test]
async fn the_tiles_refresh_themselves_until_that_is_stopped() {
    let school = School::open().await;
    let teacher = school.teacher().await;
    let refresh = "<meta http-equiv=\"refresh\" content=\"5\">";
    assert!(teacher.get("/").await.text.contains(refresh));
    assert!(!teacher.get("/?hold=1").await.text.contains(refresh));
    for path in &PAGES[1..] {
        assert!(
            !teacher.get(path).await.text.contains("http-equiv"),
            "{path}"
        );
    }
}
