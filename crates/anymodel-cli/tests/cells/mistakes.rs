//! Mistakes that beginners make: one error for each, in the learner's own text, with the compiler's advice.

use super::session::{Seen, Session};
use super::words::INNER;

/// The cell that each mistake finds before it.
const BEFORE: &str = "let kept = 5; let name = String::from(\"Ann\"); fn other() {} struct Thing;";

/// How many errors a cell is told.
fn errors(seen: &Seen) -> usize {
    let told = seen.told();
    let is_title = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("error[") || line.starts_with("error: ")
    };
    told.lines().filter(is_title).count()
}

/// What is wrong with how one mistake is told.
fn wrong(session: &Session, seen: &Seen) -> Vec<String> {
    let words = seen.told();
    let mut wrong = Vec::new();
    if seen.failure.is_none() {
        wrong.push("no error".to_owned());
    }
    if errors(seen) != 1 {
        wrong.push(format!("{} errors", errors(seen)));
    }
    if !words.contains(&format!("--> cell [{}]:", session.count())) {
        wrong.push("no place in the cell".to_owned());
    }
    let inner = INNER.iter().filter(|inner| words.contains(**inner));
    wrong.extend(inner.map(|inner| format!("generated code: {inner}")));
    wrong
}

/// Runs cells with one mistake each. What is told of them is held by a golden file.
fn are_told_once(name: &str, mistakes: &[&str]) {
    let mut session = Session::new(name);
    session.run_all(&[BEFORE]);
    let (mut text, mut all_wrong) = (String::new(), String::new());
    for code in mistakes {
        let seen = session.run(code);
        text += &format!("== {code}\n{}\n", seen.told());
        let mut wrong = wrong(&session, &seen);
        let after = session.run("(kept, name.len())");
        if after.value.as_deref() != Some("(5, 3)") {
            wrong.push(format!("the next cell: {}", after.told()));
        }
        if !wrong.is_empty() {
            all_wrong += &format!("{code}\n    {}\n", wrong.join("\n    "));
        }
    }
    insta::assert_snapshot!(name, text);
    assert!(all_wrong.is_empty(), "{all_wrong}");
}

#[test]
fn a_mistake_in_the_form_of_a_text_is_one_error() {
    let mistakes = [
        "let x = kept + 1\nlet y = 6;",
        "let x = 5 // five",
        "let s = 'hello';",
        "match 3 { 1 => \"a\" 2 => \"b\", _ => \"c\" }",
        "kept.",
        "let total = kept +",
        "match kept",
        "let x = if kept > 3",
        "if kept > 3 { 1 } else",
        "let v = vec![1, 2",
        "fn f(x: i32) { x",
        "println!(\"a\"",
        "let s = \"open;\nkept",
        "/* open\nkept",
        "fn f() { } }",
        "(kept]",
        "let x = ;",
        "let = 5;",
        "let mut = 3;",
        "let 1x = 3;",
        "let fn = 3;",
        "x = = 3",
        "let x := 3;",
        "fn f() -> { 1 }",
        "fn f(a) {}",
        "fn f { 1 }",
        "const X = 5;",
        "struct P { a: i32 b: i32 }",
        "struct P { a: i32; b: i32 }",
        "enum E { A; B }",
        "struct P { a }",
        "let v: Vec<i32 = vec![];",
        "kept.max(1 2)",
        "if true { 1 } else 2",
        "if kept > 3 println!(\"a\");",
        "while kept > 3",
        "let s = \"\\q\";",
        "let s = \"a\" \"b\";",
        "pub let x = 5;",
        "#[derive(Debug)]",
        "for i in 0..3 println!(\"{i}\");",
        "match kept { 1 -> 2, _ -> 3 }",
        "match kept { 1 => 2 _ => 3 }",
        "let f = (x) => x;",
        "kept === 5",
        "kept <> 5",
        "let x = 5 5;",
        "return return;;)",
    ];
    are_told_once("mistakes-form", &mistakes);
}

