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
    let line = ":dep anymodel = { path = \"../no/crate/here\" }\n\
                :dep tokio = { version = \"1\", features = [\"rt-multi-thread\"] }\nuse anymodel::course;";
    let seen = session.run(line);
    assert_eq!(seen.failure, None, "{}", seen.told());
    assert!(
        seen.shown.is_empty(),
        "nothing is compiled: {:?}",
        seen.shown
    );
    assert!(!session.value("course::MODEL").is_empty());
}

/// Writes a crate of this name below a folder of one test, and returns the line that adds it.
fn local(test: &str, name: &str, text: &str) -> String {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test).join(name);
    fs::create_dir_all(dir.join("src")).unwrap();
    let manifest =
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    fs::write(dir.join("Cargo.toml"), manifest).unwrap();
    fs::write(dir.join("src/lib.rs"), text).unwrap();
    format!(":dep {name} = {{ path = {:?} }}", dir.display().to_string())
}

#[test]
fn an_added_crate_stands_beside_the_crate_of_the_lessons_and_await() {
    let mut session = Session::new("beside");
    session.run_all(&[":dep rand = \"0.9\""]);
    assert_eq!(session.value("rand::random::<u8>() as u32 * 0"), "0");
    let awaiting = "tokio::task::yield_now().await; rand::random::<u8>() as u32 * 0";
    assert_eq!(session.value(awaiting), "0");
    let with_lessons = "let client = anymodel::Client::sandbox()?; rand::random::<u8>() as u32 * 0";
    assert_eq!(session.value(with_lessons), "0");
    assert_eq!(session.value("client.is_sandbox()"), "true");
}

#[test]
fn after_a_second_and_a_third_crate_statics_variables_and_the_runtime_are_the_same() {
    let mut session = Session::new("again");
    session.run_all(&[
        &greeter("greeter-again"),
        "let task = tokio::spawn(async { 5 });",
        "let greeting = greeter::greet(\"you\"); let kept: u64 = 7;",
    ]);
    assert_eq!(session.value("greeter::next()"), "0");
    let second = session.run(":dep fastrand = \"2\"");
    assert_eq!(second.failure, None, "{}", second.told());
    assert_eq!(second.stderr, "", "nothing is dropped");
    assert_eq!(session.value("fastrand::u8(0..1)"), "0");
    assert_eq!(
        session.value("(greeter::next(), fastrand::u8(0..1))"),
        "(1, 0)"
    );
    session.run_all(&[":dep rand8 = { package = \"rand\", version = \"0.8\" }\n:dep rand9 = { package = \"rand\", version = \"0.9\" }"]);
    assert_eq!(
        session.value(
            "let a: u8 = rand8::random(); let b: u8 = rand9::random(); (a as u32 + b as u32) * 0"
        ),
        "0"
    );
    assert_eq!(session.value("greeter::next()"), "2");
    assert_eq!(
        session.value("(greeting.words, kept)"),
        "(\"hello, you\", 7)"
    );
    assert_eq!(session.value("task.await?"), "5");
    // Values of two crates of one name are told apart.
    session.run_all(&[
        "use rand8::SeedableRng as _; let old = rand8::rngs::StdRng::seed_from_u64(1);",
        "use rand9::SeedableRng as _; let new = rand9::rngs::StdRng::seed_from_u64(1);",
    ]);
    assert_eq!(
        session.value("(old == old.clone(), new == new.clone())"),
        "(true, true)"
    );
}

#[test]
fn a_crate_in_a_folder_is_compiled_anew_when_it_changed_and_only_its_variables_go() {
    let mut session = Session::new("changed");
    let line = |words: &str| {
        local(
            "changed-crate",
            "polite",
            &format!(
                "pub struct Words(pub String);\npub fn hello() -> Words {{ Words({words:?}.into()) }}\n"
            ),
        )
    };
    session.run_all(&[&greeter("greeter-changed"), "greeter::next();"]);
    let cell = format!(
        "{}\nlet words = polite::hello(); words.0.clone()",
        line("one")
    );
    assert_eq!(session.value(&cell), "\"one\"");
    session.run_all(&[
        "let kept = greeter::greet(\"you\");",
        "struct Own(polite::Words); let own = Own(polite::hello());",
    ]);
    let again = session.run(&line("one"));
    assert!(
        again.shown.is_empty(),
        "nothing is compiled: {:?}",
        again.shown
    );
    assert_eq!(session.value("words.0.clone()"), "\"one\"");

    let changed = session.run(&line("two"));
    assert_eq!(changed.failure, None, "{}", changed.told());
    let note = "dropped, because a crate they use was compiled anew: own, words\n";
    assert_eq!(changed.stderr, note);
    assert_eq!(session.value("polite::hello().0"), "\"two\"");
    assert_eq!(session.value("kept.words.clone()"), "\"hello, you\"");
    assert_eq!(session.value("greeter::next()"), "1");
    // Another line notices the next change, too.
    line("three");
    session.run_all(&[":dep fastrand = \"2\""]);
    assert_eq!(session.value("polite::hello().0"), "\"three\"");
}

