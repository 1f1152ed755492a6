//! What lasts from one cell to the next.

use super::session::Session;

#[test]
fn variables_of_all_kinds_of_names_last() {
    let mut session = Session::new("names");
    session.run_all(&["let r#type = 5; let größe = 7; let 名前 = \"中文\"; let N = 10;"]);
    let value = session.value("format!(\"{} {größe} {名前} {}\", r#type, N)");
    assert_eq!(value, "\"5 7 中文 10\"");
}

#[test]
fn an_uppercase_variable_gives_way_to_a_constant_of_its_name() {
    let mut session = Session::new("constants");
    session.run_all(&["let LIMIT = 10;", "const LIMIT: i32 = 20;"]);
    assert_eq!(session.value("LIMIT"), "20");
}

#[test]
fn a_function_declared_after_a_variable_of_its_name_is_the_one_that_counts() {
    let mut session = Session::new("functions");
    session.run_all(&["let area = 10;", "fn area() -> i32 { 20 }"]);
    assert_eq!(session.value("area()"), "20");
}

#[test]
fn variables_of_all_kinds_of_types_last() {
    let mut session = Session::new("types");
    session.run_all(&[
        "#[derive(Debug)] struct Z<const N: usize>([i32; N]); static S: [i32; 2] = [1, 2];",
        "let f: Box<dyn Fn(i32) -> i32 + Send> = Box::new(|x| x + 1); let g: fn(i32) -> i32 = |x| x;
         let h: &dyn Fn(&str) -> usize = &|s| s.len(); let arr = [[1u8; 3]; 2]; let z = Z([1, 2]); let s = &S;
         let d: Box<dyn std::fmt::Debug> = Box::new(5); let w; w = 8;",
        "struct String; let mine = String; let his = std::string::String::from(\"x\");",
        "enum Option { A } let mine = Option::A; let some = Some(1); let std = 4;",
    ]);
    assert_eq!(
        session.value("(f(1), g(2), h(\"abc\"), arr, z, s, d, w, his, some, std)"),
        "(2, 2, 3, [[1, 1, 1], [1, 1, 1]], Z([1, 2]), [1, 2], 5, 8, \"x\", Some(1), 4)"
    );
}

#[test]
fn a_macro_can_be_declared_anew_while_functions_use_it() {
    let mut session = Session::new("macros");
    session.run_all(&[
        "macro_rules! twice { ($e:expr) => { $e * 2 } } fn use_it() -> i32 { twice!(4) }",
        "macro_rules! twice { ($e:expr) => { $e * 20 } }",
    ]);
    assert_eq!(session.value("use_it()"), "80");
}

#[test]
fn a_new_function_does_not_cost_the_variables_whose_type_has_a_field_of_its_name() {
    let mut session = Session::new("fields");
    session.run_all(&[
        "#[derive(Debug)] struct P { name: String } let p = P { name: \"x\".into() };",
        "fn name() -> i32 { 1 }",
        "fn name() -> i32 { 2 }",
    ]);
    assert_eq!(session.value("p.name"), "\"x\"");
}

#[test]
fn a_new_import_does_not_cost_the_variables_of_a_type_of_its_name_from_elsewhere() {
    let mut session = Session::new("imports");
    session.run_all(&[
        "use std::io::Result; let r: Result<i32> = Ok(1);",
        "use std::fmt::Result;",
    ]);
    assert_eq!(session.value("r"), "Ok(1)");
}

#[test]
fn a_changed_type_costs_the_variables_that_hold_it_and_says_so() {
    let mut session = Session::new("changed");
    session.run_all(&[
        "const SIZE: usize = 2; struct A([u8; SIZE]); struct B { a: A }",
        "let b = B { a: A([0; 2]) }; let other = 1;",
    ]);
    let seen = session.run("const SIZE: usize = 3;");
    assert!(seen.stderr.contains("declared anew: b"), "{}", seen.told());
    let told = session.run("b.a.0.len()").told();
    assert!(told.contains("run the cell that makes it again"), "{told}");
    assert_eq!(session.value("other"), "1");
}

