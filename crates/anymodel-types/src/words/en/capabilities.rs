//! What a platform or a model cannot do, and what to do instead.

crate::words::english! {
    /// What a platform or a model cannot do, and what to do instead.
    CapabilitiesWords {
        does_not_choose_a_model_by_itself = "does not choose a model by itself",
        name_a_model_or_a_list_of_models =
            "name a model or a list of models instead of Prefer; OpenRouter knows Prefer",
        does_not_choose_among_hosts = "does not choose among hosts",
        leave_hosts_and_max_price_out =
            "leave .hosts(…) and .max_price(…) out, or ask OpenRouter, which knows them",
        leave_it_out_or_ask_a_model_that_can(leave, others) =
            "leave {leave} out, or ask a model that can, such as {others}",
        reads_no_pictures = "reads no pictures",
        the_picture = "the picture",
        calls_no_functions = "calls no functions",
        the_tools = "the tools",
        does_not_think_before_it_answers = "does not think before it answers",
        takes_no_texts_at_which_to_stop = "takes no texts at which to stop",
        takes_no_seed = "takes no seed",
        the_seed = "the seed",
        takes_no_top_p = "takes no top_p",
        takes_no_presence_penalty = "takes no presence penalty",
        takes_no_frequency_penalty = "takes no frequency penalty",
        the_penalty = "the penalty",
        fetches_no_pictures_from_addresses = "fetches no pictures from addresses",
        fetch_the_picture_yourself = "fetch the picture yourself and send it with Image::data",
        takes_no_pictures_of_the_kind(other) = "takes no pictures of the kind {other}",
        convert_it_to_image_png = "convert it to image/png, image/jpeg, image/gif or image/webp",
        presence_penalty = "presence penalty",
        frequency_penalty = "frequency penalty",
        knows_no(name) = "knows no {name}",
        leave_it_out_or_ask_elsewhere = "leave it out, or ask on another platform",
        takes_a_temperature_from_0_to_1 = "takes a temperature from 0 to 1",
        lower_it = "lower it, or leave it to the model",
        cannot_forbid_tools_in_a_conversation =
            "cannot forbid tools in a conversation that holds calls of tools",
        leave_the_choice_of_tools_to_the_model = "leave the choice of tools to the model",
        knows_no_json_without_a_schema = "knows no JSON without a schema",
        give_a_schema = "give a schema, or ask for JSON in words",
        lets_claude_think_with_at_least(tokens) = "lets Claude think with {tokens} tokens at least",
        allow_a_longer_answer = "allow a longer answer (max_tokens), or switch reasoning off",
        has_no_common_word_for_reasoning =
            "has no common word for reasoning, and the one of this model is not known here",
        leave_reasoning_to_the_model = "leave reasoning to the model",
        leave_it_out_or_ask_a_platform(instead) = "leave it out, or ask a platform that has it: {instead}",
        has_no(field) = "has no {field}",
        takes_a_temperature_up_to_1(temperature) =
            "takes a temperature from 0 to 1, and {temperature} was asked for",
        ask_for_1_at_most = "ask for 1 at most: OpenAI's 2 has no counterpart there",
        takes_no_temperature_while_a_model_thinks = "takes no temperature while a model thinks",
        leave_the_temperature_out = "leave the temperature out, or switch reasoning off",
        forces_no_call_while_a_model_thinks = "forces no call of a tool while a model thinks",
        leave_tool_choice_out = "leave tool_choice out, or switch reasoning off",
        holds_no_answer_to_a_form_of_json = "holds no answer to a form of JSON",
        offer_a_tool_whose_arguments_have_that_form =
            "offer a tool whose arguments have that form and choose it, or leave response_format out",
        counts_thoughts_as_part_of_the_answer(thoughts, most) =
            "counts thoughts as part of the answer, and {thoughts} tokens of them do not fit into {most}",
        allow_more_tokens_than_thoughts(thoughts) =
            "allow more than {thoughts} with .max_tokens(…), or switch reasoning off",
        holds_no_answer_to_a_json_schema = "holds no answer to a JSON schema, only to JSON",
        ask_for_a_json_object =
            "ask for ResponseFormat::JsonObject and put the schema into the prompt, or offer a tool with that schema",
        holds_no_answer_to_a_form_of_json_at_this_address =
            "holds no answer to a form of JSON at this address",
        knows_no_tool_choice_but_auto = "knows no tool_choice but auto",
        leave_tool_choice_out_or_offer_no_tools = "leave tool_choice out; to forbid tools, offer none",
        thinks_before_it_answers(name) = "thinks before it answers, and takes no {name}",
        leave_it_out_or_ask_one_that_does_not_think(name) =
            "leave the {name} out, or ask a model that does not think, such as gpt-4.1-mini",
        openrouter_chooses_among_at_most(most, count) =
            "OpenRouter chooses among at most {most} named models, and {count} were named",
        name_fewer_models = "name fewer models, or none: Prefer alone lets it choose among all",
    }
}
