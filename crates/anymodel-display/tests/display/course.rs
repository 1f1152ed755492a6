//! On the course's kernel: frames.

use std::collections::HashSet;

use anymodel::Diagram;
use anymodel::prelude::*;
use proptest::prelude::*;
use serde_json::json;

use crate::frames::{MARK, Part, Seen, page, printed, read, twins};
use crate::stage::{course, run};

/// Nobody is asked in these tests.
const NOWHERE: &str = "127.0.0.1:9";

fn shown(act: &str, script: &str) -> Vec<u8> {
    run(&mut course(act, NOWHERE), script).out
}

/// Control characters as people see them; Windows line ends are line ends.
fn pictured(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let picture = |c: char| match u32::from(c) {
        _ if !c.is_control() || c == '\n' || c == '\t' => c,
        0x7f => '␡',
        code @ 0..0x20 => char::from_u32(0x2400 + code).unwrap(),
        _ => '\u{fffd}',
    };
    text.chars().map(picture).collect()
}

/// Text that tries to act: pieces of frames, of evcxr's protocol, of HTML, of a terminal's language.
fn hostile() -> impl Strategy<Value = String> {
    let other = "fedcba9876543210fedcba9876543210";
    let piece = prop_oneof![
        Just("\u{1e}".to_owned()),
        Just("\u{1f}".to_owned()),
        Just(format!(
            "\u{1e}{other}\u{1f}{{\"clear\":{{\"wait\":false}}}}\u{1e}"
        )),
        Just(format!("\u{1e}{}", &MARK[..31])),
        Just("\nEVCXR_EXECUTION_COMPLETE\n".to_owned()),
        Just("EVCXR_BEGIN_CONTENT text/html\n".to_owned()),
        Just("<script>alert(1)</script>".to_owned()),
        Just("</td><img src=x onerror=\"x\">'&amp;".to_owned()),
        Just("\u{1b}[2J\u{1b}]0;x\u{7}\r\u{8}\u{0}\u{9b}".to_owned()),
        any::<String>(),
        "[\\x00-\\x7f]{0,8}",
    ];
    // A letter first: a reply without a word is no reply. A carriage return at the end would be half a line end.
    proptest::collection::vec(piece, 0..6)
        .prop_map(|pieces| format!("a{}", pieces.concat().trim_end_matches('\r')))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_model_says_comes_out_as_text(said in hostile()) {
        let bytes = shown("tell", &said);
        let page = page(&bytes);
        let twins = twins(&page);
        prop_assert_eq!(twins.len(), 5, "a reply, a chart, a growing text, a bar and a diagram");
        let harmless = pictured(&said);
        let summary = twins[0].strip_prefix(&harmless);
        prop_assert!(summary.is_some_and(|rest| rest.starts_with("\n[acme/answering")), "{:?}", twins[0]);
        prop_assert!(twins[1].starts_with(&harmless), "{:?}", twins[1]);
        prop_assert_eq!(twins[2], &harmless);
        prop_assert!(twins[3].starts_with(&harmless), "{:?}", twins[3]);
        prop_assert!(twins[4].ends_with(&format!("gateway ── {harmless}")), "{:?}", twins[4]);
        let expected = format!("{harmless}\n{said}\n");
        prop_assert_eq!(printed(&page), expected);
        // As many tags as there are for harmless words, whatever was said; the table changed into the chart.
        let shown = page.iter().filter_map(html).map(str::to_owned);
        for (html, tags) in shown.chain(tables(&bytes)).zip([6, 13, 2, 6, 25, 16]) {
            prop_assert_eq!(html.matches('<').count(), tags, "{}", html);
            let acts = |c: char| c.is_control() && c != '\n' && c != '\t';
            prop_assert!(!html.contains(acts), "{:?}", html);
        }
    }
}

/// The HTML of the tables that were shown, even if something else took their place.
fn tables(bytes: &[u8]) -> Vec<String> {
    let frames = read(bytes).into_iter().filter_map(|part| match part {
        Part::Frame(frame) => frame["display"]["data"]["text/html"]
            .as_str()
            .map(str::to_owned),
        Part::Text(_) => None,
    });
    frames.filter(|html| html.starts_with("<table")).collect()
}

fn html(seen: &Seen) -> Option<&str> {
    match seen {
        Seen::Shown { html, .. } => Some(html),
        Seen::Printed(_) => None,
    }
}

#[test]
fn what_changes_keeps_its_place_and_its_name() {
    let bytes = shown("live", "");
    let page = page(&bytes);
    let gateway = Diagram::gateway(3, &["acme"]);
    assert_eq!(
        page,
        [
            Seen::Printed("before\n".to_owned()),
            Seen::Shown {
                html: gateway.to_html(),
                text: gateway.to_string(),
                updates: 2
            },
            Seen::Printed("after\n".to_owned()),
        ]
    );
    let names: HashSet<_> = read(&bytes)
        .into_iter()
        .filter_map(|part| match part {
            Part::Frame(frame) => Some(name(&frame)),
            Part::Text(_) => None,
        })
        .collect();
    assert_eq!(names.len(), 1);
    let others = read(&shown("live", ""));
    let Part::Frame(other) = &others[1] else {
        panic!("{others:?}");
    };
    assert!(
        !names.contains(&name(other)),
        "another process must not change what this one showed"
    );
}

