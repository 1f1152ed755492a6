//! Routers: the table, the reasons of a strategy, and what is wrong with a router.

crate::words::english! {
    /// Routers: the table, the reasons of a strategy, and what is wrong with a router.
    RoutesWords {
        router_has_no_models = "the router has no models",
        name_at_least_one =
            "name at least one, such as Router::new([\"openai/gpt-4o\", \"openai/gpt-4o-mini\"])",
        weight_for_models(count, s, models) = "{count} weight{s} for {models} models",
        weight_is_no_chance(bad) = "the weight {bad}, which is no chance",
        no_weight_above_0 = "no weight above 0, so nobody can be drawn",
        router_has(wrong) = "the router has {wrong}",
        give_weights_one_number_of_0_or_more =
            "give .weights(…) one number of 0 or more for each model, such as [3, 1]: the first then gets 3 of 4 questions",
        next_in_turn = "next in turn",
        drawn_by_lot = "drawn by lot",
        first_in_order = "the first in order",
        first_in_order_that_may_be_asked = "the first in order that may be asked",
        some_left_alone(because, alone, all) = "{because}; {alone} of {all} left alone",
        asked_least(requests, in_flight) = "asked least: {requests} requests so far, {in_flight} under way",
        not_measured_yet = "not measured yet",
        measured_again(rest) = "measured again after {rest} requests without it",
        it_took_of_late(seconds) = "it took {seconds:.2} s of late",
        nobody_is_measured_yet = "nobody is measured yet; it has the fewest calls",
        its_own_choice = "its own choice",
        model_at_place(place) = "the model at place {place}, counted from 0",
        strategy_chose(chosen) = "the strategy chose {chosen}, which is none of the router's models",
        its_models(models) = "its models are {models}",
        how_the_models_fare(strategy) = "How the models fare, {strategy}",
        successes_of_requests(successes, requests) = "{successes} of {requests}",
        left_alone_now(kind) = "{kind}, left alone now",
        success = "success",
        mean_time = "mean time",
        under_way = "under way",
        last_failure = "last failure",
    }
}
