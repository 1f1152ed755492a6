//! Cells that end the process they run in. The kernel says what happened and goes on.

use crate::support::{Kernels, bad, good};

/// Runs a cell that ends its process, then two that must work.
async fn survives(name: &str, code: &str, words: &[&str]) {
    let kernels = Kernels::new(name);
    let mut session = kernels.start().await;
    good(
        &mut session,
        "fn twice(n: u32) -> u32 {\n    2 * n\n}\nlet lost = 1;",
    )
    .await;
    let error = bad(&mut session, code).await;
    println!("{error}");
    let small = error.to_lowercase();
    assert!(
        words.iter().any(|word| small.contains(word)),
        "the message has to say what happened ({words:?}):\n{error}"
    );
    // What was declared stays, since it is kept as text.
    let outputs = good(&mut session, "twice(21)").await;
    assert_eq!(outputs.value_text(), Some("42"));
    let outputs = good(&mut session, "println!(\"alive\");").await;
    assert_eq!(outputs.printed("stdout"), "alive\n");
    session.shut_down().await;
    kernels.assert_gone();
}

#[tokio::test]
async fn a_cell_that_exits_is_an_error_that_names_the_exit_code() {
    survives("exit", "std::process::exit(7);", &["7"]).await;
}

#[tokio::test]
async fn a_cell_that_aborts_is_an_error_that_says_so() {
    survives("abort", "std::process::abort();", &["abort"]).await;
}

#[tokio::test]
async fn a_stack_overflow_is_an_error_that_says_so() {
    let code = "fn down(n: u64) -> u64 {\n    std::hint::black_box(down(std::hint::black_box(n + 1))) + 1\n}\n\
                println!(\"{}\", down(0));";
    survives("overflow", code, &["stack"]).await;
}

#[tokio::test]
async fn a_write_to_foreign_memory_is_an_error_that_says_so() {
    let code = "unsafe { std::ptr::without_provenance_mut::<u8>(8).write_volatile(1) };";
    survives("segfault", code, &["segmentation", "sigsegv", "memory"]).await;
}
