use anymodel::model::{Can, Models};

// TODO: two free ones that can, longest context first; then the cheapest paid one.
fn thrifty(models: &Models, ability: Can) -> Vec<String> {
    todo!()
}
