//! An example and its two notebooks hold the same code.

use super::notebook::{LANGUAGES, code, read, root, text};
use super::{LESSONS, example};

#[test]
fn both_languages_hold_the_same_code_apart_from_prompts_and_comments() {
    for lesson in LESSONS {
        let [english, chinese] = LANGUAGES.map(|language| read(language, lesson));
        let shape = |notebook: &super::notebook::Notebook| -> Vec<(String, bool, Vec<String>)> {
            let cells = notebook.cells.iter();
            cells
                .map(|cell| (cell.id.clone(), cell.is_code, cell.tags.clone()))
                .collect()
        };
        assert_eq!(shape(&english), shape(&chinese), "{lesson}");
        for (one, other) in english.cells.iter().zip(&chinese.cells) {
            if one.is_code && !one.has_tag("prompts") {
                assert_eq!(
                    code(&one.source),
                    code(&other.source),
                    "{lesson}, cell {}",
                    one.id
                );
            }
        }
    }
}

#[test]
fn the_example_holds_the_code_of_the_notebook_and_nothing_else() {
    for lesson in LESSONS {
        // A notebook asks its reader for a key; a program takes it from the environment and asks nobody.
        let program = text(format!("examples/{}.rs", example(lesson)));
        let program = code(&program.replace(
            "Client::from_env_or_sandbox()",
            "Client::from_env_or_prompt()",
        ));
        let notebook = read("en", lesson);
        let mut from = 0;
        let mut taken = vec![false; program.len()];
        for cell in notebook.cells.iter().filter(|cell| cell.is_lesson()) {
            let lines = code(&cell.source);
            let is_definition = ["fn ", "async fn ", "const ", "#[derive("]
                .iter()
                .any(|word| lines[0].starts_with(word));
            let start = if is_definition { 0 } else { from };
            let at = find(&program, &lines, start).unwrap_or_else(|| {
                panic!(
                    "the example of {lesson} does not hold cell `{}`, or holds it at another place:\n{}",
                    cell.id, cell.source
                )
            });
            taken[at..at + lines.len()].fill(true);
            if !is_definition {
                from = at + lines.len();
            }
        }
        let prompts = code(&notebook.tagged("prompts").source);
        for (line, taken) in program.iter().zip(taken) {
            assert!(
                taken || is_frame(line) || prompts.contains(line),
                "no cell of {lesson} holds this line of the example: {line}"
            );
        }
    }
}

/// Where `lines` stand one after the other in `program`, at `from` or later.
fn find(program: &[String], lines: &[String], from: usize) -> Option<usize> {
    (from..=program.len().checked_sub(lines.len())?)
        .find(|&at| &program[at..at + lines.len()] == lines)
}

/// What makes a program of the cells.
fn is_frame(line: &str) -> bool {
    let lines = [
        "#[tokio::main]",
        "async fn main() -> anymodel::Result<()> {",
        "Ok(())",
        "}",
    ];
    line.starts_with("use ") || lines.contains(&line)
}

#[test]
fn the_set_up_cell_brings_in_what_the_example_uses() {
    for lesson in LESSONS {
        let program = text(format!("examples/{}.rs", example(lesson)));
        let set_up = code(&read("en", lesson).tagged("setup").source);
        for line in program.lines().filter(|line| line.starts_with("use ")) {
            assert!(set_up.iter().any(|own| own == line), "{lesson}: {line}");
        }
    }
}

#[test]
fn every_notebook_and_every_example_belongs_to_a_lesson() {
    let names = |folder: &str, extension: &str| -> Vec<String> {
        let entries = std::fs::read_dir(root().join(folder)).unwrap();
        let files = entries.map(|entry| entry.unwrap().path());
        let mut stems: Vec<String> = files
            .filter(|path| path.extension().is_some_and(|own| own == extension))
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        stems.sort();
        stems
    };
    let mut examples = LESSONS.map(example);
    examples.sort();
    assert_eq!(names("examples", "rs"), examples);
    for folder in ["notebooks/en", "notebooks/zh"] {
        assert_eq!(names(folder, "ipynb"), LESSONS);
    }
    for folder in ["examples/exercises/stubs", "examples/exercises/solutions"] {
        assert_eq!(names(folder, "rs"), LESSONS);
    }
}

#[test]
fn the_code_of_a_lesson_names_no_model_itself() {
    let authors: Vec<String> = anymodel::model::catalogue()
        .models()
        .map(|model| format!("\"{}/", model.author()))
        .chain(["\"sandbox/".to_owned()])
        .collect();
    for lesson in LESSONS {
        for cell in read("en", lesson).cells.iter().filter(|cell| cell.is_code) {
            for author in &authors {
                assert!(
                    !cell.source.contains(author.as_str()),
                    "{lesson}, cell {}: {author}…",
                    cell.id
                );
            }
        }
    }
}
