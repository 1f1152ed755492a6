use anymodel::model::{Capability, Models};

// TODO: two free ones that can, longest context first; then the cheapest paid one.
fn thrifty(models: &Models, ability: Capability) -> Vec<String> {
    todo!()
}
