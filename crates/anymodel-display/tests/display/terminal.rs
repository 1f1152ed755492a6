//! In a program: a file or a pipe gets the last state, a terminal sees it change.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use anymodel::Diagram;

use crate::stage::{after_curtain, program, run};

/// What a terminal gets while nobody types.
fn on_a_terminal(act: &mut Command) -> String {
    // The end of the script, as a person types it.
    typed_on_a_terminal(act, b"\x04")
}

/// What a terminal gets. Python's standard library has one.
fn typed_on_a_terminal(act: &mut Command, typed: &[u8]) -> String {
    let mut command = Command::new("python3");
    command
        .args([
            "-c",
            "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)",
        ])
        .arg(act.get_program())
        .args(act.get_args());
    command.env("TERM", "xterm");
    let named = act
        .get_envs()
        .filter(|(name, value)| *name != "TERM" || value.is_some());
    for (name, value) in named {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(typed).unwrap();
    let mut printed = Vec::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_end(&mut printed)
        .unwrap();
    assert!(
        child.wait().unwrap().success(),
        "{}",
        String::from_utf8_lossy(&printed)
    );
    String::from_utf8(after_curtain(&printed))
        .unwrap()
        .replace("\r\n", "\n")
}

/// What stands on the screen in the end. It knows the sequences that we send, and no others.
fn screen(sent: &str) -> String {
    let (mut lines, mut row, mut column) = (vec![Vec::new()], 0, 0);
    let mut rest = sent.chars();
    while let Some(c) = rest.next() {
        match c {
            '\n' => (row, column) = (row + 1, 0),
            '\r' => column = 0,
            '\u{1b}' => {
                assert_eq!(rest.next(), Some('['));
                let mut parameter = String::new();
                let kind = loop {
                    match rest.next().unwrap() {
                        letter if letter.is_alphabetic() => break letter,
                        digit => parameter.push(digit),
                    }
                };
                match (parameter.as_str(), kind) {
                    ("?7", 'l' | 'h') => {}
                    (rows, 'A') => row -= rows.parse::<usize>().unwrap(),
                    ("", 'J') => {
                        lines.truncate(row + 1);
                        lines[row].truncate(column);
                    }
                    other => panic!("{other:?} is no sequence of ours"),
                }
            }
            c => {
                match lines[row].get_mut(column) {
                    Some(there) => *there = c,
                    None => lines[row].push(c),
                }
                column += 1;
            }
        }
        lines.resize(lines.len().max(row + 1), Vec::new());
    }
    let lines: Vec<String> = lines.into_iter().map(String::from_iter).collect();
    lines.join("\n")
}

#[test]
fn a_file_gets_the_last_state_alone() {
    let gateway = Diagram::gateway(3, &["acme"]);
    let printed = run(&mut program("live"), "").text();
    assert_eq!(printed, format!("before\n{gateway}\nafter\n"));
    let printed = run(&mut program("compare"), "").text();
    let (live, then) = printed.split_once("then\n").unwrap();
    assert_eq!(live, then);
    let printed = run(&mut program("progress"), "");
    assert_eq!(
        printed.text(),
        "after\n",
        "a bar is not what the program has to say"
    );
    let bars: Vec<_> = printed.err.matches("Asking").collect();
    assert_eq!(bars.len(), 1, "{}", printed.err);
    assert!(
        printed
            .err
            .contains("Asking [██████████████████░░░░░░] 3 of 4\n"),
        "{}",
        printed.err
    );
}

#[test]
fn pieces_are_printed_as_they_come_and_cannot_drive_a_terminal() {
    let printed = run(&mut program("grow"), "one\n\u{1b}[2J two").text();
    assert_eq!(printed, "before\none\n␛[2J two\nafter\n");
    assert_eq!(
        run(&mut program("grow"), "one\n").text(),
        "before\none\nafter\n"
    );
}

#[test]
fn an_answer_that_begins_anew_says_that_what_was_printed_is_void() {
    let printed = run(&mut program("stream"), "Hello again").text();
    assert!(
        printed.starts_with("before\nThis answer has sixty words"),
        "{printed}"
    );
    assert!(
        printed.ends_with("\n✗ answer cut off: sandbox/echo begins anew\nHello again\nafter\n"),
        "{printed}"
    );
}

#[test]
fn a_terminal_writes_its_lines_again_and_keeps_the_last_state() {
    let sent = on_a_terminal(&mut program("live"));
    let gateway = Diagram::gateway(3, &["acme"]);
    assert_eq!(screen(&sent), format!("before\n{gateway}\nafter\n"));
    assert!(sent.contains("2 × 1 = 2 connections"), "{sent}");
    assert!(sent.contains("3 × 1 = 3 connections"), "{sent}");
}

#[test]
fn a_table_fills_on_a_terminal() {
    let sent = on_a_terminal(&mut program("compare"));
    assert!(sent.contains("waiting…"), "{sent}");
    let screen = screen(&sent);
    let (live, then) = screen.split_once("then\n").unwrap();
    assert_eq!(live, then);
}

#[test]
fn what_is_taller_than_the_terminal_is_cut_until_it_stands_still() {
    let sent = on_a_terminal(program("live").env("LINES", "4"));
    let gateway = Diagram::gateway(3, &["acme"]);
    assert_eq!(screen(&sent), format!("before\n{gateway}\nafter\n"));
    assert!(!sent.contains("[4A") && !sent.contains("[3A"), "{sent:?}");
}

#[test]
fn a_bar_is_one_line_without_colours() {
    let sent = on_a_terminal(program("progress").env("NO_COLOR", "1"));
    assert_eq!(
        screen(&sent),
        "Asking [██████████████████░░░░░░] 3 of 4\nNothing [████████████████████████] 0 of 0\nafter\n"
    );
}

#[test]
fn a_terminal_that_cannot_go_back_gets_the_last_state_alone() {
    let sent = on_a_terminal(program("live").env("TERM", "dumb"));
    let gateway = Diagram::gateway(3, &["acme"]);
    assert_eq!(sent, format!("before\n{gateway}\nafter\n"));
}

#[test]
fn a_person_at_a_terminal_types_the_key() {
    let sent = typed_on_a_terminal(&mut program("key"), b"\x04sk-or-v1-0123456789\n");
    assert!(sent.contains("API key for openrouter"), "{sent}");
    assert!(sent.contains("platform: openrouter"), "{sent}");
}
