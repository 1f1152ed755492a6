//! The line below a reply, and how a cached reply was found.

crate::words::english! {
    /// The line below a reply, and how a cached reply was found.
    RepliesWords {
        tokens(total_tokens) = "{total_tokens} tokens",
        not_asked(cached) = "not asked: {cached}",
        cut_short(reason) = "cut short: {reason}",
        not_at_its_end(word) = "not at its end: {word}",
        same_question = "the same question",
        asked_at_the_same_moment = "asked at the same moment",
        like(shown) = "like {shown}",
        simulated = "sandbox (simulated)",
    }
}