#[test]
fn a_habit_of_another_language_is_one_error() {
    let mistakes = [
        "def f():\n    return 1",
        "if kept > 3 and kept < 9 { 1 }",
        "if not true { 1 }",
        "for i in range(3):\n    print(i)",
        "for i in range(3) { println!(\"{i}\"); }",
        "if kept > 3:\n    print(kept)",
        "import os",
        "from os import path",
        "class A:\n    pass",
        "let f = lambda x: x + 1;",
        "print(kept)",
        "println(\"{}\", kept)",
        "len(name)",
        "kept++",
        "++kept;",
        "kept ? 1 : 2",
        "int x = 5;",
        "var x = 5;",
        "let x = None;",
        "let x = null;",
        "let x = True;",
        "f\"{kept}\"",
        "name.length()",
        "name[0]",
        "let s = \"a\" + \"b\";",
        "kept.await()",
        "try { 1 } catch (e) { 2 }",
        "throw \"x\";",
        "function f() { }",
        "fn f(x: int) -> int { x }",
        "let x: string = \"a\";",
        "let a: i32[3] = [1, 2, 3];",
        "new String()",
        "self.kept",
        "elif kept > 3 { }",
        "%matplotlib inline\nkept",
        "let x = 5；",
        "println!（\"a\"）;",
        "println!(“a”);",
        "let (a， b) = (1, 2);",
    ];
    are_told_once("mistakes-habits", &mistakes);
}

#[test]
fn a_mistake_about_names_or_types_is_one_error() {
    let mistakes = [
        "let m: HashMap<i32, i32> = HashMap::new();",
        "impl Display for String { }",
        "fn other() {}\nimpl Display for i32 { }",
        "let mut text = String::new(); write!(text, \"a\")?;",
        "use std::collection::HashMap;",
        "use std::collections::HashMop;",
        "let x: i32 = \"a\";",
        "let x: u8 = kept;",
        "let x = kept + 1u64;",
        "let x = kept + 1.5;",
        "let x = 5; x = 6;",
        "kept = 6;",
        "let v = vec![1]; v.push(2);",
        "nmae.len()",
        "name.lenght()",
        "pritnln!(\"a\");",
        "println!(\"{} {}\", kept);",
        "println!(\"{kepd}\");",
        "println!(\"{}\", kept, name);",
        "println!(kept);",
        "fn f(x: i32) -> i32 { x + 1; }",
        "fn f(x: i32) -> i32 { if x > 1 { 2 } }",
        "fn f(x: i32) {} f(1, 2);",
        "fn f(x: i32) {} f();",
        "fn f(x: i32) {} f(\"a\");",
        "fn f() -> i32 { \"a\" }",
        "fn f(a: &str, b: &str) -> &str { a }",
        "fn f() -> &str { \"a\" }",
        "struct P { name: &str }",
        "if kept = 5 { 1 } else { 2 }",
        "if kept { 1 } else { 2 }",
        "let x = if kept > 3 { 1 } else { \"a\" };",
        "match Some(1) { Some(x) => x }",
        "enum Color { Red, Green } match Color::Red { Color::Red => 1 }",
        "enum Color { Red } Color::Blue",
        "struct P { x: i32 } P { x: 1, y: 2 }",
        "struct P { x: i32, y: i32 } P { x: 1 }",
        "struct P { x: i32 } let p = P { x: 1 }; p.z",
        "struct P; println!(\"{}\", P);",
        "struct P; println!(\"{:?}\", P);",
        "struct P; P == P",
        "struct P; let p = P; let q = p.clone();",
        "mod inner { pub struct P { x: i32 } } inner::P { x: 1 }",
        "mod inner { fn f() {} } inner::f()",
        "mod inner { pub struct P { x: i32 } impl P { pub fn new() -> P { P { x: 1 } } } } inner::P::new().x",
        "trait Greet { fn hi(&self); } struct P; impl Greet for P {}",
        "trait Greet { fn hi(&self); } struct P; P.hi();",
        "fn show<T>(x: T) { println!(\"{x}\"); }",
        "fn show(x: impl std::fmt::Display) {} struct P; show(P);",
        "enum List { Cons(i32, List), Nil }",
        "let a = [1, 2, 3]; let i: i32 = 1; a[i]",
        "let a = [1, 2, 3]; a[7]",
        "let x: u8 = 256;",
        "1 / 0",
        "let s: String = name + name.clone() + \"x\";",
        "let v: Vec<i32> = vec![1, \"a\"];",
        "let v = Vec::new();",
        "let n = \"5\".parse().unwrap();",
        "let n: i32 = \"5\".parse();",
        "let f = |x: i32| x + 1; f(\"a\")",
        "let f = |x: i32| x + 1; f(1, 2)",
        "[1, 2].iter().map(|a, b| a).count()",
        "vec![1].iter().sum()",
        "let x = &5; x + \"a\"",
        "fn f() { kept + 1; }",
        "fn f() -> Option<i32> { let x: i32 = \"5\".parse::<i32>()?; Some(x) }",
        "fn f() -> Result<i32, String> { let x = Some(1)?; Ok(x) }",
        "fn f() -> Result<(), String> { println!(\"a\"); }",
        "let x = Some(1)?;",
        "Some(1) + 1",
        "let Some(x) = Some(1);",
        "let (a, b) = (1, 2, 3);",
        "for i in 5 { }",
        "for x in kept.iter() { }",
        "let s: &str = name;",
        "let c: char = \"a\";",
        "continue",
        "kept as String",
        "\"5\" as i32",
        "use rand::Rng;",
        "#[derive(Serialise)] struct P;",
        "mod hello;",
        "include_str!(\"nowhere.txt\")",
        "foo!(1)",
        "let x = std::mem::swap(1, 2);",
    ];
    are_told_once("mistakes-types", &mistakes);
}

