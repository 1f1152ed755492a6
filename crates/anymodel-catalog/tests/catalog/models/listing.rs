//! Lists of models as platforms send them, in every shape, whole and damaged.

use anymodel::ErrorKind;
use anymodel::model::{Capability, Model, Models};
use proptest::prelude::*;
use serde_json::{Value, json};

fn one(row: Value) -> Model {
    let models = Models::read(&json!({ "data": [row] }).to_string()).unwrap();
    models.iter().next().unwrap().clone()
}

fn million(model: &Model) -> (String, String) {
    let cost = |prompt, completion| {
        model
            .pricing
            .cost(prompt, completion)
            .normalize()
            .to_string()
    };
    (cost(1_000_000, 0), cost(0, 1_000_000))
}

#[test]
fn openrouters_shape_is_read_whole() {
    let model = one(json!({
        "id": "contoso/swift-1", "canonical_slug": "contoso/swift-1-2606", "name": "Contoso: Swift 1", "created": 1781000000,
        "description": "A quick one.", "context_length": 131072,
        "architecture": { "modality": "text+image->text", "input_modalities": ["text", "image"],
            "output_modalities": ["text"], "tokenizer": "Other", "instruct_type": null },
        "pricing": { "prompt": "0.0000005", "completion": "0.0000022", "request": "0", "input_cache_read": "0.00000005",
            "overrides": [{ "min_prompt_tokens": 64000, "prompt": "0.000001", "completion": "0.0000044" },
                { "utc_start": "0000", "utc_end": "0600", "min_prompt_tokens": 1, "prompt": "0.0000001" }] },
        "top_provider": { "max_completion_tokens": 16384, "is_moderated": true },
        "supported_parameters": ["tools", "reasoning", "structured_outputs", "a_new_one"],
        "expiration_date": "2026-12-01T00:00:00Z", "something_new": [1, 2, 3],
    }));
    assert_eq!(
        (model.context_length, model.max_completion_tokens),
        (Some(131_072), Some(16_384))
    );
    assert_eq!(model.abilities().collect::<Vec<_>>(), Capability::ALL);
    assert!(model.is_moderated && !model.is_free());
    assert_eq!(million(&model).0, "1", "a long question has its own price");
    assert_eq!(model.pricing.cost(1000, 1000).to_string(), "0.0027");
    assert_eq!(
        model.pricing.overrides.len(),
        1,
        "a price of the night is none for long questions"
    );
    assert_eq!(model.ends().unwrap().to_string(), "2026-12-01");
}

#[test]
fn zenmuxs_prices_are_read_with_their_steps() {
    let model = one(json!({
        "id": "contoso/swift-1", "display_name": "Swift", "owned_by": "contoso", "context_length": 200000,
        "input_modalities": ["text", "image"], "capabilities": { "reasoning": true, "function_calling": true },
        "pricings": {
            "prompt": [
                { "value": 0.5, "unit": "perMTokens", "currency": "USD", "conditions": { "prompt_tokens": { "unit": "kTokens", "gte": 0, "lt": 64 } } },
                { "value": 1.1, "unit": "perMTokens", "currency": "USD", "conditions": { "prompt_tokens": { "unit": "kTokens", "gte": 64 } } }],
            "completion": [{ "value": 2.2, "unit": "perMTokens", "currency": "USD" }],
            "input_cache_read": [{ "value": 0.05, "unit": "perMTokens", "currency": "USD" }],
            "web_search": [{ "value": 0.01, "unit": "perCount", "currency": "USD" }],
        },
    }));
    assert_eq!(model.pricing.cost(10_000, 0).to_string(), "0.005");
    assert_eq!(model.pricing.cost(63_999, 0).to_string(), "0.0319995");
    assert_eq!(
        model.pricing.cost(64_000, 0).to_string(),
        "0.0704",
        "from 64 k on"
    );
    assert_eq!(model.pricing.cost(64_000, 1_000_000).to_string(), "2.2704");
    assert_eq!(
        model.pricing.input_cache_read.unwrap().to_string(),
        "0.00000005"
    );
    assert!(
        model.supports_reasoning()
            && model.supports_tools()
            && model.accepts_images()
            && !model.supports_json_schema()
    );
}

