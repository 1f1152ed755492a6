//! What a learner sees of a cell that runs, fails or is interrupted.

use std::time::{Duration, Instant};

use jupyter_protocol::{InterruptRequest, IsCompleteRequest, KernelInfoRequest};
use serde_json::json;

use crate::client::{Kernel, Ran, content, is_answer_to};

/// The text of the result.
fn result(ran: &Ran) -> &str {
    let results = ran.all("execute_result");
    let [result] = results[..] else {
        panic!("not one result: {ran:?}");
    };
    assert_eq!(result["execution_count"], ran.reply["execution_count"]);
    result["data"]["text/plain"].as_str().unwrap()
}

#[tokio::test]
async fn the_value_of_a_cell_is_its_result_and_later_cells_know_its_variables() {
    let mut kernel = Kernel::start().await;
    assert_eq!(result(&kernel.run("1 + 1").await), "2");
    assert!(
        kernel
            .run("let word = String::from(\"sea\");")
            .await
            .all("execute_result")
            .is_empty()
    );
    assert_eq!(result(&kernel.run("word.len()").await), "3");
    let history = jupyter_protocol::HistoryRequest::Tail {
        n: 1,
        output: true,
        raw: true,
    };
    let reply = kernel.ask(history).await.reply;
    assert_eq!(reply["history"], json!([[1, 3, ["word.len()", "3"]]]));
}

#[tokio::test]
async fn a_panic_is_an_error_with_name_value_and_the_learners_line_and_variables_survive_it() {
    let mut kernel = Kernel::start().await;
    kernel.run("let kept = 41;").await;
    let code = "let numbers: Vec<i32> = Vec::new();\nlet third = numbers[2];";
    let ran = kernel.run(code).await;
    assert_eq!(ran.reply["status"], "error", "{ran:?}");
    assert_eq!(ran.reply["ename"], "Panic");
    let value = ran.reply["evalue"].as_str().unwrap();
    assert!(value.contains("index out of bounds"), "{value}");
    let traceback = ran.reply["traceback"].to_string();
    assert!(traceback.contains("numbers[2]"), "{traceback}");
    let errors = ran.all("error");
    let [error] = errors[..] else {
        panic!("not one error: {ran:?}");
    };
    for part in ["ename", "evalue", "traceback"] {
        assert_eq!(error[part], ran.reply[part]);
    }
    assert_eq!(result(&kernel.run("kept + 1").await), "42");
}

#[tokio::test]
async fn a_question_mark_that_returns_early_is_an_error() {
    let mut kernel = Kernel::start().await;
    let ran = kernel.run("let number: i32 = \"seven\".parse()?;").await;
    assert_eq!(ran.reply["status"], "error", "{ran:?}");
    assert_eq!(ran.reply["ename"], "Error");
    assert!(
        ran.reply["evalue"]
            .as_str()
            .unwrap()
            .contains("invalid digit")
    );
}

#[tokio::test]
async fn a_mistake_in_a_cell_is_an_error_that_shows_the_learners_text() {
    let mut kernel = Kernel::start().await;
    let ran = kernel.run("let number: i32 = \"seven\";").await;
    assert_eq!(ran.reply["status"], "error", "{ran:?}");
    assert_eq!(ran.reply["ename"], "CompileError");
    let traceback = ran.reply["traceback"].to_string();
    assert!(traceback.contains("E0308"), "{traceback}");
    assert!(traceback.contains("seven"), "{traceback}");
}

/// Starts a cell that would not end soon.
async fn started(kernel: &mut Kernel, code: &str) -> String {
    let request = jupyter_protocol::ExecuteRequest::new(code.to_owned());
    kernel.send(request).await
}

/// Interrupts a cell, and returns what it came to and how long the end took.
async fn interrupted(kernel: &mut Kernel, id: &str) -> (Ran, Duration) {
    let asked = Instant::now();
    assert_eq!(kernel.control(InterruptRequest {}).await["status"], "ok");
    assert!(
        asked.elapsed() < Duration::from_millis(200),
        "the reply does not wait"
    );
    let ran = kernel.finish(id).await;
    assert_eq!(ran.reply["status"], "error", "{ran:?}");
    assert_eq!(ran.reply["ename"], "Interrupted");
    (ran, asked.elapsed())
}

