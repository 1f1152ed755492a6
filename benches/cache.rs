//! The semantic cache among 100,000 questions: `cargo bench --bench cache`.
//!
//! How long a look takes with and without reading the question, how much memory an entry takes, and how often the quick search
//! by sketches finds the neighbour that an exact search finds. With `--features semantic` the sentence embeddings are measured,
//! too, for reading.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anymodel::{Embedder, Letters, Questions};
use criterion::Criterion;

const TUNE: &str = include_str!("../src/cache/semantic/data/tune.tsv");
const ENTRIES: usize = 100_000;

fn main() {
    let asked = written();
    let kept = many(&asked, ENTRIES);
    let mut questions = Questions::new(Letters);
    let start = Instant::now();
    for (number, question) in kept.iter().enumerate() {
        questions.insert(number as u64, question);
    }
    println!(
        "{ENTRIES} entries in {:.1} s, {} bytes each",
        start.elapsed().as_secs_f64(),
        questions.bytes_each()
    );
    slowest(&questions, &asked);
    recall(&questions, &kept, &asked);

    let mut few = Questions::new(Letters);
    kept.iter()
        .take(5_000)
        .enumerate()
        .for_each(|(number, question)| few.insert(number as u64, question));
    let mut criterion = Criterion::default()
        .sample_size(20)
        .measurement_time(Duration::from_secs(4));
    let mut next = asked.iter().cycle();
    let mut ask = || next.next().map_or("", String::as_str);
    criterion.bench_function("read one question: letters", |b| {
        b.iter(|| black_box(Letters.embed(ask())))
    });
    criterion.bench_function("find among 5,000, reading included", |b| {
        b.iter(|| black_box(few.find(ask())))
    });
    criterion.bench_function("find among 100,000, reading included", |b| {
        b.iter(|| black_box(questions.find(ask())))
    });
    #[cfg(feature = "semantic")]
    if let Ok(model) = anymodel::MiniLm::new() {
        criterion.bench_function("read one question: sentence embeddings", |b| {
            b.iter(|| black_box(model.embed(ask())))
        });
    }
}

/// The questions of the training pairs.
fn written() -> Vec<String> {
    let columns = TUNE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split('\t').skip(2));
    let mut all: Vec<String> = columns.map(str::to_owned).collect();
    all.sort();
    all.dedup();
    all
}

/// As many different questions as wanted: beginnings of some with endings of others. They mean little and look like questions,
/// which is what the search goes by.
fn many(written: &[String], wanted: usize) -> Vec<String> {
    let mut all = written.to_vec();
    let mut step = 1;
    while all.len() < wanted {
        for (at, question) in written.iter().enumerate() {
            let other = &written[(at + step * 37) % written.len()];
            let middle = |text: &str| {
                (text.len() / 2..text.len())
                    .find(|i| text.is_char_boundary(*i))
                    .unwrap_or(0)
            };
            all.push(format!(
                "{} {}",
                &question[..middle(question)],
                &other[middle(other)..]
            ));
        }
        step += 1;
    }
    all.truncate(wanted);
    all
}

/// The longest looks, since a mean hides them.
fn slowest(questions: &Questions, asked: &[String]) {
    let mut times: Vec<Duration> = asked
        .iter()
        .take(1000)
        .map(|question| {
            let start = Instant::now();
            black_box(questions.find(question));
            start.elapsed()
        })
        .collect();
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "a look among {ENTRIES}, reading included: median {:.2} ms, 99 of 100 under {:.2} ms, longest {:.2} ms",
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

/// How often the quick search finds what an exact search finds nearest, the question itself left out.
fn recall(questions: &Questions, kept: &[String], asked: &[String]) {
    let vectors: Vec<Vec<f32>> = kept
        .iter()
        .map(|question| Letters.embed(question))
        .collect();
    let (mut found, mut tried) = (0, 0);
    for question in asked.iter().step_by(asked.len() / 200) {
        let vector = Letters.embed(question);
        let cosines = vectors
            .iter()
            .map(|other| vector.iter().zip(other).map(|(x, y)| x * y).sum::<f32>());
        let others = cosines.enumerate().filter(|(at, _)| kept[*at] != *question);
        let Some((_, nearest)) = others.max_by(|a, b| a.1.total_cmp(&b.1)) else {
            continue;
        };
        let near = questions.nearest(question);
        tried += 1;
        // As near, within what eight bits a number blur.
        let own = |number: u64| kept[number as usize] == *question;
        found += usize::from(
            near.iter()
                .any(|(number, cosine)| !own(*number) && *cosine >= nearest - 0.01),
        );
    }
    println!("the nearest of {ENTRIES} is among the 64 looked at closely: {found} of {tried}");
}
