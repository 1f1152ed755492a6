//! The catalogue and the token estimate.

use anymodel::model::{catalogue, tokens};
use rust_decimal::Decimal;

#[test]
fn the_catalogue_is_there_dated_and_says_what_is_invented() {
    let catalogue = catalogue();
    assert!(catalogue.models().count() >= 60);
    assert!(catalogue.note().contains("Invented"));
    assert_eq!(catalogue.as_of().len(), 10);
}

#[test]
fn every_model_can_be_found_priced_and_asked() {
    let catalogue = catalogue();
    let providers: Vec<&str> = catalogue
        .host_operators()
        .map(|p| p.name.as_str())
        .collect();
    let mut ids: Vec<&str> = catalogue.models().map(|m| m.id.as_str()).collect();
    for model in catalogue.models() {
        let id = &model.id;
        assert_eq!(&catalogue.get(id).unwrap().id, id);
        assert!(
            id.split_once('/').is_some() && model.description.ends_with('.'),
            "{id}"
        );
        assert!(model.supports("max_tokens"), "{id}");
        assert_eq!(model.hosts.is_empty(), model.is_router(), "{id}");
        assert_eq!(
            id.ends_with(":free") || id == "openrouter/free",
            model.pricing.is_zero(),
            "{id}"
        );
        for host in &model.hosts {
            assert!(
                providers.contains(&host.provider.as_str()),
                "{id} at {}",
                host.provider
            );
            assert!(host.tokens_per_second > 0 && host.ttft_ms > 0, "{id}");
        }
        for alias in &model.aliases {
            assert_eq!(&catalogue.get(alias).unwrap().id, id);
        }
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn the_models_of_all_source_documents_are_there() {
    for id in [
        "openai/gpt-4o-mini",
        "openai/gpt-4o",
        "openai/gpt-4o-2024-08-06",
        "openai/gpt-4.1-mini",
        "google/gemini-2.0-flash-exp:free",
        "google/gemini-2.0-flash",
        "google/gemini-pro-1.5",
        "google/gemini-flash-1.5",
        "meta-llama/llama-3.2-3b-instruct:free",
        "meta/llama-3.1-8b-instruct",
        "meta/llama-3.1-70b-instruct",
        "mistralai/mistral-7b-instruct:free",
        "mistralai/mistral-large",
        "cohere/command-r-plus",
        "qwen/qwen-2.5-7b-instruct:free",
        "qwen/qwen-2.5-72b-instruct",
        "deepseek/deepseek-chat",
        "anthropic/claude-sonnet-4.6",
        "anthropic/claude-opus-4.6",
        "anthropic/claude-3-haiku:beta",
        "anthropic/claude-3-sonnet:beta",
        "anthropic/claude-3.5-sonnet:beta",
        "z-ai/glm-4.6",
        "deepseek/deepseek-r1:free",
        "deepseek/deepseek-r1-0528:free",
        "qwen/qwen3-8b:free",
        "qwen/qwen3-30b-a3b:free",
        "qwen/qwen3-235b-a22b:free",
        "qwen/qwq-32b:free",
        "cognitivecomputations/dolphin3.0-mistral-24b:free",
        "mistralai/devstral-small-2505:free",
        "google/gemma-3n-e4b-it:free",
        "openrouter/auto",
        "openrouter/free",
    ] {
        assert!(catalogue().get(id).is_some(), "{id}");
    }
}

#[test]
fn a_free_name_never_leads_to_a_model_that_costs() {
    assert!(catalogue().get("openai/gpt-4o:free").is_none());
    assert!(catalogue().get("openai/gpt-4o:aws").is_none());
    let found = catalogue().find("openai/gpt-4o:nitro").unwrap();
    assert_eq!(
        (found.model.id.as_str(), found.suffix),
        ("openai/gpt-4o", Some("nitro"))
    );
}

#[test]
fn a_misspelt_name_is_near_the_right_one() {
    for (wrong, right) in [
        ("claude-3-haiku", "anthropic/claude-3-haiku"),
        ("gpt-4o-mini", "openai/gpt-4o-mini"),
        ("openai/gpt4o", "openai/gpt-4o"),
        ("deepseek/deepseek-chatt", "deepseek/deepseek-chat"),
        ("mistral/mistral-large", "mistralai/mistral-large"),
    ] {
        assert_eq!(catalogue().nearest(wrong, 3)[0], right);
    }
    assert!(
        catalogue()
            .nearest("zzzzzzzzzzzzzzzzzzzzzzzz", 3)
            .is_empty()
    );
}

#[test]
fn costs_are_exact_and_long_prompts_have_their_own_price() {
    let mini = &catalogue().get("openai/gpt-4o-mini").unwrap().pricing;
    assert_eq!(
        mini.cost(1_000_000, 1_000_000),
        "0.75".parse::<Decimal>().unwrap()
    );
    assert_eq!(mini.cost(3, 7).to_string(), "0.00000465");
    let pro = &catalogue().get("google/gemini-2.5-pro").unwrap().pricing;
    assert_eq!(pro.cost(200_000, 0).to_string(), "0.25");
    assert_eq!(
        pro.cost(200_001, 0),
        Decimal::from(200_001) * "0.0000025".parse::<Decimal>().unwrap()
    );
    assert_eq!(
        catalogue()
            .get("openrouter/auto")
            .unwrap()
            .pricing
            .cost(10, 10),
        Decimal::ZERO
    );
}

#[test]
fn abilities_follow_from_the_supported_parameters() {
    let model = |id| catalogue().get(id).unwrap();
    assert!(
        model("openai/gpt-4o").accepts_images()
            && model("openai/gpt-4o").supports_tools()
            && !model("openai/gpt-4o").supports_reasoning()
    );
    assert!(
        model("deepseek/deepseek-r1").supports_reasoning()
            && !model("deepseek/deepseek-r1").accepts_images()
    );
    assert!(
        model("openai/gpt-4o-mini").supports_json_schema()
            && !model("openai/gpt-3.5-turbo").supports_json_schema()
    );
}

#[test]
fn the_pieces_of_a_text_are_the_text_and_are_counted() {
    for text in [
        "",
        "Hello, world!",
        "  two spaces\nand a line",
        "用一句话解释什么是 API？",
        "naïve café 12345 🦀🦀",
        "안녕하세요 мир",
    ] {
        assert_eq!(tokens::pieces(text).collect::<String>(), text);
        assert_eq!(tokens::pieces(text).count() as u64, tokens::estimate(text));
    }
    assert_eq!(tokens::estimate("Hello, world!"), 4);
    assert_eq!(tokens::estimate("你好世界"), 4);
    assert_eq!(tokens::estimate_messages([("user", "Hello")]), 8);
}

#[test]
fn the_estimate_is_near_a_real_tokenizer_for_english_and_above_it_for_chinese() {
    // OpenAI's o200k vocabulary counts 30 and 21 tokens.
    let english = "Rust is a compiled language that checks memory safety while it compiles, so programs run fast without a garbage collector, and it has no null pointers.";
    let chinese = "用一个生活中的类比，解释什么是 Docker？再用一句话介绍 Python 和 Rust。";
    assert!(
        (27..=39).contains(&tokens::estimate(english)),
        "{}",
        tokens::estimate(english)
    );
    assert!(
        (21..=36).contains(&tokens::estimate(chinese)),
        "{}",
        tokens::estimate(chinese)
    );
}
