//! State is one: what is declared once exists once, and is never read as something else.

use super::session::Session;

const COUNTER: &str = "use std::sync::atomic::{AtomicUsize, Ordering};";

#[test]
fn a_static_anywhere_in_an_item_keeps_its_value_over_cells() {
    let mut session = Session::new("inner-statics");
    session.run_all(&[
        COUNTER,
        "fn next_id() -> usize { static COUNTER: AtomicUsize = AtomicUsize::new(0); COUNTER.fetch_add(1, Ordering::SeqCst) }
         fn of_all<T>(_: T) -> usize { static COUNTER: AtomicUsize = AtomicUsize::new(10); COUNTER.fetch_add(1, Ordering::SeqCst) }
         struct Desk; impl Desk { fn next(&self) -> usize { static N: AtomicUsize = AtomicUsize::new(20); N.fetch_add(1, Ordering::SeqCst) } }
         mod deep { pub mod er { use std::sync::atomic::*; pub static SEEN: AtomicUsize = AtomicUsize::new(30); pub fn next() -> usize { SEEN.fetch_add(1, Ordering::SeqCst) } } }
         trait Tick { fn tick(&self) -> usize { { static N: AtomicUsize = AtomicUsize::new(40); N.fetch_add(1, Ordering::SeqCst) } } } impl Tick for u8 {}
         fn unsafe_one() -> i32 { static mut N: i32 = 50; unsafe { N += 1; N - 1 } }",
    ]);
    for round in 0..3 {
        assert_eq!(
            session.value("(next_id(), of_all(1), of_all(\"\"), Desk.next(), deep::er::next(), 1u8.tick(), unsafe_one())"),
            format!(
                "({round}, {}, {}, {}, {}, {}, {})",
                10 + 2 * round, 11 + 2 * round, 20 + round, 30 + round, 40 + round, 50 + round
            )
        );
    }
    assert_eq!(session.value("deep::er::SEEN.load(Ordering::SeqCst)"), "33");
}

#[test]
fn a_static_may_leave_its_lifetimes_out() {
    let mut session = Session::new("lifetimes");
    session.run_all(&[
        "static HELLO: &str = \"Hello\"; static LIST: &[&str] = &[\"a\", \"b\"]; static PAIR: (&str, Option<&'_ str>) = (\"a\", Some(\"b\"));",
        "use std::borrow::Cow; struct Named<'a>(&'a str); static COW: Cow<str> = Cow::Borrowed(\"c\"); static NAMED: Option<Named> = Some(Named(\"n\"));
         static F: fn(&str) -> &str = same; fn same(s: &str) -> &str { s } static r#type: [&str; SIZE] = [\"x\"; SIZE]; const SIZE: usize = 2;
         fn inner() -> &'static str { static IN: Named = Named(\"in\"); IN.0 }",
    ]);
    assert_eq!(session.value("1 + 1"), "2");
    assert_eq!(
        session.value("(HELLO, LIST, PAIR)"),
        "(\"Hello\", [\"a\", \"b\"], (\"a\", Some(\"b\")))"
    );
    assert_eq!(
        session.value("(COW.len(), NAMED.as_ref().map(|n| n.0), F(\"f\"), r#type, inner())"),
        "(1, Some(\"n\"), \"f\", [\"x\", \"x\"], \"in\")"
    );
}

#[test]
fn variables_of_a_thread_are_items() {
    let mut session = Session::new("threads");
    session.run_all(&[
        "thread_local! { static DEPTH: std::cell::Cell<u32> = const { std::cell::Cell::new(0) }; pub static OTHER: std::cell::RefCell<Vec<i32>> = std::cell::RefCell::new(vec![1]); }
         fn dive() -> u32 { DEPTH.with(|d| { d.set(d.get() + 1); d.get() }) }
         fn inner() -> u32 { thread_local!(static N: std::cell::Cell<u32> = std::cell::Cell::new(5);); N.set(N.get() + 1); N.get() }",
        "dive();",
    ]);
    assert_eq!(session.value("(dive(), inner())"), "(2, 6)");
    session.run_all(&["OTHER.with_borrow_mut(|list| list.push(2));"]);
    assert_eq!(
        session.value("(dive(), inner(), OTHER.take())"),
        "(3, 7, [1, 2])"
    );
}

#[test]
fn state_begins_again_when_its_process_ended_and_cells_go_on() {
    let mut session = Session::new("ended");
    session.run_all(&[
        COUNTER,
        "static COUNT: AtomicUsize = AtomicUsize::new(5); fn next() -> usize { COUNT.fetch_add(1, Ordering::SeqCst) }",
        "next();",
    ]);
    assert!(session.run("std::process::exit(3)").failure.is_some());
    assert_eq!(session.value("next()"), "5");
    assert_eq!(session.value("next()"), "6");
}

