//! The lessons: each is one example and two notebooks, and all three hold the same code.
//!
//! What "the same" means: every cell of code that carries no tag is found in the example, line after line (blank lines,
//! comments and indentation do not count), and the cells stand there in the notebook's order; a cell that defines
//! something (`fn`, `const`, a type) may stand anywhere. And every line of the example is found in such a cell, except for the
//! frame: `use` lines, `main`, and the prompts.
#![cfg(all(feature = "sandbox", feature = "classify"))]

#[path = "lessons/drift.rs"]
mod drift;
#[path = "lessons/exercises.rs"]
mod exercises;
#[path = "support/keyless.rs"]
mod keyless;
#[path = "lessons/notebook.rs"]
mod notebook;
#[path = "lessons/programs.rs"]
mod programs;
#[path = "lessons/prose.rs"]
mod prose;

/// The stem of each lesson's notebooks, in order.
const LESSONS: [&str; 12] = [
    "01_basic_call",
    "02_multi_model",
    "03_fallback",
    "04_async_compare",
    "05_auto_routing",
    "06_streaming",
    "07_structured_output",
    "08_any_platform",
    "09_routing",
    "10_free_models",
    "11_cost_and_budget",
    "12_caching",
];

/// The stem of a lesson's example: a Rust file should not begin with a digit.
fn example(lesson: &str) -> &str {
    &lesson[3..]
}
