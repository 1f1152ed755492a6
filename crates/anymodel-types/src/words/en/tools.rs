//! Calls of tools that led to no answer.

crate::words::english! {
    /// Calls of tools that led to no answer.
    ToolsWords {
        it_wants_to_call(model, names) =
            "{model}: it wants to call {names}, and no round of tool calls is allowed",
        no_answer_after_1_round(model, called) = "{model}: no answer after 1 round of tool calls: {called}",
        no_answer_after_rounds(model, rounds, called) =
            "{model}: no answer after {rounds} rounds of tool calls: {called}",
        let_the_tools_say_when_they_are_done =
            "let the tools say more clearly when their work is done, or allow more with .max_rounds(…)",
        call_of_the_tool_was_cut(model, name, words) =
            "{model}: a call of the tool {name} was cut at the limit of tokens: {words}",
        allow_a_longer_answer_with_max_tokens = "allow a longer answer with .max_tokens(…)",
        cannot_call_the_tools(model, name, words) =
            "{model}: cannot call the tools, though it was told what is wrong; the last was {name}: {words}",
        describe_the_tools_and_their_fields_better =
            "describe the tools and their fields better (a /// comment on a field is told to the model), or name a \
            model that is better at calling tools",
        after(called) = ", after {called}",
        time_was_over_before_the_answer(model, limit, called) =
            "{model}: the call's {limit:.1} s were over before the answer was there{called}",
        allow_more_time_with_deadline = "allow more time with .deadline(…)",
        once(name) = "{name} once",
        times(name, count) = "{name} {count} times",
    }
}
