//! The trail of a call: its table, its reasons for requests that were not made, and how an error shows them.

crate::words::english! {
    /// The trail of a call: its table, its reasons for requests that were not made, and how an error shows them.
    TrailWords {
        what_was_tried_by_a_router(routed) = "What was tried, {routed}",
        what_was_tried = "What was tried",
        not_asked = "not asked",
        done = "done",
        again_after(wait) = "again after {wait}",
        next_model = "next model",
        gave_up = "gave up",
        another_call_is_probing_it(reason) = "failed again and again{reason}; another call is probing it",
        failed_and_is_left_alone(reason, wait) = "failed again and again{reason}; left alone for {wait:.1} s",
        requests_a_minute_are_allowed(a_minute, wait) =
            "{a_minute} requests a minute are allowed; the next in {wait:.1} s",
        it_cannot_do_what_is_asked = "it cannot do what is asked",
        other_calls_have_used_up_its_retries = "other calls have used up its retries",
        nobody_knows_its_price_and_little_is_left(left, limit) =
            "nobody knows its price, and {left} is left {limit}",
        it_may_cost_more_than_is_left(cost, left, limit) =
            "it may cost up to {cost}, and {left} is left {limit}",
        it_may_cost_more_than_other_calls_leave(cost, left, limit) =
            "it may cost up to {cost}, and {left} is left {limit} while other calls are on their way",
        nobody_knows_its_price_and_there_is_a_budget = "nobody knows its price, and there is a budget",
        ledger_that_keeps_the_budget_cannot_be_used = "the ledger that keeps the budget cannot be used",
        again = " again",
        was_not_asked(model, again, why) = "{model} was not asked{again}: {why}",
        hint(hint) = "\nhint: {hint}",
        for_this_call = "for this call",
        today = "today",
        in_all = "in all",
    }
}
