//! What surrounds the code: heads, feet, headings, outputs.

use std::collections::BTreeSet;

use anymodel::course;
use anymodel::model::catalogue;
use rust_decimal::Decimal;

use super::LESSONS;
use super::notebook::{LANGUAGES, Notebook, read};

fn all() -> impl Iterator<Item = (String, Notebook)> {
    let pairs = LESSONS
        .into_iter()
        .flat_map(|lesson| LANGUAGES.map(|language| (language, lesson)));
    pairs.map(|(language, lesson)| (format!("{language}/{lesson}"), read(language, lesson)))
}

#[test]
fn a_notebook_names_the_kernel_of_the_course() {
    for (name, notebook) in all() {
        let kernel = &notebook.json["metadata"]["kernelspec"];
        assert_eq!(kernel["name"], "anymodel", "{name}");
        assert_eq!(kernel["display_name"], "Rust (anymodel)", "{name}");
        assert_eq!(kernel["language"], "rust", "{name}");
        assert_eq!(
            (
                notebook.json["nbformat"].as_u64(),
                notebook.json["nbformat_minor"].as_u64()
            ),
            (Some(4), Some(5))
        );
    }
}

#[test]
fn a_notebook_has_a_head_a_set_up_prompts_an_exercise_and_a_foot() {
    for (name, notebook) in all() {
        let cells = &notebook.cells;
        let (head, foot) = match &name[..2] {
            "en" => (
                vec![
                    "After this lesson you can",
                    "**Minutes:**",
                    "**Cost:**",
                    "**You need:**",
                ],
                vec!["## What you learned", "**Still unsolved:**", "**Next:**"],
            ),
            _ => (
                vec!["学完这一课", "**时长：**", "**费用：**", "**准备：**"],
                vec!["## 小结", "**还没解决：**", "**下一课：**"],
            ),
        };
        assert!(
            cells[0].source.starts_with("# "),
            "{name} begins with its title"
        );
        for part in head {
            assert!(
                cells[0].source.contains(part),
                "{name}: the head lacks {part}"
            );
        }
        let code: Vec<_> = cells.iter().filter(|cell| cell.is_code).collect();
        assert!(
            code[0].has_tag("setup") && code[1].has_tag("prompts"),
            "{name}"
        );
        notebook.tagged("exercise");
        notebook.tagged("check");
        let [.., last_text, end] = cells.as_slice() else {
            panic!("{name} is empty")
        };
        for part in foot {
            assert!(
                last_text.source.contains(part),
                "{name}: the foot lacks {part}"
            );
        }
        assert!(end.has_tag("end-of-lesson"), "{name}");
        assert_eq!(end.source, format!("course::end(\"{}\");", &name[3..]));
        let hint = cells.iter().any(|cell| cell.source.contains("<details>"));
        assert!(hint, "{name}: the exercise has a hint that stays folded");
    }
}

#[test]
fn a_foot_leads_to_the_next_lesson() {
    for (place, lesson) in LESSONS.iter().enumerate() {
        for language in LANGUAGES {
            let notebook = read(language, lesson);
            let foot = &notebook.cells[notebook.cells.len() - 2].source;
            let next = LESSONS[(place + 1) % LESSONS.len()];
            assert!(
                foot.contains(&format!("({next}.ipynb)")),
                "{language}/{lesson}"
            );
        }
    }
}

#[test]
fn headings_skip_no_level_and_there_is_one_title() {
    for (name, notebook) in all() {
        let mut before = 0;
        let mut titles = 0;
        for cell in notebook.cells.iter().filter(|cell| !cell.is_code) {
            for line in cell.source.lines().filter(|line| line.starts_with('#')) {
                let level = line.chars().take_while(|&c| c == '#').count();
                assert!(level <= before + 1, "{name}: {line}");
                titles += usize::from(level == 1);
                before = level;
            }
        }
        assert_eq!(titles, 1, "{name}");
    }
}

#[test]
fn code_fits_a_page_and_a_cell_shows_one_picture() {
    for (name, notebook) in all() {
        for cell in notebook.cells.iter().filter(|cell| cell.is_code) {
            assert!(
                !cell.source.trim().is_empty(),
                "{name}: cell {} is empty",
                cell.id
            );
            let wide = cell.source.lines().find(|line| line.chars().count() > 85);
            assert_eq!(wide, None, "{name}, cell {}", cell.id);
            // The kernel keeps only the last picture of a cell.
            assert!(
                cell.source.matches("show(&").count() <= 1,
                "{name}, cell {}",
                cell.id
            );
            // A line without its end hides what comes after it.
            assert!(
                !cell.source.contains("print!(") || cell.source.contains("println!("),
                "{name}, cell {}",
                cell.id
            );
        }
    }
}

