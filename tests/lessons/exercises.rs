//! A stub fails, a solution passes, and the notebooks hold the stubs.

use super::LESSONS;
use super::notebook::{LANGUAGES, code, read, text};
use anymodel::Event;

/// Checks the function that a file defines, as the check cell of its notebook does.
macro_rules! exercise {
    ($folder:literal, $lesson:literal, $check:expr) => {{
        #[allow(unused_imports, unused_variables, clippy::todo)]
        mod file {
            include!(concat!(
                "../../examples/exercises/",
                $folder,
                "/",
                $lesson,
                ".rs"
            ));

            pub async fn verdict() -> anymodel::course::check::Verdict {
                $check
            }
        }
        file::verdict().await
    }};
}

/// The verdicts on the files of one folder, in the order of the lessons.
macro_rules! verdicts {
    ($folder:literal) => {
        [
            exercise!(
                $folder,
                "01_basic_call",
                anymodel::course::check::short_answer(short_answer)
            ),
            exercise!(
                $folder,
                "02_multi_model",
                anymodel::course::check::more_models(more_models).await
            ),
            exercise!(
                $folder,
                "03_fallback",
                anymodel::course::check::switch_time(switch_time).await
            ),
            exercise!(
                $folder,
                "04_async_compare",
                anymodel::course::check::ranking(ranking).await
            ),
            exercise!(
                $folder,
                "05_auto_routing",
                anymodel::course::check::pick_model(pick_model)
            ),
            exercise!(
                $folder,
                "06_streaming",
                anymodel::course::check::page(page).await
            ),
            exercise!(
                $folder,
                "07_structured_output",
                anymodel::course::check::price(price).await
            ),
            exercise!(
                $folder,
                "08_any_platform",
                anymodel::course::check::read_bolt(read_bolt)
            ),
            exercise!(
                $folder,
                "09_routing",
                anymodel::course::check::strategy(choose)
            ),
            exercise!(
                $folder,
                "10_free_models",
                anymodel::course::check::thrifty(thrifty)
            ),
            exercise!(
                $folder,
                "12_caching",
                anymodel::course::check::changing(changing)
            ),
            exercise!(
                $folder,
                "11_cost_and_budget",
                anymodel::course::check::best_that_fits(best_that_fits)
            ),
        ]
    };
}

#[tokio::test]
async fn a_stub_fails_and_reads_not_yet() {
    for (lesson, verdict) in LESSONS.iter().zip(verdicts!("stubs")) {
        assert!(!verdict.passed, "{lesson}");
        let said = verdict.to_string();
        assert!(
            said.starts_with("FAILED") && said.contains("not yet"),
            "{lesson}: {said}"
        );
    }
}

#[tokio::test]
async fn a_solution_passes() {
    for (lesson, verdict) in LESSONS.iter().zip(verdicts!("solutions")) {
        assert!(verdict.passed, "{lesson}: {verdict}");
        assert!(
            verdict.to_string().starts_with("PASSED"),
            "{lesson}: {verdict}"
        );
    }
}

