//! How many tokens a conversation is: exact for OpenAI's models with the feature `tokens`, an estimate otherwise.

use anymodel::Message;
use anymodel::model::tokens::{self, TokenCount};

fn count(model: &str, text: &str) -> TokenCount {
    tokens::count(model, &[Message::user(text)])
}

/// Three tokens and the role around a message, and three before the answer.
#[cfg(feature = "tokens")]
const AROUND: u64 = 7;

/// The counts of single texts are those that OpenAI's cookbook prints ("How to count tokens with tiktoken", "Comparing
/// encodings").
#[cfg(feature = "tokens")]
#[test]
fn openai_models_are_counted_as_openai_counts() {
    for (text, cl100k, o200k) in [
        ("tiktoken is great!", 6, 6),
        ("antidisestablishmentarianism", 6, 6),
        ("2 + 2 = 4", 7, 7),
        ("お誕生日おめでとう", 9, 8),
        ("", 0, 0),
    ] {
        for (model, vocabulary, expected) in [
            ("openai/gpt-4o-mini", "o200k_base", o200k),
            ("gpt-4.1-mini-2025-04-14", "o200k_base", o200k),
            ("ft:gpt-4o-2024-08-06:acme::1", "o200k_base", o200k),
            ("openai/gpt-3.5-turbo", "cl100k_base", cl100k),
            ("gpt-4-turbo:nitro", "cl100k_base", cl100k),
        ] {
            let count = count(model, text);
            assert_eq!(count.tokens, AROUND + expected, "{model}: {text}");
            assert_eq!(
                (count.exact, count.vocabulary),
                (true, Some(vocabulary)),
                "{model}"
            );
        }
    }
}

#[cfg(feature = "tokens")]
#[test]
fn a_model_whose_template_is_not_published_is_counted_by_its_vocabulary_and_not_called_exact() {
    for model in ["openai/gpt-5-mini", "openai/o4-mini", "openai/gpt-oss-120b"] {
        let count = count(model, "tiktoken is great!");
        assert_eq!(
            (count.exact, count.vocabulary),
            (false, Some("o200k_base")),
            "{model}"
        );
    }
}

#[cfg(feature = "tokens")]
#[test]
fn a_picture_is_not_counted_and_so_the_number_is_not_exact() {
    let picture = anymodel::Image::url("https://example.org/cat.png");
    let plain = Message::user("tiktoken is great!");
    let messages = [plain.clone().image(picture)];
    let count = tokens::count("openai/gpt-4o", &messages);
    assert_eq!(
        count.tokens,
        tokens::count("openai/gpt-4o", &[plain]).tokens
    );
    assert!(!count.exact);
}

#[cfg(feature = "tokens")]
#[test]
fn marks_of_the_template_inside_a_text_are_text() {
    assert!(count("gpt-4o", "<|endoftext|><|im_start|>").tokens > AROUND + 2);
}

#[test]
fn every_other_model_is_estimated_and_says_so() {
    for model in [
        "anthropic/claude-sonnet-4.6",
        "qwen/qwen-plus",
        "acme/gpt-4o-like",
        "unheard-of",
        "",
    ] {
        let count = count(model, "Explain recursion in one sentence.");
        assert_eq!((count.exact, count.vocabulary), (false, None), "{model}");
        let messages = [("user", "Explain recursion in one sentence.")];
        assert_eq!(count.tokens, tokens::estimate_messages(messages), "{model}");
    }
}

#[cfg(not(feature = "tokens"))]
#[test]
fn without_the_vocabularies_openai_models_are_estimated_too() {
    let count = count("openai/gpt-4o-mini", "Hello");
    assert_eq!((count.exact, count.vocabulary), (false, None));
}
