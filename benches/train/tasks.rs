//! cargo run --release --example train_tasks
//!
//! Trains the classifier of `anymodel::task` on `tests/data/` of the client, writes its `src/task/model.bin`, and prints what it gets
//! right: first by cross-validation within the training questions, by which it was tuned, then on the held-out ones, which
//! were not looked at for tuning. With `--dry` nothing is written and the held-out questions stay unread; `--wrong` lists the
//! held-out ones that got a wrong kind: who learns from that list needs new held-out questions.

#[path = "learn.rs"]
mod learn;

use std::path::Path;
use std::time::Instant;

use anymodel::task::{Calibration, Kind};
use learn::{Judged, Question, share};

fn main() -> std::io::Result<()> {
    let dry = std::env::args().any(|argument| argument == "--dry");
    let wrong = std::env::args().any(|argument| argument == "--wrong");
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/anymodel-client");
    let read = |name: &str| std::fs::read_to_string(client.join("tests/data").join(name));
    let training = learn::questions(&read("train.tsv")?);
    let words = learn::words(&read("words.tsv")?);

    let start = Instant::now();
    let (model, validated) = learn::train(&training, &words);
    let bytes = model.write();
    println!(
        "learnt from {} questions and {} words in {:.1?}: {} rows, {} bytes",
        training.len(),
        words.len(),
        start.elapsed(),
        model.rows(),
        bytes.len()
    );
    let calibration = model.calibration();
    println!("{calibration:?}\n\ncross-validation within the training questions");
    report(&validated, &calibration);
    if dry {
        return Ok(());
    }

    std::fs::write(client.join("src/task/model.bin"), bytes)?;
    let held_out = learn::questions(&read("held_out.tsv")?);
    let judged = learn::judge(&model, &held_out);
    println!("\nheld-out questions");
    report(&judged, &calibration);
    for language in ["en", "zh"] {
        let these = || {
            let both = judged.iter().zip(&held_out);
            both.filter(|(_, question)| question.language == language)
        };
        let right = these().filter(|(judged, _)| judged.scores.best().0 == judged.kind);
        let (right, all) = (right.count(), these().count());
        println!(
            "kind, {language}: {right} of {all}, {:.3}",
            share(right, all)
        );
    }
    if wrong {
        show_wrong(&judged, &held_out);
    }
    Ok(())
}

fn report(judged: &[Judged], calibration: &Calibration) {
    let right = |judged: &&Judged| judged.scores.best().0 == judged.kind;
    let count = judged.iter().filter(right).count();
    println!(
        "kind: {count} of {}, {:.3}",
        judged.len(),
        share(count, judged.len())
    );

    println!(
        "{:>14} | said: {}",
        "",
        Kind::ALL
            .map(|kind| format!("{:>5.5}", kind.name()))
            .join(" ")
    );
    for kind in Kind::ALL {
        let these: Vec<&Judged> = judged.iter().filter(|judged| judged.kind == kind).collect();
        let said = Kind::ALL.map(|said| {
            let said = these
                .iter()
                .filter(|judged| judged.scores.best().0 == said)
                .count();
            format!("{said:>5}")
        });
        let right = these.iter().copied().filter(right).count();
        println!(
            "{kind:>14} |       {}   {:.3}",
            said.join(" "),
            share(right, these.len())
        );
    }

    let sure = |judged: &&Judged| judged.scores.best().1 >= calibration.unsure_below;
    let all = judged.iter().filter(sure).count();
    let good = judged.iter().filter(sure).filter(right).count();
    println!(
        "sure (from {:.2} on): {all} of {}, of which right {:.3}; of the unsure ones {:.3}",
        calibration.unsure_below,
        judged.len(),
        share(good, all),
        share(count - good, judged.len() - all)
    );
    let confidence: f32 = judged.iter().map(|judged| judged.scores.best().1).sum();
    println!("mean confidence {:.3}", confidence / judged.len() as f32);

    let hard = judged.iter().filter(|judged| judged.hard).count();
    let simple = judged.len() - hard;
    let even = judged
        .iter()
        .filter(|judged| (judged.scores.hard >= 0.5) == judged.hard);
    let called_hard = |judged: &&Judged| judged.scores.hard >= calibration.hard_from;
    let missed = judged
        .iter()
        .filter(|judged| judged.hard && !called_hard(judged))
        .count();
    let costly = judged
        .iter()
        .filter(|judged| !judged.hard && called_hard(judged))
        .count();
    println!(
        "difficulty: {:.3} right at even odds; at the limit ({:.2}) {:.3}: {missed} of {hard} hard ones called simple, \
         {costly} of {simple} simple ones called hard",
        share(even.count(), judged.len()),
        calibration.hard_from,
        share(judged.len() - missed - costly, judged.len()),
    );
}

/// The questions that got a wrong kind.
fn show_wrong(judged: &[Judged], questions: &[Question]) {
    println!("\nwrong kinds");
    for (judged, question) in judged.iter().zip(questions) {
        let (said, chance) = judged.scores.best();
        if said != judged.kind {
            println!(
                "{:>12} → {said:<12} {chance:.2}  {}",
                judged.kind, question.text
            );
        }
    }
}
