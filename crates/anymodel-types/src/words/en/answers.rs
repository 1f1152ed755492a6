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
        http_without_a_message(status) = "HTTP {status} without a message",
        error_without_a_message = "an error without a message",
        empty_body_instead_of_json = "an empty body instead of JSON",
        web_page_that_says(said) = "a web page instead of JSON: {said}",
        web_page_instead_of_json = "a web page instead of JSON",
        json_that_is_no_chat_completion = "JSON that is no chat completion",
        json_that_breaks_off_after_characters(count) = "JSON that breaks off after {count} characters",
        text_that_is_no_json(text) = "text that is no JSON: {text}",
        error_codes(codes) = "error {codes}",
        list_of_parts_breaks_off = "the list of parts breaks off without a finish reason",
        answer_holds_no_candidates = "the answer holds no candidates",
        prompt_was_blocked_and_why(reason, words) = "the prompt was blocked ({reason}): {words}",
        prompt_was_blocked(reason) = "the prompt was blocked ({reason})",
        server_sent(what) = "the server sent {what}",
        stream_broke_off(what) = "the stream broke off, and {what}",
        stream_is_no_event_stream_of_aws(why) = "the stream is no event stream of AWS: {why}",
        stream_ended_in_the_middle_of_a_frame = "the stream ended in the middle of a frame",
    }
}
