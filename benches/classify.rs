//! cargo bench --bench classify
//!
//! What it costs to find a question's kind and difficulty, reason included. Aim: under 1 ms a question.

use std::hint::black_box;

use anymodel::Router;
use anymodel::task::classify;
use criterion::{Criterion, criterion_group, criterion_main};

fn classification(criterion: &mut Criterion) {
    let held_out = include_str!("../crates/anymodel-client/tests/data/held_out.tsv");
    let questions: Vec<&str> = held_out
        .lines()
        .skip(1)
        .filter_map(|line| line.rsplit('\t').next())
        .collect();
    let mut turn = questions.iter().cycle();
    criterion.bench_function("classify a held-out question", |bench| {
        bench.iter(|| turn.next().map(|question| classify(black_box(question))));
    });

    let pasted =
        "Why does this fail? let sum: u32 = numbers.iter().map(|n| n * 2).sum();\n".repeat(200);
    criterion.bench_function("classify 14,000 characters", |bench| {
        bench.iter(|| classify(black_box(&pasted)));
    });

    let router = Router::by_difficulty("openai/gpt-4o-mini", "deepseek/deepseek-r1");
    let mut turn = questions.iter().cycle();
    criterion.bench_function("route a held-out question by difficulty", |bench| {
        bench.iter(|| {
            turn.next()
                .map(|question| router.explain(black_box(question)))
        });
    });
}

criterion_group!(benches, classification);
criterion_main!(benches);
