//! No text at all brings the engine down, and what a cell prints comes out as it was.

use anymodel_kernel::cells::frames::{OutputDecoder, OutputPart};
use anymodel_kernel::cells::source::{CellSource, StoreVariable};
use anymodel_kernel::cells::variables::types_in_mir;
use anymodel_kernel::cells::{Completeness, completeness, syntax};
use anymodel_kernel::cells::{diagnostics, render_diagnostic};
use proptest::prelude::*;

const MARK: &str = "0123456789abcdef0123456789abcdef";

/// Everything that comes out of these pieces, with texts that follow each other as one.
fn decoded<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> Vec<OutputPart> {
    let mut decoder = OutputDecoder::new(MARK);
    let mut pieces: Vec<OutputPart> = chunks.flat_map(|chunk| decoder.push(chunk)).collect();
    pieces.extend(decoder.end());
    let mut joined: Vec<OutputPart> = Vec::new();
    for piece in pieces {
        match (joined.last_mut(), piece) {
            (Some(OutputPart::Text(before)), OutputPart::Text(text)) => before.push_str(&text),
            (_, piece) => joined.push(piece),
        }
    }
    joined
}

/// Bytes that have to do with frames more often than chance would have it.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        "\\PC{0,8}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..6),
        Just(b"\x1e".to_vec()),
        Just(b"\x1f".to_vec()),
        (0..MARK.len()).prop_map(|length| format!("\x1e{}", &MARK[..length]).into_bytes()),
        Just("\x1effffffffffffffffffffffffffffffff\x1f{\"clear\":{}}\x1e".into()),
    ];
    proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

/// Text that has to do with Rust more often than chance would have it.
fn rust() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "\\PC{0,6}",
        proptest::sample::select(vec![
            "let ",
            "mut ",
            "x",
            " = ",
            "1",
            ";",
            "\n",
            "\r\n",
            "{",
            "}",
            "(",
            ")",
            "[",
            "]",
            "fn ",
            "f",
            "struct ",
            "S",
            "use a::{b, c as d, *};",
            "impl ",
            "for ",
            "\"",
            "'",
            "//",
            "/*",
            "*/",
            "#![",
            "#[",
            ":dep ",
            "!",
            "?",
            ".await",
            "名",
            "\t",
            "async ",
            "static ",
            "r#",
            "|",
            "=>",
            "match ",
            "if ",
            "else ",
            "//!",
            "///",
            "macro_rules! m { () => {} }",
            "m!",
            "::",
            "<",
            ">",
            "&",
            "\0",
            "\u{feff}",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

fn puts() -> Vec<StoreVariable> {
    vec![StoreVariable {
        range: 0..1,
        name: "x".to_owned(),
        is_new: true,
    }]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_comes_out_as_it_went_in_however_it_is_cut(bytes in bytes(), cuts in proptest::collection::vec(1..40_usize, 1..20)) {
        let mut rest = &bytes[..];
        let mut chunks = Vec::new();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() { break }
            let (chunk, more) = rest.split_at((*cut).min(rest.len()));
            chunks.push(chunk);
            rest = more;
        }
        let expected = String::from_utf8_lossy(&bytes).into_owned();
        let pieces = decoded(chunks.into_iter());
        let expected = if expected.is_empty() { vec![] } else { vec![OutputPart::Text(expected)] };
        prop_assert_eq!(pieces, expected);
    }

    #[test]
    fn a_frame_is_found_between_any_texts(before in bytes(), after in bytes(), value in "\\PC{0,20}", size in 1..50_usize) {
        let frame = serde_json::json!({ "result": value });
        let all = [&before[..], format!("\x1e{MARK}\x1f{frame}\x1e").as_bytes(), &after[..]].concat();
        let pieces = decoded(all.chunks(size));
        let frames: Vec<&OutputPart> = pieces.iter().filter(|piece| matches!(piece, OutputPart::Frame(_))).collect();
        // A text before it that ends like the beginning of a frame is still a text.
        let expected = OutputPart::Frame(frame);
        prop_assert_eq!(frames, vec![&expected]);
    }

    #[test]
    fn any_text_can_be_taken_apart(code in rust()) {
        if let Some(cell) = syntax::read(&code) {
            let ranges = cell.statements.iter().chain(&cell.value).chain(&cell.attributes);
            for range in ranges {
                prop_assert!(code.get(range.clone()).is_some(), "{range:?}");
            }
        }
        let _: Completeness = completeness(&code);
    }

    #[test]
    fn any_text_can_be_searched_for_types(mir in "\\PC{0,30}", tail in "[<>(){}\\[\\], a-z:0-9\\-\n中]{0,60}") {
        types_in_mir(&format!("{mir}anymodel_cell::put::<0, {tail}{mir}"), &puts());
    }

    #[test]
    fn any_words_of_a_compiler_can_be_read(code in rust(), start in 0..400_u64, length in 0..60_u64, text in "\\PC{0,20}") {
        let source = CellSource::raw(1, &code, false);
        let span = serde_json::json!({
            "file_name": "cell-1-0.rs", "byte_start": start, "byte_end": start + length, "is_primary": true,
            "label": text, "suggested_replacement": text, "expansion": null,
        });
        let line = serde_json::json!({
            "message": text, "level": "error", "code": null, "spans": [span],
            "children": [{ "message": text, "level": "help", "spans": [span] }],
        });
        let texts = std::iter::once((1, code.clone())).collect();
        for one in diagnostics::read(&format!("{line}\n{text}\n{{\n"), &source) {
            one.render(&texts);
        }
        render_diagnostic::place(&text, 1, start as usize, &texts);
    }
}

#[test]
fn a_text_that_nests_deeply_is_read_or_refused() {
    for levels in [100, 1_000, 100_000] {
        for (open, close) in [
            ("(", ")"),
            ("[", "]"),
            ("{", "}"),
            ("!", ""),
            ("&", ""),
            ("1 + ", ""),
            ("return ", ""),
            ("|| ", ""),
            ("x = ", ""),
        ] {
            let whole = format!("{}1{}", open.repeat(levels), close.repeat(levels));
            for text in [whole.clone(), format!("f({whole});"), open.repeat(levels)] {
                syntax::read(&text);
                completeness(&text);
            }
        }
        let types = format!(
            "let x: {}i32{} = y;",
            "Vec<".repeat(levels),
            ">".repeat(levels)
        );
        syntax::read(&types);
        let choices = format!("{} {{}}", "if a {} else ".repeat(levels));
        syntax::read(&choices);
        let calls = format!("a{}", ".b()".repeat(levels));
        syntax::read(&calls);
    }
    // What people write is not refused.
    assert!(syntax::read(&format!("a{}", ".b()".repeat(300))).is_some());
    assert!(syntax::read(&"fn f() { if x { y(1, 2); } }\n".repeat(1_000)).is_some());
    assert!(syntax::read(&format!("let x = [{}];", "-1, ".repeat(20_000))).is_some());
}

#[test]
fn a_console_knows_when_a_cell_is_whole() {
    let indent = |text: &str| Completeness::Incomplete(text.to_owned());
    let cases = [
        ("1 + 1", Completeness::Complete),
        ("", Completeness::Complete),
        (":dep rand", Completeness::Complete),
        ("fn f() {", indent("    ")),
        ("f(\"}\", [", indent("        ")),
        ("let x =", indent("")),
        ("let s = \"中", indent("")),
        ("/* words", indent("")),
        ("f())", Completeness::Invalid),
        ("let let = 1;", Completeness::Invalid),
    ];
    for (code, expected) in cases {
        assert_eq!(completeness(code), expected, "{code}");
    }
}
