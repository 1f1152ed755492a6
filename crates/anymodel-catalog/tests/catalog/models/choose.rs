//! Filters, recommendations, numbers, and what became of a name.

use anymodel::model::{Availability, Day, Models, UseCase, catalogue};
use anymodel::model::{Capability, Model};
use anymodel::{BarChart, Show, course};

fn day(text: &str) -> Day {
    Day::read(text).unwrap()
}

/// The built-in models as seen on the day of the file, so that these tests do not age.
fn models() -> Models {
    Models::built_in().on(day("2026-02-20"))
}

fn best(models: &Models, wanted: UseCase, n: usize) -> Vec<String> {
    let found = models.recommend(wanted);
    found
        .iter()
        .take(n)
        .map(|one| one.model.id.clone())
        .collect()
}

#[test]
fn filters_narrow_and_never_forget_where_the_facts_are_from() {
    let models = models();
    let free = models.free();
    assert!(free.iter().all(|model| model.id.ends_with(":free")));
    let able = free
        .that_can(Capability::Tools)
        .that_can(Capability::Reasoning)
        .with_context(131_072);
    assert!(able.len() >= 3 && able.len() < free.len());
    for model in &able {
        assert!(
            model.supports_tools()
                && model.supports_reasoning()
                && model.context_length >= Some(131_072)
        );
    }
    assert_eq!(able.provenance(), "built in, as of 2026-02-20");
    assert_eq!(
        models.paid().len() + free.len() + 2,
        models.len(),
        "and two routers"
    );
    assert!(
        models
            .search("qwen coder")
            .iter()
            .all(|model| model.id.contains("coder"))
    );
    assert!(models.search("no such words at all").is_empty());
    let prices: Vec<_> = models
        .paid()
        .cheapest_first()
        .iter()
        .map(|model| model.pricing.blended())
        .collect();
    assert!(prices.is_sorted());
    assert_eq!(
        models.cheapest_first().iter().last().unwrap().id,
        "openrouter/auto",
        "what has no price comes last"
    );
}

#[test]
fn every_family_of_the_guide_is_there() {
    let models = models();
    for family in ["Claude", "GPT", "Gemini", "Llama", "Mistral", "Cohere"] {
        let found = models.of_family(family);
        assert!(found.len() >= 2, "{family}");
        assert!(found.not_retired().len() >= 2, "{family} lives");
    }
    for (id, family) in [
        ("openai/o3-mini", "GPT"),
        ("google/gemma-3-27b-it", "Gemma"),
        ("mistralai/devstral-small-2505:free", "Mistral"),
        (
            "cognitivecomputations/dolphin3.0-mistral-24b:free",
            "Mistral",
        ),
        ("cohere/command-r", "Cohere"),
        ("qwen/qwq-32b:free", "Qwen"),
    ] {
        assert_eq!(models.get(id).unwrap().family(), family, "{id}");
    }
}

/// The nine free models of the two-mode report, and what each of them is for.
#[test]
fn of_the_nine_listed_free_models_each_use_finds_the_one_that_was_made_for_it() {
    const NINE: [&str; 9] = [
        "deepseek/deepseek-r1:free",
        "deepseek/deepseek-r1-0528:free",
        "qwen/qwen3-8b:free",
        "qwen/qwen3-30b-a3b:free",
        "qwen/qwen3-235b-a22b:free",
        "qwen/qwq-32b:free",
        "cognitivecomputations/dolphin3.0-mistral-24b:free",
        "mistralai/devstral-small-2505:free",
        "google/gemma-3n-e4b-it:free",
    ];
    let nine = models().filter(|model| NINE.contains(&model.id.as_str()));
    assert_eq!(nine.len(), 9);
    assert_eq!(
        best(&nine, UseCase::Programming, 1),
        ["mistralai/devstral-small-2505:free"]
    );
    let thinkers = best(&nine, UseCase::Reasoning, 9);
    assert!(
        thinkers[0].contains("deepseek-r1") && thinkers[1].contains("deepseek-r1"),
        "{thinkers:?}"
    );
    assert!(
        !thinkers.iter().any(|id| id.contains("dolphin")),
        "it does not reason"
    );
    assert_eq!(
        best(&nine, UseCase::General, 1),
        ["qwen/qwen3-235b-a22b:free"]
    );
    let talkers = best(&nine, UseCase::Conversation, 2);
    assert!(
        talkers.iter().any(|id| id.contains("dolphin")),
        "{talkers:?}"
    );
    let quick = best(&nine, UseCase::Quick, 2);
    assert!(quick.iter().any(|id| id.contains("gemma-3n")), "{quick:?}");
}