#[test]
fn cells_have_ids_that_are_never_used_twice() {
    for (name, notebook) in all() {
        let ids: BTreeSet<&str> = notebook.cells.iter().map(|cell| cell.id.as_str()).collect();
        assert_eq!(ids.len(), notebook.cells.len(), "{name}");
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        assert!(
            ids.iter()
                .all(|id| (1..=64).contains(&id.len()) && id.chars().all(fits)),
            "{name}"
        );
    }
}

#[test]
fn stored_outputs_hold_no_error_no_panic_and_no_secret() {
    for (name, notebook) in all() {
        for cell in &notebook.cells {
            for output in &cell.outputs {
                assert_ne!(output["output_type"], "error", "{name}, cell {}", cell.id);
                let text = output.to_string();
                for word in ["panicked at", "sk-or-", "/root/", "/home/", "/tmp/"] {
                    assert!(!text.contains(word), "{name}, cell {}: {word}", cell.id);
                }
            }
        }
    }
}

#[test]
fn the_models_of_the_lessons_are_in_the_catalogue_and_not_retired() {
    let named = [
        course::MODEL,
        course::PROGRAMMER,
        course::WRITER,
        course::MATHEMATICIAN,
        course::HOSTED,
        course::STRONG,
    ];
    let lists: [&[&str]; 14] = [
        &named,
        &course::THREE,
        &course::FOUR,
        &course::CHAIN,
        &course::BROKEN,
        &course::SIX,
        &course::AMONG,
        &course::RESCUE,
        &course::STALLED,
        &course::ROUTE,
        &course::SHAKY,
        &course::PAID_TWICE,
        &course::DEAR_FIRST,
        &course::LADDER,
    ];
    for &model in lists
        .concat()
        .iter()
        .filter(|model| !model.starts_with("sandbox/"))
    {
        let known = catalogue()
            .get(model)
            .unwrap_or_else(|| panic!("{model} is not in the catalogue"));
        assert_eq!(known.expiration_date, None, "{model}");
    }
}

/// Other platforms name models in their own ways; the catalogue has OpenRouter's names.
#[test]
fn the_models_on_other_platforms_are_in_the_catalogue_by_their_names_there() {
    let named: Vec<&str> = course::PLATFORMS
        .into_iter()
        .chain([course::CROSSING[1]])
        .collect();
    for target in named {
        assert!(catalogue().get(&known_as(target)).is_some(), "{target}");
    }
}

/// OpenRouter's name of a target that names its platform.
fn known_as(target: &str) -> String {
    match target.split_once("::").unwrap() {
        ("anthropic", model) => {
            let (rest, minor) = model.rsplit_once('-').unwrap();
            format!("anthropic/{rest}.{minor}")
        }
        ("gemini", model) => format!("google/{model}"),
        (_, model) => model.to_owned(),
    }
}

/// The heads say what a run costs live, at 30 tokens of question and 300 of answer.
#[test]
fn the_cost_in_the_head_is_the_catalogues() {
    let cost = |models: &[&str]| -> Decimal {
        let known = models.iter().filter_map(|model| catalogue().get(model));
        known.map(|model| model.pricing.cost(30, 300)).sum()
    };
    let twice = Decimal::TWO;
    let one = cost(&[course::MODEL]);
    let platforms: Vec<String> = course::PLATFORMS
        .into_iter()
        .chain([course::CROSSING[1]])
        .map(known_as)
        .collect();
    let everywhere = cost(&platforms.iter().map(String::as_str).collect::<Vec<_>>());
    for (lesson, runs, said) in [
        (LESSONS[0], one + cost(&course::THREE), "0.006"),
        (LESSONS[1], twice * cost(&course::FOUR), "0.001"),
        // Only the model that answers is paid for.
        (LESSONS[2], twice * one, "0.001"),
        (LESSONS[3], twice * cost(&course::SIX) + one, "0.012"),
        (
            LESSONS[5],
            Decimal::from(5) * one + cost(&course::THREE),
            "0.01",
        ),
        // A question with a tool is asked twice.
        (LESSONS[6], Decimal::from(4) * one, "0.002"),
        (LESSONS[7], everywhere, "0.02"),
        (
            LESSONS[8],
            twice * cost(&[course::HOSTED])
                + Decimal::from(3) * cost(&course::ROUTE)
                + Decimal::from(9) * one,
            "0.01",
        ),
        // What is known is not paid for.
        ("12_caching", Decimal::from(9) * one, "0.003"),
        // Eight answers, and a budget of a twentieth of a cent.
        (
            "11_cost_and_budget",
            Decimal::from(8) * one + Decimal::new(5, 4),
            "0.003",
        ),
    ] {
        let most: Decimal = said.parse().unwrap();
        assert!(
            runs < most && most < runs * Decimal::from(4),
            "{lesson} costs {runs}"
        );
        for language in LANGUAGES {
            let head = &read(language, lesson).cells[0].source;
            assert!(head.contains(said), "{language}/{lesson} should say {said}");
        }
    }
}
