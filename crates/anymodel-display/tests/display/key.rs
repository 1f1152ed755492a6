//! The question for a key: on the course's kernel it goes over a socket, elsewhere as before.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

use crate::frames::MARK;
use crate::stage::{Printed, course, program, run, stock};

const KEY: &str = "sk-or-v1-0123456789";

/// A kernel that takes one question, and answers as the test says.
fn kernel(answer: impl FnOnce(&str, TcpStream) + Send + 'static) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut question = String::new();
        BufReader::new(&stream).read_line(&mut question).unwrap();
        answer(&question, stream);
        question
    });
    (address, asked)
}

/// Asks a kernel that answers with this, and gives what the program printed and what the kernel was asked.
fn ask(answer: &'static str) -> (Printed, String) {
    let (address, asked) = kernel(move |_, mut stream| {
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let printed = run(&mut course("key", &address), "");
    (printed, asked.join().unwrap())
}

#[test]
fn a_typed_key_is_used_and_not_shown() {
    let (printed, asked) = ask("{\"value\":\" sk-or-v1-0123456789 \"}\n");
    assert!(
        printed.text().ends_with("platform: openrouter\n"),
        "{}",
        printed.text()
    );
    assert!(!printed.text().contains(KEY) && !printed.err.contains(KEY));
    let question = asked.strip_prefix(&format!("{MARK} input ")).unwrap();
    let question: serde_json::Value = serde_json::from_str(question).unwrap();
    assert_eq!(question["password"], true);
    let prompt = question["prompt"].as_str().unwrap();
    assert!(prompt.starts_with("API key for openrouter"), "{prompt}");
}

#[test]
fn without_a_key_the_sandbox_answers() {
    for answer in [
        "{\"value\":\"\"}\n",
        "{\"refused\":\"the front end takes no input\"}\n",
    ] {
        let (printed, _) = ask(answer);
        assert!(
            printed.text().ends_with("platform: sandbox\n"),
            "{}",
            printed.text()
        );
        assert!(
            printed.text().contains("no key is set"),
            "{}",
            printed.text()
        );
    }
}

#[test]
fn a_cell_with_the_mark_of_another_session_is_refused() {
    let (address, asked) = kernel(|question, mut stream| {
        let answer = match question.starts_with(MARK) {
            true => "{\"value\":\"sk-or-v1-0123456789\"}\n",
            false => "{\"refused\":\"this is another session\"}\n",
        };
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let mut command = course("key", &address);
    command.env("ANYMODEL_CELL_MARK", "fedcba9876543210fedcba9876543210");
    let printed = run(&mut command, "").text();
    assert!(printed.ends_with("platform: sandbox\n"), "{printed}");
    assert!(!asked.join().unwrap().contains(MARK));
}

#[test]
fn a_kernel_that_is_gone_is_an_error_that_says_what_to_do() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = free.local_addr().unwrap().to_string();
    drop(free);
    let (leaves, _) = kernel(|_, stream| drop(stream));
    let (cut, _) = kernel(|_, mut stream| stream.write_all(b"{\"value\":\"sk-or").unwrap());
    let (babbles, _) = kernel(|_, mut stream| stream.write_all(b"sk-or-v1-0123456789\n").unwrap());
    for address in [nobody, leaves, cut, babbles, "no address".to_owned()] {
        let printed = run(&mut course("key", &address), "").text();
        assert!(
            printed.starts_with("key missing: the kernel of this notebook cannot be asked"),
            "{printed}"
        );
        assert!(printed.contains("hint: restart the kernel"), "{printed}");
        assert!(!printed.contains("sk-or"), "{printed}");
    }
}

#[test]
fn evcxr_is_asked_in_its_own_words() {
    // The act takes its script first and finds standard input at its end: nobody types.
    let printed = run(&mut stock("key"), "").text();
    let question = printed.lines().next().unwrap();
    assert!(
        question.starts_with("EVCXR_INPUT_REQUEST_PASSWORD:API key for openrouter"),
        "{printed}"
    );
    assert!(printed.ends_with("platform: sandbox\n"), "{printed}");
}

#[test]
fn a_program_without_a_terminal_asks_nobody() {
    let printed = run(&mut program("key"), "");
    assert_eq!(printed.text(), "platform: sandbox\n");
    assert!(printed.err.contains("no key is set"), "{}", printed.err);
}
