//! A comparison of models.

crate::words::english! {
    /// A comparison of models.
    ComparisonsWords {
        waiting = "waiting…",
        time_to_the_whole_answer = "Time to the whole answer",
        cost_of_the_answer_in_us_dollars = "Cost of the answer in US dollars",
        failed(kind) = "failed: {kind}",
    }
}
