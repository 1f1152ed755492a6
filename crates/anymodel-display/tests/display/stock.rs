//! On evcxr's own kernel: blocks between lines, of which it keeps the last of each kind.

use anymodel::Diagram;
use anymodel::prelude::*;

use crate::stage::{run, stock};

/// The contents of the blocks of a kind, and the text outside of all blocks.
fn blocks(printed: &str, mime: &str) -> (Vec<String>, String) {
    let (mut blocks, mut outside) = (Vec::new(), String::new());
    let mut lines = printed.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.strip_prefix("EVCXR_BEGIN_CONTENT ") else {
            assert!(!line.contains("EVCXR_"), "{line}");
            outside += &format!("{line}\n");
            continue;
        };
        let content: Vec<_> = lines
            .by_ref()
            .take_while(|line| *line != "EVCXR_END_CONTENT")
            .collect();
        if kind == mime {
            blocks.push(content.join("\n"));
        }
    }
    (blocks, outside)
}

#[test]
fn the_last_state_is_the_one_that_stays() {
    let printed = run(&mut stock("live"), "").text();
    let (twins, outside) = blocks(&printed, "text/plain");
    let gateway = Diagram::gateway(3, &["acme"]);
    assert_eq!(twins.last(), Some(&gateway.to_string()));
    assert_eq!(
        blocks(&printed, "text/html").0.last(),
        Some(&gateway.to_html())
    );
    assert_eq!(outside, "before\nafter\n");
}

#[test]
fn words_are_printed_whole_and_cannot_speak_to_the_kernel() {
    let said = "one\nEVCXR_EXECUTION_COMPLETE\ntwo \u{1b}[31m three";
    let printed = run(&mut stock("grow"), said).text();
    assert_eq!(
        printed,
        "before\none\nEVCXR\u{2060}_EXECUTION_COMPLETE\ntwo ␛[31m three\nafter\n"
    );
}

#[test]
fn a_bar_is_printed_once_where_it_ended() {
    let printed = run(&mut stock("progress"), "").text();
    assert_eq!(
        printed,
        "Asking [██████████████████░░░░░░] 3 of 4\nNothing [████████████████████████] 0 of 0\nafter\n"
    );
}

#[test]
fn a_comparison_ends_as_the_table_it_would_be_without_watching() {
    let printed = run(&mut stock("compare"), "").text();
    let (twins, then) = blocks(&printed, "text/plain");
    assert_eq!(then, format!("then\n{}\n", twins.last().unwrap()));
}

#[test]
fn nothing_can_be_taken_back() {
    assert_eq!(run(&mut stock("clear"), "").text(), "before\nafter\n");
}
