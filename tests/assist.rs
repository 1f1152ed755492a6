//! Completion and inspection, with the real rust-analyzer.
#![cfg(all(feature = "kernel", target_os = "linux"))]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anymodel::kernel::assist::frames::{Decoder, encode};
use anymodel::kernel::assist::{Assistant, Completions, Detail, Hover, Kind};
use proptest::prelude::*;
use serde_json::json;
use tokio::runtime::Runtime;

/// What an engine makes of a session; `$` is the cell's text.
const FRAME: &str = r#"use anymodel::prelude::*;
#[derive(Debug)]
struct Point { abscissa: i32 }
async fn __cell(client: Client, reply: Reply, __secret: u32) -> anymodel::Result<()> {
    let größe = Point { abscissa: 1 };
    $
    Ok(())
}
"#;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder of a test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("assist of {name}"));
    let _ = fs::remove_dir_all(&folder);
    folder
}

/// The file around a cell, and the place of the `|` in it.
fn file(cell: &str) -> (String, usize) {
    let text = FRAME.replace('$', cell);
    let offset = text.find('|').unwrap();
    (text.replacen('|', "", 1), offset)
}

/// Whether the tests can be made here; says so when not.
fn installed() -> bool {
    let output = Command::new("rust-analyzer").arg("--version").output();
    let there = output.is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("SKIPPED: no rust-analyzer; `rustup component add rust-analyzer` gets it");
    }
    there
}

/// Asks until the crates are loaded: on a busy machine that takes longer than a question may.
async fn loaded(assistant: &Assistant) {
    let (source, offset) = file("clie|nt;");
    for _ in 0..20 {
        if assistant
            .inspect(&source, offset, Detail::Brief)
            .await
            .is_some()
        {
            return;
        }
    }
    panic!("rust-analyzer is installed and does not answer");
}

/// One process for all tests that only ask.
fn shared() -> Option<&'static (Runtime, Assistant)> {
    static SHARED: OnceLock<Option<(Runtime, Assistant)>> = OnceLock::new();
    let made = SHARED.get_or_init(|| {
        installed().then(|| {
            let runtime = Runtime::new().unwrap();
            let assistant = runtime.block_on(async {
                let assistant = Assistant::start(root(), &folder("all"));
                loaded(&assistant).await;
                assistant
            });
            (runtime, assistant)
        })
    });
    made.as_ref()
}

/// What can stand at the `|` of a cell, and the text it would replace.
fn complete(cell: &str) -> Option<(Completions, String)> {
    let (runtime, assistant) = shared()?;
    let (source, offset) = file(cell);
    let found = runtime.block_on(assistant.complete(&source, offset));
    let replaced = source[found.start..found.end].to_owned();
    Some((found, replaced))
}

fn texts(found: &Completions) -> Vec<&str> {
    found.matches.iter().map(|one| one.text.as_str()).collect()
}

fn inspect(cell: &str, detail: Detail) -> Option<Option<Hover>> {
    let (runtime, assistant) = shared()?;
    let (source, offset) = file(cell);
    Some(runtime.block_on(assistant.inspect(&source, offset, detail)))
}

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

#[test]
fn the_methods_of_a_client_are_offered_with_their_declaration() {
    let Some((found, replaced)) = complete("client.|") else {
        return;
    };
    let ask = found.matches.iter().find(|one| one.text == "ask").unwrap();
    assert_eq!(ask.kind, Kind::Function);
    assert!(
        ask.signature.contains("prompt: impl Into<String>"),
        "{ask:?}"
    );
    assert_eq!(replaced, "");
}

#[test]
fn a_method_that_is_half_written_is_completed_and_only_its_word_is_replaced() {
    let Some((found, replaced)) = complete(r#"let text = "x".to_st|"#) else {
        return;
    };
    assert_eq!(texts(&found), ["to_string"]);
    assert_eq!(replaced, "to_st");
}