#[test]
fn a_price_that_is_not_understood_is_no_price_and_not_a_free_one() {
    for pricing in [
        json!({ "pricing": { "prompt": "-1", "completion": "-1" } }),
        json!({ "pricing": { "prompt": "0" } }),
        json!({ "pricing": { "prompt": "much", "completion": "more" } }),
        json!({ "pricing": { "prompt": "0", "completion": "0", "request": "0.02" } }),
        json!({ "pricing": { "prompt": "1e30", "completion": "1e30" } }),
        json!({ "pricings": { "prompt": [{ "value": 3, "unit": "perMTokens", "currency": "CNY" }], "completion": [] } }),
        json!({ "pricings": { "prompt": [{ "value": 0, "unit": "perSecond" }], "completion": [{ "value": 0, "unit": "perSecond" }] } }),
        json!({ "pricing": null }),
        json!({}),
    ] {
        let mut row = pricing.clone();
        row["id"] = "contoso/swift-1".into();
        let model = one(row);
        assert!(!model.pricing.is_known() && !model.is_free(), "{pricing}");
    }
    let free =
        one(json!({ "id": "contoso/gift:free", "pricing": { "prompt": 0, "completion": "0" } }));
    assert!(free.is_free());
}

#[test]
fn a_list_of_bare_names_borrows_what_the_catalogue_knows() {
    let openai = r#"{"object": "list", "data": [
        {"id": "gpt-4o-mini", "object": "model", "created": 1, "owned_by": "system"},
        {"id": "nobody-knows-this", "object": "model"}]}"#;
    let models = Models::read(openai).unwrap();
    let mini = models.get("gpt-4o-mini").unwrap();
    assert_eq!((mini.family(), million(mini).0.as_str()), ("GPT", "0.15"));
    assert!(!models.get("nobody-knows-this").unwrap().pricing.is_known());
}

#[test]
fn anthropics_googles_and_local_lists_are_read() {
    let anthropic = r#"{"data": [{"type": "model", "id": "claude-new-1", "display_name": "Claude New 1", "created_at": "2026-01-05T00:00:00Z"}], "has_more": false}"#;
    let models = Models::read(anthropic).unwrap();
    let claude = models.get("claude-new-1").unwrap();
    assert_eq!(
        (claude.name.as_str(), claude.family(), claude.created),
        ("Claude New 1", "Claude", 1_767_571_200)
    );

    let google = r#"{"models": [{"name": "models/gemini-new", "displayName": "Gemini New", "inputTokenLimit": 1048576, "outputTokenLimit": 8192}]}"#;
    let models = Models::read(google).unwrap();
    let gemini = models.get("gemini-new").unwrap();
    assert_eq!(
        (gemini.context_length, gemini.max_completion_tokens),
        (Some(1_048_576), Some(8192))
    );

    let local = r#"[{"id": "tiny.gguf", "max_model_len": 4096.0}]"#;
    let models = Models::read(local).unwrap();
    assert_eq!(models.iter().next().unwrap().context_length, Some(4096));
}

#[test]
fn a_row_that_cannot_be_read_does_not_take_the_others_with_it() {
    let text = r#"{"data": [7, null, {"id": 3}, {"id": ""}, {"id": "two words"}, {"name": "models/"}, [], "x",
        {"id": "contoso/one", "context_length": "many", "architecture": 5, "pricing": [], "top_provider": "none"},
        {"id": "contoso/two"}, {"id": "contoso/one", "context_length": 9}]}"#;
    let models = Models::read(text).unwrap();
    let ids: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(ids, ["contoso/one", "contoso/two"]);
    assert_eq!(models.get("contoso/one").unwrap().context_length, None);
}

#[test]
fn what_is_no_list_says_so() {
    for text in [
        "",
        "[]",
        "{}",
        "nonsense",
        "<html>",
        r#"{"error": {"code": 401}}"#,
        r#"{"data": {}}"#,
        r#"{"data": [1]}"#,
    ] {
        let error = Models::read(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadReply, "{text}");
        assert_eq!(error.to_string(), "this is no list of models");
        assert!(error.hint().unwrap().contains("`data`"), "{text}");
    }
}

#[tokio::test]
async fn what_the_sandbox_lists_is_the_catalogue() {
    let client = anymodel::Client::sandbox().unwrap();
    let listed = client.models().await.unwrap();
    let built_in = Models::built_in();
    assert_eq!(listed.len(), built_in.len());
    for (listed, known) in listed.iter().zip(built_in.iter()) {
        assert_eq!(listed.id, known.id);
        assert_eq!(listed.pricing, known.pricing, "{}", known.id);
        assert_eq!(listed.context_length, known.context_length, "{}", known.id);
        assert_eq!(
            listed.abilities().collect::<Vec<_>>(),
            known.abilities().collect::<Vec<_>>(),
            "{}",
            known.id
        );
        assert_eq!(
            (listed.ends(), listed.created, listed.is_router()),
            (known.ends(), known.created, known.is_router())
        );
    }
}