#[test]
fn every_recommendation_has_a_reason_and_retired_models_have_none() {
    let models = models();
    for wanted in UseCase::ALL {
        let found = models.recommend(wanted);
        assert!(found.len() > 10, "{wanted}");
        for one in found.iter() {
            assert!(
                one.because.len() > 5 && !one.because.ends_with(';'),
                "{wanted} {}: {}",
                one.model.id,
                one.because
            );
            assert!(!one.model.is_retired(models.today()) && !one.model.is_router());
        }
    }
    let reasons = models.recommend(UseCase::Reasoning);
    assert!(reasons.iter().all(|one| one.model.supports_reasoning()));
    assert!(
        models
            .recommend(UseCase::Quick)
            .best()
            .unwrap()
            .because
            .contains("small")
    );
}

#[test]
fn a_model_that_ends_soon_is_recommended_behind_the_others_with_a_warning() {
    let json = r#"{"data": [
        {"id": "contoso/strong-400b", "expiration_date": "2026-03-05", "pricing": {"prompt": "0", "completion": "0"}},
        {"id": "contoso/weaker-40b", "pricing": {"prompt": "0", "completion": "0"}}]}"#;
    let order = |today: &str| {
        let found = Models::read(json)
            .unwrap()
            .on(day(today))
            .recommend(UseCase::General);
        let found: Vec<_> = found
            .iter()
            .map(|one| (one.model.id.clone(), one.because.clone()))
            .collect();
        found
    };
    assert_eq!(order("2026-01-01")[0].0, "contoso/strong-400b");
    let soon = order("2026-02-20");
    assert_eq!(soon[0].0, "contoso/weaker-40b");
    assert!(soon[1].1.contains("ends on 2026-03-05"), "{soon:?}");
    assert_eq!(order("2026-03-05").len(), 1, "from that day on it is gone");
}

#[test]
fn a_chain_takes_one_model_of_each_author_first() {
    let free = models().free();
    let chain = free.recommend(UseCase::General).chain(4);
    let authors: Vec<_> = chain
        .iter()
        .map(|id| id.split('/').next().unwrap())
        .collect();
    let mut different = authors.clone();
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), 4, "{chain:?}");
    assert_eq!(
        free.of_family("Qwen")
            .recommend(UseCase::General)
            .chain(3)
            .len(),
        3,
        "one author is better than none"
    );
    assert!(
        free.filter(|_| false)
            .recommend(UseCase::General)
            .chain(3)
            .is_empty()
    );
}

#[test]
fn numbers_add_up() {
    let models = models();
    let numbers = models.statistics();
    assert_eq!(numbers.models, models.len() - 2);
    assert_eq!(numbers.free, models.free().len());
    assert_eq!(
        numbers
            .families
            .iter()
            .map(|(_, count)| count)
            .sum::<usize>(),
        numbers.models
    );
    assert_eq!(
        numbers
            .authors
            .iter()
            .map(|(_, count)| count)
            .sum::<usize>(),
        numbers.models
    );
    assert_eq!(numbers.longest.as_ref().unwrap().1, 2_000_000);
    assert_eq!(numbers.retired, 4);
    let input = numbers.input.unwrap();
    let cheaper = models
        .paid()
        .iter()
        .filter(|model| model.pricing.prompt <= input.median)
        .count();
    assert!(cheaper * 2 >= models.paid().len());
    assert!(
        input.lowest <= input.lower && input.lower <= input.median && input.median <= input.upper
    );
    let none = models.filter(|_| false).statistics();
    assert_eq!((none.models, none.input, none.longest), (0, None, None));
}

#[test]
fn a_name_that_is_gone_gets_the_nearest_that_lives() {
    let models = models();
    let instead = |name: &str| {
        models
            .replacement(name)
            .map(|model| model.id.clone())
            .unwrap()
    };
    assert!(instead("anthropic/claude-3.5-sonnet").starts_with("anthropic/claude-"));
    assert!(instead("google/gemini-flash-1.5").starts_with("google/gemini-"));
    assert_eq!(instead("openai/gpt-4o-mimi"), "openai/gpt-4o-mini");
    for gone in [
        "meta-llama/llama-3.1-8b-instruct:free",
        "anthropic/claude-3-haiku:free",
        "nobody/ever-heard-of-it:free",
    ] {
        assert!(
            instead(gone).ends_with(":free"),
            "whoever paid nothing goes on paying nothing: {}",
            instead(gone)
        );
    }
    for model in models.iter().filter(|model| !model.is_router()) {
        let other = models.replacement(&model.id).unwrap();
        assert!(other.id != model.id && !other.is_retired(models.today()));
        assert!(
            !model.is_free() || other.is_free(),
            "{} → {}",
            model.id,
            other.id
        );
    }
    assert!(
        models
            .filter(|_| false)
            .replacement("openai/gpt-4o")
            .is_none()
    );
}

