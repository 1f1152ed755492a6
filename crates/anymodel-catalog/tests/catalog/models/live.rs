//! Where the facts come from: the platform, the disk, this crate, and what happens when one of them fails.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anymodel::model::{ListOrigin, Models};
use anymodel::{Client, ErrorKind};

use crate::support::{Play, Server, json};

/// A folder of its own, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("anymodel-models-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Folder(path)
    }

    /// The one file in it.
    fn file(&self) -> PathBuf {
        let files = files(&self.0);
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].clone()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.join("models"))
        .into_iter()
        .flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn list(names: &[&str]) -> String {
    let rows: Vec<_> = names
        .iter()
        .map(|name| serde_json::json!({ "id": name }))
        .collect();
    serde_json::json!({ "data": rows, "links": { "next": null } }).to_string()
}

fn ids(models: &Models) -> Vec<&str> {
    models.iter().map(|model| model.id.as_str()).collect()
}

/// Makes the kept list so much older.
fn age(file: &Path, by: Duration) {
    let text = std::fs::read_to_string(file).unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let then = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() - by;
    json["told_at"] = then.as_secs().into();
    std::fs::write(file, json.to_string()).unwrap();
}

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_live_list_is_asked_for_once_and_then_remembered_and_kept() {
    let folder = Folder::new("once");
    let server = Server::play([json(200, &list(&["contoso/one"]))]);
    let client = server.client();
    let models = client.models().cache_dir(&folder.0).await.unwrap();
    assert_eq!(
        (models.origin(), ids(&models)),
        (ListOrigin::Live, vec!["contoso/one"])
    );
    assert!(
        models.provenance().starts_with("live from 127.0.0.1:"),
        "{}",
        models.provenance()
    );
    let request = server.requests()[0].clone();
    assert!(
        request.starts_with("GET /v1/models HTTP") && request.contains("authorization: Bearer"),
        "{request}"
    );

    let again = client.clone().models().cache_dir(&folder.0).await.unwrap();
    assert_eq!(again.origin(), ListOrigin::Kept);
    let other = server.client().models().cache_dir(&folder.0).await.unwrap();
    assert_eq!(
        (other.origin(), ids(&other)),
        (ListOrigin::Kept, vec!["contoso/one"])
    );
    assert!(
        other.provenance().contains("kept for less than a minute"),
        "{}",
        other.provenance()
    );
    assert_eq!(server.requests().len(), 1);
    let kept = std::fs::read_to_string(folder.file()).unwrap();
    assert!(!kept.contains("sk-or-v1"), "no key on disk");
}

