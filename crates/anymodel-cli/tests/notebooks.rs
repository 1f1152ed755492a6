//! Notebooks are run as `anymodel run` runs them, and what is wrong with one is found.

use std::path::{Path, PathBuf};

use anymodel_kernel::notebook::compare::{difference, normalise};
use anymodel_kernel::notebook::document::Document;
use anymodel_kernel::notebook::probe::{is_listed, probe};
mod kernel_support;

fn write(name: &str, text: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documents");
    std::fs::create_dir_all(&dir).unwrap();
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// A notebook as Jupyter writes it, whose one cell printed `printed`.
fn printed(name: &str, printed: &str) -> Document {
    let text = format!(
        r#"{{
 "cells": [
  {{
   "cell_type": "code",
   "execution_count": 1,
   "id": "one",
   "metadata": {{}},
   "outputs": [
    {{
     "name": "stdout",
     "output_type": "stream",
     "text": [
      {printed:?}
     ]
    }},
    {{
     "name": "stderr",
     "output_type": "stream",
     "text": [
      "{name}"
     ]
    }}
   ],
   "source": [
    "println!(\"…\");"
   ]
  }}
 ],
 "metadata": {{
  "something": "unknown"
 }},
 "nbformat": 4,
 "nbformat_minor": 5
}}
"#
    );
    Document::read(&write(name, &text)).unwrap()
}

#[test]
fn durations_ports_and_generation_ids_do_not_count() {
    assert_eq!(normalise("took 123 ms"), normalise("took 1.2 s"));
    assert_eq!(normalise("用时 1.2 秒"), normalise("用时 340 毫秒"));
    assert_eq!(
        normalise("http://127.0.0.1:4711/api"),
        normalise("http://127.0.0.1:60123/api")
    );
    assert_eq!(normalise("gen-1700-aBc"), normalise("gen-1801-xyZ"));
    assert_eq!(normalise("\u{1b}[31mred\u{1b}[0m"), "red");
}

#[test]
fn the_width_of_a_column_that_holds_a_duration_does_not_count() {
    let narrow = "┌──────┬──────┐\n│ gpt  │ 9 ms │\n└──────┴──────┘";
    let wide = "┌──────┬─────────┐\n│ gpt  │ 1.25 s  │\n└──────┴─────────┘";
    assert_eq!(normalise(narrow), normalise(wide));
}