#[test]
fn a_check_tells_who_is_there_who_ends_and_who_is_gone() {
    let json = r#"{"data": [{"id": "contoso/stays"}, {"id": "contoso/ends", "expiration_date": "2026-03-01"},
        {"id": "contoso/ended", "expiration_date": "2026-02-20"}]}"#;
    let models = Models::read(json).unwrap().on(day("2026-02-20"));
    let checks = models.check([
        "contoso/stays",
        "contoso/ends",
        "contoso/ended",
        "contoso/never",
    ]);
    let states: Vec<Availability> = checks.iter().map(|one| one.presence).collect();
    let (soon, past) = (
        Availability::Ending(day("2026-03-01")),
        Availability::Retired(day("2026-02-20")),
    );
    assert_eq!(
        states,
        [Availability::There, soon, past, Availability::Gone]
    );
    let instead: Vec<_> = checks.iter().map(|one| one.instead.as_deref()).collect();
    assert_eq!(
        instead[..3],
        [None, Some("contoso/stays"), Some("contoso/stays")]
    );
    assert!(!checks.all_there());
    assert!(
        models.check(["contoso/stays", "contoso/ends"]).all_there(),
        "what ends soon can still be asked"
    );
}

#[test]
fn the_models_of_the_lessons_are_all_found_and_all_there() {
    let names = course::names();
    for known in [
        course::MODEL,
        course::WRITER,
        course::FOUR[2],
        course::SIX[4],
    ] {
        assert!(names.contains(&known), "{known} in {names:?}");
    }
    assert!(names.iter().all(|name| !name.starts_with("sandbox/")));
    let here = names.into_iter().filter(|name| {
        catalogue().get(name).is_some() || !name.contains(':') || name.ends_with(":free")
    });
    let checks = models().check(here);
    assert!(checks.iter().count() >= 9, "{checks}");
    assert!(checks.all_there(), "{checks}");
}

#[test]
fn uses_and_abilities_are_read_in_the_words_that_people_have() {
    for (word, ability) in [
        ("vision", Capability::Vision),
        ("function_calling", Capability::Tools),
        ("JSON", Capability::Schema),
        ("thinking", Capability::Reasoning),
    ] {
        assert_eq!(word.parse::<Capability>().unwrap(), ability);
    }
    for (word, wanted) in [
        ("daily", UseCase::General),
        ("hard", UseCase::Reasoning),
        ("coding", UseCase::Programming),
        ("chat", UseCase::Conversation),
    ] {
        assert_eq!(word.parse::<UseCase>().unwrap(), wanted);
    }
    let error = "dancing".parse::<Capability>().unwrap_err();
    assert_eq!(error.to_string(), "no ability is called \"dancing\"");
    assert_eq!(
        error.hint().unwrap(),
        "there are reasoning, vision, tools, schema"
    );
}

#[test]
fn days_are_the_calendars() {
    for text in [
        "1970-01-01",
        "2000-02-29",
        "2024-12-31",
        "2026-11-22",
        "9999-12-31",
    ] {
        assert_eq!(day(text).to_string(), text);
        assert_eq!(Day::at(day(text).begins()), day(text));
    }
    for wrong in [
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "26-01-01",
        "tomorrow",
        "",
        "2026-1-1",
        "٢٠٢٦-٠١-٠١",
    ] {
        assert_eq!(Day::read(wrong), None, "{wrong}");
    }
    assert_eq!(day("2024-02-28").days_until(day("2024-03-01")), 2);
}

#[test]
fn what_is_shown_is_harmless_and_says_where_it_is_from() {
    let json = r#"{"data": [{"id": "contoso/<b>bold", "name": "x", "pricing": {"prompt": "0.000001", "completion": "0.000002"}}]}"#;
    let models = Models::read(json).unwrap();
    for html in [
        models.to_html(),
        models.price_chart().to_html(),
        models.recommend(UseCase::General).to_html(),
    ] {
        assert!(
            !html.contains("<b>") && html.contains("&lt;b&gt;"),
            "{html}"
        );
    }
    let text = self::models().free().to_string();
    assert!(
        text.contains("16 models · built in, as of 2026-02-20"),
        "{text}"
    );
    assert!(text.contains("free") && !text.contains("ends"), "{text}");
    let chart: BarChart = self::models()
        .paid()
        .cheapest_first()
        .first(3)
        .price_chart();
    assert!(chart.to_string().matches('█').count() > 3, "{chart}");
    let tasks = self::models().tasks().to_string();
    for part in [
        "daily work",
        "hard tasks",
        "quick replies",
        "programming",
        ":free",
    ] {
        assert!(tasks.contains(part), "{tasks}");
    }
}

#[test]
fn a_model_is_what_its_list_says_even_when_the_catalogue_disagrees() {
    let json = r#"{"data": [{"id": "openai/gpt-4o-mini", "pricing": {"prompt": "0.000009", "completion": "0.000009"}}]}"#;
    let models = Models::read(json).unwrap();
    let model: &Model = models.get("openai/gpt-4o-mini-2024-07-18").unwrap();
    assert_eq!(model.pricing.cost(1_000_000, 0).to_string(), "9");
}
