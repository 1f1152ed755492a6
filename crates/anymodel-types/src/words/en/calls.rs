//! A failed call: what happened, and what to do next.

crate::words::english! {
    /// A failed call: what happened, and what to do next.
    CallsWords {
        http_status(status) = ", HTTP {status}",
        none_of_models_answered(count) = "none of {count} models answered; the last, ",
        nobody_was_asked = "nobody was asked",
        none_of_models_can_do_what_is_asked(all, error) =
            "none of {all} models can do what is asked; the first: {error}",
        not_asked(why) = "not asked: {why}",
        none_of_models_fits_the_budget(count) = "none of {count} models fits the budget; ",
        counted_tokens(prompt, answer) =
            " (counted: {prompt} tokens of question and up to {answer} of answer, at its dearest host)",
        ask_again_in_a_moment(for_less) =
            "ask again in a moment: what the other calls do not use comes back; or {for_less}",
        check_that_the_files_folder_is_there =
            "check that the file's folder is there, can be written and has room; without a ledger the budget is kept in memory",
        was_not_asked(of_several, asked, why, how_much) =
            "{of_several}{asked} was not asked: {why}{how_much}",
        allow_a_shorter_answer_with_max_tokens(tokens) =
            "allow a shorter answer with .max_tokens({tokens}), name a cheaper model",
        name_a_cheaper_or_a_free_model = "name a cheaper or a free model",
        or_allow_a_call_more(shorter) = "{shorter}, or allow a call more with Budget::per_call",
        or_allow_more_a_day(shorter) = "{shorter}, or allow more with Budget::per_day",
        or_wait_until_midnight(shorter) =
            "{shorter}, wait until midnight UTC, or allow more with Budget::per_day",
        or_allow_more_in_all(shorter) = "{shorter}, or allow more with Budget::total",
        name_the_models_to_choose_among =
            "name the models to choose among, each with a known price, as in \
            Prefer::Cheapest.among([\"openai/gpt-4o-mini\", …])",
        write_its_price_into_the_configuration_file =
            "write its price into the configuration file (price_per_1k_input, price_per_1k_output), or let the \
            budget pass it with .allow_unknown_prices()",
        key_is_not_valid(key_variable, name) =
            "the key in {key_variable} is not (or no longer) valid at {name}: make a new one there, or set LLM=sandbox to \
            work with the built-in sandbox",
        set_a_key(key_variable, name) = "set {key_variable} to a key of {name}",
        copy_the_key_into_once_more(key_variable) =
            "copy the key into {key_variable} once more, whole and on one line",
        add_credit_or_name_a_free_model(name) =
            "add credit to the account at {name}, name a model that costs less, or a free one (their names end in :free)",
        add_credit_or_name_a_second_model(name, asked) =
            "add credit to the account at {name}, or name a second model that costs less or is somewhere else: \
            [\"{asked}\", \"…\"]",
        key_may_not_do_this =
            "the key may not do this: look at its limits and permissions, or ask another model",
        request_is_larger_than_this_server_takes =
            "the request is larger than this server takes: send less text or smaller pictures, or name a second model",
        request_itself_is_wrong =
            "the request itself is wrong, so asking again cannot help: check the settings named above",
        shorten_the_conversation =
            "shorten the conversation, ask for a shorter answer, or name a model with a larger context",
        model_or_its_host_declined_this_content =
            "the model or its host declined this content: put the question differently, or ask another model",
        wait_a_minute = "wait a minute",
        wait_seconds(seconds) = "wait {seconds:.0} s",
        wait_or_name_a_paid_model(wait) =
            "{wait} and ask again, or name a paid model behind it: free ones share this limit",
        wait_or_name_a_second_model(wait, asked) =
            "{wait} and ask again, or name a second model: [\"{asked}\", \"…\"]",
        fault_is_on_the_other_side(asked) =
            "the fault is on the other side: ask again later, or name a second model: [\"{asked}\", \"…\"]",
        allow_more_time_with_timeout(attempt, call) =
            "allow more time with .timeout(…) (now {attempt:.1} s an attempt, {call:.1} s a call), or name a faster model",
        check_that_it_can_be_reached(base_url) =
            "check that {base_url} can be reached from here (network, proxy, address), or set LLM=sandbox to work with the \
            built-in sandbox",
        what_came_back_is_no_answer(base_url, server) =
            "what came back is no answer: ask again, or check that {base_url} is the address of {server}",
        what_came_is_not_whole(asked) =
            "what came is not whole: ask again, or name a second model: [\"{asked}\", \"…\"]; .restart_on_break() lets a \
            stream begin anew by itself",
        check_the_settings_named_above = "check the settings named above",
        look_up_the_models_name(name) = "look up how {name} spells the model's name",
        names_look_like_provider_model =
            "names look like provider/model, such as openai/gpt-4o-mini; all of them: https://openrouter.ai/models",
        did_you_mean(near) = "did you mean {near}?",
        known_if_it_is_openrouter(known, other) =
            "{known} (if {other} is no OpenRouter: it has names of its own, and its address often ends in /v1)",
        keeps_no_record_of_single_answers(name) = "{name} keeps no record of single answers",
        only_openrouter_does =
            "only OpenRouter does: what the answer itself said is in reply.usage and reply.cost",
        no_answer_came_in_time = "no answer came in time",
        connection_broke(error) = "the connection broke: {error}",
        what_came_back_is_no_record = "what came back is no record of an answer",
        has_no_record_of_after_s(name, id, seconds) = "{name} has no record of {id} after {seconds:.1} s",
        take_the_id_of_a_reply =
            "take the id of a reply (reply.id), and the key it was asked with; records may come late: ask again",
        record(id, kind, message) = "the record of {id}: {kind}: {message}",
        check_that_can_be_reached(base_url) =
            "check that {base_url} can be reached and that it is an OpenRouter",
        no_first_word = "no first word",
        no_answer = "no answer",
        nothing_in_the_time_spared(nothing, seconds) =
            "{nothing} in the {seconds:.1} s that could be spared of the call",
        nothing_in_the_time_of_an_attempt(nothing, seconds) =
            "{nothing} in the {seconds:.1} s allowed for one attempt",
    }
}
