//! Lists of models and hosts, fetched from a platform.

crate::words::english! {
    /// Lists of models and hosts, fetched from a platform.
    ModelListsWords {
        no_list_came_in_time = "no list came in time",
        what_came_back_is_no_list_of_models = "what came back is no list of models",
        list_of_models_is_empty = "the list of models is empty",
        lists_its_models_in_no_known_way(name) =
            "{name} does not list its models in a way that is known here",
        connection_broke(error) = "the connection broke: {error}",
        list_of_models_does_not_end = "the list of models does not end",
        copy_the_key_once_more = "copy the key once more, whole; `anymodel doctor` checks it",
        platforms_own_page_lists_its_models = "the platform's own page lists its models",
        check_that_it_can_be_reached(base_url) = "check that {base_url} can be reached: `anymodel doctor`",
        models_of(name, kind, message) = "the models of {name}: {kind}: {message}",
        does_not_tell_its_hosts(name) = "{name} does not tell which hosts serve a model",
        only_openrouter_does = "only OpenRouter does: LLM=openrouter, or LLM=sandbox to try it",
        what_came_back_is_no_list_of_hosts = "what came back is no list of hosts",
        hosts_of(model, kind, message) = "the hosts of {model}: {kind}: {message}",
        did_you_mean(near) = "did you mean {near}?",
        name_looks_like_author_model = "a name looks like author/model",
        is_no_address(base_url) = "{base_url} is no address",
        it_could_not_be_kept(problem) = "it could not be kept: {problem}",
        gives_no_newer_list(platform, kind) = "{platform} gives no newer list: {kind}",
        kept_list_cannot_be_read(error) = "the kept list cannot be read: {error}",
        kept_list_was_damaged_and_is_set_aside(aside) =
            "the kept list was damaged and is set aside as {aside}",
        kept_list_is_damaged_and_cannot_be_set(error) =
            "the kept list is damaged and cannot be set aside: {error}",
        this_is_no_list_of_models = "this is no list of models",
        list_of_models_is_json =
            "a list of models is JSON with one object a model below `data`, each with its `id`",
        live_from(platform, day) = "live from {platform}, {day}",
        from_kept(platform, age) = "from {platform}, kept for {age}",
        built_in(day) = "built in, as of {day}",
        sandbox_from_the_built_in_list(as_of) = "sandbox (simulated), from the built-in list of {as_of}",
        as_read = "as read",
        less_than_a_minute = "less than a minute",
        one_minute = "1 minute",
        minutes(count) = "{count} minutes",
        one_hour = "1 hour",
        hours(count) = "{count} hours",
        one_day = "1 day",
        days(count) = "{count} days",
    }
}
