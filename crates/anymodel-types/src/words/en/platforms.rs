//! Platforms, their keys and the sandbox: what a client says when it is built.

crate::words::english! {
    /// Platforms, their keys and the sandbox: what a client says when it is built.
    PlatformsWords {
        the_base_url = "the base URL",
        sandbox_does_not_play(title) = "the sandbox does not play {title}",
        ask_it_live = "ask it live, or another platform in the sandbox",
        built_in_sandbox_cannot_start(error) = "the built-in sandbox cannot start: {error}",
        it_needs_a_free_port =
            "it needs a free port on 127.0.0.1: check that loopback connections are allowed",
        this_program_was_built_without_the_sandbox = "this program was built without the sandbox",
        build_anymodel_with_its_feature_sandbox = "build anymodel with its feature `sandbox`",
        is_not_set(variable) = "{variable} is not set",
        put_the_key_into_the_environment(variable) =
            "put the key into the environment or into a file named .env: {variable}=… ; without a key, LLM=sandbox gives \
            simulated answers",
        or_between_names = " or ",
        did_you_mean_and(near) = "did you mean {near}? ",
        no_platform_is_named(name) = "no platform is named {name}",
        anymodel_platforms_lists_all(guess) =
            "{guess}`anymodel platforms` lists all; for any other server set OPENROUTER_BASE_URL",
        llm_is_sandbox = "LLM is sandbox",
        no_key_is_set = "no key is set",
        the_key = "the key",
        address_of(name) = "the address of {name}",
        key_of(name) = "the key of {name}",
        sandbox_answers(because) =
            "anymodel: {because}, so the built-in sandbox answers (simulated, free, nothing leaves this machine)",
        live(platform, base_url) = "anymodel: live, asking {platform} at {base_url}",
        notice(notice) = "anymodel: {notice}",
        ask_for_the_key(platform) = "API key for {platform} (Enter for the built-in sandbox): ",
        kernel_of_this_notebook_cannot_be_asked(error) =
            "the kernel of this notebook cannot be asked for a key: {error}",
        restart_the_kernel =
            "restart the kernel; or write the key into `.env`, or LLM=sandbox to work without one",
        left_out_because_not_set(name, variable) = "{name} ({variable} is not set)",
        left_out_of_the_fallback_chain(parts) = "left out of the fallback chain: {parts}",
    }
}