#[tokio::test]
async fn what_is_nearly_right_fails_with_a_reason() {
    use anymodel::course::{self, check};
    use anymodel::prelude::*;

    let warm = check::short_answer(|client, question| {
        client
            .chat(course::MODEL)
            .system("Be brief.")
            .user(question)
            .temperature(0.7)
            .max_tokens(60)
    });
    assert!(
        warm.to_string()
            .contains("the temperature should be 0 and is 0.7"),
        "{warm}"
    );

    let misspelt = check::more_models(|| {
        let mut models = course::SIX.to_vec();
        models[5] = "openai/gpt-4o-mimi";
        models
    });
    let misspelt = misspelt.await.to_string();
    assert!(misspelt.contains("openai/gpt-4o-mini"), "{misspelt}");
    assert!(
        misspelt.contains("none of the models is free"),
        "{misspelt}"
    );

    let whole_call = check::switch_time(|trail: &Trail| trail.last().map(|last| last.offset));
    assert!(!whole_call.await.passed);

    let as_named = check::ranking(|comparison: &Comparison| {
        comparison
            .replies()
            .map(|reply| reply.model.clone())
            .collect()
    });
    assert!(!as_named.await.passed);

    let joins_everything = check::page(|events: &[Event]| {
        let pieces = events.iter().filter_map(|event| match event {
            Event::Text(piece) => Some(piece.as_str()),
            _ => None,
        });
        pieces.collect()
    });
    let joins_everything = joins_everything.await.to_string();
    assert!(
        joins_everything.contains("after 0 events: expected \"▌\""),
        "{joins_everything}"
    );

    let says_only_no = check::price(|order| {
        let known = course::MENU.iter().find(|(dish, _)| *dish == order.dish);
        let (_, each) = known.ok_or("no")?;
        each.checked_mul(order.portions)
            .ok_or("too many".to_owned())
    });
    let says_only_no = says_only_no.await.to_string();
    assert!(
        says_only_no.contains("should name every dish"),
        "{says_only_no}"
    );
    assert!(says_only_no.contains("NOODLES"), "{says_only_no}");

    let always_whole = check::read_bolt(|body| {
        let said: serde_json::Value = anymodel::adapter::read_json(body)?;
        Ok(anymodel::adapter::Answer {
            text: said["reply"]["parts"][0]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            finish_reason: Some(anymodel::FinishReason::Stop),
            ..Default::default()
        })
    });
    let always_whole = always_whole.to_string();
    assert!(
        always_whole.contains("no end: the finish reason should be None"),
        "{always_whole}"
    );

    let takes_retired = check::thrifty(|models, ability| {
        let able = models.that_can(ability);
        let free = able.free().largest_context_first().first(2);
        let paid = able.paid().cheapest_first().first(1);
        let all = free.iter().chain(paid.iter());
        all.map(|model| model.id.clone()).collect()
    });
    let takes_retired = takes_retired.to_string();
    assert!(
        takes_retired.contains("is [\"acme/gone:free\""),
        "{takes_retired}"
    );

    let forgets_the_reliable = check::strategy(|ask: &anymodel::RoutingContext| {
        let idle = ask.models.iter().enumerate();
        let idle = idle.min_by_key(|(_, model)| model.in_flight);
        idle.map_or(0, |(place, _)| place)
    });
    let forgets_the_reliable = forgets_the_reliable.to_string();
    assert!(
        forgets_the_reliable.contains("because it always fails: expected place 1"),
        "{forgets_the_reliable}"
    );

    let only_less = check::best_that_fits(|left, question, answer| {
        let cost = |model: &str| {
            anymodel::model::catalogue()
                .get(model)
                .map(|found| found.pricing.cost(question, answer))
        };
        course::LADDER
            .into_iter()
            .find(|model| cost(model).is_some_and(|cost| cost < left))
    });
    assert!(
        only_less.to_string().contains("$0 left"),
        "what costs nothing fits nothing left: {only_less}"
    );

    let always_the_same = check::pick_model(|_| course::WRITER);
    assert!(!always_the_same.passed);

    let out_of_bounds = check::pick_model(|_| panic!("index out of bounds"));
    assert!(
        out_of_bounds
            .to_string()
            .contains("panicked: index out of bounds"),
        "{out_of_bounds}"
    );
}

#[test]
fn the_notebooks_hold_the_stubs_and_name_the_solutions() {
    for lesson in LESSONS {
        let stub = code(&text(format!("examples/exercises/stubs/{lesson}.rs")));
        let stub: Vec<String> = stub
            .into_iter()
            .filter(|line| !line.starts_with("use "))
            .collect();
        assert!(stub.iter().any(|line| line == "todo!()"), "{lesson}");
        for language in LANGUAGES {
            let notebook = read(language, lesson);
            assert_eq!(
                code(&notebook.tagged("exercise").source),
                stub,
                "{language}/{lesson}"
            );
            let solution = format!("examples/exercises/solutions/{lesson}.rs");
            let named = notebook
                .cells
                .iter()
                .any(|cell| !cell.is_code && cell.source.contains(&solution));
            assert!(named, "{language}/{lesson} says where the solution is");
        }
    }
}
