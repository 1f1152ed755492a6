//! What a cell accepted never breaks a later one.

use super::session::Session;

/// Cells that are accepted, and one that must be refused with these words.
fn refused(session: &mut Session, code: &str, words: &str) {
    let told = session.run(code).told();
    assert!(told.contains("CompileError"), "{code}\n{told}");
    assert!(told.contains(words), "{code}\n{told}");
    assert_eq!(session.value("1 + 1"), "2", "after {code}");
}

#[test]
fn a_mistake_that_is_found_when_code_is_made_is_told_in_its_own_cell() {
    let mut session = Session::new("own-cell");
    let cells = [
        (
            "fn crash() -> i32 { let v = [1, 2, 3]; v[10] }",
            "index out of bounds",
        ),
        ("fn over() -> u8 { let x = 255u8; x + 1 }", "overflow"),
        ("fn zero() -> u8 { let z = 0; 1 / z }", "divide"),
        (
            "struct A; impl A { fn m(&self) -> i32 { let v = [1]; v[3] } }",
            "index out of bounds",
        ),
        (
            "mod deep { pub fn f() -> u8 { let v = [1]; v[3] } }",
            "index out of bounds",
        ),
        (
            "fn checked() { const { assert!(1 == 2) } }",
            "assertion failed",
        ),
        (
            "fn need<const N: usize>() -> usize { const { assert!(N > 0) } N } fn none() -> usize { need::<0>() }",
            "assertion failed",
        ),
        ("const TOO_BIG: u8 = 255 + 1;", "overflow"),
    ];
    for (code, words) in cells {
        refused(&mut session, code, words);
    }
}

#[test]
fn an_item_that_goes_wrong_is_set_aside_by_its_name_once() {
    let mut session = Session::new("aside");
    session.run_all(&[
        "struct P { name: String } fn bare() -> i32 { 3 }",
        "fn make() -> P { P { name: String::new() } } fn twice() -> (P, P) { (make(), make()) }",
    ]);
    let seen = session.run("struct P { nick: String }");
    assert_eq!(seen.failure, None, "{}", seen.told());
    let told = seen.told();
    assert!(
        told.contains("`make`") && !told.contains("`bare`"),
        "{told}"
    );
    assert_eq!(session.value("1 + 1"), "2");
    let seen = session.run("bare()");
    assert_eq!(
        (seen.value.as_deref(), seen.stderr.as_str()),
        (Some("3"), "")
    );
}

#[test]
fn what_a_later_cell_makes_wrong_stops_nothing_else() {
    let mut session = Session::new("later-wrong");
    session.run_all(&[
        "use std::fmt::Display; mod shapes { pub fn area() -> i32 { 4 } pub struct Sq; }",
        "use shapes::area; fn show(x: impl Display) -> String { x.to_string() }",
        "mod shapes { pub fn size() -> i32 { 5 } }",
    ]);
    assert_eq!(session.value("1 + 1"), "2");
    assert_eq!(session.value("show(shapes::size())"), "\"5\"");
    let told = session.run("area()").told();
    assert!(told.contains("area"), "{told}");
    assert_eq!(session.value("1 + 1"), "2");
}

