//! Questions of a cell to the person.

use std::time::{Duration, Instant};

use jupyter_protocol::{
    ExecuteRequest, InputReply, InterruptRequest, JupyterMessage, JupyterMessageContent,
};
use tokio::time::timeout;

use crate::client::{Kernel, PATIENCE};

/// Declares `ask`, which asks the person as the crate's own prompt does.
const ASK: &str = r#"
use std::io::{BufRead, BufReader, Write};
fn ask(prompt: &str) -> String {
    let variable = |name| std::env::var(name).unwrap();
    let mut stream = std::net::TcpStream::connect(variable("ANYMODEL_CELL_ADDRESS")).unwrap();
    let mark = variable("ANYMODEL_CELL_MARK");
    writeln!(stream, "{mark} input {{\"prompt\": \"{prompt}\", \"password\": true}}").unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    line
}
"#;

/// A cell that prints what the kernel answers, and may ask or not.
fn asking(may_ask: bool) -> ExecuteRequest {
    let mut request = ExecuteRequest::new("print!(\"{}\", ask(\"Key:\"));".to_owned());
    request.allow_stdin = may_ask;
    request
}

async fn question(kernel: &mut Kernel) -> JupyterMessage {
    let message = timeout(PATIENCE, kernel.stdin.read())
        .await
        .unwrap()
        .unwrap();
    let JupyterMessageContent::InputRequest(request) = &message.content else {
        panic!("not a question: {message:?}");
    };
    assert_eq!(request.prompt, "Key:");
    assert!(request.password);
    message
}

fn answer(value: &str, question: Option<&JupyterMessage>) -> JupyterMessage {
    let reply = InputReply {
        value: value.to_owned(),
        ..InputReply::default()
    };
    JupyterMessage::new(reply, question)
}

#[tokio::test]
async fn a_hidden_prompt_is_asked_and_its_answer_reaches_the_cell() {
    let mut kernel = Kernel::start().await;
    assert_eq!(kernel.run(ASK).await.reply["status"], "ok");
    // Some clients say which question they answer, and some do not.
    for says in [true, false] {
        let id = kernel.send(asking(true)).await;
        let question = question(&mut kernel).await;
        let reply = answer("se\"cret é", says.then_some(&question));
        kernel.stdin.send(reply).await.unwrap();
        let ran = kernel.finish(&id).await;
        assert_eq!(
            ran.text("stdout"),
            "{\"value\":\"se\\\"cret é\"}\n",
            "{ran:?}"
        );
    }
}

#[tokio::test]
async fn a_question_is_refused_when_the_client_takes_none() {
    let mut kernel = Kernel::start().await;
    kernel.run(ASK).await;
    let ran = kernel.ask(asking(false)).await;
    assert!(ran.text("stdout").contains("refused"), "{ran:?}");
    let nothing = timeout(Duration::from_millis(200), kernel.stdin.read()).await;
    assert!(nothing.is_err(), "nobody is asked");
}

#[tokio::test]
async fn an_interrupt_ends_the_waiting_for_an_answer_and_a_late_answer_is_not_the_next_one() {
    let mut kernel = Kernel::start().await;
    kernel.run(ASK).await;
    let id = kernel.send(asking(true)).await;
    let first = question(&mut kernel).await;
    let asked = Instant::now();
    kernel.control(InterruptRequest {}).await;
    kernel.finish(&id).await;
    assert!(
        asked.elapsed() < Duration::from_secs(1),
        "{:?}",
        asked.elapsed()
    );

    let id = kernel.send(asking(true)).await;
    let second = question(&mut kernel).await;
    for (value, question) in [("late", &first), ("in time", &second)] {
        let reply = answer(value, Some(question));
        kernel.stdin.send(reply).await.unwrap();
    }
    let ran = kernel.finish(&id).await;
    assert_eq!(ran.text("stdout"), "{\"value\":\"in time\"}\n", "{ran:?}");
}
