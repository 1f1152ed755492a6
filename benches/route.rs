//! What a choice costs: one question, a hundred models, every strategy.
//!
//! `cargo bench --bench route`; the figures stand in `benches/README.md`. Measured is [`Router::explain`], which chooses as a
//! call does and then copies the names of the four models that it would ask.

use std::hint::black_box;

use anymodel::{Router, RoutingContext};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

const MODELS: usize = 100;

fn choose(criterion: &mut Criterion) {
    let models = || Router::new((0..MODELS).map(|number| format!("acme/model-{number}")));
    let weights = (0..MODELS).map(|number| 1.0 + (number % 7) as f64);
    let mut group = criterion.benchmark_group("choose among 100");
    for (name, router) in [
        ("round robin", models().round_robin()),
        ("random", models().random()),
        ("random with weights", models().weights(weights)),
        ("least used", models().least_used()),
        ("fastest first", models().fastest_first()),
        ("failover", models().failover()),
        (
            "own strategy",
            models().choose_by(|ask: &RoutingContext| ask.question.len() % ask.models.len()),
        ),
    ] {
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| black_box(router.explain(black_box("What is recursion?"))));
        });
    }
    group.finish();
}

criterion_group!(benches, choose);
criterion_main!(benches);
