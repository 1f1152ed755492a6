//! The cache: its table, its reasons, its file.

crate::words::english! {
    /// The cache: its table, its reasons, its file.
    CacheWords {
        what_the_cache_did(hits, questions, hit_rate) =
            "What the cache did: {hits} of {questions} questions answered without asking ({hit_rate:.0} %)",
        questions = "questions",
        same_question = "the same question",
        asked_at_the_same_moment = "asked at the same moment",
        asked_in_other_words = "asked in other words",
        not_known = "not known, asked",
        always_asked = "always asked",
        saved = "saved",
        trouble = "trouble",
        not_kept = "not kept",
        pushed_out = "pushed out",
        too_old = "too old",
        kept(entries) = "{entries} kept",
        tokens(prompt_tokens_saved, completion_tokens_saved) =
            "{prompt_tokens_saved} → {completion_tokens_saved} tokens",
        tokens_and_unpriced_hits(tokens, unpriced) = "{tokens}; of {unpriced} hits nobody knows the cost",
        file_of_answers_cannot_be_emptied(error) = "the file of answers cannot be emptied: {error}",
        delete_it_while_no_program_uses = "delete it while no program uses it",
        answers_in_the_file_are_damaged_and_passed(count) =
            "{count} answers in the file are damaged and passed over",
        answers_are_kept_in_memory_only(error) = "answers are kept in memory only: {error}",
        rows_have_wrong_checksums(damaged) = "{damaged} rows have wrong checksums",
        file_of_answers_was_written_by_an_earlier(file, kept) =
            "the file of answers {file} was written by an earlier version of anymodel; it is kept as {kept}, and a new one begins",
        file_of_answers_was_damaged(file, what, count, kept) =
            "the file of answers {file} was damaged ({what}); {count} of its answers could be read and go on, and it was set aside as {kept}",
        file_of_answers_cannot_be_read(path, error) = "the file of answers {path} cannot be read: {error}",
        move_it_away = "move it away, or name another file",
        file_of_answers = "file of answers",
        name_a_file_of_its_own =
            "name a file of its own in a folder that exists and may be written to: Cache::exact().at(\"answers.cache\")",
    }
}