#[test]
fn the_geometry_of_a_picture_does_not_count_but_its_words_do() {
    let bar = |width: u32, word: &str| {
        format!(r#"<rect x="0" width="{width}"/><text y="3">{word}</text>"#)
    };
    assert_eq!(normalise(&bar(10, "gpt")), normalise(&bar(300, "gpt")));
    assert_ne!(normalise(&bar(10, "gpt")), normalise(&bar(10, "claude")));
}

#[test]
fn the_length_of_a_bar_in_text_does_not_count_but_its_label_does() {
    let bars =
        |first: usize, label: &str| normalise(&format!("  {label}  {} 1.2 s", "█".repeat(first)));
    assert_eq!(bars(12, "acme/one"), bars(31, "acme/one"));
    assert_ne!(bars(12, "acme/one"), bars(12, "acme/two"));
}

#[test]
fn numbers_and_words_do_count() {
    assert_ne!(normalise("2 models"), normalise("3 models"));
    assert_ne!(normalise("cost $0.01"), normalise("cost $0.02"));
    assert_ne!(normalise("line one\nline two"), normalise("line one"));
}

#[test]
fn a_difference_names_the_cell_and_both_lines_and_standard_error_does_not_count() {
    let stored = printed("stored.ipynb", "Paris\nin 10 ms\n");
    let same = printed("same.ipynb", "Paris\nin 99 ms\n");
    assert_eq!(difference(&stored, &same), None);
    let other = printed("other.ipynb", "London\nin 10 ms\n");
    let report = difference(&stored, &other).unwrap();
    assert!(report.contains("cell 1"), "{report}");
    assert!(
        report.contains("- Paris") && report.contains("+ London"),
        "{report}"
    );
    assert!(!report.contains("<duration>"), "{report}");
}

#[test]
fn a_notebook_that_is_read_and_written_is_the_same_to_the_byte() {
    let document = printed("round.ipynb", "text\n");
    let before = std::fs::read_to_string(document.path()).unwrap();
    assert_eq!(document.to_text().unwrap(), before);
}

#[test]
fn what_is_no_notebook_is_refused_with_its_name() {
    for (name, text) in [
        ("no.ipynb", "no JSON"),
        ("old.ipynb", r#"{"nbformat":3,"worksheets":[]}"#),
    ] {
        let error = format!("{:#}", Document::read(&write(name, text)).unwrap_err());
        assert!(error.contains(name), "{error}");
    }
    let error = Document::read(Path::new("absent.ipynb")).unwrap_err();
    assert!(error.to_string().contains("absent.ipynb"), "{error}");
}

#[test]
fn the_probe_stands_above_the_first_line_of_rust_and_below_commands() {
    let sent = probe(":dep a = \"1\"\n// why\n\nlet x = 1;\nx", 3).unwrap();
    assert_eq!(
        sent.code,
        format!(
            ":dep a = \"1\"\n// why\n\nlet {} = ();\nlet x = 1;\nx",
            sent.variable
        )
    );
    assert_eq!(probe(":dep a = \"1\"\n// only that\n", 1), None);
    assert!(is_listed(
        "x: i32\nanymodel_cell_3_ran: ()\n",
        &sent.variable
    ));
    assert!(!is_listed("anymodel_cell_30_ran: ()\n", &sent.variable));
}
mod on_the_kernel {
    use std::fs;
    use std::process::Stdio;
    use std::time::{Duration, Instant};

    use super::kernel_support::{Kernel, notebook, processes_with, root, tagged, wait_for};

    const END: (&str, &str) = ("\"End of the lesson\"", "end-of-lesson");

    fn set_up() -> String {
        let root = root();
        format!(
            ":dep anymodel = {{ path = {root:?} }}\n\
             :dep tokio = {{ version = \"1\", features = [\"rt-multi-thread\"] }}\n\
             use anymodel::prelude::*;"
        )
    }

    /// A notebook that fails, and what the report must say.
    fn fails(name: &str, cells: &[&str], end: &[(&str, &str)], options: &[&str], words: &[&str]) {
        let kernel = Kernel::installed();
        let path = kernel.scratch(name).join(format!("{name}.ipynb"));
        notebook(&path, cells, end);
        let (passed, report) = kernel.run(&path, options);
        assert!(!passed, "{report}");
        for word in words.iter().chain(&["0 passed, 1 failed"]) {
            assert!(report.contains(word), "{word:?} is missing in:\n{report}");
        }
    }

    #[test]
    fn a_good_lesson_passes_and_its_outputs_are_written_and_checked() {
        let kernel = Kernel::installed();
        let path = kernel.scratch("good").join("good.ipynb");
        let cells = [
            &set_up(),
            "println!(\"first\");\nprintln!(\"second\");",
            // tokio is one and the same in every cell: the second cell that awaits is the test.
            "let seven: i32 = tokio::spawn(async { 7 }).await?;\nseven",
            "tokio::spawn(tokio::time::sleep(std::time::Duration::from_millis(2))).await?;\nseven + 1",
            "println!(\"took {:?}\", std::time::Instant::now().elapsed());",
        ];
        notebook(
            &path,
            &cells.map(|cell: &str| cell),
            &[tagged("panic!(\"on purpose\")", "raises-exception"), END],
        );

        let (passed, report) = kernel.run(&path, &["--write"]);
        assert!(passed, "{report}");
        assert!(report.contains("1 passed, 0 failed\n"), "{report}");
        let text = fs::read_to_string(&path).unwrap();
        let stored: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            stored["cells"][1]["outputs"][0]["text"],
            serde_json::json!(["first\n", "second\n"])
        );
        assert_eq!(
            stored["cells"][3]["outputs"][0]["data"]["text/plain"],
            serde_json::json!(["8"])
        );
        assert_eq!(stored["cells"][3]["execution_count"], 4);
        assert!(text.ends_with("}\n"));

        let (passed, report) = kernel.run(&path, &["--check"]);
        assert!(passed, "{report}");
        fs::write(&path, text.replace("second\\n", "changed\\n")).unwrap();
        let (passed, report) = kernel.run(&path, &["--check"]);
        assert!(!passed, "{report}");
        assert!(
            report.contains("- changed") && report.contains("+ second"),
            "{report}"
        );
    }

    #[test]
    fn a_panic_fails_and_the_report_shows_the_line() {
        let cells = ["let empty: Vec<i32> = vec![];\nempty[3];"];
        fails(
            "panic",
            &cells,
            &[END],
            &[],
            &["cell 1: panicked", "index out of bounds", "empty[3];"],
        );
    }

    #[test]
    fn a_failed_question_mark_fails_and_the_report_says_so() {
        let cells = [
            "println!(\"before\");",
            "let n: i32 = \"x\".parse::<i32>()?;\nn",
        ];
        fails(
            "question",
            &cells,
            &[END],
            &[],
            &["cell 2: a `?` ended the cell early"],
        );
    }

    #[test]
    fn code_that_does_not_compile_fails_with_the_compilers_words() {
        let cells = ["let n: i32 = \"text\";"];
        fails(
            "compile",
            &cells,
            &[END],
            &[],
            &["cell 1: the kernel reports an error", "mismatched types"],
        );
    }

    #[test]
    fn a_lesson_without_its_end_fails_and_so_does_an_end_that_shows_nothing() {
        fails(
            "endless",
            &["1"],
            &[],
            &[],
            &["lacks the tag `end-of-lesson`"],
        );
        fails(
            "silent",
            &[],
            &[("let x = 1;", "end-of-lesson")],
            &[],
            &["showed nothing"],
        );
    }

    #[test]
    fn a_cell_that_hangs_times_out_and_leaves_no_process_behind() {
        let kernel = Kernel::installed();
        let cache = kernel.cache_of_its_own("hanging");
        let path = kernel.scratch("hang").join("hang.ipynb");
        notebook(&path, &["loop {}"], &[END]);
        let started = Instant::now();
        let output = kernel
            .command(&["run", "--timeout", "8"])
            .arg(&path)
            .env("ANYMODEL_CACHE_DIR", &cache)
            .output()
            .unwrap();
        let report = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{report}");
        assert!(report.contains("did not finish in time"), "{report}");
        assert!(
            started.elapsed() < Duration::from_secs(90),
            "{:?}",
            started.elapsed()
        );
        let cache = cache.to_str().unwrap();
        assert!(wait_for(Duration::from_secs(10), || processes_with(cache).is_empty()));
    }

    #[test]
    fn a_kernel_that_is_not_there_is_named_with_what_to_do() {
        let words = [
            "no Jupyter kernel named `absent`",
            "anymodel kernel install",
        ];
        fails("absent", &["1"], &[END], &["--kernel", "absent"], &words);
    }

    #[test]
    fn every_lesson_passes_and_shows_what_is_stored_in_it() {
        let kernel = Kernel::installed();
        // Both at the same time: half of what a lesson takes is waiting for its models.
        let checks = ["en", "zh"].map(|language| {
            let folder = root().join("notebooks").join(language);
            let mut lessons: Vec<_> = fs::read_dir(&folder)
                .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.extension().is_some_and(|end| end == "ipynb"))
                .collect();
            lessons.sort();
            assert!(!lessons.is_empty(), "{} holds no lesson", folder.display());
            let mut check = kernel.command(&["run", "--check"]);
            check.args(&lessons).stdout(Stdio::piped());
            (check.spawn().unwrap(), lessons.len())
        });
        let ended = checks.map(|(check, lessons)| (check.wait_with_output().unwrap(), lessons));
        for (output, lessons) in ended {
            let report = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success(), "{report}");
            let summary = format!("{lessons} passed, 0 failed\n");
            assert!(report.ends_with(&summary), "{report}");
        }
    }
}
