//! What kind of question it is, and how hard.

crate::words::english! {
    /// What kind of question it is, and how hard.
    TasksWords {
        there_is_nothing_to_read = "there is nothing to read",
        not_sure(first, chance, second, less) = "not sure: {first} ({chance:.2}) or {second} ({less:.2})",
        looks_like(first, chance, found) = "looks like {first} ({chance:.2}): {found}",
        may_be_hard(hard) = "may be hard ({hard:.2})",
        looks_hard_or_simple(difficulty, chance, found) = "looks {difficulty} ({chance:.2}): {found}",
        its_length_and_form = "its length and form",
        these_bytes_are_no_classifier(count) = "these {count} bytes are no classifier, or a damaged one",
        make_it_anew = "make it anew: cargo run --release --example train_tasks",
        programming = "programming",
        writing = "writing",
        mathematics = "mathematics",
        translation = "translation",
        facts = "facts",
        conversation = "conversation",
        simple = "simple",
        hard = "hard",
    }
}