#[test]
fn a_cell_finds_what_it_reaches_only_through_traits_operators_and_macros() {
    let mut session = Session::new("reach");
    session.run_all(&[
        "mod zoo { pub trait Speak { fn speak(&self) -> String { \"...\".into() } } #[derive(Debug, Clone, PartialEq)] pub struct Cat(pub i32); impl Speak for Cat {} }",
        "use zoo::Speak;",
        "impl std::ops::Add for zoo::Cat { type Output = zoo::Cat; fn add(self, o: Self) -> Self { zoo::Cat(self.0 + o.0) } }",
        "impl std::ops::Deref for zoo::Cat { type Target = i32; fn deref(&self) -> &i32 { &self.0 } }",
        "impl From<zoo::Cat> for String { fn from(c: zoo::Cat) -> String { format!(\"cat {}\", c.0) } }",
        "trait Double { fn double(&self) -> Self; } impl Double for i32 { fn double(&self) -> i32 { self * 2 } }",
        "trait Loud { fn loud(&self) -> String; } impl<T: std::fmt::Debug> Loud for T { fn loud(&self) -> String { format!(\"{self:?}!\") } }",
        "macro_rules! cat { ($n:expr) => { zoo::Cat(helper($n)) } } fn helper(n: i32) -> i32 { n + OFFSET } const OFFSET: i32 = 10;",
        "use std::fmt::Write as _; use std::collections::*;",
        "enum Shape { Dot, Line } use Shape::*;",
        "let c = zoo::Cat(1);",
    ]);
    assert_eq!(session.value("c.speak()"), "\"...\"");
    assert_eq!(session.value("(c.clone() + c.clone()).abs()"), "2");
    assert_eq!(
        session.value("let s: String = c.clone().into(); s"),
        "\"cat 1\""
    );
    assert_eq!(session.value("(4.double(), 5.loud())"), "(8, \"5!\")");
    assert_eq!(session.value("cat!(1)"), "Cat(11)");
    assert_eq!(
        session.value("let mut t = String::new(); write!(t, \"{}\", 5)?; t"),
        "\"5\""
    );
    assert_eq!(
        session.value("let m: BTreeMap<i32, i32> = BTreeMap::new(); m.len()"),
        "0"
    );
    assert_eq!(session.value("match Line { Dot => 1, Line => 2 }"), "2");
    assert_eq!(session.value("let x = 3; format!(\"{x}\")"), "\"3\"");
}

#[test]
fn one_name_can_stand_for_something_in_each_namespace() {
    let mut session = Session::new("namespaces");
    session.run_all(&[
        "mod geometry { pub fn area() -> i32 { 4 } } fn geometry() -> i32 { geometry::area() }",
        "use std::fmt::Debug; #[derive(Debug)] enum Level { Low }",
        "struct vector { x: i32 } fn vector() -> vector { vector { x: 7 } } macro_rules! vector { () => { vector() } }",
        "#[cfg(unix)] fn sys() -> &'static str { \"unix\" }\n#[cfg(not(unix))] fn sys() -> &'static str { \"other\" }",
    ]);
    assert_eq!(session.value("geometry()"), "4");
    assert_eq!(session.value("vector!().x"), "7");
    assert_eq!(session.value("sys().len() > 0"), "true");
    assert_eq!(session.value("Level::Low"), "Low");
    // An import and a type of one name, in one cell and over two.
    session.run_all(&[
        "use std::hash::Hash; #[derive(Hash)] struct Keyed(i32); fn hash_of(_: impl std::hash::Hash) -> i32 { 1 }",
        "struct Debug { on: bool }",
    ]);
    assert_eq!(session.value("hash_of(Keyed(1))"), "1");
    assert_eq!(session.value("Debug { on: true }.on"), "true");
    assert_eq!(session.value("1 + 1"), "2");
}

#[test]
fn the_last_of_two_imports_of_a_name_counts() {
    let mut session = Session::new("two-imports");
    session.run_all(&["use std::fmt::Result;", "use std::io::Result;"]);
    assert_eq!(
        session.value("let r: Result<i32> = Ok(1); r.is_ok()"),
        "true"
    );
    session.run_all(&["type Result = i32;"]);
    assert_eq!(session.value("let r: Result = 5; r"), "5");
}

#[test]
fn names_in_capitals_last_and_constants_in_patterns_are_no_variables() {
    let mut session = Session::new("capitals");
    assert_eq!(session.value("let (N, M) = (3, 4); N + M"), "7");
    assert_eq!(session.value("N + M"), "7");
    session.run_all(&[
        "#[derive(Debug, Clone, Copy)] enum Shape { Dot, Line(i32) } use Shape::*;",
        "let (Dot | Line(_)) = Dot; let Some(Q) = Some(5) else { panic!() };",
        "let (Q2, R) = (1, Dot);",
    ]);
    assert_eq!(session.value("(Q, Q2, R)"), "(5, 1, Dot)");
    assert_eq!(session.value("let x = Dot; x"), "Dot");
}

