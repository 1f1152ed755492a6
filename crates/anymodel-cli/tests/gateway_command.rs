//! `anymodel gateway` as a teacher and a service manager run it.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// A folder that is removed at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        let path =
            std::env::temp_dir().join(format!("anymodel-gateway-command-{:x}", fastrand::u64(..)));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anymodel"));
    command
        .arg("gateway")
        .args(arguments)
        .current_dir(folder)
        .env_clear();
    command
        .env("HOME", folder)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts a gateway, and waits until it accepts. Returns its address, too.
fn start(folder: &Path) -> (Child, String) {
    let mut child = command(folder, &["--listen", "127.0.0.1:0"])
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    (child, line.trim().to_owned())
}

#[cfg(unix)]
fn terminate(mut child: Child) -> String {
    let id = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    said
}

#[cfg(unix)]
#[tokio::test]
async fn one_command_serves_any_client_and_its_keys_outlive_it() {
    let folder = Folder::new();
    let (child, url) = start(&folder.0);
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    let said = terminate(child);
    let token = said
        .split("admin token: ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap()
        .to_owned();
    assert!(said.contains("simulated"), "{said}");

    // Started anew, it knows the token, and does not print it again.
    let (child, url) = start(&folder.0);
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::new();
    let made = http
        .post(format!("{url}/api/keys"))
        .bearer_auth(&token)
        .json(&json!({ "name": "Ann" }));
    let made: Value = made.send().await.unwrap().json().await.unwrap();
    let body = json!({ "model": "openai/gpt-4o-mini", "messages": [{ "role": "user", "content": "What is recursion?" }] });
    let asked = http
        .post(format!("{url}/v1/chat/completions"))
        .bearer_auth(made["key"].as_str().unwrap())
        .json(&body);
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["x-anymodel-simulated"], "true");
    let said = terminate(child);
    assert!(!said.contains("adm-"), "{said}");
    let database = std::fs::metadata(folder.0.join("anymodel.db")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::mode(&database.permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn invented_answers_are_not_served_to_the_network_by_mistake() {
    let folder = Folder::new();
    let output = command(&folder.0, &["--listen", "0.0.0.0:0"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("--sandbox"), "{said}");
}

#[test]
fn a_database_of_another_kind_and_a_short_token_are_refused_with_the_cure() {
    let folder = Folder::new();
    let output = command(&folder.0, &["--database", "mysql://localhost/x"])
        .output()
        .unwrap();
    assert!(
        !output.status.success()
            && String::from_utf8(output.stderr)
                .unwrap()
                .contains("sqlite:FILE")
    );
    let mut short = command(&folder.0, &["--listen", "127.0.0.1:0"]);
    let output = short.env("ANYMODEL_ADMIN_TOKEN", "1234").output().unwrap();
    assert!(
        !output.status.success()
            && String::from_utf8(output.stderr)
                .unwrap()
                .contains("ANYMODEL_ADMIN_TOKEN")
    );
}
