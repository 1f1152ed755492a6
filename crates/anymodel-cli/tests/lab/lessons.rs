//! A learner's copies of the lessons.

use std::fs;
use std::path::{Path, PathBuf};

use anymodel::Language;
use anymodel_cli::lab::lessons::{copy, list};

use crate::tools::scratch;

fn course(name: &str) -> PathBuf {
    let root = scratch(name);
    for language in ["en", "zh"] {
        let dir = root.join("notebooks").join(language);
        fs::create_dir_all(&dir).unwrap();
        for lesson in ["02_second.ipynb", "01_first.ipynb"] {
            fs::write(dir.join(lesson), format!("{language} {lesson} one")).unwrap();
        }
        fs::write(dir.join("notes.txt"), "").unwrap();
    }
    root
}

fn change(root: &Path, below: &str, text: &str) {
    fs::write(root.join(below), text).unwrap();
}

fn text(root: &Path, below: &str) -> String {
    fs::read_to_string(root.join(below)).unwrap()
}

#[test]
fn lessons_are_listed_in_their_order() {
    let root = course("order");
    let lessons = list(&root.join("notebooks"), Language::English).unwrap();
    let names: Vec<_> = lessons
        .iter()
        .map(|path| path.file_name().unwrap())
        .collect();
    assert_eq!(names, ["01_first.ipynb", "02_second.ipynb"]);
    let error = list(&root, Language::English).unwrap_err();
    assert!(error.to_string().contains("cannot be read"), "{error}");
}

#[test]
fn a_lesson_that_was_touched_is_never_overwritten_and_one_that_was_not_is_renewed() {
    let root = course("copies");
    let first = copy(&root).unwrap();
    assert_eq!((first.new, first.renewed, first.kept.len()), (4, 0, 0));
    assert_eq!(
        text(&root, "my-lessons/en/01_first.ipynb"),
        "en 01_first.ipynb one"
    );

    let again = copy(&root).unwrap();
    assert_eq!((again.new, again.renewed, again.kept.len()), (0, 0, 0));

    // A learner works on the first lesson; then both get a newer version.
    change(&root, "my-lessons/en/01_first.ipynb", "my own work");
    assert!(
        copy(&root).unwrap().kept.is_empty(),
        "no newer version: nothing to say"
    );
    change(&root, "notebooks/en/01_first.ipynb", "two");
    change(&root, "notebooks/en/02_second.ipynb", "two");
    let later = copy(&root).unwrap();
    assert_eq!((later.new, later.renewed), (0, 1));
    assert_eq!(later.kept, [root.join("my-lessons/en/01_first.ipynb")]);
    assert_eq!(text(&root, "my-lessons/en/01_first.ipynb"), "my own work");
    assert_eq!(text(&root, "my-lessons/en/02_second.ipynb"), "two");

    // Deleting it asks for the lesson anew.
    fs::remove_file(root.join("my-lessons/en/01_first.ipynb")).unwrap();
    assert_eq!(copy(&root).unwrap().new, 1);
    assert_eq!(text(&root, "my-lessons/en/01_first.ipynb"), "two");
}

#[test]
fn a_copy_whose_record_is_lost_counts_as_touched() {
    let root = course("record");
    copy(&root).unwrap();
    fs::remove_file(root.join("my-lessons/.copied.json")).unwrap();
    change(&root, "notebooks/en/01_first.ipynb", "two");
    let copied = copy(&root).unwrap();
    assert_eq!(copied.kept, [root.join("my-lessons/en/01_first.ipynb")]);
    assert_eq!(
        text(&root, "my-lessons/en/01_first.ipynb"),
        "en 01_first.ipynb one"
    );
}
