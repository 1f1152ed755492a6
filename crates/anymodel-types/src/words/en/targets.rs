//! Targets that name no model.

crate::words::english! {
    /// Targets that name no model.
    TargetsWords {
        no_default_model_is_set = "no default model is set",
        name_a_model_in_the_call =
            "name a model in the call, or set OPENROUTER_MODEL, for example to openai/gpt-4o-mini",
        list_of_models_is_empty = "the list of models is empty",
        name_at_least_one_model =
            "name at least one model, such as [\"openai/gpt-4o\", \"openai/gpt-4o-mini\"]",
        model_of_the_target_has_an_empty_name(place) = "model {place} of the target has an empty name",
        names_look_like_provider_model = "names look like provider/model, such as openai/gpt-4o-mini",
    }
}