#[tokio::test]
async fn an_old_list_is_served_at_once_and_replaced_in_the_background() {
    let folder = Folder::new("old");
    let server = Server::play([
        json(200, &list(&["contoso/old"])),
        Play::Silence(Duration::from_millis(300)),
        json(200, &list(&["contoso/new"])),
    ]);
    let _ = server.client().models().cache_dir(&folder.0).await.unwrap();
    age(&folder.file(), 3 * DAY);

    // The first newcomer meets a server that hangs, and does not wait for it.
    let hasty = server.client();
    let begun = std::time::Instant::now();
    let models = hasty.models().cache_dir(&folder.0).await.unwrap();
    assert!(
        begun.elapsed() < Duration::from_millis(250),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(ids(&models), ["contoso/old"]);
    assert!(
        models.provenance().contains("kept for 3 days"),
        "{}",
        models.provenance()
    );
    // However often it asks, one request is on its way.
    for _ in 0..20 {
        let _ = hasty.models().cache_dir(&folder.0).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(server.requests().len(), 2);
    tokio::time::sleep(Duration::from_millis(400)).await;

    let client = server.client();
    let _ = client.models().cache_dir(&folder.0).await.unwrap();
    let newer = async {
        loop {
            let models = client.models().cache_dir(&folder.0).await.unwrap();
            if ids(&models) == ["contoso/new"] {
                return models;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let models = tokio::time::timeout(Duration::from_secs(10), newer)
        .await
        .unwrap();
    assert!(models.age() < Duration::from_secs(60));
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn without_a_network_the_kept_list_serves_however_old() {
    let folder = Folder::new("offline");
    let server = Server::play([json(200, &list(&["contoso/one"]))]);
    let _ = server.client().models().cache_dir(&folder.0).await.unwrap();
    age(&folder.file(), 400 * DAY);
    // The server has no more answers: it closes every connection.
    let models = server
        .client()
        .models()
        .cache_dir(&folder.0)
        .fresh()
        .await
        .unwrap();
    assert_eq!(
        (models.origin(), ids(&models)),
        (ListOrigin::Kept, vec!["contoso/one"])
    );
    let note = models.note().unwrap();
    assert!(
        note.contains("gives no newer list") && note.contains("no connection"),
        "{note}"
    );
    assert!(models.provenance().contains("kept for 400 days"));
}

#[tokio::test]
async fn without_network_and_kept_list_the_built_in_one_serves_and_says_why() {
    let folder = Folder::new("nothing");
    let client = Client::builder()
        .base_url("http://127.0.0.1:9/v1")
        .key("sk-or-v1-test0123456789")
        .build()
        .unwrap();
    let models = client.models().cache_dir(&folder.0).await.unwrap();
    assert_eq!(
        (models.origin(), models.len()),
        (ListOrigin::BuiltIn, Models::built_in().len())
    );
    assert!(
        models
            .provenance()
            .starts_with("built in, as of 2026-02-20; 127.0.0.1:9 gives no newer list"),
        "{}",
        models.provenance()
    );
    assert!(files(&folder.0).is_empty());
}

#[tokio::test]
async fn a_platform_that_the_built_in_list_does_not_describe_fails_in_words() {
    let folder = Folder::new("zenmux");
    let server = Server::play([json(
        403,
        r#"{"error":{"code":"403","type":"access_denied","message":"bad key sk-demo-0123456789abcdef"}}"#,
    )]);
    let client = Client::builder()
        .platform("zenmux")
        .base_url(server.url())
        .key("sk-demo-0123456789abcdef")
        .build()
        .unwrap();
    let error = client.models().cache_dir(&folder.0).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::KeyRefused, Some(403))
    );
    let told = format!("{error:?}");
    assert!(
        told.contains("the models of ") && told.contains("hint: copy the key once more"),
        "{told}"
    );
    assert!(!told.contains("0123456789abcdef"), "{told}");
}

#[tokio::test]
async fn a_damaged_list_is_set_aside_and_replaced() {
    for damage in [&b""[..], b"{\"form\":1,\"base_url\":", b"\xff\xfe", b"null"] {
        let folder = Folder::new("damaged");
        let answers = [
            json(200, &list(&["contoso/one"])),
            json(200, &list(&["contoso/two"])),
        ];
        let server = Server::play(answers);
        let _ = server.client().models().cache_dir(&folder.0).await.unwrap();
        let file = folder.file();
        std::fs::write(&file, damage).unwrap();
        let models = server.client().models().cache_dir(&folder.0).await.unwrap();
        assert_eq!(ids(&models), ["contoso/two"]);
        assert!(
            models.note().unwrap().contains("damaged and is set aside"),
            "{:?}",
            models.note()
        );
        assert_eq!(
            std::fs::read(file.with_extension("damaged")).unwrap(),
            damage
        );
        let again = server.client().models().cache_dir(&folder.0).await.unwrap();
        assert_eq!((again.origin(), again.note()), (ListOrigin::Kept, None));
    }
}

#[tokio::test]
async fn what_could_not_be_kept_is_served_all_the_same() {
    let folder = Folder::new("full");
    std::fs::create_dir_all(&folder.0).unwrap();
    std::fs::write(folder.0.join("models"), "a file where the folder should be").unwrap();
    let server = Server::play([json(200, &list(&["contoso/one"]))]);
    let models = server.client().models().cache_dir(&folder.0).await.unwrap();
    assert_eq!(ids(&models), ["contoso/one"]);
    assert!(
        models.note().is_some_and(|note| note.contains("kept")),
        "{:?}",
        models.note()
    );
}

#[tokio::test]
async fn what_is_no_list_is_not_kept() {
    let folder = Folder::new("nolist");
    let answers = [
        json(200, "<html>welcome</html>"),
        json(200, r#"{"data": []}"#),
        json(500, "{}"),
    ];
    let server = Server::play(answers);
    for _ in 0..3 {
        let models = server.client().models().cache_dir(&folder.0).await.unwrap();
        assert_eq!(models.origin(), ListOrigin::BuiltIn);
    }
    assert!(files(&folder.0).is_empty());
}

#[tokio::test]
async fn all_pages_are_read_and_the_key_goes_to_no_other_host() {
    let page = |name: &str, next: &str| {
        json(
            200,
            &serde_json::json!({ "data": [{ "id": name }], "links": { "next": next } }).to_string(),
        )
    };
    let elsewhere = Server::play([json(200, &list(&["contoso/thief"]))]);
    let there = elsewhere.at("/v1/models?offset=2");
    let server = Server::play([
        page("contoso/one", "/v1/models?offset=1"),
        page("contoso/two", &there),
    ]);
    let models = server.client().models().no_disk_cache().await.unwrap();
    assert_eq!(ids(&models), ["contoso/one", "contoso/two"]);
    assert!(server.requests()[1].starts_with("GET /v1/models?offset=1 "));
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_list_that_never_comes_is_given_up() {
    let server = Server::play([Play::Silence(Duration::from_secs(60))]);
    let client = Client::builder()
        .base_url(server.url())
        .key("sk-or-v1-test0123456789")
        .timeout(Duration::from_millis(100))
        .build()
        .unwrap();
    let waiting = client.models().no_disk_cache().into_future();
    let models = tokio::time::timeout(Duration::from_secs(5), waiting)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(models.origin(), ListOrigin::BuiltIn);
    assert!(
        models
            .note()
            .unwrap()
            .contains("gives no newer list: timeout"),
        "{:?}",
        models.note()
    );
}

#[tokio::test]
async fn many_who_write_at_once_leave_one_whole_list() {
    let folder = Folder::new("many");
    let names: Vec<String> = (0..400).map(|n| format!("contoso/model-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let server = Server::play((0..16).map(|_| json(200, &list(&names))));
    let writers = (0..16).map(|_| {
        let (client, folder) = (server.client(), folder.0.clone());
        tokio::spawn(async move { client.models().cache_dir(folder).fresh().await.unwrap() })
    });
    for writer in writers.collect::<Vec<_>>() {
        assert_eq!(writer.await.unwrap().len(), 400);
        // Whoever reads meanwhile finds a whole list.
        let read = server.client().models().cache_dir(&folder.0).await.unwrap();
        assert_eq!(
            (read.origin(), read.len(), read.note()),
            (ListOrigin::Kept, 400, None)
        );
    }
    assert_eq!(
        folder.file().extension().unwrap(),
        "json",
        "nothing half-written is left"
    );
}

#[tokio::test]
async fn the_sandbox_lists_its_own_and_keeps_nothing() {
    let folder = Folder::new("sandbox");
    let client = Client::sandbox().unwrap();
    let models = client.models().cache_dir(&folder.0).await.unwrap();
    assert_eq!(models.origin(), ListOrigin::Simulated);
    assert!(models.provenance().starts_with("sandbox (simulated)"));
    assert!(files(&folder.0).is_empty());

    let quick = client.models().lowest_latency_first().await.unwrap();
    assert_eq!(quick.len(), models.len());
    assert_ne!(ids(&quick), ids(&models), "in the order of the first token");
}

#[tokio::test]
async fn a_name_cannot_lead_to_another_page_and_no_answer_can_make_reading_hosts_fail() {
    let bodies = [
        r#"{"data": {"endpoints": [{"provider_name": "A", "pricing": {"prompt": "0.000001", "completion": "0.000002"}}, 7, {}]}}"#,
        r#"{"data": {"endpoints": {}}}"#,
        "[[[",
    ];
    let server = Server::play(bodies.map(|body| json(200, body)));
    let client = server.client();
    let hosts = client.hosts("contoso/../../key?x=1#y").await.unwrap();
    assert_eq!(hosts.iter().count(), 1);
    assert_eq!(
        hosts
            .cheapest()
            .unwrap()
            .pricing
            .cost(1_000_000, 0)
            .to_string(),
        "1"
    );
    let asked = server.requests()[0].clone();
    assert!(
        asked.starts_with("GET /v1/models/contoso/..%2F..%2Fkey%3Fx=1%23y/endpoints "),
        "{asked}"
    );
    for _ in 0..2 {
        let error = client.hosts("contoso/one").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadReply);
    }
    let error = client.hosts("no-author").await.unwrap_err();
    assert!(
        error.to_string().contains("a name looks like author/model"),
        "{error}"
    );
}