#[test]
fn a_mistake_about_ownership_or_futures_is_one_error() {
    let mistakes = [
        "let t = name; name.len()",
        "let t = name; drop(t); println!(\"{name}\");",
        "fn eat(s: String) {} eat(name); eat(name);",
        "let r; { let s = String::new(); r = &s; } r.len()",
        "let h = std::thread::spawn(|| { println!(\"{name}\"); });",
        "let local = vec![1]; let h = std::thread::spawn(|| println!(\"{local:?}\"));",
        "fn make() -> impl Fn() -> i32 { let n = 1; || n }",
        "fn f() -> &'static str { let s = String::new(); &s }",
        "let mut v = vec![1]; let first = &v[0]; v.push(2); println!(\"{first}\");",
        "let mut v = vec![1]; for x in &v { v.push(*x); }",
        "let mut s = String::new(); let a = &mut s; let b = &mut s; a.push('x'); b.push('y');",
        "for x in vec![name] {} name",
        "let v = vec![String::new()]; let s = v[0];",
        "let o = Some(name); if let Some(n) = o {} o.is_some()",
        "let r = &name; let t = name; r.len()",
        "let f = move || name.len(); name.len()",
        "let rc = std::rc::Rc::new(1); std::thread::spawn(move || println!(\"{rc}\"));",
        "async fn get() -> i32 { 5 }\nlet v: i32 = get();",
        "async fn get() -> i32 { 5 }\nget() + 1",
        "async fn get() -> String { String::new() }\nget().len()",
        "let client = anymodel::Client::sandbox()?;\nlet reply = client.ask(\"openai/gpt-4o-mini\", \"Hello\")?;",
        "fn f() -> i32 { async { 1 }.await }",
        "let x = kept.await;",
        "async fn get() -> i32 { 5 }\nlet v: Vec<i32> = (0..3).map(|_| get().await).collect();",
    ];
    are_told_once("mistakes-ownership", &mistakes);
}
