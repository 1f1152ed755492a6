//! An interrupt gives the kernel back within a second, whatever the cell did, and the next cell runs.

use std::time::{Duration, Instant};

use super::session::{Seen, Session};

const SECOND: Duration = Duration::from_secs(1);
/// No cell after an interrupt takes longer, or the process hangs.
const NEXT: Duration = Duration::from_secs(20);

const BEFORE: &str = "let keep = String::from(\"a longer text that lives on the heap\"); \
                      let list = vec![1, 2, 3]; let kept = 7;";

/// Runs what an interrupt has to end; then another cell. Tells what the interrupt cost.
fn ended(session: &mut Session, code: &str) -> String {
    ended_by(session, code, 1)
}

/// The same with so many interrupts at once.
fn ended_by(session: &mut Session, code: &str, times: usize) -> String {
    let mark = session.folder().join("runs");
    let _ = std::fs::remove_file(&mark);
    let path = mark.display().to_string();
    // The cell is compiled, and runs, when the file is there.
    let cell = match code.strip_prefix('!') {
        Some(command) => format!("!touch '{path}' && {command}"),
        None => format!("std::fs::write({path:?}, \"\").unwrap(); {code}"),
    };
    let (seen, took) = session.interrupt(&cell, &mark, times);
    let told = seen.told();
    assert!(told.contains("interrupted"), "{code}\n{told}");
    assert!(took < SECOND, "{code}: {took:?}\n{told}");
    let asked = Instant::now();
    let next = session.run("1 + 1");
    assert_eq!(next.value.as_deref(), Some("2"), "{code}\n{}", next.told());
    assert!(asked.elapsed() < NEXT, "{code}");
    told
}

/// Whether variables are as they were, or were named as lost.
fn stay_or_are_named(session: &mut Session, told: &str, code: &str) {
    for (name, value) in [("keep.len()", "36"), ("list.len()", "3"), ("kept", "7")] {
        let seen: Seen = session.run(name);
        let variable = name.split('.').next().unwrap();
        let is_there = seen.value.as_deref() == Some(value);
        let words = format!("{code}\n{told}\n{}", seen.told());
        assert!(is_there || told.contains(variable), "{variable}: {words}");
    }
    session.run_all(&[BEFORE]);
}

#[test]
fn a_cell_that_only_counts_or_waits_costs_no_variable() {
    let mut session = Session::new("interrupts-waiting");
    session.run_all(&[BEFORE]);
    let cells = [
        "loop {}",
        "let mut n = 0u64; loop { n = n.wrapping_mul(31) + 1; std::hint::black_box(n); }",
        "std::thread::sleep(std::time::Duration::from_secs(60));",
        "std::net::TcpListener::bind(\"127.0.0.1:0\")?.accept()?;",
        "let lock = std::sync::Mutex::new(1); let a = lock.lock().unwrap(); let b = lock.lock().unwrap();",
        "let (sender, receiver) = std::sync::mpsc::channel::<i32>(); receiver.recv()?;",
        "std::thread::spawn(|| std::thread::sleep(std::time::Duration::from_secs(60))).join().unwrap();",
        "std::future::pending::<()>().await;",
        "tokio::spawn(std::future::pending::<()>()).await?;",
        "tokio::time::sleep(std::time::Duration::from_secs(60)).await;",
        "async { loop { std::hint::black_box(1); } }.await;",
        "struct Slow; impl Drop for Slow { fn drop(&mut self) { loop {} } } drop(Slow);",
        "use std::io::Read; let (mut end, other) = std::os::unix::net::UnixStream::pair()?; end.read(&mut [0])?;",
    ];
    for code in cells {
        let told = ended(&mut session, code);
        assert!(!told.contains("lost"), "{code}\n{told}");
        assert_eq!(
            session.value("(keep.len(), list.len(), kept)"),
            "(36, 3, 7)",
            "{code}"
        );
    }
}

#[test]
fn a_cell_that_allocates_or_prints_leaves_the_process_well() {
    let mut session = Session::new("interrupts-busy");
    session.run_all(&[BEFORE]);
    let cells = [
        "let mut v = vec![]; loop { v.push(vec![0u8; 1000]); if v.len() > 10000 { v.clear(); } }",
        "let mut m = std::collections::HashMap::new(); for i in 0u64.. { m.insert(i % 5000, i.to_string()); }",
        "loop { let text = format!(\"{keep} {list:?}\"); std::hint::black_box(text); }",
        "loop { println!(\"a line\"); }",
        "loop { eprint!(\".\"); }",
        "loop { let (a, mut b) = (vec![0u8; 2000], Vec::new()); for n in a { b.push(vec![n; 3].into_boxed_slice()); } }",
        "use std::io::Write; let mut out = std::io::stdout().lock(); loop { writeln!(out, \"a line\")?; }",
        "loop { std::thread::spawn(|| ()).join().unwrap(); }",
        "loop { let _ = std::panic::catch_unwind(|| panic!(\"again\")); }",
        "let all: Vec<_> = (0..4).map(|_| std::thread::spawn(|| for _ in 0..1_000_000u64 { std::hint::black_box(vec![1; 100]); })).collect(); loop { std::hint::black_box(String::from(\"x\")); }",
        "async { loop { std::hint::black_box(vec![0u8; 3000]); } }.await;",
    ];
    for code in cells {
        for _ in 0..2 {
            let told = ended(&mut session, code);
            stay_or_are_named(&mut session, &told, code);
        }
    }
}