#[test]
fn what_does_not_begin_like_the_word_is_left_out() {
    let Some((found, _)) = complete("let list = Vec::<i32>::ne|") else {
        return;
    };
    assert_eq!(texts(&found), ["new"]);
}

#[test]
fn a_field_comes_before_the_methods() {
    let Some((found, _)) = complete("reply.|") else {
        return;
    };
    assert_eq!(found.matches[0].kind, Kind::Property, "{found:?}");
    assert!(texts(&found).contains(&"text"));
}

#[test]
fn a_variable_of_an_earlier_cell_is_offered_and_the_engines_names_are_not() {
    let Some((found, replaced)) = complete("cli|") else {
        return;
    };
    assert_eq!(found.matches[0].text, "client");
    assert_eq!(found.matches[0].kind, Kind::Instance);
    assert_eq!(replaced, "cli");

    let (found, _) = complete("|").unwrap();
    let all = texts(&found);
    assert!(all.contains(&"client") && all.contains(&"match"), "{all:?}");
    assert!(!all.iter().any(|name| name.starts_with("__")), "{all:?}");
}

#[test]
fn a_path_into_the_crate_is_completed() {
    let Some((found, _)) = complete("anymodel::Cl|") else {
        return;
    };
    assert_eq!(texts(&found), ["Client", "ClientBuilder"]);
    assert_eq!(found.matches[0].kind, Kind::Class);
}