/// What a field could hold.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "-?[0-9]{1,3}(\\.[0-9]{1,30})?(e-?[0-9]{1,3})?".prop_map(Value::from),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}".prop_map(Value::from),
        prop::sample::select(vec![
            "USD",
            "perMTokens",
            "kTokens",
            "text",
            "text+image->text",
            "Router",
            "reasoning"
        ])
        .prop_map(Value::from),
    ];
    let keys = prop::sample::select(vec![
        "prompt",
        "completion",
        "value",
        "unit",
        "currency",
        "conditions",
        "prompt_tokens",
        "gte",
        "gt",
        "overrides",
        "min_prompt_tokens",
        "utc_start",
        "tokenizer",
        "input_modalities",
        "max_completion_tokens",
        "context_length",
        "request",
    ]);
    leaf.prop_recursive(4, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(keys.clone().prop_map(str::to_owned), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn row() -> impl Strategy<Value = Value> {
    let keys = prop::sample::select(vec![
        "id",
        "name",
        "canonical_slug",
        "created",
        "created_at",
        "description",
        "context_length",
        "architecture",
        "pricing",
        "pricings",
        "top_provider",
        "supported_parameters",
        "capabilities",
        "expiration_date",
        "input_modalities",
        "output_modalities",
        "knowledge_cutoff",
    ]);
    let fields = prop::collection::hash_map(keys.prop_map(str::to_owned), anything(), 0..10);
    (fields, any::<bool>(), 0..5_u8).prop_map(|(mut fields, is_named, number)| {
        if is_named {
            fields.insert("id".to_owned(), format!("contoso/model-{number}").into());
        }
        Value::Object(fields.into_iter().collect())
    })
}

/// Whatever was read can be used: looked through, sorted, counted, recommended, shown.
fn hold(models: &Models) {
    let mut ids: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "each name once");
    for model in models {
        assert!(
            !model.id.is_empty()
                && !model
                    .id
                    .chars()
                    .any(|c| c.is_whitespace() || c.is_control())
        );
        assert!(model.pricing.cost(u64::MAX, u64::MAX) >= 0.into());
        assert!(!model.is_free() || model.pricing.is_known());
        let _ = (model.family(), model.ends());
    }
    let sorted = models.cheapest_first().largest_context_first();
    assert_eq!(sorted.len(), models.len());
    for wanted in anymodel::model::UseCase::ALL {
        assert!(models.recommend(wanted).len() <= models.len());
    }
    let numbers = models.statistics();
    assert!(numbers.free <= numbers.models);
    let _ = (
        models.to_string(),
        models.price_chart().to_svg(),
        numbers.to_string(),
    );
    let _ = models.check(["contoso/model-1", "no/such"]).to_string();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_field_can_make_reading_fail(rows in prop::collection::vec(row(), 1..6)) {
        let named = rows.iter().any(|row| row["id"].as_str().is_some_and(|id| id.starts_with("contoso/")));
        let read = Models::read(&json!({ "data": rows }).to_string());
        prop_assert!(!named || read.is_ok(), "a row with a name is read");
        if let Ok(models) = read {
            hold(&models);
        }
    }

    #[test]
    fn no_text_can_make_reading_fail(text in ".{0,200}") {
        if let Ok(models) = Models::read(&text) {
            hold(&models);
        }
    }

    #[test]
    fn a_list_with_a_damaged_place_is_read_or_refused(at in 0.0..1.0_f64, byte in any::<u8>(), cut in any::<bool>()) {
        let whole = json!({ "data": [
            { "id": "contoso/one", "pricing": { "prompt": "0.000001", "completion": "0.000002" }, "context_length": 1000 },
            { "id": "contoso/two", "supported_parameters": ["tools"] },
        ] }).to_string();
        let mut bytes = whole.into_bytes();
        let at = (at * bytes.len() as f64) as usize;
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        if let Ok(models) = Models::read(&String::from_utf8_lossy(&bytes)) {
            hold(&models);
        }
    }
}

#[test]
fn deep_and_long_lists_are_survived() {
    let deep = format!(
        "{{\"data\": [{{\"id\": \"contoso/one\", \"pricing\": {}1{}}}]}}",
        "[".repeat(5000),
        "]".repeat(5000)
    );
    assert!(Models::read(&deep).is_ok_and(|models| models.len() == 1));
    let rows: Vec<Value> = (0..30_000)
        .map(|n| json!({ "id": format!("contoso/{n}") }))
        .collect();
    let long = Models::read(&json!({ "data": rows }).to_string()).unwrap();
    assert_eq!(long.len(), 20_000);
}
