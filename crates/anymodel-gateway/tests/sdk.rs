//! OpenAI's and Anthropic's own Python SDKs against the gateway.
//!
//! They run in the virtual environment of the root package's `tests/sdk.rs`, whose packages come from the Python package index:
//! the feature `online-tests` asks for this test.

#[path = "../../../tests/support/python.rs"]
mod python;

#[path = "gateway/support.rs"]
#[expect(dead_code, reason = "the other tests of the gateway use the rest")]
mod support;

use std::path::Path;
use std::process::Command;

use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn official_sdks_work_through_the_gateway_and_see_its_refusals() {
    let world = support::World::sandbox().await;
    let (_, key) = world.key(json!({ "budget": { "total": "1" } })).await;
    let (_, poor) = world.key(json!({ "budget": { "total": "0" } })).await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/with_sdks.py");
    let mut command = Command::new(python::python(
        "sdk-venv",
        "../../tests/sdk/requirements.txt",
    ));
    command
        .arg(script)
        .env("GATEWAY_URL", &world.url)
        .env("KEY", key)
        .env("POOR_KEY", poor);
    command
        .env("PYTHONIOENCODING", "utf-8")
        .env("NO_PROXY", "127.0.0.1");
    let run = move || python::run(&mut command, "tests/with_sdks.py failed");
    tokio::task::spawn_blocking(run).await.unwrap();
    let calls = world.calls().await;
    assert!(
        calls.iter().all(|call| call["outcome"] != "cancelled"),
        "{calls:#?}"
    );
}
