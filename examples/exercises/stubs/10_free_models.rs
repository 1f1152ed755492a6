use anymodel::model::{Can, Models};

// TODO: two free models with that ability, the longest context first; then the cheapest paid one.
fn thrifty(models: &Models, ability: Can) -> Vec<String> {
    todo!()
}