#[test]
fn a_macro_is_offered_with_its_mark_and_no_text_twice() {
    let Some((found, _)) = complete("printl|") else {
        return;
    };
    assert_eq!(texts(&found), ["println!"]);
    let (found, replaced) = complete(r#"printl|n!("x");"#).unwrap();
    assert_eq!((texts(&found), &*replaced), (vec!["println"], "println"));
}

#[test]
fn places_are_right_behind_text_that_is_not_ascii() {
    let Some((found, replaced)) = complete(r#"let s = "日本語 🦀 é"; grö|"#) else {
        return;
    };
    assert_eq!((texts(&found), &*replaced), (vec!["größe"], "grö"));
    let (found, replaced) = complete(r#"println!("🦀 {}", größe.absc|);"#).unwrap();
    assert_eq!((texts(&found), &*replaced), (vec!["abscissa"], "absc"));
}

#[test]
fn a_function_of_the_crate_tells_its_declaration_and_its_documentation() {
    let Some(hover) = inspect("client.as|k(", Detail::Full) else {
        return;
    };
    let hover = hover.unwrap();
    assert!(
        hover.plain.starts_with("pub async fn ask(&self"),
        "{}",
        hover.plain
    );
    assert!(hover.plain.contains("Asks a question"), "{}", hover.plain);
    assert!(hover.plain.contains("# Errors"), "{}", hover.plain);
    assert!(!hover.plain.contains("```"), "{}", hover.plain);
    assert!(
        hover.markdown.starts_with("```rust\npub async fn ask"),
        "{}",
        hover.markdown
    );

    let brief = inspect("client.as|k(", Detail::Brief).unwrap().unwrap();
    assert!(brief.plain.contains("Asks a question"), "{}", brief.plain);
    assert!(!brief.plain.contains("# Errors"), "{}", brief.plain);
}

#[test]
fn between_the_brackets_of_a_call_the_function_is_explained() {
    for cell in [
        r#"client.ask("openai|", "hi")"#,
        "client.ask(|",
        r#"client.ask("a", |)"#,
    ] {
        let Some(hover) = inspect(cell, Detail::Brief) else {
            return;
        };
        let plain = hover.map(|hover| hover.plain).unwrap_or_default();
        assert!(plain.starts_with("pub async fn ask"), "{cell}: {plain:?}");
    }
}

#[test]
fn a_variable_tells_its_type_and_what_stands_in_the_notebook_names_no_crate() {
    let Some(hover) = inspect("repl|y;", Detail::Brief) else {
        return;
    };
    assert_eq!(hover.unwrap().plain, "reply: Reply");
    let hover = inspect("Poin|t;", Detail::Brief).unwrap().unwrap();
    assert!(hover.plain.starts_with("struct Point"), "{}", hover.plain);
    assert!(!hover.plain.contains("ctx"), "{}", hover.plain);
    assert_eq!(inspect("  |  ", Detail::Brief).unwrap(), None);
}

#[test]
fn questions_that_come_at_once_are_all_answered() {
    let Some((runtime, assistant)) = shared() else {
        return;
    };
    let cells = [
        "client.as|",
        "reply.te|",
        "Vec::<u8>::ne|",
        "anymodel::usd|",
    ];
    let files: Vec<_> = cells
        .iter()
        .cycle()
        .take(40)
        .map(|cell| file(cell))
        .collect();
    let asked = files.iter().map(|(text, at)| assistant.complete(text, *at));
    let answers = runtime.block_on(futures_util::future::join_all(asked));
    for (number, answer) in answers.iter().enumerate() {
        let expected = ["ask", "text", "new", "usd"][number % 4];
        assert!(texts(answer).contains(&expected), "{number}: {answer:?}");
    }
}

#[test]
fn a_place_outside_the_text_or_inside_a_letter_is_harmless() {
    let Some((runtime, assistant)) = shared() else {
        return;
    };
    let text = "fn é() {}\r\nfn main() { é";
    for offset in 0..text.len() + 3 {
        let found = runtime.block_on(assistant.complete(text, offset));
        assert!(text.get(found.start..found.end).is_some(), "{found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_has_one_successor_and_then_the_names_in_the_text_are_offered() {
    if !installed() {
        return;
    }
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
    assert_eq!(found.matches[0].kind, Kind::Name, "that was no fallback");
    assert!(gone_within(&folder, Duration::from_secs(5)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_assistant_leaves_no_process() {
    if !installed() {
        return;
    }
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
    let name = |text: &str| (text.to_owned(), Kind::Name);
    let start = Instant::now();
    assert_eq!(ask("cli|").await, [name("client")]);
    assert_eq!(ask("gr|").await, [name("größe")]);
    assert_eq!(ask("whi|").await, [("while".to_owned(), Kind::Keyword)]);
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

proptest! {
    #[test]
    fn messages_arrive_whole_however_their_bytes_are_cut(
        texts in prop::collection::vec(any::<String>(), 1..5),
        cuts in prop::collection::vec(1usize..40, 1..50),
    ) {
        let messages: Vec<_> = texts.iter().map(|text| json!({"text": text})).collect();
        let bytes: Vec<u8> = messages.iter().flat_map(encode).collect();
        let (mut decoder, mut found, mut rest) = (Decoder::default(), Vec::new(), &bytes[..]);
        for cut in cuts.iter().cycle() {
            let (piece, after) = rest.split_at((*cut).min(rest.len()));
            decoder.push(piece);
            while let Some(message) = decoder.pull().unwrap() {
                found.push(message);
            }
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(found, messages);
    }

    #[test]
    fn foreign_bytes_are_refused_or_waited_on(
        header in "(Content-Length: ?[0-9]{0,25}|[ -~]{0,20})(\r\n)?(\r\n)?",
        bytes in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let mut decoder = Decoder::default();
        decoder.push(header.as_bytes());
        decoder.push(&bytes);
        while let Ok(Some(_)) = decoder.pull() {}
    }
}

#[test]
fn a_header_without_end_and_a_message_without_measure_are_refused() {
    let mut endless = Decoder::default();
    endless.push(&[b'x'; 5000]);
    assert!(endless.pull().is_err());
    let mut huge = Decoder::default();
    huge.push(b"Content-Length: 99999999999\r\n\r\n{}");
    assert!(huge.pull().is_err());
}
