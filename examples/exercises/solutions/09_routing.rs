use anymodel::RoutingContext;

fn choose(ask: &RoutingContext) -> usize {
    let reliable = ask
        .models
        .iter()
        .enumerate()
        .filter(|(_, model)| model.success_rate().is_none_or(|rate| rate >= 0.9));
    let least = reliable.min_by_key(|(_, model)| model.in_flight);
    least.map_or(0, |(place, _)| place)
}
