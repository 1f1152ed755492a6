//! Crates that a cell adds.

use std::fs;
use std::path::Path;

use super::session::Session;

const GREETER: &str = r#"
use std::sync::atomic::{AtomicU32, Ordering};
static COUNT: AtomicU32 = AtomicU32::new(0);
pub struct Greeting { pub words: String }
pub fn greet(name: &str) -> Greeting { Greeting { words: format!("hello, {name}") } }
pub fn next() -> u32 { COUNT.fetch_add(1, Ordering::SeqCst) }
"#;

/// Writes a crate and returns the line that adds it.
fn greeter(name: &str) -> String {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(dir.join("src")).unwrap();
    let manifest = "[package]\nname = \"greeter\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    fs::write(dir.join("Cargo.toml"), manifest).unwrap();
    fs::write(dir.join("src/lib.rs"), GREETER).unwrap();
    format!(
        ":dep greeter = {{ path = {:?} }}",
        dir.display().to_string()
    )
}

#[test]
fn an_added_crate_shows_how_far_it_is_and_exists_once_for_all_cells() {
    let mut session = Session::new("added");
    let added = session.run(&greeter("greeter-added"));
    assert_eq!(added.failure, None, "{}", added.told());
    let first = added.shown.first().map(String::as_str).unwrap_or_default();
    let last = added.shown.last().map(String::as_str).unwrap_or_default();
    assert!(first.starts_with("adding greeter"), "{:?}", added.shown);
    assert!(last.starts_with("added greeter"), "{:?}", added.shown);
    assert!(
        added.shown.iter().any(|shown| shown.contains(" of ")),
        "{:?}",
        added.shown
    );

    assert_eq!(session.value("greeter::next()"), "0");
    assert_eq!(session.value("greeter::next()"), "1");
    session.run_all(&["let greeting = greeter::greet(\"you\");"]);
    assert_eq!(session.value("greeting.words"), "\"hello, you\"");
    // The crate of the lessons is still the same one.
    session.run_all(&[
        "use anymodel::prelude::*;",
        "let client = Client::sandbox()?;",
    ]);
    assert_eq!(session.value("client.is_sandbox()"), "true");
    let again = session.run(&greeter("greeter-added"));
    assert!(
        again.shown.is_empty(),
        "nothing is done twice: {:?}",
        again.shown
    );
}

#[test]
fn after_a_crate_that_cannot_be_added_another_one_can() {
    let mut session = Session::new("refused");
    session.run_all(&["let kept = 5;"]);
    let refused = session.run(":dep greeter = { path = \"no/such/folder\" }");
    let told = refused.told();
    assert!(refused.failure.is_some(), "{told}");
    assert!(told.contains("no/such/folder does not exist"), "{told}");
    assert_eq!(session.value("kept"), "5");
    session.run_all(&[&greeter("greeter-refused")]);
    assert_eq!(session.value("greeter::next()"), "0");
    assert_eq!(session.value("kept"), "5");
}

#[test]
fn a_lesson_that_was_copied_elsewhere_finds_the_crate_all_the_same() {
    let mut session = Session::new("elsewhere");
    let line = ":dep anymodel = { path = \"../no/crate/here\" }\nuse anymodel::course;";
    let seen = session.run(line);
    assert_eq!(seen.failure, None, "{}", seen.told());
    assert!(
        seen.shown.is_empty(),
        "nothing is compiled: {:?}",
        seen.shown
    );
    assert!(!session.value("course::MODEL").is_empty());
}
