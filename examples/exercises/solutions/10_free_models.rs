use anymodel::model::{Capability, Models};

fn thrifty(models: &Models, ability: Capability) -> Vec<String> {
    let able = models.not_retired().that_can(ability);
    let free = able.free().largest_context_first().first(2);
    let paid = able.paid().cheapest_first().first(1);
    let chain = free.iter().chain(paid.iter());
    chain.map(|model| model.id.clone()).collect()
}