#[test]
fn a_value_whose_type_changed_by_any_way_is_never_read_as_the_new_type() {
    let ways = [
        (
            "macro_rules! field { () => { u8 } } struct S { a: field!(), b: u32 }",
            "macro_rules! field { () => { [u64; 4] } }",
        ),
        (
            "trait Of { type A; } impl Of for u8 { type A = u8; } struct S { a: <u8 as Of>::A, b: u32 }",
            "impl Of for u8 { type A = [u64; 4]; }",
        ),
        (
            "trait Of { const N: usize; } struct K; impl Of for K { const N: usize = 1; } struct S { a: [u8; <K as Of>::N], b: u32 }",
            "impl Of for K { const N: usize = 4; }",
        ),
        ("type A = u8; struct S { a: A, b: u32 }", "type A = u64;"),
        (
            "const fn size() -> usize { 1 } struct S { a: [u8; size()], b: u32 }",
            "const fn size() -> usize { 9 }",
        ),
        (
            "mod m { pub struct A(u8); } use m::A; struct S { a: Option<A>, b: u32 }",
            "mod m { pub struct A(u64); }",
        ),
        (
            "mod m { pub struct A(u8); } use m::*; struct S { a: Option<A>, b: u32 }",
            "mod m { pub struct A(u64); }",
        ),
        (
            "use std::time::Duration as A; struct S { a: Option<A>, b: u32 }",
            "use std::string::String as A;",
        ),
    ];
    let mut session = Session::new("ways");
    for (before, after) in ways {
        session.run_all(&[":clear"]);
        let zero = "let s: S = unsafe { std::mem::zeroed() };";
        session.run_all(&[before, zero, "let other = 1;"]);
        let seen = session.run(after);
        assert_eq!(seen.failure, None, "{after}\n{}", seen.told());
        assert!(
            seen.stderr.contains("declared anew: s"),
            "{after}\n{}",
            seen.told()
        );
        let told = session.run("s.b").told();
        assert!(told.contains("`s`"), "{after}\n{told}");
        assert_eq!(session.value("other"), "1");
    }
}

#[test]
fn a_cell_that_runs_again_unchanged_keeps_the_values_of_its_types() {
    let mut session = Session::new("unchanged");
    let types = "use std::fmt; #[derive(Debug)] struct S { a: i32 } impl S { fn go(&self) -> i32 { 1 } } macro_rules! m { () => { 1 } }";
    session.run_all(&[types, "let s = S { a: 1 };"]);
    let seen = session.run(types);
    assert_eq!(seen.stderr, "", "{}", seen.told());
    let other = types
        .replace("{ 1 } }", "{ 2 } }")
        .replace("a: i32", "/* words */ a: i32");
    let seen = session.run(&other);
    assert_eq!(seen.stderr, "", "{}", seen.told());
    assert_eq!(session.value("(s.a, s.go())"), "(1, 2)");
}

#[test]
fn a_static_whose_type_changed_begins_anew_and_that_is_said() {
    let mut session = Session::new("outdated");
    session.run_all(&[
        "use std::sync::Mutex; #[derive(Debug)] struct P { a: u8 } static ALL: Mutex<Vec<P>> = Mutex::new(Vec::new()); fn count() -> usize { static N: Mutex<Vec<P>> = Mutex::new(Vec::new()); N.lock().unwrap().len() }",
        "ALL.lock()?.push(P { a: 1 });",
    ]);
    let seen = session.run("#[derive(Debug)] struct P { a: [u64; 4] }");
    assert!(
        seen.stderr.contains("`ALL`") && seen.stderr.contains("`N`"),
        "{}",
        seen.told()
    );
    assert_eq!(session.value("ALL.lock()?.len() + count()"), "0");
    session.run_all(&["ALL.lock()?.push(P { a: [1; 4] });"]);
    assert_eq!(session.value("ALL.lock()?.len()"), "1");
}

#[test]
fn a_constant_may_be_made_of_a_static() {
    let mut session = Session::new("early");
    session.run_all(&[
        "static N: usize = 3; mod deep { pub static WORDS: &str = \"four\"; }",
        "const M: usize = N + 1; const L: usize = deep::WORDS.len(); static S: [u8; M] = [1; M];",
        "use std::sync::atomic::*; static COUNT: AtomicUsize = AtomicUsize::new(0); const BY: &AtomicUsize = &COUNT;",
        "fn all() -> usize { M + L + S.len() + BY.fetch_add(1, Ordering::SeqCst) }",
    ]);
    assert_eq!(
        session.value("(all(), all(), [0u8; M].len())"),
        "(12, 13, 4)"
    );
    assert_eq!(
        session.value("(all(), COUNT.load(Ordering::SeqCst), N)"),
        "(14, 3, 3)"
    );
}
