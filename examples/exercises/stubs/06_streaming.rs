use anymodel::course::prelude::*;

// TODO: the text that stands; a ▌ at its end until the answer is whole.
fn page(events: &[Event]) -> String {
    todo!()
}
