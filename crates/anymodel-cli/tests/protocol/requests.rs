//! Requests that need no engine.

use std::time::{Duration, Instant};

use jupyter_protocol::{
    CommId, CommInfoRequest, CommMsg, CommOpen, CompleteRequest, DebugRequest, ExecuteRequest,
    HistoryRequest, InspectRequest, InterruptRequest, KernelInfoRequest, UnknownMessage,
};
use serde_json::{Value, json};

use crate::client::{Kernel, PATIENCE};

#[tokio::test]
async fn kernel_info_comes_within_a_second_of_the_start_and_says_what_this_is() {
    let started = Instant::now();
    let mut kernel = Kernel::bare().await;
    let info = kernel.ask(KernelInfoRequest {}).await;
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(info.reply["status"], "ok");
    assert_eq!(info.reply["implementation"], "anymodel");
    assert_eq!(info.reply["protocol_version"], "5.4");
    let language = &info.reply["language_info"];
    assert_eq!(language["name"], "rust");
    assert_eq!(language["mimetype"], "text/rust");
    assert_eq!(language["file_extension"], ".rs");
    assert_eq!(language["pygments_lexer"], "rust");
    let states = info.all("status");
    assert_eq!(
        states,
        [
            &json!({ "execution_state": "busy" }),
            &json!({ "execution_state": "idle" })
        ]
    );
    let on_control = kernel.control(KernelInfoRequest {}).await;
    assert_eq!(on_control, info.reply);
}

#[tokio::test]
async fn history_tells_this_session_by_range_by_tail_and_by_pattern() {
    let mut kernel = Kernel::start().await;
    for code in ["let a = 1;", "let b = 2;", "let a = 1;"] {
        kernel.run(code).await;
    }
    let mut hidden = ExecuteRequest::new("let hidden = 0;".to_owned());
    hidden.store_history = false;
    kernel.ask(hidden).await;

    let range = |start, stop, output| HistoryRequest::Range {
        session: Some(0),
        start,
        stop,
        output,
        raw: true,
    };
    let search = |pattern: &str, unique, n| HistoryRequest::Search {
        pattern: pattern.to_owned(),
        unique,
        output: false,
        raw: true,
        n,
    };
    let tail = HistoryRequest::Tail {
        n: 2,
        output: false,
        raw: true,
    };
    let (one, two, three) = (
        json!([1, 1, "let a = 1;"]),
        json!([1, 2, "let b = 2;"]),
        json!([1, 3, "let a = 1;"]),
    );
    let expected = [
        (range(1, 3, false), json!([one, two])),
        (range(0, 0, false), json!([one, two, three])),
        (range(2, 3, true), json!([[1, 2, ["let b = 2;", ""]]])),
        (tail, json!([two, three])),
        (search("*a = ?;", false, 10), json!([one, three])),
        (search("*a = ?;", true, 10), json!([three])),
        (search("*", false, 1), json!([three])),
        (search("let", false, 10), json!([])),
    ];
    for (request, entries) in expected {
        let words = format!("{request:?}");
        let answer = kernel.ask(request).await;
        assert_eq!(answer.reply["history"], entries, "{words}");
    }
    let earlier = HistoryRequest::Range {
        session: Some(-1),
        start: 0,
        stop: 10,
        output: false,
        raw: true,
    };
    assert_eq!(kernel.ask(earlier).await.reply["history"], json!([]));
}

#[tokio::test]
async fn a_request_that_leaves_optional_fields_out_is_answered_all_the_same() {
    let mut kernel = Kernel::start().await;
    kernel.run("let a = 1;").await;
    let mut ask = async |msg_type: &str, content: Value| {
        let request = UnknownMessage {
            msg_type: msg_type.to_owned(),
            content,
        };
        kernel.ask(request).await.reply
    };
    // What Python's `client.history()` sends.
    let range = json!({ "hist_access_type": "range", "raw": true, "output": false, "session": 0, "start": 0 });
    let history = ask("history_request", range).await;
    assert_eq!(history["history"], json!([[1, 1, "let a = 1;"]]));
    let run = ask("execute_request", json!({ "code": "let b = 1;" })).await;
    assert_eq!(run["execution_count"], 2);
    let complete = ask("complete_request", json!({ "code": "größe" })).await;
    assert_eq!(complete["cursor_start"], 5);
}

