//! What cells may consist of, and how they end.

use std::time::{Duration, Instant};

use super::session::Session;

#[test]
fn the_last_expression_may_be_of_any_form() {
    let mut session = Session::new("forms");
    let cells = [
        ("loop { break 5 }", "5"),
        ("'a: { if true { break 'a 3 } 4 }", "3"),
        ("unsafe { *(&5 as *const i32) }", "5"),
        (
            "match Some(3) { Some(x) if let Some(y) = Some(x) => y, _ => 0 }",
            "3",
        ),
        (
            "if let Some(z) = Some(3) && z > 2 { \"chain\" } else { \"\" }",
            "\"chain\"",
        ),
        ("vec![1, 2]", "[1, 2]"),
        ("let c = async |x: i32| x + 1; c(2).await", "3"),
        (
            "let (a, b) = tokio::join!(async { 1 }, async { 2 }); a + b",
            "3",
        ),
        (
            "(|| -> Result<i32, std::num::ParseIntError> { Ok(\"5\".parse::<i32>()?) })()",
            "Ok(5)",
        ),
        ("&&7", "7"),
        ("-1 + 2", "1"),
        ("!true", "false"),
        ("!(1 > 2)", "true"),
        ("1..3", "1..3"),
        ("|x: i32| x; 4", "4"),
    ];
    for (code, value) in cells {
        assert_eq!(session.value(code), value, "{code}");
    }
}

#[test]
fn nothing_to_run_is_no_mistake() {
    let mut session = Session::new("nothing");
    session.run_all(&[
        "",
        "  \n\t",
        "// words",
        "/* words */",
        "#![allow(unused)]",
        ";",
    ]);
}

#[test]
fn a_program_pasted_into_a_cell_says_how_to_start_it() {
    let mut session = Session::new("main");
    let seen = session.run("#![allow(unused)] fn main() { println!(\"hello\"); }");
    assert!(seen.stderr.contains("`main()`"), "{}", seen.told());
    assert_eq!(session.run("main()").stdout, "hello\n");
    let seen = session.run("#[tokio::main]\nasync fn main() { println!(\"task\"); }");
    assert!(seen.stderr.contains("`main()`"), "{}", seen.told());
    assert_eq!(session.run("main()").stdout, "task\n");
}

#[test]
fn a_process_that_a_cell_left_behind_does_not_hide_that_the_cell_ended_its_own() {
    let mut session = Session::new("left");
    let started = Instant::now();
    let seen = session
        .run("std::process::Command::new(\"sleep\").arg(\"60\").spawn()?; std::process::exit(3)");
    assert_eq!(
        seen.failure.as_ref().map(|failure| failure.name.as_str()),
        Some("Exited"),
        "{}",
        seen.told()
    );
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(session.value("1 + 1"), "2");
}

#[test]
fn a_crate_that_cannot_be_added_leaves_the_session_as_it_was() {
    let mut session = Session::new("dep");
    session.run_all(&["let kept = vec![1];"]);
    for line in [
        ":dep no-such-crate-anymodel-zz = \"1\"",
        ":dep rand = \"99\"",
        ":dep rand = 0.9.x",
    ] {
        let seen = session.run(line);
        let failure = seen.failure.as_ref().map(|failure| failure.name.as_str());
        assert_eq!(failure, Some("CommandError"), "{line}\n{}", seen.told());
        assert!(!seen.told().contains("lesson"), "{}", seen.told());
        assert_eq!(session.value("kept.len()"), "1", "{line}");
    }
}

#[test]
fn a_cell_that_asks_for_too_much_memory_says_so() {
    let mut session = Session::new("memory");
    let seen = session.run("let v: Vec<u8> = Vec::with_capacity(1 << 46); v.len()");
    let told = seen.told();
    assert!(told.contains("more memory than there is"), "{told}");
    assert_eq!(session.value("1 + 1"), "2");
}