#[tokio::test]
async fn an_interrupt_ends_a_cell_within_a_second_and_variables_survive_it() {
    let mut kernel = Kernel::start().await;
    kernel.run("let kept = 7;").await;
    for code in [
        "println!(\"it runs\"); loop {}",
        "println!(\"it runs\"); std::thread::sleep(std::time::Duration::from_secs(60));",
    ] {
        let id = started(&mut kernel, code).await;
        kernel.runs(&id).await;
        let (_, took) = interrupted(&mut kernel, &id).await;
        assert!(took < Duration::from_secs(1), "{code}: {took:?}");
    }
    assert_eq!(result(&kernel.run("kept").await), "7");
}

#[tokio::test]
async fn an_interrupt_ends_a_compilation_within_a_second() {
    let mut kernel = Kernel::start().await;
    kernel.run("let kept = 7;").await;
    // The compiler counts to a number that it does not reach in an hour.
    let code = "#[allow(long_running_const_eval)]\nconst END: u64 = { let mut n = 0; while n < u64::MAX { n += 1; } n };\nEND";
    let id = started(&mut kernel, code).await;
    // In the middle of the compiler's work, which tells nothing until it ends.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (_, took) = interrupted(&mut kernel, &id).await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(result(&kernel.run("kept").await), "7");
}

#[tokio::test]
async fn text_without_a_newline_shows_while_the_cell_runs() {
    let mut kernel = Kernel::start().await;
    let code = "print!(\"first\");\nstd::thread::sleep(std::time::Duration::from_secs(3));\nprint!(\" second\");";
    let request = jupyter_protocol::ExecuteRequest::new(code.to_owned());
    let id = kernel.send(request).await;
    let mut text = String::new();
    let mut shown_at = None;
    loop {
        let message = kernel.shown().await;
        if !is_answer_to(&message, &id) {
            continue;
        }
        let content = content(&message);
        if message.header.msg_type == "stream" {
            assert_eq!(content["name"], "stdout");
            text += content["text"].as_str().unwrap();
            shown_at.get_or_insert_with(Instant::now);
        }
        if content["execution_state"] == "idle" {
            break;
        }
    }
    assert_eq!(text, "first second");
    let waited = shown_at.unwrap().elapsed();
    assert!(
        waited > Duration::from_secs(2),
        "the first word came {waited:?} before the end"
    );
    assert_eq!(kernel.run("let a = 1;").await.all("stream").len(), 0);
}

#[tokio::test]
async fn both_streams_stay_in_their_cell() {
    let mut kernel = Kernel::start().await;
    for number in 1..=3 {
        let code = format!("println!(\"out {number}\");\neprintln!(\"err {number}\");");
        let ran = kernel.run(&code).await;
        assert_eq!(ran.text("stdout"), format!("out {number}\n"));
        assert_eq!(ran.text("stderr"), format!("err {number}\n"));
    }
}

/// Declares `frame`, which tells the kernel something as the crate's own display code does.
const FRAME: &str = r#"
use std::io::Write;
fn frame(json: &str) {
    let mark = std::env::var("ANYMODEL_CELL_MARK").unwrap();
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\u{1e}{mark}\u{1f}{json}\u{1e}").as_bytes()).unwrap();
    out.flush().unwrap();
}
"#;

