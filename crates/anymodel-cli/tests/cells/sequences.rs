//! Any cells that were accepted, in any order, followed by `1 + 1`, give 2.
//!
//! A thousand sequences instead of forty: `.ci/slow sequences`.

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::session::Session;

/// Cells that declare, declare anew, use and break what others declared.
const CELLS: [&str; 72] = [
    "static NAME: &str = \"Li\";",
    "static NAME: &[&str] = &[\"a\", \"b\"];",
    "use std::borrow::Cow; static NAME: Cow<str> = Cow::Borrowed(\"x\");",
    "use std::sync::Mutex; static LIST: Mutex<Vec<P>> = Mutex::new(Vec::new());",
    "use std::sync::atomic::{AtomicUsize, Ordering}; fn next() -> usize { static N: AtomicUsize = AtomicUsize::new(0); N.fetch_add(1, Ordering::SeqCst) }",
    "fn next<T>(_: T) -> usize { static N: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0); N.fetch_add(1, std::sync::atomic::Ordering::SeqCst) }",
    "thread_local! { static DEPTH: std::cell::Cell<u32> = const { std::cell::Cell::new(0) }; }",
    "thread_local! { pub static DEPTH: std::cell::RefCell<Vec<P>> = std::cell::RefCell::new(Vec::new()); }",
    "fn dive() { DEPTH.with(|_| ()); }",
    "static mut RAW: [u8; SIZE] = [0; SIZE];",
    "const SIZE: usize = 2;",
    "const SIZE: usize = 30;",
    "const fn size() -> usize { SIZE + 1 }",
    "struct P { name: String }",
    "#[derive(Debug, Clone, Default)] struct P { name: [u64; SIZE] }",
    "#[derive(Debug)] struct P(i32);",
    "enum P { A, B(Box<P>) }",
    "type P = Vec<i32>;",
    "impl P { fn hi(&self) -> usize { self.name.len() } }",
    "impl P { fn hi(&self) -> usize { 1 } const ONE: usize = SIZE; }",
    "impl std::fmt::Display for P { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { write!(f, \"p\") } }",
    "use std::fmt; impl fmt::Display for P { fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result { f.write_str(\"q\") } }",
    "fn make() -> P { P { name: Default::default() } }",
    "fn make() -> P { P(1) }",
    "let p = make();",
    "let p = P(1); let q = P(2);",
    "p.hi()",
    "let all = vec![make(), make()];",
    "drop(p);",
    "mod shapes { pub fn area() -> i32 { 4 } pub struct Sq(pub i32); pub static SIDES: i32 = 4; }",
    "mod shapes { pub mod flat { pub fn area() -> i32 { static N: &str = \"n\"; N.len() as i32 } } pub use flat::area; }",
    "fn shapes() -> i32 { shapes::area() }",
    "use shapes::area;",
    "use shapes::*;",
    "let sq = shapes::Sq(4);",
    "area()",
    "use std::fmt::Result;",
    "use std::io::Result;",
    "type Result = i32;",
    "enum Result { Good, Bad }",
    "use std::collections::*;",
    "use std::fmt::Debug; enum Debug { On }",
    "use std::fmt::Write as _; use std::io::Read as _;",
    "enum Option { None } use Option::None;",
    "struct String; struct Vec;",
    "trait Of { type A; const N: usize = 1; fn of(&self) -> usize { Self::N } }",
    "trait Of { type A; fn of(&self) -> usize { 3 } fn more(&self); }",
    "impl Of for u8 { type A = u8; }",
    "impl Of for u8 { type A = [u64; 4]; fn more(&self) {} }",
    "struct H { a: <u8 as Of>::A } let h: std::option::Option<H> = None;",
    "impl<T: std::fmt::Debug> Of for Box<T> { type A = T; }",
    "5u8.of()",
    "macro_rules! field { () => { u8 } }",
    "macro_rules! field { () => { [u64; 4] } }",
    "struct M { a: field!(), b: u32 } let m = M { a: unsafe { std::mem::zeroed() }, b: 7 };",
    "m.b",
    "macro_rules! made { ($n:ident) => { struct $n { v: i32 } static COUNT: std::sync::Mutex<i32> = std::sync::Mutex::new(0); fn counted() -> i32 { *COUNT.lock().unwrap() } } }",
    "made!(Thing);",
    "made!(Other); let t = Other { v: counted() };",
    "macro_rules! made { ($n:ident) => { println!(\"{}\", stringify!($n)); } }",
    "#[cfg(unix)] fn sys() -> i32 { 1 }\n#[cfg(not(unix))] fn sys() -> i32 { 2 }",
    "#[cfg(windows)] fn sys() -> i32 { 3 }",
    "fn crash() -> i32 { let v = [1, 2, 3]; v[10] }",
    "fn need<const N: usize>() -> usize { const { assert!(N > 0) } N }",
    "fn none() -> usize { need::<0>() }",
    "let (N, M2) = (3, 4); let LIMIT = 5;",
    "const LIMIT: i32 = 9; fn limit() -> i32 { LIMIT }",
    "let s = std::string::String::from(\"x\"); let r = &s; let f = || s.len();",
    "let s = &s;",
    "async fn go() -> usize { 4 } let task = tokio::spawn(go());",
    "go().await",
    "panic!(\"a panic in a cell\")",
];

#[test]
fn any_cells_leave_a_kernel_that_adds_one_and_one() {
    let count = std::env::var("ANYMODEL_SEQUENCES").ok();
    let cases = count.and_then(|count| count.parse().ok()).unwrap_or(40);
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 60,
        ..Config::default()
    };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = match cases > 40 {
        true => TestRunner::new(config),
        false => TestRunner::new_with_rng(config, random),
    };
    let cells = proptest::collection::vec(proptest::sample::select(&CELLS[..]), 2..9);
    let session = RefCell::new(Session::new("sequences"));
    let found = runner.run(&cells, |cells| {
        let mut session = session.borrow_mut();
        session.run(":clear");
        let mut told = String::new();
        for code in &cells {
            told += &format!("== {code}\n{}", session.run(code).told());
        }
        for _ in 0..2 {
            let seen = session.run("1 + 1");
            prop_assert_eq!(
                seen.value.as_deref(),
                Some("2"),
                "{}\n{}",
                told,
                seen.told()
            );
            prop_assert!(seen.stderr.is_empty(), "{}\n{}", told, seen.told());
        }
        Ok(())
    });
    if let Err(error) = found {
        panic!("{error}");
    }
}
