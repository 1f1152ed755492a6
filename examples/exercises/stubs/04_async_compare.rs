use anymodel::course::prelude::*;

// TODO: the models that answered, the fastest first.
fn ranking(comparison: &Comparison) -> Vec<String> {
    todo!()
}
