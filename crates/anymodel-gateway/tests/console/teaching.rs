//! A lesson: keys from a list of names, tiles that move, a pause, more money, a key that goes.

use crate::browser::{Browser, School, between};

/// Makes keys for these names in the class 7b. Returns their texts.
async fn class(teacher: &Browser, names: &str) -> Vec<String> {
    let fields = [
        ("names", names),
        ("new_group", "7b"),
        ("budget", "0.50"),
        ("window", "total"),
    ];
    let page = teacher.submit("/keys", "/keys/batch", &fields).await;
    assert_eq!(page.status, 201, "{}", page.text);
    let keys = page.keys();
    assert_eq!(page.header("cache-control"), "no-store");
    keys
}

#[tokio::test]
async fn a_pasted_list_of_names_becomes_keys_with_cards() {
    let school = School::open().await;
    let teacher = school.teacher().await;
    let keys = class(&teacher, "Ann\r\n\r\n 李雷 \r\nBob\r\n").await;
    let list = school.api("/api/keys").await;
    let mut names: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["Ann", "Bob", "李雷"]);
    assert_eq!(list["data"][0]["budget"]["total"]["limit"], "0.5");
    for key in &keys {
        assert_eq!(school.ask(key).await.0, 200);
    }
    assert!(keys.len() >= 3, "{keys:?}");
    let audit = school.api("/api/audit").await;
    assert_eq!(
        (&audit["data"][0]["who"], &audit["data"][0]["action"]),
        (&"admin".into(), &"key.create".into())
    );
}

#[tokio::test]
async fn a_wrong_field_keeps_the_pasted_names_and_makes_neither_key_nor_group() {
    let school = School::open().await;
    let teacher = school.teacher().await;
    let fields = [
        ("names", "Ann\nBob"),
        ("new_group", "7b"),
        ("budget", "much"),
    ];
    let page = teacher.submit("/keys", "/keys/batch", &fields).await;
    assert_eq!(page.status, 400);
    assert_eq!(
        between(
            &page.text,
            "aria-describedby=\"names-hint\">",
            "</textarea>"
        ),
        "Ann\nBob"
    );
    let why = "`much` is not an amount in US dollars";
    assert!(page.text.contains(why), "{}", page.text);
    assert!(page.text.contains("role=\"alert\""), "{}", page.text);
    assert_eq!(
        school.api("/api/groups").await["data"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
}

#[tokio::test]
async fn a_paused_group_is_refused_with_the_reason_until_it_is_resumed() {
    let school = School::open().await;
    let teacher = school.teacher().await;
    let keys = class(&teacher, "Ann").await;
    let group = school.api("/api/groups").await["data"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let paused = teacher
        .submit("/", "/pause", &[("group", &group), ("paused", "true")])
        .await;
    assert_eq!((paused.status, paused.location()), (303, "/"));
    let (status, body) = school.ask(&keys[0]).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (403, &"permission_denied".into())
    );
    assert_eq!(
        body["error"]["message"],
        "Your group is paused. Your teacher can resume it."
    );
    let now = teacher.get("/").await.text;
    assert!(now.contains("Paused") && now.contains("Resume 7b"), "{now}");
    assert!(now.contains("not allowed now"), "{now}");
    teacher
        .submit("/", "/pause", &[("group", ""), ("paused", "false")])
        .await;
    assert_eq!(school.ask(&keys[0]).await.0, 200);
    teacher
        .submit("/", "/pause", &[("group", ""), ("paused", "true")])
        .await;
    assert_eq!(school.ask(&keys[0]).await.0, 403);
}

#[tokio::test]
async fn a_tile_shows_the_calls_and_the_cost_of_today() {
    let school = School::open().await;
    let teacher = school.teacher().await;
    let keys = class(&teacher, "Ann").await;
    assert!(teacher.get("/").await.text.contains("<dd>$0</dd>"));
    assert_eq!(school.ask(&keys[0]).await.0, 200);
    let cost = school.api("/api/calls").await["data"][0]["cost"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_ne!(cost, "0");
    let now = teacher.get("/").await.text;
    assert!(now.contains("<dt>Calls today</dt><dd>1</dd>"), "{now}");
    assert!(now.contains(&format!("<dd>${cost}</dd>")), "{now}");
    let spend = teacher.get("/spend").await.text;
    assert!(spend.contains(&format!("${cost} · calls: 1")), "{spend}");
    let csv = teacher.get("/spend.csv?by=key").await;
    assert!(
        csv.text.contains("Ann,1,") && csv.text.contains(&cost),
        "{}",
        csv.text
    );
    let calls = teacher.get("/calls").await.text;
    assert!(
        calls.contains("<th scope=\"row\">Ann</th>") && calls.contains("answered"),
        "{calls}"
    );
    assert!(
        teacher
            .get("/calls?failed=1")
            .await
            .text
            .contains("No calls match.")
    );
}

#[tokio::test]
async fn one_student_gets_more_money_is_blocked_gets_a_new_key_and_is_deleted() {
    let school = School::open().await;
    let teacher = school.teacher().await;
    let keys = class(&teacher, "Ann").await;
    let id = keys[0].split('-').nth(1).unwrap().to_owned();
    let page = format!("/keys/{id}");
    teacher
        .submit(&page, &page, &[("budget-total", "2.25")])
        .await;
    let key = school.api(&format!("/api{page}")).await;
    assert_eq!(key["budget"]["total"]["limit"], "2.25");
    teacher.submit(&page, &page, &[("blocked", "true")]).await;
    assert_eq!(school.ask(&keys[0]).await.0, 401);
    assert!(teacher.get("/keys").await.text.contains("Blocked"));
    let from_table = [("blocked", "false"), ("from", "table")];
    let unblocked = teacher.submit("/keys", &page, &from_table).await;
    assert_eq!(unblocked.location(), "/keys");
    assert_eq!(school.ask(&keys[0]).await.0, 200);
    teacher.submit(&page, &page, &[("blocked", "true")]).await;
    teacher.submit(&page, &page, &[("blocked", "false")]).await;
    let cards = teacher.submit(&page, &format!("{page}/rotate"), &[]).await;
    let new = cards.keys().remove(0);
    assert_ne!(new, keys[0]);
    assert_eq!(school.ask(&new).await.0, 200);
    let question = teacher.get(&format!("{page}/delete")).await.text;
    assert!(question.contains("Delete the key of Ann?"), "{question}");
    assert_eq!(school.ask(&new).await.0, 200);
    let deleted = teacher
        .submit(&format!("{page}/delete"), &format!("{page}/delete"), &[])
        .await;
    assert_eq!(deleted.location(), "/keys");
    assert_eq!(school.ask(&new).await.0, 401);
    assert_eq!(teacher.get(&page).await.status, 404);
}
