//! What people reported of LLM clients in the field, played against the program: what is typed, and what is printed.

#[path = "../../anymodel-client/tests/client/field/samples.rs"]
mod samples;
#[path = "../../../tests/support/mod.rs"]
mod support;

use std::path::Path;
use std::process::{Command, Output};

use samples::{FOREIGN, JPEG, PNG, WEBP, chunk, folder};
use support::{Server, answer, events, json as whole};

const KEY: &str = "sk-or-v1-secret0123456789";

/// Runs the program in this folder, and without any of the machine's settings.
fn program(folder: &Path, words: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anymodel"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.ends_with("_API_KEY")
            || name.ends_with("_BASE_URL")
            || name.to_lowercase().ends_with("_proxy")
        {
            command.env_remove(&name);
        }
    }
    command
        .args(words)
        .envs(variables.iter().copied())
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn a_foreign_dot_env_in_a_folder_above_stops_no_command() {
    let above = folder("above", format!("{}\n", FOREIGN.join("\n")).as_bytes());
    let below = above.join("one/two");
    std::fs::create_dir_all(&below).unwrap();
    for words in [
        &["ask", "--platform", "sandbox", "-m", "sandbox/echo", "Hi"][..],
        &["config", "show"],
        &["models", "--free"],
    ] {
        let output = program(&below, words, &[]);
        assert!(
            output.status.success(),
            "{words:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn a_folder_named_dot_env_is_one_of_pythons_and_in_nobodys_way() {
    let above = Path::new(env!("CARGO_TARGET_TMPDIR")).join("field-python");
    let below = above.join("one");
    std::fs::create_dir_all(above.join(".env/bin")).unwrap();
    std::fs::create_dir_all(&below).unwrap();
    for folder in [&above, &below] {
        let output = program(
            folder,
            &["ask", "--platform", "sandbox", "-m", "sandbox/echo", "Hi"],
            &[],
        );
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn a_question_that_is_typed_with_a_platform_stays_there() {
    let (server, elsewhere) = (
        Server::play([whole(200, &answer("Four."))]),
        Server::play([]),
    );
    let folder = folder("typed", b"");
    let words = [
        "ask",
        "--platform",
        "ollama",
        "--base-url",
        server.url(),
        "-m",
        "qwen:7b",
        "private",
    ];
    let output = program(
        &folder,
        &words,
        &[
            ("DASHSCOPE_API_KEY", KEY),
            ("DASHSCOPE_BASE_URL", elsewhere.url()),
        ],
    );
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(server.body(0)["model"], "qwen:7b");
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn this_machine_is_asked_without_a_proxy_by_any_of_its_names() {
    let server = Server::play((0..5).map(|_| whole(200, &answer("Four."))));
    let port = server.address().rsplit(':').next().unwrap();
    let folder = folder("proxy", b"");
    for host in [
        "127.0.0.1",
        "127.1.2.3",
        "localhost",
        "localhost.",
        "0.0.0.0",
    ] {
        let url = format!("http://{host}:{port}/v1");
        let proxy = [
            ("HTTP_PROXY", "http://127.0.0.1:9"),
            ("http_proxy", "http://127.0.0.1:9"),
            ("NO_PROXY", ""),
        ];
        // Where the server listens is one address; the others have to be tried there, and not at the proxy.
        let output = program(
            &folder,
            &["ask", "--base-url", &url, "-m", "m", "--retries", "0", "Hi"],
            &proxy,
        );
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let refused = told.contains("cannot reach") && !told.contains(":9");
        assert!(
            output.status.success() || (["127.1.2.3", "localhost."].contains(&host) && refused),
            "{host}: {told}"
        );
    }
}

#[test]
fn an_answer_with_windows_line_ends_is_printed_without_signs_in_it() {
    let server = Server::play([
        whole(200, &answer("a\r\nb\r\n")),
        events(&format!(
            "data: {}\n\ndata: {}\n\n",
            chunk("a\r", None),
            chunk("\nb\r\nc", Some("stop"))
        )),
    ]);
    let folder = folder("windows", b"");
    let words = ["ask", "--base-url", server.url(), "-m", "m", "Hi"];
    let output = program(&folder, &words, &[]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "a\nb\n\n");
    let words = [
        "ask",
        "--base-url",
        server.url(),
        "-m",
        "m",
        "--retries",
        "0",
        "--stream",
        "Hi",
    ];
    let output = program(&folder, &words, &[]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "a\nb\nc\n");
}

#[test]
fn a_picture_file_is_what_its_bytes_say() {
    let folder = folder("pictures", b"");
    for (name, bytes, expected) in [
        ("shot.png", JPEG, "data:image/jpeg;"),
        ("shot.jpg", PNG, "data:image/png;"),
        ("shot", WEBP, "data:image/webp;"),
        ("shot.PNG", b"?", "data:image/png;"),
    ] {
        std::fs::write(folder.join(name), bytes).unwrap();
        let server = Server::play([whole(200, &answer("A cat."))]);
        let words = [
            "ask",
            "--base-url",
            server.url(),
            "-m",
            "m",
            "--image",
            name,
            "What is it?",
        ];
        let output = program(&folder, &words, &[]);
        assert!(
            output.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(server.body(0).to_string().contains(expected), "{name}");
    }
    std::fs::write(folder.join("notes.txt"), "hello").unwrap();
    let output = program(
        &folder,
        &["ask", "--platform", "sandbox", "--image", "notes.txt", "Hi"],
        &[],
    );
    assert!(!output.status.success());
}
