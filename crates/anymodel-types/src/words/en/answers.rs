//! Answers that are none, or no whole ones.

crate::words::english! {
    /// Answers that are none, or no whole ones.
    AnswersWords {
        time_was_over_after_characters(so_far) =
            "the call's time was over after {so_far} characters of the answer",
        silence_after_characters(seconds, so_far) =
            "silence for {seconds:.1} s after {so_far} characters of the answer",
        stream_ended_without_an_answer = "the stream ended without an answer",
        answer_broke_off_after_characters(so_far) =
            "the answer broke off after {so_far} characters, without a finish reason",
        answer_is_empty = "the answer is empty",
        model_broke_off_with_an_error = "the model broke off with an error",
        model_broke_off(word) = "the model broke off: {word}",
        answer_is_empty_and_its_end_is(word) = "the answer is empty, and its end is \"{word}\"",
        answer_ended_after_characters(so_far, word) =
            "the answer ended after {so_far} characters with \"{word}\", which is no good end",
        filter_withheld_the_answer = "a filter withheld the answer",
        filter_withheld_the_answer_for(word) = "a filter withheld the answer ({word})",
    }
}
