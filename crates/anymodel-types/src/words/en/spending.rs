//! Tables of spending.

crate::words::english! {
    /// Tables of spending.
    SpendingWords {
        what_was_spent = "What was spent",
        successes_of_attempts(successes, attempts) = "{successes} of {attempts}",
        cancelled = "cancelled",
        unknown_cost_of(unpriced) = "? for {unpriced}",
        below = "below",
        above = "above",
        differs_from_price_times_usage(difference, direction) = " ({difference} {direction} price × usage)",
        what_was_spent_and_what_is_left = "What was spent, and what is left",
        spent = "spent",
        on_its_way = "on its way",
        left = "left",
        limit = "limit",
        calls_answers(calls, answers) = "calls: {calls}, answers: {answers}",
        one_call = "one call",
        today_utc = "today (UTC)",
        in_all = "in all",
        questions_that_were_paid_for_more_than_once = "Questions that were paid for more than once",
        question = "question",
        times = "times",
        paid = "paid",
        could_be_saved = "could be saved",
        day_utc = "day (UTC)",
        what_was_spent_by_day = "What was spent, by day",
        what_was_spent_by_model = "What was spent, by model",
        label = "label",
        what_was_spent_by_label = "What was spent, by label",
        requests = "requests",
        none = "(none)",
        simulated = " (simulated)",
        all_that_was_simulated = "all that was simulated",
        at_most_for_killed(at_most, killed) = " (at most {at_most} of it for {killed} killed)",
        no_question_was_paid_for_twice = "no question was paid for twice",
    }
}
