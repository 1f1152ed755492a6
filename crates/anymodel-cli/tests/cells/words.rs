//! What a learner reads when a cell fails, held by a golden file.

use super::session::Session;

/// Words of generated code, which nobody may read.
pub const INNER: [&str; 9] = [
    "cell-",
    "__cell",
    "__value",
    "__types",
    "anymodel_cell",
    "notebook::",
    "#![feature",
    "take::<",
    "/rustc/",
];

/// Runs cells; tells what each of them said.
fn told(session: &mut Session, cells: &[&str]) -> String {
    let mut text = String::new();
    for code in cells {
        let seen = session.run(code);
        let words = seen.told();
        for inner in INNER {
            assert!(
                !words.contains(inner),
                "{inner} in what was said of {code}\n{words}"
            );
        }
        text += &format!("== {code}\n");
        if !seen.stdout.is_empty() {
            text += &format!("(printed) {}\n", seen.stdout.trim_end());
        }
        if let Some(value) = &seen.value {
            text += &format!("(value) {value}\n");
        }
        text += &format!("{words}\n");
    }
    text
}

#[test]
fn a_cell_that_does_not_compile_is_told_in_the_learners_own_text() {
    let mut session = Session::new("words-compile");
    insta::assert_snapshot!(told(
        &mut session,
        &[
            "let y: i32 = \"中文\"; // 注释",
            "/* 中文 */ let s = String::from(\"x\");\n\tlet n: String = 5;",
            "let x = 1;\r\nlet 名: i32 = \"a\";\r\n",
            "printn!(\"x\")",
            "let x = 5",
            "let x = (1;",
            "fn f( { }",
            "let s = \"unclosed;",
            "println!(\"{}\", y x);",
            "/// words",
            "break",
            "return;",
            "None",
            "Vec::new()",
            "\"5\".parse()?",
            "let o: Option<i32> = None; let v = o?;",
            "let o: Option<i32> = None; let v = async { 1 }.await + o?;",
            "Err::<i32, Vec<i32>>(vec![])?;",
            "use nothing::Here;",
            "let q: ! = panic!();",
            "let i = 5u8; i - 6",
            "let numbers = vec![1].into_iter().map(|x| x); numbers.count(); numbers",
        ],
    ));
}

#[test]
fn what_became_of_a_variable_is_told() {
    let mut session = Session::new("words-variables");
    insta::assert_snapshot!(told(
        &mut session,
        &[
            "let s = String::from(\"x\"); let t = s; let n = 1;",
            "s",
            "drop(t);",
            "t",
            "n += 1;",
            "let v = vec![1]; let first = &v[0];",
            "first",
            "let add = |x: i32| x + 1; let later = async { 1 };",
            "add(1)",
            "#[derive(Debug)] struct P(i32); let p = P(1);",
            "struct P { n: i32 }",
            "p",
            "Err::<i32, _>(std::io::Error::other(\"x\"));",
            "async fn go() {} go();",
            "let r = std::thread::spawn(|| panic!(\"inner\")).join(); r.is_err()",
            "r.is_err()",
            "trait Animal { fn name(&self) -> i32; } struct Dog; impl Animal for Dog { fn name(&self) -> i32 { 1 } }",
            "trait Animal { fn name(&self) -> i32; fn legs(&self) -> i32; }",
            "impl Animal for Dog { fn name(&self) -> i32 { 1 } fn legs(&self) -> i32 { 4 } } Dog.legs()",
            "let v = vec![1];",
            "let w = v; panic!(\"after\")",
            "v",
        ],
    ));
}

#[test]
fn a_cell_that_fails_while_it_runs_is_told_in_the_learners_own_text() {
    let mut session = Session::new("words-run");
    insta::assert_snapshot!(told(
        &mut session,
        &[
            "let kept = 1; fn at(n: usize) -> i32 { vec![1, 2][n] }",
            "panic!(\"a <b>bad</b> day\\nand night\")",
            "at(7)",
            "[1, 2][std::hint::black_box(5)]",
            "None::<i32>.unwrap()",
            "\"x\".parse::<i32>()?;",
            "let n = async { \"x\".parse::<i32>() }.await?;",
            "todo!()",
            "kept",
            ":nonsense",
            "let x = 1;\n:dep rand = \"0.9\"",
            ":dep ???",
            "!exit 3",
            "std::process::exit(3)",
            "kept",
            "std::process::abort()",
            "fn down(n: u64) -> u64 { 1 + down(std::hint::black_box(n)) } down(1)",
            "at(1)",
        ],
    ));
}

