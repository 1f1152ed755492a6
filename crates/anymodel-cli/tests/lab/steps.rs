//! What a person who waits sees of a long step: one moving line on a terminal, plain lines in a log.

use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::time::Duration;

use anymodel_kernel::progress::StepProgress;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// Set in the process that does the step.
const CHILD: &str = "ANYMODEL_TEST_STEP";
const NAME: &str = "compiling everything that lessons need, for the first time, and once alone";
const COLUMNS: u16 = 40;

/// The step itself, in a process of its own whose standard error is looked at. Elsewhere it does nothing.
#[tokio::test]
async fn a_step_that_another_test_looks_at() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let started = std::time::Instant::now();
    let percent = || Some((started.elapsed().as_millis() / 10).min(100) as u8);
    let work = async {
        tokio::time::sleep(Duration::from_millis(900)).await;
        Ok(())
    };
    StepProgress::default()
        .run(NAME, "a minute", percent, work)
        .await
        .unwrap();
}

fn child(error: Stdio) -> Command {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["steps::a_step_that_another_test_looks_at", "--exact"])
        .arg("--nocapture")
        .env(CHILD, "1")
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(error);
    child
}

/// What the step writes to a terminal of forty columns.
fn on_a_terminal(change: impl FnOnce(&mut Command)) -> String {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let size = Winsize {
        ws_row: 24,
        ws_col: COLUMNS,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&terminal, size).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let other = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    let mut command = child(OwnedFd::from(other).into());
    change(&mut command);
    let mut running = command.spawn().unwrap();
    // The command still holds the terminal's other end, which must be closed for the reading to end.
    drop(command);
    let mut written = Vec::new();
    // On Linux a terminal that was left by all ends with an error.
    let _ = std::fs::File::from(terminal).read_to_end(&mut written);
    assert!(running.wait().unwrap().success());
    String::from_utf8(written).unwrap()
}

/// The text without what moves the cursor and sets colours.
fn plain(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| {
        let end = part.find(|c: char| c.is_ascii_alphabetic());
        all + end.map_or("", |end| &part[end + 1..])
    })
}

#[test]
fn on_a_narrow_terminal_the_moving_line_stays_one_line() {
    let written = on_a_terminal(|_| ());
    let (moving, last) = written.rsplit_once('\r').map_or(("", ""), |_| {
        let end = written.rfind('✓').unwrap();
        written.split_at(end)
    });
    for line in plain(moving).split(['\r', '\n']) {
        let columns = line.chars().count();
        assert!(
            columns <= usize::from(COLUMNS),
            "{columns} columns: {line:?}"
        );
    }
    assert!(plain(moving).contains("compiling everything"), "{moving:?}");
    assert!(plain(last).contains(&format!("{NAME}: 0.9 s")), "{last:?}");
    assert!(written.contains("\u{1b}[32m✓"), "{written:?}");
}

#[test]
fn no_color_takes_the_colours_of_the_moving_line_away() {
    let written = on_a_terminal(|command| {
        command.env("NO_COLOR", "1");
    });
    assert!(written.contains("✓"), "{written:?}");
    let coloured = written.contains('m') && written.contains("\u{1b}[3");
    assert!(!coloured, "{written:?}");
}

#[test]
fn in_a_log_a_step_is_plain_lines() {
    let output = child(Stdio::piped()).output().unwrap();
    let written = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<_> = written.lines().collect();
    let [begin, quarters @ .., end] = &lines[..] else {
        panic!("{written:?}");
    };
    assert_eq!(*begin, format!("{NAME} (usually a minute)"));
    assert_eq!(quarters.len(), 3, "{written:?}");
    for quarter in quarters {
        assert!(
            quarter.starts_with("  ") && quarter.ends_with(" %"),
            "{written:?}"
        );
    }
    assert!(end.starts_with(&format!("✓ {NAME}: 0.9 s")), "{written:?}");
    assert!(!written.contains(['\u{1b}', '\r']), "{written:?}");
}