#[test]
fn a_crate_that_does_not_compile_changes_nothing() {
    let mut session = Session::new("broken");
    session.run_all(&[
        &greeter("greeter-broken"),
        "let kept = greeter::greet(\"you\");",
    ]);
    let refused = session.run(&local(
        "broken-crate",
        "broken",
        "pub fn wrong() -> u8 { \"text\" }",
    ));
    let told = refused.told();
    assert!(refused.failure.is_some(), "{told}");
    assert!(told.contains("mismatched types"), "{told}");
    assert_eq!(
        session.value("(kept.words.clone(), greeter::next())"),
        "(\"hello, you\", 0)"
    );
    let mended = local("broken-crate", "broken", "pub fn right() -> u8 { 3 }");
    assert_eq!(session.value(&format!("{mended}\nbroken::right()")), "3");
    assert_eq!(
        session.value("(kept.words.clone(), greeter::next())"),
        "(\"hello, you\", 1)"
    );
}

#[test]
fn a_crate_with_a_part_in_c_has_one_copy_of_it_which_cells_may_call() {
    let mut session = Session::new("foreign");
    let line = local(
        "foreign-crate",
        "counted",
        "unsafe extern \"C\" { pub fn count_up() -> i32; }\npub fn next() -> i32 { unsafe { count_up() } }\n",
    );
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("foreign-crate/counted");
    fs::write(
        dir.join("part.c"),
        "static int n; int count_up(void) { return n++; }\n",
    )
    .unwrap();
    let manifest = fs::read_to_string(dir.join("Cargo.toml")).unwrap();
    fs::write(
        dir.join("Cargo.toml"),
        manifest + "[build-dependencies]\ncc = \"1\"\n",
    )
    .unwrap();
    let build = "fn main() { cc::Build::new().file(\"part.c\").compile(\"part\"); }\n";
    fs::write(dir.join("build.rs"), build).unwrap();
    session.run_all(&[&line]);
    assert_eq!(session.value("counted::next()"), "0");
    assert_eq!(session.value("unsafe { counted::count_up() }"), "1");
    session.run_all(&[":dep fastrand = \"2\""]);
    assert_eq!(
        session.value("(counted::next(), fastrand::u8(0..1))"),
        "(2, 0)"
    );
    assert_eq!(session.value("unsafe { counted::count_up() }"), "3");
}

#[test]
fn crates_of_macros_are_found_by_the_cells_that_derive() {
    let mut session = Session::new("macros");
    session.run_all(&[
        ":dep thiserror = \"2\"\n:dep async-trait = \"0.1\"",
        "#[derive(thiserror::Error, Debug)] pub enum Wrong { #[error(\"bad {0}\")] Bad(i32) }",
        "#[async_trait::async_trait] trait Ask { async fn ask(&self) -> u8; }",
        "struct Me; #[async_trait::async_trait] impl Ask for Me { async fn ask(&self) -> u8 { 4 } }",
    ]);
    assert_eq!(session.value("Wrong::Bad(1).to_string()"), "\"bad 1\"");
    assert_eq!(session.value("Me.ask().await"), "4");
}

/// The answers of crates.io.
#[cfg(feature = "online-tests")]
#[test]
fn why_a_crate_cannot_be_added_is_one_sentence_about_the_line() {
    let mut session = Session::new("reasons");
    let empty = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-crate-here");
    fs::create_dir_all(&empty).unwrap();
    let empty = format!(":dep mine = {{ path = {:?} }}", empty.display().to_string());
    let feature = ":dep rand = { version = \"0.9\", features = [\"nonsense\"] }";
    let cases = [
        (
            ":dep rand = \"99\"",
            "`rand` cannot be added: no version of `rand` is 99; there are 0.",
        ),
        (
            feature,
            "`rand` cannot be added: `rand` has no feature `nonsense`; it has alloc",
        ),
        (
            ":dep rand = \"bogus\"",
            "`rand` cannot be added: `bogus` is no version",
        ),
        (
            ":dep no-such-crate-at-all-1 = \"1\"",
            "no crate `no-such-crate-at-all-1` is at crates.io",
        ),
        (
            &empty,
            "no-crate-here holds no crate: there is no Cargo.toml",
        ),
        (":dep two words", "`:dep two words` names no crate"),
    ];
    for (line, reason) in cases {
        let seen = session.run(line);
        let told = seen.told();
        assert!(seen.failure.is_some(), "{line}");
        assert!(told.contains(reason), "{told}");
        assert!(!told.contains("lesson v0"), "{told}");
    }
    assert_eq!(
        session.value(":dep fastrand = \"2\"\nfastrand::u8(0..1)"),
        "0"
    );
}

#[test]
fn a_feature_that_a_crate_of_the_lessons_lacks_is_added_to_all_that_stands_above_it() {
    let mut session = Session::new("features");
    session.run_all(&["let kept = 5; let text = serde_json::json!({\"b\": 1, \"a\": 2});"]);
    let added = session.run(":dep schemars = { version = \"1\", features = [\"raw_value\"] }");
    assert_eq!(added.failure, None, "{}", added.told());
    let note = "dropped, because a crate they use was compiled anew: kept, text\n";
    assert_eq!(added.stderr, note);
    let cell = "schemars::schema_for!(Box<serde_json::value::RawValue>).as_object().is_some()";
    assert_eq!(session.value(cell), "true");
    let beside = "let client = anymodel::Client::sandbox()?; client.is_sandbox()";
    assert_eq!(session.value(beside), "true");
    let second = session.run(":dep fastrand = \"2\"");
    assert_eq!(second.stderr, "", "{}", second.told());
    assert_eq!(
        session.value("(client.is_sandbox(), fastrand::u8(0..1))"),
        "(true, 0)"
    );
}