fn name(frame: &serde_json::Value) -> String {
    let body = frame.as_object().unwrap().values().next().unwrap();
    body["id"].as_str().unwrap().to_owned()
}

#[test]
fn an_answer_grows_between_what_was_printed_before_and_after() {
    let text = "Recursion is <b>recursion</b>,\nEVCXR_EXECUTION_COMPLETE again.";
    let page = page(&shown("grow", text));
    let [
        Seen::Printed(before),
        Seen::Shown {
            html, text: twin, ..
        },
        Seen::Printed(after),
    ] = &page[..]
    else {
        panic!("{page:?}");
    };
    assert_eq!((before.as_str(), after.as_str()), ("before\n", "after\n"));
    assert_eq!(twin, text, "evcxr's words mean nothing to this kernel");
    assert!(html.contains("&lt;b&gt;recursion&lt;/b&gt;"), "{html}");
}

#[test]
fn an_answer_that_begins_anew_leaves_nothing_of_the_first() {
    let page = page(&shown("stream", "Hello again"));
    let [
        Seen::Printed(before),
        Seen::Shown { text: twin, .. },
        Seen::Printed(after),
    ] = &page[..]
    else {
        panic!("{page:?}");
    };
    assert_eq!((before.as_str(), after.as_str()), ("before\n", "after\n"));
    assert_eq!(twin, "Hello again");
}

#[test]
fn a_hurried_answer_is_drawn_at_most_20_times_a_second_and_never_stays_old() {
    let parts = read(&shown("grow fast", ""));
    let is_waited = |part: &Part| matches!(part, Part::Text(text) if text.contains("waited"));
    let waited = parts.iter().position(is_waited).unwrap();
    let frames = |parts: &[Part]| -> Vec<String> {
        let frames = parts.iter().filter_map(|part| match part {
            Part::Frame(frame) => frame.as_object().unwrap().values().next(),
            Part::Text(_) => None,
        });
        frames
            .map(|body| body["data"]["text/plain"].as_str().unwrap().to_owned())
            .collect()
    };
    let before = frames(&parts[..waited]);
    let whole: String = (0..200).map(|number| format!("{number} ")).collect();
    assert_eq!(before.last(), Some(&whole));
    let hurried: u64 = parts
        .iter()
        .find_map(|part| match part {
            Part::Text(text) => text.strip_prefix("hurried for ")?.split(' ').next(),
            Part::Frame(_) => None,
        })
        .and_then(|number| number.parse().ok())
        .unwrap();
    // The first at once, one after each rest, and the last.
    let most = hurried / 50 + 3;
    assert!(before.len() as u64 <= most, "{} > {most}", before.len());
    assert!(before.len() > 2, "it grew: {before:?}");
    assert_eq!(frames(&parts[waited..]), [whole + "end"]);
}

#[test]
fn a_comparison_fills_as_its_models_answer() {
    let parts = read(&shown("compare", ""));
    let tables: Vec<_> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Frame(frame) => frame.as_object().unwrap().values().next(),
            Part::Text(_) => None,
        })
        .map(|body| body["data"]["text/plain"].as_str().unwrap())
        .collect();
    let waiting: Vec<_> = tables
        .iter()
        .map(|table| table.matches("waiting…").count())
        .collect();
    assert_eq!(waiting, [2, 1, 0, 0]);
    assert!(
        tables
            .iter()
            .all(|table| table.contains("sandbox (simulated)")),
        "what is simulated says so from the start"
    );
    let Some(Part::Text(then)) = parts.last() else {
        panic!("{parts:?}");
    };
    assert_eq!(*then, format!("then\n{}\n", tables[3]));
}

#[test]
fn a_bar_shows_how_far_a_step_has_come_in_words_too() {
    let page = page(&shown("progress", ""));
    let [
        Seen::Shown { html, text, .. },
        Seen::Shown { html: nothing, .. },
        Seen::Printed(_),
    ] = &page[..]
    else {
        panic!("{page:?}");
    };
    assert_eq!(text, "Asking [██████████████████░░░░░░] 3 of 4");
    assert!(
        html.contains("<progress value=\"3\" max=\"4\"></progress> 3 of 4"),
        "{html}"
    );
    assert!(nothing.contains("value=\"1\" max=\"1\""), "{nothing}");
}

#[test]
fn clear_takes_away_what_was_there() {
    let parts = read(&shown("clear", ""));
    assert_eq!(
        parts,
        [
            Part::Text("before\n".to_owned()),
            Part::Frame(json!({"clear": {"wait": false}})),
            Part::Text("after\n".to_owned()),
        ]
    );
}
