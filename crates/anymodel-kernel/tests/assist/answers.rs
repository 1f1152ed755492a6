//! What is offered and explained.

use std::sync::OnceLock;

use anymodel_kernel::completion::{Assistant, Completions, Detail, Hover, SymbolKind};
use tokio::runtime::Runtime;

use super::{file, folder, loaded, root, texts};

/// One process for all tests that only ask.
fn shared() -> &'static (Runtime, Assistant) {
    static SHARED: OnceLock<(Runtime, Assistant)> = OnceLock::new();
    SHARED.get_or_init(|| {
        let runtime = Runtime::new().unwrap();
        let assistant = runtime.block_on(async {
            let assistant = Assistant::start(root(), &folder("all"));
            loaded(&assistant).await;
            assistant
        });
        (runtime, assistant)
    })
}

/// What can stand at the `|` of a cell, and the text it would replace.
fn complete(cell: &str) -> (Completions, String) {
    let (runtime, assistant) = shared();
    let (source, offset) = file(cell);
    let found = runtime.block_on(assistant.complete(&source, offset));
    let replaced = source[found.start..found.end].to_owned();
    (found, replaced)
}

fn inspect(cell: &str, detail: Detail) -> Option<Hover> {
    let (runtime, assistant) = shared();
    let (source, offset) = file(cell);
    runtime.block_on(assistant.inspect(&source, offset, detail))
}

#[test]
fn the_methods_of_a_client_are_offered_with_their_declaration() {
    let (found, replaced) = complete("client.|");
    let ask = found.matches.iter().find(|one| one.text == "ask").unwrap();
    assert_eq!(ask.kind, SymbolKind::Function);
    assert!(
        ask.signature.contains("prompt: impl Into<String>"),
        "{ask:?}"
    );
    assert_eq!(replaced, "");
}

#[test]
fn a_method_that_is_half_written_is_completed_and_only_its_word_is_replaced() {
    let (found, replaced) = complete(r#"let text = "x".to_st|"#);
    assert_eq!(texts(&found), ["to_string"]);
    assert_eq!(replaced, "to_st");
}

#[test]
fn what_does_not_begin_like_the_word_is_left_out() {
    let (found, _) = complete("let list = Vec::<i32>::ne|");
    assert_eq!(texts(&found), ["new", "ne"]); // `PartialEq::ne` is one
}

#[test]
fn a_field_comes_before_the_methods() {
    let (found, _) = complete("reply.|");
    assert_eq!(found.matches[0].kind, SymbolKind::Property, "{found:?}");
    assert!(texts(&found).contains(&"text"));
}

#[test]
fn a_variable_of_an_earlier_cell_is_offered_and_the_engines_names_are_not() {
    let (found, replaced) = complete("cli|");
    assert_eq!(found.matches[0].text, "client");
    assert_eq!(found.matches[0].kind, SymbolKind::Instance);
    assert_eq!(replaced, "cli");

    let (found, _) = complete("|");
    let all = texts(&found);
    assert!(all.contains(&"client") && all.contains(&"match"), "{all:?}");
    assert!(!all.iter().any(|name| name.starts_with("__")), "{all:?}");
}

#[test]
fn a_path_into_the_crate_is_completed() {
    let (found, _) = complete("anymodel::Cl|");
    assert_eq!(texts(&found), ["Client", "ClientBuilder"]);
    assert_eq!(found.matches[0].kind, SymbolKind::Class);
}

#[test]
fn a_macro_is_offered_with_its_mark_and_no_text_twice() {
    let (found, _) = complete("printl|");
    assert_eq!(texts(&found), ["println!"]);
    let (found, replaced) = complete(r#"printl|n!("x");"#);
    assert_eq!((texts(&found), &*replaced), (vec!["println"], "println"));
}

#[test]
fn places_are_right_behind_text_that_is_not_ascii() {
    let (found, replaced) = complete(r#"let s = "日本語 🦀 é"; grö|"#);
    assert_eq!((texts(&found), &*replaced), (vec!["größe"], "grö"));
    let (found, replaced) = complete(r#"println!("🦀 {}", größe.absc|);"#);
    assert_eq!((texts(&found), &*replaced), (vec!["abscissa"], "absc"));
}

#[test]
fn a_function_of_the_crate_tells_its_declaration_and_its_documentation() {
    let hover = inspect("client.as|k(", Detail::Full);
    let hover = hover.unwrap();
    assert!(
        hover.plain.starts_with("pub async fn ask(&self"),
        "{}",
        hover.plain
    );
    assert!(hover.plain.contains("Asks a question"), "{}", hover.plain);
    assert!(hover.plain.contains("# Errors"), "{}", hover.plain);
    assert!(!hover.plain.contains("```"), "{}", hover.plain);
    assert!(
        hover.markdown.starts_with("```rust\npub async fn ask"),
        "{}",
        hover.markdown
    );

    let brief = inspect("client.as|k(", Detail::Brief).unwrap();
    assert!(brief.plain.contains("Asks a question"), "{}", brief.plain);
    assert!(!brief.plain.contains("# Errors"), "{}", brief.plain);
}

#[test]
fn between_the_brackets_of_a_call_the_function_is_explained() {
    for cell in [
        r#"client.ask("openai|", "hi")"#,
        "client.ask(|",
        r#"client.ask("a", |)"#,
    ] {
        let hover = inspect(cell, Detail::Brief);
        let plain = hover.map(|hover| hover.plain).unwrap_or_default();
        assert!(plain.starts_with("pub async fn ask"), "{cell}: {plain:?}");
    }
}

#[test]
fn a_variable_tells_its_type_and_what_stands_in_the_notebook_names_no_crate() {
    let hover = inspect("repl|y;", Detail::Brief);
    assert_eq!(hover.unwrap().plain, "reply: Reply");
    let hover = inspect("Poin|t;", Detail::Brief).unwrap();
    assert!(hover.plain.starts_with("struct Point"), "{}", hover.plain);
    assert!(!hover.plain.contains("notebook"), "{}", hover.plain);
    assert_eq!(inspect("  |  ", Detail::Brief), None);
}

#[test]
fn questions_that_come_at_once_are_all_answered() {
    let (runtime, assistant) = shared();
    let cells = [
        "client.as|",
        "reply.te|",
        "Vec::<u8>::ne|",
        "anymodel::usd|",
    ];
    let files: Vec<_> = cells
        .iter()
        .cycle()
        .take(40)
        .map(|cell| file(cell))
        .collect();
    let asked = files.iter().map(|(text, at)| assistant.complete(text, *at));
    let answers = runtime.block_on(futures_util::future::join_all(asked));
    for (number, answer) in answers.iter().enumerate() {
        let expected = ["ask", "text", "new", "usd"][number % 4];
        assert!(texts(answer).contains(&expected), "{number}: {answer:?}");
    }
}

#[test]
fn a_place_outside_the_text_or_inside_a_letter_is_harmless() {
    let (runtime, assistant) = shared();
    let text = "fn é() {}\r\nfn main() { é";
    for offset in 0..text.len() + 3 {
        let found = runtime.block_on(assistant.complete(text, offset));
        assert!(text.get(found.start..found.end).is_some(), "{found:?}");
    }
}
