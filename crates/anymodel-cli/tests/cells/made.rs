//! Items that macros make, and tasks that live longer than a cell.

use super::session::Session;

#[test]
fn items_that_a_macro_makes_are_items() {
    let mut session = Session::new("made");
    session.run_all(&["macro_rules! make { ($n:ident) => { #[derive(Debug)] struct $n { v: i32 } impl $n { fn get(&self) -> i32 { self.v } } }; }"]);
    let seen = session.run("make!(Thing); let t = Thing { v: 1 }; t.v");
    assert_eq!(seen.value.as_deref(), Some("1"), "{}", seen.told());
    assert_eq!(seen.stderr, "");
    assert_eq!(
        session.value("(t.get(), Thing { v: 2 }.v, &t)"),
        "(1, 2, Thing { v: 1 })"
    );
    session.run_all(&["make!{Other}", "make!(Last)"]);
    assert_eq!(session.value("Other { v: 3 }.v + Last { v: 4 }.v"), "7");
}

#[test]
fn statics_that_a_macro_makes_live_as_long_as_the_session() {
    let mut session = Session::new("made-statics");
    session.run_all(&[
        "macro_rules! counter { ($f:ident, $n:ident) => {
             static $n: ::std::sync::Mutex<Vec<usize>> = ::std::sync::Mutex::new(Vec::new());
             #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)] struct Tick(usize);
             fn $f() -> Tick {
                 static COUNT: ::std::sync::atomic::AtomicUsize = ::std::sync::atomic::AtomicUsize::new(0);
                 let n = COUNT.fetch_add(1, ::std::sync::atomic::Ordering::SeqCst);
                 assert!(n < 100, \"too many: {n}\"); assert_eq!(n, n); println!(\"tick {}\", n); let v = vec![format!(\"{n}\")];
                 $n.lock().unwrap().push(n + v.len()); if n > 50 { panic!(\"no {n}\") } if n > 60 { todo!() } Tick(n)
             }
         } }
         macro_rules! local { ($f:ident) => { thread_local! { static LOCAL: std::cell::Cell<u32> = const { std::cell::Cell::new(7) }; static WORDS: std::cell::RefCell<String> = std::cell::RefCell::new(String::new()); } fn $f() -> (u32, usize) { WORDS.with_borrow_mut(|w| w.push('x')); LOCAL.set(LOCAL.get() + 1); (LOCAL.get(), WORDS.with_borrow(|w| w.len())) } } }",
        "counter!(next, ALL); local!(dive);",
    ]);
    assert_eq!(session.value("next()"), "Tick(0)");
    assert_eq!(
        session.value("(next(), next() == Tick(2))"),
        "(Tick(1), true)"
    );
    assert_eq!(session.value("ALL.lock()?.clone()"), "[1, 2, 3]");
    assert_eq!(session.value("dive()"), "(8, 1)");
    assert_eq!(session.value("dive()"), "(9, 2)");
    assert_eq!(session.value("1 + 1"), "2");
}

#[test]
fn a_macro_that_runs_something_runs_it() {
    let mut session = Session::new("made-nothing");
    session.run_all(&[
        "macro_rules! say { ($e:expr) => { println!(\"{}\", $e) } } macro_rules! twice { ($e:expr) => {{ fn double(n: i32) -> i32 { n * 2 } double($e) }} }
         macro_rules! both { ($n:ident) => { fn $n() -> i32 { 5 } println!(\"{}\", $n()); } } macro_rules! set { ($n:ident) => { let $n = 3; const LAST: i32 = 4; } }",
    ]);
    assert_eq!(session.run("say!(3);").stdout, "3\n");
    assert_eq!(session.value("twice!(4)"), "8");
    assert_eq!(session.run("both!(five);").stdout, "5\n");
    session.run_all(&["set!(unused);"]);
}

#[test]
fn a_future_can_be_awaited_in_a_later_cell() {
    let mut session = Session::new("futures");
    session.run_all(&[
        "async fn go(n: u32) -> u32 { tokio::time::sleep(std::time::Duration::from_millis(5)).await; n }",
        "let boxed: std::pin::Pin<Box<dyn Future<Output = u32>>> = Box::pin(go(9));",
        "use tokio::time::{interval, Duration};",
        "let mut int = interval(Duration::from_millis(5));",
        "let task = tokio::spawn(async { 4 });",
    ]);
    assert_eq!(session.value("boxed.await"), "9");
    assert_eq!(session.value("int.tick().await; 1"), "1");
    assert_eq!(session.value("task.await?"), "4");
    assert_eq!(
        session.value("tokio::runtime::Runtime::new()?.block_on(async { 5 })"),
        "5"
    );
    assert_eq!(
        session.value("let rt = tokio::runtime::Runtime::new()?; rt.block_on(go(6))"),
        "6"
    );
}

#[test]
fn a_long_row_of_operators_and_a_negated_variable_are_values() {
    let mut session = Session::new("rows");
    let sum = format!("let x = {}; x", vec!["1"; 2_000].join("+"));
    assert_eq!(session.value(&sum), "2000");
    let all = vec!["true"; 1_500].join(" && ");
    assert_eq!(session.value(&all), "true");
    session.run_all(&["let flag = true; let pair = (true, false);"]);
    assert_eq!(session.value("!flag"), "false");
    assert_eq!(session.value("!pair.1 && flag"), "true");
}

#[test]
fn what_the_macro_of_an_added_crate_declares_lasts() {
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("counters");
    std::fs::create_dir_all(dir.join("src")).unwrap();
    let manifest = "[package]\nname = \"counters\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    std::fs::write(dir.join("Cargo.toml"), manifest).unwrap();
    let text = "use std::sync::atomic::{AtomicU32, Ordering};
        #[doc(hidden)] pub struct Counter(pub AtomicU32);
        impl Counter { pub fn next(&self) -> u32 { self.0.fetch_add(1, Ordering::SeqCst) } }
        #[macro_export] macro_rules! counter { ($n:ident, $f:ident) => {
            static $n: $crate::Counter = $crate::Counter(::std::sync::atomic::AtomicU32::new(0));
            fn $f() -> u32 { println!(\"counted\"); $n.next() }
        } }
        #[macro_export] macro_rules! tell { ($n:ident) => { println!(\"{}\", stringify!($n)) } }";
    std::fs::write(dir.join("src/lib.rs"), text).unwrap();
    let mut session = Session::new("made-elsewhere");
    session.run_all(&[
        &format!(
            ":dep counters = {{ path = {:?} }}",
            dir.display().to_string()
        ),
        "use counters::*;",
        "counter!(HITS, hit);",
    ]);
    assert_eq!(session.value("hit() + HITS.next()"), "1");
    assert_eq!(session.value("hit()"), "2");
    assert_eq!(session.run("tell!(Name);").stdout, "Name\n");
}
