//! Settings: the table, and what is wrong with a value.

crate::words::english! {
    /// Settings: the table, and what is wrong with a value.
    SettingsWords {
        number_from_0_to_2 = "a number from 0 to 2",
        whole_number = "a whole number, 1 or more",
        number_of_seconds = "a number of seconds, more than 0 and at most 3600",
        whole_number_from_0_to_100 = "a whole number from 0 to 100",
        number_from_0_to_100 = "a number from 0 to 100",
        true_or_false = "true or false",
        amount_of_us_dollars = "an amount of US dollars, 0 or more, such as 0.05",
        one_of(all) = "one of {all}",
        text_of_characters(length) = "a text of {length} characters",
        is_empty_between_its_quotes = "is empty between its quotes",
        has_white_space_or_a_line_break(position, count) =
            "has white space or a line break in it, after {position} of its {count} characters",
        has_a_character_that_no_key_has(position, count) =
            "has a character in it that no key has, after {position} of its {count} characters",
        is_the_placeholder_of_an_example = "is the placeholder of an example, not a key",
        copy_the_key_once_more =
            "copy the key once more, whole and on one line; or set LLM=sandbox to work with the built-in sandbox",
        is_not_a_web_address(name) = "{name} is not a web address",
        write_it_whole = "write it whole, such as https://openrouter.ai/api/v1",
        holds_a_user_name(name) = "{name} holds a user name, a password, a query or a fragment",
        write_the_address_alone = "write the address alone; a key belongs into OPENROUTER_API_KEY",
        no_setting_is_named(name) = "no setting is named {name}",
        anymodel_config_show_lists_the_settings = "`anymodel config show` lists the settings",
        is_not_what_is_wanted(name, text, wanted) = "{name} is {text}, which is not {wanted}",
        set_it_or_unset_it(name, wanted) = "set {name} to {wanted}, or unset it; look in `.env` too",
        set_it_or_take_the_line_out(source, name, wanted) =
            "{source}: set {name} to {wanted}, or take the line out",
        write_it_or_leave_it_out(wanted) = "write {wanted}, or leave it out",
        default = "default",
        environment(name) = "environment {name}",
        command_line(word) = "command line {word}",
        no_key_is_set(sandbox) = "{sandbox} (no key is set)",
        timeout_or_more(seconds) = "{seconds}, or more for a whole answer of the last model",
        deadline_or_three_timeouts(seconds) = "{seconds}, or three timeouts if they are longer",
        key_of(name) = "key of {name}",
        set_characters(count) = "set, {count} characters",
        at_url(url) = "at {url}",
        timeout(span) = "timeout {span}",
        max_retries(n) = "max_retries {n}",
        price_per_million_tokens(prompt, completion) = "{prompt} in and {completion} out per million tokens",
        more_of_its_lines_cannot_be_used(hint, more) =
            "{hint}; {more} more of its lines cannot be used: `anymodel config check` tells all",
        cannot_be_read_by_this_program(path) = "{path} cannot be read by this program",
        build_anymodel_with_its_feature_config =
            "build anymodel with its feature `config`, or set what the file says in the environment",
    }
}
