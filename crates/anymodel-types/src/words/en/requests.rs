//! Requests that cannot be sent as they are.

crate::words::english! {
    /// Requests that cannot be sent as they are.
    RequestsWords {
        prompt_is_empty = "the prompt is empty",
        write_a_question = "write a question: client.ask(model, \"What is recursion?\")",
        answer_of_0_tokens_was_asked_for = "an answer of at most 0 tokens was asked for",
        leave_max_tokens_out = "leave .max_tokens(…) out, or allow at least 16",
        highest_price_is_below_0 = "the highest price of a million tokens is below 0, or no number",
        write_us_dollars =
            "write US dollars, such as .max_price(1, 4): for a million tokens of the question, and of the answer",
        host_has_an_empty_name = "a host has an empty name",
        leave_hosts_out =
            "leave .hosts(…) out, or name the hosts as the platform does, such as .hosts([\"azure\", \"openai\"])",
        empty_text_is_to_stop_the_answer =
            "an empty text is to stop the answer, and it would stop every answer at once",
        leave_stop_out = "leave .stop(…) out, or name the text at which the answer ends",
        penalty_keeps_from_repeating =
            "above 0 it keeps the model from repeating itself, 0 is the usual default",
        temperature_0_is_most_predictable = "0 gives the most predictable answer, 1 is the usual default",
        top_p_1_leaves_all_words_in_play = "1 leaves all words in play and is the usual default",
        presence_penalty = "presence penalty",
        frequency_penalty = "frequency penalty",
        is_out_of_its_range(name, number, from, to) =
            "the {name} is {number}, and it goes from {from} to {to}",
        thinking_was_limited_to_0_tokens = "thinking was limited to 0 tokens",
        reasoning_switches_it_off = ".reasoning(Reasoning::Off) switches it off",
        thinking_takes_the_whole_answer(most, answer) =
            "thinking may take {most} tokens, and the whole answer {answer}: nothing is left to say it with",
        what_max_tokens_allows_includes_the_thinking =
            "what .max_tokens(…) allows includes the thinking: allow more, or less thinking",
        is_no_address_of_a_picture(shown) = "{shown} is no address of a picture",
        address_begins_with_https =
            "an address begins with https://; a file goes along with Image::data(\"image/png\", &bytes)",
        is_no_kind_of_picture(media_type) = "{media_type} is no kind of picture",
        say_which_kind_of_picture = "say which it is: image/png, image/jpeg, image/webp or image/gif",
        picture_is_empty = "a picture is empty",
        read_the_file_before_it_is_sent = "read the file before it is sent",
        tool_cannot_be_called(name) = "a tool cannot be called {name}",
        name_has_letters = "a name has letters, digits, _ and -, and at most 64 of them: get_weather",
        name_is_taken_by_this_crate(name) = "the name {name} is taken by this crate",
        two_tools_are_called(name) = "two tools are called {name}",
        give_each_tool_a_name_of_its_own = "give each tool a name of its own",
        arguments_of_the_tool_have_no_names(name) = "the arguments of the tool {name} have no names",
        let_the_function_take_one_struct =
            "let the function take one struct that derives Deserialize and JsonSchema: its fields are the arguments",
        tool_to_be_called_is_not_among_the_tools(name) =
            "the tool {name} is to be called, and it is not among the tools",
        offer_it_with_tool = "offer it with .tool(…)",
        tool_to_be_called_is_none = "a tool is to be called, and there is none",
        offer_one_with_tool = "offer one with .tool(…)",
        nobody_is_asked = "nobody is asked",
        stream_runs_no_functions = "a stream runs no functions: it is one answer, and they take several",
        wait_for_the_whole_with_send =
            "wait for the whole with .send(), or offer the tool with .tool_spec(…) and run it yourself",
        platform_may_choose_a_model_that_costs_money = "the platform may choose a model that costs money",
        costs_money(model) = "{model} costs money",
        nobody_knows_what_it_costs(model, platform) = "nobody knows what {model} costs at {platform}",
        only_free_models_may_be_asked(what, source) =
            "{what}, and only free models may be asked: free_models_only is true{source}",
        ask_a_free_model(instead) =
            "ask a free model, such as {instead}; write a price of 0 into the configuration file for one that you know to be \
            free; or set free_models_only to false",
        stream_was_over_before = "the stream was over before",
        begins_anew(reason, model) = "✗ {reason}: {model} begins anew",
        body_is_no_json_object(line, column) =
            "the body of the request is no JSON object (line {line}, column {column})",
        send_one_json_object = "send one JSON object, as the API's reference shows it",
        request_for_several_answers_is_not_translated =
            "several answers to one request (n) are asked only of a platform that speaks the same API",
        api_is_asked_only_where_it_is(api) = "{api} is asked only of a platform that has it",
        name_a_model_of_a_platform_that_has_it(platforms) = "name a model of such a platform: {platforms}",
        ask_for_one_answer = "leave n out, or name a model of such a platform",
        this_stream_was_read_to_its_end_before = "this stream was read to its end before",
    }
}