/// The allocator and the printer are locked most of the time that these loops take.
#[test]
fn a_loop_that_allocates_costs_only_what_it_used() {
    let mut session = Session::new("interrupts-allocating");
    session.run_all(&[BEFORE]);
    let cells = [
        "let mut v = vec![]; loop { v.push(vec![0u8; 1000]); if v.len() > 10000 { v.clear(); } }",
        "let mut m = std::collections::HashMap::new(); for i in 0u64.. { m.insert(i % 5000, i.to_string()); }",
        "loop { println!(\"a line\"); }",
        "loop { eprint!(\".\"); }",
    ];
    for code in cells.repeat(3) {
        let told = ended(&mut session, code);
        assert!(!told.contains("lost"), "{code}\n{told}");
        assert_eq!(
            session.value("(keep.len(), list.len(), kept)"),
            "(36, 3, 7)",
            "{code}"
        );
    }
    let told = ended(
        &mut session,
        "loop { let text = keep.clone(); drop(text); }",
    );
    assert!(told.contains("lost with it: keep"), "{told}");
    assert_eq!(session.value("(list.len(), kept)"), "(3, 7)");
}

/// The processes that run with this argument.
fn running(argument: &str) -> usize {
    let mut found = 0;
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let words = String::from_utf8_lossy(&line).into_owned();
        found += usize::from(words.split('\0').any(|word| word == argument));
    }
    found
}

fn ends(argument: &str) -> bool {
    let started = Instant::now();
    while running(argument) > 0 {
        if started.elapsed() > 3 * SECOND {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

#[cfg(target_os = "linux")]
#[test]
fn the_processes_of_an_interrupted_cell_end_and_those_of_earlier_cells_go_on() {
    let mut session = Session::new("interrupts-children");
    session.run_all(&[BEFORE]);
    session.run_all(&[
        "let mut server = std::process::Command::new(\"sleep\").arg(\"1741\").spawn()?;",
    ]);
    let cells = [
        (
            "std::process::Command::new(\"sleep\").arg(\"1742\").status()?; println!(\"after\");",
            "1742",
        ),
        (
            "std::process::Command::new(\"sh\").args([\"-c\", \"sleep 1743; true\"]).status()?;",
            "1743",
        ),
        (
            "std::process::Command::new(\"sh\").args([\"-c\", \"trap '' INT; sleep 1744; true\"]).output()?;",
            "1744",
        ),
        (
            "let child = std::process::Command::new(\"sleep\").arg(\"1745\").spawn()?; loop {}",
            "1745",
        ),
        ("!sleep 1746", "1746"),
    ];
    for (code, argument) in cells {
        let told = ended(&mut session, code);
        assert!(
            !told.contains("lost") && !told.contains("after"),
            "{code}\n{told}"
        );
        assert!(ends(argument), "{code}");
    }
    assert_eq!(running("1741"), 1, "the server of an earlier cell");
    assert_eq!(
        session.value("server.kill()?; server.wait()?; keep.len()"),
        "36"
    );
}

#[test]
fn a_crate_that_is_being_added_can_be_interrupted_and_added_later() {
    let mut session = Session::new("interrupts-adding");
    session.run_all(&[BEFORE]);
    let folder = session.folder().join("slow");
    std::fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = "[package]\nname = \"slow\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    std::fs::write(folder.join("src/lib.rs"), "pub fn five() -> i32 { 5 }\n").unwrap();
    let script = |body: &str| {
        std::fs::write(folder.join("build.rs"), format!("fn main() {{ {body} }}")).unwrap()
    };
    let mark = session.folder().join("builds");
    script(&format!(
        "std::fs::write({:?}, \"\").unwrap(); std::thread::sleep(std::time::Duration::from_secs(60));",
        mark.display().to_string()
    ));
    let line = format!(":dep slow = {{ path = \"{}\" }}", folder.display());
    let (seen, took) = session.interrupt(&line, &mark, 1);
    assert!(seen.told().contains("interrupted"), "{}", seen.told());
    assert!(took < SECOND, "{took:?}");
    assert_eq!(session.value("keep.len()"), "36");
    script("");
    session.run_all(&[&line]);
    assert_eq!(session.value("slow::five()"), "5");
}

#[test]
fn an_interrupt_with_nothing_to_end_changes_nothing_and_two_in_a_row_are_as_one() {
    let mut session = Session::new("interrupts-none");
    session.run_all(&[BEFORE]);
    session.interrupts();
    assert_eq!(session.value("kept"), "7");
    for code in ["loop {}", "loop { std::hint::black_box(vec![0u8; 2000]); }"] {
        let told = ended_by(&mut session, code, 2);
        stay_or_are_named(&mut session, &told, code);
    }
}