#[test]
fn the_last_of_two_implementations_counts_however_they_are_written() {
    let mut session = Session::new("impls");
    session.run_all(&[
        "struct P; impl std::fmt::Display for P { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { write!(f, \"a\") } }",
        "use std::fmt; impl fmt::Display for P { fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result { write!(f, \"b\") } }",
        "struct W<T>(T); impl<T> W<T> { fn get(&self) -> i32 { 1 } }",
        "impl<U> W<U> { fn get(&self) -> i32 { 2 } }",
    ]);
    assert_eq!(session.value("(P.to_string(), W(0).get())"), "(\"b\", 2)");
}

#[test]
fn a_type_can_be_changed_though_older_methods_do_not_fit_it_any_more() {
    let mut session = Session::new("fit");
    session.run_all(&[
        "struct P { name: String } fn bare() -> i32 { 3 }",
        "impl P { fn hi(&self) -> String { self.name.clone() } } fn make() -> P { P { name: String::new() } }",
    ]);
    let seen = session.run("struct P { nick: String }");
    assert_eq!(seen.failure, None, "{}", seen.told());
    assert!(
        seen.stderr.contains("`impl P`") && seen.stderr.contains("`make`"),
        "{}",
        seen.stderr
    );
    session.run_all(&["impl P { fn hi(&self) -> String { self.nick.clone() } }"]);
    assert_eq!(
        session.value("P { nick: \"n\".into() }.hi() + &bare().to_string()"),
        "\"n3\""
    );
}

#[test]
fn a_mistake_in_a_cell_does_not_cost_what_older_cells_declared() {
    let mut session = Session::new("kept");
    session.run_all(&["struct P { name: String } impl P { fn hi(&self) -> &str { &self.name } }"]);
    let seen = session.run("struct P { nick: Strin }");
    assert!(seen.told().contains("Strin"), "{}", seen.told());
    assert_eq!(session.value("P { name: \"n\".into() }.hi()"), "\"n\"");
}

#[test]
fn a_variable_whose_type_cannot_be_named_does_not_stand_in_the_way() {
    let mut session = Session::new("private");
    session.run_all(&[
        "mod m { mod inner { #[derive(Debug)] pub struct P; } pub fn f() -> inner::P { inner::P } }",
        "let x = 1; let p = m::f();",
    ]);
    let told = session.run("println!(\"{p:?}\");").told();
    assert!(
        told.contains("`p`") && told.contains("m::inner::P"),
        "{told}"
    );
    assert_eq!(
        session.value("let p = m::f(); format!(\"{p:?} {x}\")"),
        "\"P 1\""
    );
}

#[test]
fn a_static_is_one_for_all_cells_and_a_thread_local_lasts() {
    let mut session = Session::new("statics");
    session.run_all(&[
        "use std::sync::atomic::{AtomicU32, Ordering}; static COUNT: AtomicU32 = AtomicU32::new(0);",
        "COUNT.fetch_add(1, Ordering::SeqCst);",
        "thread_local! { static LOCAL: std::cell::Cell<i32> = const { std::cell::Cell::new(1) }; }\nLOCAL.set(2);",
    ]);
    assert_eq!(session.value("COUNT.fetch_add(1, Ordering::SeqCst)"), "1");
}

#[test]
fn a_closure_that_borrows_runs_and_only_the_closure_is_lost() {
    let mut session = Session::new("closures");
    let seen = session.run("let mut count = 0; let mut add = || count += 1; add(); add();");
    assert_eq!(seen.failure, None, "{}", seen.told());
    assert!(
        seen.stderr.contains("`add` ends with this cell"),
        "{}",
        seen.stderr
    );
    assert_eq!(session.value("count"), "2");
}

#[test]
fn an_old_value_is_never_taken_for_one_of_a_type_declared_anew() {
    let mut session = Session::new("layout");
    session.run_all(&["struct P { name: u8 } let p = P { name: 1 };"]);
    let told = session
        .run("struct P { name: [u64; 64] } p.name.len()")
        .told();
    assert!(told.contains("cannot find value `p`"), "{told}");
}