#[test]
fn what_a_cell_cannot_do_yet_is_said() {
    let mut session = Session::new("words-not-yet");
    let cases = [
        (":opt 3", "not optimised"),
        (":timing\n1 + 1", "no effect"),
        (
            "#[test]\nfn it_works() { assert_eq!(1, 2); }",
            "tests in cells",
        ),
        (
            "#[cfg(test)]\nmod tests { #[test] fn one() {} }",
            "tests in cells",
        ),
        (
            "let mut line = String::new(); std::io::stdin().read_line(&mut line)?;",
            "cannot ask",
        ),
        (
            "use std::io::stdin; fn ask() -> usize { stdin().lines().count() }",
            "cannot ask",
        ),
    ];
    for (code, words) in cases {
        let seen = session.run(code);
        assert_eq!(seen.failure, None, "{code}");
        assert!(seen.stderr.contains(words), "{code}\n{}", seen.told());
    }
    let silent = [
        "fn test() {} test();",
        "std::process::Command::new(\"true\").stdin(std::process::Stdio::null()).status()?;",
        "let stdin = 1; let x = \"stdin()\";",
    ];
    for code in silent {
        assert_eq!(session.run(code).told(), "", "{code}");
    }
    let cases = [
        ("%%time\n1 + 1", "no magics"),
        ("let x = 1\n!ls", "stand at the top"),
        ("!ls\nlet x = 1\n!pwd", "stand at the top"),
    ];
    for (code, words) in cases {
        let told = session.run(code).told();
        assert!(told.contains(words), "{code}\n{told}");
        assert_eq!(told.matches("error").count(), 1, "{code}\n{told}");
    }
}

#[test]
fn places_that_code_asks_for_are_those_of_its_cell() {
    let mut session = Session::new("words-places");
    let cells = [
        (
            "let a = 1;\nlet b = dbg!(a + 1);",
            "[cell [1]:2:9] a + 1 = 2\n",
        ),
        (
            "dbg!(a, b);",
            "[cell [2]:1:1] a = 1\n[cell [2]:1:1] b = 2\n",
        ),
        ("fn twice(n: i32) -> i32 {\n    dbg!(n) * 2\n}", ""),
        (
            "/* é */ twice(4); dbg!();",
            "[cell [3]:2:5] n = 4\n[cell [4]:1:19]\n",
        ),
    ];
    for (code, words) in cells {
        let seen = session.run(code);
        assert_eq!(seen.failure, None, "{}", seen.told());
        assert_eq!(seen.stderr, words, "{code}");
    }
    assert_eq!(
        session.value("1;\n(line!(), column!(), file!())"),
        "(2, 11, \"cell [5]\")"
    );
    assert_eq!(session.value("const LINE: u32 = line!();\nLINE"), "1");
    assert_eq!(session.value("concat!(\"a\", file!())"), "\"acell [7]\"");
    let here = "std::panic::Location::caller().file()";
    assert_eq!(session.value(here), "\"cell [8]\"");
    let seen = session.run("let n: Option<i32> = None;\nn.unwrap()");
    assert!(seen.told().contains("cell [9]:2:3"), "{}", seen.told());
    assert!(!seen.told().contains("happened at"), "{}", seen.told());
    session.run_all(&["macro_rules! dbg { ($x:expr) => { $x + 100 } }"]);
    assert_eq!(session.value("dbg!(1)"), "101");
}

#[test]
fn the_crate_of_a_cell_is_called_notebook() {
    let mut session = Session::new("words-crate");
    session.run_all(&["struct Point; mod shapes { pub struct Square; pub fn path() -> &'static str { module_path!() } }"]);
    assert_eq!(
        session.value(
            "(std::any::type_name::<Point>(), std::any::type_name::<Vec<shapes::Square>>())"
        ),
        "(\"notebook::Point\", \"alloc::vec::Vec<notebook::shapes::Square>\")"
    );
    assert_eq!(
        session.value("(module_path!(), shapes::path(), env!(\"CARGO_PKG_NAME\"))"),
        "(\"notebook\", \"notebook::shapes\", \"notebook\")"
    );
    assert_eq!(
        session.value("Point"),
        "a value of the type Point, which has no Debug"
    );
}
