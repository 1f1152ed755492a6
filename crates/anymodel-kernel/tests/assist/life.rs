//! The process behind the answers: it may die, be missing, or be no longer wanted.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anymodel_kernel::completion::{Assistant, Detail, PATIENCE, SymbolKind};

use super::{file, folder, loaded, needs_rust_analyzer, root, texts};

/// The processes whose working folder this is.
fn processes_in(folder: &Path) -> Vec<i32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let inside = entries
        .filter(|entry| fs::read_link(entry.path().join("cwd")).is_ok_and(|place| place == folder));
    inside
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

fn gone_within(folder: &Path, time: Duration) -> bool {
    let start = Instant::now();
    while start.elapsed() < time {
        if processes_in(folder).is_empty() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_has_one_successor_and_then_the_names_in_the_text_are_offered() {
    let folder = folder("death");
    let assistant = Assistant::start(root(), &folder);
    assistant.warm();
    loaded(&assistant).await;
    let (source, offset) = file("client.as|");
    for successor in [true, false] {
        let processes = processes_in(&folder);
        assert_eq!(processes.len(), 1);
        let pid = processes[0].to_string();
        Command::new("kill").args(["-KILL", &pid]).status().unwrap();
        if successor {
            loaded(&assistant).await;
            let found = assistant.complete(&source, offset).await;
            assert_eq!(texts(&found), ["ask"]);
        }
    }
    let (names, at) = file("cli|");
    let found = assistant.complete(&names, at).await;
    assert_eq!(texts(&found), ["client"]);
    assert_eq!(
        found.matches[0].kind,
        SymbolKind::Name,
        "that was no fallback"
    );
    assert!(gone_within(&folder, Duration::from_secs(5)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_assistant_leaves_no_process() {
    let (dropped, ended) = (folder("drop"), folder("end"));
    let (first, second) = (
        Assistant::start(root(), &dropped),
        Assistant::start(root(), &ended),
    );
    loaded(&first).await;
    second.warm(); // ended in the middle of loading
    while processes_in(&ended).is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(processes_in(&dropped).len(), 1);
    drop(first);
    second.end().await;
    assert!(gone_within(&ended, Duration::from_secs(5)));
    assert!(gone_within(&dropped, Duration::from_secs(5)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_hangs_delays_a_question_for_seconds_only() {
    let folder = folder("hang");
    let assistant = Assistant::start(root(), &folder);
    loaded(&assistant).await;
    let signal = |name: &str| {
        let process = processes_in(&folder)[0].to_string();
        let status = Command::new("kill").args([name, &process]).status();
        assert!(status.unwrap().success());
    };
    let (source, offset) = file("cli|");
    signal("-STOP");
    let start = Instant::now();
    let found = assistant.complete(&source, offset).await;
    assert_eq!(
        found.matches[0].kind,
        SymbolKind::Name,
        "that was no fallback"
    );
    assert!(start.elapsed() < PATIENCE + Duration::from_secs(2));
    signal("-CONT");
    let found = assistant.complete(&source, offset).await;
    assert_eq!(found.matches[0].kind, SymbolKind::Instance);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assistant_that_is_warm_answers_the_first_question_at_once() {
    needs_rust_analyzer();
    let folder = folder("warm");
    let assistant = Assistant::start(root(), &folder);
    assistant.warm();
    let process = async {
        while processes_in(&folder).is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        processes_in(&folder)[0]
    };
    // It works, and then it rests: its time on the processor stands still.
    let process = process.await;
    let mut before = 0;
    for _ in 0..60 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let used = processor_time(process);
        if used > 100 && used == before {
            break;
        }
        before = used;
    }
    let (source, offset) = file("client.as|");
    assistant.complete(&source, offset).await;
    let spent = processor_time(process) - before;
    assert!(
        spent * 2 < before,
        "{spent} of {before} ticks were left for the first question"
    );
}

/// Hundredths of a second that a process worked.
fn processor_time(process: i32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

/// The figures of the module's documentation.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, to be read by a person"]
async fn figures() {
    let folder = folder("figures");
    let assistant = Assistant::start(root(), &folder);
    let start = Instant::now();
    loaded(&assistant).await;
    println!("first answer after {:?}", start.elapsed());
    for cell in ["client.|", r#""x".to_st|"#, "reply.te|", "Vec::<i32>::ne|"] {
        let (source, offset) = file(cell);
        let start = Instant::now();
        let found = assistant.complete(&source, offset).await;
        let number = found.matches.len();
        println!("{cell}: {number} matches in {:?}", start.elapsed());
    }
    let process = processes_in(&folder)[0];
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    for line in status.lines().filter(|line| line.starts_with("VmRSS")) {
        println!("{line}");
    }
}

#[tokio::test]
async fn without_a_crate_to_load_names_and_keywords_are_offered_at_once() {
    let empty = folder("nothing");
    fs::create_dir_all(&empty).unwrap();
    let assistant = Assistant::start(&empty, &empty.join("own"));
    let ask = async |cell: &str| {
        let (source, offset) = file(cell);
        let found = assistant.complete(&source, offset).await;
        found
            .matches
            .into_iter()
            .map(|one| (one.text, one.kind))
            .collect::<Vec<_>>()
    };
    let name = |text: &str| (text.to_owned(), SymbolKind::Name);
    let start = Instant::now();
    assert_eq!(ask("cli|").await, [name("client")]);
    assert_eq!(ask("gr|").await, [name("größe")]);
    assert_eq!(
        ask("whi|").await,
        [("while".to_owned(), SymbolKind::Keyword)]
    );
    assert_eq!(ask("let x = größe.whi|").await, []);
    assert_eq!(
        ask(r#"let zebra = "zebu"; // zebroid
        zeb|"#)
        .await,
        [name("zebra")]
    );
    assert_eq!(ask("__|").await, []);
    assert_eq!(ask("|").await, []);
    let (source, offset) = file("client.as|k(");
    assert_eq!(assistant.inspect(&source, offset, Detail::Full).await, None);
    assert!(
        start.elapsed() < Duration::from_secs(8),
        "{:?}",
        start.elapsed()
    );
}