#[tokio::test]
async fn there_are_no_comms_and_one_that_is_opened_is_closed() {
    let mut kernel = Kernel::bare().await;
    let info = kernel.ask(CommInfoRequest { target_name: None }).await;
    assert_eq!(info.reply, json!({ "status": "ok", "comms": {} }));

    let comm_id = CommId("a comm".to_owned());
    let message = CommMsg {
        comm_id: comm_id.clone(),
        ..CommMsg::default()
    };
    kernel.send(message).await;
    let open = CommOpen {
        comm_id,
        target_name: "jupyter.widget".to_owned(),
        ..CommOpen::default()
    };
    kernel.send(open).await;
    let closed = async {
        loop {
            let message = kernel.shown().await;
            if message.header.msg_type == "comm_close" {
                return crate::client::content(&message);
            }
        }
    };
    let closed = tokio::time::timeout(PATIENCE, closed).await.unwrap();
    assert_eq!(closed["comm_id"], "a comm");
}

#[tokio::test]
async fn the_heartbeat_gives_back_what_it_gets() {
    use zeromq::{SocketRecv, SocketSend};
    let kernel = Kernel::bare().await;
    let info = &kernel.process.info;
    let mut heart = jupyter_zmq_client::create_client_heartbeat_connection(info)
        .await
        .unwrap();
    for beat in [b"one".to_vec(), b"two".to_vec()] {
        heart.socket.send(beat.clone().into()).await.unwrap();
        let echo = tokio::time::timeout(PATIENCE, heart.socket.recv()).await;
        assert_eq!(echo.unwrap().unwrap().into_vec(), [beat]);
    }
}

#[tokio::test]
async fn an_interrupt_of_an_idle_kernel_is_answered_and_changes_nothing() {
    let mut kernel = Kernel::start().await;
    let reply = kernel.control(InterruptRequest {}).await;
    assert_eq!(reply["status"], "ok");
    assert_eq!(kernel.run("let a = 1;").await.reply["execution_count"], 1);
}

#[tokio::test]
async fn a_debugger_is_refused_in_its_own_language() {
    let mut kernel = Kernel::bare().await;
    let content = json!({ "type": "request", "seq": 7, "command": "initialize", "arguments": {} });
    let reply = kernel.control(DebugRequest { content }).await;
    assert_eq!(reply["success"], false);
    assert_eq!(reply["request_seq"], 7);
    assert_eq!(reply["command"], "initialize");
}

#[tokio::test]
async fn completion_and_help_keep_the_cursor_where_nothing_is_known() {
    let mut kernel = Kernel::start().await;
    let complete = CompleteRequest {
        code: "let größe = 你".to_owned(),
        cursor_pos: 13,
    };
    let reply = kernel.ask(complete).await.reply;
    assert_eq!(reply["status"], "ok");
    assert_eq!(reply["cursor_end"], 13);
    let inspect = InspectRequest {
        code: String::new(),
        cursor_pos: 100,
        detail_level: Some(1),
    };
    let reply = kernel.ask(inspect).await.reply;
    assert_eq!(reply["status"], "ok");
    assert_eq!(reply["found"], false);
}

#[tokio::test]
async fn the_ports_are_told_to_clients_of_the_old_kind() {
    let mut kernel = Kernel::bare().await;
    let request = UnknownMessage {
        msg_type: "connect_request".to_owned(),
        content: json!({}),
    };
    let reply = kernel.ask(request).await.reply;
    assert_eq!(reply["shell_port"], kernel.process.info.shell_port);
    assert_eq!(reply["hb_port"], kernel.process.info.hb_port);
}
