//! How the models of each platform are named, and where it differs.

crate::words::english! {
    /// How the models of each platform are named, and where it differs.
    PlatformSpecsWords {
        author_model = "author/model, such as openai/gpt-4o-mini; a suffix is a variant (:free)",
        chooses_models_and_hosts_by_itself = "chooses models and hosts by itself; its own fields for both",
        openais_fields_alone = "OpenAI's fields alone: no Prefer, no provider preferences",
        provider_model =
            "provider/model, such as openai/gpt-4o-mini; a suffix names the host (:amazon-bedrock)",
        refused_key_is_http_403 = "a refused key is HTTP 403; cost only minutes later",
        empty_account_is_http_429_insufficient_quota = "an empty account is HTTP 429 insufficient_quota",
        name_of_your_deployment = "the name of your deployment",
        filters_prompts_itself = "filters prompts itself (HTTP 400 content_filter)",
        name_of_your_deployment_in_the_address = "the name of your deployment, in the address",
        address_of_before_august_2025 = "the address of before August 2025, with api-version",
        vendor_model_version =
            "vendor.model-version, such as anthropic.claude-x-v1:0; us. or eu. before it spans regions",
        streams_in_binary_frames_of_aws = "streams in AWS's own binary frames; requests may be signed",
        only_models_in_openais_form = "only models that Bedrock offers in OpenAI's form",
        tokens_live_an_hour_and_are_renewed = "tokens live an hour and are renewed",
        roles_user_and_model = "roles user and model; a blocked prompt is HTTP 200 without candidates",
        errors_are_googles = "errors are Google's, sometimes in a list",
        max_tokens_is_a_must = "max_tokens is a must; overload is HTTP 529",
        meant_for_trying_out = "meant for trying out, says the vendor",
        busy_server_keeps_the_line_open_with_comments =
            "a busy server keeps the line open with comments, up to ten minutes",
        keys_belong_to_a_region = "keys belong to a region; abroad the host is dashscope-intl",
        no_balance_is_http_429_with_code_1113 =
            "no balance is HTTP 429 with code 1113; abroad the base is https://api.z.ai/api/paas/v4",
        name_tag = "name:tag, such as llama3.2:1b",
        on_your_machine_and_cuts_prompts = "on your machine; needs no key; cuts long prompts silently",
        any_name = "any name: one model is loaded",
        on_your_machine_and_busy_while_loading = "on your machine; needs no key; HTTP 503 while it loads",
    }
}
