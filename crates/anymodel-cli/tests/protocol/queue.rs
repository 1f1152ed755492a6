//! Cells and their order.

use jupyter_protocol::ExecuteRequest;
use serde_json::{Value, json};

use crate::client::Kernel;

fn code(code: &str) -> ExecuteRequest {
    ExecuteRequest::new(code.to_owned())
}

#[tokio::test]
async fn cells_count_from_one_and_each_says_busy_input_idle() {
    let mut kernel = Kernel::start().await;
    for count in 1..=3 {
        let text = format!("let a = {count};");
        let ran = kernel.run(&text).await;
        assert_eq!(ran.reply["status"], "ok", "{ran:?}");
        assert_eq!(ran.reply["execution_count"], count);
        assert_eq!(ran.reply["user_expressions"], json!({}));
        let expected = [
            ("status".to_owned(), json!({ "execution_state": "busy" })),
            (
                "execute_input".to_owned(),
                json!({ "code": text, "execution_count": count }),
            ),
            ("status".to_owned(), json!({ "execution_state": "idle" })),
        ];
        assert_eq!(ran.shown, expected);
    }
}

#[tokio::test]
async fn a_silent_cell_shows_nothing_and_neither_it_nor_an_unstored_one_counts() {
    let mut kernel = Kernel::start().await;
    let mut silent = code("1 + 1");
    silent.silent = true;
    let ran = kernel.ask(silent).await;
    assert_eq!(ran.reply["status"], "ok", "{ran:?}");
    assert_eq!(ran.shown.len(), 2, "busy and idle: {ran:?}");
    let mut unstored = code("let a = 1;");
    unstored.store_history = false;
    let ran = kernel.ask(unstored).await;
    assert_eq!(ran.all("execute_input").len(), 1);
    assert_eq!(kernel.run("let a = 1;").await.reply["execution_count"], 1);
}

#[tokio::test]
async fn cells_that_share_a_number_are_still_different_cells() {
    let mut kernel = Kernel::start().await;
    for text in ["one", "two", "three"] {
        let mut unstored = code(&format!("print!(\"{text}\");"));
        unstored.store_history = text == "three";
        let ran = kernel.ask(unstored).await;
        assert_eq!(ran.reply["execution_count"], 1);
        let shown = ran.all("stream");
        assert_eq!(shown, [&json!({ "name": "stdout", "text": text })]);
    }
}

#[tokio::test]
async fn cells_that_are_sent_at_once_run_in_their_order() {
    let mut kernel = Kernel::start().await;
    let mut ids = Vec::new();
    for number in 0..20 {
        ids.push(kernel.send(code(&format!("let a = {number};"))).await);
    }
    for (position, id) in ids.iter().enumerate() {
        let count: Value = kernel.reply(id).await["execution_count"].clone();
        assert_eq!(count, position + 1);
    }
}

#[tokio::test]
async fn a_failing_cell_aborts_those_that_wait_and_only_those() {
    let mut kernel = Kernel::start().await;
    let mut ids = Vec::new();
    for text in [
        "let kept = 1;",
        "panic!(\"enough\");",
        "let a = 1;",
        "let b = 1;",
    ] {
        ids.push(kernel.send(code(text)).await);
    }
    let mut states = Vec::new();
    for id in &ids {
        states.push(kernel.reply(id).await["status"].clone());
    }
    assert_eq!(states, ["ok", "error", "aborted", "aborted"]);
    // Whoever has seen the failure may go on, and the aborted ones did not count.
    let ran = kernel.run("kept + 1").await;
    assert_eq!(ran.reply["status"], "ok", "{ran:?}");
    assert_eq!(ran.reply["execution_count"], 3);
}

#[tokio::test]
async fn a_failing_cell_that_may_fail_aborts_nothing() {
    let mut kernel = Kernel::start().await;
    let mut failing = code("panic!(\"never mind\");");
    failing.stop_on_error = false;
    let first = kernel.send(failing).await;
    let second = kernel.send(code("let a = 1;")).await;
    assert_eq!(kernel.reply(&first).await["status"], "error");
    assert_eq!(kernel.reply(&second).await["status"], "ok");
}
