//! Reasons of a recommendation.

crate::words::english! {
    /// Reasons of a recommendation.
    RecommendationsWords {
        nothing_speaks_against_it = "nothing speaks against it",
        reads_pictures = "reads pictures",
        thinks_before_every_answer = "thinks before every answer",
        reasons_before_it_answers = "reasons before it answers",
        made_for_reasoning = "made for reasoning",
        made_for_programs = "made for programs",
        calls_functions_as_programming_agents_need = "calls functions, as programming agents need",
        reasons_through_a_program_first = "reasons through a program first",
        calls_functions = "calls functions",
        made_for_programs_rather_than_for_talk = "made for programs rather than for talk",
        small_so_it_writes_quickly = "small, so it writes quickly",
        begins_to_answer_at_once = "begins to answer at once",
        made_for_programs_rather_than_for_everything = "made for programs rather than for everything",
        keeps_people_waiting_while_it_thinks = "keeps people waiting while it thinks",
        large(size) = "large ({size:.0}B weights)",
        of_middle_size(size) = "of middle size ({size:.0}B weights)",
        in_the_highest_price_class = "in the highest price class, where the strongest models are",
        in_the_middle_price_class = "in the middle price class",
        reads_tokens(context) = "reads {context} tokens",
        reads_only_tokens(context) = "reads only {context} tokens",
        new_model = "a new model",
        its_price_is_not_known = "its price is not known",
        ends_on(end) = "ends on {end}",
    }
}
