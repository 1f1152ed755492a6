//! Runs an act in a process of its own: this test program once more, which performs one act and ends.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use crate::acts::ACTS;
use crate::frames::MARK;
use crate::keyless::keyless;

/// Names the act that the process performs.
const ACT: &str = "ANYMODEL_TEST_ACT";
/// What the test harness prints goes before this line.
const CURTAIN: &str = "=== the act begins ===\n";

/// In the other process: performs the act that is named.
pub fn perform() {
    let name = std::env::var(ACT).expect("this is run by other tests, which name an act");
    let (_, act) = ACTS.iter().find(|(known, _)| *known == name).unwrap();
    let mut script = String::new();
    std::io::stdin().read_to_string(&mut script).unwrap();
    print!("{CURTAIN}");
    act(&script);
    // Nothing of the harness after the act.
    std::process::exit(0);
}

/// This program, about to perform an act where nothing says that it is a notebook.
pub fn program(act: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["act", "--exact", "--ignored", "--nocapture"])
        .env(ACT, act);
    for name in [
        "ANYMODEL_CELL_MARK",
        "ANYMODEL_CELL_ADDRESS",
        "EVCXR_IS_RUNTIME",
        "LINES",
        "COLUMNS",
        "TERM",
    ] {
        command.env_remove(name);
    }
    keyless(&mut command);
    command
}

/// The same on the course's kernel, which takes questions at `address`.
pub fn course(act: &str, address: &str) -> Command {
    let mut command = program(act);
    command
        .env("ANYMODEL_CELL_MARK", MARK)
        .env("ANYMODEL_CELL_ADDRESS", address);
    command
}

/// The same on evcxr's own kernel.
pub fn stock(act: &str) -> Command {
    let mut command = program(act);
    command.env("EVCXR_IS_RUNTIME", "1");
    command
}

/// What a process printed, standard error apart.
pub struct Printed {
    pub out: Vec<u8>,
    pub err: String,
}

impl Printed {
    pub fn text(&self) -> String {
        String::from_utf8(self.out.clone()).unwrap()
    }
}

/// Runs a process to its end, with a script on its standard input, and gives what came after the curtain.
pub fn run(command: &mut Command, script: &str) -> Printed {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(script.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "the act failed:\n{err}");
    Printed {
        out: after_curtain(&output.stdout),
        err,
    }
}

pub fn after_curtain(printed: &[u8]) -> Vec<u8> {
    let curtain = CURTAIN.trim_end().as_bytes();
    let at = printed
        .windows(curtain.len())
        .position(|part| part == curtain);
    let act = &printed[at.expect("the act began") + curtain.len()..];
    let line_end = act.iter().position(|byte| *byte == b'\n').unwrap();
    act[line_end + 1..].to_vec()
}