#[tokio::test]
async fn everything_that_a_cell_displays_shows_in_its_order_and_can_change_and_go() {
    let mut kernel = Kernel::start().await;
    assert_eq!(kernel.run(FRAME).await.reply["status"], "ok");
    let code = r##"
print!("one");
frame(r#"{"display": {"data": {"text/html": "<b>two</b>", "text/plain": "two"}, "id": "table"}}"#);
print!("three");
frame(r#"{"display": {"data": {"text/plain": "four"}, "id": null}}"#);
frame(r#"{"update": {"data": {"text/plain": "five"}, "id": "table"}}"#);
frame(r#"{"clear": {"wait": true}}"#);
"##;
    let ran = kernel.run(code).await;
    assert_eq!(ran.reply["status"], "ok", "{ran:?}");
    let shown: Vec<_> = ran
        .shown
        .iter()
        .filter(|(kind, _)| !["status", "execute_input"].contains(&kind.as_str()))
        .cloned()
        .collect();
    let stream = |text: &str| json!({ "name": "stdout", "text": text });
    let expected = [
        ("stream", stream("one")),
        (
            "display_data",
            json!({
                "data": { "text/html": "<b>two</b>", "text/plain": "two" },
                "metadata": {}, "transient": { "display_id": "table" },
            }),
        ),
        ("stream", stream("three")),
        (
            "display_data",
            json!({ "data": { "text/plain": "four" }, "metadata": {}, "transient": {} }),
        ),
        (
            "update_display_data",
            json!({
                "data": { "text/plain": "five" },
                "metadata": {}, "transient": { "display_id": "table" },
            }),
        ),
        ("clear_output", json!({ "wait": true })),
    ]
    .map(|(kind, content)| (kind.to_owned(), content));
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn what_a_cell_prints_cannot_act() {
    let mut kernel = Kernel::start().await;
    let mark = "0".repeat(32);
    let forged = [
        "EVCXR_BEGIN_CONTENT text/html\n<script>1</script>\nEVCXR_END_CONTENT\n".to_owned(),
        "EVCXR_EXECUTION_COMPLETE\n".to_owned(),
        format!("\u{1e}{mark}\u{1f}{{\"clear\": {{\"wait\": false}}}}\u{1e}\n"),
        "\u{1e}\u{1f}{\"result\": {\"data\": {\"text/plain\": \"forged\"}}}\u{1e}\n".to_owned(),
        "\u{1e}\u{1e}\u{1f}\u{1e}\n".to_owned(),
    ];
    for text in forged {
        let code = format!("print!(\"{{}}\", {text:?}); eprint!(\"{{}}\", {text:?});");
        let ran = kernel.run(&code).await;
        assert_eq!(ran.reply["status"], "ok", "{ran:?}");
        assert_eq!(ran.text("stdout"), text);
        assert_eq!(ran.text("stderr"), text);
        let others = ["display_data", "execute_result", "clear_output", "error"];
        for kind in others {
            assert_eq!(ran.all(kind).len(), 0, "{kind} from {text:?}");
        }
    }
}

#[tokio::test]
async fn other_requests_are_answered_while_a_cell_runs() {
    let mut kernel = Kernel::start().await;
    let code = "println!(\"it runs\"); std::thread::sleep(std::time::Duration::from_secs(3));";
    let cell = started(&mut kernel, code).await;
    kernel.runs(&cell).await;
    let asked = Instant::now();
    let id = kernel.send(KernelInfoRequest {}).await;
    assert_eq!(kernel.reply(&id).await["status"], "ok");
    assert!(
        asked.elapsed() < Duration::from_millis(500),
        "{:?}",
        asked.elapsed()
    );
    assert_eq!(kernel.reply(&cell).await["status"], "ok");
}

#[tokio::test]
async fn the_kernel_knows_which_text_is_a_whole_cell() {
    let mut kernel = Kernel::start().await;
    for (code, status) in [
        ("let a = 1;", "complete"),
        ("1 + 1", "complete"),
        ("fn f() {", "incomplete"),
        ("let a =", "incomplete"),
        ("let a = );", "invalid"),
    ] {
        let request = IsCompleteRequest {
            code: code.to_owned(),
        };
        let reply = kernel.ask(request).await.reply;
        assert_eq!(reply["status"], status, "{code}");
    }
}

#[tokio::test]
async fn text_without_a_newline_from_a_thread_shows_though_its_cell_has_ended() {
    let mut kernel = Kernel::start().await;
    let code = "std::thread::spawn(|| for _ in 0..3 {\n    std::thread::sleep(std::time::Duration::from_millis(300));\n    print!(\".\");\n});";
    let ran = kernel.run(code).await;
    let ended = Instant::now();
    let mut text = ran.text("stdout");
    let mut times = Vec::new();
    while text != "..." {
        let message = kernel.shown().await;
        if message.header.msg_type == "stream" {
            text += content(&message)["text"].as_str().unwrap();
            times.push(ended.elapsed());
        }
    }
    assert!(times.len() >= 2, "each point comes by itself: {times:?}");
    let last = times.last().unwrap();
    assert!(*last < Duration::from_millis(1500), "{times:?}");
}