#[test]
fn a_reference_that_takes_the_name_of_its_owner_does_not_cost_the_owner() {
    let mut session = Session::new("owner");
    session.run_all(&["let mut s = String::from(\"abc\");"]);
    assert_eq!(
        session.run("let s = &s; println!(\"s={}\", s);").stdout,
        "s=abc\n"
    );
    assert_eq!(session.value("s.len()"), "3");
    let told = session.run("let v: Vec<i32>;").told();
    assert!(
        told.contains("no value") && !told.contains("borrows"),
        "{told}"
    );
}

#[test]
fn a_destructor_that_panics_costs_no_more_than_its_message() {
    let mut session = Session::new("destructor");
    session.run_all(&[
        "struct Bad; impl Drop for Bad { fn drop(&mut self) { panic!(\"in drop\"); } } let b = Bad; let c = Bad;",
    ]);
    let told = session.run("let b = 1;").told();
    assert!(told.contains("Panic") && told.contains("in drop"), "{told}");
    assert_eq!(session.value("1 + 1"), "2");
    assert_eq!(session.value("let b = 2; b"), "2");
    let told = session.run("fn f() {} let d = { let c = 5; c };").told();
    assert!(!told.contains("other type"), "{told}");
    assert_eq!(session.value("b + 1"), "3");
}

#[test]
fn a_learners_own_methods_are_not_those_that_show_a_value() {
    let mut session = Session::new("peel");
    session.run_all(&[
        "#[derive(Debug)] struct Banana(i32); impl Banana { fn peel(&self) -> String { \"peeled\".into() } fn finish(&self) {} }",
        "trait Finish { fn finish(&self); fn peel(&self) -> i32; } impl<T> Finish for T { fn finish(&self) {} fn peel(&self) -> i32 { 1 } }",
    ]);
    assert_eq!(session.value("Banana(1)"), "Banana(1)");
    assert_eq!(
        session.value("|x: i32| x"),
        "a closure or a future, which has no Debug"
    );
    assert_eq!(
        session.value("struct Hidden; Hidden"),
        "a value of the type Hidden, which has no Debug"
    );
}

#[test]
fn any_usual_error_can_be_returned_early() {
    let mut session = Session::new("errors");
    session.run_all(&[
        "use std::error::Error; fn sync() -> Result<i32, Box<dyn Error + Send + Sync>> { Err(\"bad\".into()) }
         fn plain() -> Result<i32, Box<dyn Error>> { Err(\"worse\".into()) } fn text() -> Result<i32, String> { Err(\"worst\".into()) }",
    ]);
    for (code, words) in [
        ("let v = sync()?;", "bad"),
        ("let v = plain()?;", "worse"),
        ("let v = text()?;", "worst"),
        (
            "let n: i32 = \"5\".parse()?; let b = plain().or(sync())?; n + b",
            "bad",
        ),
        ("async { sync() }.await?;", "bad"),
    ] {
        let failure = session.run(code).failure.unwrap();
        assert_eq!(
            (failure.name.as_str(), failure.value.as_str()),
            ("Error", words),
            "{code}"
        );
    }
}

#[test]
fn what_goes_wrong_only_where_it_is_used_stays_as_it_is() {
    let mut session = Session::new("instances");
    session.run_all(&["fn need<const N: usize>() -> usize { const { assert!(N > 0) } N }"]);
    for code in [
        "need::<0>()",
        "fn none() -> usize { need::<0>() }",
        "let n = need::<0>(); n",
    ] {
        let told = session.run(code).told();
        assert!(told.contains("assertion failed"), "{code}\n{told}");
    }
    assert_eq!(session.value("need::<3>()"), "3");
}
