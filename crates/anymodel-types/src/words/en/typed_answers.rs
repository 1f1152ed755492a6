//! Answers that do not fit the type that was asked for.

crate::words::english! {
    /// Answers that do not fit the type that was asked for.
    TypedAnswersWords {
        tool_without_a_function_stands_in_the_way =
            "a tool without a function stands in the way of a typed answer: nobody could run it",
        give_the_function_along_with_tool_instead =
            "give the function along with .tool(…) instead of .tool_spec(…)",
        answer_does_not_fit(model, name, misfit, shown) =
            "{model}: the answer does not fit {name}, nor did it at first: {misfit}; it says: {shown}",
        say_in_the_prompt_what_belongs_into =
            "say in the prompt what belongs into the fields, make an Option of what may be missing, or name a model that can \
            be held to a schema, such as openai/gpt-4o-mini",
        after_the_tokens_allowed(most) = "after the {most} tokens that were allowed",
        at_the_limit_of_tokens_of_the_model = "at the limit of tokens of the model",
        answer_was_cut(model, limit) = "{model}: the answer was cut {limit}, before its JSON was whole",
        allow_a_longer_answer_with_max_tokens = "allow a longer answer with .max_tokens(…), or ask for less",
    }
}
