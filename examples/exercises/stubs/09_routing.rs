use anymodel::RoutingContext;

// TODO: the place of the reliable model with the fewest calls under way.
fn choose(ask: &RoutingContext) -> usize {
    todo!()
}
